// Package traffic is what clients of a server do, as MONITOR tells it: the commands, which of them are wanted, and the sum of a
// window. Nothing here talks to a server.
package traffic

import (
	"bytes"
	"errors"
	"strings"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
)

// Event is one command that a server executed. Its byte slices lie in the line that was parsed: they are gone when that is.
type Event struct {
	Time   int64    // of the server, µs since 1970
	DB     int      // −1 where it is not told
	Client []byte   // "10.0.0.7:51234", "[::1]:51234", "unix:/path", or "lua" for what a script called
	Args   [][]byte // the command and its arguments, exact
	Cut    bool     // the line was too long: the last argument is not whole, others may be missing
	Node   int      // which of the servers

	name string // of the command, lower case; set by a Reader
	sub  string // of its subcommand, where it has one
	keys []int
}

// At is when the server executed it.
func (e *Event) At() time.Time { return time.UnixMicro(e.Time) }

// Name is the command in upper case, with its subcommand where it has one: «GET», «CONFIG SET».
func (e *Event) Name() string {
	if e.sub == "" {
		return strings.ToUpper(e.name)
	}
	return strings.ToUpper(e.name + " " + e.sub)
}

// Keys are the places of the keys in Args.
func (e *Event) Keys() []int { return e.keys }

// Texts are the arguments as they may be shown once they are escaped: what may be a credential is masked.
func (e *Event) Texts() []snapshot.Text {
	args := make([]snapshot.Text, len(e.Args))
	for i, arg := range e.Args {
		args[i] = snapshot.Text(arg)
	}
	return snapshot.MaskSecrets(args)
}

// errLine is a line that MONITOR does not write.
var errLine = errors.New("not a line of MONITOR")

// parse reads one line without its «+» and line end, such as
//
//	1339518083.107412 [0 127.0.0.1:60866] "keys" "*"
//
// in place: the line's bytes are changed. Everything in quotes is as sdscatrepr of Redis writes it.
func (e *Event) parse(line []byte, cut bool) error {
	e.Args, e.Cut, e.DB = e.Args[:0], cut, -1
	stamp, rest, ok := bytes.Cut(line, []byte(" ["))
	if !ok {
		return errLine
	}
	if e.Time, ok = micros(stamp); !ok {
		return errLine
	}
	// The path of a socket may hold anything; an address holds no «] "».
	from, args, ok := bytes.Cut(rest, []byte(`] "`))
	if !ok {
		return errLine
	}
	e.Client = from
	if db, client, both := bytes.Cut(from, []byte(" ")); both {
		if n, ok := digits(db); ok {
			e.DB, e.Client = int(n), client
		}
	}
	for {
		arg, after, closed := unquote(args)
		e.Args = append(e.Args, arg)
		if !closed {
			if !cut {
				return errLine
			}
			return nil
		}
		if len(after) == 0 {
			return nil
		}
		next, ok := bytes.CutPrefix(after, []byte(` "`))
		if !ok {
			if cut && len(after) == 1 { // cut between two arguments
				return nil
			}
			return errLine
		}
		args = next
	}
}

// micros reads «1339518083.107412» as µs.
func micros(stamp []byte) (int64, bool) {
	whole, fraction, _ := bytes.Cut(stamp, []byte("."))
	s, ok := digits(whole)
	if !ok || s > 1<<40 {
		return 0, false
	}
	us := int64(0)
	for i := range 6 {
		us *= 10
		if i < len(fraction) {
			if fraction[i] < '0' || fraction[i] > '9' {
				return 0, false
			}
			us += int64(fraction[i] - '0')
		}
	}
	return s*1e6 + us, true
}

// digits reads a number that has no sign and at most 15 digits.
func digits(b []byte) (int64, bool) {
	if len(b) == 0 || len(b) > 15 {
		return 0, false
	}
	n := int64(0)
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}

// unquote reads an argument up to its closing quote, in place, and gives what follows that.
func unquote(b []byte) (arg, rest []byte, closed bool) {
	quote := bytes.IndexByte(b, '"')
	from, to := 0, 0 // read and written so far
	for {
		end := quote
		if end < 0 {
			end = len(b)
		}
		slash := bytes.IndexByte(b[from:end], '\\')
		if slash < 0 {
			to += copy(b[to:], b[from:end])
			if quote < 0 {
				return b[:to], nil, false
			}
			return b[:to], b[quote+1:], true
		}
		to += copy(b[to:], b[from:from+slash])
		from += slash
		c, width := escape(b[from:])
		if width == 0 { // cut in the middle of an escape
			return b[:to], nil, false
		}
		b[to] = c
		to++
		from += width
		if quote >= 0 && from > quote { // the quote was an escaped one
			quote = bytes.IndexByte(b[from:], '"')
			if quote >= 0 {
				quote += from
			}
		}
	}
}

// escape reads the escape at the beginning of b, and how long it is; 0 where its end is missing.
func escape(b []byte) (c byte, width int) {
	if len(b) < 2 {
		return 0, 0
	}
	switch b[1] {
	case 'n':
		return '\n', 2
	case 'r':
		return '\r', 2
	case 't':
		return '\t', 2
	case 'a':
		return '\a', 2
	case 'b':
		return '\b', 2
	case 'x':
		if len(b) < 4 {
			return 0, 0
		}
		high, ok1 := hexDigit(b[2])
		low, ok2 := hexDigit(b[3])
		if ok1 && ok2 {
			return high<<4 | low, 4
		}
	}
	return b[1], 2 // \" and \\
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case c >= '0' && c <= '9':
		return c - '0', true
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10, true
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}

// Words is how many of Args are the command's name.
func (e *Event) Words() int {
	if e.sub == "" {
		return 1
	}
	return 2
}

// Text is what somebody else wrote; JSON keeps its bytes.
type Text = snapshot.Text

// Package resp speaks the wire protocol of Redis (RESP 2 and 3) without making garbage: commands by the million go out in
// one buffer, and their replies are read in place. The driver serves everything else.
package resp

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
)

// ErrProtocol is what a peer sent that is no RESP, or not the kind of reply that was asked for.
var ErrProtocol = errors.New("not the reply that the protocol has for this")

// Error is a reply that says no: the server's own words, without the «-».
type Error string

func (e Error) Error() string { return string(e) }

// RedisError marks it for those who tell a reply from a broken connection, as the driver's own errors do.
func (e Error) RedisError() {}

const (
	// LongestBulk is the longest single value: twice proto-max-bulk-len's default, 512 MB (redis.conf).
	LongestBulk = 1 << 30
	// MostElements is the most elements of one reply: far above a page of SCAN.
	MostElements = 1 << 22
	// longestLine bounds a line: a number, a status or the words of an error.
	longestLine = 64 << 10
	// deepest is how far replies may be nested.
	deepest = 32
)

// Reader reads replies one after the other. A reply that is an Error leaves the reader at the next reply; after any other
// error nothing more can be read.
type Reader struct {
	in *bufio.Reader
}

// NewReader reads from in, size bytes at a time.
func NewReader(in io.Reader, size int) *Reader {
	return &Reader{in: bufio.NewReaderSize(in, max(size, longestLine))}
}

// Int reads a number.
func (r *Reader) Int() (int64, error) {
	kind, line, err := r.header()
	switch {
	case err != nil:
		return 0, err
	case kind != ':':
		return 0, r.unexpected(kind, line)
	}
	return number(line)
}

// IntOrNil reads a number; ok is false where the reply is nil, as that of MEMORY USAGE for a key that is gone.
func (r *Reader) IntOrNil() (n int64, ok bool, err error) {
	kind, line, err := r.header()
	switch {
	case err != nil:
		return 0, false, err
	case kind == ':':
		n, err = number(line)
		return n, err == nil, err
	case isNil(kind, line):
		return 0, false, nil
	}
	return 0, false, r.unexpected(kind, line)
}

// Status reads a simple string, such as the answer of TYPE. It is valid until the next reply is read.
func (r *Reader) Status() ([]byte, error) {
	kind, line, err := r.header()
	switch {
	case err != nil:
		return nil, err
	case kind != '+':
		return nil, r.unexpected(kind, line)
	}
	return line, nil
}

// Array reads the head of an array (or of a set) and gives the number of its elements, which are read next; 0 for nil.
func (r *Reader) Array() (int, error) {
	kind, line, err := r.header()
	switch {
	case err != nil:
		return 0, err
	case isNil(kind, line):
		return 0, nil
	case kind != '*' && kind != '~':
		return 0, r.unexpected(kind, line)
	}
	n, err := number(line)
	if err != nil || n < 0 || n > MostElements {
		return 0, fmt.Errorf("%w: %q elements", ErrProtocol, line)
	}
	return int(n), nil
}

// Bulk appends a string to buf; ok is false where the reply is nil. A status or a number, which some servers send in its
// place, is taken as text.
func (r *Reader) Bulk(buf []byte) (out []byte, ok bool, err error) {
	kind, line, err := r.header()
	switch {
	case err != nil:
		return buf, false, err
	case isNil(kind, line):
		return buf, false, nil
	case kind == '+' || kind == ':':
		return append(buf, line...), true, nil
	case kind != '$' && kind != '=':
		return buf, false, r.unexpected(kind, line)
	}
	n, err := length(line)
	if err != nil {
		return buf, false, err
	}
	buf, err = r.append(buf, n)
	return buf, err == nil, err
}

// append reads n bytes and the end of their line. Room is made as they come: an announced length is not yet a received one. When a
// quarter is here, the rest is believed, so that a large value is not copied over and over.
func (r *Reader) append(buf []byte, n int) ([]byte, error) {
	for all := n; n > 0; {
		part, err := r.in.Peek(min(n, r.in.Size()))
		if len(part) == 0 {
			return buf, unexpectedEOF(err)
		}
		if n <= all-all/4 {
			buf = slices.Grow(buf, n)
		}
		buf = append(buf, part...)
		n -= len(part)
		if _, err := r.in.Discard(len(part)); err != nil {
			return buf, err
		}
	}
	return buf, r.lineEnd()
}

func (r *Reader) lineEnd() error {
	end, err := r.in.Peek(2)
	if err != nil {
		return unexpectedEOF(err)
	}
	if end[0] != '\r' || end[1] != '\n' {
		return fmt.Errorf("%w: a value longer than announced", ErrProtocol)
	}
	_, err = r.in.Discard(2)
	return err
}

// Skip reads a reply of any kind and forgets it; an Error is returned.
func (r *Reader) Skip() error { return r.skip(0) }

func (r *Reader) skip(depth int) error {
	kind, line, err := r.header()
	if err != nil {
		return err
	}
	return r.rest(kind, line, depth)
}

// rest skips what follows a head.
func (r *Reader) rest(kind byte, line []byte, depth int) error {
	elements := int64(0)
	switch kind {
	case '+', ':', '_', ',', '#', '(':
		return nil
	case '$', '=':
		if isNil(kind, line) {
			return nil
		}
		n, err := length(line)
		if err != nil {
			return err
		}
		if _, err := r.in.Discard(n); err != nil {
			return unexpectedEOF(err)
		}
		return r.lineEnd()
	case '*', '~', '%', '>', '|':
		if isNil(kind, line) {
			return nil
		}
		n, err := number(line)
		if err != nil || n < 0 || n > MostElements || depth == deepest {
			return fmt.Errorf("%w: %q elements", ErrProtocol, line)
		}
		elements = n
		if kind == '%' || kind == '|' {
			elements *= 2
		}
	default:
		return fmt.Errorf("%w: it begins with %q", ErrProtocol, kind)
	}
	for range elements {
		var no Error
		if err := r.skip(depth + 1); err != nil && !errors.As(err, &no) {
			return err
		}
	}
	return nil
}

// header reads the first line of the next reply: its kind and the rest of the line. What a server pushes of itself, and
// attributes, are passed over. An error reply is an Error.
func (r *Reader) header() (kind byte, line []byte, err error) {
	for {
		line, err = r.in.ReadSlice('\n')
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			return 0, nil, fmt.Errorf("%w: a line without an end", ErrProtocol)
		case err != nil && len(line) > 0:
			return 0, nil, unexpectedEOF(err)
		case err != nil:
			return 0, nil, err
		case len(line) < 3 || line[len(line)-2] != '\r':
			return 0, nil, fmt.Errorf("%w: %.64q", ErrProtocol, line)
		}
		kind, line = line[0], line[1:len(line)-2]
		switch kind {
		case '-':
			return 0, nil, Error(line)
		case '!':
			words, err := r.longError(line)
			if err != nil {
				return 0, nil, err
			}
			return 0, nil, words
		case '>', '|':
			if err := r.rest(kind, line, 0); err != nil {
				return 0, nil, err
			}
		default:
			return kind, line, nil
		}
	}
}

// longError reads the words of RESP 3's bulk error.
func (r *Reader) longError(line []byte) (Error, error) {
	n, err := length(line)
	if err != nil {
		return "", err
	}
	if n > longestLine {
		return "", fmt.Errorf("%w: an error of %d bytes", ErrProtocol, n)
	}
	words, err := r.append(nil, n)
	return Error(words), err
}

// unexpected is the error for a reply of another kind; the reply is passed over, so that the next one can be read.
func (r *Reader) unexpected(kind byte, line []byte) error {
	said := fmt.Sprintf("%q", append([]byte{kind}, line[:min(len(line), 32)]...))
	if err := r.rest(kind, line, 0); err != nil {
		return err
	}
	return fmt.Errorf("%w: %s", ErrProtocol, said)
}

// isNil tells the three ways to say that there is nothing.
func isNil(kind byte, line []byte) bool {
	return kind == '_' || (kind == '$' || kind == '*') && len(line) == 2 && line[0] == '-' && line[1] == '1'
}

func length(line []byte) (int, error) {
	n, err := number(line)
	if err != nil || n < 0 || n > LongestBulk {
		return 0, fmt.Errorf("%w: a value of %q bytes", ErrProtocol, line)
	}
	return int(n), nil
}

// number reads a decimal; strconv would want a string, which is a copy.
func number(line []byte) (int64, error) {
	digits := line
	negative := len(digits) > 0 && digits[0] == '-'
	if negative {
		digits = digits[1:]
	}
	if len(digits) == 0 || len(digits) > 18 {
		n, err := strconv.ParseInt(string(line), 10, 64)
		if err != nil {
			return 0, fmt.Errorf("%w: %.32q is no number", ErrProtocol, line)
		}
		return n, nil
	}
	var n int64
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, fmt.Errorf("%w: %.32q is no number", ErrProtocol, line)
		}
		n = n*10 + int64(c-'0')
	}
	if negative {
		n = -n
	}
	return n, nil
}

func unexpectedEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

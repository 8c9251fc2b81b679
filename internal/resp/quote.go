package resp

import (
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"
)

// ErrQuoted is what is not written as Quote writes it.
var ErrQuoted = errors.New("not a quoted string")

// quoted are the bytes that have a letter of their own.
var quoted = map[byte]byte{'\n': 'n', '\r': 'r', '\t': 't', '\a': 'a', '\b': 'b'}

// Plain tells whether bytes can stand in a line of text as they are, and can be told from quoted ones: valid UTF-8 without control
// characters that does not begin with a quotation mark.
func Plain(b []byte) bool {
	if len(b) == 0 || b[0] == '"' {
		return false
	}
	for i := 0; i < len(b); {
		c := b[i]
		if c >= 0x20 && c < 0x7f {
			i++
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 || r < 0x20 || r >= 0x7f && r < 0xa0 || r == '\u2028' || r == '\u2029' {
			return false
		}
		i += n
	}
	return true
}

// Quote appends bytes as redis-cli writes them (sdscatrepr in Redis's sds.c), which its --quoted-input reads: "\x00\n".
func Quote(buf, b []byte) []byte {
	const hex = "0123456789abcdef"
	buf = append(buf, '"')
	for _, c := range b {
		switch letter, ok := quoted[c]; {
		case ok:
			buf = append(buf, '\\', letter)
		case c == '"' || c == '\\':
			buf = append(buf, '\\', c)
		case c < 0x20 || c >= 0x7f:
			buf = append(buf, '\\', 'x', hex[c>>4], hex[c&15])
		default:
			buf = append(buf, c)
		}
	}
	return append(buf, '"')
}

// Unquote reads what Quote wrote, and what redis-cli takes beside it (sdssplitargs): 'text' in which only \' means something else. Text
// without quotation marks is taken as it is. The error is ErrQuoted.
func Unquote(s string) (string, error) {
	if s == "" || s[0] != '"' && s[0] != '\'' {
		return s, nil
	}
	mark, rest := s[0], s[1:]
	var b strings.Builder
	for len(rest) > 0 {
		c := rest[0]
		switch {
		case c == mark:
			if len(rest) > 1 {
				return "", ErrQuoted // something behind the end
			}
			return b.String(), nil
		case c == '\\' && mark == '\'' && strings.HasPrefix(rest, `\'`):
			b.WriteByte('\'')
			rest = rest[2:]
		case c == '\\' && mark == '"':
			decoded, size := unescape(rest)
			if size == 0 {
				return "", ErrQuoted
			}
			b.WriteByte(decoded)
			rest = rest[size:]
		default:
			b.WriteByte(c)
			rest = rest[1:]
		}
	}
	return "", ErrQuoted
}

// unescape reads one escape, and gives its length; 0 where it has no end.
func unescape(s string) (c byte, size int) {
	if len(s) < 2 {
		return 0, 0
	}
	if s[1] == 'x' && len(s) >= 4 {
		if n, err := strconv.ParseUint(s[2:4], 16, 8); err == nil {
			return byte(n), 4
		}
	}
	for decoded, letter := range quoted {
		if s[1] == letter {
			return decoded, 2
		}
	}
	return s[1], 2
}

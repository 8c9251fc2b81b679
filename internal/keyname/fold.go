// Package keyname reads the names of keys as applications make them: patterns as Redis matches them, and the families that remain when
// identifiers are folded. Names are bytes.
package keyname

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Separators part a key's name as most applications write it.
const Separators = ":/.|"

const (
	// Anything stands for a part of a name that differs from key to key.
	Anything = "*"
	// longestSegment is from when on a part of a name is taken for an identifier, in bytes.
	longestSegment = 64
)

// Fold is one part of a name as its family writes it: «*» for an identifier (a number, a UUID, a hash, a token, an address,
// bytes that are no text), and for each number inside of a word. Versions such as v2 stay.
func Fold(segment string) string {
	if open, inner, tagged := hashTag(segment); tagged {
		return open + Fold(inner) + "}"
	}
	c := countClasses(segment)
	if c.isIdentifier(segment) {
		return Anything
	}
	if c.digits == 0 || isVersion(segment) {
		return segment
	}
	return foldDigits(segment)
}

// hashTag takes «{user1000}» apart: what decides a cluster's slot (Redis cluster specification, «hash tags»).
func hashTag(s string) (open, inner string, ok bool) {
	if len(s) > 2 && s[0] == '{' && s[len(s)-1] == '}' {
		return "{", s[1 : len(s)-1], true
	}
	return "", "", false
}

// classes count the bytes of a segment by kind.
type classes struct {
	digits, hex, letters, dashes, at int
	text                             bool // valid UTF-8 that can be printed
}

func countClasses(s string) classes {
	c := classes{text: true}
	for i := 0; i < len(s); i++ {
		b := s[i]
		switch {
		case b >= '0' && b <= '9':
			c.digits++
			c.hex++
		case b >= 'a' && b <= 'f', b >= 'A' && b <= 'F':
			c.hex++
			c.letters++
		case b >= 'a' && b <= 'z', b >= 'A' && b <= 'Z':
			c.letters++
		case b == '-' || b == '_':
			c.dashes++
		case b == '@':
			c.at++
		case b < ' ' || b == 0x7f:
			c.text = false
		case b >= utf8.RuneSelf:
			r, n := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && n < 2 || !unicode.IsPrint(r) {
				c.text = false
			}
			i += n - 1
		}
	}
	return c
}

// Lengths of what hashes and tokens look like.
const (
	shortHash = 8  // hexadecimal with a digit in it: an abbreviated hash
	plainHash = 16 // hexadecimal without any
	token     = 20 // letters and digits: a ULID has 26, a nanoid 21
	stamp     = 6  // mostly digits: a date, a time
)

func (c classes) isIdentifier(s string) bool {
	n := len(s)
	switch {
	case n == 0:
		return false
	case !c.text, n > longestSegment, s == Anything:
		return true
	case c.digits == n:
		return true
	case c.at > 0 && strings.IndexByte(s, '@') > 0:
		return true // a mail address
	case c.hex+c.dashes == n && c.digits > 0 && c.hex >= shortHash, c.hex == n && n >= plainHash:
		return true // a hash or a UUID
	case c.digits*2 > n && n >= stamp:
		return true
	}
	return c.dashes <= 2 && (n >= token && c.digits >= 2 || n >= plainHash && c.digits >= 4)
}

// isVersion tells v1 from user1.
func isVersion(s string) bool {
	return len(s) >= 2 && len(s) <= 3 && (s[0] == 'v' || s[0] == 'V') && strings.Trim(s[1:], "0123456789") == ""
}

// foldDigits writes «*» for each run of digits, so that page1 and page2 are one family.
func foldDigits(s string) string {
	var b strings.Builder
	digits := false
	for i := range len(s) {
		c := s[i]
		is := c >= '0' && c <= '9'
		if !is {
			b.WriteByte(c)
		} else if !digits {
			b.WriteString(Anything)
		}
		digits = is
	}
	return b.String()
}

// Family appends the family of a name to dst: each of its parts folded, so that user:123:cart and user:9:cart are both
// user:*:cart.
func Family(dst, name []byte) []byte {
	from := 0
	for i, c := range name {
		if strings.IndexByte(Separators, c) >= 0 {
			dst = append(append(dst, Fold(string(name[from:i]))...), c)
			from = i + 1
		}
	}
	return append(dst, Fold(string(name[from:]))...)
}

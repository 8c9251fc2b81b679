// Package term is the look: which symbols, colours and widths a stream can show, and the escaping of foreign bytes.
package term

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Escape makes foreign text (key names, values, server replies, environment) safe to show: what a terminal could act on
// or an eye could miss (control characters, escape sequences, invalid UTF-8, direction marks, zero-width characters) is
// written as an escape such as \n, \x1b or \u202e. Printable text, spaces included, stays as it is.
func Escape(s string) string { return escape(s, strconv.IsPrint) }

// EscapeASCII is Escape that leaves nothing but ASCII, for terminals that know no more.
func EscapeASCII(s string) string {
	return escape(s, func(r rune) bool { return r >= 0x20 && r < 0x7f })
}

func escape(s string, printable func(rune) bool) string {
	clean := true
	for i := 0; i < len(s) && clean; i++ {
		clean = s[i] >= 0x20 && s[i] < 0x7f
	}
	if clean {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && n == 1:
			b.WriteString(`\x`)
			b.WriteString(strconv.FormatUint(uint64(s[0])|0x100, 16)[1:])
		case printable(r):
			b.WriteString(s[:n])
		default:
			quoted := strconv.QuoteRuneToASCII(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		}
		s = s[n:]
	}
	return b.String()
}

package redistest

import (
	"fmt"
	"strings"
)

// line declares the user as in a configuration file.
func (u user) line() []string {
	pass := "nopass"
	if u.password != "" {
		pass = ">" + u.password
	}
	return append([]string{"user", u.name, "on", pass}, strings.Fields(u.rules)...)
}

func confFile(lines [][]string) string {
	var b strings.Builder
	for _, line := range lines {
		b.WriteString(line[0])
		for _, value := range line[1:] {
			b.WriteString(" " + confQuote(value))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// confQuote writes a value so that redis-server reads the same bytes back, whatever they are (quotes, blanks, '#').
func confQuote(value string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(value) {
		switch c := value[i]; {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < ' ' || c > '~':
			fmt.Fprintf(&b, `\x%02x`, c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

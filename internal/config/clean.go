package config

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
)

// clean takes away what a paste leaves around and inside a URL and no eye sees, and literal quotes. What was taken is
// reported; most clients would have failed on it or, worse, sent it.
func clean(raw string) (string, []finding.Finding) {
	var found []finding.Finding
	seen := newCharacters()
	s := strings.TrimFunc(raw, func(r rune) bool { return seen.invisible(r, true) })
	s = strings.Map(func(r rune) rune {
		if seen.invisible(r, false) {
			return -1
		}
		return r
	}, s)
	s = seen.comment(s)
	if len(seen.order) > 0 {
		found = append(found, finding.Finding{
			ID: "config-url-whitespace", Severity: finding.Warning,
			Evidence: []finding.Evidence{{Name: "characters", Value: strings.Join(seen.order, " ")}},
		})
	}
	if unquoted := strings.Trim(s, "\"'`“”‘’"); unquoted != s {
		found = append(found, finding.Finding{ID: "config-url-quotes", Severity: finding.Warning})
		s = strings.TrimSpace(unquoted)
	}
	return s, found
}

// characters remembers which invisible characters were met, once each, in order.
type characters struct {
	order []string
	known map[rune]bool
}

func newCharacters() *characters { return &characters{known: map[rune]bool{}} }

// invisible tells whether r is to be taken away: any blank at the ends; inside only what cannot be meant, so that a plain
// space in a password is left for the parser to judge.
func (c *characters) invisible(r rune, end bool) bool {
	hidden := unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || (unicode.IsSpace(r) && r != ' ') || (end && r == ' ')
	if hidden {
		c.add(r)
	}
	return hidden
}

// comment cuts «URL # comment», which docker --env-file and dashboards take whole for the value. An «@» behind it shows that
// the «#» belongs to a password.
func (c *characters) comment(s string) string {
	url, comment, found := strings.Cut(s, " #")
	if !found || strings.Contains(comment, "@") || strings.ContainsAny(strings.TrimSpace(url), " \"'") {
		return s
	}
	c.add(' ')
	return strings.TrimSpace(url)
}

func (c *characters) add(r rune) {
	if !c.known[r] {
		c.known[r] = true
		c.order = append(c.order, escapeRune(r))
	}
}

func escapeRune(r rune) string {
	switch r {
	case ' ':
		return "' '"
	case '\n':
		return `\n`
	case '\r':
		return `\r`
	case '\t':
		return `\t`
	}
	return fmt.Sprintf("U+%04X", r)
}

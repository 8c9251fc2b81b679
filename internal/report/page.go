package report

import (
	"io"
	"regexp"
	"strings"
	"sync"

	"github.com/olympiades-ia/olymp-cache/internal/term"
)

// link is a reference to another page; on a terminal its words alone are shown.
var link = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\[([a-z0-9-]+)\]\([a-z0-9-]+\.md\)`)
})

// Page writes a page of the documentation for a terminal: headings in bold, paragraphs wrapped, commands as they are.
func Page(s term.Screen, markdown string) error {
	var b strings.Builder
	code := false
	for line := range strings.Lines(markdown) {
		line = strings.TrimRight(line, "\n")
		text := strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(text, "```"):
			code = !code
			continue
		case code:
			// A command is to be copied: it is never wrapped.
			b.WriteString("     " + s.Paint(term.Command, text))
		case strings.HasPrefix(line, "#"):
			b.WriteString(s.Paint(term.Title, s.Wrap(strings.TrimLeft(line, "# "), 0)))
		case strings.HasPrefix(line, "- "):
			b.WriteString("   - " + s.Wrap(plain(text[2:]), 5))
		case text != "":
			b.WriteString(s.Wrap(plain(text), 0))
		}
		b.WriteByte('\n')
	}
	_, err := io.WriteString(s.Out, b.String())
	return err
}

// plain is text without the marks of Markdown: links give their words, code stands between quotes of its own.
func plain(text string) string { return link().ReplaceAllString(text, "$1") }

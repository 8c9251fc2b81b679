package report

import (
	"io"
	"regexp"
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/term"
)

// link is a reference to another page; on a terminal its words alone are shown.
var link = regexp.MustCompile(`\[([a-z0-9-]+)\]\([a-z0-9-]+\.md\)`)

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
func plain(text string) string { return link.ReplaceAllString(text, "$1") }

// CatalogueRow is one finding in the list of all.
type CatalogueRow struct {
	ID       string           `json:"id"`
	Category string           `json:"category"`
	Severity finding.Severity `json:"severity"` // the worst that it is raised with
	Title    string           `json:"title"`
}

// Catalogue lists the findings: by category, aligned and cut on a terminal, one a line with tabs on a pipe.
func Catalogue(s term.Screen, rows []CatalogueRow) error {
	var b strings.Builder
	width := 0
	for _, r := range rows {
		width = max(width, len(r.ID))
	}
	category := ""
	for _, r := range rows {
		if !s.TTY {
			b.WriteString(r.ID + "\t" + r.Severity.String() + "\t" + r.Title + "\n")
			continue
		}
		if r.Category != category {
			category = r.Category
			b.WriteString(s.Paint(term.Title, category) + "\n")
		}
		sym, _ := severityLook(r.Severity)
		left := "  " + s.Sign(sym) + " " + r.ID + strings.Repeat(" ", width-len(r.ID)+2)
		title := r.Title
		if s.ASCII {
			title = term.ToASCII(title)
		}
		b.WriteString(left + s.Paint(term.Dim, term.Cut(title, max(s.Cells()-term.Columns(left), 10))) + "\n")
	}
	_, err := io.WriteString(s.Out, b.String())
	return err
}

type jsonCatalogue struct {
	Schema   string         `json:"schema"`
	Version  string         `json:"version"`
	Findings []CatalogueRow `json:"findings"`
}

// CatalogueJSON lists the findings as schema olymp-cache/doctor-list/v1.
func CatalogueJSON(w io.Writer, version string, rows []CatalogueRow) error {
	return WriteJSON(w, jsonCatalogue{Schema: "olymp-cache/doctor-list/v1", Version: version, Findings: rows})
}

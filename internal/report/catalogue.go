package report

import (
	"io"
	"slices"
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/term"
)

// CatalogueRow is one finding in the list of all.
type CatalogueRow struct {
	ID       string           `json:"id"`
	Category string           `json:"category"`
	Severity finding.Severity `json:"severity"` // the worst that it is raised with
	Title    string           `json:"title"`
}

// Catalogue lists the findings: on a terminal a block a category, with titles wrapped beside the ids; on a pipe one a line with
// tabs, in the order of the rows.
func Catalogue(s term.Screen, words Words, rows []CatalogueRow) error {
	var b strings.Builder
	if s.TTY {
		writeCategories(&b, s, words, rows)
	} else {
		for _, r := range rows {
			b.WriteString(r.ID + "\t" + r.Severity.String() + "\t" + r.Title + "\n")
		}
	}
	_, err := io.WriteString(s.Out, b.String())
	return err
}

// leastTitle is how many cells a title needs beside its id; where there are fewer it stands below.
const leastTitle = 30

func writeCategories(b *strings.Builder, s term.Screen, words Words, rows []CatalogueRow) {
	var categories []string
	width := 0
	for _, r := range rows {
		width = max(width, len(r.ID))
		if !slices.Contains(categories, r.Category) {
			categories = append(categories, r.Category)
		}
	}
	for i, category := range categories {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(s.Paint(term.Title, category) + s.Paint(term.Dim, words.C.T("colon")+words.C.T("category."+category)) + "\n")
		for _, r := range rows {
			if r.Category == category {
				writeFinding(b, s, r, width)
			}
		}
	}
}

func writeFinding(b *strings.Builder, s term.Screen, r CatalogueRow, width int) {
	sym, _ := severityLook(r.Severity)
	sign := "  " + s.Sign(sym) + " "
	indent := term.Columns(sign) + width + 2
	gap := strings.Repeat(" ", width-len(r.ID)+2)
	if s.Cells()-indent < leastTitle {
		indent = term.Columns(sign) + 2
		gap = "\n" + strings.Repeat(" ", indent)
	}
	title := r.Title
	if s.ASCII {
		title = term.ToASCII(title)
	}
	lines := strings.Split(s.Wrap(title, indent), "\n")
	for i := range lines {
		lines[i] = s.Paint(term.Dim, lines[i])
	}
	b.WriteString(sign + r.ID + gap + strings.Join(lines, "\n") + "\n")
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

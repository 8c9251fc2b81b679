package report

import (
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/term"
)

// column is one column of a table for people.
type column struct {
	title string
	right bool // numbers
	cells []string
	most  int // cells (of the screen) at most; 0 for no bound
}

// columns writes a table, its heading first, each line set in by three cells. On a terminal the first column gives way where the line
// would be too long; what is still too long is cut.
func (t *Text) columns(all []column) {
	var total int
	widths := make([]int, len(all))
	for i := range all {
		c := &all[i]
		c.cells = append([]string{c.title}, c.cells...)
		for k, text := range c.cells {
			if t.Screen.ASCII {
				text = term.ToASCII(text)
			}
			if c.most > 0 {
				text = term.Cut(text, c.most)
			}
			c.cells[k] = text
			widths[i] = max(widths[i], term.Columns(text))
		}
		total += widths[i] + 2
	}
	if room := t.Screen.Cells() - 3; t.Screen.TTY && total-2 > room {
		widths[0] = max(widths[0]-(total-2-room), 12)
	}
	for row := range all[0].cells {
		t.row(all, widths, row)
	}
}

// row writes one line of a table; the first, row 0, is its heading.
func (t *Text) row(all []column, widths []int, row int) {
	var line strings.Builder
	for i, c := range all {
		text := c.cells[row]
		if term.Columns(text) > widths[i] {
			text = term.Cut(text, widths[i])
		}
		blank := strings.Repeat(" ", widths[i]-term.Columns(text))
		if i > 0 {
			line.WriteString("  ")
		}
		if c.right {
			line.WriteString(blank + text)
		} else {
			line.WriteString(text + blank)
		}
	}
	text := strings.TrimRight(line.String(), " ")
	if t.Screen.TTY {
		text = term.Cut(text, t.Screen.Cells()-3)
	}
	if row == 0 {
		text = t.paint(term.Dim, text)
	}
	t.line("   ", text)
}

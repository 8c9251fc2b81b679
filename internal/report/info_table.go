package report

import (
	"slices"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/term"
)

// mostRows is how many rows of a long table text shows; JSON has them all.
const mostRows = 8

// infoTable is a table with a heading. On a terminal words are cut until it fits, and columns at the end left out.
func (t *Text) infoTable(table Table) {
	rows, more := table.Rows, 0
	if len(rows) > mostRows && (table.Name == "commands" || table.Name == "errors") {
		rows, more = rows[:mostRows], len(rows)-mostRows
	}
	var all []column
	for _, name := range columnNames(rows) {
		all = append(all, t.column(name, rows))
	}
	t.table(all)
	if more > 0 {
		t.line("   ", t.paint(term.Dim, t.Words.C.N("info.more", more, "n", t.Words.C.Int(int64(more)))))
	}
}

// columnNames are the names of the cells, in their order. What is wrong with a row comes right after what the row is of.
func columnNames(rows [][]finding.Evidence) []string {
	var names []string
	for _, cells := range rows {
		for _, c := range cells {
			if !slices.Contains(names, c.Name) {
				names = append(names, c.Name)
			}
		}
	}
	if i := slices.Index(names, "problem"); i > 1 {
		names = slices.Insert(slices.Delete(names, i, i+1), 1, "problem")
	}
	return names
}

func (t *Text) column(name string, rows [][]finding.Evidence) column {
	words, cells := false, make([]string, 0, len(rows))
	for _, row := range rows {
		text := ""
		if k := slices.IndexFunc(row, func(e finding.Evidence) bool { return e.Name == name }); k >= 0 {
			_, word := row[k].Value.(string)
			words = words || word
			text = t.Words.Value(row[k])
		}
		cells = append(cells, text)
	}
	return t.newColumn(words, t.Words.C.T("column."+name), cells...)
}

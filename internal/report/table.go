package report

import (
	"strings"
	"unicode/utf8"

	"github.com/olympiades-ia/olymp-cache/internal/term"
)

const (
	// longestWord is the widest that a cell of words may be, shortestWord what is left of it on a narrow screen.
	longestWord, shortestWord = 40, 16
	// gap is the blanks between two columns.
	gap = "  "
)

// column is one column of a table as text: its heading, then its cells.
type column struct {
	cells []string
	words bool // to the left, and may be cut; numbers stand to the right and are never cut: half a number is another one
	width int
}

// newColumn is a column of words, or of numbers.
func (t *Text) newColumn(words bool, heading string, cells ...string) column {
	c := column{words: words}
	for _, text := range append([]string{heading}, cells...) {
		if t.Screen.ASCII {
			text = term.ToASCII(text)
		}
		c.cells = append(c.cells, text)
		c.width = max(c.width, term.Columns(text))
	}
	return c
}

// table writes columns of as many cells each. On a terminal words are cut until it fits, and columns at the end left out.
func (t *Text) table(all []column) {
	shown := all
	if t.Screen.TTY {
		shown = t.fit(all, t.Screen.Cells()-len("   "))
	}
	for n := range all[0].cells {
		t.row(shown, n)
	}
	if hidden := all[len(shown):]; len(hidden) > 0 {
		names := make([]string, len(hidden))
		for k, c := range hidden {
			names[k] = c.cells[0]
		}
		t.line("   ", t.paint(term.Dim, t.wrap(t.Words.C.T("info.columns-hidden", "names", strings.Join(names, ", ")), 3)))
	}
}

// row writes one line of a table; the first, row 0, is its heading. What is wider than its column is cut.
func (t *Text) row(all []column, n int) {
	cells := make([]string, len(all))
	for k, c := range all {
		text := c.cells[n]
		if term.Columns(text) > c.width {
			text = t.cut(text, c.width)
		}
		blank := strings.Repeat(" ", c.width-term.Columns(text))
		cells[k] = text + blank
		if !c.words {
			cells[k] = blank + text
		}
	}
	text := strings.TrimRight(strings.Join(cells, gap), " ")
	if t.Screen.TTY {
		text = t.cut(text, t.Screen.Cells()-len("   "))
	}
	if n == 0 {
		text = t.paint(term.Dim, text)
	}
	t.line("   ", text)
}

// fit makes the columns fit into so many cells.
func (t *Text) fit(all []column, room int) []column {
	over := func(shown []column) int {
		sum := -len(gap)
		for _, c := range shown {
			sum += c.width + len(gap)
		}
		return sum - room
	}
	for k := range all {
		if c := &all[k]; c.words && c.width > longestWord {
			t.narrow(c, longestWord)
		}
	}
	for k := range all {
		if c := &all[k]; c.words && c.width > shortestWord && over(all) > 0 {
			t.narrow(c, max(c.width-over(all), shortestWord))
		}
	}
	shown := all
	for len(shown) > 1 && over(shown) > 0 {
		shown = shown[:len(shown)-1]
	}
	return shown
}

// narrow cuts the words of a column at their end. Where that would make two look the same, what they begin with alike goes.
func (t *Text) narrow(c *column, width int) {
	c.width = term.Columns(c.cells[0])
	words, short := c.cells[1:], make([]string, len(c.cells)-1)
	for k, text := range words {
		short[k] = t.cut(text, width)
	}
	if distinct(short) < distinct(words) {
		begin := commonPrefix(words)
		for k, text := range words {
			if text == "" {
				continue
			}
			short[k] = t.cut("…"+text[begin:], width)
		}
	}
	for k, text := range short {
		c.cells[k+1] = text
		c.width = max(c.width, term.Columns(text))
	}
}

// cut is term.Cut as it will be shown: «…» becomes three cells on an ASCII stream.
func (t *Text) cut(text string, width int) string {
	switch {
	case !t.Screen.ASCII:
		return term.Cut(text, width)
	case term.Columns(term.ToASCII(text)) > width:
		text = term.Cut(text, width-len(".."))
	}
	return term.ToASCII(text)
}

func distinct(words []string) int {
	seen := map[string]bool{}
	for _, w := range words {
		seen[w] = true
	}
	return len(seen)
}

// commonPrefix is how many bytes all words but the empty ones begin with alike, up to the last «-», «.» or «|» in them.
func commonPrefix(words []string) int {
	prefix := ""
	for _, w := range words {
		switch {
		case w == "":
		case prefix == "":
			prefix = w
		default:
			for !strings.HasPrefix(w, prefix) {
				_, size := utf8.DecodeLastRuneInString(prefix)
				prefix = prefix[:len(prefix)-size]
			}
		}
	}
	return strings.LastIndexAny(prefix, "-.:|_ ") + 1
}

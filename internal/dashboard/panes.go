package dashboard

import (
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/term"
)

// pane is a titled list. It needs least lines to say anything, its title included, and wants as many as it has.
type pane struct {
	section string
	title   string
	rank    int // which gives way first where there is no room: the highest
	least   int
	heading []string // of its columns; shown where there is room
	rows    []row
	right   []bool // columns that are numbers
	flex    int    // the column that takes and gives room; −1: none
}

// lastRank is the highest rank of a pane.
const lastRank = 3

// row is one line of a pane: cells of its columns, or one text.
type row struct {
	role  term.Role
	cells []string
	text  string
}

func (p *pane) wants() int {
	n := 1 + len(p.rows)
	if len(p.heading) > 0 && len(p.rows) > 0 && p.rows[0].cells != nil {
		n++
	}
	return n
}

// panes fill the room below the curves, in one column or in two.
func (b *Board) panes(room int) []string {
	left := b.shown(b.commandsPane(), b.keyspacePane())
	right := b.shown(b.slowPane(), b.errorsPane(), b.eventsPane())
	if b.width() < twoColumns || len(left) == 0 || len(right) == 0 {
		return b.stack(append(left, right...), b.width(), room)
	}
	leftCells := (b.width() - gutter) / 2
	rightCells := b.width() - gutter - leftCells
	one, two := b.stack(left, leftCells, room), b.stack(right, rightCells, room)
	lines := make([]string, max(len(one), len(two)))
	for i := range lines {
		l, r := "", ""
		if i < len(one) {
			l = one[i]
		}
		if i < len(two) {
			r = two[i]
		}
		lines[i] = strings.TrimRight(l+strings.Repeat(" ", max(leftCells-term.Columns(l), 0)+gutter)+r, " ")
	}
	return lines
}

// shown are the panes whose sections are asked for.
func (b *Board) shown(all ...pane) []pane {
	shown := all[:0]
	for _, p := range all {
		if b.shows(p.section) {
			shown = append(shown, p)
		}
	}
	return shown
}

// stack puts panes one under the other into that room.
func (b *Board) stack(all []pane, cells, room int) []string {
	heights := share(all, room)
	var lines []string
	for i := range all {
		if heights[i] > 0 {
			lines = append(lines, b.pane(&all[i], cells, heights[i])...)
		}
	}
	return lines
}

// share gives each pane its lines: what it needs at least by rank, then one more in turn to each that wants it.
func share(all []pane, room int) []int {
	heights := make([]int, len(all))
	for rank := range lastRank + 1 {
		for i := range all {
			if all[i].rank == rank && all[i].least <= room {
				heights[i] = all[i].least
				room -= all[i].least
			}
		}
	}
	for given := true; given && room > 0; {
		given = false
		for i := range all {
			if heights[i] > 0 && heights[i] < all[i].wants() && room > 0 {
				heights[i]++
				room--
				given = true
			}
		}
	}
	return heights
}

// pane is its title in a rule, its heading where there is room for two rows besides, its rows.
func (b *Board) pane(p *pane, cells, height int) []string {
	rule := "─"
	if b.Screen.ASCII {
		rule = "-"
	}
	title := b.Screen.Fit(" "+p.title+" ", min(term.Columns(b.plain(p.title))+2, cells-2), false)
	rest := max(cells-2-term.Columns(title), 0)
	lines := []string{
		b.Screen.Paint(term.Dim, rule+rule) + b.Screen.Paint(term.Title, title) + b.Screen.Paint(term.Dim, strings.Repeat(rule, rest)),
	}
	rows := p.rows
	if len(p.heading) > 0 && len(rows) > 0 && rows[0].cells != nil && (height >= 4 || height-1 > len(rows)) {
		rows = append([]row{{role: term.Dim, cells: p.heading}}, rows...)
	}
	rows = rows[:min(len(rows), height-1)]
	widths := b.columns(p, rows, cells)
	for _, r := range rows {
		if r.cells == nil {
			lines = append(lines, b.fit(r.role, r.text, cells))
			continue
		}
		var parts []string
		for k, w := range widths {
			if w > 0 {
				parts = append(parts, b.Screen.Fit(r.cells[k], w, p.right[k]))
			}
		}
		lines = append(lines, b.Screen.Paint(r.role, strings.TrimRight(strings.Join(parts, "  "), " ")))
	}
	return lines
}

// leastFlex is what is left to the column that gives way before the last columns go.
const leastFlex = 10

// columns are the widths of a pane's columns; 0 for those that have no room.
func (b *Board) columns(p *pane, rows []row, cells int) []int {
	widths := make([]int, len(p.right))
	for _, r := range rows {
		for k, text := range r.cells {
			widths[k] = max(widths[k], term.Columns(b.plain(text)))
		}
	}
	used := func() int {
		sum, n := 0, 0
		for _, w := range widths {
			if w > 0 {
				sum += w
				n++
			}
		}
		return sum + 2*max(n-1, 0)
	}
	if over := used() - cells; over > 0 && p.flex >= 0 {
		widths[p.flex] = max(widths[p.flex]-over, min(widths[p.flex], leastFlex))
	}
	for k := len(widths) - 1; k > 0 && used() > cells; k-- {
		if k != p.flex {
			widths[k] = 0
		}
	}
	if over := used() - cells; over > 0 {
		at := max(p.flex, 0)
		widths[at] = max(widths[at]-over, 1)
	}
	return widths
}

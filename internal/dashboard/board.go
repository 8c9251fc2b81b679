// Package dashboard shows the state of a live view as frames of a terminal, and runs them in one: curves, alerts, tables that
// fit from 60×15 cells on. Frames are pure; only program.go touches the terminal.
package dashboard

import (
	"slices"
	"strings"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/i18n"
	"github.com/olympiades-ia/olymp-cache/internal/report"
	"github.com/olympiades-ia/olymp-cache/internal/term"
	"github.com/olympiades-ia/olymp-cache/internal/vitals"
	"github.com/olympiades-ia/olymp-cache/internal/watch"
)

const (
	// twoColumns is how wide a terminal must be for tables to stand side by side, gutter what lies between them.
	twoColumns, gutter = 110, 3
	// wantedHeight is from which height on the curves get more than one row.
	wantedHeight = 30
	// mostRows is how many rows a curve has at most.
	mostRows = 4
	// narrow and low are what a frame is made for at least: below, it is cut.
	narrow, low = 40, 8
)

// Board is what one frame shows, and how.
type Board struct {
	Screen term.Screen // its Out is not used
	Cat    *i18n.Catalog
	State  watch.State
	Target string // as people name it
	Now    time.Time
	// Interval is the time between two looks.
	Interval time.Duration
	Paused   bool
	Help     bool
	Order    watch.Order
	// Shows tells which of the sections of `info` are to be seen; nil means all.
	Shows func(section string) bool

	Width, Height int // cells
}

// Frame is the whole screen: Height lines, none of them wider than Width.
func (b *Board) Frame() string {
	lines := []string{b.header(), b.status()}
	footer := b.footer()
	room := max(b.height()-len(lines)-1, 0)
	if b.Help {
		lines = append(lines, b.help(room)...)
	} else {
		curves := b.curves(room)
		lines = append(lines, curves...)
		lines = append(lines, b.panes(room-len(curves))...)
	}
	for len(lines) < b.height()-1 {
		lines = append(lines, "")
	}
	lines = append(lines[:b.height()-1], footer)
	if b.Height < len(lines) {
		lines = lines[:max(b.Height, 0)]
	}
	return strings.Join(lines, "\n")
}

func (b *Board) width() int  { return max(b.Width, narrow) }
func (b *Board) height() int { return max(b.Height, low) }

func (b *Board) words() report.Words { return report.Words{C: b.Cat, Data: b.Screen.Data} }

func (b *Board) shows(section string) bool { return b.Shows == nil || b.Shows(section) }

// fit paints text after it was cut to its cells.
func (b *Board) fit(role term.Role, text string, cells int) string {
	return b.Screen.Paint(role, strings.TrimRight(b.Screen.Fit(text, cells, false), " "))
}

// edges puts one text to the left and one to the right; the left one gives way.
func (b *Board) edges(role term.Role, left, right string) string {
	rightCells := term.Columns(b.plain(right))
	if rightCells+1 >= b.width() {
		return b.fit(role, left, b.width())
	}
	return b.Screen.Paint(role, b.Screen.Fit(left, b.width()-rightCells-1, false)) + " " +
		b.Screen.Paint(term.Dim, b.Screen.Fit(right, rightCells, true))
}

// plain is text as this screen will show it.
func (b *Board) plain(text string) string {
	if b.Screen.ASCII {
		return term.ToASCII(text)
	}
	return text
}

// header is where we look: the target, what it is, how often we look.
func (b *Board) header() string {
	parts := append([]string{b.Screen.Data(b.Target)}, b.server()...)
	right := b.Cat.T("watch.every", "interval", b.interval())
	if b.Paused {
		right = b.Cat.T("watch.paused")
	}
	const between = " · "
	room := b.width() - term.Columns(b.plain(right)) - 1
	for len(parts) > 1 && term.Columns(b.plain(strings.Join(parts, between))) > room {
		parts = parts[:len(parts)-1] // whole facts or none
	}
	return b.edges(term.Title, strings.Join(parts, between), right)
}

// server is what the server is, the most telling first.
func (b *Board) server() []string {
	at := slices.IndexFunc(b.State.Sections, func(s vitals.Section) bool { return s.Name == vitals.Server })
	if at < 0 {
		return nil
	}
	values := b.State.Sections[at].Values
	said := func(name string) string {
		k := slices.IndexFunc(values, func(e finding.Evidence) bool { return e.Name == name })
		if k < 0 {
			return ""
		}
		return b.words().Value(values[k])
	}
	var parts []string
	add := func(text, of string) {
		if of != "" {
			parts = append(parts, text)
		}
	}
	product := said("product")
	if product == snapshot.ProductUnknown {
		product = ""
	}
	product = strings.TrimSpace(product + " " + said("version"))
	add(product, product)
	add(said("role"), said("role"))
	add(b.Cat.T("watch.primaries", "n", said("nodes")), said("nodes"))
	add(b.Cat.T("watch.up", "span", said("uptime_s")), said("uptime_s"))
	return parts
}

// interval is written in seconds, or in milliseconds below one.
func (b *Board) interval() string {
	if b.Interval < time.Second {
		return b.Cat.Int(b.Interval.Milliseconds()) + "\u00a0ms"
	}
	if b.Interval%time.Second != 0 {
		return b.Cat.Float(b.Interval.Seconds(), 1) + "\u00a0s"
	}
	return b.Cat.Span(b.Interval)
}

func (b *Board) footer() string {
	cat := b.Cat
	keys := []string{
		cat.T("watch.key.quit"), cat.T("watch.key.pause"), cat.T("watch.key.interval"), cat.T("watch.key.sort"), cat.T("watch.key.help"),
	}
	return b.fit(term.Dim, strings.Join(keys, "  "), b.width())
}

// keyCells is where the texts of the catalogue's help begin, behind the keys.
const keyCells = 13

// help says what the keys do and what the curves mean.
func (b *Board) help(room int) []string {
	var lines []string
	s := b.Screen
	s.TTY, s.Width = true, b.width()
	for text := range strings.Lines(b.plain(b.Cat.T("watch.help"))) {
		indent := 0
		if strings.Contains(text, "  ") { // a key and what it does
			indent = keyCells
		}
		lines = append(lines, strings.Split(s.Wrap(strings.TrimRight(text, "\n"), indent), "\n")...)
	}
	for i := range lines {
		lines[i] = b.fit(term.Plain, lines[i], b.width())
	}
	return lines[:min(len(lines), room)]
}

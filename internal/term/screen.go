package term

import (
	"io"
	"math"
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"
)

// PlainWidth is the width, in cells, that reports use where there is no terminal to ask.
const PlainWidth = 80

// Screen is one output stream and what it can show. The zero value is a plain 80-column UTF-8 pipe.
type Screen struct {
	Out   io.Writer
	Width int  // cells; 0 means PlainWidth
	TTY   bool // somebody looks at it: wrap to Width
	Color bool
	ASCII bool
}

// Cells is the usable width, never less than 20.
func (s Screen) Cells() int {
	if s.Width == 0 {
		return PlainWidth
	}
	return max(s.Width, 20)
}

// Data is foreign text made safe for this stream; see Escape.
func (s Screen) Data(text string) string {
	if s.ASCII {
		return EscapeASCII(text)
	}
	return Escape(text)
}

// Role is what a piece of text is for; the theme gives it its look, from the 16 ANSI colours so that it follows the
// terminal's own palette, light or dark.
type Role uint8

// The roles.
const (
	Plain Role = iota
	Good
	Warn
	Bad
	Dim
	Title
	Command
)

// Paint gives the text the look of its role, or leaves it alone where colour is off.
func (s Screen) Paint(role Role, text string) string {
	if !s.Color || text == "" {
		return text
	}
	style := lipgloss.NewStyle()
	switch role {
	case Good:
		style = style.Foreground(lipgloss.Green)
	case Warn:
		style = style.Foreground(lipgloss.Yellow)
	case Bad:
		style = style.Foreground(lipgloss.Red).Bold(true)
	case Dim:
		style = style.Faint(true)
	case Title:
		style = style.Bold(true)
	case Command:
		style = style.Foreground(lipgloss.Cyan)
	case Plain:
		return text
	}
	return style.Render(text)
}

// Symbol is a sign before a line. On an ASCII stream it becomes a word in brackets or nothing.
type Symbol uint8

// The symbols; those of the guide's expected output come first.
const (
	NoSymbol Symbol = iota
	SymTube
	SymTool
	SymLink
	SymDish
	SymPen
	SymBook
	SymClock
	SymBroom
	SymGlobe
	SymChart
	SymOK
	SymFail
	SymWarn
	SymSkip
	SymInfo
	SymHint
	SymStethoscope
)

type glyph struct{ utf8, ascii string }

func (s Symbol) glyph() glyph {
	switch s {
	case SymTube:
		return glyph{"🧪", "==="}
	case SymStethoscope:
		return glyph{"🩺", "==="}
	case SymTool:
		return glyph{"🔧", "-"}
	case SymLink:
		return glyph{"🔄", "-"}
	case SymDish:
		return glyph{"📡", "-"}
	case SymPen:
		return glyph{"📝", "-"}
	case SymBook:
		return glyph{"📖", "-"}
	case SymClock:
		return glyph{"⏳", "-"}
	case SymBroom:
		return glyph{"🧹", "-"}
	case SymGlobe:
		return glyph{"🌍", "-"}
	case SymChart:
		return glyph{"📊", "-"}
	case SymOK:
		return glyph{"✅", "[OK]"}
	case SymFail:
		return glyph{"❌", "[!!]"}
	case SymWarn:
		// The bare sign is one cell wide and the emoji form two, but terminals disagree on the latter.
		return glyph{"🔶", "[!]"}
	case SymSkip:
		return glyph{"➖", "[--]"}
	case SymInfo:
		return glyph{"💬", "[i]"}
	case SymHint:
		return glyph{"👉", "->"}
	default:
		return glyph{}
	}
}

// Sign is the symbol as this stream can show it.
func (s Screen) Sign(sym Symbol) string {
	if s.ASCII {
		return sym.glyph().ascii
	}
	return sym.glyph().utf8
}

// Rule is a line of the guide's «====», at most 60 cells wide.
func (s Screen) Rule() string { return strings.Repeat("=", min(60, s.Cells())) }

// unbroken stands for a hyphen while a text is wrapped: a private-use character as wide as one.
const unbroken = "\ue0f7"

// inNumber stands for the narrow space between the thousands of a number, at which no number breaks.
const inNumber = "\ue0f8"

// Wrap breaks text at the stream's width, the lines after the first set in by indent cells. A pipe gets it whole.
func (s Screen) Wrap(text string, indent int) string {
	if !s.TTY {
		return text
	}
	// The first line starts at the margin; wrapping all at the narrower width keeps the block even and simple.
	// A hyphen is no place to break: an id or an option in two pieces cannot be copied.
	whole := strings.NewReplacer("-", unbroken, "\u202f", inNumber).Replace(text)
	wrapped := ansi.Wrap(whole, max(s.Cells()-indent, 10), "")
	lines := strings.Split(strings.NewReplacer(unbroken, "-", inNumber, "\u202f").Replace(wrapped), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ") // the blank at which a line was broken may stand beyond the edge
	}
	return strings.Join(lines, "\n"+strings.Repeat(" ", indent))
}

// Columns is the number of cells that text fills.
func Columns(text string) int { return ansi.StringWidth(text) }

// Bar is a ratio from 0 to 1 as a bar of at most that many cells; what is not zero shows at least a sliver.
func (s Screen) Bar(ratio float64, cells int) string {
	full, parts := "█", []string{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"}
	if s.ASCII {
		full, parts = "#", []string{"", "", "", "", "", "", "", ""}
	}
	eighths := int(max(0, min(1, ratio))*float64(cells)*8 + 0.5)
	if ratio > 0 && eighths == 0 {
		eighths = 1
	}
	bar := strings.Repeat(full, eighths/8) + parts[eighths%8]
	if s.ASCII && ratio > 0 && bar == "" {
		bar = "|"
	}
	return bar
}

// Cut shortens text to that many cells, ending in «…» where something is missing.
func Cut(text string, cells int) string { return ansi.Truncate(text, max(cells, 1), "…") }

// Fit is text in exactly that many cells: cut where it is longer, else filled up with blanks, to the right or, for numbers, to
// the left. On an ASCII stream it is measured as it will be shown.
func (s Screen) Fit(text string, cells int, right bool) string {
	if cells <= 0 {
		return ""
	}
	tail := "…"
	if s.ASCII {
		text, tail = ToASCII(text), "..."
	}
	if cells <= Columns(tail) {
		tail = ""
	}
	text = ansi.Truncate(text, cells, tail)
	blank := strings.Repeat(" ", cells-Columns(text))
	if right {
		return blank + text
	}
	return text + blank
}

// sparks are the heights of a curve's cell, in eighths.
const (
	sparks      = " ▁▂▃▄▅▆▇█"
	asciiSparks = " _.-=+*%#"
)

// Curve draws values from 0 to 1 as columns of that many rows, the top row first, in exactly that many cells: the newest value
// stands at the right edge, what has no room at the left goes. NaN is a gap; what is 0 shows as the lowest line.
func (s Screen) Curve(values []float64, cells, rows int) []string {
	glyphs := []rune(sparks)
	if s.ASCII {
		glyphs = []rune(asciiSparks)
	}
	values = values[max(len(values)-cells, 0):]
	const eighths = 8
	lines := make([]string, rows)
	for r := range lines {
		below := eighths * (rows - 1 - r) // of a column, that stand in the rows under this one
		var b strings.Builder
		b.WriteString(strings.Repeat(" ", cells-len(values)))
		for _, v := range values {
			level := 0
			if !math.IsNaN(v) {
				level = max(int(max(0, min(1, v))*float64(eighths*rows)+0.5), 1)
			}
			b.WriteRune(glyphs[max(0, min(eighths, level-below))])
		}
		lines[r] = b.String()
	}
	return lines
}

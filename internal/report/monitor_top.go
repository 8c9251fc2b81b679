package report

import (
	"slices"
	"strings"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/monitor/traffic"
	"github.com/olympiades-ia/olymp-cache/internal/term"
)

// Monitor is the result of `monitor`.
type Monitor struct {
	Version string
	Target  Target
	Started time.Time
	Window  time.Duration // that was asked for; 0 for without end
	Elapsed time.Duration
	Ended   string // "window", "limit", "interrupted" or "lost"

	LostNode  string // the server that hung up
	LostCause string // "restarted", "output-buffer", "closed" or "unreachable"

	Nodes      []string
	Seen       uint64 // commands that were read
	Wanted     uint64 // of those, what the filters let through
	Dropped    uint64 // lines that there was no time for
	Unreadable uint64 // lines that are none of MONITOR's
	Nameless   uint64 // commands of clients that were gone before their names were known
	KeysTold   bool   // the server told where keys stand
	Hits       *int64 // lookups that found a key; nil where it is not known
	Misses     *int64
	Tally      *traffic.Tally // nil where every command was shown
	Redact     func(string) string

	CommandsSent int
}

func (m *Monitor) perSecond() float64 {
	if m.Elapsed <= 0 {
		return 0
	}
	return float64(m.Seen+m.Dropped) / m.Elapsed.Seconds()
}

func (m *Monitor) hitRate() (float64, bool) {
	if m.Hits == nil || m.Misses == nil || *m.Hits+*m.Misses == 0 {
		return 0, false
	}
	return float64(*m.Hits) / float64(*m.Hits+*m.Misses), true
}

const (
	hottestKeys = 10 // rows of keys for eyes
	otherRows   = 5  // of the other tables
)

// Monitor writes the sum for people.
func (t *Text) Monitor(m *Monitor) {
	if !t.Quiet {
		t.item(term.SymChart, term.Title, t.Words.C.T("monitor.title")+t.Words.C.T("colon")+t.Words.Data(m.Target.URL))
		t.line()
		t.monitorLines(m)
		for _, table := range m.tables() {
			if len(table.Rows) == 0 {
				continue
			}
			t.line(t.paint(term.Title, t.Words.C.T("monitor.top."+table.Name)))
			t.infoTable(table)
			t.line()
		}
		for _, note := range m.Notes(t.Words) {
			t.item(term.SymWarn, term.Warn, note)
		}
	}
	sym := term.SymOK
	if m.Ended == "lost" {
		sym = term.SymFail
	}
	t.item(sym, term.Plain, m.Verdict(t.Words))
}

// monitorLines are the numbers that are no table.
func (t *Text) monitorLines(m *Monitor) {
	cat := t.Words.C
	n := cat.Int(int64(m.Seen + m.Dropped)) //nolint:gosec // far below
	rate := cat.T("monitor.rate", "n", n, "rate", cat.Float(m.perSecond(), 0), "took", cat.Duration(m.Elapsed))
	lines := [][2]string{{cat.T("monitor.rate.label"), rate}}
	if m.Wanted != m.Seen {
		lines = append(lines, [2]string{cat.T("monitor.wanted.label"), cat.Int(int64(m.Wanted))}) //nolint:gosec // as above
	}
	hits := cat.T("monitor.hits.unknown")
	switch rate, ok := m.hitRate(); {
	case ok:
		hits = cat.T("monitor.hits", "rate", cat.Percent(rate, 1), "hits", cat.Int(*m.Hits), "misses", cat.Int(*m.Misses))
	case m.Hits != nil && m.Misses != nil:
		hits = cat.T("monitor.hits.none")
	}
	lines = append(lines, [2]string{cat.T("monitor.hits.label"), hits})
	width := 0
	for _, l := range lines {
		width = max(width, term.Columns(l[0]))
	}
	for _, l := range lines {
		t.line("   ", t.paint(term.Dim, l[0]+strings.Repeat(" ", width-term.Columns(l[0])+2)), t.wrap(l[1], 3+width+2))
	}
	t.line()
}

// tables are what was most frequent.
func (m *Monitor) tables() []Table {
	t := m.Tally
	tables := []Table{
		m.table("keys", "key", t.Keys, hottestKeys, t.KeyUses, nil), m.table("prefixes", "prefix", t.Families, otherRows, t.KeyUses, nil),
		m.table("commands", "command", t.Commands, otherRows, t.Total, strings.ToUpper),
		m.table("clients", "client", t.Clients, otherRows, t.Total, nil),
	}
	if len(m.Nodes) > 1 {
		nodes := Table{Name: "nodes"}
		for i, addr := range m.Nodes {
			nodes.Rows = append(nodes.Rows, row("node", addr, t.Nodes[i], 0, t.Total))
		}
		tables = append(tables, nodes)
	}
	return tables
}

func (m *Monitor) table(name, column string, top *traffic.Top, n int, of uint64, change func(string) string) Table {
	table := Table{Name: name}
	for _, c := range top.First(n) {
		text := m.Redact(c.Text)
		if change != nil {
			text = change(text)
		}
		table.Rows = append(table.Rows, row(column, text, c.Count, c.Error, of))
	}
	return table
}

// tooHigh is by how much a count may be too high.
const tooHigh = "too_high"

func row(column, text string, count, excess, of uint64) []finding.Evidence {
	cells := []finding.Evidence{
		{Name: "share", Value: float64(count) / float64(max(of, 1)), Unit: "ratio"},
		{Name: "count", Value: int64(count), Unit: finding.Count}, //nolint:gosec // nobody lives that long
	}
	if excess > 0 {
		cells = append(cells, finding.Evidence{Name: tooHigh, Value: int64(excess), Unit: finding.Count}) //nolint:gosec // as above
	}
	return append(cells, finding.Evidence{Name: column, Value: text})
}

// Notes are what the reader must know of gaps in what is shown.
func (m *Monitor) Notes(w Words) []string {
	var notes []string
	note := func(id string, n uint64) {
		if n > 0 {
			notes = append(notes, w.C.N(id, int(n), "n", w.C.Int(int64(n)))) //nolint:gosec // far below
		}
	}
	note("monitor.dropped", m.Dropped)
	note("monitor.unreadable", m.Unreadable)
	note("monitor.nameless", m.Nameless)
	if m.estimated() {
		notes = append(notes, w.C.T("monitor.estimated", "n", w.C.Int(traffic.Places)))
	}
	if !m.KeysTold {
		notes = append(notes, w.C.T("monitor.keys-guessed"))
	}
	return notes
}

// estimated tells whether a count that eyes see is not exact.
func (m *Monitor) estimated() bool {
	if m.Tally == nil {
		return false
	}
	for _, table := range m.tables() {
		for _, cells := range table.Rows {
			if slices.ContainsFunc(cells, func(e finding.Evidence) bool { return e.Name == tooHigh }) {
				return true
			}
		}
	}
	return false
}

// Verdict is the last line: how much was seen, and what ended it where that was not the time.
func (m *Monitor) Verdict(w Words) string {
	pairs := []any{
		"n", w.C.Int(int64(m.Seen + m.Dropped)), "took", w.C.Duration(m.Elapsed), "target", w.Data(m.Target.Display), //nolint:gosec // far below
		"node", w.Data(m.LostNode),
	}
	if m.Ended == "lost" {
		return w.C.T("monitor.lost."+m.LostCause, pairs...)
	}
	if m.Wanted != m.Seen {
		return w.C.T("monitor.filtered", append(pairs, "wanted", w.C.Int(int64(m.Wanted)))...) //nolint:gosec // as above
	}
	return w.C.T("monitor.done", pairs...)
}

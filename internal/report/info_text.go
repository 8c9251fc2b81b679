package report

import (
	"slices"
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/term"
)

// infoLines are the lines of each section: info.LINE is a sentence of the catalogue, shown if its values are known, and
// info.LINE.label stands before it.
var infoLines = map[string][]string{
	"server":      {"server.what", "server.uptime", "server.nodes"},
	"memory":      {"memory.used", "memory.unlimited", "memory.peak", "memory.policy"},
	"clients":     {"clients.connected", "clients.waiting", "clients.idle"},
	"stats":       {"stats.ops", "stats.total", "stats.hits", "stats.window-hits", "stats.traffic", "stats.gone", "stats.slowlog"},
	"latency":     {"latency.ping", "latency.spikes", "latency.unwatched"},
	"persistence": {"persistence.loading", "persistence.aof", "persistence.rdb", "persistence.saved", "persistence.never", "persistence.fork"},
	"replication": {"replication.replicas", "replication.primary"},
	"keyspace":    {"keyspace.keys", "keyspace.dbsize"},
	"errors":      {"errors.total"},
	"commands":    {},
}

// infoBars are the lines that end in a bar, and the value that it shows.
var infoBars = map[string]string{
	"memory.used": "used_share", "clients.connected": "clients_share", "stats.hits": "hit_rate", "stats.window-hits": "window_hit_rate",
}

// barCells is how long a bar is.
const barCells = 20

// Info writes the numbers for people: the alerts first, as they are what one looks for.
func (t *Text) Info(i *Info) {
	cat := t.Words.C
	if t.Quiet {
		t.infoVerdict(i)
		return
	}
	t.item(term.SymChart, term.Title, cat.T("info.title")+cat.T("colon")+t.Words.Data(i.Target.URL))
	t.line("   ", t.paint(term.Dim, t.wrap(cat.T("test.source")+cat.T("colon")+t.source(i.Target.Source), 3)))
	t.line()
	for _, a := range i.Alerts {
		t.alert(a)
	}
	if len(i.Alerts) > 0 {
		t.line()
	}
	var silent []Section
	for _, s := range i.Sections {
		if len(s.Values)+len(s.Tables) == 0 && len(s.Refused) > 0 {
			silent = append(silent, s)
			continue
		}
		t.infoSection(s)
	}
	t.infoSilent(silent)
	t.infoVerdict(i)
}

// infoSilent lists the sections of which the server told nothing, those together that lack the same answer.
func (t *Text) infoSilent(sections []Section) {
	cat := t.Words.C
	for len(sections) > 0 {
		why, titles := sections[0].Refused[0], []string(nil)
		sections = slices.DeleteFunc(sections, func(s Section) bool {
			same := s.Refused[0] == why
			if same {
				titles = append(titles, cat.T("info."+s.Name+".title"))
			}
			return same
		})
		t.line(t.paint(term.Title, t.wrap(strings.Join(titles, ", "), 0)))
		t.refusal(why)
		t.line()
	}
}

// refusal says why something is not shown.
func (t *Text) refusal(r Refusal) {
	text := t.Words.C.T("skipped." + r.Reason)
	if r.Detail != "" {
		text += " (" + t.Words.Data(r.Detail) + ")"
	}
	t.line("   ", t.paint(term.Dim, t.wrap(text, 3)))
}

// infoVerdict is the last line: how many of the alerts go off.
func (t *Text) infoVerdict(i *Info) {
	cat := t.Words.C
	var off []string
	unknown := 0
	for _, a := range i.Alerts {
		switch {
		case a.State >= finding.Warning:
			off = append(off, cat.T("alert."+a.ID))
		case a.State == finding.Unknown:
			unknown++
		}
	}
	target := t.Words.Data(i.Target.Display)
	sym, role, text := term.SymOK, term.Good, cat.T("info.fine", "target", target)
	switch {
	case len(off) > 0:
		sym, role = term.SymWarn, term.Warn
		text = cat.N("info.off", len(off), "n", cat.Int(int64(len(off))), "names", strings.Join(off, ", "), "target", target)
	case i.SilentNodes > 0:
		sym, role = term.SymWarn, term.Warn
		text = cat.N("info.silent", i.SilentNodes, "n", cat.Int(int64(i.SilentNodes)), "target", target)
	case i.Loading:
		sym, role, text = term.SymWarn, term.Warn, cat.T("info.still-loading", "target", target)
	case unknown == len(i.Alerts) && unknown > 0:
		sym, role, text = term.SymSkip, term.Plain, cat.T("info.unknown", "target", target)
	case unknown > 0:
		if unknown*2 > len(i.Alerts) {
			sym, role = term.SymSkip, term.Plain
		}
		text = cat.T("info.fine-partly", "n", cat.Int(int64(len(i.Alerts)-unknown)), "total", cat.Int(int64(len(i.Alerts))), "target", target)
	}
	if len(i.Alerts) == 0 && i.SilentNodes == 0 && !i.Loading {
		sym, role, text = t.verdictOf(i), term.Plain, target
	}
	aside := ""
	if !t.Quiet {
		aside = cat.N("check.sent", i.CommandsSent, "n", cat.Int(int64(i.CommandsSent)), "took", cat.Duration(i.Duration))
	}
	t.itemAside(sym, role, text, aside)
}

// verdictOf is the sign of a report that shows no alerts: theirs all the same, or none where the sections were refused.
func (t *Text) verdictOf(i *Info) term.Symbol {
	switch {
	case i.Worst >= finding.Warning:
		return term.SymWarn
	case i.Worst == finding.Unknown, slices.ContainsFunc(i.Sections, func(s Section) bool { return len(s.Refused) > 0 }):
		return term.SymSkip
	}
	return term.SymOK
}

// alert is one of the four, with its value, its threshold and its state.
func (t *Text) alert(a Alert) {
	cat := t.Words.C
	sym, role := term.SymOK, term.Plain
	switch a.State {
	case finding.Warning:
		sym, role = term.SymWarn, term.Warn
	case finding.Critical:
		sym, role = term.SymFail, term.Bad
	case finding.Unknown:
		sym, role = term.SymSkip, term.Dim
	case finding.Info:
	}
	threshold := t.alertValue(a.Threshold)
	name := cat.T("alert."+a.ID) + cat.T("colon")
	switch {
	case a.State == finding.Unknown && a.Value.Value != nil:
		name += t.alertValue(a.Value) + cat.T("alert.not-judged", "reason", cat.T("skipped."+a.Reason))
	case a.State == finding.Unknown:
		name += cat.T("skipped." + a.Reason)
	case a.Value.Value == nil:
		name += cat.T("alert." + a.ID + ".none")
	default:
		name += t.alertValue(a.Value)
	}
	t.itemAside(sym, role, name, cat.T("alert.threshold", "threshold", threshold))
	if a.State >= finding.Warning {
		t.line("   ", t.paint(term.Dim, t.wrap(cat.T("alert.next", "id", a.ID), 3)))
	}
}

// alertValue is a value or threshold of an alert.
func (t *Text) alertValue(e finding.Evidence) string {
	switch n := e.Value.(type) {
	case int:
		return t.Words.C.Int(int64(n))
	case int64:
		return t.Words.C.Int(n)
	}
	return t.Words.Value(e)
}

// infoSection is one section: its title, its lines with their labels in a column, its tables.
func (t *Text) infoSection(s Section) {
	cat := t.Words.C
	lines, width := t.infoSentences(s)
	if len(lines) == 0 && len(s.Tables) == 0 && len(s.Refused) == 0 {
		return
	}
	t.line(t.paint(term.Title, cat.T("info."+s.Name+".title")))
	for _, l := range lines {
		label := l.label + strings.Repeat(" ", width-term.Columns(l.label)+2)
		text := t.wrap(l.text, 3+width+2)
		if l.bar != nil && (!t.Screen.TTY || 3+width+2+term.Columns(text)+2+barCells <= t.Screen.Cells()) {
			text += "  " + t.Screen.Bar(*l.bar, barCells)
		}
		t.line("   ", t.paint(term.Dim, label), text)
	}
	for _, table := range s.Tables {
		t.infoTable(table)
	}
	for _, r := range s.Refused {
		t.refusal(r)
	}
	t.line()
}

type infoLine struct {
	label, text string
	bar         *float64
}

// infoSentences are the lines whose values are known, and how wide their labels are.
func (t *Text) infoSentences(s Section) (lines []infoLine, width int) {
	f := finding.Finding{Evidence: s.Values}
	for _, name := range infoLines[s.Name] {
		id := "info." + name
		if !t.Words.complete(id, f) {
			continue
		}
		text := t.Words.sentence(id, f)
		l := infoLine{label: t.Words.C.T(id + ".label"), text: text}
		if t.Screen.ASCII {
			l.label = term.ToASCII(l.label)
		}
		if ratio, ok := f.Value(infoBars[name]).(float64); ok {
			l.bar = &ratio
		}
		lines = append(lines, l)
		width = max(width, term.Columns(l.label))
	}
	return lines, width
}

package dashboard

import (
	"strings"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/findings"
	"github.com/olympiades-ia/olymp-cache/internal/term"
)

// late is how many intervals, and how long at least, may pass without an answer before that is said.
const (
	late      = 3
	lateAfter = 2 * time.Second
)

// status is the line that one looks at first: is the server there, does an alert go off?
func (b *Board) status() string {
	cat, s := b.Cat, &b.State
	switch {
	case s.Failure != nil:
		text := cat.T("watch.unreachable", "span", cat.Span(b.Now.Sub(s.Since)), "problem", b.words().Title(*s.Failure))
		return b.fit(term.Bad, b.mark(term.Bad)+text, b.width())
	case s.Evidence == nil:
		return b.fit(term.Dim, cat.T("info.gathering"), b.width())
	case !b.Paused && b.Now.Sub(s.Answered) > max(late*b.Interval, lateAfter):
		return b.fit(term.Warn, b.mark(term.Warn)+cat.T("watch.late", "span", cat.Span(b.Now.Sub(s.Answered))), b.width())
	}
	if t := &s.Evidence.Server.Totals; t.Missing > 0 && t.Nodes > 0 {
		text := cat.N("watch.silent", t.Missing, "n", cat.Int(int64(t.Missing)), "of", cat.Int(int64(t.Missing+t.Nodes)))
		return b.fit(term.Bad, b.mark(term.Bad)+text, b.width())
	}
	var off []string
	role := term.Warn
	for i := range s.Alerts {
		if a := &s.Alerts[i]; a.State >= finding.Warning {
			off = append(off, cat.T("alert."+a.ID)+" "+b.alertValue(a.Value))
			if a.State == finding.Critical {
				role = term.Bad
			}
		}
	}
	if len(off) == 0 {
		return b.fit(term.Good, b.state(), b.width())
	}
	n := len(off)
	text := cat.N("watch.alerts", n, "n", cat.Int(int64(n)), "list", strings.Join(off, ", "))
	return b.fit(role, b.mark(role)+text, b.width())
}

// state is what a server without an alert says: that it is loading, or that nothing is wrong.
func (b *Board) state() string {
	for i := range b.State.Evidence.Server.Nodes {
		if b.State.Evidence.Server.Nodes[i].Info.Value.Persistence.Loading.Or(false) {
			return b.Cat.T("watch.loading")
		}
	}
	for i := range b.State.Alerts {
		if b.State.Alerts[i].State != finding.Unknown {
			return b.Cat.T("watch.fine")
		}
	}
	return b.Cat.T("watch.unknown")
}

// alertValue is what an alert watches; a number of connections is counted.
func (b *Board) alertValue(e finding.Evidence) string {
	if n, ok := e.Value.(int64); ok {
		return b.Cat.Int(n)
	}
	return b.words().Value(e)
}

// mark stands before what is wrong, so that it is seen without colours too.
func (b *Board) mark(role term.Role) string {
	switch role {
	case term.Bad:
		return "!! "
	case term.Warn:
		return "! "
	default:
		return ""
	}
}

// alert is the alert of that id; nil before the first look.
func (b *Board) alert(id string) *findings.Alert {
	for i := range b.State.Alerts {
		if b.State.Alerts[i].ID == id {
			return &b.State.Alerts[i]
		}
	}
	return nil
}

// alertRole is the colour of what an alert watches.
func alertRole(a *findings.Alert) term.Role {
	switch {
	case a == nil:
	case a.State == finding.Critical:
		return term.Bad
	case a.State == finding.Warning:
		return term.Warn
	}
	return term.Command
}

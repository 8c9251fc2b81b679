package dashboard

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/term"
	"github.com/olympiades-ia/olymp-cache/internal/watch"
)

// only is a pane's one line of text.
func only(text string) []row { return []row{{role: term.Dim, text: text}} }

// refusal is the line of a pane whose question the server refuses; nil where it does not.
func (b *Board) refusal(status snapshot.Status, source string, reply snapshot.Text) []row {
	text := ""
	switch status {
	case snapshot.Denied, snapshot.Failed:
		text = b.Cat.T("skipped.refused")
	case snapshot.Unsupported:
		text = b.Cat.T("skipped.unsupported")
	case snapshot.OK, snapshot.NotAsked:
		return nil
	}
	return only(text + " (" + b.Screen.Data(strings.TrimSuffix(source+": "+string(reply), ": ")) + ")")
}

// infoRefusal is refusal where no node tells INFO.
func (b *Board) infoRefusal() []row {
	e := b.State.Evidence
	if e == nil || e.Server.Totals.Nodes > 0 {
		return nil
	}
	f := &e.Server.Nodes[0].Info
	return b.refusal(f.Status, f.Source, f.Reply)
}

func (b *Board) commandsPane() pane {
	cat := b.Cat
	orders := [watch.Orders]string{
		watch.ByRate: "watch.by.rate", watch.ByShare: "watch.by.share", watch.ByMean: "watch.by.mean", watch.ByFailed: "watch.by.failed",
		watch.ByCalls: "watch.by.calls",
	}
	p := pane{
		section: "commands", title: cat.T("watch.commands", "order", cat.T(orders[b.Order%watch.Orders])), rank: 1, least: 2, flex: 0,
		right: []bool{false, true, true, true, true, true},
		heading: []string{
			cat.T("column.command"), cat.T("watch.column.rate"), cat.T("column.mean_ms"), cat.T("column.time_share"), cat.T("column.calls"),
			cat.T("column.failed"),
		},
	}
	all := slices.Clone(b.State.Commands)
	watch.SortCommands(all, b.Order)
	for _, c := range all {
		mean, failed, share := "", "", ""
		if ms, ok := c.Mean.Get(); ok {
			mean, share = cat.Duration(time.Duration(ms*float64(time.Millisecond))), cat.Percent(c.Share, 0)
		}
		r := row{}
		if c.Failed > 0 {
			failed, r.role = cat.T("watch.per-second", "n", b.number(c.Failed)), term.Warn
		}
		r.cells = []string{
			b.Screen.Data(c.Name), cat.T("watch.per-second", "n", b.number(c.PerSecond)), mean, share, cat.Int(c.Calls), failed,
		}
		p.rows = append(p.rows, r)
	}
	if len(p.rows) == 0 {
		if p.rows = b.infoRefusal(); p.rows == nil {
			p.rows = only(cat.T("watch.no-commands"))
		}
	}
	return p
}

// keyspacePane has the whole in its title: there it is seen even where there is room for no more.
func (b *Board) keyspacePane() pane {
	cat := b.Cat
	p := pane{section: "keyspace", rank: 2, least: 1, flex: -1, right: []bool{false, true, true, true, true}}
	p.title = cat.T("info.keyspace.title")
	e := b.State.Evidence
	if e == nil {
		return p
	}
	if p.rows = b.infoRefusal(); p.rows != nil {
		p.least = 2
		return p
	}
	t := &e.Server.Totals
	p.title = cat.N("watch.keys", int(min(t.Keys, 2)), "n", cat.Int(t.Keys))
	if t.Keys > 0 {
		p.title += cat.T("watch.expiring", "share", cat.Percent(float64(t.Expires)/float64(t.Keys), 0))
	}
	if len(t.Databases) < 2 {
		return p
	}
	p.heading = []string{cat.T("column.db"), cat.T("column.keys"), cat.T("column.keys_with_ttl"), cat.T("column.ttl_share"), ""}
	for _, db := range slices.Sorted(maps.Keys(t.Databases)) {
		k := t.Databases[db]
		keys, expires := k.Keys.Or(0), k.Expires.Or(0)
		share := float64(keys) / float64(max(t.Keys, 1))
		p.rows = append(p.rows, row{cells: []string{
			"db" + cat.Int(int64(db)), cat.Int(keys), cat.Int(expires), cat.Percent(float64(expires)/float64(max(keys, 1)), 0),
			b.Screen.Fit(b.Screen.Bar(share, barCells), barCells, false),
		}})
	}
	return p
}

// barCells is how long a database's bar is.
const barCells = 10

func (b *Board) slowPane() pane {
	p := pane{
		section: "commands", title: b.Cat.T("watch.slow"), rank: 1, least: 2, flex: 2, right: []bool{false, true, false, false},
	}
	fact := &b.State.Slowlog
	if p.rows = b.refusal(fact.Status, fact.Source, fact.Reply); p.rows != nil {
		return p
	}
	for i := range b.State.Slow {
		s := &b.State.Slow[i]
		words := make([]string, len(s.Args))
		for k, arg := range s.Args {
			words[k] = b.Screen.Data(string(arg))
		}
		who := string(s.Addr)
		if s.ClientName != "" {
			who = string(s.ClientName)
		}
		if s.Node != "" {
			who += " → " + s.Node
		}
		r := row{role: term.Dim, cells: []string{
			b.clock(time.Unix(s.Time, 0)), b.Cat.Duration(s.Took.Duration()), strings.Join(words, " "), b.Screen.Data(who),
		}}
		if s.New {
			r.role = term.Warn
		}
		p.rows = append(p.rows, r)
	}
	if len(p.rows) == 0 {
		p.rows = only(b.Cat.T("watch.no-slow"))
	}
	return p
}

func (b *Board) errorsPane() pane {
	cat := b.Cat
	p := pane{
		section: "errors", title: cat.T("info.errors.title"), rank: 3, least: 2, flex: 0, right: []bool{false, true, true, true},
		heading: []string{cat.T("column.error"), cat.T("watch.column.new"), cat.T("watch.column.since"), cat.T("watch.column.total")},
	}
	for _, e := range b.State.Errors {
		r := row{cells: []string{b.Screen.Data(e.Name), cat.Int(e.New), cat.Int(e.Since), cat.Int(e.Total)}}
		switch {
		case e.New > 0:
			r.role = term.Bad
		case e.Since > 0:
			r.role = term.Warn
		default:
			r.role = term.Dim
		}
		p.rows = append(p.rows, r)
	}
	if len(p.rows) == 0 {
		if p.rows = b.infoRefusal(); p.rows == nil {
			p.rows = only(cat.T("watch.no-errors"))
		}
	}
	return p
}

func (b *Board) eventsPane() pane {
	p := pane{section: "errors", title: b.Cat.T("watch.events"), rank: 1, least: 2, flex: 1, right: []bool{false, false}}
	for i := range b.State.Events {
		e := &b.State.Events[i]
		role := term.Warn
		switch e.Kind {
		case watch.Lost:
			role = term.Bad
		case watch.Back, watch.AlertOff:
			role = term.Good
		}
		p.rows = append(p.rows, row{role: role, cells: []string{b.clock(e.Time), b.event(e)}})
	}
	if len(p.rows) == 0 {
		p.rows = only(b.Cat.T("watch.no-events"))
	}
	return p
}

// event is one line of the log.
func (b *Board) event(e *watch.Event) string {
	cat := b.Cat
	switch e.Kind {
	case watch.Lost:
		if e.Finding.ID == "tcp-closed" {
			return cat.T("watch.event.closed") // its own title speaks of a connection that never stood
		}
		return cat.T("watch.event.lost", "problem", b.words().Title(*e.Finding))
	case watch.Back:
		return cat.T("watch.event.back", "span", cat.Span(e.Span))
	case watch.Restarted:
		return cat.T("watch.event.restarted", "node", b.Screen.Data(e.Name))
	case watch.Reset:
		return cat.T("watch.event.reset", "node", b.Screen.Data(e.Name))
	case watch.AlertOn:
		return cat.T("watch.event.alert", "alert", cat.T("alert."+e.Name), "value", b.alertValue(e.Value))
	case watch.AlertOff:
		return cat.T("watch.event.alert-over", "alert", cat.T("alert."+e.Name))
	}
	return cat.N("watch.event.error", int(e.Count), "n", cat.Int(e.Count), "name", b.Screen.Data(e.Name))
}

// clock is the time of day where the operator is.
func (b *Board) clock(t time.Time) string { return t.In(b.Now.Location()).Format("15:04:05") }

package watch

import (
	"slices"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/findings"
	"github.com/olympiades-ia/olymp-cache/internal/vitals"
)

// judge makes evidence of a look, as `info` has it, and judges the alerts by it.
func (h *History) judge(b *Beat, w *snapshot.Window) {
	e := h.base
	e.Taken, e.CommandsSent, e.Window = b.Time, b.Sent, w
	e.Trace.Server = b.Server
	snap := &snapshot.Snapshot{
		Schema: snapshot.Schema, Time: b.Time.UTC(), Mode: b.Server.Mode, Primaries: b.Primaries, Commands: int(b.OwnTotal),
	}
	for _, n := range b.Nodes {
		snap.Nodes = append(snap.Nodes, n.Node)
	}
	snap.Totals = snapshot.Sum(snap.Nodes)
	e.Server = snap
	h.pings = keep(append(h.pings, b.Pings...), roundsKept)
	e.Pings = quantiles(h.pings, b.Ping)
	h.state.Evidence, h.state.Sections = &e, vitals.Of(&e)

	judged := e
	if len(h.samples) > 0 {
		longer := snapshot.Between(h.samples[0], sampleOf(b))
		judged.Window = &longer
	}
	h.state.Alerts = findings.Alerts(&judged)
	h.transitions(b.Time)
}

// quantiles are those of the last PINGs; where PING is refused, that is the fact.
func quantiles(rounds []time.Duration, last snapshot.Fact[time.Duration]) snapshot.Fact[snapshot.PingTimes] {
	f := snapshot.Fact[snapshot.PingTimes]{Status: last.Status, Source: "PING", Cause: last.Cause, Reply: last.Reply}
	if len(rounds) == 0 || !last.Known() {
		return f
	}
	sorted := slices.Sorted(slices.Values(rounds))
	at := func(percent int) snapshot.Millis { return snapshot.Millis(sorted[(len(sorted)*percent+99)/100-1]) }
	f.Value = snapshot.PingTimes{Rounds: int64(len(sorted)), P50: at(50), P90: at(90), P99: at(99), Max: at(100)}
	if len(sorted) < fewRounds { // one late answer would be a tenth of them, by which the rule judges where there are no hundred
		f.Value.P90 = f.Value.P50
	}
	return f
}

// transitions logs the alerts that begin or end.
func (h *History) transitions(at time.Time) {
	for i := range h.state.Alerts {
		a := &h.state.Alerts[i]
		if a.State == finding.Unknown {
			continue // too little to say that it is over
		}
		was := h.alerting[a.ID]
		switch {
		case a.State >= finding.Warning && was < finding.Warning:
			h.log(Event{Time: at, Kind: AlertOn, Name: a.ID, Value: a.Value})
		case a.State < finding.Warning && was >= finding.Warning:
			h.log(Event{Time: at, Kind: AlertOff, Name: a.ID, Value: a.Value})
		}
		h.alerting[a.ID] = a.State
	}
}

// compared tells a node that went on between two looks.
func compared(n snapshot.NodeWindow) bool { return n.Change == snapshot.Unchanged }

// withoutOwn takes our own commands off what the servers counted.
func withoutOwn(b *Beat, w *snapshot.Window) {
	if w == nil {
		return
	}
	n, ok := w.Total.Commands.Get()
	if !ok {
		return
	}
	known := int64(0) // the first look's own INFO is not in the growth of a node: see snapshot.Delta
	for _, node := range w.Nodes {
		if compared(node) {
			known++
		}
	}
	w.Total.Commands = snapshot.Some(max(n-max(b.OwnTotal-known, 0), 0))
}

// rates are those of the last interval.
func (h *History) rates(w *snapshot.Window) {
	r := Rates{}
	h.state.Rates = r
	if w == nil || w.Elapsed <= 0 || !slices.ContainsFunc(w.Nodes, compared) {
		return
	}
	r.Elapsed = w.Elapsed.Duration()
	a := func(growth snapshot.Opt[int64]) snapshot.Opt[float64] {
		if rate, ok := snapshot.Rate(growth, w.Elapsed); ok {
			return snapshot.Some(rate)
		}
		return snapshot.Opt[float64]{}
	}
	d := &w.Total
	r.Ops, r.In, r.Out, r.Expired, r.Evicted, r.Connections =
		a(d.Commands), a(d.NetInput), a(d.NetOutput), a(d.Expired), a(d.Evicted), a(d.Connections)
	hits, ok1 := d.Hits.Get()
	misses, ok2 := d.Misses.Get()
	if ok1 && ok2 {
		r.Lookups = a(snapshot.Some(hits + misses))
		if hits+misses > 0 {
			r.HitRate = snapshot.Some(float64(hits) / float64(hits+misses))
		}
	}
	h.state.Rates = r
}

package vitals

import (
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/evidence"
	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
)

func (v view) stats() Section {
	return v.fromInfo(Stats, func(s *Section, all []*snapshot.Info) {
		s.add("ops_per_s", sum(all, func(i *snapshot.Info) snapshot.Opt[int64] { return i.Stats.OpsPerSecond }), "")
		s.add("commands", sum(all, func(i *snapshot.Info) snapshot.Opt[int64] { return i.Stats.Commands }), finding.Count)
		hits := sum(all, func(i *snapshot.Info) snapshot.Opt[int64] { return i.Stats.Hits })
		misses := sum(all, func(i *snapshot.Info) snapshot.Opt[int64] { return i.Stats.Misses })
		s.add("hits", hits, finding.Count)
		s.add("misses", misses, finding.Count)
		s.add("hit_rate", share(hits, plus(hits, misses)), "ratio")
		s.add("in_bytes", sum(all, func(i *snapshot.Info) snapshot.Opt[int64] { return i.Stats.NetInput }), "bytes")
		s.add("out_bytes", sum(all, func(i *snapshot.Info) snapshot.Opt[int64] { return i.Stats.NetOutput }), "bytes")
		s.add("expired", sum(all, func(i *snapshot.Info) snapshot.Opt[int64] { return i.Stats.Expired }), finding.Count)
		s.add("evicted", sum(all, func(i *snapshot.Info) snapshot.Opt[int64] { return i.Stats.Evicted }), finding.Count)
		s.add("slowlog", v.slowlog(), finding.Count)
		v.window(s)
		lacksAny(s, v.Server.Nodes, func(n *snapshot.Node) snapshot.Fact[int64] { return n.SlowlogLen })
	})
}

func plus(a, b any) any {
	x, ok1 := a.(int64)
	y, ok2 := b.(int64)
	if !ok1 || !ok2 {
		return nil
	}
	return x + y
}

// slowlog is how many entries the slow logs hold; nil where one was refused.
func (v view) slowlog() any {
	var total int64
	for i := range v.Server.Nodes {
		n, ok := v.Server.Nodes[i].SlowlogLen.Get()
		if !ok {
			return nil
		}
		total += n
	}
	return total
}

// Window is what happened between two samples, as rates; empty where there are none.
func Window(e *evidence.Evidence) []finding.Evidence {
	s := Section{source: "INFO"}
	view{e}.window(&s)
	return s.Values
}

// window is what happened between two samples: the rates of now.
func (v view) window(s *Section) {
	w := v.Window
	if w == nil || w.Elapsed <= 0 {
		return
	}
	d := &w.Total
	rate := func(name string, growth snapshot.Opt[int64], unit string) {
		if r, ok := snapshot.Rate(growth, w.Elapsed); ok {
			s.add(name, r, unit)
		}
	}
	s.add("window_s", w.Elapsed.Duration().Seconds(), "s")
	rate("window_ops_per_s", d.Commands, "")
	hits, misses := value(d.Hits), value(d.Misses)
	s.add("window_lookups", plus(hits, misses), finding.Count)
	s.add("window_hit_rate", share(hits, plus(hits, misses)), "ratio")
	rate("window_in_bytes_per_s", d.NetInput, "bytes")
	rate("window_out_bytes_per_s", d.NetOutput, "bytes")
	rate("window_expired_per_s", d.Expired, "")
	rate("window_evicted_per_s", d.Evicted, "")
}

func (v view) latency() Section {
	s := Section{Name: Latency, source: v.Pings.Source}
	ms := func(m snapshot.Millis) float64 { return float64(m.Duration()) / float64(time.Millisecond) }
	if p, ok := v.Pings.Get(); ok {
		s.add("ping_p50_ms", ms(p.P50), "ms")
		s.add("ping_p99_ms", ms(p.P99), "ms")
		s.add("ping_max_ms", ms(p.Max), "ms")
		s.add("rounds", p.Rounds, finding.Count)
	}
	lacks(&s, v.Pings)
	t, told, watched := Table{Name: "events"}, true, false
	for i := range v.Server.Nodes {
		n := &v.Server.Nodes[i]
		events, ok := n.Latency.Get()
		told = told && ok
		watched = watched || n.Setting(snapshot.LatencyThreshold).Value != "0"
		for _, e := range events {
			t.Rows = append(t.Rows, row(cell("addr", v.nodeName(i), ""), cell("event", e.Name, ""),
				cell("latest_ms", ms(e.Latest), "ms"), cell("max_ms", ms(e.Max), "ms"), cell("age_s", v.age(e.Time), "s")))
		}
	}
	switch {
	case len(t.Rows) > 0:
		s.Tables = []Table{t}
	case told && watched:
		s.add("spikes", int64(0), finding.Count)
	case told:
		s.add("spikes_unwatched", true, "")
	}
	lacksAny(&s, v.Server.Nodes, func(n *snapshot.Node) snapshot.Fact[[]snapshot.LatencyEvent] { return n.Latency })
	return s
}

// age is how long before the look a Unix time was.
func (v view) age(at int64) float64 { return float64(max(v.Taken.Unix()-at, 0)) }

// nodeName is a node's address where there are several.
func (v view) nodeName(i int) any {
	if len(v.Server.Nodes) < 2 {
		return nil
	}
	return v.Server.Nodes[i].Addr
}

package vitals

import (
	"cmp"
	"maps"
	"slices"
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
	s := Section{Source: "INFO"}
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
	s := Section{Name: Latency, Status: v.Pings.Status, Source: v.Pings.Source, Reply: string(v.Pings.Reply)}
	ms := func(m snapshot.Millis) float64 { return float64(m.Duration()) / float64(time.Millisecond) }
	if p, ok := v.Pings.Get(); ok {
		s.add("ping_p50_ms", ms(p.P50), "ms")
		s.add("ping_p99_ms", ms(p.P99), "ms")
		s.add("ping_max_ms", ms(p.Max), "ms")
		s.add("rounds", p.Rounds, finding.Count)
	}
	t := Table{Name: "events"}
	for i := range v.Server.Nodes {
		events, _ := v.Server.Nodes[i].Latency.Get()
		for _, e := range events {
			t.Rows = append(t.Rows, row(cell("addr", v.nodeName(i), ""), cell("event", e.Name, ""),
				cell("latest_ms", ms(e.Latest), "ms"), cell("max_ms", ms(e.Max), "ms"), cell("unix_s", e.Time, "")))
		}
	}
	if len(t.Rows) > 0 {
		s.Tables = []Table{t}
	}
	return s
}

// nodeName is a node's address where there are several.
func (v view) nodeName(i int) any {
	if len(v.Server.Nodes) < 2 {
		return nil
	}
	return v.Server.Nodes[i].Addr
}

func (v view) keyspace() Section {
	return v.fromInfo(Keyspace, func(s *Section, all []*snapshot.Info) {
		databases := map[int]database{}
		var total database
		for _, i := range all {
			for db, k := range i.Keyspace {
				one := databaseOf(k)
				databases[db] = databases[db].plus(one)
				total = total.plus(one)
			}
		}
		s.add("keys", total.keys, finding.Count)
		s.add("keys_with_ttl", total.expires, finding.Count)
		t := Table{Name: "databases"}
		for _, db := range slices.Sorted(maps.Keys(databases)) {
			d := databases[db]
			t.Rows = append(t.Rows, row(cell("db", int64(db), ""), cell("keys", d.keys, finding.Count),
				cell("keys_with_ttl", d.expires, finding.Count), cell("ttl_share", share(d.expires, d.keys), "ratio"),
				cell("avg_ttl_ms", d.meanTTL(), "ms")))
		}
		if len(t.Rows) > 0 {
			s.Tables = []Table{t}
		}
	})
}

// database is one database over all nodes.
type database struct {
	keys, expires int64
	ttl, weight   float64 // ms of all keys whose TTL the expire cycle has sampled, and how many they are
}

func databaseOf(k snapshot.Keyspace) database {
	d := database{keys: k.Keys.Or(0), expires: k.Expires.Or(0)}
	if mean := k.AvgTTL.Or(0); mean > 0 { // 0: not sampled yet
		d.weight = float64(d.expires)
		d.ttl = float64(mean) * d.weight
	}
	return d
}

func (d database) plus(o database) database {
	return database{d.keys + o.keys, d.expires + o.expires, d.ttl + o.ttl, d.weight + o.weight}
}

// meanTTL is in milliseconds; nil where nothing was sampled.
func (d database) meanTTL() any {
	if d.weight == 0 {
		return nil
	}
	return d.ttl / d.weight
}

func (v view) errors() Section {
	return v.fromInfo(Errors, func(s *Section, all []*snapshot.Info) {
		counts := map[string]int64{}
		var total int64
		for _, i := range all {
			for name, n := range i.Errors {
				counts[string(name)] += n
				total += n
			}
		}
		s.add("errors", total, finding.Count)
		t := Table{Name: "errors"}
		for _, name := range byCount(counts) {
			t.Rows = append(t.Rows, row(cell("error", name, ""), cell("count", counts[name], finding.Count)))
		}
		if len(t.Rows) > 0 {
			s.Tables = []Table{t}
		}
	})
}

// byCount orders names by their counts, the highest first, then by name.
func byCount(counts map[string]int64) []string {
	return slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
}

func (v view) commands() Section {
	return v.fromInfo(Commands, func(s *Section, all []*snapshot.Info) {
		calls, usec, failed := map[string]int64{}, map[string]int64{}, map[string]int64{}
		var busy int64
		for _, i := range all {
			for name, c := range i.Commands {
				calls[string(name)] += c.Calls.Or(0)
				usec[string(name)] += c.Usec.Or(0)
				failed[string(name)] += c.Failed.Or(0) + c.Rejected.Or(0)
				busy += c.Usec.Or(0)
			}
		}
		t := Table{Name: "commands"}
		for _, name := range byCount(calls) {
			mean := any(nil)
			if calls[name] > 0 {
				mean = float64(usec[name]) / float64(calls[name]) / 1000
			}
			t.Rows = append(t.Rows, row(cell("command", name, ""), cell("calls", calls[name], finding.Count), cell("mean_ms", mean, "ms"),
				cell("time_share", share(usec[name], busy), "ratio"), cell("failed", failed[name], finding.Count)))
		}
		if len(t.Rows) > 0 {
			s.Tables = []Table{t}
		}
	})
}

package findings

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
)

// spikes sorts the events of the latency monitor by what is behind them. LATENCY DOCTOR has no advice for several of them,
// and looks for «eviction-del», which the server has called «evict-del» for years (Redis 7, createLatencyReport, db.c).
var spikes = []struct {
	id     string
	events []string
}{
	{"latency-event-fork", []string{"fork"}},
	{"latency-event-command", []string{"command"}},
	{"latency-event-fast-command", []string{"fast-command"}},
	{"latency-event-aof", []string{
		"aof-write-pending-fsync", "aof-write-active-child", "aof-write-alone", "aof-write", "aof-fsync-always", "aof-fstat",
		"aof-rewrite-diff-write", "aof-rename", "aof-rewrite-done-fsync",
	}},
	{"latency-event-rdb", []string{"rdb-unlink-temp-file"}},
	{"latency-event-expire", []string{"expire-cycle", "expire-del"}},
	{"latency-event-eviction", []string{"eviction-cycle", "eviction-del", "evict-del", "eviction-lazyfree"}},
	{"latency-event-defrag", []string{"active-defrag-cycle"}},
}

// otherSpike is an event that no row knows: newer servers, modules.
const otherSpike = "latency-event-other"

var spikeIDs = []string{
	"latency-event-fork", "latency-event-command", "latency-event-fast-command", "latency-event-aof", "latency-event-rdb",
	"latency-event-expire", "latency-event-eviction", "latency-event-defrag", otherSpike,
}

func spikeID(event string) string {
	for _, s := range spikes {
		for _, name := range s.events {
			if name == event {
				return s.id
			}
		}
	}
	return otherSpike
}

// judgeSpikes: there are events only where the monitor is on (latency-monitor-threshold, 0 by default), above a threshold
// that the operator chose; each recent one is worth its name. A threshold of a millisecond is for looking closely: what no
// client notices is no warning.
func judgeSpikes(v *view) outcome {
	var joined outcome
	for i := range v.nodes() {
		n := &v.nodes()[i]
		events, ok := n.Latency.Get()
		if !ok {
			joined = joined.and(skipFact(n.Latency, spikeIDs...))
			continue
		}
		events = slices.SortedStableFunc(slices.Values(events), func(a, b snapshot.LatencyEvent) int { return cmp.Compare(b.Max, a.Max) })
		for _, e := range events {
			if v.nowOf(n)-e.Time > int64(recent/time.Second) {
				continue
			}
			id := spikeID(e.Name)
			severity := warning
			if id == otherSpike || e.Max.Duration() < slow {
				severity = info
			}
			joined = joined.and(v.on(n, id, severity, append(v.spikeEvidence(&e), behind(n, id, &e)...)...))
		}
	}
	return joined.worstOfEach()
}

func (v *view) spikeEvidence(e *snapshot.LatencyEvent) []finding.Evidence {
	const source = "LATENCY LATEST"
	return []finding.Evidence{
		ev("event", strings.ToLower(e.Name), source), evUnit("max_ms", float64(e.Max.Duration().Microseconds())/1000, "ms", source),
		evUnit("took_ms", float64(e.Latest.Duration().Microseconds())/1000, "ms", source),
		evUnit("ago_s", float64(max(v.Server.Time.Unix()-e.Time, 0)), "s", source),
	}
}

// behind is evidence of what an event came from: the command that the slow log has for that second, the setting of the log.
func behind(n *snapshot.Node, id string, e *snapshot.LatencyEvent) []finding.Evidence {
	switch id {
	case "latency-event-command", "latency-event-fast-command":
		entries, _ := n.Slowlog.Get()
		for k := range entries {
			s := &entries[k]
			if len(s.Args) == 0 || s.Time < e.Time-1 || s.Time > e.Time+1 || s.Took.Duration() < e.Latest.Duration()*9/10 {
				continue
			}
			seen := []finding.Evidence{ev("slow_command", strings.ToUpper(string(s.Args[0])), "SLOWLOG GET")}
			if key := s.Key(); key != "" && !isServersOwn(string(s.Args[0])) {
				seen = append(seen, ev("key", string(key), "SLOWLOG GET"))
			}
			return seen
		}
	case "latency-event-aof":
		if f := n.Setting("appendfsync"); f.Known() {
			return []finding.Evidence{ev("appendfsync", string(f.Value), f.Source)}
		}
	}
	return nil
}

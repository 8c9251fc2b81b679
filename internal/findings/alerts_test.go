package findings_test

import (
	"testing"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/evidence"
	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/findings"
)

// pings are so many round trips, in milliseconds.
func pings(rounds int64, p50, p90, p99, most float64) snapshot.Fact[snapshot.PingTimes] {
	ms := func(v float64) snapshot.Millis { return snapshot.Millis(time.Duration(v * float64(time.Millisecond))) }
	return known("PING", snapshot.PingTimes{Rounds: rounds, P50: ms(p50), P90: ms(p90), P99: ms(p99), Max: ms(most)})
}

// TestAlerts: each of the four is fine, goes off, and says why it could not be judged; thresholds are the operator's.
func TestAlerts(t *testing.T) {
	t.Parallel()
	const ok, warning, critical, unknown = finding.Info, finding.Warning, finding.Critical, finding.Unknown
	hits := func(e *evidence.Evidence, hits, misses int64) {
		e.Window = &snapshot.Window{Elapsed: snapshot.Millis(time.Second), Total: snapshot.Delta{
			Hits: snapshot.Some(hits), Misses: snapshot.Some(misses),
		}}
	}
	refuse := func(e *evidence.Evidence) {
		e.Server.Nodes[0].Info = refused[snapshot.Info]("INFO everything", "NOPERM no INFO for you")
	}
	for _, c := range []struct {
		name   string
		id     string
		info   []string // lines of INFO that are other than healthy
		change func(*evidence.Evidence)
		state  finding.Severity
		value  any
		limit  any
		reason string
	}{
		{name: "half full", id: "memory-high", info: []string{"used_memory:50", "maxmemory:100"}, state: ok, value: 0.5, limit: 0.8},
		{name: "at the threshold", id: "memory-high", info: []string{"used_memory:80", "maxmemory:100"}, state: ok, value: 0.8, limit: 0.8},
		{name: "above", id: "memory-high", info: []string{"used_memory:81", "maxmemory:100"}, state: warning, value: 0.81, limit: 0.8},
		{
			name: "full and nothing is evicted", id: "memory-high",
			info: []string{"used_memory:96", "maxmemory:100", "maxmemory_policy:noeviction"}, state: critical, value: 0.96, limit: 0.8,
		},
		{
			name: "full and a cache", id: "memory-high",
			info: []string{"used_memory:96", "maxmemory:100", "maxmemory_policy:allkeys-lru"}, state: warning, value: 0.96, limit: 0.8,
		},
		{name: "no limit", id: "memory-high", info: []string{"maxmemory:0"}, state: ok, limit: 0.8},
		{
			name: "a threshold of one's own", id: "memory-high", info: []string{"used_memory:50", "maxmemory:100"},
			change: func(e *evidence.Evidence) { e.Settings.AlertMemory = 0.4 }, state: warning, value: 0.5, limit: 0.4,
		},
		{name: "refused", id: "memory-high", change: refuse, state: unknown, limit: 0.8, reason: "refused"},
		{
			name: "not told", id: "memory-high", change: func(e *evidence.Evidence) {
				e.Server.Nodes[0].Info.Value.Memory.Max, e.Server.Nodes[0].Config = snapshot.Opt[int64]{}, refused[snapshot.Config]("CONFIG GET", "no")
			}, state: unknown, limit: 0.8, reason: "unsupported",
		},
		{
			name: "the fullest node counts", id: "memory-high", info: []string{"used_memory:10", "maxmemory:100"},
			change: func(e *evidence.Evidence) {
				e.Server.Nodes = append(e.Server.Nodes, node("127.0.0.1:6380", infoWith("used_memory:90", "maxmemory:100")))
			}, state: warning, value: 0.9, limit: 0.8,
		},
		{
			name: "a node is down", id: "memory-high", info: []string{"used_memory:10", "maxmemory:100"},
			change: func(e *evidence.Evidence) {
				e.Server.Nodes = append(e.Server.Nodes, snapshot.Node{Addr: "127.0.0.1:6380", Info: snapshot.Fact[snapshot.Info]{
					Status: snapshot.Failed, Source: "INFO everything", Cause: "server-cluster-unreachable",
				}})
			}, state: unknown, value: 0.1, limit: 0.8, reason: "unreachable",
		},

		{name: "few", id: "clients-high", info: []string{"connected_clients:1000"}, state: ok, value: int64(1000), limit: 1000},
		{name: "many", id: "clients-high", info: []string{"connected_clients:1001"}, state: warning, value: int64(1001), limit: 1000},
		{
			name: "nearly all there is room for", id: "clients-high", info: []string{"connected_clients:81", "maxclients:100"},
			state: warning, value: int64(81), limit: 1000,
		},
		{
			name: "a threshold of one's own", id: "clients-high", info: []string{"connected_clients:13"},
			change: func(e *evidence.Evidence) { e.Settings.AlertClients = 12 }, state: warning, value: int64(13), limit: 12,
		},
		{name: "refused", id: "clients-high", change: refuse, state: unknown, limit: 1000, reason: "refused"},

		{
			name: "good", id: "cache-hit-rate-low", change: func(e *evidence.Evidence) { hits(e, 7000, 3000) },
			state: ok, value: 0.7, limit: 0.7,
		},
		{
			name: "bad", id: "cache-hit-rate-low", change: func(e *evidence.Evidence) { hits(e, 6000, 4000) },
			state: warning, value: 0.6, limit: 0.7,
		},
		{
			name: "a threshold of one's own", id: "cache-hit-rate-low", change: func(e *evidence.Evidence) {
				hits(e, 6000, 4000)
				e.Settings.AlertHitRate = 0.5
			}, state: ok, value: 0.6, limit: 0.5,
		},
		{
			name: "bad since the start", id: "cache-hit-rate-low", info: []string{"keyspace_hits:500", "keyspace_misses:1500"},
			state: warning, value: 0.25, limit: 0.7,
		},
		{
			name: "too few", id: "cache-hit-rate-low", info: []string{"keyspace_hits:10", "keyspace_misses:30"},
			state: unknown, value: 0.25, limit: 0.7, reason: "too-little-data",
		},
		{
			name: "none", id: "cache-hit-rate-low", info: []string{"keyspace_hits:0", "keyspace_misses:0"},
			state: unknown, limit: 0.7, reason: "too-little-data",
		},
		{name: "refused", id: "cache-hit-rate-low", change: refuse, state: unknown, limit: 0.7, reason: "refused"},

		{
			name: "fast", id: "latency-high", change: func(e *evidence.Evidence) { e.Pings = pings(50, 0.1, 0.2, 99, 99.5) },
			state: ok, value: 99.0, limit: 100.0,
		},
		{
			name: "slow", id: "latency-high", change: func(e *evidence.Evidence) { e.Pings = pings(100, 40, 90, 150, 160) },
			state: warning, value: 150.0, limit: 100.0,
		},
		{
			name: "slow through and through", id: "latency-high", change: func(e *evidence.Evidence) { e.Pings = pings(20, 140, 145, 150, 160) },
			state: warning, value: 150.0, limit: 100.0,
		},
		{
			name: "one slow answer of few", id: "latency-high", change: func(e *evidence.Evidence) { e.Pings = pings(50, 0.1, 0.2, 150, 150) },
			state: unknown, value: 150.0, limit: 100.0, reason: "too-little-data",
		},
		{
			name: "a threshold of one's own", id: "latency-high", change: func(e *evidence.Evidence) {
				e.Pings = pings(100, 0.5, 0.6, 2, 3)
				e.Settings.AlertP99 = 1500 * time.Microsecond
			}, state: warning, value: 2.0, limit: 1.5,
		},
		{
			name: "refused", id: "latency-high", change: func(e *evidence.Evidence) {
				e.Pings = refused[snapshot.PingTimes]("PING", "NOPERM no PING for you")
			}, state: unknown, limit: 100.0, reason: "refused",
		},
		{
			name: "broken off", id: "latency-high", change: func(e *evidence.Evidence) {
				e.Pings = snapshot.Fact[snapshot.PingTimes]{Status: snapshot.Failed, Source: "PING", Cause: "tcp-closed"}
			}, state: unknown, limit: 100.0, reason: "unreachable",
		},
	} {
		t.Run(c.id+"/"+c.name, func(t *testing.T) {
			t.Parallel()
			e := healthy(t, c.info...)
			if c.change != nil {
				c.change(e)
			}
			e.Server.Totals = snapshot.Sum(e.Server.Nodes)
			all := findings.Alerts(e)
			if len(all) != 4 {
				t.Fatalf("%d alerts", len(all))
			}
			for _, a := range all {
				if a.ID != c.id {
					continue
				}
				if a.State != c.state || a.Value.Value != c.value || a.Threshold.Value != c.limit || a.Reason != c.reason {
					t.Errorf("state %v, value %v (%T), threshold %v (%T), reason %q, want %v, %v, %v, %q", a.State, a.Value.Value, a.Value.Value,
						a.Threshold.Value, a.Threshold.Value, a.Reason, c.state, c.value, c.limit, c.reason)
				}
				if (len(a.Seen) > 0) != (c.state >= warning) {
					t.Errorf("the evidence of what goes off: %v", a.Seen)
				}
				if judged := findings.Judge(e); has(judged, c.id) != (c.state >= warning) {
					t.Error("doctor judges otherwise")
				}
			}
		})
	}
}

// has tells whether a verdict holds a finding.
func has(v findings.Verdict, id string) bool {
	for _, f := range v.Findings {
		if f.ID == id {
			return true
		}
	}
	return false
}

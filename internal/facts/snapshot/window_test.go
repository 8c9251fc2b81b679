package snapshot

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// sampleOf is one node's sample at a second after the start.
func sampleOf(addr, run string, second int, uptime, hits int64) NodeSample {
	info := Info{Server: ServerInfo{RunID: Text(run), UptimeSeconds: Some(uptime)}, Stats: StatsInfo{Hits: Some(hits)}}
	return NodeSample{Addr: addr, Time: time.Unix(int64(second), 0), Info: Fact[Info]{Status: OK, Value: info}}
}

// TestBetween tells apart all that may have happened to a node.
func TestBetween(t *testing.T) {
	t.Parallel()
	denied := NodeSample{Addr: "a", Time: time.Unix(5, 0), Info: Fact[Info]{Status: Denied, Cause: "auth-no-permission"}}
	silent := sampleOf("a", "x", 5, 15, 0) // a server that keeps its counters to itself
	silent.Info.Value.Stats = StatsInfo{}
	five := Millis(5 * time.Second)
	for _, tc := range []struct {
		name          string
		before, after []NodeSample
		nodes         []NodeWindow
		total         Opt[int64]
	}{
		{
			"growth",
			[]NodeSample{sampleOf("a", "x", 0, 10, 1)},
			[]NodeSample{sampleOf("a", "x", 5, 15, 8)},
			[]NodeWindow{{Addr: "a", Elapsed: five, Delta: Delta{Hits: Some[int64](7)}}},
			Some[int64](7),
		},
		{
			"another run",
			[]NodeSample{sampleOf("a", "x", 0, 10, 1)},
			[]NodeSample{sampleOf("a", "y", 5, 15, 8)},
			[]NodeWindow{{Addr: "a", Elapsed: five, Change: Restarted}},
			Opt[int64]{},
		},
		{
			"a shorter uptime, without run ids",
			[]NodeSample{sampleOf("a", "", 0, 10, 1)},
			[]NodeSample{sampleOf("a", "", 5, 2, 8)},
			[]NodeWindow{{Addr: "a", Elapsed: five, Change: Restarted}},
			Opt[int64]{},
		},
		{
			"counters that went down",
			[]NodeSample{sampleOf("a", "x", 0, 10, 9)},
			[]NodeSample{sampleOf("a", "x", 5, 15, 8)},
			[]NodeWindow{{Addr: "a", Elapsed: five, Change: StatsReset}},
			Opt[int64]{},
		},
		{
			"a refused sample",
			[]NodeSample{sampleOf("a", "x", 0, 10, 9)},
			[]NodeSample{denied},
			[]NodeWindow{{Addr: "a", Elapsed: five, Change: Unread, Fault: denied.Info}},
			Opt[int64]{},
		},
		{
			"no counters",
			[]NodeSample{sampleOf("a", "x", 0, 10, 9)},
			[]NodeSample{silent},
			[]NodeWindow{{Addr: "a", Elapsed: five}},
			Opt[int64]{},
		},
		{
			"a failover",
			[]NodeSample{sampleOf("a", "x", 0, 10, 1), sampleOf("b", "z", 0, 10, 1)},
			[]NodeSample{sampleOf("a", "x", 5, 15, 4), sampleOf("c", "w", 5, 15, 8)},
			[]NodeWindow{
				{Addr: "a", Elapsed: five, Delta: Delta{Hits: Some[int64](3)}},
				{Addr: "b", Change: Gone},
				{Addr: "c", Change: Appeared},
			},
			Some[int64](3),
		},
	} {
		w := Between(Sample{tc.before}, Sample{tc.after})
		if diff := cmp.Diff(tc.nodes, w.Nodes); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.name, diff)
		}
		if !cmp.Equal(tc.total, w.Total.Hits) {
			t.Errorf("%s: total %+v, want %+v", tc.name, w.Total.Hits, tc.total)
		}
	}
}

// TestSum leaves unknown what one node does not say, and counts those that could not be asked.
func TestSum(t *testing.T) {
	t.Parallel()
	node := func(info Info) Node { return Node{Info: Fact[Info]{Status: OK, Value: info}} }
	a := node(Info{
		Memory: MemoryInfo{Used: Some[int64](1), Max: Some[int64](0)}, Errors: TextMap[int64]{"OOM": 1},
		Keyspace: map[int]Keyspace{0: {Keys: Some[int64](3), Expires: Some[int64](1)}},
	})
	b := node(Info{
		Memory: MemoryInfo{Used: Some[int64](2)}, Errors: TextMap[int64]{"OOM": 2},
		Keyspace: map[int]Keyspace{0: {Keys: Some[int64](4)}, 5: {Keys: Some[int64](1)}},
	})
	want := Totals{
		Nodes: 2, Missing: 1, Unlimited: 1, Used: Some[int64](3), Keys: 8, Expires: 1, Errors: TextMap[int64]{"OOM": 3},
		Databases: map[int]Keyspace{
			0: {Keys: Some[int64](7), Expires: Some[int64](1)}, 5: {Keys: Some[int64](1), Expires: Some[int64](0)},
		},
	}
	if diff := cmp.Diff(want, Sum([]Node{a, {}, b})); diff != "" {
		t.Errorf("sum (-want +got):\n%s", diff)
	}
}

package vitals_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/olympiades-ia/olymp-cache/internal/evidence"
	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/vitals"
)

// noon is when the evidence of these tests was taken, by the servers' clocks too.
var noon = time.Unix(1_800_000_000, 0)

// plain is INFO of a server that has run for a day, as far as these tests look at it.
const plain = "redis_version:7.0.15\nredis_mode:standalone\nuptime_in_seconds:86400\nserver_time_usec:1800000000000000\n" +
	"connected_clients:3\nmaxclients:100\nblocked_clients:1\nused_memory:40\nused_memory_rss:60\nused_memory_peak:50\nmaxmemory:100\n" +
	"maxmemory_policy:allkeys-lru\nmem_fragmentation_ratio:1.50\nloading:0\nrdb_changes_since_last_save:7\nrdb_bgsave_in_progress:0\n" +
	"rdb_last_save_time:1799999900\nrdb_last_bgsave_status:ok\nrdb_last_bgsave_time_sec:2\naof_enabled:1\naof_last_write_status:ok\n" +
	"aof_current_size:1000\ntotal_commands_processed:5000\ninstantaneous_ops_per_sec:12\nkeyspace_hits:300\nkeyspace_misses:100\n" +
	"total_net_input_bytes:111\ntotal_net_output_bytes:222\nexpired_keys:5\nevicted_keys:6\nrejected_connections:2\n" +
	"latest_fork_usec:1500\ntotal_error_replies:3\nrole:master\nconnected_slaves:1\nmaster_repl_offset:1000\n" +
	"slave0:ip=10.0.0.2,port=6380,state=online,offset=900,lag=1\nerrorstat_ERR:count=2\nerrorstat_OOM:count=1\n" +
	"cmdstat_get:calls=100,usec=2000,usec_per_call=20,rejected_calls=1,failed_calls=2\n" +
	"cmdstat_set:calls=50,usec=6000,usec_per_call=120,rejected_calls=0,failed_calls=0\n" +
	"db0:keys=10,expires=4,avg_ttl=5000\n"

func known[T any](source string, v T) snapshot.Fact[T] {
	return snapshot.Fact[T]{Status: snapshot.OK, Source: source, Value: v}
}

// node is a server that answers everything; lines replace those of plain, and are added where there are none.
func node(addr string, lines ...string) snapshot.Node {
	text := plain
	for _, line := range lines {
		name, _, _ := strings.Cut(line, ":")
		before, rest, found := strings.Cut("\n"+text, "\n"+name+":")
		if found {
			_, rest, _ = strings.Cut(rest, "\n")
		}
		text = strings.TrimPrefix(before+"\n"+line+"\n"+rest, "\n")
	}
	return snapshot.Node{
		Addr: addr, Info: known("INFO everything", snapshot.ParseInfo(text)), Keys: known("DBSIZE", int64(10)),
		SlowlogLen: known("SLOWLOG LEN", int64(4)), Clients: known("CLIENT LIST", snapshot.ClientList{}),
		Latency: known("LATENCY LATEST", []snapshot.LatencyEvent{}),
		Config: known("CONFIG GET", snapshot.Config{Values: map[string]snapshot.Text{
			"save": "3600 1", snapshot.LatencyThreshold: "100", "maxclients": "100",
		}}),
	}
}

func of(nodes ...snapshot.Node) *evidence.Evidence {
	return &evidence.Evidence{
		Taken: noon, Server: &snapshot.Snapshot{Mode: "standalone", Nodes: nodes, Totals: snapshot.Sum(nodes)},
		Pings: known("PING", snapshot.PingTimes{
			Rounds: 50, P50: snapshot.Millis(time.Millisecond), P99: snapshot.Millis(2 * time.Millisecond),
			Max: snapshot.Millis(3 * time.Millisecond),
		}),
	}
}

// told is a section as «name=value» words, tables as «table.row.name=value», refusals as «?question».
func told(e *evidence.Evidence, name string) []string {
	all := []string{}
	for _, s := range vitals.Of(e) {
		if s.Name != name {
			continue
		}
		for _, v := range s.Values {
			all = append(all, fmt.Sprintf("%s=%v", v.Name, v.Value))
		}
		for _, t := range s.Tables {
			for k, row := range t.Rows {
				for _, c := range row {
					all = append(all, fmt.Sprintf("%s.%d.%s=%v", t.Name, k, c.Name, c.Value))
				}
			}
		}
		for _, r := range s.Refused {
			all = append(all, "?"+r.Source)
		}
	}
	return all
}

func words(s string) []string { return strings.Fields(s) }

// TestSections has one server, every section of it.
func TestSections(t *testing.T) {
	t.Parallel()
	e := of(node("10.0.0.1:6379"))
	e.Server.Nodes[0].Latency.Value = []snapshot.LatencyEvent{{
		Name: "command", Time: noon.Unix() - 60, Latest: snapshot.Millis(20 * time.Millisecond), Max: snapshot.Millis(30 * time.Millisecond),
	}}
	e.Window = &snapshot.Window{Elapsed: snapshot.Millis(2 * time.Second), Total: snapshot.Delta{
		Commands: snapshot.Some[int64](
			200,
		), Hits: snapshot.Some[int64](30), Misses: snapshot.Some[int64](10), Expired: snapshot.Some[int64](4),
		NetInput: snapshot.Some[int64](1000), NetOutput: snapshot.Some[int64](3000),
	}}
	for name, want := range map[string]string{
		vitals.Server:  "product=redis version=7.0.15 mode=standalone role=primary uptime_s=86400",
		vitals.Memory:  "used_bytes=40 limit_bytes=100 used_share=0.4 peak_bytes=50 rss_bytes=60 fragmentation=1.5 policy=allkeys-lru evicted=6",
		vitals.Clients: "clients=3 maxclients=100 clients_share=0.03 blocked=1 rejected=2 idle=0",
		vitals.Stats: "ops_per_s=12 commands=5000 hits=300 misses=100 hit_rate=0.75 in_bytes=111 out_bytes=222 expired=5 evicted=6 slowlog=4 " +
			"window_s=2 window_ops_per_s=100 window_lookups=40 window_hit_rate=0.75 window_in_bytes_per_s=500 window_out_bytes_per_s=1500 " +
			"window_expired_per_s=2", // evicted keys are not told, so there is no rate of them
		vitals.Latency: "ping_p50_ms=1 ping_p99_ms=2 ping_max_ms=3 rounds=50 " +
			"events.0.event=command events.0.latest_ms=20 events.0.max_ms=30 events.0.age_s=60",
		vitals.Persistence: "aof=true aof_status=ok aof_bytes=1000 rdb=true rdb_status=ok rdb_age_s=100 rdb_changes=7 fork_ms=1.5",
		vitals.Replication: "role=primary replicas=1 links.0.addr=10.0.0.2:6380 links.0.state=online links.0.lag_s=1 links.0.behind_bytes=100",
		vitals.Keyspace: "keys=10 keys_with_ttl=4 databases.0.db=0 databases.0.keys=10 databases.0.keys_with_ttl=4 databases.0.ttl_share=0.4 " +
			"databases.0.avg_ttl_ms=5000",
		vitals.Errors: "total=3 errors.0.error=ERR errors.0.count=2 errors.1.error=OOM errors.1.count=1",
		vitals.Commands: "commands.0.command=get commands.0.calls=100 commands.0.mean_ms=0.02 commands.0.time_share=0.25 commands.0.failed=3 " +
			"commands.1.command=set commands.1.calls=50 commands.1.mean_ms=0.12 commands.1.time_share=0.75 commands.1.failed=0",
	} {
		if diff := cmp.Diff(words(want), told(e, name)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestSectionsNames: a document has one place for a name, and each section is one of those that can be asked for.
func TestSectionsNames(t *testing.T) {
	t.Parallel()
	e := of(node("10.0.0.1:6379"), node("10.0.0.2:6379"))
	e.Server.Nodes[0].Latency.Value = []snapshot.LatencyEvent{{Name: "command"}}
	for _, one := range []*evidence.Evidence{of(node("10.0.0.1:6379")), e} {
		for _, s := range vitals.Of(one) {
			seen := map[string]bool{}
			for _, v := range s.Values {
				if seen[v.Name] {
					t.Errorf("%s has two values %s", s.Name, v.Name)
				}
				seen[v.Name] = true
			}
			for _, table := range s.Tables {
				if seen[table.Name] {
					t.Errorf("%s has two things called %s", s.Name, table.Name)
				}
				seen[table.Name] = true
			}
			if !slices.Contains(vitals.Names(), s.Name) {
				t.Errorf("%s is not among the names", s.Name)
			}
		}
	}
}

// TestPeculiar has what is not as plain.
func TestPeculiar(t *testing.T) {
	t.Parallel()
	bare := func(text string) snapshot.Node {
		return snapshot.Node{Addr: "h:1", Info: known("INFO", snapshot.ParseInfo(text))}
	}
	idle := func(seconds, sub int64, flags string) snapshot.Client {
		return snapshot.Client{Idle: snapshot.Some(seconds), Sub: snapshot.Some(sub), Flags: flags}
	}
	for _, c := range []struct {
		name    string
		section string
		nodes   []snapshot.Node
		change  func(*evidence.Evidence)
		want    string
	}{
		{
			name: "no limit", section: vitals.Memory, nodes: []snapshot.Node{bare("used_memory:5\nmaxmemory:0")},
			want: "used_bytes=5 unlimited=true",
		},
		{name: "a limit that is not told", section: vitals.Memory, nodes: []snapshot.Node{bare("used_memory:5")}, want: "used_bytes=5"},
		{name: "nothing of it", section: vitals.Memory, nodes: []snapshot.Node{bare("redis_version:9")}, want: "?INFO"},
		{
			name: "the idle", section: vitals.Clients, nodes: []snapshot.Node{node("h:1")}, change: func(e *evidence.Evidence) {
				e.Server.Nodes[0].Clients.Value = snapshot.ClientList{Total: 8, Listed: []snapshot.Client{
					idle(299, 0, "N"), idle(300, 0, "N"), idle(9999, 0, "N"), idle(9999, 1, "N"), // one listens to a channel
					idle(9999, 0, "b"), idle(9999, 0, "S"), idle(9999, 0, "O"), idle(9999, 0, "M"),
				}}
			}, want: "clients=3 maxclients=100 clients_share=0.03 blocked=1 rejected=2 idle=2",
		},
		{
			name: "too many to list", section: vitals.Clients, nodes: []snapshot.Node{node("h:1")}, change: func(e *evidence.Evidence) {
				e.Server.Nodes[0].Clients.Value = snapshot.ClientList{Total: 2, Listed: []snapshot.Client{idle(9999, 0, "N")}}
			}, want: "clients=3 maxclients=100 clients_share=0.03 blocked=1 rejected=2",
		},
		{
			name: "a list that is refused", section: vitals.Clients, nodes: []snapshot.Node{node("h:1")}, change: func(e *evidence.Evidence) {
				e.Server.Nodes[0].Clients = snapshot.Fact[snapshot.ClientList]{Status: snapshot.Denied, Source: "CLIENT LIST", Reply: "NOPERM"}
			}, want: "clients=3 maxclients=100 clients_share=0.03 blocked=1 rejected=2 ?CLIENT LIST",
		},
		{
			name: "before Redis 7.0 CONFIG knows the limit", section: vitals.Clients, nodes: []snapshot.Node{node("h:1", "maxclients:-")},
			want: "clients=3 maxclients=100 clients_share=0.03 blocked=1 rejected=2 idle=0",
		},
		{
			name: "no lookup, no rate", section: vitals.Stats, nodes: []snapshot.Node{bare("keyspace_hits:0\nkeyspace_misses:0")},
			want: "hits=0 misses=0",
		},
		{
			name: "spikes that nobody watches", section: vitals.Latency, nodes: []snapshot.Node{node("h:1")}, change: func(e *evidence.Evidence) {
				e.Server.Nodes[0].Config.Value.Values[snapshot.LatencyThreshold] = "0"
			}, want: "ping_p50_ms=1 ping_p99_ms=2 ping_max_ms=3 rounds=50 spikes_unwatched=true",
		},
		{
			name: "no spikes", section: vitals.Latency, nodes: []snapshot.Node{node("h:1")},
			want: "ping_p50_ms=1 ping_p99_ms=2 ping_max_ms=3 rounds=50 spikes=0",
		},
		{
			name: "never saved", section: vitals.Persistence,
			nodes: []snapshot.Node{
				node("h:1", "rdb_last_save_time:1799913601", "rdb_last_bgsave_time_sec:-1", "aof_enabled:0", "latest_fork_usec:0"),
			},
			want: "aof=false rdb=true rdb_status=ok rdb_never=true rdb_changes=7",
		},
		{
			name: "saved by SAVE, which is no BGSAVE", section: vitals.Persistence,
			nodes: []snapshot.Node{node("h:1", "rdb_last_bgsave_time_sec:-1", "aof_enabled:0", "latest_fork_usec:0")},
			want:  "aof=false rdb=true rdb_status=ok rdb_age_s=100 rdb_changes=7",
		},
		{
			name: "saving is off", section: vitals.Persistence, nodes: []snapshot.Node{node("h:1", "aof_enabled:0", "latest_fork_usec:0")},
			change: func(e *evidence.Evidence) { e.Server.Nodes[0].Config.Value.Values["save"] = "" },
			want:   "aof=false rdb=false rdb_status=ok rdb_age_s=100 rdb_changes=7",
		},
		{
			name: "loading", section: vitals.Persistence,
			nodes: []snapshot.Node{bare("loading:1\nloading_loaded_perc:25.5\nloading_eta_seconds:9")},
			change: func(e *evidence.Evidence) {
				e.Server.Nodes[0].Config = snapshot.Fact[snapshot.Config]{Status: snapshot.Failed, Source: "CONFIG GET"}
			},
			want: "loading=true loading_share=0.255 loading_left_s=9 ?CONFIG GET save",
		},
		{
			name: "a link that is down", section: vitals.Replication,
			nodes: []snapshot.Node{bare("role:slave\nmaster_host:10.0.0.9\nmaster_port:6379\nmaster_link_status:down\n" +
				"master_last_io_seconds_ago:-1\nmaster_link_down_since_seconds:30\nconnected_slaves:0")},
			want: "role=replica replicas=0 primary=10.0.0.9:6379 link=down down_s=30",
		},
		{
			name: "errors before Redis 6.2", section: vitals.Errors, want: "?INFO",
			nodes: []snapshot.Node{bare("redis_version:5.0.14\nkeyspace_hits:1")},
		},
		{name: "no errors", section: vitals.Errors, nodes: []snapshot.Node{bare("total_error_replies:0")}, want: "total=0"},
		{
			name: "no list of databases, but keys", section: vitals.Keyspace, nodes: []snapshot.Node{bare("redis_version:7.0.0")},
			change: func(e *evidence.Evidence) { e.Server.Nodes[0].Keys = known("DBSIZE", int64(3)) },
			want:   "db=0 db_keys=3 ?INFO",
		},
		{
			name: "empty", section: vitals.Keyspace, nodes: []snapshot.Node{bare("redis_version:7.0.0")},
			change: func(e *evidence.Evidence) { e.Server.Nodes[0].Keys = known("DBSIZE", int64(0)) },
			want:   "keys=0 keys_with_ttl=0",
		},
		{
			name: "a TTL that was not sampled", section: vitals.Keyspace,
			nodes: []snapshot.Node{bare("db2:keys=1,expires=1,avg_ttl=0\ndb3:keys=2,expires=0,avg_ttl=-1")},
			want: "keys=3 keys_with_ttl=1 databases.0.db=2 databases.0.keys=1 databases.0.keys_with_ttl=1 databases.0.ttl_share=1 " +
				"databases.1.db=3 databases.1.keys=2 databases.1.keys_with_ttl=0 databases.1.ttl_share=0",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			e := of(c.nodes...)
			if c.change != nil {
				c.change(e)
			}
			got := strings.Join(told(e, c.section), " ")
			if got != c.want {
				t.Errorf("%s:\n got %s\nwant %s", c.section, got, c.want)
			}
		})
	}
}

// TestCluster: what adds up is added up, of what does not the worst is shown, and half a sum is none.
func TestCluster(t *testing.T) {
	t.Parallel()
	e := of(
		node("10.0.0.1:6379", "uptime_in_seconds:500", "rdb_last_bgsave_status:err", "mem_fragmentation_ratio:1.1", "latest_fork_usec:-"),
		node(
			"10.0.0.2:6379",
			"uptime_in_seconds:90",
			"db0:keys=30,expires=12,avg_ttl=1000",
			"aof_enabled:0",
			"evicted_keys:-",
			"rdb_last_save_time:1799999400",
			"maxmemory_policy:noeviction",
			"redis_version:7.0.14",
		),
		snapshot.Node{Addr: "10.0.0.3:6379", Info: snapshot.Fact[snapshot.Info]{
			Status: snapshot.Failed, Source: "INFO everything", Cause: "server-cluster-unreachable",
		}},
	)
	e.Server.Mode = "cluster"
	for name, want := range map[string]string{
		vitals.Server: "product=redis mode=cluster uptime_s=90 nodes=3 silent_nodes=1",
		vitals.Nodes: "nodes.0.addr=10.0.0.1:6379 nodes.0.keys=10 nodes.0.used_bytes=40 nodes.0.limit_bytes=100 nodes.0.clients=3 " +
			"nodes.0.ops_per_s=12 nodes.0.replicas=1 nodes.1.addr=10.0.0.2:6379 nodes.1.keys=30 nodes.1.used_bytes=40 nodes.1.limit_bytes=100 " +
			"nodes.1.clients=3 nodes.1.ops_per_s=12 nodes.1.replicas=1 nodes.2.addr=10.0.0.3:6379 nodes.2.problem=server-cluster-unreachable",
		// One of the two keeps evicted to itself.
		vitals.Memory:      "used_bytes=80 limit_bytes=200 used_share=0.4 peak_bytes=100 rss_bytes=120 fragmentation=1.5",
		vitals.Persistence: "aof=true aof_status=ok aof_bytes=2000 rdb=true rdb_status=err rdb_age_s=600 rdb_changes=14 fork_ms=1.5",
		vitals.Replication: "replicas=2",
		vitals.Keyspace: "keys=40 keys_with_ttl=16 databases.0.db=0 databases.0.keys=40 databases.0.keys_with_ttl=16 databases.0.ttl_share=0.4 " +
			"databases.0.avg_ttl_ms=2000", // 4 keys of 5 s and 12 of 1 s
		vitals.Errors: "total=6 errors.0.error=ERR errors.0.count=4 errors.1.error=OOM errors.1.count=2",
	} {
		if diff := cmp.Diff(words(want), told(e, name)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestMetrics: a family once however many nodes there are, a label for each; the target's database even if it is empty.
func TestMetrics(t *testing.T) {
	t.Parallel()
	e := of(node("10.0.0.1:6379"), node("10.0.0.2:6379", "db0:keys=1,expires=1,avg_ttl=-1"), snapshot.Node{Addr: "10.0.0.3:6379"})
	byName := map[string]finding.Metric{}
	for _, m := range vitals.Metrics(e) {
		if _, twice := byName[m.Name]; twice {
			t.Errorf("%s is there twice", m.Name)
		}
		byName[m.Name] = m
	}
	node1, node2, node3 := [2]string{"node", "10.0.0.1:6379"}, [2]string{"node", "10.0.0.2:6379"}, [2]string{"node", "10.0.0.3:6379"}
	db0 := [2]string{"db", "db0"}
	for name, want := range map[string][]finding.Sample{
		"redis_up": {
			{Labels: [][2]string{node1}, Value: 1}, {Labels: [][2]string{node2}, Value: 1}, {Labels: [][2]string{node3}, Value: 0},
		},
		"redis_db_keys":                {{Labels: [][2]string{node1, db0}, Value: 10}, {Labels: [][2]string{node2, db0}, Value: 1}},
		"redis_db_avg_ttl_seconds":     {{Labels: [][2]string{node1, db0}, Value: 5}},
		"redis_slowlog_length":         {{Labels: [][2]string{node1}, Value: 4}, {Labels: [][2]string{node2}, Value: 4}},
		"olymp_cache_ping_p99_seconds": {{Value: 0.002}},
	} {
		if diff := cmp.Diff(want, byName[name].Samples); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}

	e = of(node("10.0.0.1:6379"))
	e.Target.DB = 4
	e.Server.Nodes[0].Keys = known("DBSIZE", int64(0))
	for _, m := range vitals.Metrics(e) {
		want := []finding.Sample{{Labels: [][2]string{db0}, Value: 10}, {Labels: [][2]string{{"db", "db4"}}, Value: 0}}
		if m.Name == "redis_db_keys" && !cmp.Equal(want, m.Samples) {
			t.Errorf("keys by database: %v", m.Samples)
		}
	}
	if len(e.Server.Nodes[0].Info.Value.Keyspace) != 1 {
		t.Error("the evidence was changed")
	}
}

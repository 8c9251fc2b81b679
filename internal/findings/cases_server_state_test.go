package findings_test

import (
	"testing"

	"github.com/olympiades-ia/olymp-cache/internal/evidence"
	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/findings"
	"github.com/olympiades-ia/olymp-cache/internal/probe/trace"
	"github.com/olympiades-ia/olymp-cache/internal/surround/scene"
)

// judged is the finding of that id in what is judged.
func judged(t *testing.T, e *evidence.Evidence, id string) finding.Finding {
	t.Helper()
	v := findings.Judge(e)
	for _, f := range v.Findings {
		if f.ID == id {
			return f
		}
	}
	t.Fatalf("%s was not found in %+v", id, v.Findings)
	return finding.Finding{}
}

const (
	oom     = "OOM command not allowed when used memory > 'maxmemory'."
	misconf = "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk."
)

// brokenCases answer and do not work.
var brokenCases = []ruleCase{
	{
		name: "OOM", root: "server-oom", says: []string{"CONFIG SET maxmemory-policy allkeys-lru", "CONFIG REWRITE"},
		not: []string{"server-errors-seen", "memory-noeviction", "memory-high"},
		seen: changed(lines("maxmemory_policy:noeviction", "db0:keys=9,expires=0,avg_ttl=0", "errorstat_OOM:count=70",
			"config_file:/etc/redis/redis.conf"),
			failed(trace.Write, "server-oom", oom)),
	},
	{
		name: "OOM on a queue", root: "server-oom", says: []string{"CONFIG SET maxmemory "}, not: []string{"memory-noeviction"},
		seen: changed(lines("maxmemory_policy:noeviction", "cmdstat_brpop:calls=9,usec=9,usec_per_call=1.00"),
			failed(trace.Write, "server-oom", oom)),
	},
	{
		name: "a replica that never had its primary", want: []string{"server-masterdown"}, root: "-", says: []string{"INFO replication"},
		seen: changed(lines("role:slave", "master_host:10.0.0.1", "master_port:6379", "master_link_status:down",
			"master_sync_in_progress:0", "master_link_down_since_seconds:-1", "uptime_in_seconds:60")),
	},
	{
		name: "OOM, and no key may go", root: "server-oom-volatile", says: []string{"allkeys-lru"}, not: []string{"server-oom"},
		seen: changed(lines("maxmemory_policy:volatile-lru", "used_memory:104857600", "db0:keys=1200,expires=12,avg_ttl=0"),
			failed(trace.Write, "server-oom", oom)),
	},
	{
		name: "OOM, though keys expire", root: "server-oom", not: []string{"server-oom-volatile"},
		seen: changed(lines("maxmemory_policy:volatile-lru", "db0:keys=1200,expires=600,avg_ttl=0"), failed(trace.Write, "server-oom", oom)),
	},
	{
		name: "OOM at a provider", root: "server-oom",
		seen: with("rediss://default:pw@eu1-x.upstash.io:6379", []string{"203.0.113.7"}, failed(trace.Write, "server-oom", oom)),
	},
	{
		name: "MISCONF in a container", root: "server-misconf", not: []string{"persistence-failing"},
		says: []string{"docker exec cache df -h /data", "docker exec -u root cache chown -R redis:redis /data", "docker logs --tail 50 cache"},
		seen: changed(lines("process_id:1", "rdb_last_bgsave_status:err"), inDocker(container("127.0.0.1")),
			failed(trace.Ping, "server-misconf", misconf)),
	},
	{
		name: "MISCONF of a service", root: "server-misconf",
		says: []string{"sudo df -h /var/lib/redis", "sudo journalctl -n 50 -u redis-server.service"},
		seen: changed(lines("rdb_last_bgsave_status:err"), set("dir", "/var/lib/redis"), failed(trace.Ping, "server-misconf", misconf),
			func(e *evidence.Evidence) {
				e.Around.Units = seenAround([]scene.Unit{{Name: "redis-server.service", ActiveState: "active", MainPID: 31825}})
			}),
	},
	{
		name: "MISCONF of a service that keeps its own log", root: "server-misconf",
		says: []string{"sudo tail -n 50 /var/lib/redis/redis.log"},
		seen: changed(lines("rdb_last_bgsave_status:err"), set("dir", "/var/lib/redis", "logfile", "redis.log"),
			failed(trace.Ping, "server-misconf", misconf), func(e *evidence.Evidence) {
				e.Around.Units = seenAround([]scene.Unit{{Name: "redis-server.service", ActiveState: "active", MainPID: 31825}})
			}),
	},
	{
		name: "MISCONF, its folder was removed", root: "server-misconf", says: []string{"--rdb dump.rdb", "CONFIG GET logfile"},
		seen: changed(lines("rdb_last_bgsave_status:err"), set("dir", ""), failed(trace.Ping, "server-misconf", misconf)),
	},
	{
		name: "MISCONF, a folder without its beginning", root: "server-misconf", says: []string{"INFO persistence"},
		seen: changed(lines("rdb_last_bgsave_status:err"), set("dir", ".", "logfile", ""), failed(trace.Ping, "server-misconf", misconf)),
	},
	{
		name: "MISCONF of the AOF, somewhere", root: "server-misconf", says: []string{"INFO persistence"},
		seen: with("redis://default:pw@cache.example.com", []string{"10.0.0.5"}, failed(trace.Write, "server-misconf",
			"MISCONF Errors writing to the AOF file: No space left on device")),
	},
	{
		name: "MISCONF where cron looks", root: "security-intrusion", says: []string{"sudo systemctl stop redis-server.service"},
		seen: changed(lines("rdb_last_bgsave_status:err"), set("dir", "/var/spool/cron/crontabs", "dbfilename", "root"),
			failed(trace.Ping, "server-misconf", misconf), func(e *evidence.Evidence) {
				e.Around.Units = seenAround([]scene.Unit{{Name: "redis-server.service", ActiveState: "active", MainPID: 31825}})
			}),
	},
	{
		name: "READONLY", root: "server-readonly", says: []string{"REDIS_URL=redis://default:***@10.0.0.5:6379/0"},
		seen: changed(lines("role:slave", "master_host:10.0.0.5", "master_port:6379", "master_link_status:up"),
			failed(trace.Write, "server-readonly", "READONLY You can't write against a read only replica.")),
	},
	{
		name: "READONLY after a stranger's REPLICAOF", root: "security-intrusion", not: []string{"server-readonly"},
		seen: changed(lines("role:slave", "master_host:203.0.113.66", "master_port:8886", "master_link_status:up"), open,
			set("bind", "*", "protected-mode", "no"), listening(scene.Socket{Address: "0.0.0.0", Port: 6379}),
			failed(trace.Write, "server-readonly", "READONLY You can't write against a read only replica.")),
	},
	{
		name: "READONLY, a copy of a server elsewhere", root: "server-readonly", not: []string{"security-intrusion"},
		seen: changed(lines("role:slave", "master_host:203.0.113.66", "master_port:6379", "master_link_status:up"), open,
			failed(trace.Write, "server-readonly", "READONLY You can't write against a read only replica.")),
	},
	{
		name: "LOADING", root: "server-loading", says: []string{"--wait 180s"},
		seen: changed(lines("loading:1", "loading_loaded_bytes:1000", "loading_total_bytes:4000", "loading_loaded_perc:25.00",
			"loading_eta_seconds:90"),
			failed(trace.Ping, "server-loading", "LOADING Redis is loading the dataset in memory")),
	},
	{
		name: "BUSY", root: "server-busy", says: []string{"SCRIPT KILL"}, skip: []string{"server-restarted"},
		seen: changed(nil, refusing("INFO"),
			failed(trace.Ping, "server-busy", "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.")),
	},
	{
		name: "BUSY with a function", root: "server-busy", says: []string{"FUNCTION KILL"},
		seen: changed(nil, refusing("INFO"),
			failed(trace.Ping, "server-busy", "BUSY Redis is busy running a script. You can only call FUNCTION KILL or SHUTDOWN NOSAVE.")),
	},
	{
		name: "MASTERDOWN", root: "server-masterdown",
		seen: changed(lines("role:slave", "master_host:10.0.0.5", "master_port:6379", "master_link_status:down",
			"master_link_down_since_seconds:40"),
			failed(trace.Ping, "server-masterdown", "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.")),
	},
	{
		name: "NOREPLICAS", root: "server-noreplicas", says: []string{"CONFIG SET min-replicas-to-write 1"},
		seen: changed(lines("min_slaves_good_slaves:1", "connected_slaves:1"), set("min-replicas-to-write", "2"),
			failed(trace.Write, "server-noreplicas", "NOREPLICAS Not enough good replicas to write.")),
	},
	{
		name: "an unknown command", root: "server-unknown-command",
		seen: changed(nil, failed(trace.Write, "server-unknown-command", "ERR unknown command 'SET'")),
	},
	{
		name: "a key that vanishes", root: "write-vanished",
		seen: changed(lines("evicted_keys:900", "cmdstat_flushall:calls=3,usec=1"),
			failed(trace.Write, "write-vanished", "", ev("key", "olymp-cache:test:1"))),
	},
}

// serverStateCases work, and have something that wants a look.
var serverStateCases = []ruleCase{
	{name: "loading, seen from INFO alone", root: "server-loading", seen: changed(lines("loading:1", "loading_eta_seconds:5"), readOnly)},
	{name: "loading what the primary sent", not: []string{"server-loading"}, seen: changed(lines("async_loading:1"), readOnly)},
	{
		name: "a replica that lost its primary", root: "-", want: []string{"server-masterdown"}, says: []string{"INFO replication"},
		seen: changed(lines("role:slave", "master_host:10.0.0.5", "master_port:6379", "master_link_status:down", "master_sync_in_progress:0",
			"master_link_down_since_seconds:400"), readOnly),
	},
	{
		name: "a replica that copies", not: []string{"server-masterdown"},
		seen: changed(lines("role:slave", "master_link_status:down", "master_sync_in_progress:1", "master_link_down_since_seconds:400"),
			readOnly),
	},
	{
		name: "a primary that has just restarted", not: []string{"server-masterdown"},
		seen: changed(lines("role:slave", "master_link_status:down", "master_sync_in_progress:0", "master_link_down_since_seconds:2"), readOnly),
	},
	{
		name: "writes that would be refused", root: "server-noreplicas", says: []string{"CONFIG SET min-replicas-to-write 0"},
		seen: changed(lines("min_slaves_good_slaves:0"), set("min-replicas-to-write", "1"), readOnly),
	},
	{
		name: "enough replicas", not: []string{"server-noreplicas"},
		seen: changed(lines("min_slaves_good_slaves:2"), set("min-replicas-to-write", "1")),
	},
	{
		name: "applications hit OOM", want: []string{"server-errors-seen"}, root: "-", says: []string{"INFO memory", "INFO errorstats"},
		seen: changed(lines("uptime_in_seconds:3600", "errorstat_OOM:count=20", "errorstat_ERR:count=9000", "errorstat_CROSSSLOT:count=6")),
	},
	{
		name: "an answer or two that we caused ourselves", not: []string{"server-errors-seen"},
		seen: changed(lines("uptime_in_seconds:3600", "errorstat_OOM:count=2", "errorstat_NOPERM:count=900", "errorstat_ERR:count=800",
			"errorstat_NOAUTH:count=70", "errorstat_LOADING:count=40")),
	},
	{
		name: "errors of a server that does not count them", skip: []string{"server-errors-seen"}, not: []string{"server-errors-seen"},
		seen: changed(lines("total_error_replies:?", "redis_version:6.0.16")),
	},
	{name: "started a minute ago", want: []string{"server-restarted"}, seen: changed(lines("uptime_in_seconds:61"))},
	{
		name: "restarted by Docker", want: []string{"server-restarted"}, says: []string{"docker logs --tail 50 cache"},
		seen: changed(lines("uptime_in_seconds:61", "process_id:1"),
			inDocker(container("127.0.0.1", func(c *scene.Container) { c.RestartCount = 4 }))),
	},
	{name: "started a quarter of an hour ago", not: []string{"server-restarted"}, seen: changed(lines("uptime_in_seconds:900"))},
}

// TestErrorsLongAgo: fewer than one an hour are a trouble of the past.
func TestErrorsLongAgo(t *testing.T) {
	t.Parallel()
	for uptime, want := range map[string]finding.Severity{
		"uptime_in_seconds:36000": finding.Warning, "uptime_in_seconds:31536000": finding.Info,
	} {
		f := judged(t, healthy(t, uptime, "errorstat_READONLY:count=17"), "server-errors-seen")
		if f.Severity != want || valueOf(f, "errors") != "READONLY 17" {
			t.Errorf("%s: %s, %v", uptime, f.Severity, f.Evidence)
		}
	}
}

// cluster is one of three primaries, with changes.
func cluster(changes ...change) func(t *testing.T) *evidence.Evidence {
	return func(t *testing.T) *evidence.Evidence {
		t.Helper()
		e := healthy(t)
		e.Server.Mode, e.Server.Primaries = "cluster", known("CLUSTER SLOTS", 3)
		e.Trace.Server.Mode = "cluster"
		var shards []snapshot.Shard
		for i, addr := range []snapshot.Text{"10.0.0.1", "10.0.0.2", "10.0.0.3"} {
			shards = append(shards, snapshot.Shard{
				Slots: []snapshot.SlotRange{{First: int64(i) * 5461, Last: min(int64(i+1)*5461-1, 16383)}},
				Nodes: []snapshot.ClusterNode{
					{Host: addr, Port: 6379, Primary: true, Health: "online"}, {Host: addr, Port: 6380, Health: "online"},
				},
			})
		}
		shards[2].Slots[0].Last = 16383
		e.Server.Nodes = nil
		for _, addr := range []string{"10.0.0.1:6379", "10.0.0.2:6379", "10.0.0.3:6379"} {
			n := node(addr, infoWith("cluster_enabled:1"))
			n.ClusterInfo = known("CLUSTER INFO", snapshot.ClusterInfo{State: "ok"})
			n.Shards = known("CLUSTER SHARDS", append([]snapshot.Shard(nil), shards...))
			e.Server.Nodes = append(e.Server.Nodes, n)
		}
		for _, c := range changes {
			c(e)
		}
		return e
	}
}

// wordsCases are told by what the server said, or did not say, at the last rung.
var wordsCases = []ruleCase{
	{
		name: "a write that is held back", root: "write-paused", says: []string{"CLIENT UNPAUSE"},
		seen: changed(nil, failed(trace.Write, "write-paused", "")),
	},
	{
		name: "a command that is renamed away", root: "server-unknown-command", says: nil,
		seen: changed(nil, failed(trace.Write, "server-unknown-command", "ERR unknown command 'SET', with args beginning with: ")),
	},
	{
		name: "PING alone is renamed away", root: "-", want: []string{"server-unknown-command"},
		seen: changed(nil, func(e *evidence.Evidence) {
			f := finding.Finding{ID: "server-unknown-command", Severity: finding.Warning, Evidence: []finding.Evidence{
				ev("reply", "ERR unknown command 'PING'"),
			}}
			for i := range e.Trace.Steps {
				if e.Trace.Steps[i].Name == trace.Ping {
					e.Trace.Steps[i].Status, e.Trace.Steps[i].Problem = finding.Warn, &f
				}
			}
		}),
	},
	{
		name: "a replica of a primary on the internet", root: "server-readonly", says: []string{"REPLICAOF NO ONE", "203.0.113.7"},
		seen: changed(lines("role:slave", "master_host:203.0.113.7", "master_port:6379", "master_link_status:up"),
			failed(trace.Write, "server-readonly", "")),
	},
}

var clusterCases = []ruleCase{
	{
		name: "a slot that nobody serves", root: "server-cluster-down", says: []string{"--cluster check", "--cluster fix"},
		seen: cluster(func(e *evidence.Evidence) {
			e.Server.Nodes[1].ClusterInfo.Value.State = "fail"
			e.Server.Nodes[1].Shards.Value[0] = snapshot.Shard{Slots: []snapshot.SlotRange{{First: 1, Last: 5460}}}
		}),
	},
	{
		name: "a slot that nobody serves, and the others go on", root: "server-cluster-down",
		seen: cluster(func(e *evidence.Evidence) {
			for i := range e.Server.Nodes {
				e.Server.Nodes[i].Shards.Value[2].Slots = []snapshot.SlotRange{{First: 10922, Last: 16000}}
			}
		}),
	},
	{
		name: "a minority that lost the others", root: "server-cluster-down",
		seen: cluster(func(e *evidence.Evidence) { e.Server.Nodes[2].ClusterInfo.Value.State = "fail" }),
	},
	{
		name: "CLUSTERDOWN", root: "server-cluster-down",
		seen: cluster(failed(trace.Write, "server-cluster-down", "CLUSTERDOWN Hash slot not served"), func(e *evidence.Evidence) {
			e.Server.Nodes = e.Server.Nodes[:1]
			e.Server.Primaries = snapshot.Fact[int]{Status: snapshot.Failed, Source: "CLUSTER SLOTS", Cause: "server-cluster-down"}
			e.Server.Nodes[0].Shards.Value = nil
		}),
	},
	{
		name: "a replica that failed", root: "-", want: []string{"server-cluster-node-down"},
		not: []string{"server-cluster-unreachable", "server-cluster-down"}, says: []string{"--cluster check"},
		seen: cluster(func(e *evidence.Evidence) {
			for i := range e.Server.Nodes {
				e.Server.Nodes[i].Shards.Value[0].Nodes[1].Health = "fail"
			}
		}),
	},
	{
		name: "nodes that answer nobody here", root: "server-cluster-unreachable",
		seen: cluster(func(e *evidence.Evidence) {
			e.Server.Nodes = e.Server.Nodes[:1]
			e.Server.Primaries = snapshot.Fact[int]{Status: snapshot.Failed, Source: "CLUSTER SLOTS", Cause: "tcp-timeout"}
		}),
	},
	{
		name: "a cluster that tells nothing of itself", root: "-", skip: []string{"server-cluster-down", "server-cluster-unreachable"},
		seen: cluster(func(e *evidence.Evidence) {
			e.Server.Primaries = snapshot.Fact[int]{Status: snapshot.Failed, Source: "CLUSTER SLOTS", Cause: "auth-no-permission", Reply: "NOPERM"}
			for i := range e.Server.Nodes {
				e.Server.Nodes[i].ClusterInfo = refused[snapshot.ClusterInfo]("CLUSTER INFO", "NOPERM")
				e.Server.Nodes[i].Shards = refused[[]snapshot.Shard]("CLUSTER SHARDS", "NOPERM")
			}
		}),
	},
}

// TestClusterSlots: which slots, and how many.
func TestClusterSlots(t *testing.T) {
	t.Parallel()
	f := judged(t, clusterCases[0].seen(t), "server-cluster-down")
	if valueOf(f, "slots") != "0" || valueOf(f, "slots_missing") != int64(1) || valueOf(f, "state") != "fail" {
		t.Errorf("evidence %v", f.Evidence)
	}
	for _, c := range clusterCases {
		if c.root != "server-cluster-unreachable" {
			continue
		}
		if f := judged(t, c.seen(t), c.root); valueOf(f, "announced") != "10.0.0.2:6379, 10.0.0.3:6379" {
			t.Errorf("announced: %v", f.Evidence)
		}
	}
}

package findings_test

import (
	"github.com/olympiades-ia/olymp-cache/internal/evidence"
	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
)

const (
	limit100 = "maxmemory:104857600"
	full81   = "used_memory:84934657" // 81 % of 100 MB
	full96   = "used_memory:100663297"
)

var memoryCases = []ruleCase{
	{name: "memory at 81 %", seen: withInfo(full81), root: "-", want: []string{"memory-high"}},
	{name: "memory at 79 %", seen: withInfo("used_memory:82837504"), not: []string{"memory-high"}},
	{
		name: "memory at 96 %, nothing evicted", seen: withInfo(full96, "maxmemory_policy:noeviction"), root: "memory-high",
		want: []string{"memory-high"}, not: []string{"memory-noeviction"}, says: []string{"CONFIG SET maxmemory-policy allkeys-lru"},
	},
	{
		name: "memory at 96 %, evicting",
		seen: withInfo(full96), root: "-", want: []string{"memory-high"}, not: []string{"memory-noeviction"},
	},
	{name: "a lower alert", seen: but(func(e *evidence.Evidence) { e.Settings.AlertMemory = 0.1 }), want: []string{"memory-high"}},
	{
		name: "no limit", seen: withInfo("maxmemory:0", "maxmemory_policy:noeviction", "used_memory:157286400"), root: "-",
		want: []string{"memory-no-limit"}, not: []string{"memory-noeviction", "memory-high"}, says: []string{"CONFIG SET maxmemory 512mb"},
	},
	{
		name: "no limit, the plan's business",
		seen: but(func(e *evidence.Evidence) { e.Target.Provider = "redis-cloud" }, "maxmemory:0"), not: []string{"memory-no-limit"},
	},
	{
		name: "noeviction",
		seen: withInfo("maxmemory_policy:noeviction"), want: []string{"memory-noeviction"}, not: []string{"memory-no-limit"},
	},
	{
		name: "noeviction on a queue", root: "-", status: "ok", want: []string{"memory-noeviction"},
		seen: withInfo("maxmemory_policy:noeviction",
			"# Commandstats\ncmdstat_brpop:calls=7,usec=70,usec_per_call=10,rejected_calls=0,failed_calls=0"),
	},
	{
		name: "settings that only a provider changes", want: []string{"memory-noeviction"},
		seen: but(func(e *evidence.Evidence) { e.Target.Provider = "aiven" }, "maxmemory_policy:noeviction"),
	},
	{
		name: "settings that this user may not change", want: []string{"memory-noeviction"}, says: []string{"--askpass CONFIG SET"},
		seen: but(func(e *evidence.Evidence) {
			e.Server.Nodes[0].Config = refused[snapshot.Config]("CONFIG GET", "NOPERM no")
		}, "maxmemory_policy:noeviction"),
	},
	{
		name: "volatile without TTL", seen: withInfo("maxmemory_policy:volatile-lru", "db0:keys=1200,expires=10,avg_ttl=0"),
		want: []string{"memory-volatile-no-ttl"},
	},
	{
		name: "volatile, few keys", seen: withInfo("maxmemory_policy:volatile-lru", "db0:keys=50,expires=0,avg_ttl=0"),
		not: []string{"memory-volatile-no-ttl"}, skip: []string{"memory-volatile-no-ttl"},
	},
	{name: "volatile with TTL", seen: withInfo("maxmemory_policy:volatile-lru"), not: []string{"memory-volatile-no-ttl"}},
	{
		name: "fragmented",
		seen: withInfo("maxmemory:2147483648", "used_memory:524288000", "used_memory_rss:1048576000", "mem_fragmentation_ratio:2.0"),
		want: []string{"memory-fragmented"}, says: []string{"MEMORY PURGE"},
	},
	{
		name: "fragmented, and built to mend it", want: []string{"memory-fragmented"},
		says: []string{"CONFIG SET activedefrag yes", "CONFIG REWRITE"},
		seen: withInfo("maxmemory:2147483648", "used_memory:524288000", "used_memory_rss:1048576000", "mem_fragmentation_ratio:2.0",
			"mem_allocator:jemalloc-5.2.1", "executable:/usr/local/bin/redis-server", "config_file:/etc/redis/redis.conf"),
	},
	{
		name: "a small server's ratio", seen: withInfo("used_memory:1048576", "used_memory_rss:9437184", "mem_fragmentation_ratio:9.0"),
		not: []string{"memory-fragmented", "memory-swapping"},
	},
	{
		name: "swapping",
		seen: withInfo("maxmemory:2147483648", "used_memory:1048576000", "used_memory_rss:524288000", "mem_fragmentation_ratio:0.5"),
		want: []string{"memory-swapping"}, not: []string{"memory-fragmented"},
	},
	{
		name: "client buffers", seen: withInfo("mem_clients_normal:209715200", "connected_clients:100", "maxmemory:2147483648"),
		want: []string{"memory-client-buffers"},
	},
	{
		name: "client buffers of a small server", seen: withInfo("mem_clients_normal:62914560", "connected_clients:6", limit100),
		want: []string{"memory-client-buffers"},
	},
	{
		name: "buffers of replicas", want: []string{"memory-client-buffers"}, says: []string{"INFO replication"},
		seen: withInfo("mem_clients_slaves:209715200", "connected_slaves:2", "maxmemory:2147483648"),
	},
	{
		name: "a replica that keeps up", seen: withInfo("mem_clients_slaves:41024", "connected_slaves:2"),
		not: []string{"memory-client-buffers"},
	},
	{
		name: "many clients, small buffers", seen: withInfo("mem_clients_normal:209715200", "connected_clients:9000", "maxclients:20000"),
		not: []string{"memory-client-buffers"},
	},
	{
		name: "overhead",
		seen: withInfo("maxmemory:2147483648", "used_memory:524288000", "used_memory_rss:530000000", "used_memory_overhead:400000000"),
		root: "-", want: []string{"memory-overhead"},
	},
	{name: "overhead of an empty server", seen: withInfo("used_memory_overhead:20000000"), not: []string{"memory-overhead"}},
	{name: "a peak", seen: withInfo("used_memory_peak:524288000"), root: "-", want: []string{"memory-peak"}},
	{name: "a small peak", seen: withInfo("used_memory_peak:62914560"), not: []string{"memory-peak"}},
	{name: "scripts", seen: withInfo("number_of_cached_scripts:5000"), want: []string{"memory-scripts"}},
	{name: "some scripts", seen: withInfo("number_of_cached_scripts:40"), not: []string{"memory-scripts"}},
	{
		name: "INFO refused", root: "-", seen: but(func(e *evidence.Evidence) {
			e.Server.Nodes[0].Info = refused[snapshot.Info]("INFO", "NOPERM this user has no permissions to run the 'info' command")
		}),
		skip: []string{
			"memory-high", "memory-no-limit", "memory-noeviction", "memory-volatile-no-ttl", "memory-fragmented", "memory-swapping", "clients-high",
			"clients-rejected", "cache-hit-rate-low", "cache-evicting", "cache-no-ttl", "cache-other-db", "cache-keys-command", "cache-flush-seen",
		},
		not: []string{"memory-high", "memory-no-limit", "cache-other-db"},
	},
}

// working is a list of clients that get what is cached, by their databases.
func working(dbs ...int64) snapshot.ClientList {
	l := snapshot.ClientList{Total: len(dbs)}
	for _, db := range dbs {
		l.Listed = append(l.Listed, snapshot.Client{Addr: "10.0.0.5:40000", Flags: "N", DB: snapshot.Some(db), Cmd: "get"})
	}
	return l
}

// idle is a list of so many connections of one address that do nothing.
func idle(n int, flags string) snapshot.ClientList {
	l := snapshot.ClientList{Total: n}
	for range n {
		l.Listed = append(l.Listed, snapshot.Client{Addr: "10.0.0.5:40000", Idle: snapshot.Some(int64(900)), Flags: flags})
	}
	return l
}

var clientCases = []ruleCase{
	{name: "many clients", seen: withInfo("connected_clients:1001"), root: "-", want: []string{"clients-high"}},
	{name: "nearly all clients", seen: withInfo("connected_clients:90", "maxclients:100"), want: []string{"clients-high"}},
	{name: "a few clients", seen: withInfo("connected_clients:1000"), not: []string{"clients-high"}},
	{name: "rejected", seen: withInfo("rejected_connections:3"), root: "-", want: []string{"clients-rejected"}},
	{
		name: "kept out by protected mode", root: "-", want: []string{"clients-rejected"}, says: []string{"requirepass"},
		seen: but(func(e *evidence.Evidence) {
			n := &e.Server.Nodes[0]
			n.Users.Value[0].NoPass, n.Users.Value[0].Passwords = true, 0
		}, "rejected_connections:3", "total_connections_received:40"),
	},
	{
		name: "more room for clients", want: []string{"clients-rejected"}, says: []string{"CONFIG SET maxclients 3000"},
		seen: withInfo("rejected_connections:3", "maxclients:1500"),
	},
	{name: "not rejected", seen: withInfo("rejected_connections:0"), not: []string{"clients-rejected"}},
	{
		name: "idle clients", root: "-",
		seen: but(func(e *evidence.Evidence) { e.Server.Nodes[0].Clients = known("CLIENT LIST", idle(25, "N")) }), want: []string{"clients-idle"},
	},
	{
		name: "idle subscribers",
		seen: but(func(e *evidence.Evidence) { e.Server.Nodes[0].Clients = known("CLIENT LIST", idle(25, "P")) }), not: []string{"clients-idle"},
	},
	{
		name: "CLIENT LIST refused", root: "-", skip: []string{"clients-idle"},
		seen: but(func(e *evidence.Evidence) {
			e.Server.Nodes[0].Clients = refused[snapshot.ClientList]("CLIENT LIST", "NOPERM no")
		}),
	},
}

package findings_test

import (
	"slices"
	"testing"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/evidence"
	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
)

// cacheCases are about memory, clients, latency and the cache's behaviour.
var cacheCases = slices.Concat(memoryCases, clientCases, latencyCases, behaviourCases)

// info is the healthy server with lines of its INFO replaced.
func withInfo(lines ...string) func(t *testing.T) *evidence.Evidence {
	return func(t *testing.T) *evidence.Evidence { return healthy(t, lines...) }
}

// but is evidence changed by hand.
func but(change func(e *evidence.Evidence), lines ...string) func(t *testing.T) *evidence.Evidence {
	return func(t *testing.T) *evidence.Evidence {
		e := healthy(t, lines...)
		change(e)
		return e
	}
}

// slowlog is a log of n commands of that length, ago.
func slowlog(n int, took, ago time.Duration, args ...snapshot.Text) func(t *testing.T) *evidence.Evidence {
	return but(func(e *evidence.Evidence) {
		var all []snapshot.SlowCommand
		for i := range n {
			all = append(all, snapshot.SlowCommand{
				ID: int64(i), Time: noon.Add(-ago).Unix(), Took: snapshot.Millis(took), Args: args, Addr: "10.0.0.5:1",
			})
		}
		e.Server.Nodes[0].Slowlog = known("SLOWLOG GET 25", all)
	})
}

// spiked is a server whose latency monitor noted an event, ago.
func spiked(event string, ago time.Duration) func(t *testing.T) *evidence.Evidence {
	return but(func(e *evidence.Evidence) {
		e.Server.Nodes[0].Latency = known("LATENCY LATEST", []snapshot.LatencyEvent{{
			Name: event, Time: noon.Add(-ago).Unix(), Latest: snapshot.Millis(120 * time.Millisecond), Max: snapshot.Millis(400 * time.Millisecond),
		}})
	})
}

func pinged(p99 time.Duration) func(t *testing.T) *evidence.Evidence {
	return but(func(e *evidence.Evidence) {
		e.Pings = known("PING", snapshot.PingTimes{Rounds: 12, P50: snapshot.Millis(p99), P99: snapshot.Millis(p99), Max: snapshot.Millis(p99)})
	})
}

// glanced is a server with a glance at its keys.
func glanced(k evidence.Keys, lines ...string) func(t *testing.T) *evidence.Evidence {
	return but(func(e *evidence.Evidence) { e.Keys = known("SCAN", k) }, lines...)
}

var latencyCases = []ruleCase{
	{name: "slow pings", seen: pinged(150 * time.Millisecond), root: "-", want: []string{"latency-high"}},
	{
		name: "one late answer", not: []string{"latency-high"},
		seen: but(func(e *evidence.Evidence) {
			e.Pings = known("PING", snapshot.PingTimes{Rounds: 12, P50: snapshot.Millis(time.Millisecond), P99: snapshot.Millis(time.Second)})
		}),
	},
	{
		name: "two late answers of twelve", root: "-", want: []string{"latency-high"},
		seen: but(func(e *evidence.Evidence) {
			e.Pings = known("PING", snapshot.PingTimes{
				Rounds: 12, P50: snapshot.Millis(time.Millisecond), P90: snapshot.Millis(900 * time.Millisecond), P99: snapshot.Millis(time.Second),
				Max: snapshot.Millis(time.Second),
			})
		}),
	},
	{name: "fast pings", seen: pinged(99 * time.Millisecond), not: []string{"latency-high"}},
	{
		name: "a slow command",
		seen: slowlog(1, 300*time.Millisecond, time.Hour, "KEYS", "*"), root: "-", want: []string{"latency-slowlog"},
		says: []string{"SLOWLOG GET"},
	},
	{name: "ten slower commands", seen: slowlog(10, 12*time.Millisecond, time.Minute, "HGETALL", "h"), want: []string{"latency-slowlog"}},
	{name: "a short one", seen: slowlog(3, 12*time.Millisecond, time.Minute, "GET", "k"), not: []string{"latency-slowlog"}},
	{name: "an old one", seen: slowlog(1, time.Second, 48*time.Hour, "KEYS", "*"), not: []string{"latency-slowlog"}},
	{name: "upkeep", seen: slowlog(20, time.Second, time.Minute, "BGSAVE"), not: []string{"latency-slowlog"}},
	{name: "emptied by its operator", seen: slowlog(1, time.Second, time.Minute, "FLUSHALL"), not: []string{"latency-slowlog"}},
	{
		name: "a log of all commands",
		seen: slowlog(25, 20*time.Microsecond, time.Minute, "GET", "k"), not: []string{"latency-slowlog"},
	},
	{
		name: "SLOWLOG refused", root: "-", skip: []string{"latency-slowlog"},
		seen: but(func(e *evidence.Evidence) {
			e.Server.Nodes[0].Slowlog = refused[[]snapshot.SlowCommand]("SLOWLOG GET 25", "NOPERM no")
		}),
	},
	{
		name: "a big key", root: "-", want: []string{"latency-big-key"}, not: []string{"cache-big-value"},
		seen: glanced(evidence.Keys{
			Total: 5, Scanned: 5, Asked: []evidence.Key{{Name: "report", Type: "string", Bytes: snapshot.Some(int64(12 << 20))}},
		}),
	},
	{
		name: "many elements", want: []string{"latency-big-key"},
		seen: glanced(evidence.Keys{Asked: []evidence.Key{
			{Name: "queue", Type: "list", Bytes: snapshot.Some(int64(5 << 20)), Elements: snapshot.Some(int64(200_000))},
		}}),
	},
	{
		name: "a mere page", want: []string{"cache-big-value"}, not: []string{"latency-big-key"},
		seen: glanced(evidence.Keys{Asked: []evidence.Key{{Name: "page", Type: "string", Bytes: snapshot.Some(int64(2 << 20))}}}),
	},
	{
		name: "a big key by Redis 8's histogram", want: []string{"latency-big-key"},
		seen: withInfo("# Keysizes\ndb0_distrib_strings_sizes:1=10,4K=3,16M=2"),
	},
	{
		name: "Redis 8's histogram of small keys",
		seen: withInfo("# Keysizes\ndb0_distrib_strings_sizes:1=10,4K=3,8M=2"), not: []string{"latency-big-key"},
	},
	{name: "fork", seen: spiked("fork", time.Hour), want: []string{"latency-event-fork"}},
	{name: "command", seen: spiked("command", time.Hour), want: []string{"latency-event-command"}},
	{name: "fast command", seen: spiked("fast-command", time.Hour), want: []string{"latency-event-fast-command"}},
	{name: "append-only file", seen: spiked("aof-write-pending-fsync", time.Hour), want: []string{"latency-event-aof"}},
	{name: "RDB", seen: spiked("rdb-unlink-temp-file", time.Hour), want: []string{"latency-event-rdb"}},
	{name: "expiry, which LATENCY DOCTOR misses", seen: spiked("expire-del", time.Hour), want: []string{"latency-event-expire"}},
	{name: "eviction, which LATENCY DOCTOR misses", seen: spiked("evict-del", time.Hour), want: []string{"latency-event-eviction"}},
	{
		name: "defragmentation, which LATENCY DOCTOR misses",
		seen: spiked("active-defrag-cycle", time.Hour), want: []string{"latency-event-defrag"},
	},
	{name: "an unknown event", seen: spiked("while-blocked-cron", time.Hour), root: "-", want: []string{"latency-event-other"}},
	{
		name: "what no client notices", status: "ok", want: []string{"latency-event-command"},
		seen: but(func(e *evidence.Evidence) {
			e.Server.Nodes[0].Latency = known("LATENCY LATEST", []snapshot.LatencyEvent{{
				Name: "command", Time: noon.Unix(), Latest: snapshot.Millis(2 * time.Millisecond), Max: snapshot.Millis(9 * time.Millisecond),
			}})
		}),
	},
	{
		name: "a sync with every command", want: []string{"latency-event-aof"}, says: []string{"CONFIG SET appendfsync everysec"},
		seen: but(func(e *evidence.Evidence) {
			n := &e.Server.Nodes[0]
			n.Config.Value.Values["appendfsync"] = "always"
			n.Latency = known("LATENCY LATEST", []snapshot.LatencyEvent{{
				Name: "aof-fsync-always", Time: noon.Unix(),
				Latest: snapshot.Millis(200 * time.Millisecond), Max: snapshot.Millis(200 * time.Millisecond),
			}})
		}),
	},
	{name: "an old event", seen: spiked("fork", 48*time.Hour), not: []string{"latency-event-fork"}},
	{
		name: "LATENCY refused", root: "-", skip: []string{"latency-event-fork", "latency-event-other"},
		seen: but(func(e *evidence.Evidence) {
			e.Server.Nodes[0].Latency = refused[[]snapshot.LatencyEvent]("LATENCY LATEST", "NOPERM no")
		}),
	},
}

// watched is a window with that many hits and misses and evictions.
func watched(hits, misses, evicted int64, lines ...string) func(t *testing.T) *evidence.Evidence {
	return but(func(e *evidence.Evidence) {
		e.Window = &snapshot.Window{Elapsed: snapshot.Millis(5 * time.Second), Total: snapshot.Delta{
			Hits: snapshot.Some(hits), Misses: snapshot.Some(misses), Evicted: snapshot.Some(evicted), Rejected: snapshot.Some(int64(0)),
		}}
	}, lines...)
}

// called is a server that ran a command so often.
func called(name string, n int64) func(t *testing.T) *evidence.Evidence {
	return withInfo("# Commandstats\ncmdstat_" + name + ":calls=" + snapshotInt(n) +
		",usec=9000,usec_per_call=3.00,rejected_calls=0,failed_calls=0")
}

func snapshotInt(n int64) string {
	b, _ := snapshot.Some(n).MarshalJSON()
	return string(b)
}

// apiFailed is a diagnosis whose call of the API had that outcome.
func apiFailed(id string) func(t *testing.T) *evidence.Evidence {
	return but(func(e *evidence.Evidence) {
		e.API = []finding.Step{{Name: "api-first", Status: finding.Fail, Problem: &finding.Finding{
			ID: id, Severity: finding.Critical, Evidence: []finding.Evidence{
				ev("url", "https://api.example.com/"), ev("reason", "timeout"), ev("status", 500), ev("key", "vitrine_cache"), ev("x_cache", "MISS"),
				{Name: "ttl_s", Value: 900.0, Unit: "s"},
				{Name: "max_ttl_s", Value: 300.0, Unit: "s"},
			},
		}}}
	})
}

var behaviourCases = []ruleCase{
	{name: "a low hit rate", seen: withInfo("keyspace_hits:600", "keyspace_misses:600"), root: "-", want: []string{"cache-hit-rate-low"}},
	{
		name: "forty lookups", seen: withInfo("keyspace_hits:0", "keyspace_misses:40"), not: []string{"cache-hit-rate-low"},
		skip: []string{"cache-hit-rate-low"},
	},
	{
		// 40 runs of doctor, each of which looks up thirty keys at most.
		name: "lookups of a monitor's own", not: []string{"cache-hit-rate-low"}, skip: []string{"cache-hit-rate-low"},
		seen: withInfo("keyspace_hits:600", "keyspace_misses:600", "# Commandstats\ncmdstat_acl|whoami:calls=40,usec=90,usec_per_call=2.25"),
	},
	{
		name: "lookups of an application beside a monitor's", want: []string{"cache-hit-rate-low"},
		seen: withInfo("keyspace_hits:1200", "keyspace_misses:1200", "# Commandstats\ncmdstat_acl|whoami:calls=40,usec=90,usec_per_call=2.25"),
	},
	{
		name: "low since the start, good now",
		seen: watched(190, 10, 0, "keyspace_hits:600", "keyspace_misses:600"), not: []string{"cache-hit-rate-low"},
	},
	{name: "good since the start, low now", seen: watched(10, 190, 0), want: []string{"cache-hit-rate-low"}},
	{name: "a quiet window", seen: watched(0, 5, 0), not: []string{"cache-hit-rate-low"}},
	{
		name: "evicting what is wanted", seen: withInfo("evicted_keys:19333", "keyspace_hits:500", "keyspace_misses:900"),
		want: []string{"cache-evicting"},
	},
	{name: "evicting, and nobody minds", seen: withInfo("evicted_keys:19333"), not: []string{"cache-evicting"}},
	{name: "evicting now", seen: watched(10, 190, 50), want: []string{"cache-evicting"}},
	{
		name: "keys without TTL", root: "-", want: []string{"cache-no-ttl"},
		seen: glanced(evidence.Keys{Prefixes: []evidence.Prefix{{Name: "session:*", Asked: 2}, {Name: "page:*", Asked: 2, WithTTL: 2}}},
			"db0:keys=1000,expires=500,avg_ttl=0"),
	},
	{name: "a tenth without TTL", seen: withInfo("db0:keys=1000,expires=900,avg_ttl=0"), not: []string{"cache-no-ttl"}},
	{name: "a cache of a few pages, and some counters", seen: withInfo("db0:keys=12,expires=3,avg_ttl=0"), not: []string{"cache-no-ttl"}},
	{name: "three keys", seen: withInfo("db0:keys=3,expires=0,avg_ttl=0"), not: []string{"cache-no-ttl"}},
	{
		name: "another database", seen: withInfo("db0:keys=0,expires=0,avg_ttl=0", "db2:keys=7,expires=7,avg_ttl=0"), root: "-",
		want: []string{"cache-other-db"}, says: []string{"REDIS_URL=redis://default:***@127.0.0.1:6379/2"},
	},
	{
		name: "clients in another database", want: []string{"cache-other-db"},
		seen: but(func(e *evidence.Evidence) {
			e.Server.Nodes[0].Clients = known("CLIENT LIST", working(0, 3, 3, 3))
			e.Server.Nodes[0].Clients.Value.Listed[0].Cmd = "client|list" // our own
		}, "db0:keys=0,expires=0,avg_ttl=0"),
	},
	{
		name: "empty, its clients are here", not: []string{"cache-other-db"},
		seen: but(func(e *evidence.Evidence) {
			e.Server.Nodes[0].Clients = known("CLIENT LIST", working(0, 0, 2))
		}, "db0:keys=0,expires=0,avg_ttl=0", "db2:keys=7,expires=7,avg_ttl=0"),
	},
	{
		name: "empty, and looked at from database 0", not: []string{"cache-other-db"},
		seen: but(func(e *evidence.Evidence) {
			l := working(0, 0, 0, 0)
			l.Listed[0].Name, l.Listed[1].Flags, l.Listed[2].Cmd, l.Listed[3].Sub = "sentinel-1a2b3c4d-cmd", "S", "info", snapshot.Some(int64(1))
			e.Server.Nodes[0].Clients = known("CLIENT LIST", l)
			e.Target.DB = 1
		}, "db0:keys=0,expires=0,avg_ttl=0"),
	},
	{name: "an empty server", seen: withInfo("db0:keys=0,expires=0,avg_ttl=0"), root: "-", not: []string{"cache-other-db", "cache-no-ttl"}},
	{
		name: "many databases",
		seen: withInfo("db1:keys=5,expires=5,avg_ttl=0"), root: "-", want: []string{"cache-many-dbs"}, not: []string{"cache-other-db"},
	},
	{
		name: "KEYS again and again", root: "-", want: []string{"cache-keys-command"}, status: "warning",
		seen: called("keys", 120),
	},
	{name: "KEYS once a day", root: "-", want: []string{"cache-keys-command"}, status: "ok", seen: called("keys", 1)},
	{name: "no KEYS", seen: called("scan", 12), not: []string{"cache-keys-command", "cache-flush-seen"}},
	{name: "flushed", seen: called("flushall", 2), root: "-", want: []string{"cache-flush-seen"}},
	{
		name: "a long TTL", root: "-", want: []string{"cache-long-ttl"},
		seen: glanced(evidence.Keys{
			Groups: []evidence.Group{{Name: "vitrine", Key: "vitrine_cache", Exists: true, TTL: snapshot.Some(int64(3_600_000))}},
		}),
	},
	{
		name: "no TTL at all", want: []string{"cache-long-ttl"},
		seen: glanced(evidence.Keys{
			Groups: []evidence.Group{{Name: "vitrine", Key: "vitrine_cache", Exists: true, TTL: snapshot.Some(int64(-1))}},
		}),
	},
	{
		name: "a long TTL in a group of many", root: "-", want: []string{"cache-long-ttl"}, not: []string{"cache-no-ttl"},
		seen: but(func(e *evidence.Evidence) {
			e.Settings.Groups = map[string][]string{"vitrine": {"vitrine_cache"}, "stats": {"stats:*"}}
			e.Keys = known("SCAN", evidence.Keys{Asked: []evidence.Key{
				{Name: "other:1", TTL: snapshot.Some(int64(7_200_000))}, {Name: "stats:a/b", TTL: snapshot.Some(int64(3_600_000))},
			}})
		}),
	},
	{
		name: "a long TTL of what is in no group", not: []string{"cache-long-ttl"},
		seen: glanced(evidence.Keys{Asked: []evidence.Key{{Name: "session:1", TTL: snapshot.Some(int64(7_200_000))}}}),
	},
	{
		name: "a lock of the page that is being made", not: []string{"cache-prefix"},
		seen: glanced(evidence.Keys{
			Groups: []evidence.Group{{Name: "vitrine", Key: "vitrine_cache", Alike: []snapshot.Text{"lock:vitrine_cache"}}},
		}),
	},
	{
		name: "a good TTL and size", not: []string{"cache-long-ttl", "cache-prefix", "cache-big-value"},
		seen: glanced(evidence.Keys{Groups: []evidence.Group{
			{Name: "vitrine", Key: "vitrine_cache", Exists: true, TTL: snapshot.Some(int64(240_000)), Bytes: snapshot.Some(int64(40_000))},
		}}),
	},
	{
		name: "another prefix", root: "-", want: []string{"cache-prefix"}, says: []string{"OLYMP_CACHE_GROUPS=vitrine=prod:vitrine_cache"},
		seen: glanced(evidence.Keys{
			Groups: []evidence.Group{{Name: "vitrine", Key: "vitrine_cache", Alike: []snapshot.Text{"prod:vitrine_cache"}}},
		}),
	},
	{
		name: "SCAN refused", root: "-", skip: []string{"cache-long-ttl", "cache-prefix", "cache-big-value", "latency-big-key"},
		seen: but(func(e *evidence.Evidence) { e.Keys = refused[evidence.Keys]("SCAN", "NOPERM no") }),
	},
	{
		name: "times to live and sizes refused", root: "-",
		skip: []string{"cache-long-ttl", "cache-prefix", "cache-big-value", "latency-big-key"},
		seen: glanced(evidence.Keys{
			Asked: []evidence.Key{{Name: "page"}}, TTLs: refused[int]("PTTL", "NOPERM no"), Sizes: refused[int]("MEMORY USAGE", "NOPERM no"),
		}),
	},
	{
		name: "the group's own key refused", skip: []string{"cache-long-ttl", "cache-prefix"}, not: []string{"cache-prefix"},
		seen: glanced(evidence.Keys{
			TTLs:   known("PTTL", 3),
			Groups: []evidence.Group{{Name: "vitrine", Key: "vitrine_cache", Lookup: refused[bool]("PTTL", "NOPERM no")}},
		}),
	},
	{
		name: "a long TTL beside a refused one", want: []string{"cache-long-ttl"},
		seen: glanced(evidence.Keys{TTLs: known("PTTL", 1), Groups: []evidence.Group{
			{Name: "stats", Key: "stats", Lookup: refused[bool]("PTTL", "NOPERM no")},
			{Name: "vitrine", Key: "vitrine_cache", Exists: true, Lookup: known("PTTL", true), TTL: snapshot.Some(int64(3_600_000))},
		}}),
	},
	{
		name: "sizes refused, and counted by Redis 8", skip: []string{"cache-big-value"}, skipNot: []string{"latency-big-key"},
		seen: func(t *testing.T) *evidence.Evidence {
			t.Helper()
			e := withInfo("# Keysizes\ndb0_distrib_strings_sizes:1=10,4K=3")(t)
			e.Keys = known("SCAN", evidence.Keys{Sizes: refused[int]("MEMORY USAGE", "NOPERM no")})
			return e
		},
	},
	{name: "the API does not answer", seen: apiFailed("api-unreachable"), root: "-", want: []string{"api-unreachable"}},
	{name: "the API always misses", seen: apiFailed("api-always-miss"), root: "-", want: []string{"api-always-miss"}},
	{name: "no API", seen: withInfo(), not: []string{"api-unreachable"}, skip: []string{"api-unreachable"}},
}

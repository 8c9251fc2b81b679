package findings

import (
	"strconv"
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/provider"
)

// cacheFixes are what to type for the findings on memory, clients, latency and the cache's behaviour.
func cacheFixes(s seen) []finding.Fix {
	switch s.ID {
	case "memory-no-limit":
		return append([]finding.Fix{{ID: "set-limit", Command: s.redisCLI("CONFIG SET maxmemory " + s.limit())}},
			s.lasting(finding.Fix{ID: "evict-any", Command: s.redisCLI("CONFIG SET maxmemory-policy allkeys-lru")})...)
	case "memory-noeviction", "memory-volatile-no-ttl":
		return s.lasting(finding.Fix{ID: "evict-any", Command: s.redisCLI("CONFIG SET maxmemory-policy allkeys-lru")})
	case "memory-high":
		if s.text("policy") == "noeviction" {
			return s.lasting(finding.Fix{ID: "evict-any", Command: s.redisCLI("CONFIG SET maxmemory-policy allkeys-lru")})
		}
		return []finding.Fix{{ID: "more-room"}, {ID: "shorter-ttl"}}
	case "memory-fragmented":
		return []finding.Fix{{ID: "defragment", Command: s.redisCLI("CONFIG SET activedefrag yes")}, {ID: "restart-quietly"}}
	case "memory-swapping":
		return []finding.Fix{{ID: "see-memory", Command: "free -m"}, {ID: "give-memory"}}
	case "memory-client-buffers":
		return []finding.Fix{{ID: "see-clients", Command: s.redisCLI("CLIENT LIST")}, {ID: "smaller-answers"}}
	case "memory-overhead":
		return []finding.Fix{{ID: "fewer-keys"}}
	case "memory-peak":
		return []finding.Fix{{ID: "find-peak"}}
	case "memory-scripts":
		return []finding.Fix{{ID: "scripts-with-arguments"}}
	case "clients-high", "clients-idle":
		return []finding.Fix{
			{ID: "share-connections"},
			{ID: "close-idle", Command: s.redisCLI("CONFIG SET timeout 300")},
			{ID: "see-clients", Command: s.redisCLI("CLIENT LIST")},
		}
	case "clients-rejected":
		return []finding.Fix{{ID: "share-connections"}, {ID: "more-clients", Command: s.redisCLI("CONFIG SET maxclients 2000")}}
	}
	if strings.HasPrefix(s.ID, "latency-") {
		return s.latencyFixes()
	}
	return s.behaviourFixes()
}

// lasting adds how to keep a setting over a restart; a provider keeps it by itself, and has a page for it.
func (s seen) lasting(fix finding.Fix) []finding.Fix {
	if p, ok := provider.Lookup(s.text("provider")); ok && p.Denies("CONFIG SET") {
		return []finding.Fix{{ID: "set-in-dashboard"}}
	}
	return []finding.Fix{fix, {ID: "keep-setting", Command: s.redisCLI("CONFIG REWRITE")}}
}

// limit is room for twice what is used, and at least 128 MB.
func (s seen) limit() string {
	used, _ := s.Value("used_bytes").(int64)
	megabytes := int64(128)
	for megabytes*mega < 2*used && megabytes < 1<<20 {
		megabytes *= 2
	}
	return strconv.FormatInt(megabytes, 10) + "mb"
}

func (s seen) latencyFixes() []finding.Fix {
	switch s.ID {
	case "latency-slowlog":
		fixes := []finding.Fix{{ID: "see-slowlog", Command: s.redisCLI("SLOWLOG GET 10")}}
		if s.text("slow_command") == "KEYS" {
			return append([]finding.Fix{{ID: "scan-instead"}}, fixes...)
		}
		return append(fixes, finding.Fix{ID: "smaller-values"})
	case "latency-big-key":
		return []finding.Fix{{ID: "find-big", Command: s.redisCLI("--bigkeys -i 0.01")}, {ID: "split-value"}}
	case "latency-event-fork":
		return []finding.Fix{{ID: "fork-less", Command: s.redisCLI(`CONFIG SET save ""`)}, {ID: "no-huge-pages"}}
	case "latency-event-command":
		return []finding.Fix{{ID: "see-slowlog", Command: s.redisCLI("SLOWLOG GET 10")}}
	case "latency-event-fast-command":
		return []finding.Fix{{ID: "see-intrinsic", Command: "redis-cli --intrinsic-latency 10"}}
	case "latency-event-aof":
		return []finding.Fix{{ID: "fsync-less", Command: s.redisCLI("CONFIG SET no-appendfsync-on-rewrite yes")}, {ID: "faster-disk"}}
	case "latency-event-rdb":
		return []finding.Fix{{ID: "faster-disk"}}
	case "latency-event-expire":
		return []finding.Fix{{ID: "spread-ttl"}, {ID: "lazy-expire", Command: s.redisCLI("CONFIG SET lazyfree-lazy-expire yes")}}
	case "latency-event-eviction":
		return []finding.Fix{{ID: "lazy-evict", Command: s.redisCLI("CONFIG SET lazyfree-lazy-eviction yes")}, {ID: "more-room"}}
	case "latency-event-defrag":
		return []finding.Fix{{ID: "defrag-less", Command: s.redisCLI("CONFIG SET active-defrag-cycle-max 10")}}
	case "latency-event-other":
		return []finding.Fix{{ID: "see-latency", Command: s.redisCLI("LATENCY LATEST")}}
	}
	return nil
}

func (s seen) behaviourFixes() []finding.Fix {
	switch s.ID {
	case "cache-hit-rate-low":
		return []finding.Fix{{ID: "measure-now", Command: "olymp-cache doctor --window 10s"}, {ID: "longer-ttl"}}
	case "cache-evicting":
		return []finding.Fix{{ID: "more-room"}, {ID: "shorter-ttl"}}
	case "cache-no-ttl":
		return []finding.Fix{{ID: "always-ttl"}}
	case "cache-other-db":
		return []finding.Fix{{ID: "use-db", Command: s.inDB(s.text("other_db"))}}
	case "cache-many-dbs":
		return []finding.Fix{{ID: "prefixes-instead"}}
	case "cache-keys-command":
		return []finding.Fix{{ID: "scan-instead"}}
	case "cache-flush-seen":
		return []finding.Fix{{ID: "forbid-flush"}}
	case "cache-long-ttl":
		return []finding.Fix{{ID: "drop-key", Command: s.redisCLI("UNLINK " + shellWord(s.text("key")))}, {ID: "set-ttl"}}
	case "cache-prefix":
		return []finding.Fix{{ID: "name-group", Command: "OLYMP_CACHE_GROUPS=" + shellWord(s.text("group")+"="+s.text("alike"))}}
	case "cache-big-value":
		return []finding.Fix{{ID: "compress-value"}}
	}
	return nil
}

// inDB is the target with another database.
func (s seen) inDB(db string) string {
	scheme, login, rest := s.address()
	if scheme == "" || db == "" {
		return ""
	}
	if i := strings.LastIndexByte(rest, '/'); i >= 0 {
		rest = rest[:i]
	}
	return assignment(scheme + "://" + login + rest + "/" + db)
}

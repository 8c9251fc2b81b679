package findings

import (
	"strconv"
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
)

// cacheFixes are what to type for the findings on memory, clients, latency and the cache's behaviour.
func cacheFixes(s seen) []finding.Fix {
	switch finding.Category(s.ID) {
	case "memory":
		return s.memoryFixes()
	case "clients":
		return s.clientFixes()
	case "latency":
		return s.latencyFixes()
	}
	return s.behaviourFixes()
}

func (s seen) memoryFixes() []finding.Fix {
	evict := setting{"evict-any", "maxmemory-policy allkeys-lru"}
	if s.text("queue_command") != "" { // to evict a key there is to lose a job
		switch s.ID {
		case "memory-no-limit":
			return append(s.change(setting{"set-limit", "maxmemory " + s.limit()}), finding.Fix{ID: "separate-queue"})
		case "memory-noeviction", "memory-volatile-no-ttl":
			return []finding.Fix{{ID: "separate-queue"}}
		}
	}
	switch s.ID {
	case "memory-no-limit":
		return s.change(setting{"set-limit", "maxmemory " + s.limit()}, evict)
	case "memory-noeviction", "memory-volatile-no-ttl":
		return s.change(evict)
	case "memory-high":
		if s.text("policy") == "noeviction" && s.text("queue_command") == "" {
			return s.change(evict)
		}
		return []finding.Fix{{ID: "more-room"}, {ID: "shorter-ttl"}}
	case "memory-fragmented":
		return s.defragmentFixes()
	case "memory-swapping":
		return []finding.Fix{{ID: "see-memory", Command: "free -m"}, {ID: "give-memory"}}
	case "memory-client-buffers":
		if s.text("replicas") != "" {
			return []finding.Fix{{ID: "see-replicas", Command: s.redisCLI("INFO replication")}, {ID: "faster-replicas"}}
		}
		return []finding.Fix{{ID: "see-clients", Command: s.redisCLI("CLIENT LIST")}, {ID: "smaller-answers"}}
	case "memory-overhead":
		return []finding.Fix{{ID: "fewer-keys"}}
	case "memory-peak":
		return []finding.Fix{{ID: "find-peak"}}
	case "memory-scripts":
		return []finding.Fix{{ID: "scripts-with-arguments"}}
	}
	return nil
}

// defragmentFixes: Redis can move its data together while it works where it was built with its own jemalloc. The packages of
// Debian and others use the system's, and refuse.
func (s seen) defragmentFixes() []finding.Fix {
	fixes := []finding.Fix{{ID: "purge", Command: s.redisCLI("MEMORY PURGE")}}
	if s.is("defrag_refused") {
		return append(fixes, finding.Fix{ID: "restart-quietly"})
	}
	return append(append(fixes, s.change(setting{"defragment", "activedefrag yes"})...), finding.Fix{ID: "restart-quietly"})
}

func (s seen) clientFixes() []finding.Fix {
	share := finding.Fix{ID: "share-connections"}
	if s.ID != "clients-rejected" {
		fixes := append([]finding.Fix{share}, s.change(setting{"close-idle", "timeout 300"})...)
		return append(fixes, finding.Fix{ID: "see-clients", Command: s.redisCLI("CLIENT LIST")})
	}
	if s.text("protected_mode") != "" {
		return s.passwordFixes()
	}
	// More than some thousand connections need more file descriptors than most systems allow.
	const most, least = 5000, 1000
	if limit, ok := s.Value("maxclients").(int64); ok && limit < most {
		return append([]finding.Fix{share}, s.change(setting{"more-clients", "maxclients " + strconv.FormatInt(max(2*limit, least), 10)})...)
	}
	return []finding.Fix{share, {ID: "see-clients", Command: s.redisCLI("CLIENT LIST")}}
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
		return append(s.change(setting{"fork-less", `save ""`}), finding.Fix{ID: "no-huge-pages"})
	case "latency-event-command":
		return []finding.Fix{{ID: "see-slowlog", Command: s.redisCLI("SLOWLOG GET 10")}}
	case "latency-event-fast-command":
		return []finding.Fix{{ID: "see-intrinsic", Command: "redis-cli --intrinsic-latency 10"}}
	case "latency-event-aof":
		relax := setting{"fsync-less", "no-appendfsync-on-rewrite yes"}
		if s.text("appendfsync") == "always" {
			relax = setting{"fsync-each-second", "appendfsync everysec"}
		}
		return append(s.change(relax), finding.Fix{ID: "faster-disk"})
	case "latency-event-rdb":
		return []finding.Fix{{ID: "faster-disk"}}
	case "latency-event-expire":
		return append([]finding.Fix{{ID: "spread-ttl"}}, s.change(setting{"lazy-expire", "lazyfree-lazy-expire yes"})...)
	case "latency-event-eviction":
		return append(s.change(setting{"lazy-evict", "lazyfree-lazy-eviction yes"}), finding.Fix{ID: "more-room"})
	case "latency-event-defrag":
		return s.change(setting{"defrag-less", "active-defrag-cycle-max 10"})
	case "latency-event-other":
		return []finding.Fix{{ID: "see-latency", Command: s.redisCLI("LATENCY LATEST")}}
	}
	return nil
}

func (s seen) behaviourFixes() []finding.Fix {
	switch s.ID {
	case "cache-hit-rate-low":
		if s.is("window") {
			return []finding.Fix{{ID: "longer-ttl"}}
		}
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
		return []finding.Fix{{ID: "drop-key", Command: s.dropKey(s.text("key"))}, {ID: "set-ttl"}}
	case "cache-prefix":
		return []finding.Fix{{ID: "name-group", Command: "OLYMP_CACHE_GROUPS=" + shellWord(s.text("group")+"="+s.text("alike"))}}
	case "cache-big-value":
		return []finding.Fix{{ID: "compress-value"}}
	}
	return nil
}

// dropKey deletes a key; one that looks like a flag of ours is redis-cli's, which knows no flags behind its command.
func (s seen) dropKey(key string) string {
	if strings.HasPrefix(key, "-") {
		return s.redisCLI("UNLINK " + shellWord(key))
	}
	return program + " invalidate " + shellWord(key)
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

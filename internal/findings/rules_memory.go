package findings

import (
	"slices"
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/provider"
)

const (
	mega = 1 << 20
	// criticalMemory is the share of maxmemory above which writes are about to be refused under noeviction.
	criticalMemory = 0.95
	// wasted is how much memory must be lost before a ratio counts: on a small server ratios mean nothing.
	wasted = 100 * mega
	// fewestKeys is how many keys a share needs to mean anything.
	fewestKeys = 100
	// fewWithTTL is the share of keys with a TTL below which a volatile policy has nothing to evict.
	fewWithTTL = 0.2
	// manyScripts is MEMORY DOCTOR's limit for scripts in the cache.
	manyScripts = 1000
	// peakRatio is MEMORY DOCTOR's: the peak was that much more than what is used now.
	peakRatio = 1.5
	// overheadShare is the share of used memory that is not data above which many tiny keys or long buffers are to blame.
	overheadShare = 0.5
)

var memoryRules = []rule{
	{[]string{"memory-high"}, judgeMemoryHigh},
	{[]string{"memory-no-limit", "memory-noeviction"}, judgeMemoryPolicy},
	{[]string{"memory-volatile-no-ttl"}, judgeVolatile},
	{[]string{"memory-fragmented"}, judgeFragmented},
	{[]string{"memory-swapping"}, judgeSwapping},
	{[]string{"memory-client-buffers"}, judgeClientBuffers},
	{[]string{"memory-overhead"}, judgeOverhead},
	{[]string{"memory-peak"}, judgePeak},
	{[]string{"memory-scripts"}, judgeScripts},
}

// limits are what a server may use and how it makes room; ok is false where it does not tell.
func limits(i *snapshot.Info) (used, limit int64, policy string, ok bool) {
	used, ok1 := i.Memory.Used.Get()
	limit, ok2 := i.Memory.Max.Get()
	return used, limit, i.Memory.Policy, ok1 && ok2
}

// limitEvidence is memory as every finding on it shows it.
func limitEvidence(i *snapshot.Info) []finding.Evidence {
	const source = "INFO memory"
	seen := append(number("used_bytes", i.Memory.Used, "bytes", source), number("limit_bytes", i.Memory.Max, "bytes", source)...)
	if i.Memory.Policy != "" {
		seen = append(seen, ev("policy", i.Memory.Policy, source))
	}
	return seen
}

// nothingEvicted tells a policy that refuses writes instead of making room.
func nothingEvicted(policy string) bool { return policy == "noeviction" }

func judgeMemoryHigh(v *view) outcome {
	const id = "memory-high"
	return v.eachInfo(func(n *snapshot.Node, i *snapshot.Info) outcome {
		used, limit, policy, ok := limits(i)
		if !ok {
			return skip(ReasonUnsupported, "INFO memory: maxmemory", id)
		}
		if limit == 0 {
			return fine() // memory-no-limit says so
		}
		share := float64(used) / float64(limit)
		if share <= v.Settings.AlertMemory {
			return fine()
		}
		severity := warning
		if nothingEvicted(policy) && share > criticalMemory {
			severity = critical
		}
		seen := append(limitEvidence(i), evUnit("share", share, "ratio", "INFO memory"),
			evUnit("threshold", v.Settings.AlertMemory, "ratio", "OLYMP_CACHE_ALERT_MEMORY"))
		return v.on(n, id, severity, append(seen, queueEvidence(i)...)...)
	}, id)
}

func judgeMemoryPolicy(v *view) outcome {
	const unlimited, refuses = "memory-no-limit", "memory-noeviction"
	return v.eachInfo(func(n *snapshot.Node, i *snapshot.Info) outcome {
		_, limit, policy, ok := limits(i)
		if !ok {
			return skip(ReasonUnsupported, "INFO memory: maxmemory", unlimited, refuses)
		}
		service, managed := provider.Lookup(v.Target.Provider)
		switch {
		case limit == 0 && managed && service.OwnMemoryLimit:
			return fine() // the plan sets it
		case limit == 0:
			// Without a limit no policy ever acts: one finding, not two.
			seen := limitEvidence(i)
			seen = append(seen, number("system_bytes", i.Memory.TotalSystem, "bytes", "INFO memory")...)
			return v.on(n, unlimited, warning, slices.Concat(seen, queueEvidence(i), v.of(n).home(i))...)
		case nothingEvicted(policy):
			severity, queue := warning, queueEvidence(i)
			if len(queue) > 0 {
				severity = info // right for a queue
			}
			return v.on(n, refuses, severity, slices.Concat(limitEvidence(i), queue, v.of(n).home(i))...)
		}
		return fine()
	}, unlimited, refuses)
}

// keysOf are the keys of a server and how many of them expire.
func keysOf(i *snapshot.Info) (keys, expires int64) {
	for _, db := range i.Keyspace {
		keys += db.Keys.Or(0)
		expires += db.Expires.Or(0)
	}
	return keys, expires
}

func judgeVolatile(v *view) outcome {
	const id = "memory-volatile-no-ttl"
	return v.eachInfo(func(n *snapshot.Node, i *snapshot.Info) outcome {
		_, limit, policy, ok := limits(i)
		if !ok {
			return skip(ReasonUnsupported, "INFO memory: maxmemory_policy", id)
		}
		if limit == 0 || !strings.HasPrefix(policy, "volatile-") {
			return fine()
		}
		keys, expires := keysOf(i)
		if keys < fewestKeys {
			return skip(ReasonTooLittleData, "INFO keyspace", id)
		}
		share := float64(expires) / float64(keys)
		if share >= fewWithTTL {
			return fine()
		}
		return v.on(n, id, warning, append(limitEvidence(i), evCount("keys", keys, "INFO keyspace"),
			evCount("with_ttl", expires, "INFO keyspace"), evUnit("share", share, "ratio", "INFO keyspace"))...)
	}, id)
}

func judgeFragmented(v *view) outcome {
	const id, most = "memory-fragmented", 1.5
	return v.eachInfo(func(n *snapshot.Node, i *snapshot.Info) outcome {
		ratio, ok1 := i.Memory.FragmentationRatio.Get()
		used, ok2 := i.Memory.Used.Get()
		rss, ok3 := i.Memory.RSS.Get()
		if !ok1 || !ok2 || !ok3 {
			return skip(ReasonUnsupported, "INFO memory: mem_fragmentation_ratio", id)
		}
		if ratio <= most || rss-used <= wasted {
			return fine()
		}
		seen := []finding.Evidence{
			evUnit("ratio", ratio, "", "INFO memory"), evUnit("wasted_bytes", rss-used, "bytes", "INFO memory"),
			evUnit("used_bytes", used, "bytes", "INFO memory"), evUnit("rss_bytes", rss, "bytes", "INFO memory"),
		}
		if cannotDefragment(i) {
			seen = append(seen, ev("defrag_refused", true, "INFO memory"))
		}
		return v.on(n, id, warning, seen...)
	}, id)
}

// cannotDefragment tells a server that was not built with the jemalloc that comes with its source: distributions build with
// the system's, and «active defragmentation cannot be enabled» there. Redis brought 5.1.0 until 6.2, 5.2.1 with 7.0 and
// 5.3.0 since 7.2.
func cannotDefragment(i *snapshot.Info) bool {
	v, known := versionOf(i.Server.RedisVersion)
	switch version, jemalloc := strings.CutPrefix(string(i.Memory.Allocator), "jemalloc-"); {
	case i.Memory.Allocator == "":
	case !jemalloc, strings.HasPrefix(string(i.Server.Executable), "/usr/bin/"):
		return true
	case known && version == "5.3.0":
		return v.major < 7 || v.major == 7 && v.minor < 2
	case known && version == "5.2.1":
		return v.major < 7
	}
	return false
}

func judgeSwapping(v *view) outcome {
	const id, least = "memory-swapping", 0.9
	return v.eachInfo(func(n *snapshot.Node, i *snapshot.Info) outcome {
		ratio, ok1 := i.Memory.FragmentationRatio.Get()
		used, ok2 := i.Memory.Used.Get()
		rss, ok3 := i.Memory.RSS.Get()
		if !ok1 || !ok2 || !ok3 {
			return skip(ReasonUnsupported, "INFO memory: mem_fragmentation_ratio", id)
		}
		if ratio >= least || used <= wasted || rss <= 0 {
			return fine()
		}
		return v.on(n, id, warning, evUnit("ratio", ratio, "", "INFO memory"), evUnit("used_bytes", used, "bytes", "INFO memory"),
			evUnit("rss_bytes", rss, "bytes", "INFO memory"), evUnit("swapped_bytes", used-rss, "bytes", "INFO memory"))
	}, id)
}

func judgeOverhead(v *view) outcome {
	const id = "memory-overhead"
	return v.eachInfo(func(n *snapshot.Node, i *snapshot.Info) outcome {
		overhead, ok1 := i.Memory.Overhead.Get()
		used, ok2 := i.Memory.Used.Get()
		if !ok1 || !ok2 {
			return skip(ReasonUnsupported, "INFO memory: used_memory_overhead", id)
		}
		if used <= wasted || float64(overhead) <= overheadShare*float64(used) {
			return fine()
		}
		return v.on(n, id, info, evUnit("overhead_bytes", overhead, "bytes", "INFO memory"), evUnit("used_bytes", used, "bytes", "INFO memory"),
			evUnit("share", float64(overhead)/float64(used), "ratio", "INFO memory"))
	}, id)
}

func judgePeak(v *view) outcome {
	const id = "memory-peak"
	return v.eachInfo(func(n *snapshot.Node, i *snapshot.Info) outcome {
		peak, ok1 := i.Memory.Peak.Get()
		used, ok2 := i.Memory.Used.Get()
		if !ok1 || !ok2 {
			return skip(ReasonUnsupported, "INFO memory: used_memory_peak", id)
		}
		if peak-used <= wasted || float64(peak) <= peakRatio*float64(used) {
			return fine()
		}
		return v.on(n, id, info, evUnit("peak_bytes", peak, "bytes", "INFO memory"), evUnit("used_bytes", used, "bytes", "INFO memory"))
	}, id)
}

func judgeScripts(v *view) outcome {
	const id = "memory-scripts"
	return v.eachInfo(func(n *snapshot.Node, i *snapshot.Info) outcome {
		scripts, ok := i.Memory.CachedScripts.Get()
		if !ok {
			return skip(ReasonUnsupported, "INFO memory: number_of_cached_scripts", id)
		}
		if scripts <= manyScripts {
			return fine()
		}
		return v.on(n, id, info, append([]finding.Evidence{evCount("scripts", scripts, "INFO memory")},
			number("scripts_bytes", i.Memory.ScriptsEval, "bytes", "INFO memory")...)...)
	}, id)
}

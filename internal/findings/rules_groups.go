package findings

import (
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/evidence"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
)

const (
	// longTTL is the guide's longest time to live of a cached page.
	longTTL = 5 * time.Minute
	// bigPage makes a cached page big, in bytes.
	bigPage = mega
)

// groupRules judge what the glance at the keys saw of the operator's groups.
var groupRules = []rule{
	{[]string{"cache-long-ttl"}, judgeLongTTL},
	{[]string{"cache-prefix"}, judgePrefix},
	{[]string{"cache-big-value"}, judgeBigValue},
}

// sampled runs f on the glance at the keys.
func (v *view) sampled(f func(*evidence.Keys) outcome, id string) outcome {
	keys, ok := v.Keys.Get()
	if !ok {
		return skipFact(v.Keys, id)
	}
	return f(&keys)
}

func judgeLongTTL(v *view) outcome {
	const id = "cache-long-ttl"
	return v.sampled(func(k *evidence.Keys) outcome {
		for _, g := range k.Groups {
			left, ok := g.TTL.Get()
			if !g.Exists || !ok || left >= 0 && left <= longTTL.Milliseconds() {
				continue
			}
			seen := []finding.Evidence{
				ev("key", string(g.Key), "PTTL"), ev("group", g.Name, "OLYMP_CACHE_GROUPS"), evUnit("max_ttl_s", longTTL.Seconds(), "s", ""),
			}
			if left >= 0 {
				seen = append(seen, evUnit("ttl_s", float64(left)/1000, "s", "PTTL"))
			}
			return one(id, info, seen...)
		}
		return fine()
	}, id)
}

func judgePrefix(v *view) outcome {
	const id = "cache-prefix"
	return v.sampled(func(k *evidence.Keys) outcome {
		for _, g := range k.Groups {
			if !g.Exists && len(g.Alike) > 0 {
				return one(id, info, ev("key", string(g.Key), "PTTL"), ev("alike", string(g.Alike[0]), "SCAN"),
					ev("group", g.Name, "OLYMP_CACHE_GROUPS"))
			}
		}
		return fine()
	}, id)
}

func judgeBigValue(v *view) outcome {
	const id = "cache-big-value"
	return v.sampled(func(k *evidence.Keys) outcome {
		for _, g := range k.Groups {
			if n := g.Bytes.Or(0); n > bigPage && n <= bigBytes {
				return one(id, info, ev("key", string(g.Key), "MEMORY USAGE"), evUnit("key_bytes", n, "bytes", "MEMORY USAGE"))
			}
		}
		for _, key := range k.Asked {
			if n := key.Bytes.Or(0); key.Type == "string" && n > bigPage && n <= bigBytes { // above, latency-big-key says so
				return one(id, info, ev("key", string(key.Name), "MEMORY USAGE"), evUnit("key_bytes", n, "bytes", "MEMORY USAGE"))
			}
		}
		return fine()
	}, id)
}

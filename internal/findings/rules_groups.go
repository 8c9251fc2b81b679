package findings

import (
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/evidence"
	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
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

// sampled runs f on the glance at the keys. Where it finds nothing, and the server refused what it looks at, the rule is skipped.
func (v *view) sampled(f func(*evidence.Keys) outcome, needs func(*evidence.Keys) snapshot.Fact[int], id string) outcome {
	keys, ok := v.Keys.Get()
	if !ok {
		return skipFact(v.Keys, id)
	}
	o := f(&keys)
	if asked := needs(&keys); len(o.found) == 0 && !asked.Known() && asked.Status != snapshot.NotAsked {
		return skipFact(asked, id)
	}
	return o
}

// sizesOf is what the rules on a key's size need.
func sizesOf(k *evidence.Keys) snapshot.Fact[int] { return k.Sizes }

// lookupsOf is what the rules on a group's own key need: all of them looked up.
func lookupsOf(k *evidence.Keys) snapshot.Fact[int] {
	for _, g := range k.Groups {
		if f := g.Lookup; !f.Known() && f.Status != snapshot.NotAsked {
			return snapshot.Fact[int]{Status: f.Status, Source: f.Source, Cause: f.Cause, Reply: f.Reply}
		}
	}
	return k.TTLs
}

func judgeLongTTL(v *view) outcome {
	const id = "cache-long-ttl"
	long := func(left int64) bool { return left < 0 || left > longTTL.Milliseconds() }
	return v.sampled(func(k *evidence.Keys) outcome {
		for _, g := range k.Groups {
			if left, ok := g.TTL.Get(); g.Exists && ok && long(left) {
				return longTTLOf(string(g.Key), g.Name, left)
			}
		}
		for _, key := range k.Asked {
			name := string(key.Name)
			if left, ok := key.TTL.Get(); ok && long(left) {
				if group := v.groupOf(name); group != "" {
					return longTTLOf(name, group, left)
				}
			}
		}
		return fine()
	}, lookupsOf, id)
}

func longTTLOf(key, group string, left int64) outcome {
	seen := []finding.Evidence{
		ev("key", key, "PTTL"), ev("group", group, "OLYMP_CACHE_GROUPS"), evUnit("max_ttl_s", longTTL.Seconds(), "s", ""),
	}
	if left >= 0 {
		seen = append(seen, evUnit("ttl_s", float64(left)/1000, "s", "PTTL"))
	} else {
		seen = append(seen, ev("ttl", "none", "PTTL"))
	}
	return one("cache-long-ttl", info, seen...)
}

// groupOf is the operator's group of a key, empty if there is none.
func (v *view) groupOf(key string) string {
	// Patterns of Redis are those of path.Match but for the slash, which they take as any other letter.
	flat := func(s string) string { return strings.ReplaceAll(s, "/", "\x00") }
	for _, name := range slices.Sorted(maps.Keys(v.Settings.Groups)) {
		if slices.ContainsFunc(v.Settings.Groups[name], func(pattern string) bool {
			ok, err := path.Match(flat(pattern), flat(key))
			return ok && err == nil
		}) {
			return name
		}
	}
	return ""
}

func judgePrefix(v *view) outcome {
	const id = "cache-prefix"
	return v.sampled(func(k *evidence.Keys) outcome {
		for _, g := range k.Groups {
			// «lock:vitrine_cache» is there while the page is made, and is no page.
			alike := slices.IndexFunc(g.Alike, func(name snapshot.Text) bool { return !strings.Contains(strings.ToLower(string(name)), "lock") })
			if !g.Exists && alike >= 0 {
				return one(id, info, ev("key", string(g.Key), "PTTL"), ev("alike", string(g.Alike[alike]), "SCAN"),
					ev("group", g.Name, "OLYMP_CACHE_GROUPS"))
			}
		}
		return fine()
	}, lookupsOf, id)
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
	}, sizesOf, id)
}

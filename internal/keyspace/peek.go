// Package keyspace looks into the keys of a Redis without disturbing its other clients.
package keyspace

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/olympiades-ia/olymp-cache/internal/evidence"
	"github.com/olympiades-ia/olymp-cache/internal/facts"
	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
	"github.com/olympiades-ia/olymp-cache/internal/sorting"
)

// PeekOptions bound a glance at the keys.
type PeekOptions struct {
	Groups map[string][]string // the operator's groups: name to key patterns; literal names are looked up
	Total  int64               // keys in the database, as DBSIZE said
	Budget int                 // commands at most, on a server without huge values
}

const (
	// scanCount is how many keys one SCAN visits: a millisecond of the server's time at most.
	scanCount = 500
	// matchCount is how many keys the search for another prefix of a group's key visits.
	matchCount = 5000
	// maxPrefixes is how many families of names are kept.
	maxPrefixes = 12
	// maxAsked is how many keys are asked about, whatever the budget.
	maxAsked = 16
	// maxGroupKeys is how many of the groups' keys are looked up.
	maxGroupKeys = 2
	// maxAlike is how many keys that end like a group's are kept.
	maxAlike = 5
	// largeValue is from when on the number of elements is worth two more commands, in bytes.
	largeValue = 1 << 20
	// maxLarge is how many large values are counted.
	maxLarge = 3
)

// Peek reads some hundred names and asks a handful of keys, spread over the prefixes, for their TTL and size. It is no
// profile: nothing it says is a share. A refused SCAN makes the fact Denied or Unsupported.
func Peek(ctx context.Context, conn *redisconn.Conn, opts PeekOptions) snapshot.Fact[evidence.Keys] {
	f := snapshot.Fact[evidence.Keys]{Status: snapshot.OK, Source: "SCAN"}
	f.Value = evidence.Keys{DB: conn.Target().DB, Total: opts.Total}
	f.Value.TTLs.Source, f.Value.Sizes.Source = "PTTL", "MEMORY USAGE"
	if opts.Total == 0 {
		return f
	}
	p := &peek{conn: conn, opts: opts, sent: conn.CommandsSent(), keys: &f.Value}
	names, err := p.scan(ctx, "", scanCount)
	if err != nil {
		f.Status, f.Cause, f.Reply = facts.Refusal(conn, err)
		return f
	}
	f.Value.Scanned = len(names)
	p.groups(ctx, names)
	p.intruders(ctx)
	p.prefixes(names)
	p.ask(ctx, names)
	return f
}

type peek struct {
	conn *redisconn.Conn
	opts PeekOptions
	sent int // commands before the first of ours
	keys *evidence.Keys
}

// left is what remains of the budget.
func (p *peek) left() int { return p.opts.Budget - (p.conn.CommandsSent() - p.sent) }

// scan reads one page of names of every primary, in order of name; ours are left out.
func (p *peek) scan(ctx context.Context, pattern string, count int64) ([]string, error) {
	var (
		mu  sync.Mutex
		all []string
	)
	err := p.conn.EachPrimary(ctx, func(ctx context.Context, c *redis.Client) error {
		names, _, err := c.Scan(ctx, 0, pattern, count).Result()
		mu.Lock()
		defer mu.Unlock()
		all = append(all, names...)
		return err
	})
	if err != nil {
		return nil, err
	}
	slices.Sort(all)
	all = slices.Compact(all) // SCAN may give a key twice
	return slices.DeleteFunc(all, func(name string) bool { return strings.HasPrefix(name, redisconn.TestKeyPrefix) }), nil
}

// groups looks up the literal keys of the operator's groups, and what ends like one that is missing.
func (p *peek) groups(ctx context.Context, names []string) {
	for _, g := range literalKeys(p.opts.Groups) {
		left, err := p.conn.Client().PTTL(ctx, string(g.Key)).Result()
		p.told(&p.keys.TTLs, err)
		g.Lookup.Source = p.keys.TTLs.Source
		if err != nil {
			g.Lookup.Status, g.Lookup.Cause, g.Lookup.Reply = facts.Refusal(p.conn, err)
			p.keys.Groups = append(p.keys.Groups, g)
			continue
		}
		g.Exists = left != noKey
		g.Lookup.Status, g.Lookup.Value = snapshot.OK, g.Exists
		if g.Exists {
			g.TTL = snapshot.Some(milliseconds(left))
			n, err := p.conn.Client().MemoryUsage(ctx, string(g.Key)).Result()
			if p.told(&p.keys.Sizes, err); err == nil {
				g.Bytes = snapshot.Some(n)
			}
		} else {
			g.Alike = p.alike(ctx, string(g.Key), names)
		}
		p.keys.Groups = append(p.keys.Groups, g)
	}
}

// told counts an answer about a key; until there is one, it keeps the first refusal. A key that is gone is an answer too.
func (p *peek) told(f *snapshot.Fact[int], err error) {
	switch {
	case err == nil || errors.Is(err, redis.Nil):
		*f = snapshot.Fact[int]{Status: snapshot.OK, Source: f.Source, Value: f.Value + 1}
	case f.Status == snapshot.NotAsked:
		f.Status, f.Cause, f.Reply = facts.Refusal(p.conn, err)
	}
}

// alike finds keys that end with a name: an application with another prefix. What was read is looked at first; a larger
// database is searched once, by the server.
func (p *peek) alike(ctx context.Context, name string, names []string) []snapshot.Text {
	ends := func(all []string) []snapshot.Text {
		var found []snapshot.Text
		for _, n := range all {
			if strings.HasSuffix(n, name) && n != name && len(found) < maxAlike {
				found = append(found, snapshot.Text(n))
			}
		}
		return found
	}
	if found := ends(names); len(found) > 0 || int64(len(names)) >= p.opts.Total {
		return found
	}
	more, err := p.scan(ctx, "*"+name, matchCount)
	if err != nil {
		return nil
	}
	return ends(more)
}

// literalKeys are the first keys of the groups that are names and no patterns, the built-in group first.
func literalKeys(groups map[string][]string) []evidence.Group {
	var all []evidence.Group
	for name, patterns := range groups {
		for _, pattern := range patterns {
			if !strings.ContainsAny(pattern, `*?[\`) {
				all = append(all, evidence.Group{Name: name, Key: snapshot.Text(pattern)})
			}
		}
	}
	sorting.By(all, func(a, b evidence.Group) int {
		first := func(g evidence.Group) int {
			if g.Name == "vitrine" {
				return 0
			}
			return 1
		}
		return cmp.Or(cmp.Compare(first(a), first(b)), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Key, b.Key))
	})
	return all[:min(len(all), maxGroupKeys)]
}

// prefixes counts the families of names.
func (p *peek) prefixes(names []string) {
	count := map[string]int{}
	for _, name := range names {
		count[prefixOf(name)]++
	}
	for name, n := range count {
		p.keys.Prefixes = append(p.keys.Prefixes, evidence.Prefix{Name: snapshot.Text(name), Count: n})
	}
	all := p.keys.Prefixes
	sort.Slice(all, func(i, j int) bool {
		return all[i].Count > all[j].Count || all[i].Count == all[j].Count && all[i].Name < all[j].Name
	})
	if len(p.keys.Prefixes) > maxPrefixes {
		p.keys.Prefixes = p.keys.Prefixes[:maxPrefixes]
	}
}

// ask asks a few keys for TTL and size. A large value mostly stands alone: a key of each family is asked before a second
// of any, and those that stand alone before the members of large families.
func (p *peek) ask(ctx context.Context, names []string) {
	picked := pick(names, min(p.left()/2, maxAsked))
	ttls, sizes := make([]*redis.DurationCmd, len(picked)), make([]*redis.IntCmd, len(picked))
	// Errors are looked at command by command: a key may be gone, MEMORY may be refused.
	_, _ = p.conn.Client().Pipelined(ctx, func(pipe redis.Pipeliner) error {
		for i, name := range picked {
			ttls[i], sizes[i] = pipe.PTTL(ctx, name), pipe.MemoryUsage(ctx, name)
		}
		return nil
	})
	large := 0
	for i, name := range picked {
		k := evidence.Key{Name: snapshot.Text(name), Prefix: snapshot.Text(prefixOf(name))}
		left, err := ttls[i].Result()
		if p.told(&p.keys.TTLs, err); err == nil && left != noKey {
			k.TTL = snapshot.Some(milliseconds(left))
		}
		n, err := sizes[i].Result()
		if p.told(&p.keys.Sizes, err); err == nil {
			k.Bytes = snapshot.Some(n)
			if n > largeValue && large < maxLarge {
				large++
				p.count(ctx, &k)
			}
		}
		p.keys.Asked = append(p.keys.Asked, k)
		p.add(k)
	}
}

// add counts a key for its family.
func (p *peek) add(k evidence.Key) {
	for i := range p.keys.Prefixes {
		f := &p.keys.Prefixes[i]
		left, known := k.TTL.Get()
		if f.Name != k.Prefix || !known {
			continue
		}
		f.Asked++
		if left >= 0 {
			f.WithTTL++
		}
		f.LargestB = max(f.LargestB, k.Bytes.Or(0))
	}
}

// count asks a large value what it is and how many elements it has.
func (p *peek) count(ctx context.Context, k *evidence.Key) {
	name, c := string(k.Name), p.conn.Client()
	kind, err := c.Type(ctx, name).Result()
	if err != nil {
		return
	}
	k.Type = kind
	var n int64
	switch kind {
	case "list":
		n, err = c.LLen(ctx, name).Result()
	case "hash":
		n, err = c.HLen(ctx, name).Result()
	case "set":
		n, err = c.SCard(ctx, name).Result()
	case "zset":
		n, err = c.ZCard(ctx, name).Result()
	case "stream":
		n, err = c.XLen(ctx, name).Result()
	default:
		return
	}
	if err == nil {
		k.Elements = snapshot.Some(n)
	}
}

// What PTTL answers for a key that is not there; −1, which says that it never expires, is kept as it is.
const noKey = -2

func milliseconds(d time.Duration) int64 {
	if d < 0 {
		return int64(d) // the driver keeps −1 and −2 as they are
	}
	return d.Milliseconds()
}

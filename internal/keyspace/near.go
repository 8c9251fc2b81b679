package keyspace

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/redis/go-redis/v9"

	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
	"github.com/olympiades-ia/olymp-cache/internal/sorting"
	"github.com/olympiades-ia/olymp-cache/internal/spelling"
)

const (
	// nearScan is how many keys of each server are looked at for names that are near, nearSearch how many it searches itself.
	nearScan   = 2000
	nearSearch = 20000
	// mostNear is how many near names are told.
	mostNear = 5
	// mostDatabases is how many databases are asked whether they have the key.
	mostDatabases = 16
)

// Nearby is what resembles a key that is not there.
type Nearby struct {
	Keys      []string // names, the nearest first
	Databases []int    // other databases that have the very key
}

// Near looks for a missing key: under names that resemble it, in some thousands of keys, and in other databases. It is a courtesy: what is
// refused is left out.
func Near(ctx context.Context, conn *redisconn.Conn, key string) Nearby {
	var n Nearby
	names := scanOnce(ctx, conn, "", nearScan)
	names = append(names, scanOnce(ctx, conn, "*"+Literal(key)+"*", nearSearch)...)
	slices.Sort(names)
	n.Keys = nearest(key, slices.Compact(names))
	n.Databases = inOtherDatabases(ctx, conn, key)
	return n
}

// scanOnce reads one page of names of every primary; none where that is refused.
func scanOnce(ctx context.Context, conn *redisconn.Conn, pattern string, count int64) []string {
	var (
		mu  sync.Mutex
		all []string
	)
	_ = conn.EachPrimary(ctx, func(ctx context.Context, c *redis.Client) error { // see Near
		names, _, err := c.Scan(ctx, 0, pattern, count).Result()
		mu.Lock()
		defer mu.Unlock()
		all = append(all, names...)
		return err
	})
	return all
}

// Literal is a pattern that matches one name only.
func Literal(name string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`, `]`, `\]`).Replace(name)
}

// nearest picks the names that resemble a key, the nearest first.
func nearest(key string, names []string) []string {
	type candidate struct {
		name string
		far  int
	}
	var all []candidate
	for _, name := range names {
		if far := distance(key, name); far < unlike {
			all = append(all, candidate{name, far})
		}
	}
	sorting.By(all, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.far, b.far), cmp.Compare(len(a.name), len(b.name)), cmp.Compare(a.name, b.name))
	})
	var out []string
	for _, c := range all[:min(len(all), mostNear)] {
		out = append(out, c.name)
	}
	return out
}

// unlike is the distance of names that have nothing to do with each other.
const unlike = 6

// distance is how little two names resemble each other: 0 where only case and blanks differ, then another prefix or suffix, then
// mistyped letters.
func distance(key, name string) int {
	fold := func(s string) string { return strings.ToLower(strings.TrimSpace(s)) }
	a, b := fold(key), fold(name)
	switch {
	case a == "" || b == "":
		return unlike
	case a == b:
		return 0
	case strings.HasSuffix(b, a), strings.HasSuffix(a, b) && len(b) > 3:
		return 1
	case strings.HasPrefix(b, a), strings.HasPrefix(a, b) && len(b) > 3:
		return 2
	case strings.Contains(b, a):
		return 3
	}
	most := min(2, len(a)/4) // a letter of a short name makes another name
	if gap := len(a) - len(b); gap > most || -gap > most {
		return unlike
	}
	if d := spelling.Edits(a, b); d <= most {
		return 3 + d
	}
	return unlike
}

// inOtherDatabases asks the databases that hold keys whether they have this one.
func inOtherDatabases(ctx context.Context, conn *redisconn.Conn, key string) []int {
	if conn.Server().Mode == redisconn.ModeCluster {
		return nil // it has one database
	}
	info, err := conn.Seed().Info(ctx, "keyspace").Result()
	if err != nil {
		return nil
	}
	var others []int
	for line := range strings.Lines(info) {
		name, _, ok := strings.Cut(line, ":")
		n, err := strconv.Atoi(strings.TrimPrefix(name, "db"))
		if ok && err == nil && strings.HasPrefix(name, "db") && n != conn.Target().DB && len(others) < mostDatabases {
			others = append(others, n)
		}
	}
	if len(others) == 0 {
		return nil
	}
	// The connection is brought back to its own database. What SELECT refuses is no answer of the database that was meant.
	selected, there := make([]*redis.StatusCmd, len(others)), make([]*redis.IntCmd, len(others))
	_, _ = conn.Seed().Pipelined(ctx, func(p redis.Pipeliner) error {
		for i, n := range others {
			selected[i], there[i] = p.Select(ctx, n), p.Exists(ctx, key)
		}
		return p.Select(ctx, conn.Target().DB).Err()
	})
	var found []int
	for i, n := range others {
		if selected[i].Err() == nil && there[i].Err() == nil && there[i].Val() == 1 {
			found = append(found, n)
		}
	}
	return found
}

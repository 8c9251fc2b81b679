package keyspace_test

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/keyspace"
	"github.com/olympiades-ia/olymp-cache/internal/keyspace/profile"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

func picked(t *testing.T, conn *redisconn.Conn, o keyspace.PickOptions) (names []string, p *keyspace.Picked) {
	t.Helper()
	p, err := keyspace.Pick(t.Context(), conn, o, func(r profile.Record) error {
		names = append(names, string(r.Name))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if int64(len(names)) != p.Shown {
		t.Errorf("%d visits, %d shown", len(names), p.Shown)
	}
	return names, p
}

func TestPickInOrder(t *testing.T) {
	conn := open(t, redistest.Start(t).URL())
	ctx := t.Context()
	for i := range 50 {
		conn.Client().Set(ctx, fmt.Sprintf("k%02d", i), string(make([]byte, 1000*(i*7%50))), time.Hour+time.Duration(i*13%50)*time.Minute)
	}
	conn.Client().Set(ctx, "forever", "x", 0)
	sizes, ttls := map[string]int64{}, map[string]time.Duration{}
	all, err := conn.Client().Keys(ctx, "*").Result()
	must(t, err)
	for _, name := range all {
		sizes[name] = conn.Client().MemoryUsage(ctx, name).Val()
		if ttls[name] = conn.Client().PTTL(ctx, name).Val(); name == "forever" {
			ttls[name] = math.MaxInt64
		}
	}
	slices.Sort(all)
	for order, less := range map[keyspace.Order]func(a, b string) int{
		keyspace.ByName:    strings.Compare,
		keyspace.BySoonest: func(a, b string) int { return cmp.Compare(ttls[a], ttls[b]) },
		keyspace.ByLargest: func(a, b string) int { return cmp.Compare(sizes[b], sizes[a]) },
	} {
		sorted := slices.Clone(all)
		slices.SortStableFunc(sorted, less)
		for _, limit := range []int64{0, 1, 5, 51, 1000} {
			want := sorted
			if limit > 0 {
				want = want[:min(limit, 51)]
			}
			got, p := picked(t, conn, keyspace.PickOptions{Order: order, Limit: limit})
			if !slices.Equal(got, want) {
				t.Errorf("%s, limit %d: %q, want %q", order, limit, got, want)
			}
			if p.More != 51-int64(len(want)) || p.AtLeast {
				t.Errorf("%s, limit %d: %d more, at least %v", order, limit, p.More, p.AtLeast)
			}
		}
	}
}

func TestPickSaysHowManyMore(t *testing.T) {
	conn := open(t, redistest.Start(t).URL())
	fill(t, conn, 4000)
	pattern := keyspace.ListOptions{Filter: keyspace.Filter{Pattern: "user:*"}}
	for name, c := range map[string]struct {
		o       keyspace.PickOptions
		shown   int64
		more    int64
		atLeast bool
	}{
		"all":                  {keyspace.PickOptions{}, 4000, 0, false},
		"as many as there are": {keyspace.PickOptions{Limit: 4000}, 4000, 0, false},
		"some":                 {keyspace.PickOptions{Limit: 10}, 10, 3990, false},
		"one":                  {keyspace.PickOptions{Limit: 1}, 1, 3999, false},
		"of a pattern":         {keyspace.PickOptions{ListOptions: pattern, Limit: 10, CountOn: time.Minute}, 10, 490, false},
		"all of a pattern":     {keyspace.PickOptions{ListOptions: pattern, Limit: 500, CountOn: time.Minute}, 500, 0, false},
		"uncounted":            {keyspace.PickOptions{ListOptions: pattern, Limit: 10}, 10, 1, true},
		"no time to count":     {keyspace.PickOptions{ListOptions: pattern, Limit: 10, CountOn: 1}, 10, 1, true},
	} {
		_, p := picked(t, conn, c.o)
		if p.Shown != c.shown || p.More != c.more || p.AtLeast != c.atLeast {
			t.Errorf("%s: %d shown, %d more, at least %v; want %d, %d, %v", name, p.Shown, p.More, p.AtLeast, c.shown, c.more, c.atLeast)
		}
	}
}

// TestPickFew: a hundred keys cost hundreds of commands, not the thousands of whole pages.
func TestPickFew(t *testing.T) {
	s := redistest.Start(t)
	conn := open(t, s.URL())
	fill(t, conn, 20000)
	before := conn.CommandsSent()
	pages := 0
	_, p := picked(t, conn, keyspace.PickOptions{
		ListOptions: keyspace.ListOptions{Facts: true, Paged: func() error { pages++; return nil }}, Limit: 100,
	})
	if sent := conn.CommandsSent() - before; sent > 5000 || p.Shown != 100 || pages == 0 {
		t.Errorf("%d commands for %d keys in %d pages", sent, p.Shown, pages)
	}
}

func TestPickStops(t *testing.T) {
	conn := open(t, redistest.Start(t).URL())
	fill(t, conn, 4000)
	broken := errors.New("the pipe is broken")
	for _, order := range []keyspace.Order{keyspace.AsRead, keyspace.ByName} {
		n := 0
		p, err := keyspace.Pick(t.Context(), conn, keyspace.PickOptions{Order: order}, func(profile.Record) error {
			if n++; n == 7 {
				return broken
			}
			return nil
		})
		if !errors.Is(err, broken) || n != 7 || p == nil {
			t.Errorf("%q: %d visits, %v", order, n, err)
		}
	}
}

// TestListRefused: a filter on what the server refuses to tell is an error, not an empty list.
func TestListRefused(t *testing.T) {
	s := redistest.Start(t)
	admin := open(t, s.URL())
	fill(t, admin, 100)
	if err := admin.Client().Do(t.Context(), "ACL", "SETUSER", "app", "on", ">pw", "~*", "+@all", "-pttl", "-memory").Err(); err != nil {
		t.Fatal(err)
	}
	conn := open(t, s.URLOf("app", "pw", s.Addr()))
	none := func(r profile.Record) error { t.Errorf("%q was listed", r.Name); return nil }
	_, err := keyspace.List(t.Context(), conn, keyspace.ListOptions{NoTTL: true}, none)
	if e, ok := redisconn.AsError(err); !ok || e.ID != "auth-no-permission" {
		t.Errorf("no TTLs: %v", err)
	}
	_, err = keyspace.Pick(t.Context(), conn, keyspace.PickOptions{Order: keyspace.BySoonest}, none)
	if e, ok := redisconn.AsError(err); !ok || e.ID != "auth-no-permission" {
		t.Errorf("an order by TTL without TTLs: %v", err)
	}
	n := 0
	l, err := keyspace.List(t.Context(), conn, keyspace.ListOptions{MinBytes: 180}, func(profile.Record) error { n++; return nil })
	if err != nil || !l.Estimated || n == 0 || n == 100 {
		t.Errorf("no sizes: %d keys, %+v, %v", n, l, err)
	}
	if err := admin.Client().Do(t.Context(), "ACL", "SETUSER", "app", "-type").Err(); err != nil {
		t.Fatal(err)
	}
	_, err = keyspace.List(t.Context(), conn, keyspace.ListOptions{MinBytes: 600}, none)
	if e, ok := redisconn.AsError(err); !ok || e.ID != "auth-no-permission" {
		t.Errorf("no sizes and no types: %v", err)
	}
}

package keyspace_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"github.com/olympiades-ia/olymp-cache/internal/keyspace"
	"github.com/olympiades-ia/olymp-cache/internal/keyspace/profile"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

// fill writes keys of all types, some of them with a time to live, and names that no text is.
func fill(t *testing.T, conn *redisconn.Conn, n int) {
	t.Helper()
	ctx := t.Context()
	for start := 0; start < n; start += 1000 {
		_, err := conn.Client().Pipelined(ctx, func(p redis.Pipeliner) error {
			for i := start; i < min(start+1000, n); i++ {
				switch i % 8 {
				case 0, 1:
					p.Set(ctx, fmt.Sprintf("page:%d:fr", i), strings.Repeat("x", 50+i%700), time.Hour+time.Duration(i)*time.Second)
				case 2:
					p.HSet(ctx, fmt.Sprintf("user:%d", i), "name", i, "mail", strings.Repeat("m", i%90))
				case 3:
					p.RPush(ctx, fmt.Sprintf("queue:%d:jobs", i), "a", "b", strings.Repeat("c", i%2000))
				case 4:
					p.SAdd(ctx, fmt.Sprintf("tags/%d", i), "a", "b", i)
				case 5:
					p.ZAdd(ctx, fmt.Sprintf("rank.%d", i), redis.Z{Score: 1, Member: i})
				case 6:
					p.XAdd(ctx, &redis.XAddArgs{Stream: fmt.Sprintf("log|%d", i), Values: []any{"k", i}})
				case 7:
					p.Set(ctx, fmt.Sprintf("bin\n\x00\xff\x1b[31m %d", i), "v", 0)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// truth asks every key with the driver, one by one.
func truth(t *testing.T, conn *redisconn.Conn) (total profile.Tally, types map[string]int64) {
	t.Helper()
	types = map[string]int64{}
	var mu sync.Mutex
	err := conn.EachPrimary(t.Context(), func(ctx context.Context, c *redis.Client) error {
		mu.Lock()
		defer mu.Unlock()
		names, err := c.Keys(ctx, "*").Result()
		if err != nil {
			return err
		}
		for _, name := range names {
			bytes, err := c.MemoryUsage(ctx, name).Result()
			if err != nil {
				return err
			}
			total.Keys++
			total.Bytes += bytes
			if c.TTL(ctx, name).Val() == -1 {
				total.NoTTL++
			} else {
				total.Timed++
			}
			types[c.Type(ctx, name).Val()]++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return total, types
}

func exact(t *testing.T, conn *redisconn.Conn, o keyspace.ProfileOptions) *keyspace.Result {
	t.Helper()
	res, err := keyspace.Exact(t.Context(), conn, o)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func TestExact(t *testing.T) {
	for name, start := range map[string]func(t *testing.T) string{
		"standalone": func(t *testing.T) string { return redistest.Start(t).URL() },
		"cluster":    func(t *testing.T) string { return redistest.StartCluster(t, 3).URL() },
		"tls":        tlsURL,
	} {
		t.Run(name, func(t *testing.T) {
			conn := open(t, start(t))
			for _, n := range []int{0, 1, 5000} {
				fill(t, conn, n)
				want, types := truth(t, conn)
				for _, gentle := range []bool{false, true} {
					o := keyspace.ProfileOptions{Options: profile.Options{Top: 3}, Pace: keyspace.Pace{Gentle: gentle}}
					res := exact(t, conn, o)
					got := res.Profile.Total.Tally
					got.TTL = 0 // it runs down
					if diff := cmp.Diff(want, got); diff != "" || res.Partial != "" || res.Total != want.Keys {
						t.Errorf("%d keys, gentle %t: total %d, partial %q\n%s", n, gentle, res.Total, res.Partial, diff)
					}
					byType := map[string]int64{}
					for _, r := range res.Profile.Types {
						byType[r.Name] = r.Tally.Keys
					}
					if diff := cmp.Diff(types, byType); diff != "" {
						t.Errorf("%d keys: types\n%s", n, diff)
					}
				}
			}
			res := exact(t, conn, keyspace.ProfileOptions{})
			var families []string
			for _, r := range res.Profile.Families {
				families = append(families, r.Name)
			}
			slices.Sort(families)
			want := []string{"*", "log|*", "page:*:fr", "queue:*:jobs", "rank.*", "tags/*", "user:*"}
			if diff := cmp.Diff(want, families); diff != "" {
				t.Errorf("families\n%s", diff)
			}
		})
	}
}

func tlsURL(t *testing.T) string {
	s := redistest.Start(t, redistest.WithTLS(redistest.TLSOptions{}), redistest.WithPassword("geheim"))
	return s.URL() + "?ssl_cert_reqs=none"
}

// TestFilter: a pattern is the server's, a type too.
func TestFilter(t *testing.T) {
	conn := open(t, redistest.Start(t).URL())
	fill(t, conn, 800)
	for _, c := range []struct {
		filter keyspace.Filter
		keys   int64
	}{
		{keyspace.Filter{Pattern: "page:*"}, 200},
		{keyspace.Filter{Type: "hash"}, 100},
		{keyspace.Filter{Pattern: "*[0-9]", Type: "set"}, 100},
		{keyspace.Filter{Pattern: "nothing*"}, 0},
	} {
		res := exact(t, conn, keyspace.ProfileOptions{Filter: c.filter})
		if got := res.Profile.Total.Tally.Keys; got != c.keys {
			t.Errorf("%+v: %d keys, want %d", c.filter, got, c.keys)
		}
	}
}

// TestBounds: a run that ends early says so, and what it has is right.
func TestBounds(t *testing.T) {
	conn := open(t, redistest.Start(t).URL())
	fill(t, conn, 5000)
	before := conn.CommandsSent()
	res := exact(t, conn, keyspace.ProfileOptions{Pace: keyspace.Pace{Budget: 2000}})
	if sent := conn.CommandsSent() - before; res.Partial != keyspace.StopBudget || sent > 2000+20 || res.Profile.Seen < 500 {
		t.Errorf("budget: partial %q, %d commands, %d keys", res.Partial, sent, res.Profile.Seen)
	}
	start := time.Now()
	res = exact(t, conn, keyspace.ProfileOptions{Pace: keyspace.Pace{MaxRate: 2000, Deadline: time.Second}})
	if took := time.Since(start); res.Partial != keyspace.StopDeadline || res.Profile.Seen < 1000 || res.Profile.Seen > 3000 ||
		took > 2*time.Second {
		t.Errorf("max-time: partial %q, %d keys in %v", res.Partial, res.Profile.Seen, took)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	stop := errors.New("ctrl-c")
	time.AfterFunc(300*time.Millisecond, func() { cancel(stop) })
	conn2, err := redisconn.Open(ctx, conn.Target(), redisconn.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer conn2.Close()
	res, err = keyspace.Exact(ctx, conn2, keyspace.ProfileOptions{Pace: keyspace.Pace{MaxRate: 2000}})
	if !errors.Is(err, stop) || res.Partial != keyspace.StopInterrupted {
		t.Errorf("interrupted: %q, %v", res.Partial, err)
	}
}

// TestKilled: a server that goes away in the middle is an error, soon, with what was read.
func TestKilled(t *testing.T) {
	server := redistest.Start(t)
	conn := open(t, server.URL())
	fill(t, conn, 5000)
	time.AfterFunc(300*time.Millisecond, server.Kill)
	start := time.Now()
	res, err := keyspace.Exact(t.Context(), conn, keyspace.ProfileOptions{Pace: keyspace.Pace{MaxRate: 5000}})
	e, named := redisconn.AsError(err)
	if !named || e.ID != "tcp-closed" && e.ID != "tcp-refused" || res == nil || time.Since(start) > 4*time.Second {
		t.Errorf("after %v: %v", time.Since(start), err)
	}
}

// TestRefused: a user who may only scan still gets the names; what is refused is told.
func TestRefused(t *testing.T) {
	server := redistest.Start(t, redistest.WithAdmin("root", "r"),
		redistest.WithUser("scan", "s", "+@connection +scan +dbsize ~*"),
		redistest.WithUser("lengths", "s", "+@all -memory ~*"),
		redistest.WithUser("some", "s", "+@all ~page:*"))
	admin := open(t, server.URLOf("root", "r", server.Addr()))
	fill(t, admin, 800)
	res := exact(t, open(t, server.URLOf("scan", "s", server.Addr())), keyspace.ProfileOptions{})
	if res.Profile.Total.Tally.Keys != 800 || len(res.Refused) != 3 || res.Profile.Total.Tally.Bytes != 0 {
		t.Errorf("scan: %+v, refused %+v", res.Profile.Total.Tally, res.Refused)
	}
	res = exact(t, open(t, server.URLOf("lengths", "s", server.Addr())), keyspace.ProfileOptions{})
	if got := res.Profile.Total.Tally; !res.Estimated || got.Bytes < 100_000 || got.Keys != 800 || len(res.Refused) != 1 {
		t.Errorf("lengths: estimated %t, %+v, refused %+v", res.Estimated, got, res.Refused)
	}
	res = exact(t, open(t, server.URLOf("some", "s", server.Addr())), keyspace.ProfileOptions{})
	if got := res.Profile.Total.Tally; got.Keys != 800 || res.Hidden != 600 {
		t.Errorf("some: %+v, hidden %d", got, res.Hidden)
	}
}

// TestSampled: the intervals hold the truth of a real server, whose keys differ in size, expire, and are of two families.
func TestSampled(t *testing.T) {
	conn := open(t, redistest.Start(t).URL())
	fill(t, conn, 100_000)
	want := exact(t, conn, keyspace.ProfileOptions{}).Profile
	held, asked := map[string]int{}, map[string]int{}
	check := func(what string, e profile.Estimate, truth int64) {
		asked[what]++
		if e.Low <= float64(truth) && float64(truth) <= e.High {
			held[what]++
		}
	}
	const runs = 60
	for range runs {
		res, err := keyspace.Sampled(t.Context(), conn, keyspace.SampleOptions{Keys: 3000})
		if err != nil {
			t.Fatal(err)
		}
		p := res.Profile
		if !p.Sampled || p.Seen < 3000 || p.Seen > 6000 || p.Unmet != 0 {
			t.Fatalf("seen %d, unmet %.0f", p.Seen, p.Unmet)
		}
		check("bytes", p.Total.Bytes, want.Total.Tally.Bytes)
		check("no TTL", p.Total.NoTTL, want.Total.Tally.NoTTL)
		for _, r := range p.Families {
			for _, w := range want.Families {
				if w.Name == r.Name {
					check(r.Name, r.Bytes, w.Tally.Bytes)
				}
			}
		}
	}
	for what, n := range asked {
		// 60 runs: fewer than 51 is a chance of one in a thousand at 93 %.
		if n != runs || held[what] < 51 {
			t.Errorf("%s: %d of %d hold", what, held[what], n)
		}
	}
}

// TestSampledPattern: a part of the keyspace is estimated from all that was met.
func TestSampledPattern(t *testing.T) {
	conn := open(t, redistest.StartCluster(t, 3).URL())
	fill(t, conn, 40_000)
	o := keyspace.SampleOptions{Keys: 4000}
	o.Filter.Pattern = "page:*"
	res, err := keyspace.Sampled(t.Context(), conn, o)
	if err != nil {
		t.Fatal(err)
	}
	got := res.Profile.Total
	if got.Keys.Low > 10_000 || got.Keys.High < 10_000 || got.Keys.High-got.Keys.Low > 3000 || got.NoTTL.High > 100 {
		t.Errorf("%+v", got)
	}
	if len(res.Profile.Families) != 1 || res.Profile.Families[0].Name != "page:*:fr" {
		t.Errorf("families %+v", res.Profile.Families)
	}
}

// TestOpaqueCursors: where a random cursor is no random place, keys are drawn one by one.
func TestOpaqueCursors(t *testing.T) {
	server := redistest.Start(t)
	conn := open(t, server.URL())
	fill(t, conn, 20_000)
	var first string
	proxy := redistest.Rewrite(t, server.Addr(), func(cmd []string, reply string) string {
		if !strings.EqualFold(cmd[0], "scan") {
			return reply
		}
		if first == "" {
			first = reply
		}
		return first // whatever the cursor is
	})
	res, err := keyspace.Sampled(t.Context(), open(t, "redis://"+proxy), keyspace.SampleOptions{Keys: 2000})
	if err != nil {
		t.Fatal(err)
	}
	if got := res.Profile.Total.NoTTL; !res.Random || got.Low > 15_000 || got.High < 15_000 {
		t.Errorf("random %t, %+v", res.Random, got)
	}
}

// TestKeySizes: a server that counts values by size tells them; ours, which does not, gives none.
func TestKeySizes(t *testing.T) {
	server := redistest.Start(t)
	if got, err := keyspace.KeySizes(t.Context(), open(t, server.URL())); err != nil || got != nil {
		t.Errorf("%v, %v", got, err)
	}
	proxy := redistest.Rewrite(t, server.Addr(), func(cmd []string, reply string) string {
		if len(cmd) == 2 && cmd[1] == "keysizes" {
			return redistest.EditText(reply, func(string) string { return "# Keysizes\r\ndb0_distrib_strings_sizes:8=3,1K=1\r\n" })
		}
		return reply
	})
	got, err := keyspace.KeySizes(t.Context(), open(t, "redis://"+proxy))
	want := []profile.ValueSizes{{Type: "string", Bins: []profile.Bin{{From: 8, To: 16, Keys: 3}, {From: 1 << 10, To: 2 << 10, Keys: 1}}}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
}

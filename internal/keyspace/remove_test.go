package keyspace_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"github.com/olympiades-ia/olymp-cache/internal/keyspace"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

func named(keys ...string) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for _, k := range keys {
			if !yield([]byte(k), nil) {
				return
			}
		}
	}
}

// everything is each key and its value as DUMP has it.
func everything(t *testing.T, conn *redisconn.Conn) map[string]string {
	t.Helper()
	all := map[string]string{}
	var mu sync.Mutex
	err := conn.EachPrimary(t.Context(), func(ctx context.Context, c *redis.Client) error {
		names, err := c.Keys(ctx, "*").Result()
		if err != nil {
			return err
		}
		for _, name := range names {
			value, err := c.Dump(ctx, name).Result()
			if err != nil {
				return err
			}
			mu.Lock()
			all[name] = value
			mu.Unlock()
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// hostile are names that shells, lines and texts take apart.
var hostile = []string{"a b", "a", "b", "line\nbreak", "nul\x00in", "\xff\xfe", " ", "'\"", "é", "\x1b[31m", "-n", "{tag}x", "*", "[a]"}

// TestRemoveNames: the keys that are named go, to the byte, and no other, on one server and on a cluster.
func TestRemoveNames(t *testing.T) {
	t.Parallel()
	for kind, conn := range map[string]*redisconn.Conn{
		"one": open(t, redistest.Start(t).URL()), "cluster": open(t, redistest.StartCluster(t, 3).URL()),
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			fill(t, conn, 3000)
			before := everything(t, conn)
			for _, name := range hostile {
				if err := conn.Client().Set(t.Context(), name, "v", 0).Err(); err != nil {
					t.Fatal(err)
				}
			}
			for i, each := range []bool{true, false} {
				told := map[string]keyspace.Fate{}
				o := keyspace.RemoveOptions{}
				if each {
					o.Each = func(name []byte, fate keyspace.Fate) error { told[string(name)] = fate; return nil }
				}
				// Half of them each time, with a name that no key has and one that is given twice.
				half := hostile[i*len(hostile)/2 : (i+1)*len(hostile)/2]
				got, err := keyspace.Remove(
					t.Context(),
					conn,
					keyspace.Wanted{Names: named(append([]string{"gone", half[0]}, half...)...)},
					o,
				)
				if want := (keyspace.Fates{Deleted: int64(len(half)), Missing: 2}); err != nil || got != want {
					t.Errorf("%+v, want %+v, %v", got, want, err)
				}
				if each && len(told) != len(half)+1 {
					t.Errorf("told of %q", told)
				}
			}
			if diff := cmp.Diff(before, everything(t, conn)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestRemoveMatching: what the patterns match goes, once, and all else stays as it was.
func TestRemoveMatching(t *testing.T) {
	t.Parallel()
	for kind, conn := range map[string]*redisconn.Conn{
		"one": open(t, redistest.Start(t).URL()), "cluster": open(t, redistest.StartCluster(t, 3).URL()),
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			fill(t, conn, 8000)
			before := everything(t, conn)
			want := int64(0)
			for name := range before {
				if strings.HasPrefix(name, "page:") || strings.HasPrefix(name, "bin") {
					delete(before, name)
					want++
				}
			}
			w := keyspace.Wanted{Patterns: []string{"page:*", "*:fr", "bin?\x00*"}}
			plan, err := keyspace.Plans(t.Context(), conn, w, keyspace.PlanOptions{Facts: true, Sample: 3})
			if err != nil || plan.Keys != want || len(plan.Sample) != 3 || plan.NoTTL != 1000 || plan.MinTTL < 3_590_000 {
				t.Errorf("planned %+v, want %d keys, %v", plan, want, err)
			}
			if plan, err = keyspace.Plans(t.Context(), conn, w, keyspace.PlanOptions{Most: want - 1}); err != nil || !plan.Over {
				t.Errorf("%+v, %v", plan, err)
			}
			got, err := keyspace.Remove(t.Context(), conn, w, keyspace.RemoveOptions{})
			if err != nil || got != (keyspace.Fates{Deleted: want}) {
				t.Errorf("%+v, want %d deleted, %v", got, want, err)
			}
			if diff := cmp.Diff(before, everything(t, conn)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestRemoveBound: a run that meets more keys than it was allowed stops, and counts what it did.
func TestRemoveBound(t *testing.T) {
	t.Parallel()
	conn := open(t, redistest.Start(t).URL())
	fill(t, conn, 4000)
	got, err := keyspace.Remove(t.Context(), conn, keyspace.Wanted{Patterns: []string{"page:*"}}, keyspace.RemoveOptions{MaxKeys: 700})
	left := int64(len(everything(t, conn)))
	if !errors.Is(err, keyspace.ErrMaxKeys) || got.Deleted > 700 || got.Deleted != 4000-left {
		t.Errorf("%+v with %d left, %v", got, left, err)
	}
}

// TestRemoveInterrupted: the count at the end of ctx is that of the server, whenever it comes.
func TestRemoveInterrupted(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	conn := open(t, s.URL())
	wish := errors.New("enough of this")
	interrupted := 0
	for _, after := range []int64{0, 1, 900, 2500} {
		fill(t, conn, 8000)
		before := int64(len(everything(t, conn)))
		ctx, cancel := context.WithCancelCause(t.Context())
		run := open(t, s.URL())
		told := int64(0)
		got, err := keyspace.Remove(ctx, run, keyspace.Wanted{Patterns: []string{"*[0-9]*"}}, keyspace.RemoveOptions{
			Rate: 20_000,
			Each: func([]byte, keyspace.Fate) error {
				if told++; told > after {
					cancel(wish)
				}
				return nil
			},
		})
		cancel(nil)
		left := int64(len(everything(t, conn)))
		if errors.Is(err, wish) {
			interrupted++
		} else if err != nil {
			t.Error(err)
		}
		if got.Unknown != 0 || got.Failed != 0 || got.Deleted != before-left || got.Deleted != told {
			t.Errorf("after %d: %+v, told %d, %d before, %d left", after, got, told, before, left)
		}
	}
	if interrupted < 3 {
		t.Errorf("only %d were interrupted", interrupted)
	}
}

// TestRemoveBroken: where the connection is reset, what was surely deleted and what is in doubt add up.
func TestRemoveBroken(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	direct := open(t, s.URL())
	broken := 0
	for _, bytes := range []int{60_000, 90_000, 130_000} {
		fill(t, direct, 8000)
		before := int64(len(everything(t, direct)))
		p := redistest.StartProxy(t, s.Addr())
		conn := open(t, p.URLOf(s))
		once := sync.OnceFunc(func() { p.ResetAfter(bytes) })
		got, err := keyspace.Remove(t.Context(), conn, keyspace.Wanted{Patterns: []string{"*[0-9]*"}}, keyspace.RemoveOptions{
			Each: func([]byte, keyspace.Fate) error { once(); return nil },
		})
		gone := before - int64(len(everything(t, direct)))
		if e, ok := redisconn.AsError(err); ok && e.Unreachable() {
			broken++
		} else if err != nil {
			t.Error(err)
		}
		if got.Deleted > gone || gone > got.Deleted+got.Unknown {
			t.Errorf("%+v, but %d are gone, %v", got, gone, err)
		}
	}
	if broken == 0 {
		t.Error("no connection broke")
	}
}

// TestRemoveOnlyPrimaries: a replica that takes writes loses nothing.
func TestRemoveOnlyPrimaries(t *testing.T) {
	t.Parallel()
	primary := redistest.Start(t)
	conn := open(t, primary.URL())
	if err := conn.Client().Set(t.Context(), "key", "v", 0).Err(); err != nil {
		t.Fatal(err)
	}
	replica := redistest.StartReplica(t, primary)
	if _, err := replica.Do("CONFIG", "SET", "replica-read-only", "no"); err != nil {
		t.Fatal(err)
	}
	at := open(t, replica.URL())
	for name, run := range map[string]func() error{
		"name": func() error {
			_, err := keyspace.Remove(t.Context(), at, keyspace.Wanted{Names: named("key")}, keyspace.RemoveOptions{})
			return err
		},
		"flush": func() error { _, err := keyspace.Flush(t.Context(), at, false); return err },
		"reclaim": func() error {
			_, err := keyspace.Reclaim(t.Context(), at, keyspace.Pace{}, &keyspace.Progress{})
			return err
		},
	} {
		if e, ok := redisconn.AsError(run()); !ok || e.ID != "server-readonly" {
			t.Errorf("%s: %v", name, e)
		}
	}
	if n := len(everything(t, at)); n != 1 {
		t.Errorf("%d keys are left", n)
	}
}

// TestRemoveForbidden: keys that the user may not touch stay, and are counted; the others go.
func TestRemoveForbidden(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, redistest.WithUser("cleaner", "pw", "~page:1* ~olymp-cache:test:* +@all"))
	root := open(t, s.URL())
	for i := range 1000 {
		if err := root.Client().Set(t.Context(), fmt.Sprintf("page:%d", i), "v", 0).Err(); err != nil {
			t.Fatal(err)
		}
	}
	conn := open(t, s.URLOf("cleaner", "pw", s.Addr()))
	got, err := keyspace.Remove(t.Context(), conn, keyspace.Wanted{Patterns: []string{"page:*"}}, keyspace.RemoveOptions{})
	e, ok := redisconn.AsError(err)
	if want := (keyspace.Fates{Deleted: 111, Failed: 889}); got != want || !ok || e.ID != "auth-no-permission" {
		t.Errorf("%+v, want %+v, %v", got, want, err)
	}
	if n := len(everything(t, root)); n != 889 {
		t.Errorf("%d keys are left", n)
	}
}

// TestRemoveFallbacks: servers and users that have no UNLINK, or no PEXPIRE … LT, and filters that cannot be asked.
func TestRemoveFallbacks(t *testing.T) {
	t.Parallel()
	s := redistest.Start(
		t,
		redistest.WithUser("old", "pw", "~* +@all -unlink"),
		redistest.WithUser("blind", "pw", "~* +@all -ttl -pttl -type -memory"),
		redistest.WithUser("reader", "pw", "~* +@all -unlink -del"),
	)
	root := open(t, s.URL())
	set := func(keys ...string) {
		for _, k := range keys {
			if err := root.Client().Set(t.Context(), k, "v", 0).Err(); err != nil {
				t.Fatal(err)
			}
		}
	}
	set("a", "b")
	got, err := keyspace.Remove(
		t.Context(),
		open(t, s.URLOf("old", "pw", s.Addr())),
		keyspace.Wanted{Names: named("a")},
		keyspace.RemoveOptions{},
	)
	if err != nil || got.Deleted != 1 {
		t.Errorf("by DEL: %+v, %v", got, err)
	}
	got, err = keyspace.Remove(
		t.Context(),
		open(t, s.URLOf("reader", "pw", s.Addr())),
		keyspace.Wanted{Names: named("b")},
		keyspace.RemoveOptions{},
	)
	if e, ok := redisconn.AsError(err); !ok || e.ID != "auth-no-permission" || got != (keyspace.Fates{}) {
		t.Errorf("by nothing: %+v, %v", got, err)
	}
	blind := open(t, s.URLOf("blind", "pw", s.Addr()))
	for _, w := range []keyspace.Wanted{
		{Patterns: []string{"b*"}, NoTTL: true},
		{Patterns: []string{"b*"}, MinBytes: 1},
		{Names: named("b"), NoTTL: true},
		{Names: named("b"), MinBytes: 1},
		{Names: named("b"), Type: "string"},
	} {
		var unasked *keyspace.ErrNotAsked
		got, err := keyspace.Remove(t.Context(), blind, w, keyspace.RemoveOptions{})
		if !errors.As(err, &unasked) || got != (keyspace.Fates{}) {
			t.Errorf("%+v: %+v, %v", w, got, err)
		}
		if _, err := keyspace.Plans(t.Context(), blind, w, keyspace.PlanOptions{}); !errors.As(err, &unasked) {
			t.Errorf("%+v was planned: %v", w, err)
		}
	}
	if n := len(everything(t, root)); n != 1 {
		t.Errorf("%d keys are left", n)
	}
}

// TestRemoveFailover: a primary that becomes a replica meanwhile refuses the rest; what it refused is as it was.
func TestRemoveFailover(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	conn := open(t, s.URL())
	fill(t, conn, 8000)
	before := int64(len(everything(t, conn)))
	var demoted error
	once := sync.OnceFunc(func() { _, demoted = s.Do("REPLICAOF", "127.0.0.1", "1") }) // of nobody: it keeps its data
	got, err := keyspace.Remove(t.Context(), conn, keyspace.Wanted{Patterns: []string{"*[0-9]*"}}, keyspace.RemoveOptions{
		Rate: 20_000, Each: func([]byte, keyspace.Fate) error { once(); return nil },
	})
	left := int64(len(everything(t, conn)))
	if e, ok := redisconn.AsError(err); !ok || e.ID != "server-readonly" || demoted != nil {
		t.Errorf("%v, %v", err, demoted)
	}
	if got.Failed == 0 || got.Unknown != 0 || got.Deleted == 0 || got.Deleted != before-left {
		t.Errorf("%+v, %d before, %d left", got, before, left)
	}
}

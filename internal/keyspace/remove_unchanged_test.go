package keyspace_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/keyspace"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

// TestExpireIn: times to live become shorter, never longer, and are spread.
func TestExpireIn(t *testing.T) {
	t.Parallel()
	for kind, url := range map[string]string{"new": redistest.Start(t).URL(), "old": withoutLT(t, redistest.Start(t))} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			conn := open(t, url)
			for i := range 300 {
				life := []time.Duration{0, time.Hour, 3 * time.Second}[i%3]
				if err := conn.Client().Set(t.Context(), fmt.Sprintf("k:%d", i), "v", life).Err(); err != nil {
					t.Fatal(err)
				}
			}
			o := keyspace.RemoveOptions{ExpireIn: 100 * time.Second}
			got, err := keyspace.Remove(t.Context(), conn, keyspace.Wanted{Patterns: []string{"k:*"}, Names: named("k:0", "gone", "k:2")}, o)
			// The key that was named has had its time shortened already, and the draw decides whether the pattern shortens it again.
			if err != nil || got.Missing != 1 || got.Expiring < 200 || got.Expiring > 201 || got.Expiring+got.Kept != 302 {
				t.Errorf("%+v, %v", got, err)
			}
			seen := map[time.Duration]bool{}
			for i := range 300 {
				left := conn.Client().PTTL(t.Context(), fmt.Sprintf("k:%d", i)).Val()
				if i%3 == 2 && left > 3*time.Second || i%3 != 2 && (left < 45*time.Second || left > 100*time.Second) {
					t.Errorf("key %d has %s left", i, left)
				}
				seen[left.Round(10*time.Second)] = true
			}
			if len(seen) < 5 {
				t.Errorf("not spread: %v", seen)
			}
		})
	}
}

// withoutLT stands before a server and makes it a Redis 6: PEXPIRE takes three arguments.
func withoutLT(t *testing.T, s *redistest.Server) string {
	t.Helper()
	return "redis://" + redistest.Rewrite(t, s.Addr(), func(cmd []string, reply string) string {
		if strings.EqualFold(cmd[0], "PEXPIRE") && len(cmd) > 3 {
			return redistest.ErrorReply("ERR wrong number of arguments for 'pexpire' command")
		}
		return reply
	})
}

// TestUnchanged: what was written since it was looked at stays, also where that happens between the second look and the deletion.
func TestUnchanged(t *testing.T) {
	t.Parallel()
	for kind, conn := range map[string]*redisconn.Conn{
		"one": open(t, redistest.Start(t).URL()), "cluster": open(t, redistest.StartCluster(t, 3).URL()),
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			fill(t, conn, 400)
			c := conn.Client()
			w := keyspace.Wanted{Patterns: []string{"page:*"}}
			plan, err := keyspace.Plans(t.Context(), conn, w, keyspace.PlanOptions{Prints: true})
			if err != nil || plan.Keys != 100 {
				t.Fatal(plan, err)
			}
			ctx := t.Context()
			value := c.Get(ctx, "page:8:fr").Val()
			for _, err := range []error{
				c.Set(ctx, "page:0:fr", "new", time.Hour).Err(),
				c.Del(ctx, "page:1:fr").Err(),
				c.Set(ctx, "page:8:fr", value, 2*time.Hour).Err(), // the same value, another time to live
				c.Persist(ctx, "page:9:fr").Err(),
				c.Set(ctx, "page:new", "x", 0).Err(),
				c.Get(ctx, "page:16:fr").Err(), // reading is no change
			} {
				if err != nil {
					t.Fatal(err)
				}
			}
			got, err := keyspace.Remove(ctx, conn, w, keyspace.RemoveOptions{Unchanged: plan.Prints})
			if want := (keyspace.Fates{Deleted: 96, Missing: 1, Kept: 3}); err != nil || got != want {
				t.Errorf("%+v, want %+v, %v", got, want, err)
			}
			if n := c.Exists(ctx, "page:new").Val(); n != 1 {
				t.Error("a key that was not looked at is gone")
			}
		})
	}
}

// TestUnchangedRace: writers that never rest lose no write.
func TestUnchangedRace(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	conn, writer := open(t, s.URL()), open(t, s.URL())
	lost := 0
	for round := range 20 {
		key := fmt.Sprintf("k:%d", round)
		if err := conn.Client().Set(t.Context(), key, "old", 0).Err(); err != nil {
			t.Fatal(err)
		}
		w := keyspace.Wanted{Names: named(key)}
		plan, err := keyspace.Plans(t.Context(), conn, w, keyspace.PlanOptions{Prints: true})
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan error)
		go func() { done <- writer.Client().Set(context.WithoutCancel(t.Context()), key, "new", 0).Err() }()
		if _, err := keyspace.Remove(t.Context(), conn, w, keyspace.RemoveOptions{Unchanged: plan.Prints}); err != nil {
			t.Fatal(err)
		}
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if conn.Client().Get(t.Context(), key).Val() != "new" {
			lost++
		}
	}
	if lost > 0 {
		t.Errorf("%d writes were lost", lost)
	}
}

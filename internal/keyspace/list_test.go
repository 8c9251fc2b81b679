package keyspace_test

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/olympiades-ia/olymp-cache/internal/keyname"
	"github.com/olympiades-ia/olymp-cache/internal/keyspace"
	"github.com/olympiades-ia/olymp-cache/internal/keyspace/profile"
	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

func TestList(t *testing.T) {
	conn := open(t, redistest.Start(t).URL())
	fill(t, conn, 4000)
	var names []string
	l, err := keyspace.List(t.Context(), conn, keyspace.ListOptions{}, func(r profile.Record) error {
		names = append(names, string(r.Name))
		return nil
	})
	if err != nil || l.Total != 4000 {
		t.Fatalf("%+v, %v", l, err)
	}
	want, err := conn.Client().Keys(t.Context(), "*").Result()
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	slices.Sort(want)
	if diff := cmp.Diff(want, names); diff != "" {
		t.Error(diff)
	}
	n := 0
	_, err = keyspace.List(t.Context(), conn, keyspace.ListOptions{NoTTL: true, MinBytes: 500, Facts: true}, func(r profile.Record) error {
		if n++; r.TTL != profile.NoExpiry || r.Bytes < 500 {
			t.Errorf("%+v", r)
		}
		if n == 10 {
			return keyspace.ErrEnough
		}
		return nil
	})
	if err != nil || n != 10 {
		t.Errorf("%d keys, %v", n, err)
	}
}

// TestChanging: keys that come, go and expire while they are read break nothing, and those that stay are met once, although the
// table shrinks and grows.
func TestChanging(t *testing.T) {
	server := redistest.Start(t)
	conn := open(t, server.URL())
	ctx := t.Context()
	for i := range 500 {
		conn.Client().Set(ctx, "stay:"+strconv.Itoa(i), "v", 0)
	}
	for round := range 6 {
		fill(t, conn, 30_000)
		done := make(chan struct{})
		other := open(t, server.URL())
		go func() {
			defer close(done)
			for i := range 30_000 {
				switch i % 8 {
				case 0, 1:
					other.Client().Unlink(ctx, fmt.Sprintf("page:%d:fr", i))
				case 2:
					other.Client().Unlink(ctx, fmt.Sprintf("user:%d", i))
				case 3:
					other.Client().Unlink(ctx, fmt.Sprintf("queue:%d:jobs", i))
				}
			}
		}()
		met := map[string]int{}
		pace := keyspace.Pace{MaxRate: int64(20_000 + 10_000*round)}
		_, err := keyspace.List(ctx, conn, keyspace.ListOptions{Facts: round%2 == 0, Pace: pace}, func(r profile.Record) error {
			met[string(r.Name)]++
			return nil
		})
		<-done
		if err != nil {
			t.Fatal(err)
		}
		stayed := 0
		for name, n := range met {
			if n > 1 {
				t.Errorf("%q was met %d times", name, n)
			}
			if strings.HasPrefix(name, "stay:") {
				stayed++
			}
		}
		if stayed != 500 {
			t.Errorf("%d of 500 keys that stay", stayed)
		}
	}
}

// TestMatchAsServer compares our patterns with those of the server.
func TestMatchAsServer(t *testing.T) {
	conn := open(t, redistest.Start(t).URL())
	ctx := t.Context()
	rng := rand.New(rand.NewPCG(3, 4)) //nolint:gosec // the same patterns each time
	word := func(alphabet string, n int) string {
		b := make([]byte, rng.IntN(n))
		for i := range b {
			b[i] = alphabet[rng.IntN(len(alphabet))]
		}
		return string(b)
	}
	var names []string
	for range 300 {
		name := "k" + word("ab-]^c\\", 6)
		names = append(names, name)
		if err := conn.Client().Set(ctx, name, "", 0).Err(); err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	for range 3000 {
		pattern := "k" + word("ab*?[]^-\\", 8)
		want, err := conn.Client().Keys(ctx, pattern).Result()
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, name := range names {
			if keyname.Match(pattern, []byte(name)) {
				got = append(got, name)
			}
		}
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Fatalf("%q matches %q, the server says %q", pattern, got, want)
		}
	}
}

func each(names []string) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for _, n := range names {
			if !yield([]byte(n), nil) {
				return
			}
		}
	}
}

package report_test

import (
	"bytes"
	"math"
	"testing"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/keyspace/profile"
	"github.com/olympiades-ia/olymp-cache/internal/report"
	"github.com/olympiades-ia/olymp-cache/internal/term"
)

func standing() *report.Standing {
	return &report.Standing{
		Target: report.Target{
			Host:          "cache.example.org",
			Server:        "redis",
			ServerVersion: "7.2.4\x1b[2J",
			DB:            3,
			Display:       "cache.example.org:6379/3",
		},
		Provider: "Render", Role: "master", Keys: 41_233, NoTTL: 12, Bytes: 31 << 20, SavedAgo: 3*time.Minute + 5*time.Second, Clients: 12,
		Names: map[string]int{"api": 5, "": 3, "worker\n": 1, "a": 1, "b": 1, "c": 1, "d": 1},
	}
}

func bare() *report.Standing {
	return &report.Standing{
		Target: report.Target{
			Host:    "/run/redis.sock",
			Server:  "unknown",
			Display: "/run/redis.sock/0",
		}, Keys: -1, NoTTL: -1, Bytes: -1, SavedAgo: report.SaveUnknown,
		Clients: -1,
	}
}

func removalPlan() *report.RemovalPlan {
	return &report.RemovalPlan{
		Keys: 1200, Missing: 2, Kept: 1, Bytes: 3 << 20, NoTTL: 4, MinTTL: 1500, MaxTTL: math.MaxInt64,
		Sample: []report.PlannedKey{
			{Name: "vitrine_cache", Type: "string", TTL: 240_000, Bytes: 1536},
			{Name: badName, Type: "hash", TTL: profile.NoExpiry, Bytes: 12},
			{Name: "clé", TTL: profile.Unknown, Bytes: profile.Unknown},
		},
		Refused: []report.RefusedAsk{{Command: "MEMORY USAGE", Reply: "NOPERM \x1b[31m"}},
	}
}

// TestRemovalText: what is shown before and after keys go, as it looks.
func TestRemovalText(t *testing.T) {
	t.Parallel()
	screens := map[string]term.Screen{"80": {TTY: true, Width: 80}, "ascii": {TTY: true, Width: 60, ASCII: true}}
	for _, cat := range languages() {
		for name, screen := range screens {
			var b bytes.Buffer
			x := textOn(cat, screen, &b, false)
			x.RemovalPlan(removalPlan(), standing())
			x.RemovalPlan(&report.RemovalPlan{MinTTL: -1, MaxTTL: -1}, bare())
			x.FlushPlan(standing(), false, []string{"a", badName})
			x.FlushPlan(bare(), true, nil)
			for _, r := range []report.Removal{
				{Counts: report.RemovalCounts{Deleted: 1}, Keys: []report.KeyFate{{Name: badName, Fate: "deleted"}}},
				{
					Counts: report.RemovalCounts{Deleted: 1, Missing: 1, Kept: 1},
					Keys:   []report.KeyFate{{Name: "a", Fate: "deleted"}, {Name: "b", Fate: "missing"}, {Name: "c", Fate: "kept"}},
				},
				{Counts: report.RemovalCounts{Deleted: 123_456}, Partial: "interrupted"},
				{Counts: report.RemovalCounts{Expiring: 2, Kept: 1}},
				{Counts: report.RemovalCounts{Deleted: 500, Failed: 1, Unknown: 1500}, Partial: "failed"},
				{Counts: report.RemovalCounts{Deleted: 10}, Partial: "max-keys"},
				{},
				{Partial: "failed"},
			} {
				x.Removal(&r)
			}
			servers := []report.FlushedServer{
				{Addr: "10.0.0.1:6379", Keys: 10, Result: "flushed"},
				{Addr: "10.0.0.2:6379", Keys: 1, Result: "failed", Reply: "NOPERM \x1b[1m"},
				{Addr: "10.0.0.3:6379", Keys: 7, Result: "unknown"},
				{Addr: "10.0.0.4:6379", Result: "untouched"},
			}
			target := report.Target{Display: "10.0.0.1:6379/0"}
			for _, f := range []report.Flush{
				{Target: target, Servers: servers[:1]},
				{Target: target, Servers: servers, Partial: "failed"},
				{Target: target, Reclaimed: &report.Reclaimed{Before: 100, After: 90, Expired: 12}},
				{Target: target, Reclaimed: &report.Reclaimed{Before: 100, After: 90, Expired: -1}},
				{Target: target, Reclaimed: &report.Reclaimed{Before: 100, After: -1, Expired: -1}, Partial: "interrupted"},
			} {
				x.Flush(&f)
			}
			if err := x.Err(); err != nil {
				t.Fatal(err)
			}
			if bytes.ContainsAny(b.Bytes(), "\x1b\x00") {
				t.Errorf("%s %s: what a terminal acts on was written", name, cat.Lang())
			}
			golden(t, "removal_"+name+"_"+string(cat.Lang()), b.String())
		}
	}
}

// TestFateLine: names are bytes, and stay so in the file of --report.
func TestFateLine(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	for _, name := range []string{"a b", badName, "é"} {
		if err := report.FateLine(&b, []byte(name), "deleted"); err != nil {
			t.Fatal(err)
		}
	}
	golden(t, "removal_lines", b.String())
}

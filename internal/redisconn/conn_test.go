package redisconn_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

// TestOpens reaches every kind of deployment and writes, reads and deletes through the one client.
func TestOpens(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		start func(t *testing.T) config.Input
		mode  redisconn.Mode
		role  string
	}{
		{"plain", func(t *testing.T) config.Input {
			t.Helper()
			return config.Input{URL: redistest.Start(t).URL()}
		}, redisconn.ModeStandalone, "master"},
		{"password", func(t *testing.T) config.Input {
			t.Helper()
			return config.Input{URL: redistest.Start(t, redistest.WithPassword("p@ss w/ord")).URL()}
		}, redisconn.ModeStandalone, "master"},
		{"ACL user", func(t *testing.T) config.Input {
			t.Helper()
			s := redistest.Start(t, redistest.WithUser("app", "geheim", "on ~* +@all"))
			return config.Input{URL: "redis://app:geheim@" + s.Addr() + "/3"}
		}, redisconn.ModeStandalone, "master"},
		{"unix socket", func(t *testing.T) config.Input {
			t.Helper()
			return config.Input{URL: "unix://" + redistest.Start(t, redistest.WithSocket()).Socket}
		}, redisconn.ModeStandalone, "master"},
		{"TLS", func(t *testing.T) config.Input {
			t.Helper()
			s := redistest.Start(t, redistest.WithTLS(redistest.TLSOptions{}))
			return config.Input{URL: s.URL(), TLSCA: s.TLS.CA}
		}, redisconn.ModeStandalone, "master"},
		{"TLS with a client certificate", func(t *testing.T) config.Input {
			t.Helper()
			s := redistest.Start(t, redistest.WithTLS(redistest.TLSOptions{ClientCertRequired: true}))
			return config.Input{URL: s.URL(), TLSCA: s.TLS.CA, TLSCert: s.TLS.ClientCert, TLSKey: s.TLS.ClientKey}
		}, redisconn.ModeStandalone, "master"},
		{"TLS through a tunnel", func(t *testing.T) config.Input {
			t.Helper()
			s := redistest.Start(t, redistest.WithTLS(redistest.TLSOptions{WrongName: true}))
			return config.Input{URL: s.URL(), TLSCA: s.TLS.CA, TLSServerName: "cache.example.com"}
		}, redisconn.ModeStandalone, "master"},
		{"TLS unverified", func(t *testing.T) config.Input {
			t.Helper()
			s := redistest.Start(t, redistest.WithTLS(redistest.TLSOptions{SelfSigned: true}))
			return config.Input{URL: s.URL(), TLSInsecure: true}
		}, redisconn.ModeStandalone, "master"},
		{"Sentinel", func(t *testing.T) config.Input {
			t.Helper()
			return config.Input{URL: redistest.StartSentinels(t, redistest.Start(t), 3, "vitrine").URL()}
		}, redisconn.ModeSentinel, "master"},
		{"cluster", func(t *testing.T) config.Input {
			t.Helper()
			return config.Input{URL: redistest.StartCluster(t, 3).URL()}
		}, redisconn.ModeCluster, "master"},
		{"cluster with a password", func(t *testing.T) config.Input {
			t.Helper()
			return config.Input{URL: redistest.StartCluster(t, 3, redistest.WithPassword("s3cret")).URL()}
		}, redisconn.ModeCluster, "master"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c, err := open(t, load(t, tc.start(t)))
			if err != nil {
				t.Fatal(err)
			}
			if s := c.Server(); s.Mode != tc.mode || s.Role != tc.role || s.Product == "unknown" || s.Version == "" {
				t.Errorf("server %+v, want mode %s and role %s", s, tc.mode, tc.role)
			}
			roundTrips(t, c)
			if _, err := c.Ping(); err != nil {
				t.Errorf("ping: %v", err)
			}
		})
	}
}

// roundTrips uses keys of many slots.
func roundTrips(t *testing.T, c *redisconn.Conn) {
	t.Helper()
	ctx := t.Context()
	for i := range 20 {
		key := fmt.Sprintf("key:%d", i)
		if err := c.Client().Set(ctx, key, i, time.Minute).Err(); err != nil {
			t.Fatalf("set %s: %v", key, c.Named(err))
		}
		if got, err := c.Client().Get(ctx, key).Int(); err != nil || got != i {
			t.Errorf("get %s: %d, %v", key, got, err)
		}
	}
	var mu sync.Mutex
	total := int64(0)
	err := c.EachPrimary(ctx, func(ctx context.Context, node *redis.Client) error {
		n, err := node.DBSize(ctx).Result()
		mu.Lock()
		defer mu.Unlock()
		total += n
		return err
	})
	if err != nil || total != 20 {
		t.Errorf("all primaries together hold %d keys (%v), want 20", total, err)
	}
}

// TestReplicaIsSeen: the role is known before anything is written.
func TestReplicaIsSeen(t *testing.T) {
	t.Parallel()
	primary := redistest.Start(t)
	c, err := open(t, load(t, config.Input{URL: redistest.StartReplica(t, primary).URL()}))
	if err != nil {
		t.Fatal(err)
	}
	if s := c.Server(); s.Mode != redisconn.ModeReplica || s.Role != "replica" {
		t.Errorf("server %+v", s)
	}
	err = c.Named(c.Client().Set(t.Context(), "k", "v", 0).Err())
	if e, ok := redisconn.AsError(err); !ok || e.ID != "server-readonly" || !strings.HasPrefix(e.Reply, "READONLY") {
		t.Errorf("writing gave %v", err)
	}
}

// TestCommandsSent agrees with the server's own count.
func TestCommandsSent(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, redistest.WithPassword("s3cret"))
	before := s.Info("stats")["total_commands_processed"]
	c, err := open(t, load(t, config.Input{URL: s.URL() + "/3"}))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Client().Set(t.Context(), "k", "v", 0).Err(); err != nil {
		t.Fatal(err)
	}
	a, b := number(t, before), number(t, s.Info("stats")["total_commands_processed"])
	// HELLO, SELECT, PING, SET of ours; each Info of the test costs what its own login takes.
	own := probeCost(t, s)
	if got := b - a - own; got != c.CommandsSent() || got != 4 {
		t.Errorf("the server counted %d commands, we %d", got, c.CommandsSent())
	}
}

// probeCost is how many commands one Info of the test itself adds to the count.
func probeCost(t *testing.T, s *redistest.Server) int {
	t.Helper()
	a := number(t, s.Info("stats")["total_commands_processed"])
	return number(t, s.Info("stats")["total_commands_processed"]) - a
}

func number(t *testing.T, s string) int {
	t.Helper()
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestTraceHidesSecrets: --verbose sees every step, and no password.
func TestTraceHidesSecrets(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, redistest.WithUser("app", "geheim", "on ~* +@all"))
	var mu sync.Mutex
	var lines []string
	trace := func(e redisconn.Event) {
		mu.Lock()
		defer mu.Unlock()
		lines = append(lines, e.Kind+" "+e.Detail+" "+e.Err)
	}
	c, err := redisconn.Open(t.Context(), load(t, config.Input{URL: "redis://app:geheim@" + s.Addr()}), redisconn.Options{Trace: trace})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.Client().ConfigSet(t.Context(), "requirepass", "other-secret").Err()
	all := strings.Join(lines, "\n")
	for _, want := range []string{"tcp " + s.Addr(), "command HELLO 3 auth", "command PING", "command CONFIG set requirepass ***"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not in the trace:\n%s", want, all)
		}
	}
	for _, leak := range []string{"geheim", "other-secret"} {
		if strings.Contains(all, leak) {
			t.Errorf("%q is in the trace:\n%s", leak, all)
		}
	}
}

// TestClusterNodeGone: an announced node that does not answer is named as such.
func TestClusterNodeGone(t *testing.T) {
	t.Parallel()
	cluster := redistest.StartCluster(t, 3)
	c, err := open(t, load(t, config.Input{URL: cluster.URL()}))
	if err != nil {
		t.Fatal(err)
	}
	cluster.Nodes[1].Kill()
	cluster.Nodes[2].Kill()
	var named []string
	for i := range 30 {
		if e, ok := redisconn.AsError(c.Named(c.Client().Set(t.Context(), fmt.Sprintf("key:%d", i), "v", 0).Err())); ok {
			named = append(named, e.ID)
		}
	}
	if !strings.Contains(strings.Join(named, " "), "server-cluster-unreachable") {
		t.Errorf("named %v", named)
	}
}

// TestWithoutHello: a user who may not send HELLO reaches a replica and a cluster as what they are, by INFO.
func TestWithoutHello(t *testing.T) {
	t.Parallel()
	noHello := redistest.WithUser("app", "geheim", "on ~* +@all -hello")
	primary := redistest.Start(t, noHello)
	replica := redistest.StartReplica(t, primary) // with the same users
	cluster := redistest.StartCluster(t, 3, noHello)
	for _, tc := range []struct {
		addr string
		mode redisconn.Mode
		role string
	}{
		{primary.Addr(), redisconn.ModeStandalone, "master"},
		{replica.Addr(), redisconn.ModeReplica, "replica"},
		{cluster.Nodes[0].Addr(), redisconn.ModeCluster, "master"},
	} {
		c, err := open(t, load(t, config.Input{URL: "redis://app:geheim@" + tc.addr}))
		if err != nil {
			t.Fatal(err)
		}
		if s := c.Server(); s.Mode != tc.mode || s.Role != tc.role || s.Version == "" {
			t.Errorf("%s: %+v", tc.addr, s)
		}
		if tc.mode == redisconn.ModeCluster {
			roundTrips(t, c)
		}
	}
}

package probe_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/probe"
	"github.com/olympiades-ia/olymp-cache/internal/probe/trace"
	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

// TestStates: a server that refuses is reached all the same. Where PING is refused no write is tried.
func TestStates(t *testing.T) {
	t.Parallel()
	entered := func(enter func(*redistest.Server) func()) func(*testing.T) *redistest.Server {
		return func(t *testing.T) *redistest.Server {
			t.Helper()
			s := redistest.Start(t)
			t.Cleanup(enter(s))
			return s
		}
	}
	for _, tc := range []struct {
		id, steps string
		start     func(t *testing.T) *redistest.Server
		wrote     bool
	}{
		{"server-loading", toPing + "ping fail server-loading", func(t *testing.T) *redistest.Server {
			t.Helper()
			s, finish := redistest.StartLoading(t)
			t.Cleanup(finish)
			return s
		}, false},
		{"server-misconf", toPing + "ping fail server-misconf", entered((*redistest.Server).EnterMisconf), false},
		{"server-busy", toPing + "ping fail server-busy", entered((*redistest.Server).EnterBusy), false},
		{"server-masterdown", toPing + "ping fail server-masterdown", func(t *testing.T) *redistest.Server {
			t.Helper()
			_, replica := redistest.StartMasterDown(t)
			return replica
		}, false},
		{"server-readonly", toWrite + "write fail server-readonly", func(t *testing.T) *redistest.Server {
			t.Helper()
			return redistest.StartReplica(t, redistest.Start(t), redistest.WithArgs("--replica-read-only", "no"))
		}, false},
		{"server-oom", toWrite + "write fail server-oom", entered((*redistest.Server).EnterOOM), true},
		{"server-noreplicas", toWrite + "write fail server-noreplicas", entered((*redistest.Server).EnterNoReplicas), true},
		{"server-cluster-down", toWrite + "write fail server-cluster-down", func(t *testing.T) *redistest.Server {
			t.Helper()
			return redistest.Start(t, redistest.WithArgs("--cluster-enabled", "yes"))
		}, true},
	} {
		t.Run(tc.id, func(t *testing.T) {
			t.Parallel()
			s := tc.start(t)
			c := climb(t, load(t, config.Input{URL: s.URL()}), probe.Options{})
			wantSteps(t, c, tc.steps)
			if c.id() != tc.id || c.Failure.Unreachable || c.conn == nil {
				t.Fatalf("failure %+v", c.Failure)
			}
			if (c.Write != nil) != tc.wrote || c.Write != nil && c.Write.Left {
				t.Errorf("write %+v", c.Write)
			}
			words, _ := c.Failure.Finding.Value("reply").(string)
			if word := strings.ToUpper(strings.TrimPrefix(tc.id, "server-")); word != "READONLY" && word != "CLUSTER-DOWN" &&
				!strings.HasPrefix(words, word) || len(words) > 96 {
				t.Errorf("the server's words are %q", words)
			}
			if tc.id == "server-readonly" {
				wantNoKeys(t, s) // a replica that would have taken the write
			}
		})
	}
}

// TestReadOnly leaves the write out, also on a replica.
func TestReadOnly(t *testing.T) {
	t.Parallel()
	primary := redistest.Start(t)
	replica := redistest.StartReplica(t, primary)
	for _, s := range []*redistest.Server{primary, replica} {
		c := climb(t, load(t, config.Input{URL: s.URL()}), probe.Options{ReadOnly: true})
		wantSteps(t, c, toWrite+"write skip read-only")
		if c.Write != nil || c.sent() != 2 {
			t.Errorf("write %+v, %d commands", c.Write, c.sent())
		}
	}
	if c := climb(t, load(t, config.Input{URL: replica.URL()}), probe.Options{ReadOnly: true}); c.Server.Role != "replica" {
		t.Errorf("server %+v", c.Server)
	}
}

// TestMayNotWrite: a cache that its user cannot write to is none.
func TestMayNotWrite(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, redistest.WithUser("reader", "geheim", "~* +@read +ping"))
	c := climb(t, load(t, config.Input{URL: s.URLOf("reader", "geheim", s.Addr())}), probe.Options{})
	wantSteps(t, c, toWrite+"write fail auth-no-permission")
	if c.Failure == nil || c.Failure.Unreachable || c.conn == nil || c.Write.Left {
		t.Errorf("failure %+v, write %+v", c.Failure, c.Write)
	}
	c = climb(t, load(t, config.Input{URL: s.URLOf("reader", "geheim", s.Addr())}), probe.Options{ReadOnly: true})
	wantSteps(t, c, toWrite+"write skip read-only")
}

// TestPermissions: who may not do everything is warned and not stopped.
func TestPermissions(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, redistest.WithUser("mute", "geheim", "~* +@all -ping"),
		redistest.WithUser("elsewhere", "geheim", "~cache:* +@all"), redistest.WithUser("adder", "geheim", "~* +@all -del -unlink"),
		redistest.WithUser("unlinker", "geheim", "~* +@all -del"), redistest.WithUser("quiet", "geheim", "~* +@all -hello -info"))
	for _, tc := range []struct{ user, steps, reply string }{
		{"mute", toPing + "ping warn auth-no-permission, write ok", "'ping'"},
		{"elsewhere", toWrite + "write skip auth-no-permission not-allowed", "keys"},
		{"unlinker", toWrite + "write ok", ""},
		{"quiet", toWrite + "write ok", ""},
	} {
		c := climb(t, load(t, config.Input{URL: s.URLOf(tc.user, "geheim", s.Addr())}), probe.Options{})
		wantSteps(t, c, tc.steps)
		if c.Failure != nil || c.conn == nil || c.Write == nil || c.Write.Left || c.Server.NoHello {
			t.Errorf("%s: failure %+v, write %+v, server %+v", tc.user, c.Failure, c.Write, c.Server)
		}
		for _, step := range c.Steps {
			if p := step.Problem; p != nil {
				reply, _ := p.Value("reply").(string)
				if p.Severity > finding.Warning || !strings.Contains(reply, tc.reply) {
					t.Errorf("%s: problem %+v", tc.user, p)
				}
			}
		}
		wantNoKeys(t, s)
	}
	c := climb(t, load(t, config.Input{URL: s.URLOf("adder", "geheim", s.Addr())}), probe.Options{})
	wantSteps(t, c, toWrite+"write warn auth-no-permission")
	key, err := s.Do("KEYS", "*")
	if err != nil || c.Failure != nil || !c.Write.Left || key != c.Write.Key {
		t.Fatalf("key %q, %v, write %+v", key, err, c.Write)
	}
	if ttl, err := s.Do("TTL", key); err != nil || ttl == "-1" || len(ttl) != 2 {
		t.Errorf("its TTL is %s, %v", ttl, err)
	}
}

// TestSentinelOnTheDataPort: a Sentinel answers PING as any server does; nothing is written to it.
func TestSentinelOnTheDataPort(t *testing.T) {
	t.Parallel()
	primary := redistest.Start(t)
	addr := redistest.StartSentinels(t, primary, 1, "vitrine").Addrs()[0]
	for url, sent := range map[string]int{
		"redis://" + addr:        3, // HELLO PING SENTINEL
		"redis://" + addr + "/3": 5, // HELLO SELECT before
	} {
		c := climb(t, load(t, config.Input{URL: url}), probe.Options{})
		wantSteps(t, c, "dns skip not-needed, tcp ok, tls skip not-needed, protocol fail proto-sentinel")
		f := c.Failure
		if f == nil || !f.Unreachable || f.Finding.Value("masters") != "vitrine" || f.Finding.Subject != addr || !c.Server.Sentinel {
			t.Errorf("failure %+v, server %+v", f, c.Server)
		}
		if c.sent() != sent {
			t.Errorf("%s: %d commands, want %d", url, c.sent(), sent)
		}
	}
	wantNoKeys(t, primary)
}

// TestSentinelFailures: what is looked at is the Sentinel, or the primary, that failed.
func TestSentinelFailures(t *testing.T) {
	t.Parallel()
	primary := redistest.Start(t, redistest.WithPassword("s3cret"))
	trio := redistest.StartSentinels(t, primary, 1, "vitrine")
	over := redistest.Start(t, redistest.WithTLS(redistest.TLSOptions{}))
	refused := redistest.Refused(t)
	for _, tc := range []struct{ name, url, id, rung, addr string }{
		{
			"another name", strings.Replace(trio.URL(), "/vitrine", "/boutique", 1), "sentinel-unknown-master", trace.Protocol,
			trio.Addrs()[0],
		},
		{
			"not a Sentinel", "redis+sentinel://:s3cret@" + primary.Addr() + "/vitrine/0", "sentinel-not-a-sentinel", trace.Protocol,
			primary.Addr(),
		},
		{"nobody there", "redis+sentinel://" + refused + "/vitrine/0", "tcp-refused", trace.TCP, refused},
		{
			"wrong password of the primary", "redis+sentinel://:falsch@" + trio.Addrs()[0] + "/vitrine/0", "auth-wrong", trace.Auth,
			primary.Addr(),
		},
		{"a TLS port", "redis+sentinel://" + over.Addr() + "/vitrine/0", "tls-required", trace.TLS, over.Addr()},
	} {
		c := climb(t, load(t, config.Input{URL: tc.url}), probe.Options{})
		if c.id() != tc.id || c.Failure.Rung != tc.rung || c.Failure.Finding.Subject != tc.addr {
			t.Errorf("%s: %s in %s", tc.name, c.id(), outline(c.Steps))
		}
		if c.Host+":"+strconv.Itoa(c.Port) != tc.addr || len(c.Dials) != 1 {
			t.Errorf("%s: looked at %s:%d, %+v", tc.name, c.Host, c.Port, c.Dials)
		}
		if tc.id == "auth-wrong" && logins(c) != "none no" {
			t.Errorf("logins %s", logins(c))
		}
	}
}

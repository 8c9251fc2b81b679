package probe_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/probe"
	"github.com/olympiades-ia/olymp-cache/internal/probe/trace"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

// TestHealthy climbs every kind of deployment to the top, with six commands at most, and leaves no key.
func TestHealthy(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		start func(t *testing.T) (config.Input, []*redistest.Server)
		steps string
		sent  int
		mode  string
	}{
		{"plain", func(t *testing.T) (config.Input, []*redistest.Server) {
			t.Helper()
			s := redistest.Start(t)
			return config.Input{URL: s.URL()}, []*redistest.Server{s}
		}, plainGood, 4, "standalone"}, // HELLO PING SET DEL
		{"by name, with a user and a database", func(t *testing.T) (config.Input, []*redistest.Server) {
			t.Helper()
			s := redistest.Start(t, redistest.WithUser("app", "geh eim%1", "on ~* +@all -@dangerous"))
			addr := strings.Replace(s.Addr(), "127.0.0.1", "localhost", 1)
			return config.Input{URL: s.URLOf("app", "geh eim%1", addr) + "/3"}, []*redistest.Server{s}
		}, strings.Replace(plainGood, "dns skip not-needed", "dns ok", 1), 5, "standalone"}, // and SELECT
		{"unix socket", func(t *testing.T) (config.Input, []*redistest.Server) {
			t.Helper()
			s := redistest.Start(t, redistest.WithSocket(), redistest.WithPassword("geheim"))
			return config.Input{URL: s.SocketURL()}, []*redistest.Server{s}
		}, plainGood, 4, "standalone"},
		{"TLS with a client certificate", func(t *testing.T) (config.Input, []*redistest.Server) {
			t.Helper()
			s := redistest.Start(t, redistest.WithTLS(redistest.TLSOptions{ClientCertRequired: true}))
			in := config.Input{URL: s.URL(), TLSCA: s.TLS.CA, TLSCert: s.TLS.ClientCert, TLSKey: s.TLS.ClientKey}
			return in, []*redistest.Server{s}
		}, tlsGood, 4, "standalone"},
		{"Sentinel", func(t *testing.T) (config.Input, []*redistest.Server) {
			t.Helper()
			s := redistest.Start(t)
			return config.Input{URL: redistest.StartSentinels(t, s, 1, "vitrine").URL()}, []*redistest.Server{s}
		}, plainGood, 6, "sentinel"}, // HELLO SENTINEL before
		{"cluster", func(t *testing.T) (config.Input, []*redistest.Server) {
			t.Helper()
			c := redistest.StartCluster(t, 3)
			return config.Input{URL: c.URL()}, c.Nodes
		}, plainGood, 6, "cluster"}, // CLUSTER SLOTS, HELLO to the node that has the key
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			in, servers := tc.start(t)
			c := climb(t, load(t, in), probe.Options{})
			wantSteps(t, c, tc.steps)
			if c.Failure != nil || c.sent() != tc.sent || c.Server.Mode != tc.mode || c.Server.Version == "" {
				t.Errorf("failure %+v, %d commands, server %+v", c.Failure, c.sent(), c.Server)
			}
			if c.Clear != nil || c.Login != nil || c.Resolver != nil {
				t.Errorf("second looks on a healthy server: %+v", c.Trace)
			}
			for _, s := range c.Steps {
				measured := s.Name != trace.Auth && s.Name != trace.Select // HELLO carries the one, 0 needs no other
				if s.Status == finding.OK && measured && s.Duration <= 0 {
					t.Errorf("%s took %v", s.Name, s.Duration)
				}
			}
			if w := c.Write; w == nil || !strings.HasPrefix(w.Key, redisconn.TestKeyPrefix) || w.Left || w.Duration <= 0 {
				t.Errorf("write %+v", w)
			}
			for _, s := range servers {
				wantNoKeys(t, s)
			}
		})
	}
}

// TestEvidence is what the passed rungs show.
func TestEvidence(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, redistest.WithTLS(redistest.TLSOptions{}), redistest.WithPassword("geheim"))
	addr := strings.Replace(s.Addr(), "127.0.0.1", "localhost", 1)
	c := climb(t, load(t, config.Input{URL: s.URLOf("default", "geheim", addr) + "/3", TLSCA: s.TLS.CA}), probe.Options{})
	for rung, want := range map[string]map[string]any{
		trace.DNS:      {"host": "localhost", "addresses": len(c.Dials), "address": c.Dials[0].Address},
		trace.TCP:      {"address": s.Addr()},
		trace.TLS:      {"version": "TLS 1.3", "days_left": int64(6)},
		trace.Protocol: {"product": c.Server.Product, "version": c.Server.Version},
		trace.Auth:     {"user": "default"},
		trace.Select:   {"db": 3},
		trace.Write:    {"key": c.Write.Key, "ttl_s": 60.0},
	} {
		for name, value := range want {
			if got := c.Step(rung).Value(name); got != value {
				t.Errorf("%s: %s is %v, want %v", rung, name, got, value)
			}
		}
	}
	if rtt, ok := c.Step(trace.Ping).Value("rtt_ms").(float64); !ok || rtt <= 0 || c.Ping <= 0 {
		t.Errorf("ping %+v", c.Step(trace.Ping))
	}
	if end, ok := c.Step(trace.TLS).Value("not_after").(string); !ok || !strings.HasSuffix(end, "Z") {
		t.Errorf("not_after is %q", end)
	}
	if c.Step(trace.Select).Duration <= 0 {
		t.Errorf("select %+v", c.Step(trace.Select))
	}
	if c.Host != "localhost" || c.Port != s.TLSPort || len(c.Lookups) != 2 || c.Lookups[0].Family != "ip4" ||
		len(c.Lookups[0].Addresses) != 1 || c.Lookups[0].Addresses[0] != "127.0.0.1" {
		t.Errorf("host %q, port %d, lookups %+v", c.Host, c.Port, c.Lookups)
	}
	if h := c.Handshake; h == nil || h.Version != "TLS 1.3" || h.Cipher == "" || h.Verdict != "" || h.Skipped || h.Chain < 1 ||
		h.WantedName != "localhost" || h.Leaf == nil || h.Leaf.SelfSigned || h.Leaf.Issuer != "CN=Test CA" || len(h.Leaf.Names) != 3 {
		t.Errorf("handshake %+v, certificate %+v", h, h.Leaf)
	}
	open := redistest.Start(t)
	plain := climb(t, load(t, config.Input{URL: open.URL()}), probe.Options{})
	if got := plain.Step(trace.Auth).Value("no_password"); got != true {
		t.Errorf("no_password is %v", got)
	}
}

// TestUnverified: with verification off, the verdict is what it would have said.
func TestUnverified(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, redistest.WithTLS(redistest.TLSOptions{SelfSigned: true}))
	c := climb(t, load(t, config.Input{URL: s.URL(), TLSInsecure: true}), probe.Options{})
	wantSteps(t, c, tlsGood)
	if h := c.Handshake; h == nil || h.Verdict != "tls-self-signed" || !h.Skipped || h.Problem != "" || !h.Leaf.SelfSigned {
		t.Errorf("handshake %+v", h)
	}
	trusted := climb(t, load(t, config.Input{URL: s.URL(), TLSInsecure: true, TLSCA: s.TLS.Cert}), probe.Options{})
	if h := trusted.Handshake; h == nil || h.Verdict != "" || !h.Skipped {
		t.Errorf("of a certificate that verifies: %+v", h)
	}
}

// TestCommandsSent agrees with the server's own count.
func TestCommandsSent(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, redistest.WithPassword("geheim"))
	processed := func() int {
		n, err := strconv.Atoi(s.Info("stats")["total_commands_processed"])
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	first := processed()
	before := processed()
	own := before - first // what asking costs
	for _, tc := range []struct {
		name, url      string
		opts           probe.Options
		want, rejected int // the server does not count those that it rejects before they run
	}{
		{"healthy", s.URL(), probe.Options{}, 4, 0},
		{"with a database", s.URL() + "/3", probe.Options{}, 5, 0},
		{"read-only", s.URL(), probe.Options{ReadOnly: true}, 2, 0},
		{"a wrong password", "redis://nobody:falsch@" + s.Addr(), probe.Options{}, 4, 1}, // HELLO AUTH, then PING AUTH once more
	} {
		before := processed()
		c := climb(t, load(t, config.Input{URL: tc.url}), tc.opts)
		if c.conn != nil {
			c.conn.Close()
		}
		if got := processed() - before - own; c.sent() != tc.want || got != tc.want-tc.rejected {
			t.Errorf("%s: the server counts %d commands, we %d, want %d", tc.name, got, c.sent(), tc.want)
		}
	}
}

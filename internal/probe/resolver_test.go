package probe_test

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"testing"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/probe"
	"github.com/olympiades-ia/olymp-cache/internal/probe/trace"
	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

// TestEveryAddress: A and AAAA are asked apart, and each address is connected to, also those that the connection left out.
func TestEveryAddress(t *testing.T) {
	s := redistest.Start(t)
	live, dead := netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("127.0.0.9")
	redistest.UseResolver(t, func(name string, kind uint16) ([]netip.Addr, byte) {
		switch {
		case name != "cache.example.test":
			return nil, 3
		case kind == redistest.TypeA:
			return []netip.Addr{dead, live}, 0
		case kind == redistest.TypeAAAA:
			return []netip.Addr{netip.IPv6Loopback()}, 0
		}
		return nil, 0
	})
	c := climb(t, load(t, config.Input{URL: strings.Replace(s.URL(), "127.0.0.1", "cache.example.test", 1)}), probe.Options{})
	wantSteps(t, c, strings.Replace(plainGood, "dns skip not-needed", "dns ok", 1))
	if c.Step(trace.DNS).Value("addresses") != 3 || c.Host != "cache.example.test" || c.Port != s.Port || c.Resolver != nil {
		t.Errorf("dns %+v, %s:%d, resolver %+v", c.Step(trace.DNS), c.Host, c.Port, c.Resolver)
	}
	families := map[string]string{"ip4": "127.0.0.1 127.0.0.9", "ip6": "::1"}
	for _, l := range c.Lookups {
		for _, want := range strings.Fields(families[l.Family]) {
			if !strings.Contains(strings.Join(l.Addresses, " "), want) || l.Problem != "" || l.Duration <= 0 {
				t.Errorf("%s is not in %+v", want, l)
			}
		}
	}
	if len(c.Lookups) != 2 || len(c.Dials) != 3 {
		t.Errorf("lookups %+v, dials %+v", c.Lookups, c.Dials)
	}
	for _, d := range c.Dials {
		if ok := d.Address == live.String(); ok != (d.Problem == "") || d.Problem == trace.Timeout || d.Duration <= 0 {
			t.Errorf("dial %+v", d)
		}
	}
	if got := c.Step(trace.TCP).Value("address"); got != s.Addr() {
		t.Errorf("connected to %v", got)
	}
}

// TestResolver tells a name that does not exist from a resolver that fails, and from one that fails for this name only.
func TestResolver(t *testing.T) {
	for _, tc := range []struct {
		name       string
		code, root byte
		id         string
		looked     trace.Problem
		resolver   trace.Problem
	}{
		{"unknown name", 3, 0, "dns-not-found", trace.NotFound, ""},
		{"it fails", 2, 2, "dns-resolver-down", trace.ResolverBad, trace.ResolverBad},
		{"it fails for this name", 2, 0, "dns-resolver-down", trace.ResolverBad, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			redistest.UseResolver(t, func(name string, kind uint16) ([]netip.Addr, byte) {
				if name == "" && kind == redistest.TypeNS {
					return nil, tc.root
				}
				return nil, tc.code
			})
			c := climb(t, load(t, config.Input{URL: "redis://:s3cret@redis:6379"}), probe.Options{Conn: quick})
			wantSteps(t, c, "dns fail "+tc.id)
			if len(c.Lookups) != 2 || c.Host != "redis" || c.Port != 6379 || len(c.Dials) != 0 || c.ExtraCommands != 0 {
				t.Errorf("%+v", c.Trace)
			}
			for _, l := range c.Lookups {
				if l.Problem != tc.looked || l.Words == "" || l.Server == "" {
					t.Errorf("lookup %+v, want %q", l, tc.looked)
				}
			}
			r := c.Resolver
			if r == nil || r.Family != "ns" || r.Problem != tc.resolver && (tc.resolver != "" || r.Problem != trace.NotFound) {
				t.Errorf("resolver %+v, want %q", r, tc.resolver)
			}
		})
	}
}

// TestResolverSilent: a resolver that says nothing costs two time-outs at most.
func TestResolverSilent(t *testing.T) {
	silent, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = silent.Close() })
	before := net.DefaultResolver
	t.Cleanup(func() { net.DefaultResolver = before })
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp4", silent.LocalAddr().String())
	}}
	c := climb(t, load(t, config.Input{URL: "redis://cache.example.test:6379"}), probe.Options{Conn: quick})
	wantSteps(t, c, "dns fail dns-resolver-down")
	if c.took > 3*quick.Timeout || len(c.Lookups) != 2 || c.Lookups[0].Problem != trace.Timeout || c.Resolver.Problem != trace.Timeout {
		t.Errorf("after %v: %+v, %+v", c.took, c.Lookups, c.Resolver)
	}
}

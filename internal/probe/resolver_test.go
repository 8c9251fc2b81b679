package probe_test

import (
	"context"
	"encoding/binary"
	"net"
	"net/netip"
	"strings"
	"testing"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/probe"
	"github.com/olympiades-ia/olymp-cache/internal/probe/trace"
	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

// Question types of DNS.
const (
	typeA    = 1
	typeNS   = 2
	typeAAAA = 28
)

// useResolver makes the program ask a name server of the test's own, over UDP on loopback. answer gives the addresses of a name
// and its result code: 0 is fine, 2 a failure of the server, 3 an unknown name. Tests with it are not parallel, as the
// resolver is one for the whole program.
func useResolver(t *testing.T, answer func(name string, kind uint16) ([]netip.Addr, byte)) {
	t.Helper()
	server, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		buf := make([]byte, 1500)
		for {
			n, from, err := server.ReadFromUDP(buf)
			if err != nil {
				return // closed
			}
			if reply := dnsReply(buf[:n], answer); reply != nil {
				_, _ = server.WriteToUDP(reply, from) // who asked may have left
			}
		}
	}()
	before := net.DefaultResolver
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp4", server.LocalAddr().String())
	}}
	t.Cleanup(func() {
		net.DefaultResolver = before
		_ = server.Close()
		<-done
	})
}

// dnsReply answers the one question of a message.
func dnsReply(query []byte, answer func(string, uint16) ([]netip.Addr, byte)) []byte {
	const header = 12
	var labels []string
	at := header
	for at < len(query) && query[at] != 0 {
		end := at + 1 + int(query[at])
		if end > len(query) {
			return nil
		}
		labels = append(labels, string(query[at+1:end]))
		at = end
	}
	if at+5 > len(query) {
		return nil
	}
	kind := binary.BigEndian.Uint16(query[at+1:])
	addresses, code := answer(strings.Join(labels, "."), kind)
	// The query's id, a response with recursion, its question, so many answers, nothing more.
	count := byte(len(addresses)) //nolint:gosec // a handful
	reply := append([]byte{query[0], query[1], 0x81, 0x80 | code, 0, 1, 0, count, 0, 0, 0, 0}, query[header:at+5]...)
	for _, a := range addresses {
		reply = append(reply, 0xc0, header) // the name of the question
		reply = binary.BigEndian.AppendUint16(reply, kind)
		length := byte(a.BitLen() / 8)                      //nolint:gosec // 4 or 16
		reply = append(reply, 0, 1, 0, 0, 0, 60, 0, length) // class IN, a minute
		reply = append(reply, a.AsSlice()...)
	}
	return reply
}

// TestEveryAddress: A and AAAA are asked apart, and each address is connected to, also those that the connection left out.
func TestEveryAddress(t *testing.T) {
	s := redistest.Start(t)
	live, dead := netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("127.0.0.9")
	useResolver(t, func(name string, kind uint16) ([]netip.Addr, byte) {
		switch {
		case name != "cache.example.test":
			return nil, 3
		case kind == typeA:
			return []netip.Addr{dead, live}, 0
		case kind == typeAAAA:
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
			useResolver(t, func(name string, kind uint16) ([]netip.Addr, byte) {
				if name == "" && kind == typeNS {
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

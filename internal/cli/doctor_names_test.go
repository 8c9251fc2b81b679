package cli_test

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/olympiades-ia/olymp-cache/internal/cli"
	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

// Tests of names are not parallel: the resolver is one for the whole program.

// unknownNames is a resolver that works and knows the root's name servers only.
func unknownNames(t *testing.T) {
	t.Helper()
	redistest.UseResolver(t, func(name string, _ uint16) ([]netip.Addr, byte) {
		if name == "" {
			return nil, 0
		}
		return nil, redistest.UnknownName
	})
}

// mended is the address that the fix of a finding gives; it is "" where the fix has none.
func (d diagnosed) mended(id string) string {
	for _, c := range d.commands(id) {
		if u, ok := strings.CutPrefix(c, "REDIS_URL="); ok {
			return u
		}
	}
	return ""
}

// wantAddressMends diagnoses the address that the fix gives, and wants a Redis there.
func wantAddressMends(t *testing.T, d diagnosed, id string) {
	t.Helper()
	to := d.mended(id)
	if to == "" {
		t.Fatalf("%s has no address among its commands %q", id, d.commands(id))
	}
	if again, _ := at(to).doctor(t); again.Status == "unreachable" {
		t.Errorf("the command REDIS_URL=%s does not mend it: %s", to, again.root())
	}
}

// port is the port of host:port.
func port(t *testing.T, addr string) string {
	t.Helper()
	_, p, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestDoctorNames: names that exist elsewhere only. The servers listen where the fix says that they are to be found.
func TestDoctorNames(t *testing.T) {
	unknownNames(t)
	s := redistest.Start(t)
	p := port(t, s.Addr())
	t.Setenv("PATH", t.TempDir()) // no docker: it takes its time, and there is nothing for it to say
	outside := !insideContainer()
	for name, c := range map[string]struct {
		url, root string
		command   string // among those that the finding shows
		mends     bool   // the first address among them is that of a Redis
		outside   bool   // it is said of this machine only outside of a container
	}{
		"a Compose service": {
			"redis://redis:" + p, "dns-compose-name-outside",
			"REDIS_URL=redis://localhost:" + p + "/0", true, true,
		},
		"Render's internal name": {"redis://red-cabcdefghijklmnopqrs:6379", "dns-render-internal-outside", "", false, false},
		"Railway's internal name": {
			"redis://default:S3cretWord@redis.railway.internal:6379", "dns-railway-internal-outside",
			"railway ssh", false, false,
		},
		"Fly's internal name": {
			"redis://cache.flycast:" + p, "dns-fly-internal-outside",
			"fly proxy " + p + ":" + p + " --app cache", true, false,
		},
		"Upstash at Fly": {
			"redis://default:S3cretWord@fly-vitrine.upstash.io:6379", "dns-fly-internal-outside",
			"fly redis proxy", false, false,
		},
		"the host of a container": {
			"redis://host.docker.internal:" + p, "dns-docker-host-internal",
			"REDIS_URL=redis://localhost:" + p + "/0", true, true,
		},
		"deleted at Upstash": {
			"rediss://default:S3cretWord@eu1-calm-12345.upstash.io:6379", "dns-managed-gone",
			"", false, false,
		},
		"deleted at Render": {
			"rediss://red-cabcdefghijklmnopqrs:S3cretWord@frankfurt-keyvalue.render.com:6379", "dns-managed-gone",
			"", false, false,
		},
		"deleted at Azure": {"rediss://:S3cretWord@vitrine.redis.cache.windows.net:6380", "dns-managed-gone", "", false, false},
		"a typo":           {"redis://cahce.example.com:6379", "dns-not-found", "", false, false},
		"a service of Kubernetes": {
			"redis://redis.shop.svc.cluster.local:" + p, "dns-not-found",
			"kubectl -n shop port-forward service/redis " + p + ":" + p, true, false,
		},
		"a name without addresses": {"redis://empty.example.com:6379", "dns-not-found", "", false, false},
	} {
		t.Run(name, func(t *testing.T) {
			if c.outside && !outside {
				t.Skip("this is a container of an application: the name means something else here")
			}
			d := wantRoot(t, at(c.url), c.root, cli.ExitUnreachable)
			at(c.url).wantTidy(t, failureLines, "S3cretWord")
			if c.command != "" && !slices.Contains(d.commands(c.root), c.command) {
				t.Errorf("no «%s» among %q", c.command, d.commands(c.root))
			}
			if len(d.Findings) > 0 && len(d.Findings[0].Fixes) == 0 {
				t.Errorf("%s has no fix", c.root)
			}
			if c.mends {
				wantAddressMends(t, d, c.root)
			}
		})
	}
}

// TestDoctorInsidePlatform: the same name on the platform that should know it is no name from outside.
func TestDoctorInsidePlatform(t *testing.T) {
	unknownNames(t)
	t.Setenv("PATH", t.TempDir())
	p := at("redis://red-cabcdefghijklmnopqrs:6379")
	p.env["RENDER"] = "true"
	wantRoot(t, p, "dns-not-found", cli.ExitUnreachable)
	p.wantTidy(t, failureLines)
}

// TestDoctorResolver: the resolver fails and not the name; when it works again, so does the address.
func TestDoctorResolver(t *testing.T) {
	s := redistest.Start(t)
	t.Setenv("PATH", t.TempDir())
	target := at("redis://cache.example.com:" + port(t, s.Addr()))
	t.Run("nobody listens", func(t *testing.T) {
		before := net.DefaultResolver
		nobody := redistest.Refused(t)
		net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{Resolver: before}).DialContext(ctx, "udp4", nobody) // which asks no global of a test that is over
		}}
		t.Cleanup(func() { net.DefaultResolver = before })
		wantRoot(t, target, "dns-resolver-down", cli.ExitUnreachable)
		target.wantTidy(t, failureLines)
	})
	t.Run("it fails for every name", func(t *testing.T) {
		redistest.UseResolver(t, func(string, uint16) ([]netip.Addr, byte) { return nil, 2 })
		wantRoot(t, target, "dns-resolver-down", cli.ExitUnreachable)
	})
	t.Run("it fails for this name", func(t *testing.T) {
		redistest.UseResolver(t, func(name string, _ uint16) ([]netip.Addr, byte) {
			if name == "" {
				return nil, 0
			}
			return nil, 2
		})
		d := wantRoot(t, target, "dns-resolver-down", cli.ExitUnreachable)
		target.wantTidy(t, failureLines)
		if !slices.Contains(d.commands("dns-resolver-down"), "nslookup cache.example.com 1.1.1.1") {
			t.Errorf("the commands are %q", d.commands("dns-resolver-down"))
		}
	})
	t.Run("it works", func(t *testing.T) {
		redistest.UseResolver(t, func(_ string, kind uint16) ([]netip.Addr, byte) {
			if kind == redistest.TypeA {
				return []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1})}, 0
			}
			return nil, 0
		})
		if d, _ := target.doctor(t); d.Status == "unreachable" {
			t.Errorf("with a resolver that works: %s", d.root())
		}
	})
}

package cli_test

import (
	"net"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/olympiades-ia/olymp-cache/internal/cli"
	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

// TestDoctorAddressMends: the address that a finding gives is one that works.
func TestDoctorAddressMends(t *testing.T) {
	t.Parallel()
	plain := redistest.Start(t)
	secure := redistest.Start(t, redistest.WithTLS(redistest.TLSOptions{}))
	sentinels := redistest.StartSentinels(t, plain, 3, "vitrine")
	for root, p := range map[string]place{
		"tls-required":            at("redis://"+secure.Addr(), "--tls-ca", secure.TLS.CA),
		"tls-not-supported":       at("rediss://"+plain.Addr(), "--timeout=1s"),
		"proto-sentinel":          at("redis://" + sentinels.Addrs()[0]),
		"sentinel-unknown-master": at(strings.Replace(sentinels.URL(), "/vitrine", "/nobody", 1)),
		"sentinel-not-a-sentinel": at("redis+sentinel://" + plain.Addr() + "/vitrine/0"),
	} {
		t.Run(root, func(t *testing.T) {
			t.Parallel()
			if root == "tls-required" { // --tls-ca is no flag of a redis:// address
				p.args = nil
			}
			d := wantRoot(t, p, root, cli.ExitUnreachable)
			to := d.mended(root)
			again := at(to)
			if root == "tls-required" {
				again = at(to, "--tls-ca", secure.TLS.CA)
			}
			if after, _ := again.doctor(t); to == "" || after.Status == "unreachable" {
				t.Errorf("REDIS_URL=%s of %q does not mend it: %s", to, d.commands(root), after.root())
			}
		})
	}
}

// TestDoctorStarts: the command that starts what is installed starts it.
func TestDoctorStarts(t *testing.T) {
	t.Parallel()
	addr := redistest.Refused(t)
	d := wantRoot(t, at("redis://"+addr), "tcp-refused-not-running", cli.ExitUnreachable)
	i := slices.IndexFunc(d.commands("tcp-refused-not-running"), func(c string) bool { return strings.HasPrefix(c, "redis-server ") })
	if i < 0 {
		t.Skipf("a service starts it on this machine: %q", d.commands("tcp-refused-not-running"))
	}
	start := exec.CommandContext(t.Context(), "sh", "-c", d.commands("tcp-refused-not-running")[i])
	start.Dir = t.TempDir()
	if out, err := start.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v: %s", start, err, out)
	}
	t.Cleanup(func() {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			return // it did not start
		}
		_, _ = conn.Write([]byte("SHUTDOWN NOSAVE\r\n"))
		_, _ = conn.Read(make([]byte, 1)) // until it hangs up
		_ = conn.Close()
	})
	if again, _ := at("redis://"+addr, "--wait=5s").doctor(t); again.Status == "unreachable" {
		t.Errorf("%s does not mend it: %s", start, again.root())
	}
}

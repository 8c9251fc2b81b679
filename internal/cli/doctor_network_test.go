package cli_test

import (
	"crypto/tls"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/olympiades-ia/olymp-cache/internal/cli"
	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

// TestDoctorNoRoute: a network that leads nowhere, for addresses, names and their resolver.
func TestDoctorNoRoute(t *testing.T) {
	t.Parallel()
	oc := program(t)
	hosts := map[string]string{
		"/etc/hosts": "127.0.0.1 localhost\n2001:db8::5 v6.example.com\n", "/etc/resolv.conf": "nameserver 192.0.2.53\n",
	}
	for root, url := range map[string]string{
		"tcp-unreachable": "redis://203.0.113.5:6379", "dns-ipv6-only": "redis://v6.example.com:6379",
		"dns-resolver-down": "redis://cache.example.com:6379",
	} {
		t.Run(root, func(t *testing.T) {
			t.Parallel()
			cmd := unshared(t, hosts, oc, "doctor", "-o", "json", "--timeout", "2s", "--offline", "-u", url)
			d := diagnose(t, cmd)
			if d.root() != root || cmd.ProcessState.ExitCode() != cli.ExitUnreachable {
				t.Fatalf("root cause %q, exit code %d; found %q", d.root(), cmd.ProcessState.ExitCode(), d.ids())
			}
			for _, c := range d.commands(root) {
				program, rest, _ := strings.Cut(c, " ")
				if _, err := exec.LookPath(program); err != nil {
					continue // iproute2 is not on every machine
				}
				// There is no way, and that is what the command has to show.
				out, err := unshared(t, hosts, append([]string{program}, strings.Fields(rest)...)...).CombinedOutput()
				if strings.HasPrefix(c, "ip route get") != (err != nil) {
					t.Errorf("%s: %v: %s", c, err, out)
				}
			}
		})
	}
}

// TestDoctorOtherFamily: Redis listens on one loopback and the address names the other.
func TestDoctorOtherFamily(t *testing.T) {
	t.Parallel()
	for from, to := range map[string]string{"127.0.0.1": "::1", "::1": "127.0.0.1"} {
		listener, err := net.Listen("tcp", net.JoinHostPort(to, "0"))
		if err != nil {
			t.Skipf("no %s on this machine: %v", to, err)
		}
		t.Cleanup(func() { _ = listener.Close() })
		go forward(listener, redistest.Start(t).Addr())
		url := "redis://" + net.JoinHostPort(from, port(t, listener.Addr().String()))
		d := wantRoot(t, at(url), "tcp-refused-other-family", cli.ExitUnreachable)
		at(url).wantTidy(t, failureLines)
		wantAddressMends(t, d, "tcp-refused-other-family")
	}
}

// TestDoctorNoRoots: a machine without a bundle of authorities trusts nobody; with one, it does.
func TestDoctorNoRoots(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, redistest.WithTLS(redistest.TLSOptions{}))
	run := func(bundle string) diagnosed {
		cmd := exec.CommandContext(t.Context(), program(t), "doctor", "-o", "json", "-u", "rediss://"+s.Addr())
		cmd.Env = append(os.Environ(), "SSL_CERT_FILE="+bundle, "SSL_CERT_DIR="+t.TempDir())
		return diagnose(t, cmd)
	}
	d := run(filepath.Join(t.TempDir(), "missing.crt"))
	if d.root() != "tls-no-roots" || !slices.Contains(d.commands("tls-no-roots"), "sudo apt-get install ca-certificates") {
		t.Errorf("root cause %q; commands %q", d.root(), d.commands("tls-no-roots"))
	}
	if again := run(s.TLS.CA); again.Status == "unreachable" {
		t.Errorf("with a bundle: %s", again.root())
	}
}

// TestDoctorBrokenHandshake: a server that breaks off without a reason of TLS's own.
func TestDoctorBrokenHandshake(t *testing.T) {
	t.Parallel()
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{
		MinVersion:     tls.VersionTLS12,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return nil, errors.New("none today") },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return // the test is over
			}
			go func() { _ = conn.(*tls.Conn).HandshakeContext(t.Context()); _ = conn.Close() }()
		}
	}()
	p := at("rediss://" + listener.Addr().String())
	d := wantRoot(t, p, "tls-failed", cli.ExitUnreachable)
	p.wantTidy(t, failureLines)
	if len(d.commands("tls-failed")) == 0 {
		t.Error("nothing to type")
	}
}

// TestDoctorCertificates: what is wrong with a certificate, or with that of the client, beyond the usual.
func TestDoctorCertificates(t *testing.T) {
	t.Parallel()
	soon := redistest.Start(t, redistest.WithTLS(redistest.TLSOptions{EndsSoon: true}))
	wantFound(t, at("rediss://"+soon.Addr(), "--tls-ca", soon.TLS.CA), "warning", "tls-expires-soon")
	fresh := redistest.Start(t, redistest.WithTLS(redistest.TLSOptions{}))
	if d, _ := at("rediss://"+fresh.Addr(), "--tls-ca", fresh.TLS.CA).doctor(t); slices.Contains(d.ids(), "tls-expires-soon") {
		t.Error("a certificate that was renewed expires soon")
	}
	named := redistest.Start(t, redistest.WithTLS(redistest.TLSOptions{CommonName: "127.0.0.1"}))
	p := at("rediss://"+named.Addr(), "--tls-ca", named.TLS.CA)
	d := wantRoot(t, p, "tls-name-mismatch", cli.ExitUnreachable)
	p.wantTidy(t, failureLines)
	if want := []string{"subjectAltName=IP:127.0.0.1"}; !slices.Equal(d.commands("tls-name-mismatch"), want) {
		t.Errorf("the commands are %q, want %q", d.commands("tls-name-mismatch"), want)
	}
	for _, version := range []string{"", "TLSv1.2"} {
		s := redistest.Start(t, redistest.WithTLS(redistest.TLSOptions{ClientCertRequired: true, MaxVersion: version}))
		ca := []string{"--tls-ca", s.TLS.CA}
		wantRoot(t, at("rediss://"+s.Addr(), ca...), "tls-client-cert-required", cli.ExitUnreachable)
		strangers := append(ca, "--tls-cert", fresh.TLS.ClientCert, "--tls-key", fresh.TLS.ClientKey) //nolint:gocritic // another list
		d := wantRoot(t, at("rediss://"+s.Addr(), strangers...), "tls-client-cert-required", cli.ExitUnreachable)
		if len(d.Findings) > 0 && d.Findings[0].Evidence["reason"] != "certificate-refused" {
			t.Errorf("%s: the evidence is %v", version, d.Findings[0].Evidence)
		}
		own := append(slices.Clone(ca), "--tls-cert", s.TLS.ClientCert, "--tls-key", s.TLS.ClientKey)
		if again, _ := at("rediss://"+s.Addr(), own...).doctor(t); again.Status == "unreachable" {
			t.Errorf("%s: with its certificate: %s", version, again.root())
		}
	}
}

// TestDoctorOldServer: what does not know HELLO still works.
func TestDoctorServerBeforeHello(t *testing.T) {
	t.Parallel()
	kept := map[string]string{}
	addr := redistest.FakeRESP(t, func(cmd []string) string {
		switch strings.ToUpper(cmd[0]) {
		case "PING":
			return redistest.SimpleReply("PONG")
		case "INFO":
			return redistest.BulkReply("# Server\r\nredis_version:5.0.7\r\nredis_mode:standalone\r\nuptime_in_seconds:90000\r\n" +
				"# Replication\r\nrole:master\r\n# Memory\r\nused_memory:1000000\r\nmaxmemory:50000000\r\nmaxmemory_policy:allkeys-lru\r\n")
		case "SET":
			kept[cmd[1]] = cmd[2]
			return redistest.SimpleReply("OK")
		case "GET":
			return redistest.BulkReply(kept[cmd[1]])
		case "TTL":
			return ":60\r\n"
		case "DEL":
			return ":1\r\n"
		case "DBSIZE":
			return ":0\r\n"
		}
		return redistest.ErrorReply("ERR unknown command `" + cmd[0] + "`, with args beginning with: ")
	})
	d, code := at("redis://" + addr).doctor(t)
	if code != cli.ExitOK || !slices.Contains(d.ids(), "proto-old-server") {
		t.Errorf("%s, exit code %d; found %q", d.Status, code, d.ids())
	}
}

// TestDoctorProxyWords: a proxy that answers, and hangs up as it has no server, is heard.
func TestDoctorProxyWords(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return // the test is over
			}
			_, _ = conn.Read(make([]byte, 512))
			_, _ = conn.Write([]byte("-ERR no healthy upstream\r\n"))
			_ = conn.Close()
		}
	}()
	d := wantRoot(t, at("redis://"+listener.Addr().String()), "server-error", cli.ExitUnreachable)
	if len(d.Findings) > 0 && d.Findings[0].Evidence["reply"] != "ERR no healthy upstream" {
		t.Errorf("the evidence is %v", d.Findings[0].Evidence)
	}
}

// TestDoctorEveryAddress: 0.0.0.0 is this machine, and a server that only it can reach is not open to the world.
func TestDoctorEveryAddress(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	if d, _ := at("redis://0.0.0.0:" + port(t, s.Addr())).doctor(t); d.Status != "ok" && d.Status != "warning" {
		t.Errorf("%s: %q", d.Status, d.ids())
	}
	gone := port(t, redistest.Refused(t))
	if d, _ := at("redis://0.0.0.0:" + gone).doctor(t); !strings.HasPrefix(d.root(), "tcp-refused-") {
		t.Errorf("nothing listens: %s", d.root())
	}
}

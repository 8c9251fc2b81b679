package cli_test

import (
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/olympiades-ia/olymp-cache/internal/cli"
	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

// failureLines is what a failure may need of a terminal of 24 lines, the prompt left out.
const failureLines = 23

// unreachable are targets that cannot be reached, each with its root cause.
func unreachable(t *testing.T) map[string]struct {
	place place
	root  string
} {
	t.Helper()
	plain := redistest.Start(t)
	type row = struct {
		place place
		root  string
	}
	tlsURL := func(s *redistest.Server) string { return "rediss://" + s.Addr() }
	good := redistest.Start(t, redistest.WithTLS(redistest.TLSOptions{}))
	wrongName := redistest.Start(t, redistest.WithTLS(redistest.TLSOptions{WrongName: true}))
	expired := redistest.Start(t, redistest.WithTLS(redistest.TLSOptions{Expired: true}))
	tomorrow := redistest.Start(t, redistest.WithTLS(redistest.TLSOptions{NotYetValid: true}))
	selfSigned := redistest.Start(t, redistest.WithTLS(redistest.TLSOptions{SelfSigned: true}))
	mutual := redistest.Start(t, redistest.WithTLS(redistest.TLSOptions{ClientCertRequired: true}))
	old := redistest.Start(t, redistest.WithTLS(redistest.TLSOptions{MaxVersion: "TLSv1.1"}))
	password := redistest.Start(t, redistest.WithPassword("right"))
	_, stranger := redistest.StartProtected(t)
	full := redistest.Start(t)
	full.EnterMaxClients(2)
	sentinels := redistest.StartSentinels(t, plain, 3, "vitrine")
	says := func(words string) string {
		return "redis://default:S3cretWord@" + redistest.FakeRESP(t, func([]string) string { return redistest.ErrorReply(words) })
	}
	return map[string]row{
		"nothing listens":        {at("redis://" + redistest.Refused(t)), "tcp-refused-not-running"},
		"nobody answers the SYN": {at("redis://"+redistest.Backlogged(t), "--timeout=1s"), "tcp-timeout"},
		"silence":                {at("redis://"+redistest.Silent(t), "--timeout=1s"), "tcp-silent"},
		"closed at once":         {at("redis://" + redistest.Closer(t)), "tcp-closed"},
		"no such socket":         {at("unix:///nowhere/redis.sock"), "tcp-unix-socket"},
		"HTTP":                   {at("redis://" + redistest.HTTP(t)), "proto-http"},
		"SSH":                    {at("redis://" + redistest.Banner(t, "SSH-2.0-OpenSSH_9.2p1\r\n")), "proto-other"},
		"HTTP behind TLS":        {at("rediss://" + redistest.HTTP(t)), "proto-http"},
		"a Sentinel":             {at("redis://" + sentinels.Addrs()[0]), "proto-sentinel"},
		"no Sentinel": {
			at("redis+sentinel://" + plain.Addr() + "/vitrine/0"), "sentinel-not-a-sentinel",
		},
		"no such master": {
			at(strings.Replace(sentinels.URL(), "/vitrine", "/nobody", 1)), "sentinel-unknown-master",
		},
		"TLS is wanted":         {at("redis://" + good.Addr()), "tls-required"},
		"TLS is not there":      {at("rediss://"+plain.Addr(), "--timeout=1s"), "tls-not-supported"},
		"an unknown authority":  {at(tlsURL(good)), "tls-unknown-authority"},
		"a self-signed one":     {at(tlsURL(selfSigned)), "tls-self-signed"},
		"another name":          {at(tlsURL(wrongName), "--tls-ca", wrongName.TLS.CA), "tls-name-mismatch"},
		"expired":               {at(tlsURL(expired), "--tls-ca", expired.TLS.CA), "tls-expired"},
		"not yet valid":         {at(tlsURL(tomorrow), "--tls-ca", tomorrow.TLS.CA), "tls-not-yet-valid"},
		"a certificate of mine": {at(tlsURL(mutual), "--tls-ca", mutual.TLS.CA), "tls-client-cert-required"},
		"an old version":        {at(tlsURL(old), "--tls-ca", old.TLS.CA), "tls-version"},
		"no password":           {at("redis://" + password.Addr()), "auth-required"},
		"a wrong password":      {at("redis://:S3cretWord@" + password.Addr()), "auth-wrong"},
		"no colon":              {at("redis://S3cretWord@" + password.Addr()), "config-url-password-as-user"},
		"protected mode":        {at("redis://" + stranger.Addr()), "server-protected-mode"},
		"too many clients":      {at("redis://" + full.Addr()), "server-max-clients"},
		"no such database":      {at(plain.URL() + "/99"), "server-db-range"},
		"not on the list":       {at(says("ERR Client IP address is not in the allowlist")), "auth-ip-not-allowed"},
		"requests are used up": {
			at(says("ERR max requests limit exceeded. Limit: 500000, Usage: 500000. " +
				"See https://upstash.com/docs/redis/troubleshooting/max_requests_limit for details")),
			"server-quota-requests",
		},
		"connections are used up": {at(says("ERR max concurrent connections exceeded")), "server-quota-connections"},
	}
}

func TestDoctorUnreachable(t *testing.T) {
	t.Parallel()
	for name, c := range unreachable(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := wantRoot(t, c.place, c.root, cli.ExitUnreachable)
			if d.Status != "unreachable" {
				t.Errorf("status %q", d.Status)
			}
			if len(d.Findings) > 0 && (d.Findings[0].Title == "" || d.Findings[0].Cause == "" || len(d.Findings[0].Fixes) == 0) {
				t.Errorf("what is wrong and what to type: %+v", d.Findings[0])
			}
			d.wantTidy(t, failureLines, "S3cretWord")
		})
	}
}

// TestDoctorConfig: what is wrong with the configuration alone is found before anything is contacted.
func TestDoctorConfig(t *testing.T) {
	t.Parallel()
	for raw, root := range map[string]string{
		"localhost:6379":                      "config-url-no-scheme",
		"amqp://h:5672":                       "config-url-scheme",
		"https://eu1-calm-1234.upstash.io":    "config-url-rest-endpoint",
		"redis://:S3cr/etWord@h:6379":         "config-url-password-encoding",
		"redis-cli -u redis://h:6379":         "config-url-pasted-line",
		"h:6380,password=S3cretWord,ssl=True": "config-url-connection-string",
		"redis://default:<password>@h:6379":   "config-url-placeholder",
		"redis://h:99999":                     "config-url-port",
		"redis://undefined:6379":              "config-url-placeholder",
	} {
		d := wantRoot(t, at(raw), root, cli.ExitUsage)
		if d.Status != "critical" || d.CommandsSent != 0 {
			t.Errorf("%s: status %q after %d commands", raw, d.Status, d.CommandsSent)
		}
		d.wantTidy(t, failureLines, "S3cretWord", "etWord")
	}
}

// TestDoctorOtherPort: Redis runs, elsewhere. The port found is in the command, and the command mends it.
func TestDoctorOtherPort(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:6380") // one of the well-known local ports
	if err != nil {
		t.Skipf("another program has port 6380: %v", err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go forward(listener, redistest.Start(t).Addr())
	d := wantRoot(t, at("redis://"+redistest.Refused(t)), "tcp-refused-other-port", cli.ExitUnreachable)
	mended := ""
	for _, c := range d.commands("tcp-refused-other-port") {
		if u, ok := strings.CutPrefix(c, "REDIS_URL="); ok {
			mended = u
		}
	}
	if again, _ := at(mended).doctor(t); again.Status == "unreachable" {
		t.Errorf("the command %q does not mend it: %s", mended, again.root())
	}
}

// forward passes connections on to a server at another address.
func forward(listener net.Listener, to string) {
	for {
		in, err := listener.Accept()
		if err != nil {
			return // the test is over
		}
		out, err := net.Dial("tcp", to)
		if err != nil {
			_ = in.Close()
			continue
		}
		go func() { _, _ = io.Copy(out, in); _ = out.Close() }()
		go func() { _, _ = io.Copy(in, out); _ = in.Close() }()
	}
}

// TestDoctorUnsetOnAPlatform: the most frequent mistake on a platform is a variable that was never set.
func TestDoctorUnsetOnAPlatform(t *testing.T) {
	t.Parallel()
	if c, err := net.Dial("tcp", "127.0.0.1:6379"); err == nil {
		_ = c.Close()
		t.Skip("a server listens on the default port of this machine")
	}
	p := place{env: map[string]string{"RENDER": "true", "RENDER_SERVICE_NAME": "api"}}
	wantRoot(t, p, "config-url-missing", cli.ExitUnreachable).wantTidy(t, failureLines)
}

// TestDoctorTLSMended: what to type for TLS makes the next run succeed.
func TestDoctorTLSMended(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, redistest.WithTLS(redistest.TLSOptions{WrongName: true}))
	u := url.URL{Scheme: "rediss", Host: s.Addr()}
	d := wantRoot(t, at(u.String(), "--tls-ca", s.TLS.CA), "tls-name-mismatch", cli.ExitUnreachable)
	if !strings.Contains(strings.Join(d.commands("tls-name-mismatch"), "\n"), "--tls-server-name "+redistest.WrongNameHost) {
		t.Errorf("the commands are %q", d.commands("tls-name-mismatch"))
	}
	again, _ := at(u.String(), "--tls-ca", s.TLS.CA, "--tls-server-name", redistest.WrongNameHost).doctor(t)
	if again.Status == "unreachable" {
		t.Errorf("the flag does not mend it: %s", again.root())
	}
}

// TestDoctorSaved: evidence is judged again elsewhere, with the same result, and shows no secret and no key.
func TestDoctorSaved(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, redistest.WithPassword("S3cretWord"))
	for _, key := range []string{"customer:ada:cart", "customer:bob:cart"} {
		if _, err := s.Do("SET", key, "x"); err != nil {
			t.Fatal(err)
		}
	}
	dir := t.TempDir()
	p := at(s.URL())
	p.dir = dir
	before, code := p.doctor(t, "--save", "evidence.json")
	raw, err := os.ReadFile(filepath.Join(dir, "evidence.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, hidden := range []string{"S3cretWord", "customer", "ada", "bob"} {
		if strings.Contains(string(raw), hidden) {
			t.Errorf("the file holds %q", hidden)
		}
	}
	if info, err := os.Stat(filepath.Join(dir, "evidence.json")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file's mode: %v %v", info.Mode(), err)
	}
	s.Stop()
	elsewhere := place{dir: dir}
	after, again := elsewhere.doctor(t, "--load", "evidence.json")
	if strings.Join(before.ids(), " ") != strings.Join(after.ids(), " ") || code != again || before.Status != after.Status {
		t.Errorf("live: %s %q %d; loaded: %s %q %d", before.Status, before.ids(), code, after.Status, after.ids(), again)
	}
	gone, _ := p.doctor(t, "--compare", "evidence.json")
	if gone.Status != "unreachable" {
		t.Errorf("a stopped server is %s", gone.Status)
	}
	_, _, code = elsewhere.run(t, "doctor", "--load", "nothing.json")
	if code != cli.ExitUsage {
		t.Errorf("a missing file gives %d", code)
	}
}

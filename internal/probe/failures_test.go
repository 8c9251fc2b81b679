package probe_test

import (
	"strings"
	"testing"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/probe"
	"github.com/olympiades-ia/olymp-cache/internal/probe/trace"
	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

// failing is one way not to get in: what it is called, on which rung, and what else must have been seen.
type failing struct {
	name string
	in   func(t *testing.T) config.Input
	id   string
	rung string
	seen func(t *testing.T, c climbed)
}

func runFailing(t *testing.T, cases []failing) {
	t.Helper()
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := climb(t, load(t, tc.in(t)), probe.Options{})
			if c.Failure == nil || c.id() != tc.id || c.Failure.Rung != tc.rung || !c.Failure.Unreachable || c.Write != nil {
				t.Fatalf("failure %+v in %s, want %s on %s", c.Failure, outline(c.Steps), tc.id, tc.rung)
			}
			for _, s := range c.Steps[:len(c.Steps)-1] {
				if s.Problem != nil || s.Name == tc.rung {
					t.Errorf("steps %s", outline(c.Steps))
				}
			}
			if last := c.Steps[len(c.Steps)-1]; last.Duration <= 0 || last.Duration > c.took {
				t.Errorf("%s took %v of %v", last.Name, last.Duration, c.took)
			}
			if tc.seen != nil {
				tc.seen(t, c)
			}
		})
	}
}

// fakeOf is a server with these answers, whoever logs in; it knows nothing else. An empty answer hangs up.
func fakeOf(answers map[string]string) func(t *testing.T) config.Input {
	return func(t *testing.T) config.Input {
		t.Helper()
		return config.Input{URL: "redis://app:s3cret@" + redistest.FakeRESP(t, func(cmd []string) string {
			if answer, ok := answers[strings.ToUpper(cmd[0])]; ok {
				return answer
			}
			return redistest.ErrorReply("ERR unknown command '" + cmd[0] + "'")
		})}
	}
}

// hello is what HELLO answers.
func hello(role string) string {
	return "%4\r\n+server\r\n+redis\r\n+version\r\n+7.2.0\r\n+mode\r\n+standalone\r\n+role\r\n+" + role + "\r\n"
}

// answered checks what PING in clear text was answered.
func answered(first string, resp bool, protocol string, problem trace.Problem) func(*testing.T, climbed) {
	return func(t *testing.T, c climbed) {
		t.Helper()
		w := c.Clear
		if w == nil || !strings.HasPrefix(w.First, first) || (first == "") != (w.First == "") || w.RESP != resp ||
			w.Protocol != protocol || w.Problem != problem || w.Duration <= 0 {
			t.Errorf("clear text %+v, want %q %v %q %q", w, first, resp, protocol, problem)
		}
	}
}

// shook checks the handshake.
func shook(problem trace.Problem, verdict, version string) func(*testing.T, climbed) {
	return func(t *testing.T, c climbed) {
		t.Helper()
		h := c.Handshake
		if h == nil || h.Problem != problem || h.Verdict != verdict || h.Version != version || h.WantedName != "127.0.0.1" {
			t.Fatalf("handshake %+v, want %q %q %q", h, problem, verdict, version)
		}
		if (version != "") != (h.Leaf != nil) || (problem == "") != (h.Words == "") {
			t.Errorf("certificate %+v, words %q", h.Leaf, h.Words)
		}
	}
}

func both(all ...func(*testing.T, climbed)) func(*testing.T, climbed) {
	return func(t *testing.T, c climbed) {
		t.Helper()
		for _, check := range all {
			check(t, c)
		}
	}
}

func dialled(problem trace.Problem) func(*testing.T, climbed) {
	return func(t *testing.T, c climbed) {
		t.Helper()
		if len(c.Dials) != 1 || c.Dials[0].Address != "127.0.0.1" || c.Dials[0].Problem != problem || c.Dials[0].Duration <= 0 {
			t.Errorf("dials %+v, want %q", c.Dials, problem)
		}
		if c.Clear != nil || c.Handshake != nil || c.Login != nil || c.ExtraCommands != 0 {
			t.Errorf("second looks at what does not answer: %+v", c.Trace)
		}
	}
}

func TestNetworkFailures(t *testing.T) {
	t.Parallel()
	runFailing(t, []failing{
		{"missing socket", urlOf("unix:///nonexistent/redis.sock"), "tcp-unix-socket", trace.TCP, func(t *testing.T, c climbed) {
			t.Helper()
			if c.Host != "" || c.Port != 0 || c.Dials != nil || c.Failure.Finding.Value("reason") != "missing" {
				t.Errorf("%+v", c.Trace)
			}
		}},
		{"refused", urlOf("redis://" + redistest.Refused(t)), "tcp-refused", trace.TCP, dialled(trace.Refused)},
		{"hangs up", urlOf("redis://" + redistest.Closer(t)), "tcp-closed", trace.Protocol, both(
			answered("", false, "", trace.Closed), func(t *testing.T, c climbed) {
				t.Helper()
				if c.Handshake == nil || c.Handshake.Problem != trace.Closed || c.Handshake.Leaf != nil {
					t.Errorf("handshake %+v", c.Handshake)
				}
			},
		)},
		{"HTTP", urlOf("redis://" + redistest.HTTP(t)), "proto-http", trace.Protocol, both(
			answered("HTTP/1.1 400", false, "HTTP", ""), func(t *testing.T, c climbed) {
				t.Helper()
				if first, _ := c.Failure.Finding.Value("first_bytes").(string); !strings.HasPrefix(first, "HTTP/1.1 400") {
					t.Errorf("first bytes %q", first)
				}
			},
		)},
		{
			"HTTP under TLS", urlOf("rediss://" + redistest.HTTP(t)), "proto-http", trace.TLS,
			both(answered("HTTP/1.1 400", false, "HTTP", ""), shook(trace.NotTLS, "", "")),
		},
		{
			"SSH", urlOf("redis://" + redistest.Banner(t, "SSH-2.0-OpenSSH_9.2\r\n")), "proto-other", trace.Protocol,
			answered("SSH-2.0-OpenSSH_9.2", false, "SSH", ""),
		},
		{
			"a greeting without a line end", urlOf("redis://" + redistest.Banner(t, "J\x00\x00\x00\x0a5.5.5-10.11.6-MariaDB")),
			"proto-other", trace.Protocol, nil,
		},
		{
			"hangs up after the login", fakeOf(map[string]string{"HELLO": hello("master"), "PING": ""}), "tcp-closed", trace.Ping,
			func(t *testing.T, c climbed) {
				t.Helper()
				if c.Clear != nil || c.Handshake != nil || c.Server.Version != "7.2.0" {
					t.Errorf("%+v", c.Trace)
				}
			},
		},
		{
			"hangs up at HELLO", fakeOf(map[string]string{"HELLO": "", "PING": "+PONG\r\n"}), "tcp-closed", trace.Protocol,
			answered("+PONG", true, "", ""),
		},
		{
			"hangs up at HELLO, and says why to PING", fakeOf(map[string]string{"HELLO": "", "PING": "-DENIED protected\r\n"}),
			"server-protected-mode", trace.Protocol, answered("-DENIED", true, "", ""),
		},
		{
			"an alert in answer to clear text", urlOf("redis://" + redistest.Banner(t, "\x15\x03\x01\x00\x02\x02\x0a")),
			"tls-required", trace.TLS, nil,
		},
	})
}

func TestTLSFailures(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t, redistest.WithTLS(redistest.TLSOptions{}))
	closed := answered("", false, "", trace.Closed)
	runFailing(t, []failing{
		{
			"plain to a TLS port", urlOf("redis://:geheim@" + server.Addr()), "tls-required", trace.TLS,
			both(closed, shook("", "tls-unknown-authority", "TLS 1.3")),
		},
		{
			"unknown authority", urlOf("rediss://" + server.Addr()), "tls-unknown-authority", trace.TLS,
			both(closed, shook("", "tls-unknown-authority", "TLS 1.3")),
		},
		{
			"wrong name", tlsOf(redistest.TLSOptions{WrongName: true}), "tls-name-mismatch", trace.TLS,
			both(shook("", "tls-name-mismatch", "TLS 1.3"), func(t *testing.T, c climbed) {
				t.Helper()
				if n := c.Handshake.Leaf.Names; len(n) != 1 || n[0] != redistest.WrongNameHost {
					t.Errorf("names %q", n)
				}
			}),
		},
		{
			"expired", tlsOf(redistest.TLSOptions{Expired: true}), "tls-expired", trace.TLS,
			shook("", "tls-expired", "TLS 1.3"),
		},
		{
			"not yet valid", tlsOf(redistest.TLSOptions{NotYetValid: true}), "tls-not-yet-valid", trace.TLS,
			shook("", "tls-not-yet-valid", "TLS 1.3"),
		},
		{"self-signed", func(t *testing.T) config.Input {
			t.Helper()
			return config.Input{URL: redistest.Start(t, redistest.WithTLS(redistest.TLSOptions{SelfSigned: true})).URL()}
		}, "tls-self-signed", trace.TLS, shook("", "tls-self-signed", "TLS 1.3")},
		{
			"client certificate wanted", tlsOf(redistest.TLSOptions{ClientCertRequired: true}), "tls-client-cert-required",
			trace.TLS, shook(trace.Alert, "", "TLS 1.3"),
		},
		{"plain to a port that wants a certificate", func(t *testing.T) config.Input {
			t.Helper()
			s := redistest.Start(t, redistest.WithTLS(redistest.TLSOptions{ClientCertRequired: true}))
			return config.Input{URL: "redis://" + s.Addr()}
		}, "tls-required", trace.TLS, shook(trace.Alert, "tls-unknown-authority", "TLS 1.3")},
		{"old TLS only", tlsOf(redistest.TLSOptions{MaxVersion: "TLSv1.1"}), "tls-version", trace.TLS, shook(trace.Alert, "", "")},
		{"TLS to a port that refuses in clear text", func(t *testing.T) config.Input {
			t.Helper()
			s := redistest.Start(t)
			t.Cleanup(s.EnterMaxClients(1))
			return config.Input{URL: "rediss://:geheim@" + s.Addr()}
		}, "server-max-clients", trace.TLS, answered("-ERR max number of clients", true, "", "")},
	})
}

func TestLoginFailures(t *testing.T) {
	t.Parallel()
	secret := redistest.Start(t, redistest.WithPassword("s3cret"))
	small := redistest.Start(t, redistest.WithDatabases(2))
	runFailing(t, []failing{
		{"no password", urlOf("redis://" + secret.Addr()), "auth-required", trace.Auth, func(t *testing.T, c climbed) {
			t.Helper()
			if c.Login != nil || c.Clear != nil || c.ExtraCommands != 2 { // HELLO PING
				t.Errorf("%d commands, %+v", c.ExtraCommands, c.Trace)
			}
		}},
		{"no such database", urlOf("redis://" + small.Addr() + "/7"), "server-db-range", trace.Select, func(t *testing.T, c climbed) {
			t.Helper()
			if c.Server.Mode != "standalone" || c.Server.Version == "" { // HELLO told before
				t.Errorf("server %+v", c.Server)
			}
		}},
		{"too many clients", func(t *testing.T) config.Input {
			t.Helper()
			s := redistest.Start(t, redistest.WithPassword("s3cret"))
			t.Cleanup(s.EnterMaxClients(1))
			return config.Input{URL: s.URL()}
		}, "server-max-clients", trace.Auth, nil},
		{"protected mode", func(t *testing.T) config.Input {
			t.Helper()
			_, proxy := redistest.StartProtected(t)
			return config.Input{URL: "redis://:s3cret@" + proxy.Addr()}
		}, "server-protected-mode", trace.Auth, nil},
		{
			"a user before Redis 6", fakeOf(map[string]string{"AUTH": "-ERR wrong number of arguments for 'auth' command\r\n"}),
			"auth-user-unsupported", trace.Auth, func(t *testing.T, c climbed) {
				t.Helper()
				if !c.Server.NoHello || c.Login != nil {
					t.Errorf("server %+v, logins %s", c.Server, logins(c))
				}
			},
		},
		{"allow-list", func(t *testing.T) config.Input {
			t.Helper()
			addr := redistest.FakeRESP(t, func([]string) string {
				return redistest.ErrorReply("ERR Client IP address is not in the allowlist")
			})
			return config.Input{URL: "redis://:s3cret@" + addr}
		}, "auth-ip-not-allowed", trace.Auth, nil},
	})
}

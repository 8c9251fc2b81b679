package redisconn_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

// load reads a URL as the program does.
func load(t *testing.T, in config.Input) config.Target {
	t.Helper()
	in.URLSet = true
	in.LookupEnv = func(string) (string, bool) { return "", false }
	cfg, err := config.Load(in)
	if err != nil {
		t.Fatalf("config: %v", err)
	}
	return cfg.Target
}

func open(t *testing.T, target config.Target) (*redisconn.Conn, error) {
	t.Helper()
	c, err := redisconn.Open(t.Context(), target, redisconn.Options{Timeout: time.Second})
	if err == nil {
		t.Cleanup(c.Close)
	}
	return c, err
}

// TestFailuresHaveNames breaks connections for real and asks for the name of each.
func TestFailuresHaveNames(t *testing.T) {
	t.Parallel()
	plain := redistest.Start(t)
	secret := redistest.Start(t, redistest.WithPassword("s3cret"), redistest.WithUser("app", "geheim", "on ~app:* +@all -info"))
	small := redistest.Start(t, redistest.WithDatabases(2))
	tls := redistest.Start(t, redistest.WithTLS(redistest.TLSOptions{}))
	for _, tc := range []struct {
		name  string
		in    func(t *testing.T) config.Input
		id    string
		reply string // part of the server's words that must be kept
	}{
		{"refused", urlOf("redis://" + redistest.Refused(t)), "tcp-refused", ""},
		{"unknown name", urlOf("redis://no-such-host.invalid:6379"), "dns-", ""},
		{"missing socket", urlOf("unix:///nonexistent/redis.sock"), "tcp-unix-socket", ""},
		{"no answer to SYN", func(t *testing.T) config.Input {
			t.Helper()
			return config.Input{URL: "redis://" + redistest.Backlogged(t)}
		}, "tcp-timeout", ""},
		{"silent", urlOf("redis://" + redistest.Silent(t)), "tcp-silent", ""},
		{"silent under TLS", urlOf("rediss://" + redistest.Silent(t)), "tcp-silent", ""},
		{"hangs up", urlOf("redis://" + redistest.Closer(t)), "tcp-closed", ""},
		{"HTTP", urlOf("redis://" + redistest.HTTP(t)), "proto-http", ""},
		{"SSH", urlOf("redis://" + redistest.Banner(t, "SSH-2.0-OpenSSH_9.2\r\n")), "proto-other", ""},
		{"no password", urlOf("redis://" + secret.Addr()), "auth-required", "NOAUTH"},
		{"wrong password", urlOf("redis://:wrong@" + secret.Addr()), "auth-wrong", "WRONGPASS"},
		{"wrong user", urlOf("redis://nobody:s3cret@" + secret.Addr()), "auth-wrong", "WRONGPASS"},
		{"no such database", urlOf("redis://" + small.Addr() + "/7"), "server-db-range", "out of range"},
		{"plain to a TLS port", urlOf("redis://" + tls.Addr()), "tls-required", ""},
		{"TLS to a plain port", urlOf("rediss://" + plain.Addr()), "tls-not-supported", ""},
		{"unknown authority", urlOf("rediss://" + tls.Addr()), "tls-unknown-authority", ""},
		{"wrong name", tlsOf(redistest.TLSOptions{WrongName: true}), "tls-name-mismatch", ""},
		{"expired", tlsOf(redistest.TLSOptions{Expired: true}), "tls-expired", ""},
		{"not yet valid", tlsOf(redistest.TLSOptions{NotYetValid: true}), "tls-not-yet-valid", ""},
		{"client certificate wanted", tlsOf(redistest.TLSOptions{ClientCertRequired: true}), "tls-client-cert-required", ""},
		{"old TLS only", tlsOf(redistest.TLSOptions{MaxVersion: "TLSv1.1"}), "tls-version", ""},
		{"self-signed", func(t *testing.T) config.Input {
			t.Helper()
			s := redistest.Start(t, redistest.WithTLS(redistest.TLSOptions{SelfSigned: true}))
			return config.Input{URL: "rediss://" + s.Addr()}
		}, "tls-self-signed", ""},
		{"too many clients", func(t *testing.T) config.Input {
			t.Helper()
			s := redistest.Start(t)
			t.Cleanup(s.EnterMaxClients(1))
			return config.Input{URL: s.URL()}
		}, "server-max-clients", "max number of clients"},
		{"too many clients, with a password", func(t *testing.T) config.Input {
			t.Helper()
			s := redistest.Start(t, redistest.WithPassword("s3cret"))
			t.Cleanup(s.EnterMaxClients(1))
			return config.Input{URL: s.URL()}
		}, "server-max-clients", "max number of clients"},
		{"allow-list", func(t *testing.T) config.Input {
			t.Helper()
			addr := redistest.FakeRESP(t, func([]string) string {
				return redistest.ErrorReply("ERR Client IP address is not in the allowlist")
			})
			return config.Input{URL: "redis://:s3cret@" + addr}
		}, "auth-ip-not-allowed", "allowlist"},
		{"before Redis 6, wrong password", func(t *testing.T) config.Input {
			t.Helper()
			addr := redistest.FakeRESP(t, func(cmd []string) string {
				if strings.EqualFold(cmd[0], "auth") {
					return redistest.ErrorReply("ERR invalid password")
				}
				return redistest.ErrorReply("ERR unknown command `" + cmd[0] + "`, with args beginning with: `" + strings.Join(cmd[1:], "`, `") + "`, ")
			})
			return config.Input{URL: "redis://:s3cret@" + addr}
		}, "auth-wrong", "invalid password"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, err := open(t, load(t, tc.in(t)))
			e, ok := redisconn.AsError(err)
			if !ok {
				t.Fatalf("got %v, want a named error", err)
			}
			if e.ID != tc.id && (!strings.HasSuffix(tc.id, "-") || !strings.HasPrefix(e.ID, tc.id)) {
				t.Errorf("named %s (%v), want %s", e.ID, e.Err, tc.id)
			}
			if !strings.Contains(e.Reply, tc.reply) {
				t.Errorf("the server's words are %q, want %q in them", e.Reply, tc.reply)
			}
			if !e.Unreachable() {
				t.Errorf("%s at step %s does not count as unreachable", e.ID, e.Step)
			}
			for _, leak := range []string{"s3cret", "geheim"} {
				if strings.Contains(e.Error(), leak) {
					t.Errorf("the password is in %q", e.Error())
				}
			}
		})
	}
}

func urlOf(url string) func(*testing.T) config.Input {
	return func(*testing.T) config.Input { return config.Input{URL: url} }
}

func tlsOf(o redistest.TLSOptions) func(*testing.T) config.Input {
	return func(t *testing.T) config.Input {
		t.Helper()
		s := redistest.Start(t, redistest.WithTLS(o))
		return config.Input{URL: "rediss://" + s.Addr(), TLSCA: s.TLS.CA}
	}
}

// TestStatesKeepPing: a server that refuses PING is reached all the same; what it said is kept.
func TestStatesKeepPing(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, id string
		start    func(t *testing.T) *redistest.Server
	}{
		{"loading", "server-loading", func(t *testing.T) *redistest.Server {
			t.Helper()
			s, finish := redistest.StartLoading(t)
			t.Cleanup(finish)
			return s
		}},
		{"misconf", "server-misconf", func(t *testing.T) *redistest.Server {
			t.Helper()
			s := redistest.Start(t)
			t.Cleanup(s.EnterMisconf())
			return s
		}},
		{"busy", "server-busy", func(t *testing.T) *redistest.Server {
			t.Helper()
			s := redistest.Start(t)
			t.Cleanup(s.EnterBusy())
			return s
		}},
		{"master down", "server-masterdown", func(t *testing.T) *redistest.Server {
			t.Helper()
			_, replica := redistest.StartMasterDown(t)
			return replica
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c, err := open(t, load(t, config.Input{URL: tc.start(t).URL()}))
			if err != nil {
				t.Fatal(err)
			}
			_, pingErr := c.Ping()
			e, ok := redisconn.AsError(pingErr)
			if !ok || e.ID != tc.id || e.Reply == "" || e.Unreachable() {
				t.Errorf("PING gave %+v", pingErr)
			}
		})
	}
}

// TestCtrlC: cancelling does not wait for a server that says nothing.
func TestCtrlC(t *testing.T) {
	t.Parallel()
	stop := errors.New("stopped")
	ctx, cancel := context.WithCancelCause(t.Context())
	time.AfterFunc(100*time.Millisecond, func() { cancel(stop) })
	start := time.Now()
	_, err := redisconn.Open(ctx, load(t, config.Input{URL: "redis://" + redistest.Silent(t)}), redisconn.Options{Timeout: time.Minute})
	if !errors.Is(err, stop) || time.Since(start) > 5*time.Second {
		t.Errorf("got %v after %v", err, time.Since(start))
	}
}

// TestTimeoutHolds: a frozen server costs the time-out and one second look, no more.
func TestTimeoutHolds(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	s.Pause()
	defer s.Resume()
	start := time.Now()
	_, err := redisconn.Open(t.Context(), load(t, config.Input{URL: s.URL()}), redisconn.Options{Timeout: 300 * time.Millisecond})
	e, ok := redisconn.AsError(err)
	if !ok || e.ID != "tcp-silent" || time.Since(start) > 2*time.Second {
		t.Errorf("got %v after %v", err, time.Since(start))
	}
}

// TestSentinelFailures names what can be wrong on the way through Sentinel.
func TestSentinelFailures(t *testing.T) {
	t.Parallel()
	primary := redistest.Start(t)
	s := redistest.StartSentinels(t, primary, 3, "vitrine")
	for _, tc := range []struct{ name, url, id string }{
		{"another name", strings.Replace(s.URL(), "/vitrine", "/boutique", 1), "sentinel-unknown-master"},
		{"not a Sentinel", "redis+sentinel://" + primary.Addr() + "/vitrine/0", "sentinel-not-a-sentinel"},
		{"nobody there", "redis+sentinel://" + redistest.Refused(t) + "/vitrine/0", "tcp-refused"},
	} {
		_, err := open(t, load(t, config.Input{URL: tc.url}))
		if e, ok := redisconn.AsError(err); !ok || e.ID != tc.id {
			t.Errorf("%s: got %v, want %s", tc.name, err, tc.id)
		}
	}
	// One Sentinel that is down does not matter.
	host, _, _ := strings.Cut(strings.TrimPrefix(s.URL(), "redis+sentinel://"), "/")
	dead := "redis+sentinel://" + redistest.Refused(t) + "," + host + "/vitrine/0"
	if c, err := open(t, load(t, config.Input{URL: dead})); err != nil {
		t.Errorf("with one dead Sentinel: %v", err)
	} else if _, port, _ := net.SplitHostPort(c.Server().Addr); c.Server().Mode != redisconn.ModeSentinel || port == "" {
		t.Errorf("server %+v", c.Server())
	}
}

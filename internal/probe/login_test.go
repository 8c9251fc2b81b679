package probe_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/probe"
	"github.com/olympiades-ia/olymp-cache/internal/probe/trace"
	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

// logins are the variants in short: "none no, trimmed yes".
func logins(c climbed) string {
	var all []string
	for _, l := range c.Login {
		all = append(all, l.Variant+map[bool]string{true: " yes", false: " no"}[l.OK])
	}
	return strings.Join(all, ", ")
}

// TestLoginVariants logs in with the mistakes that are made with a right password.
func TestLoginVariants(t *testing.T) {
	t.Parallel()
	secret := redistest.Start(t, redistest.WithPassword("s3cret"), redistest.WithUser("app", "geheim", "on ~* +@all"))
	open := redistest.Start(t, redistest.WithUser("app", "geheim", "on ~* +@all"), redistest.WithUser("gone", "geheim", "off ~* +@all"))
	shy := redistest.Start(t, redistest.WithUser("app", "geheim", "~* +@all"), redistest.WithUser("default", "", "~* +@all -@admin"),
		redistest.WithAdmin("admin", "geheim"))
	over := redistest.Start(t, redistest.WithPassword("s3cret"), redistest.WithTLS(redistest.TLSOptions{}))
	socket := redistest.Start(t, redistest.WithPassword("s3cret"), redistest.WithSocket())
	for _, tc := range []struct {
		name, url, ca, want string
		sent                int
		account             trace.Account
	}{
		{"another password", "redis://:falsch@" + secret.Addr(), "", "none no", 3, ""}, // HELLO AUTH PING
		{"a user who does not exist", "redis://nobody:s3cret@" + secret.Addr(), "", "none no, default-user yes", 5, trace.AccountMissing},
		{"default, named", "redis://default:falsch@" + secret.Addr(), "", "none no", 3, ""},
		{"a line end", "redis://:s3cret%0A@" + secret.Addr(), "", "none no, trimmed yes", 4, ""},
		{"a line end and a user", "redis://app:geheim%0A@" + secret.Addr(), "", "none no, default-user no, trimmed yes", 5, ""},
		{"a user where none is needed", "redis://nobody:geheim@" + open.Addr(), "", "none yes, default-user no", 5, trace.AccountMissing},
		{"a user who is off", "redis://gone:geheim@" + open.Addr(), "", "none yes, default-user no", 5, trace.AccountOff},
		{"another's password", "redis://app:falsch@" + open.Addr(), "", "none yes, default-user no", 5, trace.AccountOn},
		{"an account that is kept secret", "redis://app:falsch@" + shy.Addr(), "", "none yes, default-user no", 5, ""},
		{"under TLS", "rediss://nobody:s3cret@" + over.Addr(), over.TLS.CA, "none no, default-user yes", 5, trace.AccountMissing},
		{"on a socket", "unix://nobody:s3cret@" + socket.Socket, "", "none no, default-user yes", 5, trace.AccountMissing},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := climb(t, load(t, config.Input{URL: tc.url, TLSCA: tc.ca}), probe.Options{})
			if c.id() != "auth-wrong" || c.Failure.Rung != trace.Auth || logins(c) != tc.want || c.ExtraCommands != tc.sent ||
				c.Account != tc.account {
				t.Errorf("%s: %s, %d commands, account %q", c.id(), logins(c), c.ExtraCommands, c.Account)
			}
			for _, l := range c.Login {
				if l.OK != (l.Reply == "") {
					t.Errorf("%s was answered %q", l.Variant, l.Reply)
				}
			}
		})
	}
}

// TestPasswordStaysUnderTLS: a server whose certificate does not verify never hears the password, nor does its port in clear text.
func TestPasswordStaysUnderTLS(t *testing.T) {
	t.Parallel()
	heard := redistest.StartFake(t, func([]string) string { return redistest.SimpleReply("OK") },
		redistest.WithTLS(redistest.TLSOptions{SelfSigned: true}))
	c := climb(t, load(t, config.Input{URL: strings.Replace(heard.URL(), "//", "//:s3cret@", 1)}), probe.Options{})
	if c.id() != "tls-self-signed" || len(heard.Commands()) != 0 {
		t.Errorf("%s, and the server heard %q", c.id(), heard.Commands())
	}
	plain := redistest.StartFake(t, func([]string) string { return redistest.SimpleReply("PONG") })
	c = climb(t, load(t, config.Input{URL: strings.Replace(plain.URL(), "redis://", "rediss://:s3cret@", 1)}),
		probe.Options{Conn: quick})
	words := slices.Concat(plain.Commands()...)
	if c.id() != "tls-not-supported" || !slices.Contains(words, "PING") || strings.Contains(strings.Join(words, " "), "s3cret") {
		t.Errorf("%s, and the server heard %q", c.id(), words)
	}
}

// TestEchoedPassword: whatever a server makes of the password, the trace does not have it.
func TestEchoedPassword(t *testing.T) {
	t.Parallel()
	const secret = `s3"cret é/%41 `
	credentials := url.UserPassword("app", secret).String()
	long := strings.Repeat("x", 90) + secret + strings.Repeat("y", 600)
	reply := func(words string) func(t *testing.T) string {
		return func(t *testing.T) string {
			t.Helper()
			return redistest.FakeRESP(t, func([]string) string { return redistest.ErrorReply(words) })
		}
	}
	for name, start := range map[string]func(t *testing.T) string{
		"in a banner":            func(t *testing.T) string { t.Helper(); return redistest.Banner(t, "220 hello "+secret+"\r\n") },
		"at the end of a banner": func(t *testing.T) string { t.Helper(); return redistest.Banner(t, long+"\r\n") },
		"in an endless banner":   func(t *testing.T) string { t.Helper(); return redistest.Banner(t, strings.Repeat(secret, 100)) },
		"in a refusal":           reply("ERR no " + secret),
		"in a wrong password":    reply("WRONGPASS " + secret),
		"at the cut":             reply("WRONGPASS " + long),
		"in a permission":        reply("NOPERM " + secret),
		"quoted by an old server": func(t *testing.T) string {
			t.Helper()
			return redistest.FakeRESP(t, func(cmd []string) string {
				quoted := "`" + strings.Join(cmd[1:], "`, `")
				if strings.EqualFold(cmd[0], "auth") {
					return redistest.ErrorReply("ERR invalid password")
				}
				return redistest.ErrorReply("ERR unknown command `" + cmd[0] + "`, with args beginning with: " + quoted[:min(len(quoted), 20)])
			})
		},
		"in HELLO": func(t *testing.T) string {
			t.Helper()
			return redistest.FakeRESP(t, func(cmd []string) string {
				switch strings.ToUpper(cmd[0]) {
				case "HELLO":
					return fmt.Sprintf("%%4\r\n+server\r\n%s+version\r\n%s+mode\r\n+standalone\r\n+role\r\n%s",
						redistest.BulkReply(secret), redistest.BulkReply(secret), redistest.BulkReply(secret))
				case "PING":
					return redistest.SimpleReply("PONG")
				}
				return redistest.ErrorReply("OOM " + secret)
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := climb(t, load(t, config.Input{URL: "redis://" + credentials + "@" + start(t)}), probe.Options{Conn: quick})
			if c.Failure == nil {
				t.Fatalf("no failure in %s", outline(c.Steps))
			}
			for _, e := range c.Failure.Finding.Evidence {
				if text, ok := e.Value.(string); ok && len(text) > 96 {
					t.Errorf("%s has %d bytes: %q", e.Name, len(text), text)
				}
			}
			if c.Clear != nil && len(c.Clear.First) > 96 {
				t.Errorf("the first line has %d bytes", len(c.Clear.First))
			}
		})
	}
}

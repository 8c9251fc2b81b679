package findings_test

import (
	"testing"

	"github.com/olympiades-ia/olymp-cache/internal/evidence"
	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/probe/trace"
)

const wrongPass = "WRONGPASS invalid username-password pair or user is disabled."

// refusedLogin is a login that was refused, and what else was tried.
func refusedLogin(url string, tried ...trace.Login) func(t *testing.T) *evidence.Evidence {
	return func(t *testing.T) *evidence.Evidence {
		t.Helper()
		e := unreached(t, url, trace.Auth, "auth-wrong", ev("reply", wrongPass))
		e.Trace.Login = tried
		return e
	}
}

// besideOpen is a refused user on a server whose default user is open and tells of that account.
func besideOpen(account trace.Account) func(t *testing.T) *evidence.Evidence {
	return func(t *testing.T) *evidence.Evidence {
		t.Helper()
		e := refusedLogin("redis://olymp:S3cretWord@cache.example.com", trace.Login{Variant: "none", OK: true})(t)
		e.Trace.Account = account
		return e
	}
}

// refusedAt is a climb that ended at a rung with a reply.
func refusedAt(url, rung, id, reply string) func(t *testing.T) *evidence.Evidence {
	return func(t *testing.T) *evidence.Evidence {
		t.Helper()
		return unreached(t, url, rung, id, ev("reply", reply))
	}
}

// loginCases never came in.
var loginCases = []ruleCase{
	{
		name: "no password", root: "auth-required", says: []string{"REDIS_URL=redis://default:***@cache.example.com:6379/0"},
		seen: refusedAt("redis://cache.example.com", trace.Auth, "auth-required", "NOAUTH Authentication required."),
		skip: []string{"security-no-password", "server-loading"},
	},
	{
		name: "the password where the user belongs", root: "config-url-password-as-user", not: []string{"auth-required"},
		says: []string{"redis://:***@"},
		seen: refusedAt("redis://S3cretWord@cache.example.com", trace.Auth, "auth-required", "NOAUTH Authentication required."),
	},
	{
		name: "a wrong password", root: "auth-wrong", says: []string{"getpass"},
		seen: refusedLogin("redis://:S3cretWord@cache.example.com", trace.Login{Variant: "none", Reply: "NOAUTH"}),
	},
	{
		name: "a wrong user", root: "auth-wrong", says: []string{"REDIS_URL=redis://default:***@cache.example.com:6379/0"},
		seen: refusedLogin("redis://olymp:S3cretWord@cache.example.com",
			trace.Login{Variant: "none", Reply: "NOAUTH"}, trace.Login{Variant: "default-user", OK: true}),
	},
	{
		name: "a server without passwords", root: "auth-wrong", says: []string{"REDIS_URL=redis://cache.example.com:6379/0"},
		seen: refusedLogin("redis://olymp:S3cretWord@cache.example.com", trace.Login{Variant: "none", OK: true}),
	},
	{
		name: "a user who is off, as the open default user may see", root: "auth-user-disabled",
		says: []string{"redis-cli -h cache.example.com -p 6379 ACL SETUSER olymp on"},
		seen: besideOpen(trace.AccountOff),
	},
	{
		name: "a wrong password beside an open default user", root: "auth-wrong", says: []string{"getpass"},
		seen: besideOpen(trace.AccountOn),
	},
	{
		name: "an allow-list", root: "auth-ip-not-allowed", says: []string{"curl -4"},
		seen: refusedAt("rediss://red-abcdefgh12345678:pw@frankfurt-kv.render.com:6379", trace.Auth, "auth-ip-not-allowed",
			"ERR Client IP address is not in the allowlist"),
	},
	{
		name: "a server before users", root: "auth-user-unsupported", says: []string{"REDIS_URL=redis://:***@cache.example.com:6379/0"},
		seen: refusedAt("redis://app:pw@cache.example.com", trace.Auth, "auth-user-unsupported",
			"ERR wrong number of arguments for 'auth' command"),
	},
	{
		name: "a password for an old server without one", root: "auth-not-configured",
		says: []string{"REDIS_URL=redis://cache.example.com:6379/0"},
		seen: refusedAt("redis://:pw@cache.example.com", trace.Auth, "auth-not-configured", "ERR Client sent AUTH, but no password is set"),
	},
	{
		name: "an ACL that has the user off", root: "auth-user-disabled", says: []string{"ACL SETUSER app on"}, not: []string{"auth-wrong"},
		seen: func(t *testing.T) *evidence.Evidence {
			t.Helper()
			e := healthy(t)
			at(t, "redis://app:pw@127.0.0.1:6379")(e)
			failed(trace.Auth, "auth-wrong", wrongPass)(e)
			e.Trace.Failure.Unreachable = true
			e.Server.Nodes[0].Users.Value = append(e.Server.Nodes[0].Users.Value, snapshot.User{Name: "app", Passwords: 1})
			return e
		},
	},
	{
		name: "the provider's quota", root: "server-quota-requests", says: nil,
		seen: refusedAt("rediss://default:pw@eu1-x.upstash.io:6379", trace.Ping, "server-quota-requests",
			"ERR max requests limit exceeded. Limit: 500000, Usage: 500001. See https://upstash.com/docs for details"),
	},
	{
		name: "a database that a cluster has not", root: "server-db-range", says: []string{"REDIS_URL=redis://cache.example.com:6379/0"},
		seen: refusedAt("redis://cache.example.com/3", trace.Select, "server-db-range", "ERR SELECT is not allowed in cluster mode"),
	},
	{
		name: "a database that Upstash has not", root: "server-db-range",
		seen: refusedAt("rediss://default:pw@eu1-x.upstash.io:6379/1", trace.Select, "server-db-range", "ERR invalid DB index"),
	},
	{
		name: "protected mode", root: "server-protected-mode", says: []string{"redis-cli -h 127.0.0.1 -p 6379 -x CONFIG SET requirepass"},
		seen: refusedAt("redis://10.0.0.5", trace.Auth, "server-protected-mode", "DENIED Redis is running in protected mode because …"),
	},
	{
		name: "no more clients", root: "server-max-clients", says: []string{"ss -tnp 'dport = :6379'"},
		seen: refusedAt("redis://127.0.0.1", trace.Auth, "server-max-clients", "ERR max number of clients reached"),
	},
}

// TestLoginSays: what was seen of a password is said, and the password is not.
func TestLoginSays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		url    string
		tried  []trace.Login
		reason any
	}{
		{"redis://:S3cretWord@h", nil, nil},
		{"redis://:%22S3cretWord%22@h", nil, "password-quoted"},
		{"redis://:S3cretWord%0A@h", nil, "password-blank"},
		{"redis://:S3cretWord%0A@h", []trace.Login{{Variant: "trimmed", OK: true}}, "password-trimmed"},
		{"redis://:S3cret%2540Word@h", nil, "password-escaped"},
		{"redis://:S3cret%24Word@h", nil, "password-variable"},
		{"redis://:S3cret%07Word@h", nil, "password-unprintable"},
		{"redis://x:S3cretWord@h", []trace.Login{{Variant: "default-user", OK: true}}, "password-of-default"},
		{"redis://x:S3cretWord@h", []trace.Login{{Variant: "default-user"}}, nil},
		{"redis://x:S3cretWord@h", []trace.Login{{Variant: "none", OK: true}}, "password-not-wanted"},
	} {
		f := judged(t, refusedLogin(c.url, c.tried...)(t), "auth-wrong")
		if got := f.Value("reason"); got != c.reason {
			t.Errorf("%s: reason %v, want %v", c.url, got, c.reason)
		}
		wantReadable(t, f)
	}
}

// authCases are about logins of a server that was reached.
var authCases = []ruleCase{
	{
		name: "a password that nobody asked for", want: []string{"auth-not-configured"},
		says: []string{"-x CONFIG SET requirepass", "REDIS_URL="},
		seen: changed(nil, open),
	},
	{name: "a user for whom any password does", want: []string{"auth-not-configured"}, seen: func(t *testing.T) *evidence.Evidence {
		t.Helper()
		e := with("redis://app:x@127.0.0.1:6379", nil)(t)
		e.Server.Nodes[0].Self.Value.Name, e.Server.Nodes[0].Self.Value.NoPass = "app", true
		return e
	}},
	{
		name: "no password on either side", not: []string{"auth-not-configured"}, want: []string{"security-no-password"},
		seen: with("redis://127.0.0.1:6379", nil, open),
	},
	{
		name: "an ACL that may not be read", not: []string{"auth-not-configured"},
		skip: []string{"auth-user-disabled", "security-dangerous-commands"},
		seen: changed(nil, refusing("ACL")),
	},
	{
		name: "others were refused", want: []string{"auth-failures-seen"}, says: []string{"ACL LOG"}, root: "-",
		seen: changed(lines("errorstat_WRONGPASS:count=3"), denials(snapshot.Denial{
			Count: 3, Reason: "auth", Username: "app", AgeSeconds: 20, Client: snapshot.Client{Addr: "10.0.0.9:4711"},
		})),
	},
	{
		name: "many without a login", want: []string{"auth-failures-seen"}, seen: changed(lines("errorstat_NOAUTH:count=4000")),
	},
	{
		name: "a few health checks without a login", not: []string{"auth-failures-seen", "auth-user-disabled"},
		seen: changed(lines("errorstat_NOAUTH:count=3", "errorstat_NOPERM:count=60"), denials(
			snapshot.Denial{Count: 60, Reason: "command", Object: "config|get", Username: "app"},
		)),
	},
	{
		name: "an application as a user who is off", want: []string{"auth-user-disabled"}, says: []string{"ACL SETUSER app on"},
		seen: changed(nil, denials(snapshot.Denial{Count: 12, Reason: "auth", Username: "app"}), func(e *evidence.Evidence) {
			n := &e.Server.Nodes[0]
			n.Users.Value = append(n.Users.Value, snapshot.User{Name: "app", Passwords: 1})
		}),
	},
	{
		name: "health checks as default, which is off", not: []string{"auth-user-disabled"},
		seen: changed(nil, denials(snapshot.Denial{Count: 12, Reason: "auth", Username: "default"}), func(e *evidence.Evidence) {
			e.Server.Nodes[0].Users.Value[0].Enabled = false
		}),
	},
	{
		name: "a command that the ACL forbids", root: "auth-no-permission", says: []string{"ACL SETUSER default +set"},
		seen: changed(nil, failed(trace.Write, "auth-no-permission", "NOPERM User app has no permissions to run the 'set' command")),
	},
	{
		name: "a user limited to the application's keys", root: "-", want: []string{"auth-no-permission"},
		says: []string{"~olymp-cache:test:*", "doctor --read-only"},
		seen: changed(nil, failed(trace.Write, "auth-no-permission", "NOPERM No permissions to access a key")),
	},
}

// denials are the entries of ACL LOG.
func denials(all ...snapshot.Denial) change {
	return func(e *evidence.Evidence) { e.Server.Nodes[0].ACLLog.Value = all }
}

// TestQuota: the provider's numbers are taken from its words.
func TestQuota(t *testing.T) {
	t.Parallel()
	for reply, want := range map[string][2]any{
		"ERR max requests limit exceeded. Limit: 500000, Usage: 500001. See …":      {int64(500000), int64(500001)},
		"ERR max daily request limit exceeded. Limit: 10000, Usage: 10001":          {int64(10000), int64(10001)},
		"ERR max requests limit exceeded. Limit: many, Usage: 99999999999999999999": {nil, nil},
		"ERR max requests limit exceeded":                                           {nil, nil},
	} {
		f := judged(t, refusedAt("rediss://:pw@eu1-x.upstash.io", trace.Ping, "server-quota-requests", reply)(t), "server-quota-requests")
		if f.Value("limit") != want[0] || f.Value("usage") != want[1] {
			t.Errorf("%s: %v of %v", reply, f.Value("usage"), f.Value("limit"))
		}
	}
}

// valueOf is a piece of evidence of a finding.
func valueOf(f finding.Finding, name string) any { return f.Value(name) }

package redisconn

import "strings"

// replyIDs maps the start of an error reply to a finding. The first match wins, so the specific ones stand first.
// Texts: Redis 7.0 to 8 sources, Redis 5 and 6 for the older forms, providers' documentation for theirs.
var replyIDs = []struct {
	prefix string // of the reply, case-insensitive
	part   string // that the reply must hold as well, case-insensitive
	id     string
}{
	{"", "client ip address is not in the allowlist", "auth-ip-not-allowed"}, // Render
	{"", "max number of clients", "server-max-clients"},                      // in a cluster «… + cluster connections reached»
	{"", "max concurrent connections exceeded", "server-quota-connections"},  // Upstash
	{"", "max requests limit exceeded", "server-quota-requests"},             // Upstash, monthly
	{"", "max daily request limit exceeded", "server-quota-requests"},        // Upstash, before 2025
	{"", "max daily bandwidth", "server-quota-requests"},
	{"", "max database size exceeded", "server-quota-size"},
	{"", "db capacity quota exceeded", "server-quota-size"},
	{"noauth", "", "auth-required"},
	{"err operation not permitted", "", "auth-required"}, // Redis before 2.8
	{"wrongpass", "", "auth-wrong"},
	{"err invalid password", "", "auth-wrong"}, // Redis before 6
	{"err client sent auth, but no password is set", "", "auth-not-configured"},
	{"err auth <password> called without any password configured", "", "auth-not-configured"},
	{"err wrong number of arguments for 'auth'", "", "auth-user-unsupported"},
	{"noperm", "", "auth-no-permission"},
	{"loading", "", "server-loading"},
	{"misconf", "", "server-misconf"},
	{"oom", "", "server-oom"},
	{"readonly", "", "server-readonly"},
	{"masterdown", "", "server-masterdown"},
	{"noreplicas", "", "server-noreplicas"},
	{"busy ", "", "server-busy"},
	{"denied", "", "server-protected-mode"},
	{"clusterdown", "", "server-cluster-down"},
	{"tryagain", "", "server-try-again"},
	{"err db index is out of range", "", "server-db-range"},
	{"err invalid db index", "", "server-db-range"},
	{"err select is not allowed in cluster mode", "", "server-db-range"},
	{"err unknown command", "", "server-unknown-command"},
}

// ReplyID names the finding behind a server's error reply; "server-error" when nothing more is known.
func ReplyID(reply string) string {
	low := strings.ToLower(reply)
	for _, r := range replyIDs {
		if strings.HasPrefix(low, r.prefix) && strings.Contains(low, r.part) {
			return r.id
		}
	}
	return "server-error"
}

// WithoutArguments cuts what Redis quotes of the command it did not know, «…, with args beginning with: 'default' 'pw'»:
// a server before Redis 6 answers HELLO and AUTH with the password in clear text that way.
func WithoutArguments(reply string) string {
	for _, tell := range []string{", with args beginning with", " with args beginning with"} {
		if i := strings.Index(reply, tell); i >= 0 {
			return reply[:i]
		}
	}
	return reply
}

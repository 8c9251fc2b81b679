package findings

import (
	"testing"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
)

func TestGrant(t *testing.T) {
	t.Parallel()
	const other = `REDISCLI_AUTH="$REDIS_ADMIN_PASSWORD" redis-cli --user "$REDIS_ADMIN_USER" -h h -p 6379`
	const cli = `REDISCLI_AUTH="$REDIS_ADMIN_PASSWORD" redis-cli -h h -p 6379`
	for _, tc := range []struct{ user, reply, want string }{
		{"app", "NOPERM this user has no permissions to run the 'set' command", cli + ` ACL SETUSER app +set`},
		{"app", "NOPERM User app has no permissions to run the 'config|get' command", cli + ` ACL SETUSER app '+config|get'`},
		{"", "NOPERM this user has no permissions to access one of the keys used as arguments", other +
			` ACL SETUSER default '~olymp-cache:test:*'`},
		{"app", "NOPERM No permissions to access a key", cli + ` ACL SETUSER app '~olymp-cache:test:*'`},
		{"app", "NOPERM this user has no permissions to run the 'x; FLUSHALL' command", ""},
		{"app", "NOPERM", ""},
	} {
		f := finding.Finding{ID: "auth-no-permission", Evidence: []finding.Evidence{
			{Name: "reply", Value: tc.reply}, {Name: "host", Value: "h"}, {Name: "port", Value: 6379},
		}}
		if tc.user != "" {
			f.Evidence = append(f.Evidence, finding.Evidence{Name: "user", Value: tc.user})
		}
		if got := WithFixes(f).Fixes; len(got) != 1 || got[0].Command != tc.want {
			t.Errorf("%s: %+v, want %q", tc.reply, got, tc.want)
		}
	}
}

package findings

import (
	"testing"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
)

func TestGrant(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ user, reply, want string }{
		{"app", "NOPERM this user has no permissions to run the 'set' command", "ACL SETUSER app +set"},
		{"app", "NOPERM User app has no permissions to run the 'config|get' command", "ACL SETUSER app +config|get"},
		{"", "NOPERM this user has no permissions to access one of the keys used as arguments", "ACL SETUSER default ~olymp-cache:test:*"},
		{"app", "NOPERM No permissions to access a key", "ACL SETUSER app ~olymp-cache:test:*"},
		{"app", "NOPERM this user has no permissions to run the 'x; FLUSHALL' command", ""},
		{"app", "NOPERM", ""},
	} {
		f := finding.Finding{ID: "auth-no-permission", Evidence: []finding.Evidence{{Name: "reply", Value: tc.reply}}}
		if tc.user != "" {
			f.Evidence = append(f.Evidence, finding.Evidence{Name: "user", Value: tc.user})
		}
		if got := WithFixes(f).Fixes; len(got) != 1 || got[0].Command != tc.want {
			t.Errorf("%s: %+v, want %q", tc.reply, got, tc.want)
		}
	}
}

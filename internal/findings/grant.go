package findings

import (
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/keyname"
)

// testKeys is where `test` writes; see smoke.KeyPrefix.
const testKeys = "~olymp-cache:test:*"

// grant is the ACL rule for what a NOPERM refused. Redis 7.0 says «this user has no permissions to run the 'set' command»,
// 7.2 «User app has no permissions to run the 'set' command»; for keys «No permissions to access a key» and, before,
// «one of the keys used as arguments».
func (s seen) grant() finding.Fix {
	reply := s.text("reply")
	user := s.text("user")
	if user == "" {
		user = "default"
	}
	rule := ""
	if _, rest, ok := strings.Cut(reply, "run the '"); ok {
		name, _, _ := strings.Cut(rest, "'")
		if name != "" && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz|-.") == "" {
			rule = "+" + name
		}
	} else if strings.Contains(reply, " key") {
		rule = testKeys
		if key := s.text("wanted_key"); key != "" {
			rule = "~" + keyname.Literal(key)
		}
	}
	if rule == "" || s.text("provider") != "" {
		return finding.Fix{ID: "grant"}
	}
	return finding.Fix{ID: "grant", Command: s.asAdmin("ACL SETUSER " + shellWord(user) + " " + shellWord(rule))}
}

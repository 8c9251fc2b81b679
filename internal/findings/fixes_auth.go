package findings

import (
	"github.com/olympiades-ia/olymp-cache/internal/finding"
)

func authFixes(s seen) []finding.Fix {
	switch s.ID {
	case "auth-required":
		fixes := []finding.Fix{{ID: "add-password", Command: s.withPassword()}}
		if s.text("provider") != "" {
			fixes = append(fixes, finding.Fix{ID: "copy-url"})
		}
		return fixes
	case "auth-wrong":
		return s.loginFixes()
	case "auth-user-disabled":
		return []finding.Fix{s.enableUser()}
	case "auth-not-configured":
		fixes := []finding.Fix{{ID: "check-which-server"}}
		if s.text("provider") == "" {
			fixes = append(fixes, finding.Fix{ID: "require-password", Command: s.requirePassword()})
		}
		return append(fixes, finding.Fix{ID: "drop-password", Command: s.withoutLogin()})
	case "auth-user-unsupported":
		return []finding.Fix{{ID: "drop-user", Command: s.withoutUser()}}
	case "auth-no-permission":
		fixes := []finding.Fix{s.grant()}
		if s.text("key") != "" {
			fixes = append(fixes, finding.Fix{ID: "look-read-only", Command: "olymp-cache doctor --read-only"})
		}
		return fixes
	case "auth-ip-not-allowed":
		return []finding.Fix{{ID: "allow-address"}, {ID: "own-address", Command: "curl -4 https://icanhazip.com"}}
	case "auth-failures-seen":
		return []finding.Fix{{ID: "see-logins", Command: s.redisCLI("ACL LOG")}}
	}
	return nil
}

// enableUser: who could read the ACL may, mostly, change it; who was refused the login may not.
func (s seen) enableUser() finding.Fix {
	command := "ACL SETUSER " + shellWord(s.text("acl_user")) + " on"
	switch {
	case s.text("provider") != "":
		return finding.Fix{ID: "enable-user"}
	case s.is("open_default"):
		return finding.Fix{ID: "enable-user-here", Command: s.withoutAuth(command)}
	case s.text("attempts") != "":
		return finding.Fix{ID: "enable-user-here", Command: s.redisCLI(command)}
	}
	return finding.Fix{ID: "enable-user", Command: s.asAdmin(command)}
}

// loginFixes: what was seen of the password and of other logins comes first.
func (s seen) loginFixes() []finding.Fix {
	copied := finding.Fix{ID: "copy-password"}
	if s.text("provider") != "" {
		copied.ID = "copy-url"
	}
	switch s.text("reason") {
	case "password-of-default":
		return []finding.Fix{{ID: "use-default-user", Command: s.withPassword()}, copied}
	case "password-not-wanted":
		return []finding.Fix{{ID: "check-which-server"}, {ID: "drop-password", Command: s.withoutLogin()}}
	case "password-trimmed", "password-blank", "password-unprintable":
		return []finding.Fix{{ID: "trim-password"}, copied}
	case "password-quoted":
		return []finding.Fix{{ID: "unquote-password"}, copied}
	case "password-escaped":
		return []finding.Fix{{ID: "decode-once"}, copied}
	case "password-variable":
		return []finding.Fix{{ID: "single-quotes"}, copied}
	}
	return []finding.Fix{copied, {ID: "encode-password", Command: encodePassword}}
}

// withoutLogin is the target as somebody without a password reaches it.
func (s seen) withoutLogin() string {
	scheme, _, rest := s.address()
	if scheme == "" {
		return ""
	}
	return assignment(scheme + "://" + rest)
}

// withoutUser is the target with a password and no user.
func (s seen) withoutUser() string {
	scheme, _, rest := s.address()
	if scheme == "" {
		return ""
	}
	return assignment(scheme + "://:***@" + rest)
}

// askPassword reads a new password from the terminal, for the standard input of redis-cli -x, which adds it as the last
// argument: it stands in no history and no process list.
const askPassword = //nolint:gosec // a command that asks for a password, not one
`python3 -c 'import getpass; print(getpass.getpass(), end="")' | `

// requirePassword gives the server a password for its default user. The server has none yet: nothing is sent to log in.
func (s seen) requirePassword() string {
	return askPassword + s.withoutAuth("-x CONFIG SET requirepass")
}

// withoutAuth is redis-cli on a server that asks for no login.
func (s seen) withoutAuth(command string) string {
	f := s.Finding
	f.Evidence = append([]finding.Evidence{{Name: "has_password", Value: false}, {Name: "user", Value: ""}}, f.Evidence...)
	return seen{f}.redisCLI(command)
}

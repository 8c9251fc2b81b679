package snapshot

import (
	"slices"
	"strings"
)

// Secrets marks the arguments of a command, its name included, that are credentials or may hold one; nil where there are none.
// Servers hide some of them from SLOWLOG and MONITOR, more with each version, none of them all: Redis leaves commands of
// administration out of MONITOR but shows MIGRATE, and what compatible servers and proxies show is theirs to choose.
func Secrets(args []Text) []bool {
	if len(args) < 2 {
		return nil
	}
	s := secrets{args: args}
	switch s.word(0) {
	case "auth":
		s.mask(1, len(args))
	case "hello": // HELLO 3 AUTH user password SETNAME name
		s.after("auth", 2, 2)
	case "migrate": // MIGRATE host port key db timeout [COPY] [REPLACE] [AUTH password | AUTH2 user password] [KEYS key …]
		s.after("auth", 6, 1)
		s.after("auth2", 6, 2)
	case "config":
		if s.word(1) == "set" {
			s.settings(2)
		}
	case "sentinel": // SENTINEL SET primary option value, SENTINEL CONFIG SET name value
		if s.word(1) == "set" || s.word(1) == "config" && s.word(2) == "set" {
			s.settings(3)
		}
	case "acl":
		s.acl()
	case "module":
		s.module()
	}
	return s.marks
}

// MaskSecrets is args with «***» for what Secrets marks.
func MaskSecrets(args []Text) []Text {
	marks := Secrets(args)
	if marks == nil {
		return args
	}
	safe := slices.Clone(args)
	for i, secret := range marks {
		if secret {
			safe[i] = masked
		}
	}
	return safe
}

type secrets struct {
	args  []Text
	marks []bool
}

// word is an argument in lower case; "" behind the last.
func (s *secrets) word(i int) string {
	if i >= len(s.args) {
		return ""
	}
	return strings.ToLower(string(s.args[i]))
}

// mask marks the arguments from up to but without to.
func (s *secrets) mask(from, to int) {
	to = min(to, len(s.args))
	if from >= to {
		return
	}
	if s.marks == nil {
		s.marks = make([]bool, len(s.args))
	}
	for i := from; i < to; i++ {
		s.marks[i] = true
	}
}

// after marks the n arguments behind an option, looked for from start on. What follows KEYS is names of keys, whatever they are.
func (s *secrets) after(option string, start, n int) {
	for i := start; i < len(s.args) && s.word(i) != "keys"; i++ {
		if s.word(i) == option {
			s.mask(i+1, i+1+n)
			i += n
		}
	}
}

// settings are names and values in turn.
func (s *secrets) settings(from int) {
	for i := from; i+1 < len(s.args); i += 2 {
		if secretSetting(s.word(i)) {
			s.mask(i+1, i+2)
		}
	}
}

// secretSetting tells a directive of redis.conf or sentinel.conf, or of a module, that holds a credential: requirepass,
// masterauth and masteruser (primary… in Valkey), tls-key-file-pass, tls-client-key-file-pass, auth-pass, auth-user, sentinel-pass…
func secretSetting(name string) bool {
	for _, tell := range []string{"pass", "secret", "token", "credential", "apikey", "api-key"} {
		if strings.Contains(name, tell) {
			return true
		}
	}
	return strings.HasSuffix(name, "auth") || strings.HasSuffix(name, "user") // tls-auth-clients is none
}

// acl: everything in the rules of a user that is not known to be harmless, as a rule that was mistyped may be a password.
func (s *secrets) acl() {
	switch s.word(1) {
	case "setuser":
		for i := 3; i < len(s.args); i++ {
			if !harmlessRule(s.word(i)) {
				s.mask(i, i+1)
			}
		}
	case "dryrun": // ACL DRYRUN user command …
		if len(s.args) > 3 {
			for i, secret := range Secrets(s.args[3:]) {
				if secret {
					s.mask(3+i, 4+i)
				}
			}
		}
	}
}

// harmlessRule tells a rule of ACL SETUSER that is no password (>p, <p) and no digest of one (#h, !h). Selectors of Redis 7
// stand in parentheses and hold no passwords.
func harmlessRule(rule string) bool {
	if rule == "" {
		return true
	}
	switch rule[0] {
	case '+', '-', '~', '%', '&', '@':
		return true
	case '(':
		return !strings.ContainsAny(rule, "><#!")
	}
	switch rule {
	case "on", "off", "nopass", "reset", "resetpass", "resetkeys", "resetchannels", "allkeys", "allchannels", "allcommands",
		"nocommands", "clearselectors", "sanitize-payload", "skip-sanitize-payload":
		return true
	}
	return false
}

// module: arguments of a module may be anything, its settings are as CONFIG's.
func (s *secrets) module() {
	switch s.word(1) {
	case "load":
		s.mask(3, len(s.args))
	case "loadex": // MODULE LOADEX path [CONFIG name value …] [ARGS …]
		for i := 3; i < len(s.args); i++ {
			switch s.word(i) {
			case "config":
				if secretSetting(s.word(i + 1)) {
					s.mask(i+2, i+3)
				}
				i += 2
			case "args":
				s.mask(i+1, len(s.args))
				return
			}
		}
	}
}

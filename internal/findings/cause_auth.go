package findings

import (
	"slices"
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/evidence"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/probe/trace"
	"github.com/olympiades-ia/olymp-cache/internal/provider"
	"github.com/olympiades-ia/olymp-cache/internal/sorting"
)

// refineAuth finds what is behind a login, or a command after it, that was refused.
func refineAuth(v *view, raw finding.Finding) (finding.Finding, bool) {
	switch raw.ID {
	case "auth-required":
		return v.passwordMissing(raw), true
	case "auth-wrong":
		return v.loginRefused(raw), true
	case "auth-no-permission":
		return notPermitted(raw), true
	case "auth-ip-not-allowed", "auth-not-configured", "auth-user-unsupported":
		return with(raw, v.provider()...), true
	}
	return finding.Finding{}, false
}

// provider is evidence of whose service it is; none for an own server.
func (v *view) provider() []finding.Evidence {
	p, ok := provider.Lookup(v.Target.Provider)
	if !ok {
		return nil
	}
	return []finding.Evidence{ev("provider", p.Name, "REDIS_URL")}
}

// passwordMissing: a URL that has it in the wrong place says more than a server that wants one.
func (v *view) passwordMissing(raw finding.Finding) finding.Finding {
	i := slices.IndexFunc(v.Config, func(f finding.Finding) bool { return f.ID == "config-url-password-as-user" })
	if i < 0 {
		return with(raw, append(v.ofSentinel(raw), v.provider()...)...)
	}
	f := with(v.Config[i], raw.Evidence...)
	f.Severity = critical // here it is why nothing works
	return f
}

// loginRefused: what the password looks like and what else was accepted tell where the mistake is.
func (v *view) loginRefused(raw finding.Finding) finding.Finding {
	if v.Trace.Account == trace.AccountOff || v.userDisabled(v.user()) {
		raw.ID = "auth-user-disabled"
		open := slices.ContainsFunc(v.Trace.Login, func(l trace.Login) bool { return l.OK && l.Variant == "none" })
		return with(raw, ev("acl_user", v.user(), "ACL LIST"), ev("open_default", open, "PING"))
	}
	f := with(with(raw, v.ofSentinel(raw)...), shapeEvidence(v.Target.Password)...)
	reason := oddity(v.Target.Password)
	for _, l := range v.Trace.Login {
		if !l.OK {
			continue
		}
		f = with(f, ev("accepted", l.Variant, "AUTH"))
		switch l.Variant {
		case "default-user":
			reason = "password-of-default"
		case "none":
			reason = "password-not-wanted"
			if v.Trace.Account == trace.AccountOn {
				reason = "password-not-theirs"
			}
		case "trimmed":
			reason = "password-trimmed"
		}
	}
	if reply, _ := raw.Value("reply").(string); v.Target.User == "" && strings.HasPrefix(reply, "WRONGPASS") { // Redis 6 and later
		f = with(f, ev("assumed_user", "default", v.Target.Source))
	}
	if reason != "" {
		f = with(f, ev("reason", reason, v.Target.Source))
	}
	return with(f, v.provider()...)
}

// user is who logs in.
func (v *view) user() string {
	if v.Target.User == "" {
		return "default"
	}
	return v.Target.User
}

// userDisabled tells whether an ACL that could be read says that the user is off.
func (v *view) userDisabled(name string) bool {
	for i := range v.nodes() {
		users, _ := v.nodes()[i].Users.Get()
		for _, u := range users {
			if string(u.Name) == name && !u.Enabled {
				return true
			}
		}
	}
	return false
}

// shapeEvidence is what may be said of a password.
func shapeEvidence(s *evidence.Shape) []finding.Evidence {
	if s == nil {
		return nil
	}
	seen := []finding.Evidence{ev("password_length", s.Length, "REDIS_URL")}
	for name, is := range map[string]bool{
		"password_blank": s.Blank, "password_quoted": s.Quoted, "password_escaped": s.Escaped,
		"password_variable": s.Variable, "password_unprintable": s.Unprintable,
	} {
		if is {
			seen = append(seen, ev(name, true, "REDIS_URL"))
		}
	}
	sorting.By(seen, func(a, b finding.Evidence) int { return strings.Compare(a.Name, b.Name) })
	return seen
}

// oddity is the most telling of what is odd about a password, as a word that the catalogue spells out.
func oddity(s *evidence.Shape) string {
	switch {
	case s == nil:
		return ""
	case s.Quoted:
		return "password-quoted"
	case s.Blank:
		return "password-blank"
	case s.Unprintable:
		return "password-unprintable"
	case s.Escaped:
		return "password-escaped"
	case s.Variable:
		return "password-variable"
	}
	return ""
}

// notPermitted names what the ACL refused. The throw-away key is refused to every user who may touch the application's keys
// only: that proves nothing about the application.
func notPermitted(raw finding.Finding) finding.Finding {
	reply, _ := raw.Value("reply").(string)
	if _, rest, ok := strings.Cut(reply, "run the '"); ok {
		name, _, _ := strings.Cut(rest, "'")
		return with(raw, ev("command", strings.ToUpper(strings.ReplaceAll(name, "|", " ")), "server"))
	}
	if strings.Contains(reply, " key") {
		if wanted, _ := raw.Value("wanted_key").(string); wanted != "" {
			return with(raw, ev("key", wanted, "server"))
		}
		raw.Severity = info
		return with(raw, ev("key", strings.TrimPrefix(testKeys, "~"), "server"))
	}
	return raw
}

package findings

import (
	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
)

var authRules = []rule{
	{[]string{"auth-user-disabled"}, judgeUserDisabled},
	{[]string{"auth-not-configured"}, judgeNotConfigured},
	{[]string{"auth-failures-seen"}, judgeAuthFailures},
}

// judgeNotConfigured: the login worked, as it works with any password.
func judgeNotConfigured(v *view) outcome {
	const id = "auth-not-configured"
	if v.Target.Password == nil {
		return fine()
	}
	return v.eachNode(func(n *snapshot.Node) outcome { return v.anyPassword(n, id) }, id)
}

// anyPassword tells a server that lets our user in with any password.
func (v *view) anyPassword(n *snapshot.Node, id string) outcome {
	for _, f := range []struct {
		source string
		users  []snapshot.User
	}{{n.Self.Source, selfOf(n)}, {n.Users.Source, n.Users.Value}} {
		for _, u := range f.users {
			if string(u.Name) != v.user() {
				continue
			}
			if !u.NoPass {
				return fine()
			}
			seen := []finding.Evidence{ev("user", v.user(), f.source), ev("nopass", true, f.source)}
			if length, ok := n.Config.Value.PasswordLength.Get(); ok && n.Config.Known() {
				seen = append(seen, ev("requirepass_length", length, "CONFIG GET requirepass"))
			}
			return v.on(n, id, warning, append(seen, v.provider()...)...)
		}
	}
	if length, ok := n.Config.Value.PasswordLength.Get(); ok && n.Config.Known() && length > 0 && v.user() == "default" {
		return fine()
	}
	return skipFact(n.Self, id)
}

func selfOf(n *snapshot.Node) []snapshot.User {
	self, ok := n.Self.Get()
	if !ok {
		return nil
	}
	return []snapshot.User{self}
}

// leastUnauthenticated is how many commands without a login are worth a word: health checks without a password send some.
const leastUnauthenticated = 10

// judgeAuthFailures: others were refused the login. Ours was accepted at once.
func judgeAuthFailures(v *view) outcome {
	const id = "auth-failures-seen"
	var (
		wrong, none int64
		last        *snapshot.Denial
		lastAt      *snapshot.Node
		known       bool
	)
	for i := range v.nodes() {
		n := &v.nodes()[i]
		refused := int64(0)
		if inf, ok := n.Info.Get(); ok && inf.Stats.ErrorReplies.Known() {
			known = true
			refused = max(inf.Errors["WRONGPASS"], inf.Stats.AuthFailures.Or(0))
			none += inf.Errors["NOAUTH"]
		}
		log, ok := n.ACLLog.Get()
		known = known || ok
		logged := int64(0)
		for j := range log {
			if log[j].Reason != "auth" {
				continue
			}
			logged += max(log[j].Count, 1)
			if last == nil || log[j].AgeSeconds < last.AgeSeconds {
				last, lastAt = &log[j], n
			}
		}
		wrong += max(refused, logged)
	}
	if !known {
		if len(v.nodes()) == 0 {
			return skip(ReasonUnreachable, "", id)
		}
		return skipFact(v.nodes()[0].ACLLog, id)
	}
	if wrong == 0 && none < leastUnauthenticated {
		return fine()
	}
	const sources = "INFO errorstats, ACL LOG"
	seen := []finding.Evidence{
		evCount("wrong", wrong, sources), evCount("without_login", none, "INFO errorstats"), evCount("failures", wrong+none, sources),
	}
	if last != nil {
		seen = append(seen, lastAttempt(lastAt, last)...)
	}
	return one(id, info, seen...)
}

// lastAttempt is evidence of who tried, from where and when. Evidence of another program may hold names that are no user's.
func lastAttempt(n *snapshot.Node, d *snapshot.Denial) []finding.Evidence {
	seen := []finding.Evidence{evUnit("last_age_s", d.AgeSeconds, "s", "ACL LOG")}
	switch {
	case d.Username == "":
	case n.HasUser(d.Username):
		seen = append(seen, ev("last_user", string(d.Username), "ACL LOG"))
	default:
		seen = append(seen, ev("last_user", config.Mask, "ACL LOG"))
	}
	if host := d.Client.Host(); host != "" {
		seen = append(seen, ev("last_from", string(host), "ACL LOG"))
	}
	return seen
}

// recentSeconds is how old an attempt may be that is still going on.
const recentSeconds = 3600

// judgeUserDisabled: somebody logs in again and again as a user who is switched off. That default is off is good practice,
// and what then tries it are mostly health checks.
func judgeUserDisabled(v *view) outcome {
	const id = "auth-user-disabled"
	return v.eachNode(func(n *snapshot.Node) outcome { return v.disabledAt(n, id) }, id)
}

// disabledAt looks for such a user on one server: each has an ACL and a log of its own.
func (v *view) disabledAt(n *snapshot.Node, id string) outcome {
	log, ok := n.ACLLog.Get()
	if !ok {
		return skipFact(n.ACLLog, id)
	}
	if !n.Users.Known() {
		return skipFact(n.Users, id)
	}
	for j := range log {
		name := string(log[j].Username)
		if log[j].Reason != "auth" || name == "default" || !v.userDisabled(name) {
			continue
		}
		seen := []finding.Evidence{ev("acl_user", name, "ACL LOG"), ev("attempts", max(log[j].Count, 1), "ACL LOG")}
		severity := warning
		if log[j].AgeSeconds > recentSeconds {
			severity = info // whoever it was has given up
		}
		return v.on(n, id, severity, append(seen, lastAttempt(n, &log[j])...)...)
	}
	return fine()
}

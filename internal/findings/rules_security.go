package findings

import (
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/provider"
	"github.com/olympiades-ia/olymp-cache/internal/surround/scene"
)

var securityRules = []rule{
	{[]string{"security-intrusion"}, judgeIntrusion},
	{[]string{"security-exposed", "security-no-password"}, judgeOpen},
	{[]string{"security-plain-text"}, judgePlainText},
	{[]string{"security-outdated"}, judgeOutdated},
	{[]string{"security-default-maxclients"}, judgeMaxClients},
	{[]string{"security-dangerous-commands"}, judgeRights},
}

// aroundRules judge what stands around, whether or not Redis was reached.
var aroundRules = []rule{
	{[]string{"config-env-tracked"}, judgeTracked},
	{[]string{"persistence-overcommit"}, judgeOvercommit},
}

// judgeOpen: a server whose default user has no password obeys whoever reaches it. How bad that is depends on who can.
func judgeOpen(v *view) outcome {
	const exposed, noPassword = "security-exposed", "security-no-password"
	var joined outcome
	for k := range v.nodes() {
		n := &v.nodes()[k]
		open, known, source := v.openDefault(n)
		if !known {
			joined = joined.and(skipFact(n.Users, exposed, noPassword))
			continue
		}
		if !open {
			continue
		}
		i, _ := n.Info.Get()
		r := v.of(n).reachOf(n)
		seen := append([]finding.Evidence{ev("nopass", true, source)}, v.of(n).home(&i)...)
		seen = append(seen, v.provider()...)
		if mode := n.Setting("protected-mode"); mode.Known() {
			seen = append(seen, ev("protected_mode", string(mode.Value), mode.Source))
		}
		if i.Server.ConfigFile != "" {
			seen = append(seen, ev("config_file", string(i.Server.ConfigFile), "INFO server"))
		}
		severity := info
		switch r.scope {
		case scopeLoopback:
			seen = append(seen, ev("reachable", "loopback", r.source))
		case scopeService:
			if p, ok := provider.Lookup(v.Target.Provider); ok {
				seen = append(seen, ev("private_to", p.Name, r.source))
			}
		case scopeNetwork, scopeEvery:
			severity = critical
			seen = append(seen, ev("listens", r.listens, r.source))
		}
		joined = joined.and(v.on(n, noPassword, severity, seen...))
		if r.scope == scopeEvery {
			if r.mapping != "" {
				seen = append(seen, ev("mapping", r.mapping, r.source))
			}
			joined = joined.and(v.on(n, exposed, critical, seen...))
		}
	}
	if len(v.nodes()) == 0 {
		return skip(ReasonUnreachable, "", exposed, noPassword)
	}
	return joined.worstOfEach()
}

// judgePlainText: the password went over the internet for whoever listens.
func judgePlainText(v *view) outcome {
	const id = "security-plain-text"
	if v.Target.TLS || v.Target.Password == nil || v.Target.Network == config.NetworkUnix {
		return fine()
	}
	return v.eachNode(func(n *snapshot.Node) outcome { return v.of(n).plainTo(n, id) }, id)
}

// plainTo tells a server that the password went to over a public address.
func (v *view) plainTo(n *snapshot.Node, id string) outcome {
	peers := v.peers()
	if len(peers) == 0 {
		if v.Target.Loopback {
			return fine()
		}
		return skip(ReasonNotAsked, "", id)
	}
	at := slices.IndexFunc(peers, public)
	if at < 0 {
		return fine()
	}
	if v.runsHere(&n.Info.Value) {
		return fine() // an address of this very machine: nothing leaves it
	}
	seen := []finding.Evidence{ev("peer", net.JoinHostPort(peers[at].String(), strconv.Itoa(v.port())), "tcp")}
	if p, ok := provider.Lookup(v.Target.Provider); ok {
		seen = append(seen, ev("provider", p.Name, "REDIS_URL"), ev("offers_tls", p.TLS != provider.Never && p.TLS != provider.Unknown, p.Docs))
	}
	return one(id, warning, seen...)
}

// defaultMaxClients is what Redis allows unless told otherwise, and advisedMaxClients what the guide of this cache advises.
const (
	defaultMaxClients = 10000
	advisedMaxClients = 1000
)

func judgeMaxClients(v *view) outcome {
	const id = "security-default-maxclients"
	if v.managed() {
		return v.managedSkip(id)
	}
	return v.eachNode(func(n *snapshot.Node) outcome {
		f := n.Setting("maxclients")
		limit, ok := n.Config.Value.Int("maxclients")
		switch {
		case !f.Known() || !ok:
			return skipFact(f, id)
		case limit != defaultMaxClients:
			return fine()
		}
		return v.on(n, id, info, evCount("maxclients", limit, f.Source), evCount("advised", advisedMaxClients, "guide"))
	}, id)
}

// judgeRights looks at what the user of this connection may do; in production that is the application's user.
func judgeRights(v *view) outcome {
	const id = "security-dangerous-commands"
	if v.managed() {
		return v.managedSkip(id)
	}
	return v.eachNode(func(n *snapshot.Node) outcome {
		self, ok := n.Self.Get()
		if !ok {
			return skipFact(n.Self, id)
		}
		allowed := dangerousFor(string(self.Commands))
		if len(allowed) == 0 {
			return fine()
		}
		return v.on(n, id, info, ev("acl_user", string(self.Name), n.Self.Source), ev("allowed", strings.Join(allowed, ", "), n.Self.Source))
	}, id)
}

// judgeTracked: a .env file that git knows is copied to everyone who clones, for ever. One that is not where the address came
// from is judged too: its password may be of another server, or of none that still runs.
func judgeTracked(v *view) outcome {
	const id = "config-env-tracked"
	var (
		found  finding.Finding
		others []string
		untold outcome
	)
	own, ownLine := v.secretFile()
	told := own == ""
	for _, f := range v.Around.EnvFiles {
		env, ok := f.Get()
		if !ok {
			untold = untold.and(skipScene(v, f, id))
			continue
		}
		line := env.SecretLine
		if env.File == own {
			told, line = true, ownLine
		}
		if !env.Tracked || line == 0 {
			continue
		}
		severity := warning
		if env.File == own {
			severity = critical
		}
		if found.ID != "" && severity <= found.Severity {
			others = append(others, env.File)
			continue
		}
		if found.ID != "" {
			others = append(others, found.Subject)
		}
		found = finding.Finding{
			ID: id, Severity: severity, Subject: env.File,
			Evidence: []finding.Evidence{ev("file", env.File, f.Source), ev("line", line, "REDIS_URL")},
		}
	}
	switch {
	case found.ID != "":
		if len(others) > 0 {
			found = with(found, ev("also", strings.Join(others, ", "), "git ls-files"))
		}
		return outcome{found: []finding.Finding{found}}
	case len(untold.skipped) > 0:
		return untold.worstOfEach()
	case !told:
		return skipScene(v, scene.Fact[scene.EnvFile]{Source: "git ls-files"}, id)
	}
	return fine()
}

// secretFile is the .env file, and the line, from which the target and its password came; "" where they did not.
func (v *view) secretFile() (file string, line int) {
	at := strings.LastIndexByte(v.Target.Source, ':')
	if at < 0 || v.Target.Password == nil {
		return "", 0
	}
	line, err := strconv.Atoi(v.Target.Source[at+1:])
	if err != nil {
		return "", 0
	}
	return v.Target.Source[:at], line
}

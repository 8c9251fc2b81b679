package findings

import (
	"slices"

	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/provider"
)

// setElsewhere are the findings of other categories that a setting mends.
var setElsewhere = []string{
	"security-default-maxclients", "server-oom", "server-oom-volatile", "server-noreplicas", "persistence-off",
}

// settable is evidence of whether and how the settings of a server can be changed, for findings that a setting mends: by a
// provider only, by another user only, and whether there is a file that keeps them.
func (v *view) settable(n *snapshot.Node, id string) []finding.Evidence {
	if !slices.Contains([]string{"memory", "clients", "latency"}, finding.Category(id)) && !slices.Contains(setElsewhere, id) {
		return nil
	}
	if p, ok := provider.Lookup(v.Target.Provider); ok && p.Denies("CONFIG SET") {
		return []finding.Evidence{ev("provider", p.Name, "REDIS_URL"), ev("config_closed", "provider", p.Docs)}
	}
	switch n.Config.Status {
	case snapshot.Denied:
		return []finding.Evidence{ev("config_closed", "user", n.Config.Source)}
	case snapshot.Unsupported:
		return []finding.Evidence{ev("config_closed", "server", n.Config.Source)}
	}
	if i, ok := n.Info.Get(); ok && i.Server.ConfigFile != "" {
		return []finding.Evidence{ev("config_file", string(i.Server.ConfigFile), "INFO server")}
	}
	return nil
}

// setting is a change of a setting under the title of a fix.
type setting struct {
	id   string
	line string // «maxmemory-policy allkeys-lru»
}

// change sets what can be set while the server runs, and says how that stays after a restart. Where CONFIG is closed to
// everybody there is one place to go to; where it is closed to this user, another one is asked for its password.
func (s seen) change(all ...setting) []finding.Fix {
	closed := s.text("config_closed")
	switch closed {
	case "provider":
		return []finding.Fix{{ID: "set-in-dashboard"}}
	case "server":
		return []finding.Fix{{ID: "set-at-start"}}
	}
	fixes := make([]finding.Fix, 0, len(all)+1)
	for _, x := range all {
		fixes = append(fixes, finding.Fix{ID: x.id, Command: s.settingCLI("CONFIG SET " + x.line)})
	}
	switch {
	case closed == "user":
		return append(fixes, finding.Fix{ID: "set-as-admin"})
	case s.text("config_file") != "":
		return append(fixes, finding.Fix{ID: "keep-setting", Command: s.redisCLI("CONFIG REWRITE")})
	}
	return append(fixes, finding.Fix{ID: "keep-at-start"})
}

// settingCLI is redisCLI, as the default user where CONFIG is closed to that of the target; its password is asked for.
func (s seen) settingCLI(command string) string {
	if s.text("config_closed") != "user" {
		return s.redisCLI(command)
	}
	f := s.Finding
	f.Evidence = append([]finding.Evidence{{Name: "has_password", Value: false}, {Name: "user", Value: ""}}, f.Evidence...)
	return seen{f}.redisCLI("--user default --askpass " + command)
}

package findings

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
)

// judgeIntrusion looks for what worms leave on a server that let them in: they write a crontab, an SSH key or a module by
// pointing Redis's own save file there (redis/redis#3710, #6466; docker-library/redis#259, #378).
func judgeIntrusion(v *view) outcome {
	const id = "security-intrusion"
	var seen []finding.Evidence
	if keys, ok := v.Keys.Get(); ok && len(keys.Suspicious) > 0 {
		names := make([]string, 0, len(keys.Suspicious))
		for _, name := range keys.Suspicious {
			names = append(names, string(name))
		}
		seen = append(seen, ev("keys", shortList(names), "GETRANGE"))
	}
	var skipped outcome
	var home []finding.Evidence
	for k := range v.nodes() {
		n := &v.nodes()[k]
		i, known := n.Info.Get()
		if known {
			home = v.of(n).home(&i)
			seen = append(seen, v.of(n).strangePrimary(n, &i)...)
			seen = append(seen, strangeModules(&i)...)
		}
		if !n.Config.Known() {
			skipped = skipFact(n.Config, id)
			continue
		}
		seen = append(seen, strangePlace(n)...)
	}
	if len(seen) > 0 {
		return one(id, critical, append(seen, home...)...)
	}
	return skipped
}

// strangePlace is evidence of a save file that cron, sshd, a web server or Redis's own loader would take for theirs.
func strangePlace(n *snapshot.Node) []finding.Evidence {
	dir, _ := n.Config.Value.Get("dir")
	file, _ := n.Config.Value.Get("dbfilename")
	low, name := strings.ToLower(string(dir))+"/", strings.ToLower(string(file))
	var seen []finding.Evidence
	if strings.Contains(low, "/cron") || strings.Contains(low, "/.ssh/") {
		seen = append(seen, ev("dir", string(dir), "CONFIG GET dir"))
	}
	switch {
	case name == "authorized_keys", name == "crontab", name == "root" && len(seen) > 0,
		strings.HasSuffix(name, ".so"), strings.HasSuffix(name, ".php"), strings.HasSuffix(name, ".jsp"):
		seen = append(seen, ev("dbfilename", string(file), "CONFIG GET dbfilename"))
	}
	return seen
}

// strangeModules is evidence of the module that runs shell commands for whoever loaded it: RedisModules-ExecuteCommand and
// its copies call themselves «system».
func strangeModules(i *snapshot.Info) []finding.Evidence {
	for _, m := range i.Modules {
		if m.Name == "system" {
			return []finding.Evidence{ev("module", string(m.Name), "INFO modules")}
		}
	}
	return nil
}

// strangePrimary is evidence of a server that was made to copy a stranger: itself at a private or loopback address, it
// follows one of the open internet, and whoever reached it without a password could tell it to. Less proves nothing: people
// do copy their caches over the internet.
func (v *view) strangePrimary(n *snapshot.Node, i *snapshot.Info) []finding.Evidence {
	primary, err := netip.ParseAddr(string(i.Replication.MasterHost))
	if err != nil || i.Replication.Role != "slave" || !public(primary.Unmap()) || v.managed() ||
		slices.ContainsFunc(v.peers(), public) {
		return nil
	}
	if open, known, _ := v.openDefault(n); !known || !open || v.reachOf(n).scope < scopeNetwork {
		return nil
	}
	return []finding.Evidence{ev("primary", snapshot.HostPort(i.Replication.MasterHost, i.Replication.MasterPort), "INFO replication")}
}

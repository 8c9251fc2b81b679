package findings

import (
	"path"
	"strconv"
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
)

func serverFixes(s seen) []finding.Fix {
	switch s.ID {
	case "server-loading":
		return []finding.Fix{{ID: "wait", Command: "olymp-cache test --wait " + s.patience()}}
	case "server-misconf", "persistence-failing":
		return s.savingFixes()
	case "server-oom":
		switch {
		case s.text("queue_command") != "": // to evict a key there is to lose a job
			return append(s.raiseLimit(), finding.Fix{ID: "separate-queue"})
		case strings.HasPrefix(s.text("policy"), "allkeys-") && s.text("provider") == "": // nothing is left to evict
			return s.raiseLimit()
		}
		return append(s.evictAll("set-eviction"), finding.Fix{ID: "more-memory"})
	case "server-oom-volatile":
		if s.text("queue_command") != "" {
			return append(s.raiseLimit(), finding.Fix{ID: "separate-queue"})
		}
		return append(s.evictAll("evict-any-key"), finding.Fix{ID: "expire-keys"})
	case "server-readonly":
		fixes := []finding.Fix{{ID: "use-primary"}}
		if primary := s.text("primary"); primary != "" {
			fixes[0].Command = s.elsewhere(primary)
		}
		if s.text("link") == "down" { // its address answers nobody now, or not this replica
			fixes[0].ID = "use-primary-back"
		}
		if s.is("stranger") {
			fixes = append([]finding.Fix{{ID: "leave-stranger", Command: s.redisCLI("REPLICAOF NO ONE")}}, fixes...)
		}
		return append(fixes, finding.Fix{ID: "test-read-only", Command: "olymp-cache test --read-only"})
	case "server-masterdown":
		return []finding.Fix{{ID: "restart-primary", Command: s.redisCLI("INFO replication")}}
	case "server-noreplicas":
		fixes := []finding.Fix{{ID: "restart-replicas", Command: s.redisCLI("INFO replication")}}
		if good := s.text("good"); good != "" {
			fixes = append(fixes, s.change(setting{"want-fewer-replicas", "min-replicas-to-write " + good})...)
		}
		return fixes
	case "server-unknown-command":
		if s.text("provider") != "" {
			return []finding.Fix{{ID: "provider-commands"}}
		}
		return []finding.Fix{{ID: "see-renamed", Command: s.renamed()}}
	case "server-busy":
		kill := "SCRIPT KILL"
		if s.text("kill") == "FUNCTION KILL" {
			kill = "FUNCTION KILL"
		}
		return []finding.Fix{
			{ID: "kill-script", Command: s.redisCLI(kill)}, {ID: "kill-writing-script", Command: s.redisCLI("SHUTDOWN NOSAVE")},
		}
	case "server-max-clients":
		return s.connectionFixes()
	case "server-protected-mode":
		return []finding.Fix{{ID: "set-password", Command: s.onServer().requirePassword()}}
	case "write-paused":
		return []finding.Fix{{ID: "end-pause", Command: s.redisCLI("CLIENT UNPAUSE")}}
	case "server-db-range":
		return []finding.Fix{{ID: "use-db-zero", Command: s.databaseZero()}}
	case "server-quota-requests":
		return []finding.Fix{{ID: "raise-plan"}, {ID: "fewer-commands"}}
	case "server-quota-size":
		return []finding.Fix{{ID: "free-space"}, {ID: "raise-size"}}
	case "server-quota-connections":
		return []finding.Fix{{ID: "share-connections"}, {ID: "raise-connections"}}
	}
	return s.clusterFixes()
}

func (s seen) clusterFixes() []finding.Fix {
	switch s.ID {
	case "server-cluster-down", "server-cluster-node-down":
		// redis-cli takes what is behind the last colon as the port and knows no brackets.
		node := shellWord(s.text("host") + ":" + s.text("port"))
		var fixes []finding.Fix
		if s.text("failed_nodes") != "" {
			fixes = append(fixes, finding.Fix{ID: "restart-node"})
		}
		fixes = append(fixes, finding.Fix{ID: "check-cluster", Command: s.redisCLIOptions() + " --cluster check " + node})
		// What a node that failed holds would be lost: it comes back with its slots.
		if s.text("slots_missing") != "" && s.text("failed_nodes") == "" {
			fixes = append(fixes, finding.Fix{ID: "fix-cluster", Command: s.redisCLIOptions() + " --cluster fix " + node})
		}
		return fixes
	case "server-cluster-unreachable":
		if s.text("announced_master") != "" {
			return []finding.Fix{{ID: "announce-primary"}}
		}
		return []finding.Fix{{ID: "announce"}}
	case "server-errors-seen":
		return append(s.errorFixes(), finding.Fix{ID: "see-errors", Command: s.redisCLI("INFO errorstats")})
	case "server-old-version":
		return []finding.Fix{{ID: "upgrade-line"}}
	case "server-restarted":
		return []finding.Fix{{ID: "why-restarted", Command: s.logCommand()}}
	}
	return nil
}

// renamed looks for commands that the configuration renames; empty where its file is not known, or not on this machine.
func (s seen) renamed() string {
	inside, ok := s.inside(false)
	if file := s.text("config_file"); file != "" && ok {
		return inside + "grep -n rename-command " + shellWord(file)
	}
	return ""
}

// patience is how long to wait for a server that loads: twice what it says, a minute at least.
func (s seen) patience() string {
	left, _ := s.Value("left_s").(float64)
	return strconv.Itoa(max(60, min(int(2*left), 3600))) + "s"
}

// evictAll lets every key go where memory is short; a provider's service has its own place to say so.
func (s seen) evictAll(id string) []finding.Fix {
	if s.text("provider") != "" {
		return []finding.Fix{{ID: "choose-eviction"}}
	}
	return s.change(setting{id, "maxmemory-policy allkeys-lru"})
}

// raiseLimit makes room where nothing may be evicted.
func (s seen) raiseLimit() []finding.Fix {
	if s.text("provider") != "" {
		return []finding.Fix{{ID: "more-memory"}}
	}
	return s.change(setting{"raise-limit", "maxmemory " + s.limit()})
}

// savingFixes: whether the folder can be written and the disk has room, the log's own words, and for a cache no saving at all.
func (s seen) savingFixes() []finding.Fix {
	dir := s.text("dir")
	var fixes []finding.Fix
	if s.is("dir_gone") {
		fixes = append(fixes, finding.Fix{ID: "folder-gone", Command: s.redisCLI("--rdb dump.rdb")})
	} else if inside, ok := s.inside(false); ok && path.IsAbs(dir) {
		word := shellWord(dir)
		fixes = append(fixes, finding.Fix{ID: "see-folder", Command: inside + "df -h " + word + "; " + inside + "ls -ld " + word})
		if asRoot, ok := s.inside(true); ok && ownFolder(dir) {
			fixes = append(fixes, finding.Fix{ID: "give-folder", Command: asRoot + "chown -R redis:redis " + word})
		}
	} else {
		fixes = append(fixes, finding.Fix{ID: "see-save-error", Command: s.redisCLI("INFO persistence")})
	}
	fixes = append(fixes, s.seeLog())
	if !strings.HasPrefix(s.text("what"), "AOF") && s.text("provider") == "" {
		// Until the folder is mended: nothing that would keep it so over a restart.
		fixes = append(fixes, finding.Fix{ID: "no-snapshots", Command: s.redisCLI(`CONFIG SET save ""`)})
	}
	return fixes
}

// seeLog: the log that the server keeps itself, else the one that its container or service keeps; else where it would be.
func (s seen) seeLog() finding.Fix {
	file, told := s.Value("logfile").(string)
	switch inside, ok := s.inside(false); {
	case file != "" && (path.IsAbs(file) || path.IsAbs(s.text("dir"))):
		if !path.IsAbs(file) {
			file = path.Join(s.text("dir"), file)
		}
		fix := finding.Fix{ID: "see-log", Command: inside + "tail -n 50 " + shellWord(file)}
		if !ok {
			fix.ID = "see-log-there"
		}
		return fix
	case s.logCommand() != "":
		return finding.Fix{ID: "see-log", Command: s.logCommand()}
	case told && file == "":
		return finding.Fix{ID: "see-output"}
	}
	return finding.Fix{ID: "find-log", Command: s.redisCLI("CONFIG GET logfile")}
}

// ownFolder tells a folder that holds nothing but Redis's data: only there may everything be given to its user.
func ownFolder(dir string) bool {
	switch strings.TrimSuffix(dir, "/") {
	case "/data", "/var/lib/redis", "/var/lib/valkey", "/var/lib/keydb":
		return true
	}
	return false
}

// inside starts a command where the server runs: in its container, or on this machine; false where that is not known.
func (s seen) inside(asRoot bool) (start string, ok bool) {
	switch name := s.text("container"); {
	case name != "" && asRoot:
		return s.engine() + " exec -u root " + shellWord(name) + " ", true
	case name != "":
		return s.engine() + " exec " + shellWord(name) + " ", true
	case s.text("unit") != "":
		return "sudo ", true
	case s.is("here") && !asRoot:
		return "", true
	}
	return "", false
}

func (s seen) engine() string {
	if s.text("engine") == "podman" {
		return "podman"
	}
	return "docker"
}

// logCommand shows what the server logged; empty where nobody knows where it runs.
func (s seen) logCommand() string {
	if name := s.text("container"); name != "" {
		return s.engine() + " logs --tail 50 " + shellWord(name)
	}
	if name := s.text("unit"); name != "" {
		return "sudo journalctl -n 50 -u " + shellWord(name)
	}
	return ""
}

// connectionFixes: on this machine the programs that hold connections can be seen.
func (s seen) connectionFixes() []finding.Fix {
	fixes := []finding.Fix{{ID: "close-clients"}}
	if s.is("loopback") && s.text("port") != "" {
		command := "ss -tnp 'dport = :" + s.text("port") + "'"
		switch s.text("os") {
		case "", "linux":
		case "windows":
			command = "netstat -ano"
		default:
			command = "lsof -nP -iTCP:" + s.text("port") + " -sTCP:ESTABLISHED"
		}
		fixes = append(fixes, finding.Fix{ID: "see-holders", Command: command})
	}
	return fixes
}

// onServer is the same target as seen from its own machine.
func (s seen) onServer() seen {
	f := s.Finding
	f.Evidence = append([]finding.Evidence{{Name: "host", Value: "127.0.0.1"}}, f.Evidence...)
	return seen{f}
}

// databaseZero is the target with database 0.
func (s seen) databaseZero() string {
	scheme, login, rest := s.address()
	at := strings.LastIndexByte(rest, '/')
	if scheme == "" || scheme == "unix" || at < 0 {
		return ""
	}
	return assignment(scheme + "://" + login + rest[:at] + "/0")
}

// errorFixes are what to look at for the most frequent error.
func (s seen) errorFixes() []finding.Fix {
	for _, e := range []struct{ word, id, look string }{
		{"OOM", "errors-oom", "INFO memory"},
		{"MISCONF", "errors-misconf", "INFO persistence"},
		{"READONLY", "errors-readonly", "INFO replication"},
		{"NOREPLICAS", "errors-noreplicas", "INFO replication"},
		{"MASTERDOWN", "errors-masterdown", "INFO replication"},
		{"BUSY", "errors-busy", "SLOWLOG GET 10"},
		{"LOADING", "errors-loading", "INFO persistence"},
		{"CLUSTERDOWN", "errors-clusterdown", "CLUSTER INFO"},
		{"CROSSSLOT", "errors-crossslot", ""},
	} {
		if e.word != s.text("error") {
			continue
		}
		fix := finding.Fix{ID: e.id}
		if e.look != "" {
			fix.Command = s.redisCLI(e.look)
		}
		return []finding.Fix{fix}
	}
	return nil
}

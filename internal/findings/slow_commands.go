package findings

import (
	"slices"
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
)

// serversOwn are commands of operators and of the server's upkeep: slow by nature, and no application's doing. That a cache
// was emptied has a finding of its own.
var serversOwn = []string{
	"bgsave", "save", "bgrewriteaof", "debug", "shutdown", "psync", "sync", "replconf", "replicaof", "slaveof", "failover", "info",
	"config", "latency", "memory", "cluster", "client", "monitor", "slowlog", "commandlog", "acl", "auth", "hello", "command", "module",
	"script", "function", "flushall", "flushdb", "swapdb",
}

func isServersOwn(command string) bool { return slices.Contains(serversOwn, strings.ToLower(command)) }

// keyPlace is where a command's first key stands, of those where that is not right behind its name; 0 for none at all. What
// stands there instead may be a value or a whole script, which is nobody's business.
var keyPlace = map[string]int{
	"eval": 3, "eval_ro": 3, "evalsha": 3, "evalsha_ro": 3, "fcall": 3, "fcall_ro": 3, // behind the script and the number of keys
	"zunion": 2, "zinter": 2, "zdiff": 2, "zintercard": 2, "sintercard": 2, "lmpop": 2, "zmpop": 2, // behind their number
	"bitop": 2, "object": 2, "xinfo": 2, "xgroup": 2, // behind a word
	"scan": 0, "exec": 0, "multi": 0, "dbsize": 0, "randomkey": 0, "echo": 0, "ping": 0, "publish": 0, "spublish": 0, "xread": 0,
	"xreadgroup": 0, "migrate": 0, "select": 0, "wait": 0,
}

// keyOf is the first key that a command names, empty where it names none.
func keyOf(args []snapshot.Text) string {
	at, special := keyPlace[strings.ToLower(string(args[0]))]
	if !special {
		at = 1
	}
	if at == 0 || at >= len(args) || at == 3 && args[2] == "0" {
		return ""
	}
	return string(args[at])
}

// slowEvidence names the command and its key, never what was written.
func slowEvidence(e *snapshot.SlowCommand, count int, now int64) []finding.Evidence {
	const source = "SLOWLOG GET"
	seen := []finding.Evidence{
		ev("slow_command", strings.ToUpper(string(e.Args[0])), source), evCount("count", count, source),
		evUnit("took_ms", float64(e.Took.Duration().Microseconds())/1000, "ms", source),
		evUnit("ago_s", float64(max(now-e.Time, 0)), "s", source),
	}
	if key := keyOf(e.Args); key != "" {
		seen = append(seen, ev("key", key, source))
	}
	if e.ClientName != "" {
		seen = append(seen, ev("client", string(e.ClientName), source))
	} else if e.Addr != "" {
		seen = append(seen, ev("client", string(e.Addr), source))
	}
	return seen
}

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

// slowEvidence names the command and its key, never what was written.
func slowEvidence(e *snapshot.SlowCommand, count int, now int64) []finding.Evidence {
	const source = "SLOWLOG GET"
	seen := []finding.Evidence{
		ev("slow_command", strings.ToUpper(string(e.Args[0])), source), evCount("count", count, source),
		evUnit("took_ms", float64(e.Took.Duration().Microseconds())/1000, "ms", source),
		evUnit("ago_s", float64(max(now-e.Time, 0)), "s", source),
	}
	if key := e.Key(); key != "" {
		seen = append(seen, ev("key", string(key), source))
	}
	if e.ClientName != "" {
		seen = append(seen, ev("client", string(e.ClientName), source))
	} else if e.Addr != "" {
		seen = append(seen, ev("client", string(e.Addr), source))
	}
	return seen
}

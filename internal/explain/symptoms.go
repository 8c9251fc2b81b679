package explain

import "strings"

// Symptom is what one client says.
type Symptom struct {
	Client string // "redis-cli", "redis-py", "ioredis", "node-redis", "go-redis"
	Text   string // its exact words; empty: it says nothing
}

// The clients, as seen with redis-cli 7.0.15, redis-py 4.3.4, ioredis 6.0.0, node-redis 6.3.1 and go-redis 9.23.0.
var clients = []string{"redis-cli", "redis-py", "ioredis", "node-redis", "go-redis"}

// Symptoms is how a finding shows in five clients; none for what no client sees.
func Symptoms(id string) []Symptom {
	if texts, ok := signals[id]; ok {
		return named(texts)
	}
	if reply, ok := replies[id]; ok {
		return named(repliedTexts(reply))
	}
	return nil
}

func named(texts [5]string) []Symptom {
	all := make([]Symptom, len(clients))
	for i, c := range clients {
		all[i] = Symptom{c, texts[i]}
	}
	return all
}

// repliedTexts is a server's error reply as each client passes it on. redis-py has classes of its own for some codes and then
// leaves the code out (redis/connection.py, BaseParser.EXCEPTION_CLASSES).
func repliedTexts(reply string) [5]string {
	code, rest, _ := strings.Cut(reply, " ")
	python := "redis.exceptions.ResponseError: " + reply
	switch code {
	case "NOAUTH", "WRONGPASS":
		python = "redis.exceptions.AuthenticationError: " + rest
	case "NOPERM":
		python = "redis.exceptions.NoPermissionError: " + rest
	case "LOADING":
		python = "redis.exceptions.BusyLoadingError: " + rest
	case "READONLY":
		python = "redis.exceptions.ReadOnlyError: " + rest
	case "ERR":
		python = "redis.exceptions.ResponseError: " + rest
	}
	return [5]string{"(error) " + reply, python, "ReplyError: " + reply, "ErrorReply: " + reply, reply}
}

// replies are the servers' own words.
var replies = map[string]string{
	"auth-wrong":          "WRONGPASS invalid username-password pair or user is disabled.",
	"auth-user-disabled":  "WRONGPASS invalid username-password pair or user is disabled.",
	"auth-no-permission":  "NOPERM this user has no permissions to run the 'set' command",
	"auth-ip-not-allowed": "ERR Client IP address is not in the allowlist",
	"server-loading":      "LOADING Redis is loading the dataset in memory",
	"server-misconf": "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk. " +
		"Commands that may modify the data set are disabled",
	"persistence-failing": "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk. " +
		"Commands that may modify the data set are disabled",
	"server-oom":               "OOM command not allowed when used memory > 'maxmemory'.",
	"server-oom-volatile":      "OOM command not allowed when used memory > 'maxmemory'.",
	"server-readonly":          "READONLY You can't write against a read only replica.",
	"server-masterdown":        "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
	"server-noreplicas":        "NOREPLICAS Not enough good replicas to write.",
	"server-busy":              "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.",
	"server-cluster-down":      "CLUSTERDOWN Hash slot not served",
	"server-try-again":         "TRYAGAIN Multiple keys request during rehashing of slot",
	"server-unknown-command":   "ERR unknown command 'CONFIG', with args beginning with: 'GET' 'maxmemory' ",
	"server-quota-requests":    "ERR max requests limit exceeded. Limit: 500000, Usage: 500000.",
	"server-quota-connections": "ERR max concurrent connections exceeded",
	"server-quota-size":        "ERR DB capacity quota exceeded",
	"proto-sentinel":           "ERR unknown command 'GET', with args beginning with: 'a' ",
}

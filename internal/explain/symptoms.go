package explain

import (
	"maps"
	"strings"
)

// Symptom is how one client shows a finding.
type Symptom struct {
	Client string   // "redis-cli", "redis-py", "ioredis", "node-redis", "go-redis"
	Texts  []string // its exact words, the form of newer versions first; or one of nothing, waits and unnoted
}

// What a client shows that has no words.
const (
	nothing = "nothing" // it goes on as if all were well
	waits   = "waits"   // neither an answer nor an error
	unnoted = "unnoted" // nobody has written it down for this client
)

// clients are the five, as seen with redis-cli 7.0.15, redis-py 4.3.4, ioredis 6.0.0, node-redis 6.3.1 (ErrorReply: 4.5.1) and
// go-redis 9.23.0 against Redis 7.0.15. Forms of newer versions of redis-py are those of its sources (8.0, _parsers/base.py).
var clients = [5]string{"redis-cli", "redis-py", "ioredis", "node-redis", "go-redis"}

// row is what the five clients say, in that order.
type row [5][]string

// Symptoms is how a finding shows in five clients; none for what no client sees.
func Symptoms(id string) []Symptom {
	said, ok := rows()[id]
	if !ok {
		return nil
	}
	all := make([]Symptom, len(clients))
	for i, c := range clients {
		all[i] = Symptom{c, said[i]}
	}
	return all
}

// rows are those of all areas.
func rows() map[string]row {
	all := maps.Clone(urlRows)
	for _, more := range []map[string]row{networkRows, tlsRows, replyRows} {
		maps.Copy(all, more)
	}
	return all
}

// python are redis-py's classes for error replies of that code; it leaves the code out of their text. The second list is of
// versions that have no class for it.
var python = map[string]string{
	"NOAUTH": "AuthenticationError", "NOPERM": "NoPermissionError", "LOADING": "BusyLoadingError", "READONLY": "ReadOnlyError",
	"ERR": "ResponseError",
}

var pythonNewer = map[string]string{
	"WRONGPASS": "AuthenticationError", "OOM": "OutOfMemoryError", "MASTERDOWN": "MasterDownError",
	"CLUSTERDOWN": "ClusterDownError", "TRYAGAIN": "TryAgainError", "CROSSSLOT": "ClusterCrossSlotError",
}

// replied is a server's error reply as each client passes it on; several replies are several wordings of the same.
func replied(replies ...string) row {
	var r row
	for _, reply := range replies {
		code, rest, _ := strings.Cut(reply, " ")
		const module = "redis.exceptions."
		if class, ok := python[code]; ok {
			r[1] = append(r[1], module+class+": "+rest)
		} else {
			if class, ok := pythonNewer[code]; ok {
				r[1] = append(r[1], module+class+": "+rest)
			}
			r[1] = append(r[1], module+"ResponseError: "+reply)
		}
		r[0] = append(r[0], "(error) "+reply)
		r[2] = append(r[2], "ReplyError: "+reply)
		r[3] = append(r[3], "SimpleError: "+reply)
		r[4] = append(r[4], reply)
	}
	return r
}

// but is the row with other words of one client.
func (r row) but(client int, texts ...string) row {
	r[client] = texts
	return r
}

// The clients by their place in a row.
const (
	inCLI = iota
	inPython
	inIORedis
	inNode
	inGo
)

package findings

import (
	"maps"
	"slices"
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
)

// fewestWorkers is how many clients of another database tell where an application works while all databases are empty: one
// may be anybody who looks.
const fewestWorkers = 2

// judgeOtherDB: somebody looks at an empty database while the application works in another.
func judgeOtherDB(v *view) outcome {
	const id = "cache-other-db"
	all, ok := v.databases()
	if !ok {
		return v.untold("INFO keyspace", id)
	}
	if all[v.Target.DB].Keys.Or(0) > 0 {
		return fine()
	}
	workers := v.workers()
	here := workers[v.Target.DB]
	for _, db := range slices.Sorted(maps.Keys(all)) {
		// Where clients work in the empty database too, it is theirs, and the other one is somebody else's.
		if n := all[db].Keys.Or(0); n > 0 && (here == 0 || workers[db] > here) {
			return one(id, warning, ev("other_db", db, "INFO keyspace"), evCount("keys", n, "INFO keyspace"))
		}
	}
	for _, db := range slices.Sorted(maps.Keys(workers)) {
		if n := workers[db]; db != v.Target.DB && n >= fewestWorkers && n > here {
			return one(id, warning, ev("other_db", db, "CLIENT LIST"), evCount("clients", n, "CLIENT LIST"))
		}
	}
	return fine()
}

// workers are the applications' connections by database; none where CLIENT LIST was refused. Replicas, Sentinels, MONITOR and
// whoever last asked for the server's state (ourselves, an exporter of metrics) stay in database 0 whatever the application uses.
func (v *view) workers() map[int]int {
	by := map[int]int{}
	for k := range v.nodes() {
		list, _ := v.nodes()[k].Clients.Get()
		for i := range list.Listed {
			c := &list.Listed[i]
			db, ok := c.DB.Get()
			command, _, _ := strings.Cut(string(c.Cmd), "|")
			if !ok || isServersOwn(command) || subscribed(c) || strings.ContainsAny(c.Flags, "SMO") ||
				strings.HasPrefix(string(c.Name), "sentinel-") {
				continue
			}
			by[int(db)]++
		}
	}
	return by
}

// subscribed tells a client that waits for messages, which belong to no database.
func subscribed(c *snapshot.Client) bool { return c.Sub.Or(0)+c.PSub.Or(0) > 0 }

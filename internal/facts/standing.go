package facts

import (
	"context"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
)

// Standing is what somebody about to delete keys should see: whose server it is, and who would miss them. What the server does not
// tell is unknown, never zero.
type Standing struct {
	Role        string                // "master", "replica"; "" where it is not told, or differs between servers
	Keys        snapshot.Opt[int64]   // of the selected database, over all servers
	NoTTL       snapshot.Opt[int64]   // of these, keys that never expire
	AllKeys     snapshot.Opt[int64]   // of all databases
	AllNoTTL    snapshot.Opt[int64]   // of these, keys that never expire
	Bytes       snapshot.Opt[int64]   // memory in use, of all databases
	LastSave    snapshot.Opt[int64]   // Unix time of the last RDB file, 0 for none since the start; of several servers the oldest
	Clients     snapshot.Opt[int]     // connected, ourselves not counted
	ClientNames snapshot.TextMap[int] // how many clients by name; "" for those without
}

// Stand asks every primary for INFO, and for CLIENT LIST.
func Stand(ctx context.Context, conn *redisconn.Conn) Standing {
	type answer struct {
		info    snapshot.Fact[snapshot.Info]
		clients snapshot.Fact[snapshot.ClientList]
	}
	nodes, _ := eachNode(ctx, conn, func(ctx context.Context, client *redis.Client) (a answer) {
		b := newBatch(conn, client)
		ask(ctx, b, &a.info, parseInfo, "INFO")
		ask(ctx, b, &a.clients, func(reply any) (snapshot.ClientList, error) { return snapshot.ParseClientList(reply, 0) }, "CLIENT", "LIST")
		b.run(ctx)
		return a
	})
	db := conn.Target().DB
	if conn.IsCluster() {
		db = 0
	}
	// A sum without one of the servers is none.
	whole := !slices.ContainsFunc(nodes, func(n answer) bool { return n.info.Status != snapshot.OK || !n.info.Value.HasFields() })
	var s Standing
	for i := range nodes {
		if whole {
			s.add(&nodes[i].info.Value, db, i == 0)
		}
		if nodes[i].clients.Status == snapshot.OK {
			s.addClients(&nodes[i].clients.Value)
		}
	}
	return s
}

// add adds one server's INFO to those before it.
func (s *Standing) add(info *snapshot.Info, db int, first bool) {
	role := strings.Replace(info.Replication.Role, "slave", "replica", 1)
	if first {
		s.Role = role
		for _, n := range []*snapshot.Opt[int64]{&s.Keys, &s.NoTTL, &s.AllKeys, &s.AllNoTTL, &s.Bytes} {
			*n = snapshot.Some[int64](0)
		}
	} else if s.Role != role {
		s.Role = ""
	}
	for at, k := range info.Keyspace {
		keys := k.Keys.Or(0)
		forever := keys - k.Expires.Or(0)
		sum(&s.AllKeys, keys)
		sum(&s.AllNoTTL, forever)
		if at == db {
			sum(&s.Keys, keys)
			sum(&s.NoTTL, forever)
		}
	}
	sum(&s.Bytes, info.Memory.Used.Or(0))
	// Before the first save Redis gives its own start for one; no save has then taken any time.
	if saved, ok := info.Persistence.LastSave.Get(); ok {
		if info.Persistence.LastSaveSeconds.Or(-1) < 0 {
			saved = 0
		}
		if before, known := s.LastSave.Get(); !known || saved < before {
			s.LastSave = snapshot.Some(saved)
		}
	}
}

func sum(to *snapshot.Opt[int64], n int64) { *to = snapshot.Some(to.Or(0) + n) }

// addClients adds the clients of one server. Of those without a name one is this run's own connection.
func (s *Standing) addClients(l *snapshot.ClientList) {
	if s.ClientNames == nil {
		s.ClientNames = snapshot.TextMap[int]{}
	}
	for name, n := range l.ByName {
		s.ClientNames[name] += n
	}
	if s.ClientNames[""]--; s.ClientNames[""] <= 0 {
		delete(s.ClientNames, "")
	}
	s.Clients = snapshot.Some(s.Clients.Or(0) + l.Total - 1)
}

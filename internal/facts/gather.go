// Package facts asks a Redis server what doctor and info want to know, in two or three round trips, and keeps the
// answers as a snapshot.Snapshot. It never fails: a refused command is a fact like any other. Judging is done
// elsewhere.
package facts

import (
	"cmp"
	"context"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
	"github.com/olympiades-ia/olymp-cache/internal/sorting"
)

// Options are how much to ask for; zero values are the defaults.
type Options struct {
	Slowlog    int  // entries of SLOWLOG; 0 means 25
	ACLLog     int  // entries of ACL LOG; 0 means 10
	MaxClients int  // lines of CLIENT LIST that are kept; 0 means snapshot.MaxClients
	SlowlogLen bool // how many entries the slow log holds, which costs one more command a server
}

// Gather looks at the server, or at every primary of a cluster side by side. A healthy standalone server gets 11
// commands in two pipelines, or 29 where CONFIG GET takes one pattern only (before Redis 7.0); each primary of a
// cluster gets two more. What ctx or a lost connection ended is Failed in the snapshot.
func Gather(ctx context.Context, conn *redisconn.Conn, opts Options) snapshot.Snapshot {
	opts.Slowlog, opts.ACLLog = cmp.Or(opts.Slowlog, 25), cmp.Or(opts.ACLLog, 10)
	start, sent := time.Now(), conn.CommandsSent()
	s := snapshot.Snapshot{Schema: snapshot.Schema, Time: start.UTC(), Mode: string(conn.Server().Mode)}
	s.Nodes, s.Primaries = eachNode(ctx, conn, func(ctx context.Context, client *redis.Client) snapshot.Node {
		return gatherNode(ctx, conn, client, opts)
	})
	s.Totals = snapshot.Sum(s.Nodes)
	s.Took, s.Commands = snapshot.Millis(time.Since(start)), conn.CommandsSent()-sent
	return s
}

// eachNode collects look's answers of all primaries, ordered by address. Where they cannot be listed it asks the one
// server that there is a connection to, which may well know why.
func eachNode[T any](
	ctx context.Context, conn *redisconn.Conn, look func(context.Context, *redis.Client) T,
) ([]T, snapshot.Fact[int]) {
	type answer struct {
		addr  string
		value T
	}
	var (
		mu      sync.Mutex
		answers []answer
	)
	err := conn.EachPrimary(ctx, func(ctx context.Context, client *redis.Client) error {
		value := look(ctx, client)
		mu.Lock()
		defer mu.Unlock()
		answers = append(answers, answer{conn.NodeAddr(client), value})
		return nil
	})
	listed := snapshot.Fact[int]{Status: snapshot.OK, Source: "CLUSTER SLOTS", Value: len(answers)}
	if conn.Server().Mode != redisconn.ModeCluster {
		listed = snapshot.Fact[int]{}
	} else if err != nil || len(answers) == 0 {
		listed = snapshot.Fact[int]{Status: snapshot.Failed, Source: "CLUSTER SLOTS", Cause: "server-cluster-down"}
		if err != nil {
			listed.Status, listed.Cause, listed.Reply = Refusal(conn, err)
		}
	}
	if len(answers) == 0 {
		answers = append(answers, answer{conn.Server().Addr, look(ctx, conn.Seed())})
	}
	order := make([]int, len(answers)) // sorted instead of the answers: each type sorted makes the binary 20 KB larger
	for i := range order {
		order[i] = i
	}
	sorting.By(order, func(i, j int) int { return cmp.Compare(answers[i].addr, answers[j].addr) })
	values := make([]T, len(answers))
	for i, from := range order {
		values[i] = answers[from].value
	}
	return values, listed
}

// gatherNode asks one server. The first pipeline has what every server answers, INFO first: some managed servers hang
// up on a command they do not know, which must not cost what was read before.
func gatherNode(ctx context.Context, conn *redisconn.Conn, client *redis.Client, opts Options) snapshot.Node {
	n := snapshot.Node{Addr: conn.NodeAddr(client)}
	first := newBatch(conn, client)
	ask(ctx, first, &n.Info, parseInfo, "INFO", "everything")
	ask(ctx, first, &n.Keys, snapshot.ParseInt, "DBSIZE")
	ask(ctx, first, &n.Clients, func(reply any) (snapshot.ClientList, error) {
		return snapshot.ParseClientList(reply, opts.MaxClients)
	}, "CLIENT", "LIST") // last: it is the longest answer
	first.run(ctx)
	askInfoAgain(ctx, conn, client, &n)

	second := newBatch(conn, client)
	version := majorVersion(conn, &n)
	askSlowlog(ctx, second, &n, opts.Slowlog)
	if opts.SlowlogLen {
		ask(ctx, second, &n.SlowlogLen, snapshot.ParseInt, "SLOWLOG", "LEN")
	}
	config := askConfig(ctx, second, &n, version >= 7 || version == 0) // where many at once are too many, it is asked again
	ask(ctx, second, &n.Memory, snapshot.ParseMemoryStats, "MEMORY", "STATS")
	ask(ctx, second, &n.Latency, snapshot.ParseLatency, "LATENCY", "LATEST")
	askACL(ctx, second, conn, &n, opts)
	if n.Info.Value.Cluster.Enabled.Or(false) || !n.Info.Known() && conn.Server().Mode == redisconn.ModeCluster {
		askCluster(ctx, second, &n, version)
	}
	if n.Info.Unreached() {
		second.fail(n.Info.Status, n.Info.Cause, n.Info.Reply) // each further question would wait just as long
	} else {
		second.run(ctx)
	}
	config.settle(ctx, conn, client)
	maskStrangers(&n)
	return n
}

// maskStrangers masks who was refused the login under a name that is no user's: it may be a password in the wrong place.
func maskStrangers(n *snapshot.Node) {
	for i := range n.ACLLog.Value {
		if d := &n.ACLLog.Value[i]; d.Reason == "auth" && d.Username != "" && !n.HasUser(d.Username) {
			d.Username = config.Mask
		}
	}
}

// askInfoAgain makes sure of INFO, which most of what can be said rests on. Older servers answer a section they do not
// know with nothing, providers with an error: they get older words for «all of it». One that hung up did so on another
// question, mostly, and its reset took INFO's answer along: it gets INFO alone.
func askInfoAgain(ctx context.Context, conn *redisconn.Conn, client *redis.Client, n *snapshot.Node) {
	ways := [][]string{{"INFO"}, {"INFO", "all"}} // the last that has fields counts
	switch {
	case n.Info.Known() && n.Info.Value.HasFields(), n.Info.Status == snapshot.Denied:
		return
	case n.Info.Cause == "tcp-closed":
		ways = [][]string{{"INFO", "everything"}}
	case n.Info.Status == snapshot.Failed && n.Info.Cause != causeShape && n.Info.Cause != "server-error":
		return
	}
	b, answers := newBatch(conn, client), make([]snapshot.Fact[snapshot.Info], len(ways))
	for i, words := range ways {
		ask(ctx, b, &answers[i], parseInfo, words...)
	}
	b.run(ctx)
	for _, f := range answers {
		if f.Known() && f.Value.HasFields() {
			n.Info = f
		}
	}
	if n.Info.Known() && !n.Info.Value.HasFields() { // an answer without a single field is none
		n.Info = snapshot.Fact[snapshot.Info]{Status: snapshot.Failed, Source: n.Info.Source, Cause: causeShape}
	}
}

func askSlowlog(ctx context.Context, b *batch, n *snapshot.Node, entries int) {
	ask(ctx, b, &n.Slowlog, snapshot.ParseSlowlog, "SLOWLOG", "GET", strconv.Itoa(entries))
}

func parseInfo(reply any) (snapshot.Info, error) {
	text, err := snapshot.ParseText(reply)
	if err != nil {
		return snapshot.Info{}, err
	}
	return snapshot.ParseInfo(string(text)), nil
}

// askACL asks who we are, what we may do, who else may log in, and who was refused.
func askACL(ctx context.Context, b *batch, conn *redisconn.Conn, n *snapshot.Node, opts Options) {
	// redisconn logs in as the named user only where there is a password, and has seen to it that it was accepted.
	self, target := "default", conn.Target()
	if target.Username != "" && target.Password != "" {
		self = target.Username
	}
	ask(ctx, b, &n.WhoAmI, snapshot.ParseText, "ACL", "WHOAMI")
	ask(ctx, b, &n.Self, func(reply any) (snapshot.User, error) {
		return snapshot.ParseUser(reply, snapshot.Text(self))
	}, "ACL", "GETUSER", self)
	ask(ctx, b, &n.Users, snapshot.ParseUsers, "ACL", "LIST")
	ask(ctx, b, &n.ACLLog, snapshot.ParseACLLog, "ACL", "LOG", strconv.Itoa(opts.ACLLog))
}

// askCluster asks for the node's own view; SHARDS, since Redis 7.0, tells which nodes are well.
func askCluster(ctx context.Context, b *batch, n *snapshot.Node, version int) {
	ask(ctx, b, &n.ClusterInfo, snapshot.ParseClusterInfo, "CLUSTER", "INFO")
	if version >= 7 {
		ask(ctx, b, &n.Shards, snapshot.ParseClusterShards, "CLUSTER", "SHARDS")
		return
	}
	ask(ctx, b, &n.Shards, snapshot.ParseClusterSlots, "CLUSTER", "SLOTS")
}

// majorVersion is the version of Redis whose commands the server has; 0 where it is not told. Valkey calls itself 7.2,
// Dragonfly knows CONFIG GET with one pattern only, whatever version it claims.
func majorVersion(conn *redisconn.Conn, n *snapshot.Node) int {
	version := n.Info.Value.Server.RedisVersion
	if n.Info.Value.Product == snapshot.ProductDragonfly {
		return 6
	}
	if version == "" {
		version = conn.Server().Version
	}
	major, _, _ := strings.Cut(version, ".")
	number, err := strconv.Atoi(major)
	if err != nil {
		return 0
	}
	return number
}

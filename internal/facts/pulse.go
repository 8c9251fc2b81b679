package facts

import (
	"context"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
)

// Pulse is the look that a live view repeats over one connection: INFO and the newest of the slow log, in one round trip. What a
// server once refused is not asked again, as each refusal would count among the errors that are shown. It is not for use by
// several goroutines.
type Pulse struct {
	conn    *redisconn.Conn
	info    []string // the form of INFO that the server understands
	refused snapshot.Fact[snapshot.Info]
	slowlog snapshot.Fact[[]snapshot.SlowCommand] // the refusal
	hungUp  int                                   // how often in a row the connection ended at SLOWLOG
	limits  map[string]snapshot.Fact[snapshot.Config]
}

// NewPulse is one that has not looked yet.
func NewPulse(conn *redisconn.Conn) *Pulse {
	return &Pulse{conn: conn, info: []string{"INFO", "everything"}, limits: map[string]snapshot.Fact[snapshot.Config]{}}
}

// PulseNode is what one server told, and when.
type PulseNode struct {
	snapshot.Node
	Time    time.Time       // when the answers were here, with the monotonic clock
	Refused []snapshot.Text // the server's words for what it refused this time: they count among its errors
}

// Look asks every primary; slowlog is how many entries of the slow log to read, 0 for not to ask. Of a node only Info, Slowlog
// and, where INFO keeps maxclients to itself (before Redis 7.0), Config are filled in.
func (p *Pulse) Look(ctx context.Context, slowlog int) ([]PulseNode, snapshot.Fact[int]) {
	if p.refused.Status != snapshot.NotAsked {
		node := snapshot.Node{Addr: p.conn.Server().Addr, Info: p.refused, Slowlog: p.slowlog}
		return []PulseNode{{Node: node, Time: time.Now()}}, snapshot.Fact[int]{}
	}
	nodes, listed := eachNode(ctx, p.conn, func(ctx context.Context, client *redis.Client) PulseNode {
		return p.lookNode(ctx, client, slowlog)
	})
	p.learn(ctx, nodes)
	return nodes, listed
}

func (p *Pulse) lookNode(ctx context.Context, client *redis.Client, slowlog int) PulseNode {
	n := PulseNode{Node: snapshot.Node{Addr: client.Options().Addr, Slowlog: p.slowlog}}
	b := newBatch(p.conn, client)
	ask(ctx, b, &n.Info, parseInfo, p.info...)
	asked := slowlog > 0 && p.slowlog.Status == snapshot.NotAsked
	if asked {
		askSlowlog(ctx, b, &n.Node, slowlog)
	}
	b.run(ctx)
	n.Time = time.Now()
	n.refused(n.Info.Reply)
	if asked {
		n.refused(n.Slowlog.Reply)
	}
	if n.Info.Status == snapshot.Unsupported || n.Info.Known() && !n.Info.Value.HasFields() || asked && n.Info.Cause == "tcp-closed" {
		askInfoAgain(ctx, p.conn, client, &n.Node)
		n.Time = time.Now()
	}
	return n
}

func (n *PulseNode) refused(reply snapshot.Text) {
	if reply != "" {
		n.Refused = append(n.Refused, reply)
	}
}

// learn keeps what the answers say about the next look.
func (p *Pulse) learn(ctx context.Context, nodes []PulseNode) {
	denied := 0
	for i := range nodes {
		n := &nodes[i]
		switch n.Info.Status {
		case snapshot.OK:
			p.info = strings.Fields(n.Info.Source)
			n.Config = p.limit(ctx, n)
		case snapshot.Denied, snapshot.Unsupported:
			denied++
		case snapshot.NotAsked, snapshot.Failed:
		}
		p.learnSlowlog(n)
	}
	if denied == len(nodes) {
		p.refused = nodes[0].Info
	}
}

// hangsUp is how often in a row the connection must end at a question for that to be its answer: once, it may have been a
// restart.
const hangsUp = 2

func (p *Pulse) learnSlowlog(n *PulseNode) {
	switch s := n.Slowlog; {
	case s.Status == snapshot.Denied || s.Status == snapshot.Unsupported:
		p.slowlog = s
	case s.Known():
		p.hungUp = 0
	case n.Info.Known() && s.Cause == "tcp-closed":
		if p.hungUp++; p.hungUp >= hangsUp {
			p.slowlog = s
		}
	}
}

// limit is maxclients from CONFIG, asked once, where INFO does not tell it.
func (p *Pulse) limit(ctx context.Context, n *PulseNode) snapshot.Fact[snapshot.Config] {
	if n.Info.Value.Clients.Max.Known() {
		return snapshot.Fact[snapshot.Config]{}
	}
	known, asked := p.limits[n.Addr]
	if asked {
		return known
	}
	_ = p.conn.EachPrimary(ctx, func(ctx context.Context, client *redis.Client) error { // the fact has its own failure
		if client.Options().Addr == n.Addr {
			b := newBatch(p.conn, client)
			ask(ctx, b, &known, snapshot.ParseConfig, "CONFIG", "GET", "maxclients")
			b.run(ctx)
		}
		return nil
	})
	p.limits[n.Addr] = known
	n.refused(known.Reply)
	return known
}

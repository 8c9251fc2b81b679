package monitor

import (
	"context"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/facts"
	"github.com/olympiades-ia/olymp-cache/internal/monitor/traffic"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
)

// names are what the servers call their clients, by the address that MONITOR writes.
type names struct {
	conn    *redisconn.Conn
	of      map[string]traffic.Who
	own     map[string]bool // our connections, which are not to be heard
	asked   time.Time
	refused string // the words with which a server kept the list to itself
}

func newNames(conn *redisconn.Conn) *names { return &names{conn: conn, own: map[string]bool{}} }

// askAgain is how long a list of clients is good for: a long one costs the server some milliseconds.
const askAgain = time.Second

// refresh asks for the clients again. Those that have left since are forgotten.
func (n *names) refresh(ctx context.Context) {
	n.of, n.asked = map[string]traffic.Who{}, time.Now()
	for _, server := range facts.Clients(ctx, n.conn) {
		list, ok := server.List.Get()
		if !ok {
			n.refused = string(server.List.Reply)
			if n.refused == "" {
				n.refused = server.List.Cause
			}
			continue
		}
		for i := range list.Listed {
			c := &list.Listed[i]
			n.of[string(c.Addr)] = traffic.Who{Name: string(c.Name), User: string(c.User)}
			if id, ok := c.ID.Get(); ok && id == server.Own {
				n.own[string(c.Addr)] = true
			}
		}
	}
}

// known is what the last list says.
func (n *names) known(client []byte) (traffic.Who, bool) {
	who, ok := n.of[string(client)]
	return who, ok
}

// look asks again for a client that the last list does not have, at most once a second.
func (n *names) look(ctx context.Context, client string) (traffic.Who, bool) {
	if who, ok := n.of[client]; ok || time.Since(n.asked) < askAgain {
		return who, ok
	}
	n.refresh(ctx)
	who, ok := n.of[client]
	return who, ok
}

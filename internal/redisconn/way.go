package redisconn

import (
	"context"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/config"
)

// Way is what the way to one server looked like, as far as it went.
type Way struct {
	Addr      string     // host:port or the socket's path
	Addresses []string   // what the host resolved to, or the literal address; none for a socket
	Tries     []Try      // the addresses that answered or failed; not those given up as another one answered first
	Peer      string     // what answered: address and port, or the socket's path; empty where nothing did
	Timing    Timing     // DNS, TCP and TLS
	TLS       *Handshake // nil without TLS, and where it failed
}

// Try is one connection to one address.
type Try struct {
	Address  string // without the port; for a socket its path
	Duration time.Duration
	Err      error
}

// Opening is one attempt to open a target: the connection or the failure, and what was seen on the way to either.
type Opening struct {
	Conn     *Conn  // nil where Err is not
	Err      error  // as Open's, but named by its first sign alone: without the second look
	Ways     []Way  // in order: the Sentinels that were asked, then the server itself
	Timing   Timing // of the last way, and of the login
	Server   Server // as far as HELLO told; whole where Conn is not nil
	LoggedIn bool   // HELLO, AUTH and SELECT were all answered, so that what failed came after them
	Commands int    // that were sent
	Took     time.Duration
}

// Way is the last way that led to addr; nil where none did.
func (o *Opening) Way(addr string) *Way {
	for i := len(o.Ways) - 1; i >= 0; i-- {
		if o.Ways[i].Addr == addr {
			return &o.Ways[i]
		}
	}
	return nil
}

// Attempt is Open for those who want to know how far it came. The caller closes the connection, if there is one.
func Attempt(ctx context.Context, target config.Target, opts Options) Opening {
	start := time.Now()
	c, err := prepare(target, opts)
	if err != nil {
		return Opening{Err: err}
	}
	_, _, err = c.open(ctx)
	o := Opening{Err: err, Ways: c.ways, LoggedIn: c.watch.isLoggedIn(), Took: time.Since(start)}
	switch {
	case err == nil:
		o.Conn = c
	case c.watch.word("mode") != "":
		c.describe(c.watch.word)
	default:
		c.server.NoHello = c.watch.helloUnknown()
	}
	o.Server, o.Timing, o.Commands = c.server, c.timing, c.watch.count()
	if len(c.ways) > 0 {
		last := c.ways[len(c.ways)-1].Timing
		o.Timing.DNS, o.Timing.TCP, o.Timing.TLS = last.DNS, last.TCP, last.TLS
	}
	o.Timing.Hello, o.Timing.Auth, o.Timing.Select = c.watch.loginTimes()
	return o
}

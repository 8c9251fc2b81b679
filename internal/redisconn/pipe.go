package redisconn

import (
	"context"
	"errors"
	"net"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/olympiades-ia/olymp-cache/internal/resp"
)

// replyBuffer is how much of the replies is read at once, in bytes.
const replyBuffer = 256 << 10

// Pipe is one connection of its own to one server, logged in as every other, for commands by the million: what is written
// and what is read goes its own way, so that many commands are under way at any time. One goroutine may write and
// another read.
type Pipe struct {
	Replies *resp.Reader // in the order of the commands written

	addr    string
	raw     net.Conn
	login   *redis.Client // logged in, and then left alone: it owns the connection
	conn    *Conn
	timeout time.Duration
	patient bool
	aborted atomic.Bool
}

// Pipe opens a connection to a server of the target: an address of Primaries. The error is an *Error or ctx's own.
func (c *Conn) Pipe(ctx context.Context, addr string) (*Pipe, error) {
	network := "tcp"
	if c.target.Network == "unix" {
		network = "unix"
	}
	var made *conn
	o := c.clientOptions(ctx, network, addr, nil)
	o.PoolSize = 1
	o.Dialer = func(dctx context.Context, network, addr string) (net.Conn, error) {
		if c.cluster != nil {
			addr = c.withHost(addr)
		}
		nc, _, err := c.dialer.dial(dctx, network, addr)
		if err != nil {
			if c.cluster != nil {
				err = c.announced(addr, err)
			}
			return nil, err
		}
		nc.closeWith(ctx)
		made = nc
		return nc, nil
	}
	if c.cluster != nil {
		o.DB = 0
	}
	login := redis.NewClient(o)
	login.AddHook(c.watch)
	if err := login.Ping(ctx).Err(); err != nil || made == nil {
		_ = login.Close() // the error of the login is the one to report
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		var first []byte
		if made != nil {
			first = made.first
		}
		return nil, c.loginError(addr, err, first)
	}
	p := &Pipe{addr: addr, raw: made.Conn, login: login, conn: c, timeout: c.opts.Timeout}
	p.Replies = resp.NewReader(pipeReader{p}, replyBuffer)
	return p, nil
}

// Patient makes the time-out one for each part of a reply that arrives, for values whose size says nothing about how soon all of
// one is here. It is to be called before anything is read.
func (p *Pipe) Patient() { p.patient = true }

// pipeReader reads from the connection.
type pipeReader struct{ *Pipe }

func (p pipeReader) Read(buf []byte) (int, error) {
	if p.patient {
		if err := p.Expect(); err != nil {
			return 0, err
		}
	}
	return p.raw.Read(buf)
}

// writeAtOnce is how much is written under one time-out, in bytes.
const writeAtOnce = 256 << 10

// Addr is the server's address.
func (p *Pipe) Addr() string { return p.addr }

// Write sends commands that resp.Command wrote. It waits while the server takes none, for one time-out at most: something
// else must read the replies meanwhile.
func (p *Pipe) Write(commands []byte) error {
	for len(commands) > 0 {
		part := commands[:min(len(commands), writeAtOnce)]
		if err := p.raw.SetWriteDeadline(time.Now().Add(p.timeout)); err != nil {
			return err
		}
		if p.aborted.Load() {
			return os.ErrDeadlineExceeded
		}
		if _, err := p.raw.Write(part); err != nil {
			return err
		}
		commands = commands[len(part):]
	}
	return nil
}

// Expect gives the server one time-out, from now on, for the replies that are read next.
func (p *Pipe) Expect() error {
	err := p.raw.SetReadDeadline(time.Now().Add(p.timeout))
	if p.aborted.Load() {
		return os.ErrDeadlineExceeded
	}
	return err
}

// Abort ends all that waits for the server now or later; another part of the run has failed.
func (p *Pipe) Abort() {
	p.aborted.Store(true)
	_ = p.raw.SetDeadline(time.Unix(1, 0)) // it fails on a closed connection only, where nobody waits
}

// Sent counts n commands that were written, and traces them as what.
func (p *Pipe) Sent(n int, what string, took time.Duration) { p.conn.watch.piped(n, what, took) }

// Named turns an error of the connection or of a reply into an *Error.
func (p *Pipe) Named(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	}
	var no resp.Error
	if errors.As(err, &no) {
		return p.conn.replied(p.addr, string(no), StepCommand, err)
	}
	e := p.conn.name(p.addr, err, nil)
	return e
}

// Close ends the connection.
func (p *Pipe) Close() { _ = p.login.Close() } // nothing is left to be said over it

// Primaries are the addresses of the servers that hold keys, in order: all primaries of a cluster, else the one there is.
func (c *Conn) Primaries(ctx context.Context) ([]string, error) {
	if c.cluster == nil {
		return []string{c.server.Addr}, nil
	}
	var (
		mu  sync.Mutex
		all []string
	)
	err := c.cluster.ForEachMaster(ctx, func(_ context.Context, node *redis.Client) error {
		mu.Lock()
		defer mu.Unlock()
		all = append(all, c.NodeAddr(node))
		return nil
	})
	slices.Sort(all)
	return all, err
}

// AddrOf is the address, as Primaries has it, of the server that holds a key.
func (c *Conn) AddrOf(ctx context.Context, key string) (string, error) {
	if c.cluster == nil {
		return c.server.Addr, nil
	}
	node, err := c.cluster.MasterForKey(ctx, key)
	if err != nil {
		return "", err
	}
	return c.NodeAddr(node), nil
}

// IsCluster tells whether keys are spread over several servers by their slots.
func (c *Conn) IsCluster() bool { return c.cluster != nil }

// Redact masks the target's secrets in what the server said.
func (p *Pipe) Redact(reply string) string { return p.conn.target.Redact(WithoutArguments(reply)) }

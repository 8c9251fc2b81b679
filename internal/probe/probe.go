// Package probe climbs the ladder from the name to the write, dns, tcp, tls, protocol, auth, select, ping, write, and keeps
// what it saw as a trace. Where a rung breaks it looks a second time, the other way round, as most signs have several causes.
// It never judges them: that is what rules do.
package probe

import (
	"cmp"
	"context"
	"crypto/tls"
	"net"
	"strconv"
	"sync"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/probe/trace"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
)

// stragglerWait is what lookups and addresses get that the connection did not need: a dead IPv6 route must not hold up
// the diagnosis of a server that works.
const stragglerWait = time.Second

// Options are how to climb.
type Options struct {
	Conn     redisconn.Options
	ReadOnly bool               // the write is left out
	OnStep   func(finding.Step) // sees every rung as soon as it is known; may be nil
	OnBroken func(id string)    // hears which sign ended the climb, before the second looks; may be nil
}

// climb is one way up.
type climb struct {
	target config.Target
	opts   Options
	look   time.Duration // bounds each second look: with the step that failed it stays below two time-outs
	tls    *tls.Config   // nil without TLS
	mu     sync.Mutex    // second looks are made side by side, Options.Conn.Trace sees one event at a time
	t      trace.Trace
}

// Climb goes up the ladder and stops where a rung breaks. The connection is nil where Redis was not reached; else the caller
// closes it. The error is only ctx's cause or a *redisconn.TLSFileError, with which nothing was contacted.
func Climb(ctx context.Context, target config.Target, opts Options) (trace.Trace, *redisconn.Conn, error) {
	opts.Conn.Timeout = cmp.Or(opts.Conn.Timeout, redisconn.DefaultTimeout)
	conf, err := redisconn.TLSConfig(target.TLS)
	if err != nil {
		return trace.Trace{}, nil, err
	}
	c := &climb{target: target, opts: opts, look: redisconn.LookWait(opts.Conn.Timeout), tls: conf}
	first := ""
	if len(target.Endpoints) > 0 {
		first = net.JoinHostPort(target.Endpoints[0].Host, strconv.Itoa(target.Endpoints[0].Port))
	}
	s := startSurvey(ctx, c, first, opts.Conn.Timeout)
	defer s.end()
	o := redisconn.Attempt(ctx, target, opts.Conn)
	if o.Conn == nil {
		c.t.ExtraCommands += o.Commands
	}
	c.t.Server = c.server(o.Server)
	conn := o.Conn
	switch {
	case ctx.Err() != nil:
	case o.Server.IsSentinel && target.Network != config.NetworkSentinel:
		c.foundSentinel(ctx, &o)
		conn = nil
		s.finish(ctx, o.Way(first), stragglerWait)
	case o.Err != nil:
		s = c.broke(ctx, &o, s)
	default:
		var beside sync.WaitGroup
		beside.Go(func() { s.finish(ctx, o.Way(first), stragglerWait) })
		elsewhere := c.arrived(ctx, &o)
		beside.Wait()
		s = cmp.Or(elsewhere, s)
	}
	s.keep(&c.t)
	if ctx.Err() == nil {
		return c.t, conn, nil
	}
	if conn != nil {
		c.hangUp(conn)
	}
	return c.t, nil, context.Cause(ctx)
}

// hangUp closes a connection that the caller does not get.
func (c *climb) hangUp(conn *redisconn.Conn) {
	c.t.ExtraCommands += conn.CommandsSent()
	conn.Close()
}

// server is what the server said of itself.
func (c *climb) server(s redisconn.Server) trace.Server {
	return trace.Server{
		Product: s.Product, Version: c.said(s.Version), Mode: string(s.Mode), Role: c.said(s.Role), Addr: s.Addr,
		Sentinel: s.IsSentinel, NoHello: s.NoHello,
	}
}

// event shows a second look to --verbose.
func (c *climb) event(kind, detail string, start time.Time, err error) {
	if c.opts.Conn.Trace == nil {
		return
	}
	e := redisconn.Event{Kind: kind, Detail: detail, Duration: time.Since(start)}
	if err != nil {
		e.Err = redisconn.ErrorText(c.target.Redact, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.opts.Conn.Trace(e)
}

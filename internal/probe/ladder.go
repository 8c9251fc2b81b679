package probe

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/probe/trace"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
)

// toLogin are the rungs that opening a connection passes, in order.
var toLogin = []string{trace.DNS, trace.TCP, trace.TLS, trace.Protocol, trace.Auth, trace.Select}

// rungOf is where a failure stands. What ends a connection after the login is no matter of the protocol any more.
func rungOf(e *redisconn.Error, loggedIn bool) string {
	switch {
	case e.Step == redisconn.StepCommand, e.Step == redisconn.StepProtocol && loggedIn:
		return trace.Ping
	default:
		return string(e.Step) // the names are the same
	}
}

// lower is the rung further down.
func lower(a, b string) string {
	if slices.Index(trace.Rungs, b) < slices.Index(trace.Rungs, a) {
		return b
	}
	return a
}

// below are the rungs that were passed before this one.
func below(rung string) []string {
	if i := slices.Index(toLogin, rung); i >= 0 {
		return toLogin[:i]
	}
	return toLogin
}

func (c *climb) add(s finding.Step) {
	c.t.Steps = append(c.t.Steps, s)
	if c.opts.OnStep != nil {
		c.opts.OnStep(s)
	}
}

// fall ends the climb.
func (c *climb) fall(rung string, took time.Duration, f finding.Finding, reached bool, seen ...finding.Evidence) {
	c.t.Failure = &trace.Failure{Rung: rung, Finding: f, Unreachable: !reached}
	c.add(finding.Step{Name: rung, Status: finding.Fail, Duration: took, Evidence: seen, Problem: &f})
}

// spent is the time that the rungs so far took.
func (c *climb) spent() time.Duration {
	var sum time.Duration
	for _, s := range c.t.Steps {
		sum += s.Duration
	}
	return sum
}

// pass adds a rung that held.
func (c *climb) pass(rung string, o *redisconn.Opening, way *redisconn.Way) {
	s := finding.Step{Name: rung, Status: finding.OK}
	see := func(name string, value any) {
		s.Evidence = append(s.Evidence, finding.Evidence{Name: name, Value: value})
	}
	if way == nil {
		way = &redisconn.Way{} // nothing of it was seen
	}
	switch rung {
	case trace.DNS:
		host := hostOf(way.Addr)
		if host == "" || trace.IsAddress(host) {
			s.Status, s.Reason = finding.Skip, "not-needed"
			break
		}
		s.Duration = way.Timing.DNS
		see("host", host)
		see("addresses", len(way.Addresses))
		if len(way.Addresses) > 0 {
			see("address", way.Addresses[0])
		}
	case trace.TCP:
		s.Duration = way.Timing.TCP
		if len(way.Addresses) == 0 && len(way.Tries) > 0 { // a socket
			s.Duration = way.Tries[0].Duration
		}
		see("address", way.Peer)
	case trace.TLS:
		if way.TLS == nil {
			s.Status, s.Reason = finding.Skip, "not-needed"
			break
		}
		s.Duration = way.Timing.TLS
		s.Evidence = tlsEvidence(c.handshake(way.TLS))
	case trace.Protocol:
		s.Duration = o.Timing.Hello
		if c.t.Server.Product != "" {
			see("product", c.t.Server.Product)
			see("version", c.t.Server.Version)
		}
	case trace.Auth:
		s.Duration = o.Timing.Auth
		if c.target.Password == "" {
			see("no_password", true)
			break
		}
		see("user", c.user())
	case trace.Select:
		s.Duration = o.Timing.Select
		see("db", c.target.DB)
	}
	c.add(s)
}

// user is who logs in; only asked beside a password, as a user alone is, mostly, a password in the wrong place.
func (c *climb) user() string {
	if c.target.Username == "" {
		return "default"
	}
	return c.target.Username
}

// arrived adds the rungs of a connection that is open: PING, which it has sent already, and the write. It gives the survey of
// another node where that node was the one that failed.
func (c *climb) arrived(ctx context.Context, o *redisconn.Opening) *survey {
	way := o.Way(o.Server.Addr)
	if way != nil && way.TLS != nil {
		c.t.Handshake = c.handshake(way.TLS)
	}
	for _, rung := range toLogin {
		c.pass(rung, o, way)
	}
	rtt, err := o.Conn.Ping()
	c.t.Ping = rtt
	s := finding.Step{Name: trace.Ping, Status: finding.OK, Duration: rtt}
	if err != nil {
		f := c.finding(named(err, o.Server.Addr))
		if f.ID != "auth-no-permission" && f.ID != "server-unknown-command" {
			c.fall(trace.Ping, rtt, f, true)
			return nil
		}
		f.Severity = finding.Warning // where PING alone is refused, the cache may still be of use
		s.Status, s.Problem = finding.Warn, &f
	} else {
		s.Evidence = []finding.Evidence{{Name: "rtt_ms", Value: finding.Millis(rtt), Unit: "ms"}}
	}
	c.add(s)
	return c.tryWrite(ctx, o.Conn)
}

// foundSentinel ends the climb at a Sentinel where a server with data was expected. It answers PING as any server does.
func (c *climb) foundSentinel(ctx context.Context, o *redisconn.Opening) {
	conn, way := o.Conn, o.Way(o.Server.Addr)
	for _, rung := range below(trace.Protocol) {
		c.pass(rung, o, way)
	}
	if way != nil && way.TLS != nil {
		c.t.Handshake = c.handshake(way.TLS)
	}
	if conn == nil { // a Sentinel knows no SELECT
		plain, opts := c.target, c.opts.Conn
		plain.DB, opts.Timeout = 0, c.look
		again := redisconn.Attempt(ctx, plain, opts)
		if conn = again.Conn; conn == nil {
			c.t.ExtraCommands += again.Commands
		}
	}
	f := finding.Finding{ID: "proto-sentinel", Severity: finding.Critical, Subject: o.Server.Addr, Evidence: []finding.Evidence{
		{Name: "address", Value: o.Server.Addr}, {Name: "step", Value: trace.Protocol},
	}}
	if conn != nil {
		if names := redisconn.MastersOf(ctx, conn.Seed()); len(names) > 0 {
			f.Evidence = append(f.Evidence, finding.Evidence{
				Name: "masters", Value: c.said(strings.Join(names, ", ")), Source: "SENTINEL MASTERS",
			})
		}
		c.hangUp(conn)
	}
	if ctx.Err() == nil {
		c.fall(trace.Protocol, o.Timing.Hello, f, false)
	}
}

// hostOf is the host of host:port; empty for a socket.
func hostOf(addr string) string {
	host, _ := splitAddr(addr)
	return host
}

// known tells whether the address is one that the configuration names, and not one that a server gave.
func (c *climb) known(addr string) bool {
	for _, e := range c.target.Endpoints {
		if joinAddr(e) == addr {
			return true
		}
	}
	return c.target.Network == config.NetworkUnix
}

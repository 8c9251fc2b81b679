package probe

import (
	"context"
	"net"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/probe/trace"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
)

// broke adds the rungs up to the one that broke, and looks a second time at what has several causes. It gives the survey of
// the address that failed.
func (c *climb) broke(ctx context.Context, o *redisconn.Opening, s *survey) *survey {
	e := named(o.Err, c.target.Address())
	if c.opts.OnBroken != nil && ctx.Err() == nil {
		c.opts.OnBroken(e.ID)
	}
	way := o.Way(e.Addr)
	rung := rungOf(e, o.LoggedIn)
	early := below(lower(rung, trace.TLS)) // a second look may find that TLS is what is missing
	for _, r := range early {
		c.pass(r, o, way)
	}
	if host, port := splitAddr(e.Addr); host != "" && (host != s.host || port != s.port) {
		s.end()
		s = startSurvey(ctx, c, e.Addr, c.look)
	}
	e = c.lookCloser(ctx, e, rung, way, s)
	if ctx.Err() != nil {
		return s
	}
	rung = lower(rung, rungOf(e, o.LoggedIn))
	for _, r := range below(rung)[len(early):] {
		c.pass(r, o, way)
	}
	c.fall(rung, took(rung, o, way, c.spent()), c.finding(e), false)
	return s
}

// took is how long the rung that broke took: what was measured, else what is left of the whole.
func took(rung string, o *redisconn.Opening, way *redisconn.Way, spent time.Duration) time.Duration {
	switch {
	case way == nil:
	case rung == trace.DNS:
		return way.Timing.DNS
	case rung == trace.TCP && way.Timing.TCP > 0:
		return way.Timing.TCP
	case rung == trace.TLS && way.Timing.TLS > 0:
		return way.Timing.TLS
	}
	return max(o.Took-spent, 0)
}

// lookCloser makes the second looks that the failure calls for, side by side with what is left of the survey, and gives the
// failure under the name that they leave it.
func (c *climb) lookCloser(
	ctx context.Context, e *redisconn.Error, rung string, way *redisconn.Way, s *survey,
) *redisconn.Error {
	var (
		looks             sync.WaitGroup
		words             *trace.Words
		clearErr, tlsErr  error
		sent, loginsSent  int
		shook, overTLS    bool
		usual             *trace.Words
		usualSent         int
		logins            []trace.Login
		account           trace.Account
		connected, socket = way != nil && way.Peer != "", c.target.Network == config.NetworkUnix
	)
	looks.Go(func() { s.finish(ctx, way, c.look) })
	if rung == trace.DNS {
		looks.Go(func() { c.t.Resolver = c.resolver(ctx) })
	}
	if at := c.usualPort(e, way); at != nil {
		looks.Go(func() { usual, usualSent, _ = c.sayPing(ctx, at) })
	}
	if connected && !socket && c.asksClear(e, rung) {
		looks.Go(func() { words, sent, clearErr = c.sayPing(ctx, way) })
	}
	if connected && !socket {
		overTLS = asksTLS(e, rung) && c.tls == nil
		again := overTLS || rung == trace.TLS && redisconn.Leaf(e.Err) != nil
		c.t.Handshake = c.firstHandshake(e, rung, way)
		if again {
			looks.Go(func() {
				second, err := c.shakeHands(ctx, way)
				tlsErr, shook = err, true
				if overTLS || second.Leaf != nil {
					c.t.Handshake = second
				}
			})
		}
	}
	if connected && c.asksLogin(e) {
		looks.Go(func() { logins, account, loginsSent = c.logIn(ctx, way) })
	}
	looks.Wait()
	if c.target.Network == config.NetworkSentinel && !c.known(e.Addr) && (rung == trace.DNS || rung == trace.TCP) {
		c.watched(ctx)
	}
	c.t.Clear, c.t.Usual, c.t.Login, c.t.Account = words, usual, logins, account
	c.t.ExtraCommands += sent + usualSent + loginsSent
	if words != nil {
		e = e.AfterClear(words.First, clearErr)
	}
	if shook && overTLS {
		e = e.AfterTLS(tlsErr)
	}
	return e
}

// watched asks the Sentinel how it sees the primary that it named and that cannot be reached.
func (c *climb) watched(ctx context.Context) {
	opts := c.opts.Conn
	opts.Timeout = c.look
	fields, asked, sent := redisconn.WatchedMaster(ctx, c.target, opts)
	c.t.ExtraCommands += sent
	if fields == nil {
		return
	}
	count := func(name string) int {
		n, _ := strconv.Atoi(fields[name]) // 0 where it does not tell
		return n
	}
	c.t.Watched = &trace.Watched{
		Sentinel: asked,
		Flags:    c.said(fields["flags"]), Replicas: count("num-slaves"), Sentinels: count("num-other-sentinels"), Quorum: count("quorum"),
	}
}

// usualPort is the way to Redis's own port of the machine that refused another one: the container that is meant, mostly, by the
// port that is published for it; nil where that explains nothing. The ports of this machine are looked at elsewhere.
func (c *climb) usualPort(e *redisconn.Error, way *redisconn.Way) *redisconn.Way {
	host, port := splitAddr(e.Addr)
	if e.ID != "tcp-refused" || way == nil || port == redisPort || c.target.Network == config.NetworkSentinel {
		return nil
	}
	for _, t := range way.Tries {
		a, err := netip.ParseAddr(t.Address)
		if err == nil && redisconn.ConnectID(t.Err) == "tcp-refused" && !a.IsLoopback() && !a.IsUnspecified() {
			return &redisconn.Way{Addr: net.JoinHostPort(host, redisPort), Peer: net.JoinHostPort(t.Address, redisPort)}
		}
	}
	return nil
}

// redisPort is Redis's own.
const redisPort = "6379"

// asksClear tells failures that a PING in clear text may explain: those of TLS, those at the first bytes without it, and a login
// that ended with a closed connection.
func (c *climb) asksClear(e *redisconn.Error, rung string) bool {
	switch rung {
	case trace.TLS:
		return true
	case trace.Protocol:
		return c.tls == nil && (asksTLS(e, rung) || finding.Category(e.ID) == "protocol")
	case trace.Auth:
		return c.tls == nil && redisconn.IsClosed(e.Err)
	}
	return false
}

// asksTLS tells failures in clear text that a handshake may explain.
func asksTLS(e *redisconn.Error, rung string) bool {
	return rung == trace.Protocol && (e.ID == "tcp-silent" || e.ID == "tcp-closed")
}

// firstHandshake is what the connection itself saw of TLS; nil without it.
func (c *climb) firstHandshake(e *redisconn.Error, rung string, way *redisconn.Way) *trace.Handshake {
	switch {
	case c.tls == nil:
		return nil
	case way.TLS != nil:
		h := c.handshake(way.TLS)
		if redisconn.IsAlert(e.Err) { // TLS 1.3 tells that it wants a certificate only after the handshake
			h.Problem, h.Words = trace.Alert, c.words(e.Err)
		}
		return h
	case rung != trace.TLS:
		return nil
	}
	h := &trace.Handshake{
		Duration: way.Timing.TLS, Problem: handshakeProblem(e.Err), Words: c.words(e.Err), WantedName: c.tlsName(way),
	}
	if leaf := redisconn.Leaf(e.Err); leaf != nil {
		h.Leaf, h.Verdict, h.Problem = c.certificate(chainOf(e.Err)), e.ID, ""
		h.Chain = len(chainOf(e.Err))
	}
	return h
}

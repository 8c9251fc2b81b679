package probe

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/probe/trace"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
)

const (
	// testValue says to whoever finds the key what it is.
	testValue = "doctor"
	// cleanupWait bounds the removal of the key over a connection of its own.
	cleanupWait = 2 * time.Second
)

// tryWrite adds the last rung. A server that is known to be a replica is not written to: a replica may be writable, and what
// is written there is lost or, worse, stays. It gives the survey of another node where that node was not reached.
func (c *climb) tryWrite(ctx context.Context, conn *redisconn.Conn) *survey {
	server := conn.Server()
	switch {
	case ctx.Err() != nil:
		return nil
	case c.opts.ReadOnly:
		c.add(finding.Step{Name: trace.Write, Status: finding.Skip, Reason: "read-only"})
		return nil
	case server.Role == "replica" && server.Mode != redisconn.ModeCluster:
		c.fall(trace.Write, 0, problem("server-readonly", finding.Evidence{Name: "address", Value: server.Addr},
			finding.Evidence{Name: "role", Value: server.Role}), true)
		return nil
	}
	nonce := make([]byte, 8)
	_, _ = rand.Read(nonce) // never fails (Go 1.24)
	w := &trace.WriteProbe{Key: redisconn.TestKeyPrefix + hex.EncodeToString(nonce)}
	c.t.Write = w
	start := time.Now()
	warning, err := c.writeAndDelete(ctx, conn, w)
	w.Duration = time.Since(start)
	if ctx.Err() != nil {
		return nil
	}
	seen := []finding.Evidence{
		{Name: "key", Value: w.Key}, {Name: "ttl_s", Value: redisconn.TestKeyTTL.Seconds(), Unit: "s"},
	}
	if err == nil {
		s := finding.Step{Name: trace.Write, Status: finding.OK, Duration: w.Duration, Evidence: seen, Problem: warning}
		if warning != nil {
			s.Status = finding.Warn
		}
		c.add(s)
		return nil
	}
	return c.refused(ctx, conn, err, w, seen)
}

// refused adds a write that failed.
func (c *climb) refused(
	ctx context.Context, conn *redisconn.Conn, err error, w *trace.WriteProbe, seen []finding.Evidence,
) *survey {
	var own *unexpectedError
	if errors.As(err, &own) {
		c.fall(trace.Write, w.Duration, problem(own.id, seen[0]), true, seen...)
		return nil
	}
	e := named(conn.Named(err), conn.Server().Addr)
	if e.ID == "tcp-silent" && w.Answered {
		c.fall(trace.Write, w.Duration, problem("write-paused", append(seen, finding.Evidence{Name: "address", Value: e.Addr})...), true, seen...)
		return nil
	}
	f := c.finding(e)
	if f.ID == "auth-no-permission" && strings.Contains(e.Reply, " key") {
		f.Severity = finding.Info // the key is ours: the application's own may well be allowed
		c.add(finding.Step{
			Name: trace.Write, Status: finding.Skip, Reason: "not-allowed", Duration: w.Duration, Evidence: seen, Problem: &f,
		})
		return nil
	}
	c.fall(trace.Write, w.Duration, f, true, seen...)
	if f.ID != "server-cluster-unreachable" {
		return nil
	}
	s := startSurvey(ctx, c, e.Addr, c.look)
	s.finish(ctx, nil, c.look)
	return s
}

// unexpectedError is a server that took the commands and did not do what they say.
type unexpectedError struct{ id string }

func (e *unexpectedError) Error() string { return e.id }

// writeAndDelete sends SET and DEL together. The name is ours alone, 64 random bits under a prefix that is, so that DEL takes
// nobody else's key. Where it is not known whether the key went, it is removed over a new connection, also when ctx is
// cancelled. warning is a key that was written and may not be deleted.
func (c *climb) writeAndDelete(
	ctx context.Context, conn *redisconn.Conn, w *trace.WriteProbe,
) (warning *finding.Finding, err error) {
	var set *redis.BoolCmd
	var del *redis.IntCmd
	_, _ = conn.Client().Pipelined(ctx, func(p redis.Pipeliner) error { // its error is one of theirs
		set = p.SetNX(ctx, w.Key, testValue, redisconn.TestKeyTTL)
		del = p.Del(ctx, w.Key)
		return nil
	})
	var reply redis.Error
	switch setErr, delErr := set.Err(), del.Err(); {
	case setErr != nil:
		w.Left = redisconn.MayHaveRun(setErr) && !c.remove(ctx, w)
		return nil, setErr
	case !set.Val():
		return nil, &unexpectedError{"write-key-exists"}
	case errors.As(delErr, &reply) && !errors.Is(delErr, redis.Nil):
		w.Left = conn.Client().Unlink(ctx, w.Key).Err() != nil
		if !w.Left {
			return nil, nil
		}
		f := c.finding(named(conn.Named(delErr), conn.Server().Addr))
		f.Severity = finding.Warning
		return &f, nil
	case delErr != nil:
		w.Left = !c.remove(ctx, w)
		return nil, delErr
	case del.Val() == 0:
		return nil, &unexpectedError{"write-vanished"}
	}
	return nil, nil
}

// remove deletes the key over a connection of its own and tells whether it is gone. It notes whether PING was answered there.
func (c *climb) remove(ctx context.Context, w *trace.WriteProbe) bool {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupWait)
	defer cancel()
	opts := c.opts.Conn
	opts.Timeout = min(opts.Timeout, cleanupWait)
	o := redisconn.Attempt(ctx, c.target, opts)
	if o.Conn == nil {
		c.t.ExtraCommands += o.Commands
		return false // the server is gone; the key's TTL removes it
	}
	defer c.hangUp(o.Conn)
	_, pingErr := o.Conn.Ping()
	w.Answered = pingErr == nil
	return o.Conn.Client().Del(ctx, w.Key).Err() == nil
}

// problem is a critical finding of our own.
func problem(id string, seen ...finding.Evidence) finding.Finding {
	return finding.Finding{ID: id, Severity: finding.Critical, Evidence: seen}
}

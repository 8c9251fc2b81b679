package smoke

import (
	"context"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
)

// set writes the key. It asks nothing of a server that is known to refuse or to be the wrong one.
func (r *run) set(ctx context.Context, s *finding.Step) {
	server := r.res.Server
	s.Evidence = append(s.Evidence, finding.Evidence{Name: "key", Value: r.key})
	switch {
	case server.IsSentinel:
		s.Status, s.Problem = finding.Fail, r.sentinelProblem(ctx)
		return
	case server.Role == "replica" && server.Mode != redisconn.ModeCluster:
		s.Status, s.Problem = finding.Fail, r.replicaProblem(ctx)
		return
	}
	r.wrote = true
	done, err := r.conn.Client().SetNX(ctx, r.key, r.value, KeyTTL).Result()
	switch {
	case err != nil:
		r.wrote = redisconn.MayHaveRun(err)
		r.fail(s, err)
	case !done:
		r.wrote = false // somebody else's key: not ours to delete
		s.Status, s.Problem = finding.Fail, plain("write-key-exists", finding.Evidence{Name: "key", Value: r.key})
	}
}

// get reads it back: only the very bytes that were written will do.
func (r *run) get(ctx context.Context, s *finding.Step) {
	got, err := r.conn.Client().Get(ctx, r.key).Result()
	if err != nil {
		r.fail(s, err)
		return
	}
	s.Evidence = append(s.Evidence, finding.Evidence{Name: "value", Value: r.said(got)})
	if got != r.value {
		s.Status, s.Problem = finding.Fail, plain("write-mismatch",
			finding.Evidence{Name: "wrote", Value: r.value}, finding.Evidence{Name: "read", Value: r.said(got)})
	}
}

// ttl checks that the key will go by itself.
func (r *run) ttl(ctx context.Context, s *finding.Step) {
	left, err := r.conn.Client().PTTL(ctx, r.key).Result()
	if err != nil {
		r.fail(s, err)
		return
	}
	seen := ttlEvidence(left)
	s.Evidence = append(s.Evidence, seen)
	switch {
	case left == noKey:
		s.Status, s.Problem = finding.Fail, r.vanished()
	case left <= 0 || left > KeyTTL:
		s.Status, s.Problem = finding.Fail, plain("write-ttl",
			finding.Evidence{Name: "wanted_s", Value: KeyTTL.Seconds(), Unit: "s"}, seen)
	}
}

// What PTTL answers instead of a time; the driver hands it through as nanoseconds.
const (
	noKey time.Duration = -2
	noTTL time.Duration = -1
)

// ttlEvidence is PTTL's answer in seconds, with Redis's own -1 (no expiry) and -2 (no key).
func ttlEvidence(left time.Duration) finding.Evidence {
	seconds := left.Seconds()
	if left == noKey || left == noTTL {
		seconds = float64(left)
	}
	return finding.Evidence{Name: "ttl_s", Value: seconds, Unit: "s"}
}

func (r *run) vanished() *finding.Finding {
	return plain("write-vanished", finding.Evidence{Name: "key", Value: r.key})
}

func (r *run) del(ctx context.Context, s *finding.Step) {
	var n int64
	var err error
	if ctx.Err() == nil {
		n, err = r.conn.Client().Del(ctx, r.key).Result()
	}
	switch {
	case ctx.Err() != nil && (err != nil || n == 0):
		r.res.Err = context.Cause(ctx)
		if r.cleanUp(ctx); r.wrote {
			s.Status = finding.Fail // of which step makes an interruption
		}
	case err != nil:
		r.fail(s, err)
	case n == 0 && !r.broken:
		r.wrote = false
		s.Status, s.Problem = finding.Fail, r.vanished()
	default:
		r.wrote = false
	}
}

// cleanUp removes the key over a connection of its own when the run could not, as after Ctrl-C the first one is gone.
func (r *run) cleanUp(ctx context.Context) {
	if !r.wrote {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupWait)
	defer cancel()
	opts := r.opts.Conn
	opts.Timeout = cleanupWait
	conn, err := redisconn.Open(ctx, r.target, opts)
	if err != nil {
		return // the server is gone; the key's TTL removes it
	}
	defer conn.Close()
	if conn.Client().Del(ctx, r.key).Err() == nil {
		r.wrote = false
	}
	r.res.CommandsSent += conn.CommandsSent()
}

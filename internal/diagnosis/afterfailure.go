package diagnosis

import (
	"context"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/evidence"
	"github.com/olympiades-ia/olymp-cache/internal/facts"
	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/probe/trace"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
)

// secondLook bounds each network step of the second climb. Where the first has waited in vain already it is a fifth of that
// wait, within bounds: all in all a silent server costs two time-outs.
const (
	secondLook = 2 * time.Second
	shortLook  = time.Second
	leastLook  = 400 * time.Millisecond
)

// waited tells failures that took a whole time-out.
func waited(id string) bool { return id == "tcp-timeout" || id == "tcp-silent" }

// AfterFailure looks for the cause behind a step of `test` that failed, with as few commands as it takes: what does not
// answer is climbed again and looked around for; a server that answered is asked for INFO, once. It is nil where the second
// look does not show the failure again.
func AfterFailure(
	ctx context.Context, cfg *config.Config, rung string, raw finding.Finding, unreachable bool, opts Options,
) *evidence.Evidence {
	if waited(raw.ID) {
		opts.Conn.Timeout = min(opts.Conn.Timeout, max(opts.Conn.Timeout/5, leastLook), shortLook)
	}
	opts.Conn.Timeout = min(opts.Conn.Timeout, secondLook)
	if unreachable {
		opts.LadderOnly = true
		e, err := Gather(ctx, cfg, opts)
		if err != nil || e.Trace.Failure == nil || waited(e.Trace.Failure.Finding.ID) && !waited(raw.ID) {
			return nil // mended meanwhile, or a server too far away for the short waits of a second look
		}
		return e
	}
	e := Fresh(cfg, opts)
	e.Trace.Failure = &trace.Failure{Rung: rung, Finding: raw}
	conn, err := redisconn.Open(ctx, cfg.Target, opts.Conn)
	if err != nil {
		return nil
	}
	defer conn.Close()
	s := conn.Server()
	e.Trace.Server = trace.Server{
		Product: s.Product, Version: s.Version, Mode: string(s.Mode), Role: s.Role, Addr: s.Addr, Sentinel: s.IsSentinel,
	}
	e.Server = &snapshot.Snapshot{Schema: snapshot.Schema, Time: e.Taken, Mode: string(s.Mode)}
	for _, n := range facts.Sample(ctx, conn).Nodes {
		e.Server.Nodes = append(e.Server.Nodes, snapshot.Node{Addr: n.Addr, Info: n.Info})
	}
	e.CommandsSent = conn.CommandsSent()
	return e
}

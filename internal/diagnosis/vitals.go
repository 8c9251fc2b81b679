package diagnosis

import (
	"context"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/evidence"
	"github.com/olympiades-ia/olymp-cache/internal/facts"
	"github.com/olympiades-ia/olymp-cache/internal/probe/trace"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
)

const (
	// vitalPings is how many PINGs measure the latency that info shows; where one is late as many as a p99 needs follow.
	vitalPings, lateVitalPings = 50, 100
	// vitalsWindow is how far apart the two samples are that the rates of now come from.
	vitalsWindow = time.Second
)

// Vitals asks a server about itself, as `info` wants it: the facts, the round trip, and what happens within a second. Nothing
// is written and nobody looks around. The error is that of the connection: a *redisconn.Error, or ctx's cause.
func Vitals(ctx context.Context, cfg *config.Config, opts Options) (*evidence.Evidence, error) {
	e := Fresh(cfg, opts)
	conn, err := redisconn.Open(ctx, cfg.Target, opts.Conn)
	if err != nil {
		return e, err
	}
	defer conn.Close()
	s := conn.Server()
	e.Trace.Server = trace.Server{
		Product: s.Product, Version: s.Version, Mode: string(s.Mode), Role: s.Role, Addr: s.Addr, Sentinel: s.IsSentinel,
	}
	snap := facts.Gather(ctx, conn, facts.Options{SlowlogLen: true})
	e.Server = &snap
	e.Pings = facts.PingLatency(ctx, conn, vitalPings)
	if e.Pings.Known() && e.Pings.Value.Max.Duration() > cfg.Settings.AlertP99 {
		e.Pings = facts.PingLatency(ctx, conn, lateVitalPings)
	}
	w := facts.Window(ctx, conn, vitalsWindow) // last: what was asked before is not in its rates
	e.Window = &w
	e.CommandsSent = conn.CommandsSent()
	e.Duration = opts.Now().Sub(e.Taken)
	if ctx.Err() != nil {
		return e, context.Cause(ctx)
	}
	return e, nil
}

// RawInfo asks every server for INFO as it sends it; sections are INFO's own names, all of its default ones if there are none.
func RawInfo(ctx context.Context, cfg *config.Config, opts Options, sections []string) ([]facts.RawAnswer, error) {
	conn, err := redisconn.Open(ctx, cfg.Target, opts.Conn)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	return facts.RawInfo(ctx, conn, sections), nil
}

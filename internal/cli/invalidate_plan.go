package cli

import (
	"context"

	"github.com/olympiades-ia/olymp-cache/internal/keyspace"
	"github.com/olympiades-ia/olymp-cache/internal/report"
)

// plans tells whether all keys are looked at before the first goes.
func (r *invalidation) plans() bool {
	return r.asks() || r.o.dryRun || r.o.maxKeys > 0 || r.o.unchanged
}

// plan looks at what would go, where somebody wants to know, and asks. done ends the run without an error.
func (r *invalidation) plan(ctx context.Context) (prints *keyspace.Prints, done bool, err error) {
	if !r.plans() {
		return nil, false, nil
	}
	shown := r.asks() || r.o.dryRun
	progress := &keyspace.Progress{}
	stop := r.watchProgress(progress)
	p, err := keyspace.Plans(ctx, r.conn, r.want, keyspace.PlanOptions{
		Most: r.o.maxKeys, Facts: shown, Prints: r.o.unchanged, Sample: planSample, Progress: progress,
	})
	stop()
	switch {
	case err != nil:
		return nil, false, r.failed(ctx, r.cfg, err)
	case p.Over:
		return nil, false, r.refuse(r.cat.T("refused.max-keys", "max", r.cat.Int(r.o.maxKeys)))
	}
	r.res.Plan = removalPlan(p)
	if r.o.dryRun {
		return nil, true, r.dryRun(ctx, p)
	}
	if r.asks() && p.Keys > 0 {
		r.preview().RemovalPlan(r.res.Plan, r.standing(ctx, r.cfg, r.conn, false))
		question := "remove.ask"
		if r.o.expireIn > 0 {
			question = "remove.ask-expire"
		}
		if err := r.confirmed(ctx, r.cat.N(question, int(min(p.Keys, 1<<30)), "n", r.cat.Int(p.Keys), "target",
			r.diag().Data(r.cfg.Target.Display()))); err != nil {
			return nil, false, err
		}
	}
	return p.Prints, false, nil
}

// dryRun shows the plan in place of the deletion.
func (r *invalidation) dryRun(ctx context.Context, p *keyspace.Plan) error {
	s := r.standing(ctx, r.cfg, r.conn, false)
	r.res.CommandsSent = r.conn.CommandsSent()
	var err error
	if r.flags.output == "json" {
		err = report.RemovalJSON(r.env.Stdout, r.res)
	} else {
		out := r.out()
		t := &report.Text{Screen: out, Words: r.words(out), Quiet: r.flags.quiet}
		t.RemovalPlan(r.res.Plan, s)
		err = t.Err()
	}
	if err == nil && r.o.mustExist && (p.Missing > 0 || p.Keys == 0) {
		return verdict(ExitFailed)
	}
	return err
}

func removalPlan(p *keyspace.Plan) *report.RemovalPlan {
	out := &report.RemovalPlan{
		Keys: p.Keys, Missing: p.Missing, Kept: p.Kept, Bytes: p.Bytes, Unsized: p.Unsized, NoTTL: p.NoTTL, MinTTL: p.MinTTL, MaxTTL: p.MaxTTL,
	}
	for _, k := range p.Sample {
		out.Sample = append(out.Sample, report.PlannedKey(k))
	}
	for _, x := range p.Refused {
		out.Refused = append(out.Refused, report.RefusedAsk{Command: x.Command, Reply: x.Reply})
	}
	return out
}

package cli

import (
	"context"
	"errors"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/diagnosis"
	"github.com/olympiades-ia/olymp-cache/internal/evidence"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/findings"
	"github.com/olympiades-ia/olymp-cache/internal/probe/trace"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
	"github.com/olympiades-ia/olymp-cache/internal/report"
	"github.com/olympiades-ia/olymp-cache/internal/term"
)

// unreached says on stderr why a command could not work with Redis: the cause, as doctor would name it, and what to type.
// What is not of Redis's making comes back as it is.
func (a *app) unreached(ctx context.Context, cfg *config.Config, err error) error {
	_, err = a.unreachedCause(ctx, cfg, err)
	return err
}

// unreachedCause is unreached that gives the cause's id too; "" where it is not of Redis's making.
func (a *app) unreachedCause(ctx context.Context, cfg *config.Config, err error) (string, error) {
	e, ok := redisconn.AsError(err)
	var stop interruptedError
	if !ok || errors.As(err, &stop) {
		return "", err
	}
	raw, rung := e.Finding(), trace.Write
	if e.Step != redisconn.StepCommand {
		rung = string(e.Step)
	}
	s := a.diag()
	if a.live(s) && !a.flags.quiet {
		a.progressLine(s, a.cat.T("doctor.looking-around"))
	}
	cause := findings.WithFixes(findings.InContext(raw, evidence.TargetOf(cfg.Target)))
	if seen := diagnosis.AfterFailure(ctx, cfg, rung, raw, e.Unreachable(), a.gathering()); seen != nil {
		if v := findings.Judge(seen); v.RootCause() != "" {
			cause = v.Findings[0]
		}
	}
	a.clearLine(s)
	a.sayFinding(s, cause)
	code := ExitFailed
	if e.Unreachable() {
		code = ExitUnreachable
		a.say(s, s.Sign(term.SymFail)+" "+s.Paint(term.Bad, s.Wrap(a.cat.T("test.unreachable", "target", s.Data(cfg.Target.Display())), 3)))
	}
	return cause.ID, verdict(code)
}

// sayFinding shows one finding on a stream of diagnostics; with --quiet in a line.
func (a *app) sayFinding(s term.Screen, f finding.Finding) {
	w := a.words(s)
	if a.flags.quiet {
		a.say(s, s.Sign(term.SymFail)+" "+w.Title(f)+" ["+f.ID+"]")
		return
	}
	t := &report.Text{Screen: s, Words: w}
	t.Cause(f)
}

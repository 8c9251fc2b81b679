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
	cause, _ := a.rootCause(ctx, cfg, rung, raw, e.Unreachable(), a.gathering())
	if cause == nil {
		named := findings.Advised(raw, evidence.TargetOf(cfg.Target))
		cause = &named
	}
	s := a.diag()
	a.sayFinding(s, *cause)
	code := ExitFailed
	if e.Unreachable() {
		code = ExitUnreachable
		a.say(s, s.Sign(term.SymFail)+" "+s.Paint(term.Bad, s.Wrap(a.words(s).Unreached(cause, s.Data(cfg.Target.Display())), 3)))
	}
	return cause.ID, verdict(code)
}

// rootCause is what stands behind a failure, as doctor would name it, and the number of commands it took to see; nil where
// looking around shows nothing more.
func (a *app) rootCause(
	ctx context.Context, cfg *config.Config, rung string, raw finding.Finding, unreachable bool, opts diagnosis.Options,
) (*finding.Finding, int) {
	a.progressLine(a.cat.T("doctor.looking-around"))
	defer a.clearLine()
	seen := diagnosis.AfterFailure(ctx, cfg, rung, raw, unreachable, opts)
	if seen == nil {
		return nil, 0
	}
	v := findings.Judge(seen)
	if v.RootCause() == "" {
		return nil, seen.CommandsSent
	}
	return &v.Findings[0], seen.CommandsSent
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

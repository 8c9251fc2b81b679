package cli

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/diagnosis"
	"github.com/olympiades-ia/olymp-cache/internal/evidence"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/findings"
	"github.com/olympiades-ia/olymp-cache/internal/probe"
	"github.com/olympiades-ia/olymp-cache/internal/probe/trace"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
	"github.com/olympiades-ia/olymp-cache/internal/report"
	"github.com/olympiades-ia/olymp-cache/internal/smoke"
	"github.com/olympiades-ia/olymp-cache/internal/vitals"
)

// What fails a run, as --fail-on takes it.
const (
	failOnWarning  = "warning"
	failOnCritical = "critical"
	failOnNever    = "never"
)

// doctorOptions are the flags of `doctor`.
type doctorOptions struct {
	wait, window time.Duration
	failOn       string
	only, skip   []string
	offline      bool
	save         string
	withNames    bool
	load         string
	compare      string
}

func (a *app) doctorCommand() *cobra.Command {
	o := &doctorOptions{}
	cmd := &cobra.Command{
		Use: "doctor", Short: a.cat.T("doctor.short"), Long: a.cat.T("doctor.long"), Example: a.cat.T("doctor.example"),
		GroupID: groupDaily, Annotations: map[string]string{outputKey: "text json junit github markdown nagios"},
		Args: a.doctorArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			err := a.checkDoctor(o)
			if err == nil {
				err = a.runDoctor(cmd.Context(), *o)
			}
			return a.forCommand(cmd, err)
		},
	}
	f := cmd.Flags()
	f.DurationVar(&o.wait, "wait", 0, a.cat.T("flag.wait"))
	f.DurationVar(&o.window, "window", 0, a.cat.T("flag.window"))
	f.StringVar(&o.failOn, "fail-on", failOnCritical, a.cat.T("flag.fail-on"))
	f.StringSliceVar(&o.only, "only", nil, a.cat.T("flag.only"))
	f.StringSliceVar(&o.skip, "skip", nil, a.cat.T("flag.skip"))
	f.BoolVar(&o.offline, "offline", false, a.cat.T("flag.offline"))
	f.StringVar(&o.save, "save", "", a.cat.T("flag.save"))
	f.BoolVar(&o.withNames, "with-names", false, a.cat.T("flag.with-names"))
	f.StringVar(&o.load, "load", "", a.cat.T("flag.load"))
	f.StringVar(&o.compare, "compare", "", a.cat.T("flag.compare"))
	cmd.AddCommand(a.doctorListCommand(), a.doctorExplainCommand())
	return cmd
}

func (a *app) checkDoctor(o *doctorOptions) error {
	data := a.diag().Data
	switch {
	case o.wait < 0:
		return a.usage("error.flag-positive", "flag", "--wait", "value", o.wait)
	case o.window < 0:
		return a.usage("error.flag-positive", "flag", "--window", "value", o.window)
	case !slices.Contains([]string{failOnWarning, failOnCritical, failOnNever}, o.failOn):
		return a.usage("error.flag-choice", "flag", "--fail-on", "value", data(o.failOn),
			"choices", strings.Join([]string{failOnWarning, failOnCritical, failOnNever}, ", "))
	case o.load != "" && (o.save != "" || o.wait > 0 || o.window > 0):
		return a.usage("error.load-alone")
	case o.withNames && o.save == "":
		return a.usage("error.with-names-alone")
	}
	for _, word := range slices.Concat(o.only, o.skip) {
		if !findings.Known(word) {
			return a.usage("error.finding-unknown", "id", data(word))
		}
	}
	return nil
}

// runDoctor looks, judges, shows and decides the exit code, in this order.
func (a *app) runDoctor(ctx context.Context, o doctorOptions) error {
	if err := a.checkSave(o.save); err != nil {
		return err
	}
	previous, err := a.previous(o.compare)
	if err != nil {
		return err
	}
	d := &report.Diagnosis{
		Version: version, Started: a.env.Now(), Verbose: a.flags.verbose, FailOn: o.severity(), LoadedFrom: o.load,
	}
	e, err := a.look(ctx, o)
	var stop interruptedError
	interrupted := errors.As(err, &stop)
	if err != nil && !interrupted {
		return err
	}
	if interrupted {
		d.Status = string(report.StateInterrupted)
	}
	if interrupted && e.Server == nil && e.Trace.Failure == nil { // it had not come to anything that could be judged
		fillDiagnosis(d, e, findings.Verdict{})
		return a.showDiagnosis(d, stop.exitCode())
	}
	if o.load != "" {
		d.Started = e.Taken
	}
	verdict := findings.Judge(e).Filter(o.only, o.skip)
	fillDiagnosis(d, e, verdict)
	d.InFull = o.inFull(e)
	if previous != nil && !interrupted {
		d.Compared = compare(previous, e.Target.URL, verdict, o)
	}
	code := a.doctorCode(o, verdict)
	if interrupted {
		code = stop.exitCode()
	}
	if o.save == "" {
		return a.showDiagnosis(d, code)
	}
	size, err := a.saveEvidence(o, e)
	if err != nil {
		// The diagnosis is shown all the same: it is what was asked for.
		return errors.Join(a.showDiagnosis(d, ExitOK), err)
	}
	err = a.showDiagnosis(d, code)
	a.saidSaved(o, size)
	return err
}

// look gathers the evidence, or reads it from --load. The configuration's own failure is evidence too.
func (a *app) look(ctx context.Context, o doctorOptions) (*evidence.Evidence, error) {
	if o.load != "" {
		e, err := a.loadEvidence(o.load)
		return e, err
	}
	opts := diagnosis.Options{
		Conn: a.connOptions(), ReadOnly: a.flags.readOnly, Offline: o.offline, Window: o.window, Version: version,
		LookupEnv: a.env.LookupEnv, Now: a.env.Now,
	}
	cfg, err := a.load()
	var conf *config.Error
	if errors.As(err, &conf) {
		return diagnosis.Misconfigured(conf, opts), nil
	}
	if err != nil {
		return nil, err
	}
	opts.ReadOnly = a.flags.readOnly // which OLYMP_CACHE_READ_ONLY may have set
	if cfg.Settings.APIURL != "" {
		opts.API = &smoke.API{
			URL: cfg.Settings.APIURL, Key: apiKey, MaxTTL: apiTTL, Timeout: a.flags.timeout, UserAgent: "olymp-cache/" + version,
		}
	}
	waiting := a.awaitRedis(ctx, o.wait, cfg, opts)
	opts.OnStage = a.stageProgress(cfg.Target.Display(), o.window)
	e, err := diagnosis.Gather(ctx, cfg, opts)
	e.CommandsSent += waiting
	a.clearLine()
	return e, err
}

// awaitRedis climbs the ladder again and again, while --wait lasts, as long as what breaks may mend itself. It gives the number
// of commands that it took.
func (a *app) awaitRedis(ctx context.Context, wait time.Duration, cfg *config.Config, opts diagnosis.Options) (sent int) {
	for w := a.startWait(wait, cfg.Target); ctx.Err() == nil && w.left() > 0; {
		attempt := probe.Options{Conn: opts.Conn, ReadOnly: true}
		attempt.Conn.Timeout = w.timeout(attempt.Conn.Timeout)
		var seen trace.Trace
		var err error
		w.counting(func() {
			var conn *redisconn.Conn
			if seen, conn, err = probe.Climb(ctx, cfg.Target, attempt); conn != nil {
				sent += conn.CommandsSent()
				conn.Close()
			}
		})
		sent += seen.ExtraCommands
		if err != nil || seen.Failure == nil || !findings.Passing(seen.Failure.Finding.ID) {
			break
		}
		w.failed(ctx, seen.Failure.Finding)
	}
	a.clearLine()
	return sent
}

// stageProgress says, on a terminal, what a stage that takes a while is about.
func (a *app) stageProgress(target string, window time.Duration) func(diagnosis.Stage) {
	if !a.live() {
		return nil
	}
	return func(stage diagnosis.Stage) {
		text := ""
		switch stage {
		case diagnosis.StageAround:
			text = a.cat.T("doctor.looking-around")
		case diagnosis.StageWindow:
			text = a.cat.T("doctor.window", "window", a.cat.Span(window))
		case diagnosis.StageAPI:
			text = a.cat.T("doctor.calling-api")
		case diagnosis.StageClimb:
			text = a.cat.T("doctor.connecting", "target", a.diag().Data(target))
		case diagnosis.StageFacts:
			text = a.cat.T("doctor.asking")
		}
		a.progressLine(text)
	}
}

// inFull is the command that shows this diagnosis in full.
func (o doctorOptions) inFull(e *evidence.Evidence) string {
	if o.load != "" {
		return findings.OwnCommand(evidence.Target{}, "doctor", "-v", "--load", o.load)
	}
	return findings.OwnCommand(e.Target, "doctor", "-v")
}

// severity is from where on a finding fails the run.
func (o doctorOptions) severity() finding.Severity {
	switch o.failOn {
	case failOnWarning:
		return finding.Warning
	case failOnNever:
		return finding.Critical + 1
	}
	return finding.Critical
}

// doctorCode is the exit code; monitoring plugins have codes of their own.
func (a *app) doctorCode(o doctorOptions, v findings.Verdict) int {
	if a.flags.output == "nagios" {
		if v.Misconfigured {
			return nagiosUnknown
		}
		return nagiosCode(v.Status)
	}
	switch {
	case v.Misconfigured:
		return ExitUsage
	case o.failOn == failOnNever:
		return ExitOK
	case v.Status == findings.StatusUnreachable:
		return ExitUnreachable
	}
	for _, f := range v.Findings {
		if f.Severity >= o.severity() {
			return ExitFailed
		}
	}
	return ExitOK
}

// The exit codes of monitoring plugins (monitoring-plugins.org, «Plugin Return Codes»).
const (
	nagiosOK = iota
	nagiosWarning
	nagiosCritical
	nagiosUnknown
)

func nagiosCode(s findings.Status) int {
	switch s {
	case findings.StatusOK:
		return nagiosOK
	case findings.StatusWarning:
		return nagiosWarning
	case findings.StatusCritical, findings.StatusUnreachable:
		return nagiosCritical
	}
	return nagiosUnknown
}

// fillDiagnosis puts a verdict into the report.
func fillDiagnosis(d *report.Diagnosis, e *evidence.Evidence, v findings.Verdict) {
	if e != nil {
		d.Target, d.Steps, d.CommandsSent, d.Duration = diagnosedTarget(e), e.Trace.Steps, e.CommandsSent, e.Duration
		d.Perf, d.Window = perfOf(e), vitals.Window(e)
	}
	if len(v.Steps) > 0 {
		d.Steps, d.Findings, d.Misconfigured = v.Steps, v.Findings, v.Misconfigured
	}
	if d.Status == "" {
		d.Status, d.RootCause = string(v.Status), v.RootCause()
	}
	for _, s := range v.Skipped {
		d.Skipped = append(d.Skipped, report.SkippedRule{ID: s.ID, Reason: s.Reason, Detail: s.Detail})
	}
}

// diagnosedTarget is the target as reports show it, with what the server said of itself.
func diagnosedTarget(e *evidence.Evidence) report.Target {
	t, s := e.Target, e.Trace.Server
	r := report.Target{
		URL: t.URL, Source: t.Source, Host: t.Host, Port: t.Port, DB: t.DB, TLS: t.TLS, Provider: t.Provider,
		Mode: "unknown", Server: "unknown", ServerVersion: s.Version, Display: t.Display,
	}
	if t.Host == "" {
		r.Host = t.Path
	}
	if s.Mode != "" {
		r.Mode, r.Server = s.Mode, s.Product
	}
	return r
}

package cli

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/evidence"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/findings"
	"github.com/olympiades-ia/olymp-cache/internal/probe/trace"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
	"github.com/olympiades-ia/olymp-cache/internal/report"
	"github.com/olympiades-ia/olymp-cache/internal/smoke"
	"github.com/olympiades-ia/olymp-cache/internal/sorting"
	"github.com/olympiades-ia/olymp-cache/internal/surround"
)

// fromSettings is the value of a bare --api: the endpoint of OLYMP_CACHE_API_URL.
const fromSettings = "OLYMP_CACHE_API_URL"

// The key that the cached endpoint fills, and its longest TTL.
const (
	apiKey = "vitrine_cache" //nolint:gosec // the name of a key in Redis, no credential
	apiTTL = 5 * time.Minute
)

// apiPatience is how many network steps one call of the API may take: a free instance that sleeps needs most of a minute.
const apiPatience = 12

// testOptions are the flags of `test`.
type testOptions struct {
	wait    time.Duration
	offline bool // after a failure
	count   int
	force   bool
	api     string // "" off, fromSettings, or a URL
	apiKey  string
	apiTTL  time.Duration
	fresh   bool
}

func (a *app) testCommand() *cobra.Command {
	o := &testOptions{}
	cmd := &cobra.Command{
		Use: "test", Short: a.cat.T("test.short"), Long: a.cat.T("test.long"), Example: a.cat.T("test.example"),
		GroupID: groupDaily, Annotations: map[string]string{outputKey: "text json junit github markdown"},
		Args: func(cmd *cobra.Command, args []string) error { return a.testArgs(o, cmd, args) },
		RunE: func(cmd *cobra.Command, _ []string) error {
			err := a.checkTest(o, cmd.Flags().Changed("count"))
			if err == nil {
				err = a.runTest(cmd.Context(), *o)
			}
			return a.forCommand(cmd, err)
		},
	}
	f := cmd.Flags()
	f.DurationVar(&o.wait, "wait", 0, a.cat.T("flag.wait"))
	f.BoolVar(&o.offline, "offline", false, a.cat.T("flag.offline"))
	f.IntVar(&o.count, "count", 0, a.cat.T("flag.count"))
	f.BoolVar(&o.force, "force", false, a.cat.T("flag.force"))
	f.StringVar(&o.api, "api", "", a.cat.T("flag.api"))
	f.Lookup("api").NoOptDefVal = fromSettings
	f.StringVar(&o.apiKey, "api-key", apiKey, a.cat.T("flag.api-key"))
	f.DurationVar(&o.apiTTL, "api-ttl", apiTTL, a.cat.T("flag.api-ttl"))
	f.BoolVar(&o.fresh, "fresh", false, a.cat.T("flag.fresh"))
	return cmd
}

// testArgs takes `--api URL` too: a flag with an optional value leaves the URL behind as an argument.
func (a *app) testArgs(o *testOptions, cmd *cobra.Command, args []string) error {
	if o.api == fromSettings && len(args) == 1 && strings.Contains(args[0], "://") {
		o.api = args[0]
		return nil
	}
	return a.noArgs(cmd, args)
}

// checkTest refuses what cannot be meant; counted tells a --count 0 from none at all.
func (a *app) checkTest(o *testOptions, counted bool) error {
	data := a.diag().Data
	switch {
	case o.count < 0, o.count == 0 && counted:
		return a.usage("error.flag-positive", "flag", "--count", "value", o.count)
	case o.wait < 0:
		return a.usage("error.flag-positive", "flag", "--wait", "value", o.wait)
	case o.apiTTL <= 0:
		return a.usage("error.flag-positive", "flag", "--api-ttl", "value", o.apiTTL)
	case o.fresh && o.api == "":
		return a.usage("error.fresh-without-api")
	case o.api != "" && o.api != fromSettings && !isHTTP(o.api):
		return a.usage("error.api-url", "value", data(smoke.MaskURL(o.api)))
	}
	return nil
}

// isHTTP tells an address that can be called.
func isHTTP(raw string) bool {
	u, err := url.Parse(raw)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

func (a *app) runTest(ctx context.Context, o testOptions) error {
	cfg, err := a.load()
	if err != nil {
		return err
	}
	if o.fresh && a.flags.readOnly { // which OLYMP_CACHE_READ_ONLY may have set
		return a.usage("error.fresh-read-only")
	}
	c := &report.Check{
		Command: "test", Version: version, Target: reportTarget(cfg.Target, redisconn.Server{}), Enabled: cfg.Settings.Enabled,
		Started: a.env.Now(), State: report.StateOK,
	}
	opts := smoke.Options{
		Conn: a.connOptions(), ReadOnly: a.flags.readOnly, Count: o.count, AlertP99: cfg.Settings.AlertP99,
	}
	if o.api != "" {
		if opts.API, err = a.apiOptions(o, cfg); err != nil {
			return err
		}
	}
	render := a.checkRenderer(c)
	if !cfg.Settings.Enabled && !o.force {
		c.State = report.StateDisabled
		return render.finish(ExitOK)
	}
	render.text.Head(c)
	opts.OnStart = render.text.Begin
	opts.OnStep = func(s finding.Step) {
		a.clearLine()
		render.step(inContext(s, cfg.Target))
	}
	opts.OnRound = a.roundProgress()
	res := a.testUntilReady(ctx, o, cfg, opts)
	c.Steps, c.Latency, c.CommandsSent = res.Steps, res.Latency, res.CommandsSent
	c.Target = reportTarget(cfg.Target, res.Server)
	return a.concludeTest(ctx, o, c, res, cfg, render)
}

// concludeTest turns what was seen into the verdict and the exit code.
func (a *app) concludeTest(
	ctx context.Context, o testOptions, c *report.Check, res *smoke.Result, cfg *config.Config, render *checkRenderer,
) error {
	cause := a.causeOf(ctx, o, c, res, cfg)
	c.Duration = a.env.Now().Sub(c.Started)
	for i, s := range res.Steps {
		c.Steps[i] = inContext(s, cfg.Target)
		if p := c.Steps[i].Problem; p != nil {
			switch {
			case s.Status == finding.Warn:
				p.Severity = finding.Warning // what fails elsewhere did not matter here
			case cause != nil:
				c.Steps[i].Problem, p, cause = cause, cause, nil // of the first failure
			}
			if ctx.Err() != nil { // nobody looked around
				p.Evidence = append(p.Evidence, a.composeSeen()...)
			}
			c.Findings = append(c.Findings, findings.Advised(*p, evidence.TargetOf(cfg.Target)))
		}
	}
	if res.KeyLeft != "" {
		c.Findings = append(c.Findings, finding.Finding{ID: "write-key-left", Severity: finding.Warning, Evidence: []finding.Evidence{
			{Name: "key", Value: res.KeyLeft}, {Name: "ttl_s", Value: smoke.KeyTTL.Seconds(), Unit: "s"},
		}})
	}
	// A tolerated slip of the configuration matters where something failed; `doctor` shows it always.
	if res.Failed() {
		for _, f := range cfg.Findings {
			known := slices.ContainsFunc(c.Findings, func(g finding.Finding) bool { return g.ID == f.ID })
			if !known && (f.Severity >= finding.Warning || f.ID == "config-url-missing") {
				c.Findings = append(c.Findings, findings.WithFixes(f))
			}
		}
	}
	sorting.By(c.Findings, func(a, b finding.Finding) int { return int(b.Severity) - int(a.Severity) })
	var stop interruptedError
	code := ExitOK
	switch {
	case errors.As(res.Err, &stop):
		c.State, code = report.StateInterrupted, stop.exitCode()
	case res.Err != nil:
		return res.Err
	case res.Unreachable:
		c.State, code = report.StateUnreachable, ExitUnreachable
	case res.Failed():
		c.State, code = report.StateFailed, ExitFailed
	}
	return render.finish(code)
}

// composeSeen is evidence of how Compose is called here, where it takes no program to tell.
func (a *app) composeSeen() []finding.Evidence {
	if !surround.OnlyStandaloneCompose(nil, a.env.Home) {
		return nil
	}
	return []finding.Evidence{{Name: "compose_command", Value: "docker-compose", Source: "PATH"}}
}

// causeOf looks for what is behind the first failure; nil where the failure says all, or shows nothing more.
func (a *app) causeOf(
	ctx context.Context, o testOptions, c *report.Check, res *smoke.Result, cfg *config.Config,
) *finding.Finding {
	raw, rung := res.Problem(), trace.Write
	if raw == nil || ctx.Err() != nil || finding.Category(raw.ID) == "api" || finding.Category(raw.ID) == "write" {
		return nil
	}
	for _, s := range res.Steps {
		if s.Status == finding.Fail && s.Name == "ping" {
			rung = trace.Ping
		}
	}
	opts := a.gathering()
	opts.Offline = o.offline
	cause, sent := a.rootCause(ctx, cfg, rung, *raw, res.Unreachable, opts)
	c.CommandsSent += sent
	return cause
}

// inContext lets the sentences of a step's problem name the target.
func inContext(s finding.Step, t config.Target) finding.Step {
	if s.Problem != nil {
		p := findings.InContext(*s.Problem, evidence.TargetOf(t))
		s.Problem = &p
	}
	return s
}

func (a *app) apiOptions(o testOptions, cfg *config.Config) (*smoke.API, error) {
	endpoint := o.api
	if endpoint == fromSettings {
		endpoint = cfg.Settings.APIURL
	}
	if endpoint == "" {
		return nil, a.usage("error.api-no-url")
	}
	return &smoke.API{
		URL: endpoint, Key: o.apiKey, MaxTTL: o.apiTTL, Fresh: o.fresh,
		Timeout: apiPatience * a.flags.timeout, UserAgent: "olymp-cache/" + version,
	}, nil
}

// testUntilReady repeats the test, while --wait lasts, as long as what fails may mend itself. What an attempt shows is held back
// until it is known to be the one that counts.
func (a *app) testUntilReady(ctx context.Context, o testOptions, cfg *config.Config, opts smoke.Options) *smoke.Result {
	w := a.startWait(o.wait, cfg.Target)
	attempt := opts
	attempt.OnStart = nil
	attempt.OnStep = func(s finding.Step) {
		if s.Name == "connect" && s.Status == finding.OK {
			w.answered()
		}
	}
	var res, whole *smoke.Result // of the last attempt, and of the last one whose steps had all their time
	sent, again := 0, true
	for again && w.left() > 0 {
		attempt.Conn.Timeout = w.timeout(opts.Conn.Timeout)
		var now *smoke.Result
		w.counting(func() { now = smoke.Run(ctx, cfg.Target, attempt) })
		sent += now.CommandsSent
		if res == nil || now.Err == nil || len(now.Steps) > 1 {
			res = now
		} // else it was interrupted before it saw anything: the attempt before says more
		if attempt.Conn.Timeout == opts.Conn.Timeout {
			whole = res
		}
		problem := res.Problem()
		if again = problem != nil && findings.Passing(problem.ID) && res.Err == nil; again {
			w.failed(ctx, *problem)
		}
		if ctx.Err() != nil && again {
			again, res.Err = false, context.Cause(ctx)
		}
	}
	a.clearLine()
	if again && whole != nil {
		res, again = whole, false // one more attempt would make a silent server outlast the wait
	}
	if again {
		res = smoke.Run(ctx, cfg.Target, opts)
		sent += res.CommandsSent
	} else {
		for _, s := range res.Steps {
			opts.OnStep(s)
		}
	}
	res.CommandsSent = sent
	return res
}

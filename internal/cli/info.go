package cli

import (
	"cmp"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/diagnosis"
	"github.com/olympiades-ia/olymp-cache/internal/evidence"
	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/findings"
	"github.com/olympiades-ia/olymp-cache/internal/report"
	"github.com/olympiades-ia/olymp-cache/internal/vitals"
)

// infoOptions are the flags of `info`.
type infoOptions struct {
	sections []string
	raw      bool
	textfile string // the file that node_exporter reads
	watch    string // the interval of a live view as it was written; "" for none
	duration time.Duration
}

// alertsSection is the part of the report that is judged; --section takes its name too.
const alertsSection = "alerts"

func (a *app) infoCommand() *cobra.Command {
	o := &infoOptions{}
	cmd := &cobra.Command{
		Use: "info", Short: a.cat.T("info.short"), Long: a.cat.T("info.long"), Example: a.cat.T("info.example"),
		GroupID: groupDaily, Annotations: map[string]string{outputKey: "text json prometheus"},
		Args: func(cmd *cobra.Command, args []string) error {
			return a.noArgs(cmd, o.takeInterval(args))
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			err := a.wantValues(cmd, "section", "textfile")
			if err == nil {
				err = a.checkInfo(o)
			}
			if err == nil {
				err = a.checkWatch(cmd, o)
			}
			switch {
			case err != nil:
			case o.watch != "":
				err = a.runWatch(cmd.Context(), *o)
			default:
				err = a.runInfo(cmd.Context(), *o)
			}
			return a.forCommand(cmd, err)
		},
	}
	f := cmd.Flags()
	f.StringSliceVar(&o.sections, "section", nil, a.cat.T("flag.section"))
	f.BoolVar(&o.raw, "raw", false, a.cat.T("flag.raw"))
	f.StringVar(&o.textfile, "textfile", "", a.cat.T("flag.textfile"))
	f.StringVar(&o.watch, "watch", "", a.cat.T("flag.watch"))
	f.Lookup("watch").NoOptDefVal = defaultInterval
	f.DurationVar(&o.duration, "duration", 0, a.cat.T("flag.duration"))
	// The only error is a flag that does not exist, which the tests of completion would show.
	_ = cmd.RegisterFlagCompletionFunc("section", cobra.FixedCompletions(infoSections(), cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// wantValues refuses a flag that is given without a value, as --textfile "$UNSET" is: it would be taken for not given.
func (a *app) wantValues(cmd *cobra.Command, flags ...string) error {
	for _, name := range flags {
		if f := cmd.Flags().Lookup(name); f.Changed && strings.Trim(f.Value.String(), "[]") == "" {
			return a.usage("error.value-missing", "flag", name)
		}
	}
	return nil
}

// infoSections are the names that --section takes.
func infoSections() []string { return append([]string{alertsSection}, vitals.Names()...) }

func (a *app) checkInfo(o *infoOptions) error {
	if o.textfile != "" && a.flags.output != "" && a.flags.output != "prometheus" {
		return a.usage("error.textfile-output")
	}
	if o.raw {
		if a.flags.output != "" && a.flags.output != "text" || o.textfile != "" {
			return a.usage("error.raw-alone")
		}
		return nil // INFO's own sections: the server knows which there are
	}
	if len(o.sections) > 0 && o.metrics(a) {
		return a.usage("error.section-metrics")
	}
	for _, name := range o.sections {
		if !slices.Contains(infoSections(), name) {
			return a.usage("error.section-unknown", "name", a.diag().Data(name), "choices", strings.Join(infoSections(), ", "))
		}
	}
	return nil
}

func (a *app) runInfo(ctx context.Context, o infoOptions) error {
	cfg, err := a.loadDatabase()
	if err != nil {
		return err
	}
	if o.raw {
		return a.rawInfo(ctx, cfg, o.sections)
	}
	a.progressLine(a.cat.T("info.gathering"))
	e, err := diagnosis.Vitals(ctx, cfg, a.gathering())
	a.clearLine()
	if err != nil {
		return a.infoUnreached(ctx, cfg, o, e, err)
	}
	i := infoReport(e, o)
	switch {
	case o.metrics(a):
		return a.writeMetrics(o, append(vitals.Metrics(e), report.AlertMetrics(i.Alerts)...))
	case a.flags.output == "json":
		return report.InfoJSON(a.env.Stdout, i)
	}
	out := a.out()
	t := &report.Text{Screen: out, Words: report.Words{C: a.cat, Data: out.Data}, Quiet: a.flags.quiet}
	t.Info(i)
	return t.Err()
}

// metrics tells whether numbers for Prometheus are wanted.
func (o infoOptions) metrics(a *app) bool { return o.textfile != "" || a.flags.output == "prometheus" }

// infoUnreached says why there are no numbers: to people on stderr, to programs in the document that they asked for.
func (a *app) infoUnreached(ctx context.Context, cfg *config.Config, o infoOptions, e *evidence.Evidence, err error) error {
	cause, verdict := a.unreachedCause(ctx, cfg, err)
	switch {
	case cause == "" || e.Server != nil: // interrupted: nothing is known, not even that it is down
		return verdict
	case o.metrics(a):
		return errors.Join(a.writeMetrics(o, downMetrics()), verdict)
	case a.flags.output == "json":
		return errors.Join(report.InfoJSON(a.env.Stdout, &report.Info{
			Version: version, Target: diagnosedTarget(e), RootCause: cause, Started: e.Taken, Duration: a.env.Now().Sub(e.Taken),
		}), verdict)
	}
	return verdict
}

// downMetrics is what a server that cannot be reached leaves of its metrics.
func downMetrics() []finding.Metric {
	return []finding.Metric{{Name: "redis_up", Help: "Whether the server answered INFO", Samples: []finding.Sample{{Value: 0}}}}
}

// writeMetrics writes to the file of --textfile, whole or not at all, else to stdout.
func (a *app) writeMetrics(o infoOptions, all []finding.Metric) error {
	if o.textfile == "" {
		return report.Prometheus(a.env.Stdout, all)
	}
	err := writeWhole(a.path(o.textfile), worldReadable, func(w io.Writer) error { return report.Prometheus(w, all) })
	if err != nil {
		return a.usage("error.write-file", "file", a.diag().Data(o.textfile), "reason", a.diag().Data(pathReason(err)))
	}
	return nil
}

// gathering is how the commands that only look are to look.
func (a *app) gathering() diagnosis.Options {
	return diagnosis.Options{
		Conn: a.connOptions(), ReadOnly: true, Version: version, LookupEnv: a.env.LookupEnv, Now: a.env.Now,
	}
}

// infoReport is the report of one look.
func infoReport(e *evidence.Evidence, o infoOptions) *report.Info {
	return sectionsReport(e, findings.Alerts(e), vitals.Of(e), o)
}

// sectionsReport picks the sections that were asked for.
func sectionsReport(e *evidence.Evidence, alerts []findings.Alert, sections []vitals.Section, o infoOptions) *report.Info {
	i := &report.Info{
		Version: version, Target: diagnosedTarget(e), CommandsSent: e.CommandsSent, Started: e.Taken, Duration: e.Duration,
	}
	wanted := func(name string) bool { return len(o.sections) == 0 || slices.Contains(o.sections, name) }
	for _, n := range e.Server.Nodes {
		if n.Info.Unreached() {
			i.SilentNodes++
		}
		i.Loading = i.Loading || n.Info.Value.Persistence.Loading.Or(false)
	}
	for _, al := range alerts {
		i.Worst = max(i.Worst, al.State)
		if wanted(alertsSection) {
			i.Alerts = append(i.Alerts, report.Alert{
				ID: al.ID, Value: al.Value, Threshold: al.Threshold, State: al.State, Reason: al.Reason, Detail: al.Detail,
			})
		}
	}
	for _, s := range sections {
		if !wanted(s.Name) {
			continue
		}
		shown := report.Section{Name: s.Name, Values: s.Values}
		for _, t := range s.Tables {
			shown.Tables = append(shown.Tables, report.Table{Name: t.Name, Rows: t.Rows})
		}
		for _, r := range s.Refused {
			shown.Refused = append(shown.Refused, report.Refusal{
				Reason: reasonOf(r), Detail: strings.TrimSuffix(r.Source+": "+cmp.Or(r.Reply, r.Cause), ": "),
			})
		}
		i.Sections = append(i.Sections, shown)
	}
	return i
}

// reasonOf is the word for a question that drew no answer, as doctor's skipped rules have it.
func reasonOf(r vitals.Refusal) string {
	switch {
	case r.Status == snapshot.Unsupported:
		return findings.ReasonUnsupported
	case r.Unreached:
		return findings.ReasonUnreachable
	}
	return findings.ReasonRefused
}

// rawInfo passes on what INFO says, server by server; control characters in it are shown escaped. A server that does not answer
// costs the others nothing but the exit code.
func (a *app) rawInfo(ctx context.Context, cfg *config.Config, sections []string) error {
	answers, err := diagnosis.RawInfo(ctx, cfg, a.gathering(), sections)
	if err != nil {
		return a.unreached(ctx, cfg, err)
	}
	out := a.out()
	var failed error
	for _, one := range answers {
		if one.Err != nil {
			failed = cmp.Or(failed, one.Err)
			continue
		}
		if len(answers) > 1 {
			if _, err := io.WriteString(out.Out, "# "+out.Data(one.Addr)+"\n"); err != nil {
				return err
			}
		}
		for line := range strings.Lines(one.Text) {
			if _, err := io.WriteString(out.Out, out.Data(strings.TrimRight(line, "\r\n"))+"\n"); err != nil {
				return err
			}
		}
	}
	if failed != nil {
		return a.unreached(ctx, cfg, failed)
	}
	return nil
}

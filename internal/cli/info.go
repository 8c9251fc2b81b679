package cli

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"

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
}

// alertsSection is the part of the report that is judged; --section takes its name too.
const alertsSection = "alerts"

func (a *app) infoCommand() *cobra.Command {
	o := &infoOptions{}
	cmd := &cobra.Command{
		Use: "info", Short: a.cat.T("info.short"), Long: a.cat.T("info.long"), Example: a.cat.T("info.example"),
		GroupID: groupDaily, Annotations: map[string]string{outputKey: "text json prometheus"},
		Args: a.noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			err := a.checkInfo(o)
			if err == nil {
				err = a.runInfo(cmd.Context(), *o)
			}
			return a.forCommand(cmd, err)
		},
	}
	f := cmd.Flags()
	f.StringSliceVar(&o.sections, "section", nil, a.cat.T("flag.section"))
	f.BoolVar(&o.raw, "raw", false, a.cat.T("flag.raw"))
	f.StringVar(&o.textfile, "textfile", "", a.cat.T("flag.textfile"))
	// The only error is a flag that does not exist, which the tests of completion would show.
	_ = cmd.RegisterFlagCompletionFunc("section", cobra.FixedCompletions(infoSections(), cobra.ShellCompDirectiveNoFileComp))
	return cmd
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
	for _, name := range o.sections {
		if !slices.Contains(infoSections(), name) {
			return a.usage("error.section-unknown", "name", a.diag().Data(name), "choices", strings.Join(infoSections(), ", "))
		}
	}
	return nil
}

func (a *app) runInfo(ctx context.Context, o infoOptions) error {
	cfg, err := a.load()
	if err != nil {
		return err
	}
	if o.raw {
		return a.rawInfo(ctx, cfg, o.sections)
	}
	a.progressLine(a.cat.T("info.gathering"))
	e, err := diagnosis.Vitals(ctx, cfg, a.gathering())
	a.clearLine()
	metrics := o.textfile != "" || a.flags.output == "prometheus"
	if err != nil {
		if metrics && e.Server == nil {
			err = errors.Join(a.writeMetrics(o, downMetrics()), a.unreached(ctx, cfg, err))
		} else {
			err = a.unreached(ctx, cfg, err)
		}
		return err
	}
	i := infoReport(e, o)
	switch {
	case metrics:
		return a.writeMetrics(o, append(vitals.Metrics(e), report.AlertMetrics(i.Alerts)...))
	case a.flags.output == "json":
		return report.InfoJSON(a.env.Stdout, i)
	}
	out := a.out()
	t := &report.Text{Screen: out, Words: report.Words{C: a.cat, Data: out.Data}, Quiet: a.flags.quiet}
	t.Info(i)
	return t.Err()
}

// downMetrics is what a server that cannot be reached leaves of its metrics.
func downMetrics() []finding.Metric {
	return []finding.Metric{{Name: "redis_up", Help: "Whether the server answered", Samples: []finding.Sample{{Value: 0}}}}
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

// infoReport picks the sections that were asked for.
func infoReport(e *evidence.Evidence, o infoOptions) *report.Info {
	i := &report.Info{
		Version: version, Target: diagnosedTarget(e), CommandsSent: e.CommandsSent, Started: e.Taken, Duration: e.Duration,
	}
	wanted := func(name string) bool { return len(o.sections) == 0 || slices.Contains(o.sections, name) }
	if wanted(alertsSection) {
		for _, al := range findings.Alerts(e) {
			i.Alerts = append(i.Alerts, report.Alert{
				ID: al.ID, Value: al.Value, Threshold: al.Threshold, State: al.State, Reason: al.Reason, Detail: al.Detail,
			})
		}
	}
	for _, s := range vitals.Of(e) {
		if !wanted(s.Name) {
			continue
		}
		shown := report.Section{Name: s.Name, Values: s.Values}
		for _, t := range s.Tables {
			shown.Tables = append(shown.Tables, report.Table{Name: t.Name, Rows: t.Rows})
		}
		if s.Status != snapshot.OK {
			shown.Reason, shown.Detail = reasonOf(s.Status), strings.TrimSuffix(s.Source+": "+s.Reply, ": ")
		}
		i.Sections = append(i.Sections, shown)
	}
	return i
}

// reasonOf is the word for a question that drew no answer, as doctor's skipped rules have it.
func reasonOf(s snapshot.Status) string {
	switch s {
	case snapshot.NotAsked:
		return findings.ReasonNotAsked
	case snapshot.Unsupported:
		return findings.ReasonUnsupported
	}
	return findings.ReasonRefused
}

// rawInfo passes on what INFO says, server by server; control characters in it are shown escaped.
func (a *app) rawInfo(ctx context.Context, cfg *config.Config, sections []string) error {
	answers, err := diagnosis.RawInfo(ctx, cfg, a.gathering(), sections)
	if err != nil {
		return a.unreached(ctx, cfg, err)
	}
	out := a.out()
	for _, one := range answers {
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
	return nil
}

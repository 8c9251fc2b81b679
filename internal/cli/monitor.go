package cli

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/monitor"
	"github.com/olympiades-ia/olymp-cache/internal/monitor/traffic"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
	"github.com/olympiades-ia/olymp-cache/internal/report"
	"github.com/olympiades-ia/olymp-cache/internal/term"
)

// monitorOptions are the flags of `monitor`.
type monitorOptions struct {
	window   time.Duration
	top      bool
	commands []string
	match    []string
	clients  []string
	limit    int
	noValues bool
}

func (a *app) monitorCommand() *cobra.Command {
	o := &monitorOptions{}
	cmd := &cobra.Command{
		Use: "monitor", Short: a.cat.T("monitor.short"), Long: a.cat.T("monitor.long"), Example: a.cat.T("monitor.example"),
		GroupID: groupDaily, Annotations: map[string]string{outputKey: "text json"},
		Args: a.noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			filter, err := a.checkMonitor(o)
			if err == nil {
				err = a.runMonitor(cmd.Context(), *o, filter)
			}
			return a.forCommand(cmd, err)
		},
	}
	f := cmd.Flags()
	f.DurationVar(&o.window, "for", 10*time.Second, a.cat.T("flag.for"))
	f.BoolVar(&o.top, "top", false, a.cat.T("flag.top"))
	f.StringSliceVar(&o.commands, "command", nil, a.cat.T("flag.command"))
	f.StringArrayVar(&o.match, "match", nil, a.cat.T("flag.match")) // a comma may belong to a key
	f.StringSliceVar(&o.clients, "client", nil, a.cat.T("flag.client"))
	f.IntVar(&o.limit, "limit", 0, a.cat.T("flag.limit"))
	f.BoolVar(&o.noValues, "no-values", false, a.cat.T("flag.no-values"))
	return cmd
}

func (a *app) checkMonitor(o *monitorOptions) (*traffic.Matcher, error) {
	switch {
	case o.window < 0:
		return nil, a.usage("error.flag-negative", "flag", "--for", "value", o.window)
	case o.limit < 0:
		return nil, a.usage("error.flag-negative", "flag", "--limit", "value", o.limit)
	}
	filter, bad, err := traffic.Filter{Commands: o.commands, Match: o.match, Clients: o.clients}.Compile()
	switch {
	case errors.Is(err, traffic.ErrClient):
		return nil, a.usage("error.client", "client", a.diag().Data(bad))
	case err != nil:
		return nil, a.usage("error.pattern", "pattern", a.diag().Data(bad))
	}
	return filter, nil
}

func (a *app) runMonitor(ctx context.Context, o monitorOptions, filter *traffic.Matcher) error {
	cfg, err := a.loadDatabase()
	if err != nil {
		return err
	}
	v := &monitorView{app: a, options: o, target: cfg.Target}
	a.sayCost(o, cfg.Target)
	listen := monitor.Options{
		Conn: a.connOptions(), For: o.window, Limit: uint64(o.limit), Filter: filter, Begun: v.begun, //nolint:gosec // checked
	}
	if o.top {
		listen.Progress = v.progress()
	}
	res, err := monitor.Run(ctx, cfg.Target, listen)
	a.clearLine()
	if res == nil {
		return a.monitorFailed(ctx, cfg, err)
	}
	if shown := v.conclude(res); err == nil || shown != nil && !isInterrupted(err) {
		err = errors.Join(err, shown)
	}
	if res.Lost == nil {
		return err
	}
	if err != nil {
		return a.unreached(ctx, cfg, err)
	}
	return verdict(ExitFailed)
}

func isInterrupted(err error) bool {
	var stop interruptedError
	return errors.As(err, &stop)
}

// sayCost says on stderr what MONITOR does to the server, before it does.
func (a *app) sayCost(o monitorOptions, target config.Target) {
	if a.flags.quiet {
		return
	}
	s := a.diag()
	length := a.cat.Duration(o.window)
	if o.window >= time.Second && o.window%time.Second == 0 {
		length = a.cat.Span(o.window)
	}
	id, pairs := "monitor.cost", []any{"target", s.Data(target.Display())}
	if o.window == 0 {
		id = "monitor.cost.endless"
	} else {
		pairs = append(pairs, "for", length)
	}
	sign := s.Sign(term.SymWarn)
	a.say(s, sign+" "+s.Paint(term.Dim, s.Wrap(a.cat.T(id, pairs...), term.Columns(sign)+1)))
}

// monitorView shows a run as the flags want it.
type monitorView struct {
	*app
	options monitorOptions
	target  config.Target

	lines *report.CommandLines // where every command is a line of JSON
}

// begun is told when the servers have agreed, and gives what shows their commands; nil with --top.
func (v *monitorView) begun(b monitor.Begun) monitor.Show {
	s := v.diag()
	if len(b.Unseen) > 0 && !v.flags.quiet {
		for i, name := range b.Unseen {
			b.Unseen[i] = strings.ToUpper(strings.ReplaceAll(name, "|", " "))
		}
		v.say(s, s.Sign(term.SymWarn)+" "+s.Paint(term.Warn, s.Wrap(v.cat.T("monitor.unseen", "names", s.Data(strings.Join(b.Unseen, ", "))), 3)))
	}
	switch {
	case v.options.top:
		return nil
	case v.flags.output == "json":
		v.lines = report.NewCommandLines(v.env.Stdout)
		v.lines.Nodes, v.lines.Redact, v.lines.NoValues = b.Nodes, v.target.Redact, v.options.noValues
		return v.lines
	default:
		c := report.NewCommands(v.env.Stdout, v.out())
		c.Nodes, c.Redact, c.NoValues = b.Nodes, v.target.Redact, v.options.noValues
		return c
	}
}

// progress is the line of --top on a terminal; nil where nobody could see it.
func (v *monitorView) progress() func(monitor.Progress) {
	if !v.live() {
		return nil
	}
	return func(p monitor.Progress) {
		rate := v.cat.Float(float64(p.Seen)/p.Elapsed.Seconds(), 0)
		n := v.cat.Int(int64(p.Seen)) //nolint:gosec // far below
		if v.options.window == 0 {
			v.progressLine(v.cat.T("monitor.progress.endless", "n", n, "rate", rate))
			return
		}
		v.progressLine(v.cat.T("monitor.progress", "n", n, "rate", rate, "left", v.cat.Span(v.options.window-p.Elapsed)))
	}
}

// conclude writes the sum: to stdout with --top or as JSON, otherwise a line to stderr.
func (v *monitorView) conclude(res *monitor.Result) error {
	m := v.report(res)
	switch {
	case v.options.top && v.flags.output == "json":
		return report.MonitorJSON(v.env.Stdout, m)
	case v.lines != nil:
		return v.lines.Summary(m)
	case v.options.top:
		out := v.out()
		t := &report.Text{Screen: out, Words: v.words(out), Quiet: v.flags.quiet}
		t.Monitor(m)
		return t.Err()
	}
	s := v.diag()
	w := v.words(s)
	if m.Ended == string(monitor.EndLost) {
		v.complain(s, m.Verdict(w), "")
		return nil
	}
	if v.flags.quiet {
		return nil
	}
	for _, note := range m.Notes(w) {
		v.say(s, s.Sign(term.SymWarn)+" "+s.Paint(term.Warn, s.Wrap(note, 3)))
	}
	v.say(s, s.Sign(term.SymOK)+" "+s.Wrap(m.Verdict(w), 3))
	return nil
}

// report is the result as reports show it.
func (v *monitorView) report(res *monitor.Result) *report.Monitor {
	m := &report.Monitor{
		Version: version, Target: reportTarget(v.target, res.Server), Started: res.Started, Window: v.options.window,
		Elapsed: res.Elapsed, Ended: string(res.End), Nodes: res.Nodes, Seen: res.Seen, Wanted: res.Wanted, Dropped: res.Dropped,
		Unreadable: res.Unreadable, Nameless: res.Nameless, KeysTold: res.KeysTold, Tally: res.Tally, Redact: v.target.Redact,
		CommandsSent: res.Commands,
	}
	if res.Lost != nil {
		m.LostNode, m.LostCause = res.Lost.Addr, res.Lost.Cause
	}
	if w := res.Window; w != nil {
		if n, ok := w.Total.Hits.Get(); ok {
			m.Hits = &n
		}
		if n, ok := w.Total.Misses.Get(); ok {
			m.Misses = &n
		}
	}
	return m
}

// monitorFailed says why nothing was heard.
func (a *app) monitorFailed(ctx context.Context, cfg *config.Config, err error) error {
	var (
		unknown *monitor.UnknownCommandError
		names   *monitor.NamesRefusedError
		refused *monitor.RefusedError
	)
	s := a.diag()
	switch {
	case errors.As(err, &unknown):
		return a.usage("error.command-not-there", "name", s.Data(strings.ToUpper(strings.ReplaceAll(unknown.Name, "|", " "))))
	case errors.As(err, &names):
		return a.usage("error.names-refused", "reply", s.Data(names.Reply))
	case errors.As(err, &refused):
		a.sayRefused(s, cfg.Target, refused.Err)
		return verdict(ExitFailed)
	}
	return a.unreached(ctx, cfg, err)
}

// sayRefused says what to do where MONITOR is not to be had.
func (a *app) sayRefused(s term.Screen, target config.Target, e *redisconn.Error) {
	a.complain(s, a.cat.T("monitor.refused", "reply", s.Data(e.Reply)), "")
	if a.flags.quiet {
		return
	}
	hint := func(text, command string) {
		sign := s.Sign(term.SymHint)
		a.say(s, "   "+sign+" "+s.Wrap(text, 4+term.Columns(sign)))
		a.say(s, "      "+s.Paint(term.Command, command))
	}
	if e.ID == "auth-no-permission" && target.Provider == "" {
		user := "default"
		if target.Username != "" && target.Password != "" {
			user = target.Username
		}
		hint(a.cat.T("monitor.refused.grant"), "ACL SETUSER "+s.Data(user)+" +monitor")
	}
	hint(a.cat.T("monitor.refused.instead"), "olymp-cache info --section commands")
	hint(a.cat.T("monitor.refused.slow"), "olymp-cache doctor")
}

package cli

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/keyname"
	"github.com/olympiades-ia/olymp-cache/internal/keyspace"
	"github.com/olympiades-ia/olymp-cache/internal/keyspace/profile"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
	"github.com/olympiades-ia/olymp-cache/internal/report"
)

// statsOptions are the flags of `keys stats`.
type statsOptions struct {
	filter     keyspace.Filter
	exact      bool
	sample     int64
	precision  percentValue
	depth      int
	separators string
	top        int
	pace       keyspace.Pace
	resume     string // the file that keeps how far a reading came
}

// exactBelow is from how many keys on a sample is taken.
const exactBelow = 200_000

func (a *app) keysStatsCommand() *cobra.Command {
	o := &statsOptions{}
	cmd := &cobra.Command{
		Use: "stats [PATTERN]", Short: a.cat.T("stats.short"), Long: a.cat.T("stats.long"), Example: a.cat.T("stats.example"),
		Annotations: map[string]string{outputKey: "text json csv"},
		Args:        a.onePattern,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				o.filter.Pattern = args[0]
			}
			err := a.checkStats(o)
			if err == nil {
				err = a.runStats(cmd.Context(), *o)
			}
			return a.forCommand(cmd, err)
		},
	}
	f := cmd.Flags()
	f.BoolVar(&o.exact, "exact", false, a.cat.T("flag.exact"))
	f.Int64Var(&o.sample, "sample", 0, a.cat.T("flag.sample"))
	f.Var(&o.precision, "precision", a.cat.T("flag.precision"))
	f.IntVar(&o.depth, "depth", 0, a.cat.T("flag.depth"))
	f.StringVar(&o.separators, "separator", keyname.Separators, a.cat.T("flag.separator"))
	f.StringVar(&o.filter.Type, "type", "", a.cat.T("flag.type"))
	f.IntVar(&o.top, "top", 10, a.cat.T("flag.biggest"))
	f.BoolVar(&o.pace.Gentle, "gentle", false, a.cat.T("flag.gentle"))
	f.Int64Var(&o.pace.MaxRate, "max-rate", 0, a.cat.T("flag.max-rate"))
	f.DurationVar(&o.pace.Deadline, "max-time", 0, a.cat.T("flag.max-time"))
	f.Int64Var(&o.pace.Budget, "budget", 0, a.cat.T("flag.budget"))
	// The only error is a flag that does not exist, which the tests of completion would show.
	_ = cmd.RegisterFlagCompletionFunc("type", cobra.FixedCompletions(keyTypes, cobra.ShellCompDirectiveNoFileComp))
	f.StringVar(&o.resume, "resume", "", a.cat.T("flag.resume"))
	return cmd
}

// onePattern takes one pattern at most, that Redis understands as it is written.
func (a *app) onePattern(cmd *cobra.Command, args []string) error {
	switch {
	case len(args) > 1:
		return a.forCommand(cmd, a.usage("error.one-pattern", "arg", a.diag().Data(args[1])))
	case len(args) == 1 && config.LoginArgument(args[0]):
		return a.forCommand(cmd, a.usage("error.key-not-address", "arg", args[0]))
	case len(args) == 1:
		return a.forCommand(cmd, a.checkPattern(args[0]))
	}
	return nil
}

func (a *app) checkPattern(pattern string) error {
	var bad *keyname.PatternError
	if errors.As(keyname.Check(pattern), &bad) {
		return a.usage("error.pattern."+string(bad.Why), "pattern", a.diag().Data(pattern))
	}
	return nil
}

func (a *app) checkStats(o *statsOptions) error {
	for _, n := range []struct {
		flag  string
		value int64
	}{
		{"--sample", o.sample},
		{"--depth", int64(o.depth)},
		{"--top", int64(o.top)},
		{"--max-rate", o.pace.MaxRate},
		{"--max-time", int64(o.pace.Deadline)},
		{"--budget", o.pace.Budget},
	} {
		if n.value < 0 {
			return a.usage("error.flag-positive", "flag", n.flag, "value", n.value)
		}
	}
	switch {
	case o.resume != "" && (o.sample > 0 || o.precision > 0):
		return a.usage("error.resume-exact")
	case o.exact && (o.sample > 0 || o.precision > 0):
		return a.usage("error.exact-sample")
	case o.separators == "":
		return a.usage("error.separator-empty")
	}
	return nil
}

func (a *app) runStats(ctx context.Context, o statsOptions) error {
	cfg, err := a.loadDatabase()
	if err != nil {
		return err
	}
	started := a.env.Now()
	var from *keyspace.Checkpoint
	if o.resume != "" {
		if from, err = a.resumeFrom(o, cfg.Target.URL); err != nil {
			return err
		}
		o.exact = true
	}
	conn, err := redisconn.Open(ctx, cfg.Target, a.connOptions())
	if err != nil {
		return a.unreached(ctx, cfg, err)
	}
	defer conn.Close()
	progress := &keyspace.Progress{}
	stop := a.watchProgress(progress)
	res, method, err := a.profile(ctx, conn, o, from, progress)
	stop()
	if errors.Is(err, keyspace.ErrOtherServers) {
		return a.usage("error.resume-other", "file", a.diag().Data(o.resume))
	}
	if o.resume != "" && res != nil && res.Profile != nil {
		if kerr := a.keepResume(o, cfg.Target.URL, res.Checkpoint); kerr != nil {
			err = errors.Join(kerr, err)
		}
	}
	k := keyStats(cfg, conn, o, res, method)
	if k == nil {
		return a.unreached(ctx, cfg, err)
	}
	if err == nil && o.filter == (keyspace.Filter{}) && o.pace.Budget == 0 {
		k.ValueSizes, err = keyspace.KeySizes(ctx, conn)
	}
	k.CommandsSent = conn.CommandsSent()
	k.Duration = a.env.Now().Sub(started)
	if err != nil && k.Partial == "" {
		k.Partial = "failed"
	}
	if werr := a.writeStats(k); werr != nil {
		return werr
	}
	if err != nil {
		return a.unreached(ctx, cfg, err)
	}
	return nil
}

// profile reads all where that was asked for or is quickly done, else a sample.
func (a *app) profile(
	ctx context.Context, conn *redisconn.Conn, o statsOptions, from *keyspace.Checkpoint, p *keyspace.Progress,
) (*keyspace.Result, string, error) {
	po := keyspace.ProfileOptions{
		Options: profile.Options{Naming: profile.Naming{Separators: o.separators, Depth: o.depth}, Top: o.top},
		Filter:  o.filter, Pace: o.pace, Progress: p, From: from,
	}
	exact := o.exact
	if !exact && o.sample == 0 && o.precision == 0 {
		n, err := keyspace.Count(ctx, conn)
		if err != nil {
			return nil, "", err
		}
		exact = n <= exactBelow && (o.pace.Budget == 0 || n*commandsPerKey <= o.pace.Budget)
	}
	if exact {
		res, err := keyspace.Exact(ctx, conn, po)
		return res, report.MethodExact, err
	}
	res, err := keyspace.Sampled(ctx, conn, keyspace.SampleOptions{ProfileOptions: po, Keys: o.sample, Precision: float64(o.precision)})
	method := report.MethodSample
	if res != nil && res.Random {
		method = report.MethodRandom
	}
	return res, method, err
}

// commandsPerKey is what reading one key costs: its size, type and time to live, and its part of a page.
const commandsPerKey = 4

func keyStats(cfg *config.Config, conn *redisconn.Conn, o statsOptions, res *keyspace.Result, method string) *report.KeyStats {
	if res == nil || res.Profile == nil {
		return nil
	}
	k := &report.KeyStats{
		Version: version, Target: reportTarget(cfg.Target, conn.Server()), Pattern: o.filter.Pattern, Type: o.filter.Type,
		Method: method, Partial: res.Partial, KeysTotal: res.Total, Profile: res.Profile, Estimated: res.Estimated, Hidden: res.Hidden,
	}
	for _, r := range res.Refused {
		k.Refused = append(k.Refused, report.RefusedAsk{Command: r.Command, Reply: r.Reply})
	}
	return k
}

func (a *app) writeStats(k *report.KeyStats) error {
	switch a.flags.output {
	case "json":
		return report.KeyStatsJSON(a.env.Stdout, k)
	case "csv":
		return report.KeyStatsCSV(a.env.Stdout, k)
	}
	out := a.out()
	t := &report.Text{Screen: out, Words: report.Words{C: a.cat, Data: out.Data}, Quiet: a.flags.quiet}
	t.KeyStats(k)
	return t.Err()
}

// progressEvery is how often a line of progress is written anew.
const progressEvery = 200 * time.Millisecond

// watchProgress shows how far a run has come, on a terminal and once it takes a while, until stop is called.
func (a *app) watchProgress(p *keyspace.Progress) (stop func()) {
	return a.drawProgress(func(passed time.Duration) string { return a.progressText(p, passed) })
}

// drawProgress draws a line of progress again and again, until stop is called.
func (a *app) drawProgress(line func(passed time.Duration) string) (stop func()) {
	if !a.live() {
		return func() {}
	}
	end, ended := make(chan struct{}), make(chan struct{})
	started := a.env.Now()
	go func() {
		defer close(ended)
		tick := time.NewTicker(progressEvery)
		defer tick.Stop()
		for {
			select {
			case <-end:
				a.clearLine()
				return
			case <-tick.C:
				a.progressLine(line(a.env.Now().Sub(started)))
			}
		}
	}()
	return func() {
		close(end)
		<-ended
	}
}

// progressText is «12 345 of 1 000 000 keys (1 %), 240 000/s, 4 s left».
func (a *app) progressText(p *keyspace.Progress, passed time.Duration) string {
	done, total := p.Keys.Load(), p.Total.Load()
	rate := float64(done) / passed.Seconds()
	left := "?"
	if rate > 0 && total >= done {
		left = a.cat.Span(time.Duration(float64(total-done) / rate * float64(time.Second)))
	}
	share := ""
	if total > 0 {
		share = a.cat.Percent(min(float64(done)/float64(total), 1), 0)
	}
	return a.cat.T("stats.progress", "done", a.cat.Int(done), "total", a.cat.Int(total), "share", share,
		"rate", a.cat.Int(int64(rate)), "left", left)
}

// percentValue is a flag that takes «1%» or «0.01».
type percentValue float64

func (p *percentValue) String() string { return "" }

// Type names what is expected, for errors.
func (p *percentValue) Type() string { return "percent" }

// Set reads the value.
func (p *percentValue) Set(s string) error {
	text, percent := strings.CutSuffix(strings.TrimSpace(s), "%")
	v, err := parseFloat(strings.TrimSpace(text))
	if percent {
		v /= 100
	}
	if err != nil || v <= 0 || v >= 1 {
		return errPercent
	}
	*p = percentValue(v)
	return nil
}

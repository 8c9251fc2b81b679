package cli

import (
	"context"
	"errors"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/olympiades-ia/olymp-cache/internal/dashboard"
	"github.com/olympiades-ia/olymp-cache/internal/diagnosis"
	"github.com/olympiades-ia/olymp-cache/internal/evidence"
	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/report"
	"github.com/olympiades-ia/olymp-cache/internal/watch"
)

const (
	// defaultInterval costs the server four commands a second.
	defaultInterval = "1s"
	// leastInterval is the shortest: INFO alone is then ten commands a second.
	leastInterval = 100 * time.Millisecond
)

// takeInterval takes the interval of «--watch 5s»: a flag whose value may be left out leaves one that is not behind «=» among the
// arguments.
func (o *infoOptions) takeInterval(args []string) []string {
	if o.watch != defaultInterval || len(args) == 0 {
		return args
	}
	if _, ok := interval(args[0]); !ok {
		return args
	}
	o.watch = args[0]
	return args[1:]
}

// interval reads a time as Go writes it, or in seconds as `watch -n` takes them.
func interval(text string) (time.Duration, bool) {
	if d, err := time.ParseDuration(text); err == nil {
		return d, true
	}
	seconds, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(seconds) || math.Abs(seconds) > math.MaxInt64/float64(time.Second) {
		return 0, false
	}
	return time.Duration(seconds * float64(time.Second)), true
}

func (a *app) checkWatch(cmd *cobra.Command, o *infoOptions) error {
	watches := cmd.Flags().Changed("watch")
	if cmd.Flags().Changed("duration") && (!watches || o.duration <= 0) {
		return a.usage("error.duration-watch")
	}
	if !watches {
		return nil
	}
	if d, ok := interval(o.watch); !ok || d < leastInterval {
		return a.usage("error.watch-interval", "value", a.diag().Data(o.watch), "least", leastInterval.String())
	}
	switch {
	case o.raw || o.textfile != "" || a.flags.output == "prometheus":
		return a.usage("error.watch-alone")
	case a.flags.output == "text" && !a.canDraw(a.out()):
		return a.usage("error.watch-terminal")
	}
	return nil
}

// runWatch follows a server: on a terminal in a dashboard, otherwise in JSON lines.
func (a *app) runWatch(ctx context.Context, o infoOptions) error {
	cfg, err := a.loadDatabase()
	if err != nil {
		return err
	}
	every, _ := interval(o.watch) // checked before
	out := a.out()
	board := a.canDraw(out) && a.flags.output != "json"
	how := a.gathering()
	if board {
		how.Conn.Trace = nil // its lines would run through the dashboard
	}
	w, err := diagnosis.NewWatcher(ctx, cfg, how, every)
	if err != nil {
		return a.unreached(ctx, cfg, err)
	}
	base := diagnosis.Fresh(cfg, how)
	if !board {
		return a.watchLines(ctx, w, base, every, o)
	}
	err = dashboard.Run(ctx, dashboard.Options{
		Board: dashboard.Board{
			Screen: out, Cat: a.cat, Target: cfg.Target.Display(), Interval: every, Now: a.env.Now(),
			Shows: func(section string) bool { return len(o.sections) == 0 || slices.Contains(o.sections, section) },
		},
		History: watch.New(base), In: a.env.Stdin, Out: a.env.Stdout, Now: a.env.Now, SetInterval: w.SetInterval,
		Watch: func(ctx context.Context, see func(watch.Beat)) error { return w.Run(ctx, o.duration, see) },
	})
	if errors.Is(err, dashboard.ErrInterrupted) {
		return interruptedError{os.Interrupt}
	}
	return err
}

// watchLines writes one JSON line an interval. The first look has nothing to compare itself with and gives none.
func (a *app) watchLines(ctx context.Context, w *diagnosis.Watcher, base *evidence.Evidence, every time.Duration, o infoOptions) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	history, first, gone := watch.New(base), true, false
	return w.Run(ctx, o.duration, func(b watch.Beat) {
		history.Add(b)
		again := b.Failure != nil && gone && b.Retry < every // the first tries come faster than the intervals
		gone = b.Failure != nil
		if first || again {
			first = false
			return
		}
		if err := report.WatchJSON(a.env.Stdout, watchLine(base, history.State(), o)); err != nil {
			stop(err) // as a pipe that nobody reads any more
		}
	})
}

// watchLine is one interval for programs.
func watchLine(base *evidence.Evidence, s watch.State, o infoOptions) *report.WatchLine {
	l := &report.WatchLine{Taken: s.Time, Change: string(s.Change), Rates: rates(&s.Rates)}
	if s.Failure != nil {
		l.Problem = s.Failure.ID
		seen := base
		if s.Evidence != nil {
			seen = s.Evidence
		}
		l.Info = &report.Info{Version: version, Target: diagnosedTarget(seen), CommandsSent: s.Sent}
		return l
	}
	l.Info = sectionsReport(s.Evidence, s.Alerts, s.Sections, o)
	if s.Rates.Elapsed > 0 {
		seconds := s.Rates.Elapsed.Seconds()
		l.Interval = &seconds
	}
	for _, c := range s.Commands {
		if c.PerSecond > 0 || c.Failed > 0 {
			l.Commands = append(l.Commands, report.WatchCommand{
				Command: c.Name, Calls: c.PerSecond, MeanMS: number(c.Mean), TimeShare: c.Share, Failed: c.Failed,
			})
		}
	}
	for _, e := range s.Errors {
		if e.New > 0 {
			l.Errors = append(l.Errors, report.WatchError{Error: e.Name, Count: e.New})
		}
	}
	for _, one := range s.Fresh {
		l.Slowlog = append(l.Slowlog, slowLine(&one))
	}
	return l
}

func slowLine(s *watch.Slow) report.WatchSlow {
	line := report.WatchSlow{
		UnixS: s.Time, TookMS: float64(s.Took.Duration()) / float64(time.Millisecond), Args: []string{}, Client: string(s.Addr),
		Node: s.Node, Partial: s.Cut,
	}
	for _, arg := range s.Args {
		line.Args = append(line.Args, strings.ToValidUTF8(string(arg), "\uFFFD"))
	}
	return line
}

func rates(r *watch.Rates) report.WatchRates {
	return report.WatchRates{
		Ops: number(r.Ops), Lookups: number(r.Lookups), HitRate: number(r.HitRate), In: number(r.In), Out: number(r.Out),
		Expired: number(r.Expired), Evicted: number(r.Evicted), Connections: number(r.Connections), Errors: number(r.Errors),
	}
}

func number(o snapshot.Opt[float64]) *float64 {
	if n, ok := o.Get(); ok {
		return &n
	}
	return nil
}

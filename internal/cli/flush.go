package cli

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/keyspace"
	"github.com/olympiades-ia/olymp-cache/internal/keyspace/profile"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
	"github.com/olympiades-ia/olymp-cache/internal/report"
)

// flushOptions are the flags of `flush`.
type flushOptions struct {
	backup  string // the file that keeps the keys before they go
	all     bool
	expired bool
	force   bool
	yes     bool
	dryRun  bool
	confirm string
	pace    keyspace.Pace
}

func (a *app) flushCommand() *cobra.Command {
	o := &flushOptions{}
	cmd := &cobra.Command{
		Use: "flush", Short: a.cat.T("flush.short"), Long: a.cat.T("flush.long"), Example: a.cat.T("flush.example"),
		GroupID: groupDaily, Annotations: map[string]string{outputKey: "text json"}, Args: a.noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			err := a.checkFlush(o)
			if err == nil {
				err = a.runFlush(cmd.Context(), *o)
			}
			return a.forCommand(cmd, err)
		},
	}
	f := cmd.Flags()
	f.BoolVar(&o.all, "all", false, a.cat.T("flag.all-databases"))
	f.BoolVar(&o.expired, "expired", false, a.cat.T("flag.expired"))
	f.BoolVar(&o.force, "force", false, a.cat.T("flag.force-flush"))
	f.BoolVarP(&o.yes, "yes", "y", false, a.cat.T("flag.yes-flush"))
	f.BoolVar(&o.dryRun, "dry-run", false, a.cat.T("flag.dry-run"))
	f.StringVar(&o.backup, "backup", "", a.cat.T("flag.backup"))
	f.StringVar(&o.confirm, "confirm", "", a.cat.T("flag.confirm"))
	f.BoolVar(&o.pace.Gentle, "gentle", false, a.cat.T("flag.gentle-expired"))
	return cmd
}

func (a *app) checkFlush(o *flushOptions) error {
	together := func(one, other string) error { return a.usage("error.flags-together", "one", one, "other", other) }
	switch {
	case o.expired && o.all:
		return together("--expired", "--all")
	case o.expired && o.dryRun:
		return together("--expired", "--dry-run")
	case o.backup != "" && o.all:
		return together("--backup", "--all")
	case o.backup != "" && (o.expired || o.dryRun):
		return together("--backup", "--expired/--dry-run")
	case o.pace.Gentle && !o.expired:
		return a.usage("error.gentle-expired")
	}
	return a.checkBackup(o.backup)
}

// flushing is one run of the command.
type flushing struct {
	*app
	o     flushOptions
	cfg   *config.Config
	conn  *redisconn.Conn
	audit *audit
	res   *report.Flush
}

func (a *app) runFlush(ctx context.Context, o flushOptions) error {
	cfg, err := a.loadDatabase()
	if err != nil {
		return err
	}
	r := &flushing{app: a, o: o, cfg: cfg, audit: &audit{}}
	if !o.dryRun {
		if err := a.mayWrite("flush"); err != nil {
			return err
		}
		if err := r.mayAsk(); err != nil {
			return err
		}
		if r.audit, err = a.openAudit(cfg, "flush", r.what()); err != nil {
			return err
		}
	}
	defer r.audit.close()
	started := a.env.Now()
	if r.conn, err = a.openForWriting(ctx, cfg); err != nil {
		return err
	}
	defer r.conn.Close()
	r.res = &report.Flush{
		Version: version, Target: reportTarget(cfg.Target, r.conn.Server()), All: o.all, DryRun: o.dryRun, Keys: -1, NoTTL: -1,
	}
	if o.expired {
		return r.reclaim(ctx, started)
	}
	done, err := r.agree(ctx)
	if err != nil || done {
		return err
	}
	if o.backup != "" {
		return r.flushKept(ctx, started)
	}
	return r.flush(ctx, started)
}

// name is what must be typed: the target, and with --all something that no single database is called.
func (r *flushing) name() string {
	name := r.cfg.Target.Display()
	if r.o.all {
		return name[:strings.LastIndex(name, "/")] + "/all"
	}
	return name
}

// what names the run in the audit log.
func (r *flushing) what() []string {
	switch {
	case r.o.expired:
		return []string{"--expired"}
	case r.o.all:
		return []string{"--all"}
	}
	return []string{"database"}
}

// agreed tells whether the flags alone say that this very target is meant.
func (r *flushing) agreed() bool {
	return r.o.confirm == r.name() || r.o.yes && r.cfg.Target.Loopback()
}

// mayAsk refuses, before anything is reached, what nobody is there to agree to.
func (r *flushing) mayAsk() error {
	s := r.diag()
	switch {
	case r.o.expired: // deletes nothing that is alive
		return nil
	case r.o.confirm != "" && r.o.confirm != r.name():
		return r.refuse(r.cat.T("refused.confirm", "wanted", s.Data(r.name()), "given", s.Data(r.o.confirm)))
	case r.agreed() || r.onTerminal():
		return nil
	case r.cfg.Target.Loopback():
		return r.refuse(r.cat.T("refused.flush-yes"))
	}
	return r.refuse(r.cat.T("refused.flush-confirm", "wanted", s.Data(r.name())))
}

const (
	// flushSample is how many keys are named before the question, and volatileSample how many are asked for their time to live where
	// INFO does not tell how many have one.
	flushSample, volatileSample = 5, 1000
	// A cache may hold some keys without a time to live (settings, locks, a warm page). From fewForever on, a tenth of all keys or
	// manyForever of them are data that nothing will bring back: sessions, queues, counters.
	fewForever, manyForever = 10, 1000
	foreverShare            = 0.1
)

// looksLikeData tells a database whose keys nothing will bring back.
func looksLikeData(keys, forever int64) bool {
	return forever >= fewForever && (float64(forever) > foreverShare*float64(keys) || forever > manyForever)
}

// agree shows what would go, applies the guards and asks. done ends the run without an error.
func (r *flushing) agree(ctx context.Context) (done bool, err error) {
	s := r.standing(ctx, r.cfg, r.conn, r.o.all)
	names, keys, forever, err := r.sample(ctx, s.NoTTL < 0)
	if err != nil {
		return false, r.failed(ctx, r.cfg, err)
	}
	if s.NoTTL >= 0 {
		keys, forever = s.Keys, s.NoTTL
	}
	r.res.Keys, r.res.NoTTL = s.Keys, s.NoTTL
	if r.o.dryRun {
		return true, r.showPlan(s, names)
	}
	if s.Role == "replica" && !r.conn.IsCluster() {
		// Known before anybody is asked; each primary is asked again before it is emptied.
		return false, r.failed(ctx, r.cfg, keyspace.NotPrimary(r.conn.Server().Addr))
	}
	if looksLikeData(keys, forever) && !r.o.force {
		r.preview().FlushPlan(s, r.o.all, names)
		return false, r.refuse(r.cat.T("refused.no-ttl", "n", r.cat.Int(forever), "share", r.cat.Percent(float64(forever)/float64(keys), 1)))
	}
	if !r.agreed() {
		r.preview().FlushPlan(s, r.o.all, names)
		return false, r.typedExactly(ctx, r.cat.T("flush.ask", "wanted", r.diag().Data(r.name())), r.name())
	}
	return false, nil
}

// sample names some keys of the database and, where ask is set, looks how many of the first never expire.
func (r *flushing) sample(ctx context.Context, ask bool) (names []string, keys, forever int64, err error) {
	most := int64(flushSample)
	if ask {
		most = volatileSample
	}
	_, err = keyspace.List(ctx, r.conn, keyspace.ListOptions{Facts: ask}, func(rec profile.Record) error {
		if keys++; len(names) < flushSample {
			names = append(names, string(rec.Name))
		}
		if ask && rec.TTL == profile.NoExpiry {
			forever++
		}
		if keys >= most {
			return keyspace.ErrEnough
		}
		return nil
	})
	return names, keys, forever, err
}

// showPlan is --dry-run.
func (r *flushing) showPlan(s *report.Standing, names []string) error {
	r.res.CommandsSent = r.conn.CommandsSent()
	if r.flags.output == "json" {
		return report.FlushJSON(r.env.Stdout, r.res)
	}
	out := r.out()
	t := &report.Text{Screen: out, Words: r.words(out)}
	t.FlushPlan(s, r.o.all, names)
	return t.Err()
}

// flush empties, and reports what became of each server.
func (r *flushing) flush(ctx context.Context, started time.Time) error {
	servers, err := keyspace.Flush(ctx, r.conn, r.o.all)
	counts, begun := report.RemovalCounts{}, false
	for _, s := range servers {
		one := report.FlushedServer{Addr: s.Addr, Keys: s.Before, Result: "untouched"}
		switch s.Fate {
		case keyspace.Deleted:
			one.Result = "flushed"
			counts.Deleted += s.Before
		case keyspace.Failed:
			one.Result = "failed"
			counts.Failed += s.Before
		case keyspace.Unknown:
			one.Result = "unknown"
			counts.Unknown += s.Before
		default:
		}
		begun = begun || s.Fate != ""
		if e, ok := redisconn.AsError(s.Err); ok {
			one.Reply = e.Reply
		}
		r.res.Servers = append(r.res.Servers, one)
	}
	r.res.Partial = partial(err)
	r.res.CommandsSent, r.res.Duration = r.conn.CommandsSent(), r.env.Now().Sub(started)
	if !begun { // nothing was sent to any of them
		return r.failed(ctx, r.cfg, err)
	}
	logged := r.audit.write(counts, r.res.Partial)
	if werr := r.show(); werr != nil {
		return werr
	}
	if err != nil {
		return r.failed(ctx, r.cfg, err)
	}
	return logged
}

// flushKept deletes what a backup holds, and nothing that came meanwhile: FLUSHDB would take that too.
func (r *flushing) flushKept(ctx context.Context, started time.Time) error {
	want, file, err := r.backupFirst(ctx, r.cfg, r.conn, r.o.backup, keyspace.Wanted{Patterns: []string{"*"}})
	if err != nil {
		return r.failed(ctx, r.cfg, err)
	}
	r.res.Backup = file
	progress := &keyspace.Progress{}
	stop := r.watchProgress(progress)
	n, err := keyspace.Remove(ctx, r.conn, want, keyspace.RemoveOptions{Progress: progress})
	stop()
	one := report.FlushedServer{Addr: r.conn.Server().Addr, Keys: n.Deleted, Result: "flushed"}
	if err != nil || n.Failed+n.Unknown > 0 {
		one.Result, one.Keys = "failed", file.Keys-n.Deleted-n.Missing
		if e, ok := redisconn.AsError(err); ok {
			one.Reply = e.Reply
		}
	}
	r.res.Servers, r.res.Partial = []report.FlushedServer{one}, partial(err)
	r.res.CommandsSent, r.res.Duration = r.conn.CommandsSent(), r.env.Now().Sub(started)
	logged := r.audit.write(report.RemovalCounts{Deleted: n.Deleted, Missing: n.Missing, Failed: n.Failed, Unknown: n.Unknown}, r.res.Partial)
	if werr := r.show(); werr != nil {
		return werr
	}
	if err != nil {
		return r.failed(ctx, r.cfg, err)
	}
	if one.Result != "flushed" {
		return verdict(ExitFailed)
	}
	return logged
}

// reclaim makes Redis free what has expired.
func (r *flushing) reclaim(ctx context.Context, started time.Time) error {
	progress := &keyspace.Progress{}
	stop := r.watchProgress(progress)
	got, err := keyspace.Reclaim(ctx, r.conn, r.o.pace, progress)
	stop()
	if err != nil && progress.Total.Load() == 0 { // it has not begun
		return r.failed(ctx, r.cfg, err)
	}
	r.res.Keys = got.Before
	r.res.Reclaimed = &report.Reclaimed{Before: got.Before, After: got.After, Expired: -1}
	if got.Counted && err == nil {
		r.res.Reclaimed.Expired = got.Expired
	}
	if r.res.Partial = partial(err); err != nil {
		r.res.Reclaimed.After = -1
	}
	r.res.CommandsSent, r.res.Duration = r.conn.CommandsSent(), r.env.Now().Sub(started)
	logged := r.audit.write(report.RemovalCounts{}, r.res.Partial)
	if werr := r.show(); werr != nil {
		return werr
	}
	if err != nil {
		return r.failed(ctx, r.cfg, err)
	}
	return logged
}

func (r *flushing) show() error {
	if r.flags.output == "json" {
		return report.FlushJSON(r.env.Stdout, r.res)
	}
	out := r.out()
	t := &report.Text{Screen: out, Words: r.words(out), Quiet: r.flags.quiet}
	t.Flush(r.res)
	return t.Err()
}

package cli

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/keyspace"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
	"github.com/olympiades-ia/olymp-cache/internal/report"
	"github.com/olympiades-ia/olymp-cache/internal/smoke"
	"github.com/olympiades-ia/olymp-cache/internal/sorting"
)

// invalidateOptions are the flags of `invalidate`.
type invalidateOptions struct {
	backup    string   // the file that keeps the keys before they go
	keys      []string // names as they are; «-» alone for stdin
	patterns  []string
	groups    []string
	null      bool
	kind      string
	noTTL     bool
	minSize   sizeValue
	expireIn  time.Duration
	maxKeys   int64
	rate      int64
	report    string
	yes       bool
	dryRun    bool
	mustExist bool
	unchanged bool
	verify    bool
}

// fewNames is up to how many named keys are told about one by one.
const fewNames = 20

// planSample is how many keys a preview names.
const planSample = 10

func (a *app) invalidateCommand() *cobra.Command {
	o := &invalidateOptions{}
	cmd := &cobra.Command{
		Use: "invalidate KEY…", Short: a.cat.T("invalidate.short"), Long: a.cat.T("invalidate.long"), Example: a.cat.T("invalidate.example"),
		GroupID: groupDaily, Annotations: map[string]string{outputKey: "text json"},
		RunE: func(cmd *cobra.Command, args []string) error {
			o.keys = args
			err := a.checkInvalidate(o)
			if err == nil {
				err = a.runInvalidate(cmd.Context(), *o)
			}
			return a.forCommand(cmd, err)
		},
	}
	f := cmd.Flags()
	f.StringArrayVarP(&o.patterns, "pattern", "p", nil, a.cat.T("flag.remove-pattern")) // a comma may belong to a key
	f.StringSliceVarP(&o.groups, "group", "g", nil, a.cat.T("flag.group"))
	f.BoolVarP(&o.null, "null", "0", false, a.cat.T("flag.null-names"))
	f.StringVar(&o.kind, "type", "", a.cat.T("flag.type"))
	f.BoolVar(&o.noTTL, "no-ttl", false, a.cat.T("flag.no-ttl"))
	f.Var(&o.minSize, "min-size", a.cat.T("flag.min-size"))
	f.DurationVar(&o.expireIn, "expire-in", 0, a.cat.T("flag.expire-in"))
	f.Int64Var(&o.maxKeys, "max-keys", 0, a.cat.T("flag.max-keys"))
	f.Int64Var(&o.rate, "rate", 0, a.cat.T("flag.rate"))
	f.StringVar(&o.report, "report", "", a.cat.T("flag.report"))
	f.BoolVarP(&o.yes, "yes", "y", false, a.cat.T("flag.yes"))
	f.BoolVar(&o.dryRun, "dry-run", false, a.cat.T("flag.dry-run"))
	f.BoolVar(&o.mustExist, "must-exist", false, a.cat.T("flag.must-exist"))
	f.BoolVar(&o.unchanged, "if-unchanged", false, a.cat.T("flag.if-unchanged"))
	f.BoolVar(&o.verify, "verify", false, a.cat.T("flag.verify"))
	f.StringVar(&o.backup, "backup", "", a.cat.T("flag.backup"))
	// The only error is a flag that does not exist, which the tests of completion would show.
	_ = cmd.RegisterFlagCompletionFunc("type", cobra.FixedCompletions(keyTypes, cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.RegisterFlagCompletionFunc(
		"expire-in",
		cobra.FixedCompletions([]string{"10s", "30s", "2m"}, cobra.ShellCompDirectiveNoFileComp),
	)
	return cmd
}

// stdin tells names that come from there.
func (o *invalidateOptions) stdin() bool { return len(o.keys) == 1 && o.keys[0] == "-" }

// single is one key that was named: it needs no question.
func (o *invalidateOptions) single() bool {
	return len(o.keys) == 1 && len(o.patterns) == 0 && !o.stdin()
}

func (o *invalidateOptions) selection() report.Selection {
	s := report.Selection{
		Names: len(o.keys), Patterns: o.patterns, Groups: o.groups, Type: o.kind, NoTTL: o.noTTL, MinBytes: int64(o.minSize),
	}
	if o.stdin() {
		s.Names = -1
	}
	return s
}

func (a *app) checkInvalidate(o *invalidateOptions) error {
	for _, n := range []struct {
		flag  string
		value int64
	}{
		{"--max-keys", o.maxKeys},
		{"--rate", o.rate},
		{"--expire-in", int64(o.expireIn)},
	} {
		if n.value < 0 {
			return a.usage("error.flag-positive", "flag", n.flag, "value", n.value)
		}
	}
	together := func(one, other string) error { return a.usage("error.flags-together", "one", one, "other", other) }
	switch {
	case len(o.keys)+len(o.patterns)+len(o.groups) == 0:
		return a.usage("error.nothing-named")
	case o.stdin() && len(o.patterns)+len(o.groups) > 0:
		return together("-", "--pattern/--group")
	case slices.Contains(o.keys, "-") && !o.stdin():
		return a.usage("error.stdin-alone")
	case o.null && !o.stdin():
		return a.usage("error.null-without-stdin")
	case o.expireIn > 0 && o.expireIn < 2*time.Millisecond:
		return a.usage("error.flag-positive", "flag", "--expire-in", "value", o.expireIn)
	case o.verify && o.expireIn > 0:
		return together("--verify", "--expire-in")
	case o.verify && o.dryRun:
		return together("--verify", "--dry-run")
	case o.backup != "" && o.dryRun:
		return together("--backup", "--dry-run")
	case o.report != "" && o.dryRun:
		return together("--report", "--dry-run")
	}
	if err := a.checkBackup(o.backup); err != nil {
		return err
	}
	return a.checkRemovePatterns(o.patterns)
}

// invalidation is one run of the command.
type invalidation struct {
	*app
	o     invalidateOptions
	cfg   *config.Config
	conn  *redisconn.Conn
	want  keyspace.Wanted
	api   *smoke.API
	audit *audit
	fates *fateFile
	few   bool // the keys are told about one by one
	res   *report.Removal
}

func (a *app) runInvalidate(ctx context.Context, o invalidateOptions) error {
	cfg, err := a.loadDatabase()
	if err != nil {
		return err
	}
	r := &invalidation{app: a, o: o, cfg: cfg}
	if err := r.prepare(); err != nil {
		return err
	}
	defer r.audit.close()
	defer r.fates.close()
	started := a.env.Now()
	if r.conn, err = a.openForWriting(ctx, cfg); err != nil {
		return err
	}
	defer r.conn.Close()
	r.res = &report.Removal{
		Version: version, Target: reportTarget(cfg.Target, r.conn.Server()), Selection: r.o.selection(), DryRun: o.dryRun, ExpireIn: o.expireIn,
	}
	prints, done, err := r.plan(ctx)
	if err != nil || done {
		return err
	}
	return r.remove(ctx, prints, started)
}

// prepare settles all that can be settled before Redis is reached.
func (r *invalidation) prepare() (err error) {
	if err := r.expandGroups(); err != nil {
		return err
	}
	if !r.o.dryRun {
		if err := r.mayWrite("invalidate"); err != nil {
			return err
		}
	}
	if r.o.verify {
		if r.api, err = r.apiOptions(testOptions{api: fromSettings, apiKey: apiKey, apiTTL: apiTTL}, r.cfg); err != nil {
			return err
		}
		r.api.Gone = true
	}
	if r.asks() && r.o.stdin() {
		return r.refuse(r.cat.T("refused.stdin-yes")) // the names and the answer cannot both come from there
	}
	if r.asks() && !r.onTerminal() {
		return r.refuse(r.cat.T("refused.needs-yes"))
	}
	r.few = len(r.o.keys) > 0 && len(r.o.keys) <= fewNames && len(r.o.patterns) == 0 && !r.o.stdin()
	if r.want, err = r.wanted(); err != nil {
		return err
	}
	if r.o.dryRun {
		r.audit, r.fates = &audit{}, &fateFile{}
		return nil
	}
	if r.fates, err = r.openFates(r.o.report); err != nil {
		return err
	}
	if r.audit, err = r.openAudit(r.cfg, "invalidate", r.o.what()); err != nil {
		r.fates.close()
	}
	return err
}

// asks tells whether somebody must agree first.
func (r *invalidation) asks() bool { return !r.o.yes && !r.o.dryRun && !r.o.single() }

// wanted is what the engine is given.
func (r *invalidation) wanted() (keyspace.Wanted, error) {
	w := keyspace.Wanted{Patterns: r.o.patterns, Type: r.o.kind, NoTTL: r.o.noTTL, MinBytes: int64(r.o.minSize)}
	switch {
	case r.o.stdin():
		w.Names = namesFrom(r.env.Stdin, r.o.null)
		if r.plans() { // they are gone through twice
			all, err := collect(w.Names)
			if errors.Is(err, errLongName) {
				return w, r.usage("error.long-name")
			} else if err != nil {
				return w, err
			}
			w.Names = listed(all)
		}
	case len(r.o.keys) > 0:
		all := make([][]byte, len(r.o.keys))
		for i, k := range r.o.keys {
			all[i] = []byte(k)
		}
		w.Names = listed(all)
	}
	return w, nil
}

// remove deletes, and reports what became of it whatever came in between.
func (r *invalidation) remove(ctx context.Context, prints *keyspace.Prints, started time.Time) (err error) {
	if r.o.backup != "" {
		if r.want, r.res.Backup, err = r.backupFirst(ctx, r.cfg, r.conn, r.o.backup, r.want); err != nil {
			return r.failed(ctx, r.cfg, err)
		}
	}
	progress := &keyspace.Progress{}
	o := keyspace.RemoveOptions{
		ExpireIn: r.o.expireIn, MaxKeys: r.o.maxKeys, Rate: r.o.rate, Progress: progress, Unchanged: prints,
	}
	if r.few || r.o.report != "" {
		o.Each = func(name []byte, fate keyspace.Fate) error {
			if r.few {
				r.res.Keys = append(r.res.Keys, report.KeyFate{Name: string(name), Fate: string(fate)})
			}
			return r.fates.write(name, string(fate))
		}
	}
	if r.o.unchanged {
		r.res.Counts.Missing, r.res.Counts.Kept = r.res.Plan.Missing, r.res.Plan.Kept // not looked at again
	}
	stop := r.watchRemoval(progress)
	n, err := keyspace.Remove(ctx, r.conn, r.want, o)
	stop()
	r.res.Counts = report.RemovalCounts{
		Deleted: n.Deleted, Expiring: n.Expiring, Missing: n.Missing + r.res.Counts.Missing, Kept: n.Kept + r.res.Counts.Kept,
		Failed: n.Failed, Unknown: n.Unknown,
	}
	if r.res.Partial = partial(err); n.Failed > 0 && deniedKeys(err) {
		r.res.Partial = "" // all others were gone through
	}
	sorting.By(r.res.Keys, func(a, b report.KeyFate) int {
		return slices.Index(r.o.keys, a.Name) - slices.Index(r.o.keys, b.Name)
	})
	err = errors.Join(err, r.fates.finish())
	if r.api != nil && err == nil {
		r.res.Verified = smoke.CheckAPI(ctx, r.conn, r.api)
	}
	r.res.CommandsSent, r.res.Duration = r.conn.CommandsSent(), r.env.Now().Sub(started)
	logged := r.audit.write(r.res.Counts, r.res.Partial)
	if werr := r.show(); werr != nil {
		return werr
	}
	switch {
	case errors.Is(err, keyspace.ErrMaxKeys):
		return verdict(ExitFailed)
	case err != nil:
		return r.failed(ctx, r.cfg, err)
	case logged != nil:
		return logged
	}
	return r.verdict()
}

// partial is why a run ended early.
func partial(err error) string {
	switch {
	case err == nil:
		return ""
	case isInterrupted(err):
		return "interrupted"
	case errors.Is(err, keyspace.ErrMaxKeys):
		return "max-keys"
	}
	return "failed"
}

// deniedKeys tells keys that this user may not touch, which leave the others alone, from what ends a run.
func deniedKeys(err error) bool {
	e, ok := redisconn.AsError(err)
	return ok && e.ID == "auth-no-permission"
}

// verdict is the exit code of a run that came to its end.
func (r *invalidation) verdict() error {
	c := r.res.Counts
	for i := range r.res.Verified {
		if r.res.Verified[i].Status == finding.Fail {
			return verdict(ExitFailed)
		}
	}
	if c.Failed > 0 || c.Unknown > 0 || r.o.mustExist && (c.Missing > 0 || c.Deleted+c.Expiring+c.Kept == 0) {
		return verdict(ExitFailed)
	}
	return nil
}

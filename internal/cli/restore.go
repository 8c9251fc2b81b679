package cli

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/keyspace"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
	"github.com/olympiades-ia/olymp-cache/internal/report"
	"github.com/olympiades-ia/olymp-cache/internal/term"
)

// restoreOptions are the flags of `restore`.
type restoreOptions struct {
	file    string
	pattern string
	replace bool
	dryRun  bool
	yes     bool
}

func (a *app) restoreCommand() *cobra.Command {
	o := &restoreOptions{}
	cmd := &cobra.Command{
		Use: "restore FILE", Short: a.cat.T("restore.short"), Long: a.cat.T("restore.long"), Example: a.cat.T("restore.example"),
		GroupID: groupDaily, Annotations: map[string]string{outputKey: "text json"},
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return a.forCommand(cmd, a.usage("restore.one-file"))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			o.file = args[0]
			var err error
			if cmd.Flags().Changed("pattern") {
				err = a.checkPattern(o.pattern)
			}
			if err == nil {
				err = a.runRestore(cmd.Context(), *o)
			}
			return a.forCommand(cmd, err)
		},
	}
	f := cmd.Flags()
	f.BoolVar(&o.dryRun, "dry-run", false, a.cat.T("restore.flag.dry-run"))
	f.BoolVar(&o.replace, "replace", false, a.cat.T("restore.flag.replace"))
	f.StringVar(&o.pattern, "pattern", "", a.cat.T("restore.flag.pattern"))
	f.BoolVarP(&o.yes, "yes", "y", false, a.cat.T("restore.flag.yes"))
	return cmd
}

func (a *app) runRestore(ctx context.Context, o restoreOptions) error {
	cfg, err := a.loadDatabase()
	if err != nil {
		return err
	}
	b, err := a.openBackup(ctx, o.file)
	if err != nil {
		return err
	}
	defer b.close()
	asks := !o.yes && !o.dryRun
	switch {
	case a.flags.readOnly && !o.dryRun:
		return a.guarded("restore.read-only")
	case asks && !term.IsTerminal(a.env.Stdin):
		return a.guarded("restore.needs-yes")
	}
	started := a.env.Now()
	conn, err := redisconn.Open(ctx, cfg.Target, a.connOptions())
	if err != nil {
		return a.unreached(ctx, cfg, err)
	}
	defer conn.Close()
	if err := conn.Writable(); err != nil && !o.dryRun {
		return a.unreached(ctx, cfg, err)
	}
	if err := keyspace.CheckVersion(conn, b.header, b.held); err != nil {
		return a.restoreFailed(ctx, cfg, err)
	}
	r := restoreReport(cfg, conn, o, b)
	if !a.flags.quiet || asks {
		if err := a.restoreHead(r, asks); err != nil {
			return err
		}
	}
	if asks {
		switch ok, err := a.confirmRestore(ctx, conn, o, b, r); {
		case err != nil:
			return a.restoreFailed(ctx, cfg, err)
		case !ok:
			return a.guarded("restore.declined")
		}
		started = a.env.Now() // how long somebody thought is not how long it took
	}
	err = a.restore(ctx, conn, o, b, r)
	r.Sent, r.Duration = conn.CommandsSent(), a.env.Now().Sub(started)
	if werr := a.writeRestore(r); werr != nil {
		return errors.Join(err, werr)
	}
	if err != nil {
		return a.restoreFailed(ctx, cfg, err)
	}
	if r.Keys.Failed > 0 {
		return verdict(ExitFailed)
	}
	return nil
}

// guarded says why nothing was done.
func (a *app) guarded(id string) error {
	s := a.diag()
	a.complain(s, a.cat.T(id), "")
	return verdict(ExitRefused)
}

// restoreFailed says why it ended early.
func (a *app) restoreFailed(ctx context.Context, cfg *config.Config, err error) error {
	var newer *keyspace.VersionError
	if !errors.As(err, &newer) {
		return a.unreached(ctx, cfg, err)
	}
	s := a.diag()
	theirs, ours := newer.Theirs, newer.Ours
	for _, v := range []*string{&theirs, &ours} {
		if *v == "" {
			*v = "?"
		}
	}
	a.complain(s, a.cat.T("restore.version", "theirs", s.Data(theirs), "ours", s.Data(ours)), "")
	if newer.Reply != "" {
		a.say(s, "   "+s.Paint(term.Dim, s.Wrap(s.Data(newer.Reply), 3)))
	}
	return verdict(ExitFailed)
}

func restoreReport(cfg *config.Config, conn *redisconn.Conn, o restoreOptions, b *backupFile) *report.Restore {
	h := b.header
	return &report.Restore{
		Version: version, Target: reportTarget(cfg.Target, conn.Server()), File: o.file, InFile: b.held.Records, Bytes: b.held.Bytes,
		DryRun: o.dryRun, Replace: o.replace, Pattern: o.pattern,
		Origin: report.RestoreOrigin{
			URL: h.Target, DB: h.DB, Mode: h.Mode, Server: h.Product, ServerVersion: h.ServerVersion, RDBVersion: b.held.RDBVersion,
			ToolVersion: h.ToolVersion, Created: time.UnixMilli(h.CreatedMS),
		},
	}
}

// restoreText writes to a stream for people.
func (a *app) restoreText(s term.Screen) *report.Text {
	return &report.Text{Screen: s, Words: report.Words{C: a.cat, Data: s.Data}, Quiet: a.flags.quiet}
}

// restoreHead says what is about to happen: where it is asked about, on stderr, else as the head of the report.
func (a *app) restoreHead(r *report.Restore, asks bool) error {
	s := a.out()
	switch {
	case asks:
		s = a.diag()
	case a.flags.output == "json":
		return nil
	}
	t := a.restoreText(s)
	t.RestoreHead(r, a.env.Now().Sub(r.Origin.Created))
	return t.Err()
}

// confirmRestore shows what would become of the keys and asks.
func (a *app) confirmRestore(
	ctx context.Context, conn *redisconn.Conn, o restoreOptions, b *backupFile, r *report.Restore,
) (bool, error) {
	plan := *r
	o.dryRun = true
	if err := a.restore(ctx, conn, o, b, &plan); err != nil {
		return false, err
	}
	s := a.diag()
	t := a.restoreText(s)
	t.RestorePlan(&plan)
	if err := t.Err(); err != nil {
		return false, err
	}
	return term.Confirm(ctx, a.env.Stdin, s.Out, a.cat.T("restore.question"))
}

// restore puts the keys back, or looks what would be put back, with progress.
func (a *app) restore(ctx context.Context, conn *redisconn.Conn, o restoreOptions, b *backupFile, r *report.Restore) error {
	// The very file that was verified, whatever has its name by now.
	if _, err := b.file.Seek(0, io.SeekStart); err != nil {
		return a.backupReadError(o.file, err)
	}
	p := &keyspace.Progress{}
	p.Total.Store(b.held.Records)
	stop := a.watchProgress("stats.progress", p)
	defer stop()
	res, err := keyspace.Restore(ctx, conn, b.file, keyspace.RestoreOptions{
		Pattern: o.pattern, Replace: o.replace, DryRun: o.dryRun, Progress: p,
	})
	r.Keys = report.RestoreKeys{
		Matching: res.Matching, Done: res.Done, Kept: res.Kept, Expired: res.Expired, Failed: res.Failed, Unknown: res.Unknown,
		Unsent: res.Unsent,
	}
	r.FirstFailed = res.FailedKey
	switch {
	case err == nil:
	case ctx.Err() != nil:
		r.Partial = keyspace.StopInterrupted
	default:
		r.Partial = "failed"
	}
	return err
}

func (a *app) writeRestore(r *report.Restore) error {
	if a.flags.output == "json" {
		return report.RestoreJSON(a.env.Stdout, r)
	}
	t := a.restoreText(a.out())
	t.Restore(r)
	return t.Err()
}

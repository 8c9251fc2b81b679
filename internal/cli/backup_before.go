package cli

import (
	"context"
	"errors"
	"io/fs"
	"iter"
	"os"
	"slices"

	"github.com/olympiades-ia/olymp-cache/internal/backup"
	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/keyname"
	"github.com/olympiades-ia/olymp-cache/internal/keyspace"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
	"github.com/olympiades-ia/olymp-cache/internal/report"
	"github.com/olympiades-ia/olymp-cache/internal/term"
)

// checkBackup refuses, before anything is reached, a file that is there: a backup never replaces another one.
func (a *app) checkBackup(name string) error {
	if name == "" {
		return nil
	}
	_, err := os.Lstat(a.path(name))
	switch {
	case err == nil:
		return a.backupWriteError(name, &fs.PathError{Op: "open", Path: name, Err: fs.ErrExist})
	case !errors.Is(err, fs.ErrNotExist):
		return a.backupWriteError(name, err)
	}
	return nil
}

// backupFirst writes the keys that are meant to a file, which is verified when this returns, and gives what may be deleted:
// exactly the keys
// that it holds.
func (a *app) backupFirst(
	ctx context.Context, cfg *config.Config, conn *redisconn.Conn, name string, w keyspace.Wanted,
) (keyspace.Wanted, *report.BackupFile, error) {
	o := keyspace.BackupOptions{
		Names: w.Names, Patterns: w.Patterns, Type: w.Type, NoTTL: w.NoTTL, MinBytes: w.MinBytes, Path: a.path(name),
		Header: backup.Header{
			ToolVersion: version, Target: cfg.Target.URL, DB: cfg.Target.DB, CreatedMS: a.env.Now().UnixMilli(), Type: w.Type,
		},
		Progress: &keyspace.Progress{},
	}
	if w.Names != nil && len(w.Patterns) > 0 {
		// One backup of both: a name is a pattern that means itself.
		patterns, err := patternsOf(w.Names)
		if err != nil {
			return w, nil, err
		}
		o.Names, o.Patterns = nil, slices.Concat(patterns, w.Patterns)
	}
	stop := a.watchProgress(o.Progress)
	kept, err := keyspace.Backup(ctx, conn, o)
	stop()
	if err != nil {
		return w, nil, a.backupWriteError(name, err)
	}
	if !a.flags.quiet {
		s := a.diag()
		sign := s.Sign(term.SymOK)
		text := a.cat.N("backup.kept", int(min(kept.Records, 1<<30)), "n", a.cat.Int(kept.Records), "size", a.cat.Bytes(kept.Size),
			"file", s.Data(name))
		a.say(s, sign+" "+s.Wrap(text, term.Columns(sign)+1))
	}
	w.Names, w.Patterns = backup.Names(o.Path), nil
	return w, &report.BackupFile{File: name, Keys: kept.Records, Bytes: kept.Size}, nil
}

// patternsOf are patterns that mean names.
func patternsOf(names iter.Seq2[[]byte, error]) (all []string, err error) {
	for name, err := range names {
		if err != nil {
			return nil, err
		}
		all = append(all, keyname.Literal(string(name)))
	}
	return all, nil
}

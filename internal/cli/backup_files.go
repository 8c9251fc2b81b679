package cli

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"syscall"

	"github.com/olympiades-ia/olymp-cache/internal/backup"
	"github.com/olympiades-ia/olymp-cache/internal/keyspace"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
)

// backupFile is a backup that was read to its end and is right. It stays open.
type backupFile struct {
	file   *os.File
	header backup.Header
	held   backup.Summary
}

func (b *backupFile) close() { _ = b.file.Close() } // only read

// openBackup reads a whole backup before anything is done with it. The caller closes it.
func (a *app) openBackup(ctx context.Context, name string) (*backupFile, error) {
	f, err := os.Open(a.path(name))
	if err != nil {
		return nil, a.backupReadError(name, err)
	}
	a.progressLine(a.cat.T("restore.checking", "file", a.diag().Data(name)))
	defer a.clearLine()
	b := &backupFile{file: f}
	b.header, b.held, err = backup.Verify(f, func(backup.Record) error { return context.Cause(ctx) })
	switch {
	case err == nil:
		return b, nil
	case ctx.Err() == nil:
		err = a.backupReadError(name, err)
	}
	b.close()
	return nil, err
}

// backupReadError says why a file is no backup to be used.
func (a *app) backupReadError(name string, err error) error {
	file := a.diag().Data(name)
	var bad *backup.FormatError
	if errors.As(err, &bad) {
		return a.usage("backup.fault."+string(bad.Fault), "file", file, "n", a.cat.Int(bad.Record))
	}
	return a.usage("error.read-file", "file", file, "reason", a.reason(err, []knownReason{
		{fs.ErrNotExist, "reason.missing"},
		{fs.ErrPermission, "reason.permission"},
		{syscall.EISDIR, "reason.directory"},
	}))
}

// backupWriteError says why a backup could not be made; what is not of its making comes back as it is.
func (a *app) backupWriteError(name string, err error) error {
	data := a.diag().Data
	var (
		space    *backup.SpaceError
		kind     *keyspace.TypeRefusedError
		restless *keyspace.RestlessError
		path     *fs.PathError
		link     *os.LinkError
	)
	_, ofRedis := redisconn.AsError(err)
	switch {
	case errors.As(err, &space):
		return a.usage("backup.space", "file", data(name), "need", a.cat.Bytes(space.Need), "free", a.cat.Bytes(space.Free))
	case errors.As(err, &kind):
		return a.usage("backup.type", "key", data(kind.Key), "reply", data(kind.Refusal.Reply))
	case errors.As(err, &restless):
		return a.usage("backup.restless", "key", data(restless.Key))
	case errors.Is(err, backup.ErrUnverified):
		return a.usage("backup.unverified", "file", data(name))
	case ofRedis || !errors.As(err, &path) && !errors.As(err, &link):
		return err
	}
	return a.usage("error.write-file", "file", data(name), "reason", a.reason(err, []knownReason{
		{fs.ErrExist, "reason.exists"},
		{syscall.EISDIR, "reason.directory"},
		{fs.ErrNotExist, "reason.no-folder"},
		{syscall.ENOTDIR, "reason.no-folder"},
		{fs.ErrPermission, "reason.permission"},
		{syscall.EROFS, "reason.read-only-disk"},
		{syscall.ENOSPC, "reason.no-space"},
	}))
}

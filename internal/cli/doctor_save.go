package cli

import (
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/olympiades-ia/olymp-cache/internal/evidence"
	"github.com/olympiades-ia/olymp-cache/internal/term"
)

// errNotEvidence is a file that --save would overwrite and that is no evidence.
var errNotEvidence = errors.New("not a file of --save")

// errNotRegular is a device, a pipe or a socket in the place of a file.
var errNotRegular = errors.New("not a regular file")

// checkSave refuses a file of somebody else's before anything is contacted. Earlier evidence may be replaced, and so may an
// empty file, as mktemp makes it.
func (a *app) checkSave(name string) error {
	if name == "" {
		return nil
	}
	switch err := replaceable(a.path(name)); {
	case err == nil, errors.Is(err, fs.ErrNotExist):
		return nil
	default:
		return a.saveError(name, err)
	}
}

func replaceable(path string) error {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return err
	case info.IsDir():
		return syscall.EISDIR
	case !info.Mode().IsRegular():
		return errNotRegular
	case info.Size() == 0:
		return nil
	}
	f, err := os.Open(path) //nolint:gosec // the operator's own choice
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // only read
	if !evidence.Recognise(f) {
		return errNotEvidence
	}
	return nil
}

// saveError says in words of the catalogue why a file could not be written.
func (a *app) saveError(name string, err error) error {
	return a.usage("error.save", "file", a.diag().Data(name), "reason", a.reason(err, []knownReason{
		{errNotEvidence, "reason.not-evidence"},
		{errNotRegular, "reason.not-regular"},
		{syscall.EISDIR, "reason.directory"},
		{fs.ErrNotExist, "reason.no-folder"},
		{syscall.ENOTDIR, "reason.no-folder"},
		{fs.ErrPermission, "reason.permission"},
		{syscall.EROFS, "reason.read-only-disk"},
		{syscall.ENOSPC, "reason.no-space"},
	}))
}

// saveEvidence keeps the evidence for --save: readable by its owner alone, written whole or not at all. It gives the size of the
// file in bytes.
func (a *app) saveEvidence(o doctorOptions, e *evidence.Evidence) (size int64, err error) {
	evidence.DropValues(e)
	if !o.withNames {
		salt := make([]byte, 32)
		_, _ = rand.Read(salt) // never fails (Go 1.24)
		evidence.Hash(e, salt)
	}
	var count counter
	err = writeWhole(a.path(o.save), ownerOnly, func(w io.Writer) error { return evidence.Encode(io.MultiWriter(w, &count), e) })
	if err != nil {
		return 0, a.saveError(o.save, err)
	}
	return int64(count), nil
}

// counter counts the bytes that are written to it.
type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

// saidSaved tells on stderr where the evidence is and what it holds.
func (a *app) saidSaved(o doctorOptions, size int64) {
	if a.flags.quiet {
		return
	}
	s, id := a.diag(), "doctor.saved"
	if o.withNames {
		id = "doctor.saved-names"
	}
	sign := s.Sign(term.SymOK)
	a.say(s, sign+" "+s.Wrap(a.cat.T(id, "file", s.Data(o.save), "size", a.cat.Bytes(size)), term.Columns(sign)+1))
}

// The modes of files: evidence is for its owner, metrics are read by node_exporter, which is another user.
const (
	ownerOnly     fs.FileMode = 0o600
	worldReadable fs.FileMode = 0o644
)

// writeWhole writes beside the file and renames, so that nobody ever reads half of it.
func writeWhole(path string, mode fs.FileMode, write func(io.Writer) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*") // 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name()) // what could not be written is worth nothing
		}
	}()
	if mode != ownerOnly {
		if err = f.Chmod(mode); err != nil {
			_ = f.Close() // the first error is the one to report
			return err
		}
	}
	if err = write(f); err != nil {
		_ = f.Close() // the first error is the one to report
		return err
	}
	if err = f.Sync(); err != nil {
		_ = f.Close() // as above
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

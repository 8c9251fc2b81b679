package cli

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/olympiades-ia/olymp-cache/internal/evidence"
)

// path is a file as the operator means it: relative to the run's folder.
func (a *app) path(name string) string {
	if a.env.Dir == "" || filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(a.env.Dir, name)
}

// pathReason is why a file could not be used, without its path, which the message shows already.
func pathReason(err error) string {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err.Error()
	}
	var link *os.LinkError
	if errors.As(err, &link) {
		return link.Err.Error()
	}
	return err.Error()
}

// knownReason is an error that the catalogue has words for.
type knownReason struct {
	is error
	id string
}

// reason is why a file could not be used, in words of the catalogue where it knows them.
func (a *app) reason(err error, known []knownReason) string {
	for _, k := range known {
		if errors.Is(err, k.is) {
			return a.cat.T(k.id)
		}
	}
	return a.diag().Data(pathReason(err))
}

// loadEvidence reads what --save wrote.
func (a *app) loadEvidence(name string) (*evidence.Evidence, error) {
	f, err := os.Open(a.path(name))
	if err != nil {
		return nil, a.fileError(name, err)
	}
	defer f.Close() //nolint:errcheck // only read
	e, err := evidence.Decode(f)
	if err != nil {
		return nil, a.fileError(name, err)
	}
	return e, nil
}

// fileError says why a file of evidence could not be read.
func (a *app) fileError(name string, err error) error {
	return a.usage("error.evidence-file", "file", a.diag().Data(name), "reason", a.reason(err, []knownReason{
		{fs.ErrNotExist, "reason.missing"},
		{fs.ErrPermission, "reason.permission"},
		{syscall.EISDIR, "reason.directory"},
		{evidence.ErrSchema, "reason.format"},
		{evidence.ErrDamaged, "reason.damaged"},
	}))
}

package cli

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/olympiades-ia/olymp-cache/internal/evidence"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/findings"
	"github.com/olympiades-ia/olymp-cache/internal/report"
)

// saveEvidence keeps the evidence for --save: readable by its owner alone, written whole or not at all.
func (a *app) saveEvidence(o doctorOptions, e *evidence.Evidence) error {
	if o.save == "" {
		return nil
	}
	evidence.DropValues(e)
	if !o.withNames {
		salt := make([]byte, 32)
		_, _ = rand.Read(salt) // never fails (Go 1.24)
		evidence.Hash(e, salt)
	}
	if err := writeWhole(a.path(o.save), ownerOnly, func(w io.Writer) error { return evidence.Encode(w, e) }); err != nil {
		return a.usage("error.save", "file", a.diag().Data(o.save), "reason", a.diag().Data(pathReason(err)))
	}
	return nil
}

// path is a file as the operator means it: relative to the run's folder.
func (a *app) path(name string) string {
	if a.env.Dir == "" || filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(a.env.Dir, name)
}

// The modes of files: evidence is for its owner, metrics are read by node_exporter, which is another user.
const (
	ownerOnly     fs.FileMode = 0o600
	worldReadable fs.FileMode = 0o644
)

// errNoFile is a path that names something else than a file: a device would be replaced, were it written to.
var errNoFile = errors.New("not a regular file")

// writeWhole writes beside the file and renames, so that nobody ever reads half of it. A link is followed.
func writeWhole(path string, mode fs.FileMode, write func(io.Writer) error) (err error) {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
		if stat, err := os.Stat(path); err == nil && !stat.Mode().IsRegular() {
			return errNoFile
		}
	}
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

// pathReason is why a file could not be used, without its path, which the message shows already.
func pathReason(err error) string {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err.Error()
	}
	return err.Error()
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

// fileError says in words of the catalogue what is wrong with a file, where it knows them.
func (a *app) fileError(name string, err error) error {
	reason := a.diag().Data(pathReason(err))
	for _, known := range []struct {
		is     error
		reason string
	}{
		{fs.ErrNotExist, "reason.missing"},
		{fs.ErrPermission, "reason.permission"},
		{syscall.EISDIR, "reason.directory"},
		{evidence.ErrSchema, "reason.format"},
		{evidence.ErrDamaged, "reason.damaged"},
	} {
		if errors.Is(err, known.is) {
			reason = a.cat.T(known.reason)
		}
	}
	return a.usage("error.evidence-file", "file", a.diag().Data(name), "reason", reason)
}

// maxReport bounds what is read of a report, in bytes.
const maxReport = 64 << 20

// previous are the findings of an earlier run: of a file of --save, judged anew, or of a report of `-o json`. The file is
// read once, as it may be a pipe.
func (a *app) previous(name string) (map[string]finding.Severity, error) {
	if name == "" {
		return nil, nil //nolint:nilnil // nothing to compare with is no failure
	}
	f, err := os.Open(a.path(name))
	if err != nil {
		return nil, a.fileError(name, err)
	}
	defer f.Close() //nolint:errcheck // only read
	raw, err := io.ReadAll(io.LimitReader(f, maxReport))
	if err != nil {
		return nil, a.fileError(name, err)
	}
	var document struct {
		Schema   string `json:"schema"`
		Findings []struct {
			ID       string           `json:"id"`
			Severity finding.Severity `json:"severity"`
		} `json:"findings"`
	}
	if err := json.Unmarshal(raw, &document); err == nil && document.Schema == report.DoctorSchema {
		seen := map[string]finding.Severity{}
		for _, f := range document.Findings {
			seen[f.ID] = max(seen[f.ID], f.Severity)
		}
		return seen, nil
	}
	e, err := evidence.Decode(bytes.NewReader(raw))
	if err != nil {
		return nil, a.fileError(name, err)
	}
	return severities(findings.Judge(e).Findings), nil
}

func severities(all []finding.Finding) map[string]finding.Severity {
	seen := map[string]finding.Severity{}
	for _, f := range all {
		seen[f.ID] = max(seen[f.ID], f.Severity)
	}
	return seen
}

// compare tells what is new, what is gone and what is worse than before. What could not be judged this time is not gone.
func compare(before map[string]finding.Severity, now findings.Verdict, o doctorOptions) *report.Comparison {
	c := &report.Comparison{}
	seen, unjudged := severities(now.Findings), map[string]bool{}
	for _, s := range now.Skipped {
		unjudged[s.ID] = true
	}
	for _, entry := range findings.Catalogue() {
		was, is := before[entry.ID], seen[entry.ID]
		switch {
		case !findings.Wanted(entry.ID, o.only, o.skip):
		case was == finding.Unknown && is != finding.Unknown:
			c.New = append(c.New, entry.ID)
		case was != finding.Unknown && is == finding.Unknown && !unjudged[entry.ID]:
			c.Gone = append(c.Gone, entry.ID)
		case is > was:
			c.Worse = append(c.Worse, entry.ID)
		}
	}
	return c
}

package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/olympiades-ia/olymp-cache/internal/keyspace"
	"github.com/olympiades-ia/olymp-cache/internal/keyspace/profile"
)

// resumeSchema names the file of --resume. It is ours alone: a later version may refuse it.
const resumeSchema = "olymp-cache/keys-stats-resume/v1"

// resumeFile is how far a long reading came.
type resumeFile struct {
	Schema  string            `json:"schema"`
	Target  string            `json:"target"` // masked
	Pattern string            `json:"pattern"`
	Type    string            `json:"type"`
	Cursors map[string]string `json:"cursors"`
	Profile profile.State     `json:"profile"`
}

// mostResume bounds the file: some times what 20,000 families and their names can fill.
const mostResume = 64 << 20

// resumeFrom reads what an earlier run of the same question left; nil where there is nothing yet.
func (a *app) resumeFrom(o statsOptions, target string) (*keyspace.Checkpoint, error) {
	refuse := func(id string, more ...any) error {
		return a.usage(id, append([]any{"file", a.diag().Data(o.resume)}, more...)...)
	}
	f, err := os.Open(a.path(o.resume))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, refuse("error.read-file", "reason", a.diag().Data(pathReason(err)))
	}
	defer f.Close() //nolint:errcheck // only read
	var saved resumeFile
	if err := json.NewDecoder(io.LimitReader(f, mostResume)).Decode(&saved); err != nil || saved.Schema != resumeSchema {
		return nil, refuse("error.resume-format")
	}
	same := saved.Target == target && saved.Pattern == o.filter.Pattern && saved.Type == o.filter.Type &&
		saved.Profile.Naming == profile.Naming{Separators: o.separators, Depth: o.depth} && saved.Profile.Top == o.top
	if !same {
		return nil, refuse("error.resume-other")
	}
	return &keyspace.Checkpoint{Cursors: saved.Cursors, Profile: saved.Profile}, nil
}

// keepResume writes how far a run came, and removes the file of one that came to its end.
func (a *app) keepResume(o statsOptions, target string, c *keyspace.Checkpoint) error {
	path := a.path(o.resume)
	if c == nil {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s: %w", a.diag().Data(o.resume), err)
		}
		return nil
	}
	saved := resumeFile{resumeSchema, target, o.filter.Pattern, o.filter.Type, c.Cursors, c.Profile}
	err := writeWhole(path, ownerOnly, func(w io.Writer) error { return json.NewEncoder(w).Encode(saved) })
	if err != nil {
		return a.usage("error.write-file", "file", a.diag().Data(o.resume), "reason", a.diag().Data(pathReason(err)))
	}
	if !a.flags.quiet {
		a.say(a.diag(), a.cat.T("stats.resume-kept", "file", a.diag().Data(o.resume)))
	}
	return nil
}

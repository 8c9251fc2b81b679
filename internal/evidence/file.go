package evidence

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
)

// maxFile bounds what Decode reads, in bytes: a cluster of some hundred nodes is far below.
const maxFile = 256 << 20

// ErrSchema is a file that holds no evidence, or evidence of another format.
var ErrSchema = errors.New("not evidence of this format (" + Schema + ")")

// Encode writes evidence as JSON.
func Encode(w io.Writer, e *Evidence) error {
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	out.SetEscapeHTML(false)
	if err := out.Encode(e); err != nil {
		return fmt.Errorf("write evidence: %w", err)
	}
	return nil
}

// Decode reads what Encode wrote. What to type is judged anew and never taken from a file: somebody else may have made it.
func Decode(r io.Reader) (*Evidence, error) {
	e := &Evidence{}
	if err := json.NewDecoder(io.LimitReader(r, maxFile)).Decode(e); err != nil {
		return nil, fmt.Errorf("read evidence: %w", err)
	}
	if e.Schema != Schema {
		return nil, ErrSchema
	}
	for i := range e.Config {
		e.Config[i].Fixes = nil
	}
	if e.Trace.Failure != nil {
		e.Trace.Failure.Finding.Fixes = nil
	}
	for _, steps := range [][]finding.Step{e.Trace.Steps, e.API} {
		for i := range steps {
			if p := steps[i].Problem; p != nil {
				p.Fixes = nil
			}
		}
	}
	return e, nil
}

package evidence

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
)

// maxFile bounds what Decode reads, in bytes: a cluster of some hundred nodes is far below.
const maxFile = 256 << 20

// ErrSchema is a file that holds no evidence, or evidence of another format.
var ErrSchema = errors.New("not evidence of this format (" + Schema + ")")

// ErrDamaged is a file that was cut, altered or joined to another.
var ErrDamaged = errors.New("damaged or incomplete")

func decodeError(err error) error {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("read evidence: %w: %w", ErrDamaged, err)
	}
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return fmt.Errorf("read evidence: %w: %w", ErrSchema, err)
	}
	return fmt.Errorf("read evidence: %w", err)
}

// recognised is how much of a file tells whether it is evidence, in bytes: the schema is the first that Encode writes.
const recognised = 4 << 10

// Recognise tells a file that Encode wrote, of whatever version and even if it was cut.
func Recognise(r io.Reader) bool {
	from := json.NewDecoder(io.LimitReader(r, recognised))
	for _, want := range []json.Token{json.Delim('{'), "schema"} {
		if got, err := from.Token(); err != nil || got != want {
			return false
		}
	}
	schema, err := from.Token()
	text, ok := schema.(string)
	family, _, _ := strings.Cut(Schema, "/v")
	return err == nil && ok && strings.HasPrefix(text, family+"/v")
}

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
	from := json.NewDecoder(io.LimitReader(r, maxFile))
	if err := from.Decode(e); err != nil {
		return nil, decodeError(err)
	}
	if e.Schema != Schema {
		return nil, ErrSchema
	}
	if _, err := from.Token(); !errors.Is(err, io.EOF) || len(e.Trace.Steps) == 0 {
		return nil, ErrDamaged // more behind it; or nothing seen, of which nothing can be said
	}
	if strings.HasPrefix(e.Target.Host, "-") || strings.HasPrefix(e.Trace.Host, "-") {
		return nil, ErrDamaged // no host is called so, and a command would take it for an option
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

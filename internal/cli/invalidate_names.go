package cli

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/keyname"
	"github.com/olympiades-ia/olymp-cache/internal/keyspace"
	"github.com/olympiades-ia/olymp-cache/internal/report"
)

// longestName bounds one name on stdin, in bytes: Redis takes 512 MB, and nobody names a key so.
const longestName = 1 << 20

// errLongName is a stream of names that is none.
var errLongName = errors.New("a name of more than 1 MiB")

// namesFrom reads names, each ended by a newline or, with null, by NUL: bytes, as they are, but for empty ones.
func namesFrom(in io.Reader, null bool) iter.Seq2[[]byte, error] {
	end := byte('\n')
	if null {
		end = 0
	}
	return func(yield func([]byte, error) bool) {
		s := bufio.NewScanner(in)
		s.Buffer(make([]byte, 0, 64<<10), longestName)
		s.Split(func(data []byte, atEOF bool) (int, []byte, error) {
			if i := bytes.IndexByte(data, end); i >= 0 {
				return i + 1, data[:i], nil
			}
			if atEOF && len(data) > 0 {
				return len(data), data, nil
			}
			return 0, nil, nil
		})
		for s.Scan() {
			if len(s.Bytes()) > 0 && !yield(s.Bytes(), nil) {
				return
			}
		}
		err := s.Err()
		if errors.Is(err, bufio.ErrTooLong) {
			err = errLongName
		}
		if err != nil {
			yield(nil, fmt.Errorf("stdin: %w", err))
		}
	}
}

// collect keeps all names of a stream.
func collect(names iter.Seq2[[]byte, error]) (all [][]byte, err error) {
	for name, err := range names {
		if err != nil {
			return nil, err
		}
		all = append(all, bytes.Clone(name))
	}
	return all, nil
}

// expandGroups turns groups into the names and patterns that they are of. A name that is given twice counts once.
func (r *invalidation) expandGroups() error {
	for _, g := range r.o.groups {
		members, ok := r.cfg.Settings.Groups[g]
		if !ok {
			known := slices.Sorted(maps.Keys(r.cfg.Settings.Groups))
			return r.usage("error.group-unknown", "group", r.diag().Data(g), "known", r.diag().Data(strings.Join(known, ", ")))
		}
		for _, m := range members {
			if keyname.IsPattern(m) {
				r.o.patterns = append(r.o.patterns, m)
			} else {
				r.o.keys = append(r.o.keys, m)
			}
		}
	}
	unique := func(all []string) []string {
		seen := map[string]bool{}
		return slices.DeleteFunc(all, func(s string) bool {
			twice := seen[s]
			seen[s] = true
			return twice
		})
	}
	r.o.keys, r.o.patterns = unique(r.o.keys), unique(r.o.patterns)
	return r.checkRemovePatterns(r.o.patterns)
}

// checkRemovePatterns refuses a pattern that cannot mean what it says, and one that means all.
func (a *app) checkRemovePatterns(patterns []string) error {
	for _, p := range patterns {
		if err := a.checkPattern(p); err != nil {
			return err
		}
		if strings.Contains(p, "*") && strings.Trim(p, "*?") == "" {
			return a.usage("error.pattern-all", "pattern", a.diag().Data(p))
		}
	}
	return nil
}

// what names the selection in the audit log.
func (o *invalidateOptions) what() (all []string) {
	if o.stdin() {
		all = append(all, "stdin")
	} else {
		all = append(all, o.keys[:min(len(o.keys), fewNames)]...)
	}
	if more := len(o.keys) - fewNames; more > 0 {
		all = append(all, fmt.Sprintf("… +%d", more))
	}
	for _, p := range o.patterns {
		all = append(all, "--pattern "+p)
	}
	for _, f := range []struct {
		given bool
		text  string
	}{
		{o.kind != "", "--type " + o.kind},
		{o.noTTL, "--no-ttl"},
		{o.minSize > 0, fmt.Sprintf("--min-size %d", int64(o.minSize))},
		{o.expireIn > 0, "--expire-in " + o.expireIn.String()},
		{o.unchanged, "--if-unchanged"},
	} {
		if f.given {
			all = append(all, f.text)
		}
	}
	return all
}

// fateFile is the file of --report; without one it does nothing.
type fateFile struct {
	app  *app
	name string
	file *os.File
	out  *bufio.Writer
}

// openFates opens the file before anything is deleted.
func (a *app) openFates(name string) (*fateFile, error) {
	f := &fateFile{app: a, name: name}
	if name == "" {
		return f, nil
	}
	file, err := os.OpenFile(a.path(name), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, ownerOnly)
	if err != nil {
		return nil, a.usage("error.write-file", "file", a.diag().Data(name), "reason", a.diag().Data(pathReason(err)))
	}
	f.file, f.out = file, bufio.NewWriterSize(file, 64<<10)
	return f, nil
}

func (f *fateFile) write(name []byte, fate string) error {
	if f.out == nil {
		return nil
	}
	return f.named(report.FateLine(f.out, name, fate))
}

// named says which file could not be written.
func (f *fateFile) named(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %s", f.app.diag().Data(f.name), f.app.diag().Data(pathReason(err))) //nolint:errorlint // for people only
}

// finish writes what is still held back.
func (f *fateFile) finish() error {
	if f.file == nil {
		return nil
	}
	err := f.out.Flush()
	if cerr := f.file.Close(); err == nil {
		err = cerr
	}
	f.file = nil
	return f.named(err)
}

func (f *fateFile) close() {
	if f.file != nil {
		_ = f.finish() // a run that deleted nothing, or has reported its error
	}
}

// watchRemoval shows how far a deletion has come.
func (a *app) watchRemoval(p *keyspace.Progress) (stop func()) {
	return a.drawProgress(func(passed time.Duration) string {
		gone := p.Gone.Load()
		rate := float64(gone) / passed.Seconds()
		done, total := p.Keys.Load(), p.Total.Load()
		left := "?"
		if done > 0 && total >= done {
			left = a.cat.Span(time.Duration(float64(total-done) / float64(done) * float64(passed)))
		}
		return a.cat.T("remove.progress", "n", a.cat.Int(gone), "rate", a.cat.Int(int64(rate)), "left", left)
	})
}

package cli

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/keyname"
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

// listed goes through names that are all there.
func listed(all [][]byte) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for _, name := range all {
			if !yield(name, nil) {
				return
			}
		}
	}
}

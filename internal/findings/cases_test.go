package findings_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/olympiades-ia/olymp-cache/internal/evidence"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/findings"
	"github.com/olympiades-ia/olymp-cache/internal/i18n"
	"github.com/olympiades-ia/olymp-cache/internal/report"
)

// ruleCase is evidence and what must, and must not, be found in it.
type ruleCase struct {
	name string
	seen func(t *testing.T) *evidence.Evidence
	root string   // the root cause; "-" for none; empty: not looked at
	want []string // ids that are found, in this order, others may stand between them
	not  []string // ids that are not found
	skip []string // ids that are listed as skipped
	// skipNot are ids that are not listed as skipped.
	skipNot []string
	status  findings.Status // the verdict; empty: not looked at
	says    []string        // parts of the first wanted finding's commands, each in at least one of them
}

// allCases are those of every area.
func allCases() []ruleCase {
	return slices.Concat(networkCases, serverCases, cacheCases)
}

func TestRules(t *testing.T) {
	t.Parallel()
	for _, c := range allCases() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			v := findings.Judge(c.seen(t))
			var ids, skipped []string
			for _, f := range v.Findings {
				ids = append(ids, f.ID)
				wantReadable(t, f)
			}
			for _, s := range v.Skipped {
				skipped = append(skipped, s.ID)
			}
			if c.root != "" && v.RootCause() != strings.TrimPrefix(c.root, "-") {
				t.Errorf("root cause %q, want %q (status %s, found %q)", v.RootCause(), c.root, v.Status, ids)
			}
			if c.status != "" && v.Status != c.status {
				t.Errorf("status %s, want %s (found %q)", v.Status, c.status, ids)
			}
			rest := ids
			for _, id := range c.want {
				i := slices.Index(rest, id)
				if i < 0 {
					t.Errorf("found %q, want %q in this order", ids, c.want)
					break
				}
				rest = rest[i+1:]
			}
			for _, id := range c.not {
				if slices.Contains(ids, id) {
					t.Errorf("found %s, which is not there (all: %q)", id, ids)
				}
			}
			for _, id := range c.skip {
				if !slices.Contains(skipped, id) {
					t.Errorf("skipped %q, want %s among them", skipped, id)
				}
			}
			for _, id := range c.skipNot {
				if slices.Contains(skipped, id) {
					t.Errorf("skipped %s, which was judged", id)
				}
			}
			for _, part := range c.says {
				wantCommand(t, v, c, part)
			}
		})
	}
}

func wantCommand(t *testing.T, v findings.Verdict, c ruleCase, part string) {
	t.Helper()
	id := c.root
	if len(c.want) > 0 {
		id = c.want[0]
	}
	var commands []string
	for _, f := range v.Findings {
		if f.ID == id {
			for _, x := range f.Fixes {
				commands = append(commands, x.Command)
			}
		}
	}
	if !strings.Contains(strings.Join(commands, "\n"), part) {
		t.Errorf("the commands %q of %s do not say %q", commands, id, part)
	}
}

// wantReadable: complete sentences in both languages, and commands that are safe to paste.
func wantReadable(t *testing.T, f finding.Finding) {
	t.Helper()
	for _, cat := range []*i18n.Catalog{i18n.New(i18n.French), i18n.New(i18n.English)} {
		w := report.Words{C: cat, Data: func(s string) string { return s }}
		sentences := []string{w.Title(f), w.Cause(f)}
		for _, x := range f.Fixes {
			wantSafe(t, f.ID, x.Command)
			if !cat.Has("fix." + x.ID) {
				t.Errorf("%s: fix.%s is not in the catalogue %s", f.ID, x.ID, cat.Lang())
			}
			sentences = append(sentences, w.Fix(f, x))
		}
		for i, s := range sentences {
			if placeholder.MatchString(s) || s == "" || strings.HasPrefix(s, "finding.") {
				t.Errorf("%s, %s, sentence %d: %q", f.ID, cat.Lang(), i, s)
			}
		}
	}
}

// TestHealthy: a false alarm is as bad as a miss.
func TestHealthy(t *testing.T) {
	t.Parallel()
	v := findings.Judge(healthy(t))
	if v.Status != findings.StatusOK || v.RootCause() != "" {
		t.Errorf("a healthy server is %s: %+v", v.Status, v.Findings)
	}
}

// TestEveryIDHasItsCases: an id without a case that shows it is a rule that nobody ever saw work.
func TestEveryIDHasItsCases(t *testing.T) {
	t.Parallel()
	shown, absent := map[string]bool{}, map[string]bool{}
	for _, c := range allCases() {
		for _, id := range append(slices.Clone(c.want), c.root) {
			shown[id] = true
		}
		for _, id := range c.not {
			absent[id] = true
		}
	}
	for _, p := range produced(t) {
		shown[p.finding.ID] = true // made by the configuration, the connection or the smoke test
	}
	for _, e := range findings.Catalogue() {
		if !shown[e.ID] && e.ID != "write-key-left" {
			t.Errorf("%s: no case shows it", e.ID)
		}
		_ = absent
	}
}

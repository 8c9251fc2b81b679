package report

import (
	"math"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/term"
)

// RestoreHead says what will come back, from where and to where; age is how old the backup is.
func (t *Text) RestoreHead(r *Restore, age time.Duration) {
	cat := t.Words.C
	t.item(term.SymPen, term.Title, cat.T("restore.title")+cat.T("colon")+t.Words.Data(r.Target.URL))
	t.line("   ", t.paint(term.Dim, t.wrap(cat.T("test.source")+cat.T("colon")+t.source(r.Target.Source), 3)))
	t.line("   ", t.wrap(cat.N("restore.file", plural(r.InFile), "file", t.Words.Data(r.File), "keys", cat.Int(r.InFile),
		"bytes", cat.Bytes(r.Bytes)), 3))
	id := "restore.origin"
	if age < 0 {
		id = "restore.origin-future" // the clocks of two machines
	}
	server := t.Words.Data(r.Origin.Server + " " + r.Origin.ServerVersion)
	t.line("   ", t.wrap(cat.T(id, "url", t.Words.Data(r.Origin.URL), "age", cat.Span(age.Abs()), "server", server), 3))
	if r.elsewhere() {
		t.item(term.SymWarn, term.Warn, cat.T("restore.elsewhere", "origin", t.Words.Data(r.Origin.URL), "target", t.Words.Data(r.Target.URL)))
	}
	if r.Pattern != "" {
		t.line("   ", t.wrap(cat.T("restore.pattern", "pattern", t.Words.Data(r.Pattern)), 3))
	}
}

// RestorePlan says what would become of the keys, before it is done.
func (t *Text) RestorePlan(r *Restore) {
	cat, k := t.Words.C, r.Keys
	t.bullet(cat.N("restore.would", plural(k.Done), "n", cat.Int(k.Done)))
	if r.Replace {
		t.bullet(cat.T("restore.replaces"))
	}
	t.restoreOthers(r)
}

// Restore writes what became of the keys.
func (t *Text) Restore(r *Restore) {
	cat, k := t.Words.C, r.Keys
	if !t.Quiet {
		if r.DryRun {
			t.RestorePlan(r)
		} else {
			t.restoreOthers(r)
		}
	}
	if r.Partial != "" {
		t.item(term.SymWarn, term.Warn, cat.T("restore.partial."+r.Partial))
	}
	if k.Failed > 0 {
		t.item(term.SymWarn, term.Warn, cat.T("restore.first-failed", "key", t.Words.Data(r.FirstFailed)))
	}
	sym := term.SymOK
	if r.Partial != "" || k.Failed > 0 {
		sym = term.SymWarn
	}
	text := cat.N("restore.done", plural(k.Done), "n", cat.Int(k.Done), "of", cat.Int(k.Matching))
	if r.DryRun {
		text = cat.T("restore.dry-run")
	}
	aside := ""
	if !t.Quiet {
		aside = cat.N("check.sent", r.Sent, "n", cat.Int(int64(r.Sent)), "took", cat.Duration(r.Duration))
	}
	t.itemAside(sym, term.Plain, text, aside)
}

// restoreOthers are the counts of keys that did not, or would not, come back.
func (t *Text) restoreOthers(r *Restore) {
	cat, k := t.Words.C, r.Keys
	for _, one := range []struct {
		id string
		n  int64
	}{
		{"restore.kept", k.Kept}, {"restore.expired", k.Expired}, {"restore.failed", k.Failed}, {"restore.unknown", k.Unknown},
		{"restore.unsent", k.Unsent},
	} {
		if one.n > 0 {
			t.bullet(cat.N(one.id, plural(one.n), "n", cat.Int(one.n)))
		}
	}
}

// plural is a number for the choice of a plural form.
func plural(n int64) int { return int(min(n, math.MaxInt32)) }

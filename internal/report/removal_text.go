package report

import (
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/term"
)

// RemovalPlan shows what would go, before the question or instead of it.
func (t *Text) RemovalPlan(p *RemovalPlan, s *Standing) {
	cat := t.Words.C
	t.heading(term.SymBroom, "remove.plan", s)
	t.Standing(s)
	text := cat.N("remove.plan-keys", plural(p.Keys), "n", cat.Int(p.Keys))
	if p.Keys > 0 && p.Unsized < p.Keys {
		text += ", " + cat.Bytes(p.Bytes)
	}
	t.bullet(text)
	if p.MaxTTL >= 0 {
		t.bullet(cat.T("remove.plan-ttl", "min", t.ttlText(p.MinTTL), "max", t.ttlText(p.MaxTTL)))
	}
	if p.NoTTL > 0 {
		t.bullet(cat.N("remove.plan-no-ttl", plural(p.NoTTL), "n", cat.Int(p.NoTTL)))
	}
	if p.Missing > 0 {
		t.bullet(cat.N("remove.plan-missing", plural(p.Missing), "n", cat.Int(p.Missing)))
	}
	if p.Kept > 0 {
		t.bullet(cat.N("remove.plan-kept", plural(p.Kept), "n", cat.Int(p.Kept)))
	}
	for _, r := range p.Refused {
		t.bullet(cat.T("stats.refused", "command", r.Command, "reply", t.Words.Data(strings.TrimSpace(r.Reply))))
	}
	if len(p.Sample) > 0 {
		t.line()
		t.planned(p)
	}
	t.line()
}

// planned is the table of some keys.
func (t *Text) planned(p *RemovalPlan) {
	cat := t.Words.C
	var keys, kinds, ttls, sizes []string
	for _, k := range p.Sample {
		keys, kinds = append(keys, t.Words.Data(k.Name)), append(kinds, t.Words.Data(k.Type))
		ttl, size := t.ttlText(k.TTL), "?"
		if k.Bytes >= 0 {
			size = cat.Bytes(k.Bytes)
		}
		ttls, sizes = append(ttls, ttl), append(sizes, size)
	}
	t.table([]column{
		t.newColumn(true, cat.T("column.key"), keys...), t.newColumn(true, cat.T("column.type"), kinds...),
		t.newColumn(false, cat.T("column.ttl"), ttls...), t.newColumn(false, cat.T("column.size"), sizes...),
	})
	if more := p.Keys - int64(len(p.Sample)); more > 0 {
		t.line("   ", t.paint(term.Dim, cat.N("remove.plan-more", plural(more), "n", cat.Int(more))))
	}
}

// Removal shows what became of the keys.
func (t *Text) Removal(r *Removal) {
	cat := t.Words.C
	if r.Partial == "failed" && r.Counts == (RemovalCounts{}) {
		t.item(term.SymFail, term.Bad, cat.T("remove.nothing"))
		return
	}
	if len(r.Keys) > 1 && !t.Quiet {
		for _, k := range r.Keys {
			sym, role := fateLook(k.Fate)
			t.item(sym, role, t.Words.Data(k.Name)+cat.T("colon")+cat.T("fate."+k.Fate))
		}
		t.line()
	}
	sym, role := term.SymOK, term.Good
	switch c := r.Counts; {
	case c.Failed > 0 || c.Unknown > 0 || r.Partial == "failed":
		sym, role = term.SymFail, term.Bad
	case r.Partial != "":
		sym, role = term.SymWarn, term.Warn
	case c.Deleted+c.Expiring == 0:
		sym, role = term.SymInfo, term.Plain
	}
	if len(r.Keys) == 1 && r.Partial == "" {
		k := r.Keys[0]
		if sym, role = fateLook(k.Fate); sym == term.SymSkip {
			sym = term.SymInfo
		}
		t.item(sym, role, t.Words.Data(k.Name)+cat.T("colon")+cat.T("fate."+k.Fate))
	} else {
		t.item(sym, role, t.counts(r.Counts))
	}
	if r.Partial != "" {
		t.item(term.SymWarn, term.Warn, cat.T("remove.partial."+r.Partial))
	}
	if r.Counts.Unknown > 0 {
		t.item(term.SymWarn, term.Warn, cat.N("remove.unknown-why", plural(r.Counts.Unknown), "n", cat.Int(r.Counts.Unknown)))
	}
	for _, s := range r.Verified {
		t.Step(s)
	}
}

// counts is «12 keys deleted, 1 already gone».
func (t *Text) counts(c RemovalCounts) string {
	cat := t.Words.C
	var parts []string
	for _, one := range []struct {
		id string
		n  int64
	}{
		{"remove.deleted", c.Deleted},
		{"remove.expiring", c.Expiring},
		{"remove.missing", c.Missing},
		{"remove.kept", c.Kept},
		{"remove.failed", c.Failed},
		{"remove.unknown", c.Unknown},
	} {
		if one.n > 0 {
			parts = append(parts, cat.N(one.id, plural(one.n), "n", cat.Int(one.n)))
		}
	}
	if len(parts) == 0 {
		return cat.T("remove.none")
	}
	return strings.Join(parts, ", ")
}

func fateLook(fate string) (term.Symbol, term.Role) {
	switch fate {
	case "deleted", "expiring":
		return term.SymOK, term.Good
	case "missing", "kept":
		return term.SymSkip, term.Plain
	}
	return term.SymFail, term.Bad
}

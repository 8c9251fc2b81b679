package report

import (
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/term"
)

// mostAside is how many findings beside the root cause a failure shows, a line each: a report of a failure is read on a
// terminal of 24 lines.
const mostAside = 3

const (
	// screenRows is how many lines such a terminal has, verdictRows those that come after the last finding.
	screenRows, verdictRows = 24, 4
)

// Diagnosis writes a diagnosis for people: the ladder, what is wrong and what to type, the verdict.
func (t *Text) Diagnosis(d *Diagnosis) {
	if !t.Quiet {
		t.diagnosisHead(d)
		t.ladder(d)
		t.diagnosisFindings(d)
		t.rates(d)
		t.comparison(d)
		t.skippedRules(d)
	}
	t.diagnosisVerdict(d)
}

func (t *Text) diagnosisHead(d *Diagnosis) {
	cat := t.Words.C
	t.item(term.SymStethoscope, term.Title, cat.T("doctor.title")+cat.T("colon")+t.Words.Data(orDisplay(d.Target)))
	source := cat.T("test.source") + cat.T("colon") + t.source(d.Target.Source)
	if d.LoadedFrom != "" {
		source = cat.T("doctor.loaded", "file", t.Words.Data(d.LoadedFrom), "when", d.Started.Format("2006-01-02 15:04:05 MST"))
	}
	if d.Target.Source == "" && d.LoadedFrom == "" {
		return // no file could be read that names a target
	}
	t.line("   ", t.paint(term.Dim, t.wrap(source, 3)))
}

// orDisplay is the masked address, or, where none could be read, a dash.
func orDisplay(target Target) string {
	if target.URL != "" {
		return target.URL
	}
	return "—"
}

// ladder is a line a rung; those that were not reached share one. Where it broke, those that held share one too: a report of
// a failure is read on a terminal of 24 lines.
func (t *Text) ladder(d *Diagnosis) {
	cat := t.Words.C
	width := 0
	for _, s := range d.Steps {
		width = max(width, term.Columns(cat.T("rung."+s.Name+".name")))
	}
	short := d.RootCause != "" && !d.Verbose
	var held, behind []string
	var lines []finding.Step
	for _, s := range d.Steps {
		name := cat.T("rung." + s.Name + ".name")
		switch {
		case notNeeded(s):
		case notReached(s):
			behind = append(behind, name)
		case short && s.Status == finding.OK:
			held = append(held, name)
		case short && len(lines) > 0 && sameProblem(s, lines[len(lines)-1]): // said once
		default:
			lines = append(lines, s)
		}
	}
	if len(held) > 0 {
		t.item(term.SymOK, term.Plain, strings.Join(held, ", "))
	}
	for _, s := range lines {
		t.rung(s, width)
	}
	if len(behind) > 0 {
		t.item(term.SymSkip, term.Dim, cat.T("doctor.not-reached")+cat.T("colon")+strings.Join(behind, ", "))
	}
}

// sameProblem tells two rungs that break for one reason.
func sameProblem(a, b finding.Step) bool {
	return a.Problem != nil && b.Problem != nil && a.Problem.ID == b.Problem.ID && a.Status == b.Status
}

// rung is one line of the ladder: the sign, the name in a column, the outcome and, where there is room, the time.
func (t *Text) rung(s finding.Step, width int) {
	name := t.Words.C.T("rung." + s.Name + ".name")
	sym, role := term.SymOK, term.Plain
	switch s.Status {
	case finding.Fail:
		sym, role = term.SymFail, term.Bad
	case finding.Warn:
		sym, role = term.SymWarn, term.Warn
	case finding.OK:
	default:
		sym, role = term.SymSkip, term.Dim
	}
	sign := t.Screen.Sign(sym)
	label, outcome, took := name+strings.Repeat(" ", width-term.Columns(name)+2), t.Words.rungResult(s), ""
	if s.Duration > 0 {
		took = t.Words.C.Duration(s.Duration)
	}
	if t.Screen.ASCII {
		label, outcome, took = term.ToASCII(label), term.ToASCII(outcome), term.ToASCII(took)
	}
	indent := term.Columns(sign) + 1 + term.Columns(label)
	outcome = t.wrap(outcome, indent)
	line := t.paint(role, outcome)
	room := !t.Screen.TTY || indent+term.Columns(outcome)+2+term.Columns(took) <= t.Screen.Cells()
	if took != "" && room && !strings.Contains(outcome, "\n") {
		line += "  " + t.paint(term.Dim, took)
	}
	t.line(sign, " ", label, line)
}

// rungResult is a rung's outcome in a sentence.
func (w Words) rungResult(s finding.Step) string {
	switch {
	case s.Problem != nil:
		return w.Title(*s.Problem)
	case s.Status == finding.OK:
		return fillIn(w.C.T("rung."+s.Name+".ok"), w.pairs(finding.Finding{Evidence: s.Evidence}))
	}
	return w.skipped(s)
}

// diagnosisFindings shows the root cause in full and, beside it, what else there is in a line each. Where nothing is broken,
// every warning is shown in full and every remark in a line.
func (t *Text) diagnosisFindings(d *Diagnosis) {
	if len(d.Findings) == 0 {
		return
	}
	t.line()
	var aside []finding.Finding
	for i, f := range d.Findings {
		root := i == 0 && d.RootCause == f.ID
		if root || d.Verbose || (!d.broken() && f.Severity >= finding.Warning) {
			t.finding(f, root)
			continue
		}
		aside = append(aside, f)
	}
	if len(aside) == 0 {
		return
	}
	shown := aside
	if d.broken() {
		room := max(screenRows-t.written-verdictRows, 0)
		shown = aside[:min(len(aside), mostAside, room)]
	}
	for _, f := range shown {
		sym, role := severityLook(f.Severity)
		t.itemAside(sym, role, t.Words.Title(f), "["+f.ID+"]")
	}
	t.inFull(d.InFull, len(aside)-len(shown), aside[0].ID)
	if len(shown) > 0 { // else there is no line to spare
		t.line()
	}
}

// inFull says how to see what was left out. A command is to be copied, so it is never wrapped: where it is too long for the
// screen, or wants a password, the one that was just typed is nearer at hand.
func (t *Text) inFull(command string, others int, id string) {
	cat := t.Words.C
	say := func(command string) string {
		if others > 0 {
			return cat.N("doctor.others", others, "n", cat.Int(int64(others)), "command", command)
		}
		return cat.T("doctor.more", "command", command)
	}
	text := say(t.Words.Data(command))
	if strings.Contains(command, finding.PasswordInURL) || t.Screen.TTY && term.Columns(text)+3 > t.Screen.Cells() {
		text = t.wrap(say(cat.T("doctor.same-verbose")), 3)
	}
	t.line("   ", t.paint(term.Dim, text))
	if others == 0 {
		t.line("   ", t.paint(term.Dim, t.wrap(cat.T("doctor.page", "id", id), 3)))
	}
}

func severityLook(s finding.Severity) (term.Symbol, term.Role) {
	switch s {
	case finding.Critical:
		return term.SymFail, term.Bad
	case finding.Warning:
		return term.SymWarn, term.Warn
	}
	return term.SymInfo, term.Plain
}

// comparison is what changed since the file of --compare.
func (t *Text) comparison(d *Diagnosis) {
	c, cat := d.Compared, t.Words.C
	if c == nil {
		return
	}
	if c.OtherTarget != "" {
		t.item(term.SymWarn, term.Warn, cat.T("doctor.other-target", "before", t.Words.Data(c.OtherTarget), "now", t.Words.Data(d.Target.URL)))
		t.line()
		return
	}
	if len(c.New)+len(c.Gone)+len(c.Worse) == 0 {
		t.item(term.SymInfo, term.Plain, cat.T("doctor.unchanged"))
		t.line()
		return
	}
	for _, part := range []struct {
		id   string
		sym  term.Symbol
		role term.Role
		ids  []string
	}{
		{"doctor.new", term.SymWarn, term.Warn, c.New},
		{"doctor.worse", term.SymFail, term.Bad, c.Worse},
		{"doctor.gone", term.SymOK, term.Good, c.Gone},
	} {
		if len(part.ids) > 0 {
			t.item(part.sym, part.role, cat.T(part.id)+cat.T("colon")+strings.Join(part.ids, ", "))
		}
	}
	t.line()
}

// rates are those of --window, in a line.
func (t *Text) rates(d *Diagnosis) {
	if len(d.Window) == 0 {
		return
	}
	t.item(term.SymChart, term.Plain, t.Words.sentence("doctor.rates", finding.Finding{Evidence: d.Window}))
	t.line()
}

// skippedRules says how many rules could not be judged, and why; with --verbose which. Where something is broken, that comes
// first.
func (t *Text) skippedRules(d *Diagnosis) {
	if len(d.Skipped) == 0 || (d.broken() && !d.Verbose) {
		return
	}
	cat := t.Words.C
	var reasons []string
	for _, r := range d.reasonsOf() {
		reasons = append(reasons, cat.T("skipped."+r.reason)+" ("+cat.Int(int64(r.n))+")")
	}
	t.item(term.SymSkip, term.Dim, cat.N("doctor.skipped", len(d.Skipped), "n", cat.Int(int64(len(d.Skipped))))+cat.T("colon")+
		strings.Join(reasons, ", "))
	if d.Verbose {
		for _, s := range d.Skipped {
			text := s.ID + cat.T("colon") + cat.T("skipped."+s.Reason)
			if s.Detail != "" {
				text += " (" + t.Words.Data(s.Detail) + ")"
			}
			t.line("   - ", t.paint(term.Dim, t.wrap(text, 5)))
		}
	}
	t.line()
}

// diagnosisVerdict is the last line, and the only one with --quiet.
func (t *Text) diagnosisVerdict(d *Diagnosis) {
	cat := t.Words.C
	sym, role := term.SymOK, term.Good
	switch d.Status {
	case diagnosisWarning, diagnosisInterrupted:
		sym, role = term.SymWarn, term.Warn
	case diagnosisCritical, diagnosisUnreachable:
		sym, role = term.SymFail, term.Bad
	}
	text := t.Words.verdict(d)
	if f := d.worst(); t.Quiet && f != nil && d.Status != diagnosisOK {
		text = t.Words.followed(text, t.Words.Title(*f)+" ["+f.ID+"]")
	}
	aside := ""
	if !t.Quiet && d.CommandsSent > 0 {
		aside = cat.N("check.sent", d.CommandsSent, "n", cat.Int(int64(d.CommandsSent)), "took", cat.Duration(d.Duration))
	}
	t.itemAside(sym, role, text, aside)
}

// stepSelect is the step of a connection that chooses the database, as a finding's evidence names it.
const stepSelect = "select"

// followed is a verdict and what it comes from, in one line.
func (w Words) followed(verdict, by string) string {
	return strings.TrimSuffix(verdict, ".") + w.C.T("colon") + by
}

// Unreached is the verdict on a server that could not be worked with: at its last step, the choice of the database, it has
// been reached and has taken the login. cause may be nil; target is escaped.
func (w Words) Unreached(cause *finding.Finding, target string) string {
	if cause != nil && cause.Value("step") == stepSelect {
		return w.C.T("test.database-refused", "target", target)
	}
	return w.C.T("test.unreachable", "target", target)
}

// verdict is the diagnosis in one sentence.
func (w Words) verdict(d *Diagnosis) string {
	target := w.Data(d.Target.Display)
	if target == "" {
		target = w.Data(orDisplay(d.Target))
	}
	switch d.Status {
	case diagnosisWarning:
		n := d.count(finding.Warning)
		return w.C.N("doctor.warning", n, "n", w.C.Int(int64(n)), "target", target)
	case diagnosisCritical:
		if d.Misconfigured {
			return w.C.T("doctor.misconfigured")
		}
		n := d.count(finding.Critical)
		return w.C.N("doctor.critical", n, "n", w.C.Int(int64(n)), "target", target)
	case diagnosisUnreachable:
		return w.Unreached(d.worst(), target)
	case diagnosisInterrupted:
		return w.C.T("test.interrupted")
	}
	if n := d.refused(); n > 0 { // what nobody may look at is not known to be good
		return w.C.N("doctor.ok-as-far-as-seen", n, "n", w.C.Int(int64(n)), "target", target)
	}
	return w.C.T("doctor.ok", "target", target)
}

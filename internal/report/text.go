package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/term"
)

// Text writes a check for people, in the look of the guide, step by step as the steps are done.
type Text struct {
	Screen term.Screen
	Words  Words
	Quiet  bool // the verdict only

	err       error
	written   int    // lines written so far
	begun     string // the step whose heading is out
	loginSaid bool   // how redis-cli gets its password
}

// Err is the first failure to write.
func (t *Text) Err() error { return t.err }

func (t *Text) line(parts ...string) {
	if t.err == nil {
		text := strings.TrimRight(strings.Join(parts, ""), " ") + "\n"
		t.written += strings.Count(text, "\n")
		_, t.err = io.WriteString(t.Screen.Out, text)
	}
}

// item is a line with a sign before it, wrapped under its own text.
func (t *Text) item(sym term.Symbol, role term.Role, text string) { t.itemAside(sym, role, text, "") }

// itemAside is an item with a remark behind it in the colour of remarks.
func (t *Text) itemAside(sym term.Symbol, role term.Role, text, aside string) {
	sign := t.Screen.Sign(sym)
	indent := term.Columns(sign) + 1
	if t.Screen.ASCII {
		aside = term.ToASCII(aside) // as wrap does: it is looked for below
	}
	whole := text
	if aside != "" {
		whole += "  " + aside
	}
	// Wrapped together, painted apart: colours do not nest.
	wrapped := t.wrap(whole, indent)
	at := strings.LastIndex(wrapped, aside)
	if at < 0 { // broken over two lines
		at = len(wrapped)
	}
	t.line(sign, " ", t.paint(role, wrapped[:at]), t.paint(term.Dim, wrapped[at:]))
}

// wrap breaks text as it will be shown: «…» becomes three cells on an ASCII stream.
func (t *Text) wrap(text string, indent int) string {
	if t.Screen.ASCII {
		text = term.ToASCII(text)
	}
	return t.Screen.Wrap(text, indent)
}

// paint colours line by line: painted as one block, the lines would be padded to the same width, beyond the screen's.
func (t *Text) paint(role term.Role, text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = t.Screen.Paint(role, line)
	}
	return strings.Join(lines, "\n")
}

// stepLook is the sign of each step's heading.
func stepLook(name string) term.Symbol {
	switch name {
	case "connect":
		return term.SymLink
	case "ping", "info":
		return term.SymDish
	case "set":
		return term.SymPen
	case "get":
		return term.SymBook
	case "ttl":
		return term.SymClock
	case "del", "api-fresh":
		return term.SymBroom
	case "latency":
		return term.SymChart
	default:
		return term.SymGlobe
	}
}

// Head opens the report: what is tested, and where its address came from.
func (t *Text) Head(c *Check) {
	if t.Quiet {
		return
	}
	cat := t.Words.C
	t.item(term.SymTube, term.Title, cat.T(c.Command+".title"))
	t.line(t.Screen.Paint(term.Dim, t.Screen.Rule()))
	t.line()
	t.item(term.SymTool, term.Title, cat.T("test.config"))
	t.bullet("REDIS_ENABLED" + cat.T("colon") + fmt.Sprint(c.Enabled))
	t.bullet("REDIS_URL" + cat.T("colon") + t.Words.Data(c.Target.URL))
	t.bullet(cat.T("test.source") + cat.T("colon") + t.source(c.Target.Source))
	t.line()
}

func (t *Text) bullet(text string) { t.line("   - ", t.wrap(text, 5)) }

func (t *Text) source(s string) string {
	switch s {
	case "flag", "env", "default":
		return t.Words.C.T("source." + s)
	}
	return t.Words.Data(s)
}

// Begin shows the heading of a step that takes a while; Step does it for the others.
func (t *Text) Begin(name string) {
	if !t.Quiet && t.begun != name {
		t.begun = name
		t.item(stepLook(name), term.Plain, t.Words.C.T("step."+name+".run"))
	}
}

// Step shows one step that is done.
func (t *Text) Step(s finding.Step) {
	if t.Quiet {
		return
	}
	cat := t.Words.C
	id := "step." + s.Name
	pairs := t.Words.pairs(finding.Finding{Evidence: s.Evidence})
	if s.Status == finding.Skip {
		t.item(term.SymSkip, term.Dim, cat.T(id+".name")+cat.T("colon")+t.Words.skipped(s))
		if t.begun == s.Name {
			t.line() // its heading stands above
		}
		return
	}
	t.Begin(s.Name)
	t.begun = ""
	took := cat.Duration(s.Duration)
	switch s.Status {
	case finding.OK:
		t.itemAside(term.SymOK, term.Good, fillIn(cat.T(id+".ok"), pairs), took)
	case finding.Warn:
		t.itemAside(term.SymWarn, term.Warn, t.problem(s), took)
	default:
		t.itemAside(term.SymFail, term.Bad, t.problem(s), took)
	}
	t.line()
}

func (t *Text) problem(s finding.Step) string {
	if s.Problem == nil {
		return t.Words.C.T("step." + s.Name + ".name")
	}
	return t.Words.Title(*s.Problem)
}

// Foot closes the report: latency, findings with what to type, the verdict.
func (t *Text) Foot(c *Check) {
	cat := t.Words.C
	if !t.Quiet {
		if n := len(c.Steps); n > 0 && c.Steps[n-1].Status == finding.Skip {
			t.line() // steps that were not done stand close together
		}
		t.latency(c.Latency)
		for i, f := range c.Findings {
			t.finding(f, i == 0 && c.RootCause() == f.ID)
		}
	}
	role, text := term.Good, cat.T(c.Command+".passed")
	sign := t.Screen.Sign(term.SymOK)
	sign += " " + sign + " " + sign
	switch c.State {
	case StateOK:
		switch warned := c.warning(); {
		case warned != nil:
			role, sign, text = term.Warn, t.Screen.Sign(term.SymWarn), cat.T(c.Command+".warned", "target", t.Words.Data(c.Target.Display))
			if t.Quiet {
				text += cat.T("colon") + t.Words.Title(*warned)
			}
		case t.Quiet:
			sign, text = t.Screen.Sign(term.SymOK), cat.T(c.Command+".passed.short", "target", t.Words.Data(c.Target.Display))
		}
	case StateFailed, StateUnreachable:
		role, sign = term.Bad, t.Screen.Sign(term.SymFail)
		text = t.Words.failed(c)
	case StateDisabled:
		role, sign, text = term.Warn, t.Screen.Sign(term.SymWarn), cat.T(c.Command+".disabled")
	case StateInterrupted:
		role, sign, text = term.Warn, t.Screen.Sign(term.SymWarn), cat.T(c.Command+".interrupted")
	}
	if t.Quiet && c.State != StateOK && len(c.Findings) > 0 {
		text = t.Words.followed(text, t.Words.Title(c.Findings[0])+" ["+c.Findings[0].ID+"]")
	}
	indent := term.Columns(sign) + 1
	t.line(sign, " ", t.paint(role, t.wrap(text, indent)))
	if !t.Quiet && c.CommandsSent > 0 {
		sum := cat.N("check.sent", c.CommandsSent, "n", cat.Int(int64(c.CommandsSent)), "took", cat.Duration(c.Duration))
		t.line(strings.Repeat(" ", indent), t.paint(term.Dim, t.wrap(sum, indent)))
	}
}

// Cause shows one finding as the root cause of a failure.
func (t *Text) Cause(f finding.Finding) { t.finding(f, true) }

// finding shows one finding: what, why, what to type.
func (t *Text) finding(f finding.Finding, root bool) {
	sym, role := severityLook(f.Severity)
	title := t.Words.Title(f)
	if root {
		title = t.Words.C.T("finding.root") + t.Words.C.T("colon") + title
	}
	t.itemAside(sym, role, title, "["+f.ID+"]")
	if where := t.Words.Where(f); where != "" && f.ID == "config-env-syntax" {
		t.line("   ", t.wrap(where, 3))
	}
	t.line("   ", t.wrap(t.Words.Cause(f), 3))
	if reply, ok := f.Value("reply").(string); ok {
		t.line("   ", t.wrap(t.Words.C.T("finding.reply", "reply", t.Words.Data(reply)), 3))
	}
	for _, x := range f.Fixes {
		sign := t.Screen.Sign(term.SymHint)
		t.line("   ", sign, " ", t.wrap(t.fix(f, x), 4+term.Columns(sign)))
		for cmd := range strings.Lines(x.Command) {
			// A command is to be copied: it is never wrapped.
			t.line("      ", t.Screen.Paint(term.Command, t.Words.Data(strings.TrimRight(cmd, "\n"))))
		}
	}
	t.line()
}

// fix is the title of a fix. How redis-cli gets its password is said once in a report, which has to fit on a screen.
func (t *Text) fix(f finding.Finding, x finding.Fix) string {
	if t.loginSaid {
		return t.Words.fixTitle(f, x)
	}
	t.loginSaid = logsIn(x)
	return t.Words.Fix(f, x)
}

// latency is a small histogram for each command.
func (t *Text) latency(all []finding.Latency) {
	cat := t.Words.C
	for _, l := range all {
		t.line(t.Screen.Paint(term.Title, l.Command), "  ", t.wrap(cat.N("latency.line", int(l.Rounds),
			"n", cat.Int(l.Rounds), "p50", cat.Duration(l.P50), "p95", cat.Duration(l.P95),
			"p99", cat.Duration(l.P99), "max", cat.Duration(l.Max), "limit", cat.Duration(l.Threshold)), term.Columns(l.Command)+2))
		most := int64(1)
		for _, b := range l.Buckets {
			most = max(most, b.Count)
		}
		room := min(40, max(t.Screen.Cells()-26, 4))
		for _, b := range l.Buckets {
			t.line("   ", pad("≤ "+cat.Duration(b.UpTo), 11), t.Screen.Bar(float64(b.Count)/float64(most), room), " ",
				t.Screen.Paint(term.Dim, cat.Int(b.Count)))
		}
		t.line()
	}
}

func pad(s string, cells int) string {
	if missing := cells - term.Columns(s); missing > 0 {
		return strings.Repeat(" ", missing) + s + " "
	}
	return s + " "
}

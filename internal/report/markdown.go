package report

import (
	"io"
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/term"
)

// Markdown writes the check as GitHub-flavoured Markdown, for a job summary, an issue or a chat.
func Markdown(w io.Writer, words Words, c *Check) error {
	words.Data = markdownData
	cat := words.C
	var b strings.Builder
	b.WriteString("## " + stateSign(c) + " " + cat.T(c.Command+".title") + "\n\n")
	b.WriteString("`" + strings.ReplaceAll(term.Escape(c.Target.URL), "`", "'") + "`\n\n")
	if c.State == StateDisabled {
		b.WriteString(cat.T(c.Command+".disabled") + "\n")
	}
	if len(c.Steps) > 0 {
		b.WriteString("| | " + cat.T("md.step") + " | " + cat.T("md.result") + " | " + cat.T("md.time") + " |\n|---|---|---|---:|\n")
	}
	for _, s := range c.Steps {
		took := cat.Duration(s.Duration)
		if s.Status == finding.Skip || s.Status == finding.NotRun {
			took = ""
		}
		b.WriteString("| " + statusSign(s.Status) + " | " + cat.T("step."+s.Name+".name") + " | " +
			words.stepResult(s) + " | " + took + " |\n")
	}
	if len(c.Latency) > 0 {
		b.WriteString("\n| | n | p50 | p95 | p99 | max |\n|---|---:|---:|---:|---:|---:|\n")
	}
	for _, l := range c.Latency {
		b.WriteString("| " + l.Command + " | " + cat.Int(l.Rounds) + " | " + cat.Duration(l.P50) + " | " + cat.Duration(l.P95) +
			" | " + cat.Duration(l.P99) + " | " + cat.Duration(l.Max) + " |\n")
	}
	for _, f := range c.Findings {
		words.markdownFinding(&b, f)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// markdownFinding is one finding: what, why, the server's words, what to type.
func (w Words) markdownFinding(b *strings.Builder, f finding.Finding) {
	b.WriteString("\n### " + severitySign(f.Severity) + " " + w.Title(f) + " (`" + f.ID + "`)\n\n" + w.Cause(f) + "\n")
	if reply, ok := f.Value("reply").(string); ok {
		b.WriteString("\n> " + w.Data(reply) + "\n")
	}
	for _, x := range f.Fixes {
		b.WriteString("\n- " + w.Fix(f, x) + "\n")
		if x.Command != "" {
			b.WriteString("\n  ```sh\n  " + strings.ReplaceAll(fence(x.Command), "\n", "\n  ") + "\n  ```\n")
		}
	}
}

// markdownData keeps foreign text from becoming markup. GitHub looks for @user in the finished page, where an escaped «@»
// is one again: only a character of no width between the two keeps it from notifying people.
func markdownData(s string) string {
	s = strings.NewReplacer("\\", "\\\\", "`", "\\`", "*", "\\*", "_", "\\_", "<", "&lt;", ">", "&gt;", "[", "\\[", "]", "\\]",
		"|", "\\|", "#", "\\#", "@", "@&#8203;", "!", "\\!", "&", "&amp;", "~", "\\~", "$", "\\$").Replace(term.Escape(s))
	if strings.HasPrefix(s, "-") || strings.HasPrefix(s, "+") || strings.HasPrefix(s, "=") {
		return "\\" + s // a list, a rule or a heading at the start of a line
	}
	return s
}

// fence keeps a command inside its code block.
func fence(cmd string) string {
	lines := strings.Split(strings.TrimRight(cmd, "\n"), "\n")
	for i := range lines {
		lines[i] = strings.ReplaceAll(term.Escape(lines[i]), "```", "'''")
	}
	return strings.Join(lines, "\n")
}

// stepResult is a step's outcome in one line.
func (w Words) stepResult(s finding.Step) string {
	switch {
	case s.Problem != nil:
		return w.Title(*s.Problem)
	case s.Status == finding.Skip || s.Status == finding.NotRun:
		return w.skipped(s)
	}
	return fillIn(w.C.T("step."+s.Name+".ok"), w.pairs(finding.Finding{Evidence: s.Evidence}))
}

func stateSign(c *Check) string {
	switch {
	case c.State == StateOK && c.warning() == nil:
		return "✅"
	case c.State == StateFailed, c.State == StateUnreachable:
		return "❌"
	default:
		return "🔶"
	}
}

func statusSign(s finding.Status) string {
	switch s {
	case finding.OK:
		return "✅"
	case finding.Warn:
		return "🔶"
	case finding.Fail:
		return "❌"
	default:
		return "➖"
	}
}

func severitySign(s finding.Severity) string {
	switch s {
	case finding.Critical:
		return "❌"
	case finding.Warning:
		return "🔶"
	default:
		return "💬"
	}
}

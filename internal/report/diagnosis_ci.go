package report

import (
	"io"
	"slices"
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/term"
)

// DiagnosisJUnit writes the diagnosis as one test suite: a case a rung, a case a finding, a case a rule that was not judged. A
// finding that breaks a rung fails that one: each trouble is counted once.
func DiagnosisJUnit(w io.Writer, words Words, d *Diagnosis) error {
	words.Data = term.Escape // XML 1.0 cannot hold control characters at all
	suite := junitSuite{
		Name: "olymp-cache doctor", Time: seconds(d.Duration), Timestamp: d.Started.UTC().Format("2006-01-02T15:04:05"),
		Properties: []junitProperty{
			{"target", words.Data(d.Target.URL)},
			{"source", words.Data(d.Target.Source)},
			{"status", d.Status},
			{"root_cause", d.RootCause},
			{"version", d.Version},
		},
	}
	add := func(k junitCase) {
		suite.Cases = append(suite.Cases, k)
		suite.Tests++
		switch {
		case k.Failure != nil:
			suite.Failures++
		case k.Skipped != nil:
			suite.Skipped++
		}
	}
	told := map[int]bool{} // findings that a rung's case tells, by their place
	for _, s := range d.Steps {
		k := junitCase{Name: s.Name, Class: "olymp-cache.doctor.steps", Time: seconds(s.Duration)}
		switch {
		case s.Status == finding.Skip || s.Status == finding.NotRun:
			k.Skipped = &junitSkipped{Message: s.Reason}
		case s.Problem != nil:
			f, at := d.full(s)
			told[at] = true
			k.tell(words, f, d.FailOn)
			if k.Failure != nil {
				k.Failure.Type = f.ID
			}
		}
		add(k)
	}
	for i, f := range d.Findings {
		if told[i] {
			continue
		}
		k := junitCase{Name: f.ID, Class: "olymp-cache.doctor." + finding.Category(f.ID), Time: seconds(0)}
		k.tell(words, f, d.FailOn)
		add(k)
	}
	for _, s := range d.Skipped {
		reason := s.Reason
		if s.Detail != "" {
			reason += ": " + words.Data(s.Detail)
		}
		add(junitCase{
			Name: s.ID, Class: "olymp-cache.doctor." + finding.Category(s.ID), Time: seconds(0), Skipped: &junitSkipped{Message: reason},
		})
	}
	return suite.write(w)
}

// tell puts a finding into a case, which fails where the finding is as bad as failOn.
func (k *junitCase) tell(words Words, f finding.Finding, failOn finding.Severity) {
	if text := words.paragraph(f); f.Severity >= failOn {
		k.Failure = &junitFailure{Message: words.Title(f), Type: f.Severity.String(), Text: text}
	} else {
		k.SystemOut = words.Title(f) + "\n" + text
	}
}

// full is the finding behind a step's problem, with its fixes, and its place among the findings; -1 where the problem is only
// the sign of a cause elsewhere, which is critical.
func (d *Diagnosis) full(s finding.Step) (f finding.Finding, at int) {
	f = *s.Problem
	at = slices.IndexFunc(d.Findings, func(g finding.Finding) bool { return g.ID == f.ID && g.Subject == f.Subject })
	if at >= 0 {
		return d.Findings[at], at
	}
	f.Severity = finding.Info // nobody wants to hear of it: --only, --skip
	if s.Status == finding.Fail && d.broken() {
		f.Severity = finding.Critical
	}
	return f, at
}

// DiagnosisGitHub writes workflow commands: an annotation a finding, and one for the verdict.
func DiagnosisGitHub(w io.Writer, words Words, d *Diagnosis) error {
	words.Data = term.Escape
	var b strings.Builder
	for _, f := range d.Findings {
		command := "notice"
		switch {
		case f.Severity == finding.Critical || f.Severity >= d.FailOn:
			command = "error"
		case f.Severity == finding.Warning:
			command = "warning"
		}
		annotate(&b, command, "olymp-cache "+f.ID, words.Title(f)+"\n"+words.paragraph(f))
	}
	command := "notice"
	switch d.Status {
	case diagnosisCritical, diagnosisUnreachable:
		command = "error"
	case diagnosisWarning, diagnosisInterrupted:
		command = "warning"
	}
	annotate(&b, command, "olymp-cache doctor", words.verdict(d))
	_, err := io.WriteString(w, b.String())
	return err
}

// DiagnosisMarkdown writes the diagnosis for a job summary, an issue or a chat.
func DiagnosisMarkdown(w io.Writer, words Words, d *Diagnosis) error {
	words.Data = markdownData
	cat := words.C
	var b strings.Builder
	sign := "✅"
	switch d.Status {
	case diagnosisCritical, diagnosisUnreachable:
		sign = "❌"
	case diagnosisWarning, diagnosisInterrupted:
		sign = "🔶"
	}
	b.WriteString("## " + sign + " " + cat.T("doctor.title") + "\n\n" + words.verdict(d) + "\n\n")
	if d.Target.URL != "" {
		b.WriteString("`" + strings.ReplaceAll(term.Escape(d.Target.URL), "`", "'") + "`\n\n")
	}
	if len(d.Steps) > 0 {
		b.WriteString("| | " + cat.T("md.step") + " | " + cat.T("md.result") + " | " + cat.T("md.time") + " |\n|---|---|---|---:|\n")
	}
	for _, s := range d.Steps {
		took := ""
		if s.Duration > 0 {
			took = cat.Duration(s.Duration)
		}
		b.WriteString("| " + statusSign(s.Status) + " | " + cat.T("rung."+s.Name+".name") + " | " + words.rungResult(s) + " | " + took + " |\n")
	}
	for _, f := range d.Findings {
		words.markdownFinding(&b, f)
	}
	if len(d.Skipped) > 0 {
		b.WriteString("\n<details><summary>" + cat.N("doctor.skipped", len(d.Skipped), "n", cat.Int(int64(len(d.Skipped)))) + "</summary>\n\n")
		for _, s := range d.Skipped {
			b.WriteString("- `" + s.ID + "`" + cat.T("colon") + cat.T("skipped."+s.Reason))
			if s.Detail != "" {
				b.WriteString(" (" + words.Data(s.Detail) + ")")
			}
			b.WriteString("\n")
		}
		b.WriteString("\n</details>\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

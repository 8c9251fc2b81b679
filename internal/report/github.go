package report

import (
	"io"
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/term"
)

// GitHub writes workflow commands, which GitHub shows as annotations: one for the verdict and one for each finding.
// https://docs.github.com/actions/reference/workflow-commands-for-github-actions
func GitHub(w io.Writer, words Words, c *Check) error {
	words.Data = term.Escape
	var b strings.Builder
	for _, f := range c.Findings {
		command := "notice"
		switch f.Severity {
		case finding.Critical:
			command = "error"
		case finding.Warning:
			command = "warning"
		}
		annotate(&b, command, "olymp-cache "+f.ID, words.Title(f)+"\n"+words.paragraph(f))
	}
	switch c.State {
	case StateOK:
		annotate(&b, "notice", "olymp-cache "+c.Command, words.C.T(c.passed(), "target", words.Data(c.Target.Display)))
	case StateDisabled, StateInterrupted:
		annotate(&b, "warning", "olymp-cache "+c.Command, words.C.T(c.Command+"."+string(c.State)))
	case StateFailed, StateUnreachable:
		annotate(&b, "error", "olymp-cache "+c.Command, words.failed(c))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func annotate(b *strings.Builder, command, title, message string) {
	// The escapes of the toolkit's own command.ts: without them a reply could end the line and issue commands.
	data := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	b.WriteString("::" + command + " title=" + property.Replace(title) + "::" + data.Replace(message) + "\n")
}

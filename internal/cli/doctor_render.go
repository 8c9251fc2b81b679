package cli

import (
	"errors"
	"io"
	"strings"
	"syscall"

	"github.com/olympiades-ia/olymp-cache/internal/report"
	"github.com/olympiades-ia/olymp-cache/internal/term"
)

// showDiagnosis writes the diagnosis in the format asked for and gives the exit code on.
func (a *app) showDiagnosis(d *report.Diagnosis, code int) error {
	w, words, s := a.env.Stdout, report.Words{C: a.cat}, a.out()
	var err error
	switch a.format(s) {
	case "json":
		err = report.DiagnosisJSON(w, words, d)
	case "junit":
		err = report.DiagnosisJUnit(w, words, d)
	case "markdown":
		err = report.DiagnosisMarkdown(w, words, d)
	case "nagios":
		err = report.Nagios(w, words, d)
	case "github":
		if err = a.diagnosisText(d, s, func(text string) string { return strings.ReplaceAll(s.Data(text), "##[", "# #[") }); err == nil {
			err = report.DiagnosisGitHub(w, words, d)
		}
		a.stepSummary(func(w io.Writer) error { return report.DiagnosisMarkdown(w, words, d) })
	default:
		err = a.diagnosisText(d, s, s.Data)
	}
	if err != nil && !errors.Is(err, syscall.EPIPE) { // a reader who has seen enough, as head, changes no verdict
		return err
	}
	return verdict(code)
}

// diagnosisText is the report for people; foreign text passes through data.
func (a *app) diagnosisText(d *report.Diagnosis, s term.Screen, data func(string) string) error {
	t := &report.Text{Screen: s, Words: report.Words{C: a.cat, Data: data}, Quiet: a.flags.quiet}
	t.Diagnosis(d)
	return t.Err()
}

package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/report"
	"github.com/olympiades-ia/olymp-cache/internal/term"
)

// checkRenderer shows a check in the format asked for: text as it goes, the others when it is done.
type checkRenderer struct {
	a      *app
	format string
	check  *report.Check
	text   *report.Text
}

func (a *app) checkRenderer(c *report.Check) *checkRenderer {
	s := a.out()
	r := &checkRenderer{a: a, format: a.format(s), check: c}
	words := a.words(s)
	if r.format == "github" {
		// GitHub's runner also obeys its older commands, ##[…], wherever they stand in a line.
		words.Data = func(text string) string { return strings.ReplaceAll(s.Data(text), "##[", "# #[") }
	}
	r.text = &report.Text{Screen: s, Words: words, Quiet: a.flags.quiet}
	if r.format != "text" && r.format != "github" {
		r.text.Screen.Out, r.text.Quiet = io.Discard, true
	}
	return r
}

func (r *checkRenderer) step(s finding.Step) { r.text.Step(s) }

// finish writes what is left to write and gives the exit code on.
func (r *checkRenderer) finish(code int) error {
	var err error
	w, words := r.a.env.Stdout, report.Words{C: r.a.cat}
	switch r.format {
	case "json":
		err = report.JSON(w, words, r.check)
	case "junit":
		err = report.JUnit(w, words, r.check)
	case "markdown":
		err = report.Markdown(w, words, r.check)
	case "github":
		r.text.Foot(r.check)
		err = report.GitHub(w, words, r.check)
		r.a.stepSummary(func(w io.Writer) error { return report.Markdown(w, words, r.check) })
	default:
		r.text.Foot(r.check)
		err = r.text.Err()
	}
	if err != nil && !errors.Is(err, syscall.EPIPE) { // a reader who has seen enough, as head, changes no verdict
		return err
	}
	return verdict(code)
}

// format is the one asked for; on GitHub Actions, where nobody watches, annotations by themselves.
func (a *app) format(s term.Screen) string {
	switch {
	case a.flags.output != "":
		return a.flags.output
	case a.env.getenv("GITHUB_ACTIONS") == "true" && !s.TTY:
		return "github"
	}
	return "text"
}

// stepSummary appends a report to the job's summary page. It is a courtesy: the verdict stands without it.
func (a *app) stepSummary(write func(io.Writer) error) {
	path := a.env.getenv("GITHUB_STEP_SUMMARY")
	if path == "" {
		return
	}
	if err := appendTo(path, write); err != nil {
		s := a.diag()
		a.complain(s, a.cat.T("error.step-summary", "reason", s.Data(err.Error())), "")
	}
}

func appendTo(path string, write func(io.Writer) error) (err error) {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644) //nolint:gosec // GitHub's own file, read by its runner
	if err != nil {
		return fmt.Errorf("GITHUB_STEP_SUMMARY: %w", err)
	}
	defer func() {
		if cerr := f.Close(); err == nil {
			err = cerr
		}
	}()
	return write(f)
}

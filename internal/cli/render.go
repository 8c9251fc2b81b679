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
)

// checkRenderer shows a check in the format asked for: text as it goes, the others when it is done.
type checkRenderer struct {
	a      *app
	format string
	check  *report.Check
	text   *report.Text
}

func (a *app) checkRenderer(c *report.Check) *checkRenderer {
	r := &checkRenderer{a: a, format: a.flags.output, check: c}
	s := a.out()
	if r.format == "" {
		r.format = "text"
		if a.env.getenv("GITHUB_ACTIONS") == "true" && !s.TTY {
			r.format = "github"
		}
	}
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
		if serr := r.stepSummary(words); serr != nil {
			// The summary is a courtesy: the verdict stands without it.
			s := r.a.diag()
			r.a.complain(s, r.a.cat.T("error.step-summary", "reason", s.Data(serr.Error())), "")
		}
	default:
		r.text.Foot(r.check)
		err = r.text.Err()
	}
	if err != nil && !errors.Is(err, syscall.EPIPE) { // a reader who has seen enough, as head, changes no verdict
		return err
	}
	return verdict(code)
}

// stepSummary appends the Markdown report to the job's summary page.
func (r *checkRenderer) stepSummary(words report.Words) (err error) {
	path := r.a.env.getenv("GITHUB_STEP_SUMMARY")
	if path == "" {
		return nil
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644) //nolint:gosec // GitHub's own file, read by its runner
	if err != nil {
		return fmt.Errorf("GITHUB_STEP_SUMMARY: %w", err)
	}
	defer func() {
		if cerr := f.Close(); err == nil {
			err = cerr
		}
	}()
	return report.Markdown(f, words, r.check)
}

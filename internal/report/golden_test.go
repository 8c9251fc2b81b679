package report_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/olympiades-ia/olymp-cache/internal/i18n"
	"github.com/olympiades-ia/olymp-cache/internal/report"
	"github.com/olympiades-ia/olymp-cache/internal/term"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; go test ./internal/report -update writes it", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

func languages() []*i18n.Catalog {
	return []*i18n.Catalog{i18n.New(i18n.French), i18n.New(i18n.English)}
}

// text renders a sample as `test` does, step by step.
func text(t *testing.T, cat *i18n.Catalog, screen term.Screen, s sample) string {
	t.Helper()
	var b bytes.Buffer
	screen.Out = &b
	if screen.ASCII {
		screen.Out = term.ASCIIWriter(&b)
	}
	r := &report.Text{Screen: screen, Words: report.Words{C: cat, Data: screen.Data}, Quiet: s.quiet}
	r.Head(&s.check)
	for _, one := range s.check.Steps {
		r.Step(one)
	}
	r.Foot(&s.check)
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestText(t *testing.T) {
	t.Parallel()
	for _, cat := range languages() {
		for _, s := range samples() {
			golden(t, "text_"+s.name+"_"+string(cat.Lang()), text(t, cat, term.Screen{}, s))
		}
		for _, s := range samples()[2:3] {
			golden(t, "text_ascii_"+string(cat.Lang()), text(t, cat, term.Screen{ASCII: true}, s))
			golden(t, "text_colour_"+string(cat.Lang()), text(t, cat, term.Screen{TTY: true, Width: 80, Color: true}, s))
			golden(t, "text_narrow_"+string(cat.Lang()), text(t, cat, term.Screen{TTY: true, Width: 40}, s))
		}
		golden(t, "text_narrow_latency_"+string(cat.Lang()),
			text(t, cat, term.Screen{TTY: true, Width: 40}, sample{check: latency()}))
	}
}

// TestNarrow: no line is wider than the terminal, from 40 columns on, but the commands that are there to be copied.
func TestNarrow(t *testing.T) {
	t.Parallel()
	all := append(samples(), sample{name: "hostile", check: hostileCheck()})
	for _, cat := range languages() {
		for _, s := range all {
			for width := 40; width <= 80; width++ {
				for _, screen := range []term.Screen{{}, {ASCII: true}, {Color: width == 40}} {
					screen.TTY, screen.Width = true, width
					wantWithin(t, screen, cat, s)
				}
			}
		}
	}
}

func wantWithin(t *testing.T, screen term.Screen, cat *i18n.Catalog, s sample) {
	t.Helper()
	for line := range strings.Lines(text(t, cat, screen, s)) {
		line = strings.TrimSuffix(line, "\n")
		if w := term.Columns(line); w > screen.Width && !isCommand(screen, s, line) {
			t.Errorf("%s, %s, %+v: %d cells: %q", s.name, cat.Lang(), screen, w, line)
		}
	}
}

func isCommand(screen term.Screen, s sample, line string) bool {
	for _, f := range s.check.Findings {
		for _, x := range f.Fixes {
			if x.Command != "" && strings.Contains(line, screen.Data(x.Command)) {
				return true
			}
		}
	}
	return false
}

func TestQuietIsOneLine(t *testing.T) {
	t.Parallel()
	for _, cat := range languages() {
		for _, s := range samples() {
			s.quiet = true
			if got := text(t, cat, term.Screen{}, s); strings.Count(got, "\n") != 1 {
				t.Errorf("%s: %q", s.name, got)
			}
		}
	}
}

// TestWriteError: the first failure to write is kept and ends the writing.
func TestWriteError(t *testing.T) {
	t.Parallel()
	full := errors.New("disk full")
	w := &failing{err: full, after: 2}
	s := samples()[0]
	r := &report.Text{Screen: term.Screen{Out: w}, Words: report.Words{C: languages()[0], Data: term.Escape}}
	r.Head(&s.check)
	r.Foot(&s.check)
	if !errors.Is(r.Err(), full) || w.writes != 3 {
		t.Errorf("error %v after %d writes", r.Err(), w.writes)
	}
	for name, render := range formats() {
		if err := render(&failing{err: full}, report.Words{C: languages()[0]}, &s.check); !errors.Is(err, full) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

// failing takes so many writes and fails from then on.
type failing struct {
	err           error
	after, writes int
}

func (f *failing) Write(p []byte) (int, error) {
	if f.writes++; f.writes > f.after {
		return 0, f.err
	}
	return len(p), nil
}

// formats are the machines' ones.
func formats() map[string]func(io.Writer, report.Words, *report.Check) error {
	return map[string]func(io.Writer, report.Words, *report.Check) error{
		"json": report.JSON, "junit": report.JUnit, "github": report.GitHub, "markdown": report.Markdown,
	}
}

func render(t *testing.T, format string, cat *i18n.Catalog, c report.Check) string {
	t.Helper()
	var b bytes.Buffer
	if err := formats()[format](&b, report.Words{C: cat}, &c); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestFormats(t *testing.T) {
	t.Parallel()
	for _, cat := range languages() {
		for format := range formats() {
			for _, s := range samples() {
				if s.quiet {
					continue
				}
				got := render(t, format, cat, s.check)
				golden(t, format+"_"+s.name+"_"+string(cat.Lang()), got)
				if !strings.HasSuffix(got, "\n") || strings.HasSuffix(got, "\n\n") {
					t.Errorf("%s of %s ends with %q", format, s.name, got[max(0, len(got)-10):])
				}
			}
		}
	}
}

// TestJSONIsTheSameInEveryLanguage: but for titles and causes.
func TestJSONIsTheSameInEveryLanguage(t *testing.T) {
	t.Parallel()
	for _, s := range samples() {
		var docs []string
		for _, cat := range languages() {
			var doc map[string]any
			if err := json.Unmarshal([]byte(render(t, "json", cat, s.check)), &doc); err != nil {
				t.Fatal(err)
			}
			if doc["schema"] != "olymp-cache/test/v1" || doc["status"] != string(s.check.State) {
				t.Errorf("%s: schema %v, status %v", s.name, doc["schema"], doc["status"])
			}
			docs = append(docs, strip(t, doc))
		}
		if diff := cmp.Diff(docs[0], docs[1]); diff != "" {
			t.Errorf("%s (-fr +en):\n%s", s.name, diff)
		}
	}
}

// strip takes away what follows the language.
func strip(t *testing.T, v any) string {
	t.Helper()
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			delete(v, "title")
			delete(v, "cause")
			delete(v, "docs") // the page in the same language
			for _, one := range v {
				walk(one)
			}
		case []any:
			for _, one := range v {
				walk(one)
			}
		}
	}
	walk(v)
	b, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestJUnitCounts: the counts of the suite are those of its cases.
func TestJUnitCounts(t *testing.T) {
	t.Parallel()
	for _, s := range samples() {
		var doc struct {
			Tests    int `xml:"tests,attr"`
			Failures int `xml:"failures,attr"`
			Skipped  int `xml:"skipped,attr"`
			Cases    []struct {
				Failure *struct{} `xml:"failure"`
				Skipped *struct{} `xml:"skipped"`
			} `xml:"testsuite>testcase"`
		}
		if err := xml.Unmarshal([]byte(render(t, "junit", languages()[1], s.check)), &doc); err != nil {
			t.Fatal(err)
		}
		failures, skipped := 0, 0
		for _, c := range doc.Cases {
			if c.Failure != nil {
				failures++
			}
			if c.Skipped != nil {
				skipped++
			}
		}
		wants := s.check.State == report.StateFailed || s.check.State == report.StateUnreachable
		if doc.Tests != len(doc.Cases) || doc.Failures != failures || doc.Skipped != skipped || wants != (failures > 0) {
			t.Errorf("%s: %+v", s.name, doc)
		}
	}
}

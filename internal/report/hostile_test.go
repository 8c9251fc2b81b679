package report_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/report"
	"github.com/olympiades-ia/olymp-cache/internal/term"
)

// hostile is what a server, a key or a file name may hold to act on a terminal, a CI system or a web page: ESC, BEL, CSI as
// one C1 character, text written backwards, invalid UTF-8, NUL, line ends, workflow commands, markup, our own clauses.
const hostile = "A\x1b[31mB\x07\u009b2J\u202eC\xff\x00\r\n::error::INJECTED\n```\n| x | <script>alert(1)</script> @user " +
	"**bold** ~~gone~~ &lt; 100% {host} [[clause]] [a](b) \\ ]]> </failure>"

func hostileCheck() report.Check {
	c := base()
	c.State = report.StateFailed
	c.Target.URL, c.Target.Source, c.Target.Display = "redis://"+hostile, hostile+":3", hostile
	f := finding.Finding{
		ID: "write-mismatch", Severity: finding.Critical, Subject: hostile,
		Evidence: []finding.Evidence{
			ev("reply", hostile), ev("wrote", hostile), ev("read", hostile), ev("key", hostile), ev("host", hostile),
			ev("address", hostile),
		},
		// The line ends of a command are its own: package findings writes data into commands as shell words, without any.
		Fixes: []finding.Fix{{ID: "check-running", Command: "echo " + strings.ReplaceAll(hostile, "\n", "")}, {ID: "outside-compose"}},
	}
	g := f
	g.ID, g.Severity, g.Evidence = "config-env-bom", finding.Warning, append([]finding.Evidence{ev("file", hostile)}, f.Evidence...)
	info := g
	info.ID, info.Severity = "config-env-permissions", finding.Info
	info.Evidence = append([]finding.Evidence{ev("mode", hostile)}, g.Evidence...)
	c.Steps = []finding.Step{
		ok("connect", 1, ev("address", hostile)), ok("set", 1, ev("key", hostile)), ok("info", 1, ev("version", hostile),
			ev("role", hostile)),
		failed("get", f),
		{Name: "ping", Status: finding.Warn, Problem: &g},
		skip("del", "earlier-failure"),
	}
	c.Findings = []finding.Finding{f, g, info}
	return c
}

// wantHarmless: nothing a terminal acts on, no line that data began.
func wantHarmless(t *testing.T, what, got string) {
	t.Helper()
	if !utf8.ValidString(got) {
		t.Errorf("%s is not UTF-8", what)
	}
	for _, r := range got {
		if (r < 0x20 && r != '\n') || (r >= 0x7f && r < 0xa0) || r == '\u202e' {
			t.Errorf("%s holds %U", what, r)
		}
	}
	for line := range strings.Lines(got) {
		if strings.HasPrefix(strings.TrimSpace(line), "::error::") {
			t.Errorf("%s has the line %q", what, line)
		}
	}
}

func TestHostileText(t *testing.T) {
	t.Parallel()
	for _, cat := range languages() {
		for _, quiet := range []bool{false, true} {
			for _, screen := range []term.Screen{{}, {ASCII: true}} {
				got := text(t, cat, screen, sample{check: hostileCheck(), quiet: quiet})
				wantHarmless(t, "text", got)
				if !quiet && (!strings.Contains(got, "[[clause]]") || !strings.Contains(got, "{host}")) {
					t.Errorf("data was taken for a clause or a placeholder:\n%s", got)
				}
				if screen.ASCII && strings.ContainsFunc(got, func(r rune) bool { return r >= 0x80 }) {
					t.Errorf("not ASCII:\n%s", got)
				}
			}
			// On a terminal as wide as this nothing is broken into lines; colours are the only escapes.
			got := text(t, cat, term.Screen{TTY: true, Width: 9999, Color: true}, sample{check: hostileCheck(), quiet: quiet})
			wantHarmless(t, "coloured text", regexp.MustCompile(`\x1b\[[0-9;]*m`).ReplaceAllString(got, ""))
		}
	}
	w := report.Words{C: languages()[0], Data: term.Escape}
	wantHarmless(t, "a title", w.Title(hostileCheck().Findings[1]))
	wantHarmless(t, "the place", w.Where(finding.Finding{Evidence: []finding.Evidence{
		ev("file", hostile), ev("line", 3), ev("variable", hostile), ev("value", hostile),
	}}))
}

func TestHostileJSON(t *testing.T) {
	t.Parallel()
	got := render(t, "json", languages()[0], hostileCheck())
	wantHarmless(t, "JSON", got)
	var doc struct {
		Findings []struct{ Evidence map[string]any }
	}
	if err := json.Unmarshal([]byte(got), &doc); err != nil {
		t.Fatal(err)
	}
	if want := strings.ToValidUTF8(hostile, "\ufffd"); doc.Findings[0].Evidence["reply"] != want {
		t.Errorf("reply is %q, want %q", doc.Findings[0].Evidence["reply"], want)
	}
}

func FuzzJSON(f *testing.F) {
	f.Add(hostile)
	f.Add("\U000e0001 \u2028 \ufeff é \U0001f680 \u007f")
	f.Fuzz(func(t *testing.T, s string) {
		var b strings.Builder
		if err := report.WriteJSON(&b, map[string]string{"s": s}); err != nil {
			t.Fatal(err)
		}
		wantHarmless(t, "JSON", b.String())
		var back map[string]string
		if err := json.Unmarshal([]byte(b.String()), &back); err != nil || back["s"] != strings.ToValidUTF8(s,
			"\ufffd") && utf8.ValidString(s) {
			t.Errorf("%q came back as %q, %v", s, back["s"], err)
		}
	})
}

// TestHostileJUnit reads the document as a CI system does.
func TestHostileJUnit(t *testing.T) {
	t.Parallel()
	got := render(t, "junit", languages()[0], hostileCheck())
	wantHarmless(t, "JUnit", got)
	depth, elements := 0, map[string]int{}
	d := xml.NewDecoder(strings.NewReader(got))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			depth++
			elements[token.Name.Local]++
			for _, a := range token.Attr {
				wantHarmless(t, "attribute "+a.Name.Local, a.Value)
			}
		case xml.EndElement:
			depth--
		case xml.CharData:
			wantHarmless(t, "the text of an element", string(token))
		}
	}
	if depth != 0 || elements["testcase"] != 6 || elements["failure"] != 1 || elements["skipped"] != 1 || elements["script"] != 0 {
		t.Errorf("elements %v", elements)
	}
}

// TestHostileGitHub: each line is one command of ours, with what must be escaped escaped.
func TestHostileGitHub(t *testing.T) {
	t.Parallel()
	c := hostileCheck()
	got := render(t, "github", languages()[0], c)
	wantHarmless(t, "GitHub", got)
	lines := strings.Split(strings.TrimSuffix(got, "\n"), "\n")
	if len(lines) != len(c.Findings)+1 {
		t.Errorf("%d lines for %d findings and a verdict", len(lines), len(c.Findings))
	}
	ours := regexp.MustCompile(`^::(error|warning|notice) title=olymp-cache [a-z-]+::[^\r\n]+$`)
	for i, line := range lines {
		if !ours.MatchString(line) {
			t.Errorf("line %d: %q", i, line)
		}
		if regexp.MustCompile(`%(?:$|[^02]|0[^AD]|2[^5])`).MatchString(line) {
			t.Errorf("a raw %% in %q", line)
		}
	}
	if !strings.HasPrefix(lines[0], "::error title=olymp-cache write-mismatch::") || !strings.Contains(lines[0], "100%25") ||
		!strings.HasPrefix(lines[1], "::warning ") || !strings.HasPrefix(lines[2], "::notice ") {
		t.Errorf("lines:\n%s", got)
	}
}

// TestHostileMarkdown: foreign text starts no markup, no mention, no cell, and ends no code block.
func TestHostileMarkdown(t *testing.T) {
	t.Parallel()
	got := render(t, "markdown", languages()[0], hostileCheck())
	wantHarmless(t, "Markdown", got)
	fenced, rows := false, 0
	unescaped := regexp.MustCompile(`(?:^|[^\\])(?:\\\\)*\|`)
	for line := range strings.Lines(got) {
		line = strings.TrimRight(line, "\n")
		trimmed := strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(trimmed, "```"):
			fenced = !fenced
			if trimmed != "```" && trimmed != "```sh" {
				t.Errorf("fence %q", line)
			}
			continue
		case fenced, strings.HasPrefix(line, "`"): // code: data is shown as it is
			continue
		case strings.HasPrefix(line, "|"):
			rows++
			if n := len(unescaped.FindAllString(line, -1)); n != 5 {
				t.Errorf("a row of %d cells: %q", n-1, line)
			}
		}
		for _, raw := range []string{"<script", "@user", "**bold", "~~gone", "[a](b)"} {
			if strings.Contains(line, raw) {
				t.Errorf("%q is raw in %q", raw, line)
			}
		}
		if regexp.MustCompile("(?:^|[^\\\\`])```").MatchString(line) {
			t.Errorf("a fence in %q", line)
		}
	}
	if fenced || rows != 2+6 {
		t.Errorf("%d rows, still in a code block: %v", rows, fenced)
	}
	if !strings.Contains(got, "&amp;lt;") {
		t.Error("an entity of the data was not escaped")
	}
}

// TestMarkdownURL: a backtick does not end the code that shows the target.
func TestMarkdownURL(t *testing.T) {
	t.Parallel()
	c := base()
	c.Target.URL = "redis://a`b<script>"
	if got := render(t, "markdown", languages()[1], c); !strings.Contains(got, "\n`redis://a'b<script>`\n") {
		t.Errorf("got:\n%s", got)
	}
}

// TestMarkdownLineStart: data that opens a line starts no list, rule or heading.
func TestMarkdownLineStart(t *testing.T) {
	t.Parallel()
	for _, reply := range []string{"- item", "+ item", "# head", "===", "---", "> quote", "* item", "```"} {
		c := replica()
		c.Findings[0].Evidence = []finding.Evidence{ev("reply", reply)}
		got := render(t, "markdown", languages()[1], c)
		if strings.Contains(got, "\n> "+reply+"\n") {
			t.Errorf("%q is raw in:\n%s", reply, got)
		}
	}
}

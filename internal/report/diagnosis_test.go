package report_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/i18n"
	"github.com/olympiades-ia/olymp-cache/internal/report"
	"github.com/olympiades-ia/olymp-cache/internal/term"
)

func rungs() []finding.Step {
	return []finding.Step{
		ok("config", 0, ev("source", "backend/.env:3")),
		ok("dns", 900*time.Microsecond, ev("host", "cache.example.com"), ev("address", "192.0.2.7")),
		ok("tcp", 400*time.Microsecond, ev("address", "192.0.2.7:6379")),
		{Name: "tls", Status: finding.Skip, Reason: "not-needed"},
		ok("protocol", 200*time.Microsecond, ev("product", "redis"), ev("version", "7.2.4")),
		ok("auth", 100*time.Microsecond, ev("user", "default")),
		ok("select", 0, ev("db", 0)),
		ok("ping", 80*time.Microsecond),
		ok("state", 2*time.Millisecond, ev("role", "master"), ev("keys", int64(1200)), sized("uptime_s", 86400.0, "s")),
		ok("write", 200*time.Microsecond, sized("ttl_s", 60.0, "s")),
	}
}

func diagnosisOf(status string, found ...finding.Finding) report.Diagnosis {
	d := report.Diagnosis{
		Version: "1.2.3", Target: base().Target, Status: status, Steps: rungs(), Findings: found, FailOn: finding.Critical,
		InFull:       "olymp-cache doctor -v --url redis://h:6379/0",
		CommandsSent: 31, Started: base().Started, Duration: 45 * time.Millisecond,
	}
	if status == "critical" || status == "unreachable" {
		d.RootCause = found[0].ID
	}
	return d
}

// brokenAt is the ladder up to a rung that broke.
func brokenAt(name string, f *finding.Finding) []finding.Step {
	all, broken := rungs(), false
	for i := range all {
		switch {
		case broken:
			all[i] = finding.Step{Name: all[i].Name, Status: finding.Skip, Reason: "earlier-failure"}
		case all[i].Name == name:
			all[i] = finding.Step{Name: name, Status: finding.Fail, Duration: 3 * time.Millisecond, Problem: f}
			broken = true
		}
	}
	return all
}

func warned(id string, seen ...finding.Evidence) finding.Finding {
	return finding.Finding{ID: id, Severity: finding.Warning, Evidence: seen}
}

// diagnoses are what the golden files show.
func diagnoses() map[string]report.Diagnosis {
	skipped := []report.SkippedRule{
		{ID: "latency-slowlog", Reason: "refused", Detail: "SLOWLOG GET 25: NOPERM no \x1b[31mway"},
		{ID: "cache-hit-rate-low", Reason: "too-little-data"},
		{ID: "memory-no-limit", Reason: "refused", Detail: "CONFIG GET"},
	}
	late := warned("latency-high", ev("command", "PING"), sized("p99_ms", 180.5, "ms"), sized("threshold_ms", 100.0, "ms"))
	missing := finding.Finding{ID: "api-error-status", Severity: finding.Info, Evidence: []finding.Evidence{
		ev("url", "https://api.example.com/"), ev("status", 502),
	}}
	warning := diagnosisOf("warning", late, missing)
	warning.Skipped = skipped
	warning.Compared = &report.Comparison{New: []string{"latency-high"}, Gone: []string{"server-oom"}, Worse: []string{"cache-no-ttl"}}

	hostile := strings.Repeat("very-long-name.", 12) + "example.com"
	refused := finding.Finding{
		ID: "auth-wrong", Severity: finding.Critical,
		Evidence: []finding.Evidence{
			ev("address", hostile+":6379"), ev("host", hostile), ev("port", 6379),
			ev("reply", "WRONGPASS \x1b[31minvalid\x07 ##[error]username-password \u202epair"),
		},
		Fixes: []finding.Fix{{ID: "copy-password"}, {ID: "encode-password"}},
	}
	unreachable := diagnosisOf("unreachable", refused, late, late, late, late, late, late)
	unreachable.Steps = brokenAt("auth", &refused)
	unreachable.Skipped = slices.Concat(skipped, skipped)

	full := finding.Finding{
		ID: "server-oom", Severity: finding.Critical,
		Evidence: []finding.Evidence{
			ev("address", "192.0.2.7:6379"),
			ev("reply", "OOM command not allowed when used memory > 'maxmemory'."),
		},
		Fixes: []finding.Fix{
			{ID: "set-eviction", Command: "redis-cli -h 192.0.2.7 -p 6379 CONFIG SET maxmemory-policy allkeys-lru"}, {ID: "more-memory"},
		},
	}
	critical := diagnosisOf("critical", full, late, late, late, missing, missing)
	critical.Steps = brokenAt("write", &full)
	critical.Skipped = skipped

	loaded := diagnosisOf("ok")
	loaded.LoadedFrom = "evidence.json"
	interrupted := diagnosisOf("interrupted")
	interrupted.Steps = nil
	return map[string]report.Diagnosis{
		"healthy": diagnosisOf("ok"), "warning": warning, "unreachable": unreachable, "critical": critical, "loaded": loaded,
		"interrupted": interrupted,
	}
}

func diagnosisText(t *testing.T, cat *i18n.Catalog, screen term.Screen, d report.Diagnosis, quiet bool) string {
	t.Helper()
	var b bytes.Buffer
	screen.Out = &b
	if screen.ASCII {
		screen.Out = term.ASCIIWriter(&b)
	}
	r := &report.Text{Screen: screen, Words: report.Words{C: cat, Data: screen.Data}, Quiet: quiet}
	r.Diagnosis(&d)
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestDiagnosisText(t *testing.T) {
	t.Parallel()
	for _, cat := range languages() {
		for name, d := range diagnoses() {
			lang := string(cat.Lang())
			golden(t, "doctor_"+name+"_"+lang, diagnosisText(t, cat, term.Screen{TTY: true, Width: 80}, d, false))
			d.Verbose = true
			if name == "warning" {
				golden(t, "doctor_verbose_"+lang, diagnosisText(t, cat, term.Screen{}, d, false))
				golden(t, "doctor_ascii_"+lang, diagnosisText(t, cat, term.Screen{ASCII: true}, d, false))
			}
			if quiet := diagnosisText(t, cat, term.Screen{}, d, true); strings.Count(quiet, "\n") != 1 {
				t.Errorf("%s: --quiet says %q", name, quiet)
			}
		}
	}
}

// TestDiagnosisFits: a failure is read on a terminal of 24 lines, and no line is wider than the terminal but for commands.
func TestDiagnosisFits(t *testing.T) {
	t.Parallel()
	for _, cat := range languages() {
		for name, d := range diagnoses() {
			text := diagnosisText(t, cat, term.Screen{TTY: true, Width: 80}, d, false)
			if n := strings.Count(text, "\n"); n > 23 && (d.RootCause != "") {
				t.Errorf("%s, %s: %d lines:\n%s", name, cat.Lang(), n, text)
			}
			for _, width := range []int{40, 80, 200} {
				text := diagnosisText(t, cat, term.Screen{TTY: true, Width: width}, d, false)
				for line := range strings.Lines(text) {
					line = strings.TrimRight(line, "\n")
					if term.Columns(line) > width && !strings.Contains(line, "redis-cli") && !strings.Contains(line, "name.very-long") {
						t.Errorf("%s, %s at %d: %d cells: %q", name, cat.Lang(), width, term.Columns(line), line)
					}
				}
			}
		}
	}
}

func TestDiagnosisFormats(t *testing.T) {
	t.Parallel()
	for _, cat := range languages() {
		words := report.Words{C: cat}
		for name, d := range diagnoses() {
			for format, write := range map[string]func(io.Writer, report.Words, *report.Diagnosis) error{
				"json": report.DiagnosisJSON, "junit": report.DiagnosisJUnit, "github": report.DiagnosisGitHub,
				"markdown": report.DiagnosisMarkdown, "nagios": report.Nagios,
			} {
				var b bytes.Buffer
				if err := write(&b, words, &d); err != nil {
					t.Fatal(err)
				}
				text := b.String()
				if strings.ContainsAny(text, "\x1b\x07") || strings.Contains(text, "\u202e") {
					t.Errorf("%s, %s: hostile bytes came through: %q", name, format, text)
				}
				switch format {
				case "json":
					if !json.Valid(b.Bytes()) {
						t.Errorf("%s is no JSON", name)
					}
				case "junit":
					if err := xml.Unmarshal(b.Bytes(), &struct{ XMLName xml.Name }{}); err != nil {
						t.Errorf("%s: %v", name, err)
					}
				}
				if cat.Lang() == i18n.English && (name == "warning" || name == "unreachable") {
					golden(t, "doctor_"+name+"_"+format, text)
				}
			}
		}
	}
}

// nagiosLine is what a plugin prints: the state, text without a bar, and behind one bar the numbers.
var nagiosLine = regexp.MustCompile(
	`^REDIS (OK|WARNING|CRITICAL|UNKNOWN) - [^|\n]+(\| ([a-z0-9_]+=[0-9.]+(ms|B|%)?(;[0-9.]*){0,4} ?)+)?\n$`)

func TestNagios(t *testing.T) {
	t.Parallel()
	limit, noise := 100.0, 2516582.4000000004
	for name, d := range diagnoses() {
		d.Perf = []report.Perf{{Name: "ping_p99", Value: 1.25, Unit: "ms", Warn: &limit}, {Name: "clients", Value: 3, Warn: &noise}}
		var b bytes.Buffer
		if err := report.Nagios(&b, report.Words{C: i18n.New(i18n.French)}, &d); err != nil {
			t.Fatal(err)
		}
		if !nagiosLine.MatchString(b.String()) {
			t.Errorf("%s: %q", name, b.String())
		}
		want := map[string]string{"healthy": "OK", "loaded": "OK", "warning": "WARNING", "interrupted": "UNKNOWN"}[name]
		if want == "" {
			want = "CRITICAL"
		}
		if !strings.HasPrefix(b.String(), "REDIS "+want+" ") || !strings.Contains(b.String(), "| ping_p99=1.25ms;100 clients=3;2516582.4\n") {
			t.Errorf("%s: %q", name, b.String())
		}
	}
}

// TestVerdictOfSelect: whose database was refused has been reached and logged in.
func TestVerdictOfSelect(t *testing.T) {
	t.Parallel()
	f := finding.Finding{ID: "server-db-range", Severity: finding.Critical, Evidence: []finding.Evidence{ev("step", "select"), ev("db", 99)}}
	d := diagnosisOf("unreachable", f)
	c := base()
	c.State, c.Findings = report.StateUnreachable, []finding.Finding{f}
	for _, cat := range languages() {
		var check bytes.Buffer
		if err := report.GitHub(&check, report.Words{C: cat, Data: strings.Clone}, &c); err != nil {
			t.Fatal(err)
		}
		refused := map[i18n.Lang]string{i18n.French: "refuse l'accès à la base", i18n.English: "refuses access to the database"}[cat.Lang()]
		for _, text := range []string{diagnosisText(t, cat, term.Screen{Width: 200}, d, false), check.String()} {
			if !strings.Contains(text, refused) || strings.Contains(text, cat.T("test.unreachable", "target", d.Target.Display)) {
				t.Errorf("no %q in %s", refused, text)
			}
		}
	}
}

// TestQuietVerdict: a sentence that the finding follows has lost its full stop.
func TestQuietVerdict(t *testing.T) {
	t.Parallel()
	d := diagnosisOf("critical", finding.Finding{ID: "config-env-syntax", Severity: finding.Critical, Subject: ".env"})
	d.Misconfigured = true
	for _, cat := range languages() {
		text := diagnosisText(t, cat, term.Screen{Width: 200}, d, true)
		if strings.Contains(text, "."+cat.T("colon")) || !strings.Contains(text, "[config-env-syntax]") {
			t.Errorf("%s", text)
		}
	}
}

// TestJUnitFailOn: what fails the run is a failure, and nothing else is.
func TestJUnitFailOn(t *testing.T) {
	t.Parallel()
	for limit, want := range map[finding.Severity]string{finding.Warning: `failures="1"`, finding.Critical: `failures="0"`} {
		d := diagnoses()["warning"]
		d.FailOn = limit
		var b bytes.Buffer
		if err := report.DiagnosisJUnit(&b, report.Words{C: i18n.New(i18n.English)}, &d); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(b.String(), want) {
			t.Errorf("--fail-on %s: no %s in\n%s", limit, want, b.String())
		}
	}
}

// TestPasswordFirst: a command that wants the password of an address says which variable holds it; no other does.
func TestPasswordFirst(t *testing.T) {
	t.Parallel()
	for _, cat := range languages() {
		w := report.Words{C: cat, Data: func(s string) string { return s }}
		with := w.Fix(
			finding.Finding{},
			finding.Fix{ID: "give-ca", Command: "REDIS_URL=redis://:" + finding.PasswordInURL + "h olymp-cache test"},
		)
		without := w.Fix(finding.Finding{}, finding.Fix{ID: "give-ca", Command: "olymp-cache test --url redis://h"})
		if !strings.Contains(with, "read -rs REDIS_PASSWORD") || strings.Contains(without, "REDIS_PASSWORD") {
			t.Errorf("%q and %q", with, without)
		}
	}
}

// TestLoginFirst: a report says once which variable redis-cli's password is in, one finding alone says it too.
func TestLoginFirst(t *testing.T) {
	t.Parallel()
	login := finding.Finding{ID: "server-busy", Severity: finding.Warning, Fixes: []finding.Fix{
		{ID: "kill-script", Command: finding.PasswordOfCLI + "redis-cli SCRIPT KILL"},
		{ID: "kill-writing-script", Command: finding.PasswordOfCLI + "redis-cli SHUTDOWN NOSAVE"},
	}}
	bare := finding.Finding{Fixes: []finding.Fix{{ID: "kill-script", Command: "redis-cli SCRIPT KILL"}}}
	d := diagnoses()["warning"]
	d.RootCause, d.Findings = "", []finding.Finding{login, login}
	const say = "read -rs REDIS_PASSWORD"
	for _, cat := range languages() {
		text := diagnosisText(t, cat, term.Screen{}, d, false)
		if strings.Count(text, "SCRIPT KILL") != 2 || strings.Count(text, say) != 1 || strings.Index(text,
			say) > strings.Index(text, "SCRIPT KILL") {
			t.Errorf("not once, before the first command:\n%s", text)
		}
		w := report.Words{C: cat, Data: func(s string) string { return s }}
		first, second, none := w.Fix(login, login.Fixes[0]), w.Fix(login, login.Fixes[1]), w.Fix(bare, bare.Fixes[0])
		if !strings.Contains(first, say) || strings.Contains(second, say) || strings.Contains(none, say) {
			t.Errorf("%q, %q, %q", first, second, none)
		}
	}
}

package report_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/report"
	"github.com/olympiades-ia/olymp-cache/internal/term"
)

// restored is a restore that met everything that can be met; hostile names included.
func restored() report.Restore {
	return report.Restore{
		Version: "1.2.3", File: "nuit\x1b[31m.backup", InFile: 1_234_567, Bytes: 45 << 20, Pattern: "user:*", Partial: "interrupted",
		Target: report.Target{URL: "redis://cache.example.org:6379/0", Source: "env", Display: "cache.example.org:6379/0"},
		Origin: report.RestoreOrigin{
			URL: "redis://prod\x1b]0;x\a:6379/0", Server: "redis", ServerVersion: "7.0.15\n", RDBVersion: 10, ToolVersion: "1.0",
			Created: time.Date(2026, 1, 2, 3, 4, 5, 0, time.FixedZone("WAT", 3600)),
		},
		Keys:        report.RestoreKeys{Matching: 1_000_000, Done: 999_000, Kept: 1, Expired: 200, Failed: 1, Unknown: 98, Unsent: 700},
		FirstFailed: "user:\xff\n", Sent: 1_000_003, Duration: 4200 * time.Millisecond,
	}
}

func TestRestoreText(t *testing.T) {
	t.Parallel()
	whole := restored()
	done := restored()
	done.Partial, done.Pattern, done.Origin.URL, done.Keys = "", "", done.Target.URL, report.RestoreKeys{Matching: 1, Done: 1}
	dry := restored()
	dry.DryRun, dry.Replace, dry.Partial, dry.Keys = true, true, "", report.RestoreKeys{Matching: 3, Done: 1, Expired: 2}
	for name, r := range map[string]report.Restore{"restore_part": whole, "restore_done": done, "restore_dry": dry} {
		for _, cat := range languages() {
			var b bytes.Buffer
			s := term.Screen{Out: &b, Width: 80, TTY: true}
			text := &report.Text{Screen: s, Words: report.Words{C: cat, Data: s.Data}}
			text.RestoreHead(&r, 3*time.Hour)
			text.Restore(&r)
			if text.Err() != nil || strings.ContainsAny(b.String(), "\x1b\a\xff") {
				t.Errorf("%v, %q", text.Err(), b.String())
			}
			for line := range strings.SplitSeq(b.String(), "\n") {
				if term.Columns(line) > 80 {
					t.Errorf("%s, %s: a line of %d cells: %s", name, cat.Lang(), term.Columns(line), line)
				}
			}
			golden(t, name+"_"+string(cat.Lang()), b.String())
		}
	}
}

func TestRestoreJSON(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	r := restored()
	if err := report.RestoreJSON(&b, &r); err != nil {
		t.Fatal(err)
	}
	golden(t, "restore_json", b.String())
}

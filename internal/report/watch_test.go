package report_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/report"
)

// TestWatchJSON is one line whatever is in it, with empty lists and not null, and nothing that a terminal could act on.
func TestWatchJSON(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	line := &report.WatchLine{
		Info: &report.Info{Version: "1"}, Taken: time.Date(2026, 3, 1, 12, 0, 0, 5e6, time.UTC), Problem: "tcp-refused",
		Slowlog: []report.WatchSlow{{Args: []string{"SET\n", "\x1b]0;x\a\u202e\u009b"}}},
	}
	if err := report.WatchJSON(&b, line); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	if strings.Count(text, "\n") != 1 || strings.ContainsAny(text, "\x1b\a\u202e\u009b") {
		t.Errorf("%q", text)
	}
	var doc map[string]any
	if err := json.Unmarshal(b.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	if doc["schema"] != report.WatchSchema || doc["status"] != "unreachable" || doc["problem"] != "tcp-refused" ||
		doc["taken_at"] != "2026-03-01T12:00:00.005Z" || doc["interval_s"] != nil {
		t.Errorf("%v", doc)
	}
	for _, list := range []string{"alerts", "refused", "commands", "errors", "slowlog"} {
		if _, ok := doc[list].([]any); !ok {
			t.Errorf("%s is %v", list, doc[list])
		}
	}
}

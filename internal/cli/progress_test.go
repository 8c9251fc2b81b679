package cli

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
)

// TestWaitInALog: a log is told what is waited for once, again when that changes, and every ten seconds.
func TestWaitInALog(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	a := newApp(Env{Stderr: &log, LookupEnv: func(string) (string, bool) { return "", false }, Now: func() time.Time { return now }})
	at := func(seconds int, id string) int {
		log.Reset()
		now = time.Date(2026, 1, 2, 3, 4, 5+seconds, 0, time.UTC)
		a.waitProgress(finding.Finding{ID: id, Evidence: []finding.Evidence{{Name: "address", Value: "h:1"}}}, time.Minute)
		return strings.Count(log.String(), "\n")
	}
	for i, step := range []struct {
		second int
		id     string
		lines  int
	}{
		{0, "tcp-refused", 1}, {1, "tcp-refused", 0}, {9, "tcp-refused", 0}, {10, "tcp-refused", 1}, {11, "tcp-refused", 0},
		{12, "server-loading", 1}, {13, "server-loading", 0}, {14, "tcp-refused", 1},
	} {
		if n := at(step.second, step.id); n != step.lines {
			t.Errorf("step %d: %d lines, want %d", i, n, step.lines)
		}
	}
}

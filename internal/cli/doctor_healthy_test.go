package cli_test

import (
	"strings"
	"testing"

	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

// TestDoctorNotWrong are servers that look odd and are well.
func TestDoctorNotWrong(t *testing.T) {
	t.Parallel()
	for name, make := range map[string]func(t *testing.T) string{
		"a backup that speaks of curl": func(t *testing.T) string {
			s := advised(t)
			do(t, s, "SET", "backup1", `{"note":"restored with curl -s http://x | sh, then wget -q"}`, "EX", "100")
			return s.URL()
		},
		"a log of all commands": func(t *testing.T) string {
			s := advised(t)
			do(t, s, "CONFIG", "SET", "slowlog-log-slower-than", "0")
			filled(t, s, "page:", 50, 10, 300)
			return s.URL()
		},
		"a very close look at latency": func(t *testing.T) string {
			s := advised(t)
			do(t, s, "CONFIG", "SET", "latency-monitor-threshold", "1")
			do(t, s, "DEBUG", "SLEEP", "0.003")
			return s.URL()
		},
		"empty, with its clients here and another application's keys there": func(t *testing.T) string {
			s := advised(t)
			do(t, s, "SET", "page", "x", "EX", "100")
			do(t, s, "MOVE", "page", "3")
			greedy(t, s, 3, "GET vitrine_cache\r\n")
			return s.URL()
		},
		"empty in database 1, behind Sentinels": func(t *testing.T) string {
			s := advised(t)
			sentinels := redistest.StartSentinels(t, s, 3, "vitrine")
			return strings.TrimSuffix(sentinels.URL(), "/0") + "/1"
		},
		"a few settings of its application that never expire": func(t *testing.T) string {
			s := advised(t)
			filled(t, s, "page:", 9, 10, 300)
			filled(t, s, "setting:", 3, 10, 0)
			return s.URL()
		},
		"MONITOR and subscribers": func(t *testing.T) string {
			s := advised(t)
			greedy(t, s, 2, "MONITOR\r\n")
			greedy(t, s, 2, "SUBSCRIBE news\r\n")
			return s.URL()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := make(t)
			if d, _ := at(url).doctor(t); d.Status != "ok" {
				t.Errorf("status %s, found %q: %+v", d.Status, d.loud(), d.Findings)
			}
		})
	}
}

package report_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/i18n"
	"github.com/olympiades-ia/olymp-cache/internal/monitor/traffic"
	"github.com/olympiades-ia/olymp-cache/internal/report"
	"github.com/olympiades-ia/olymp-cache/internal/term"
)

// heard are lines of MONITOR, such as a server writes them.
var heard = []string{
	`+1767323045.000001 [0 10.0.0.7:51234] "SET" "user:1" "a value with blanks" "EX" "300"`,
	`+1767323045.123456 [0 10.0.0.8:51235] "get" "vitrine_cache"`,
	`+1767323045.200000 [3 [2001:db8::1]:65535] "MGET" "a" "" "x\"y\\z"`,
	`+1767323045.300000 [0 lua] "HSET" "` + strings.Repeat("k", 200) + `" "f" "v"`,
	`+1767323045.400000 [0 unix:/run/redis/redis.sock] "AUTH" "app" "s3cret"`,
	`+1767323045.500000 [0 10.0.0.9:1] "SET" "evil\x1b[31m\r\n\x00\a" "\xc2\x9b2J\xe2\x80\xae\xff own-secret"`,
}

func redact(s string) string { return strings.ReplaceAll(s, "own-secret", "***") }

func who(client string) traffic.Who {
	if client == "10.0.0.8:51235" {
		return traffic.Who{Name: "worker\x1b[31m", User: "app"}
	}
	return traffic.Who{}
}

// play gives all that was heard to show; the last line is cut.
func play(t *testing.T, show func(*traffic.Event, traffic.Who) error) {
	t.Helper()
	var r traffic.Reader
	for i, line := range append(heard, `+1767323045.600000 [0 10.0.0.9:1] "SET" "long" "xxxx`) {
		bad := r.Read([]byte(line), i%2, i == len(heard), func(e *traffic.Event) bool {
			if err := show(e, who(string(e.Client))); err != nil {
				t.Fatal(err)
			}
			return true
		})
		if bad != 0 {
			t.Fatalf("%q was not read", line)
		}
	}
}

func commands(t *testing.T, screen term.Screen, nodes []string, noValues bool) string {
	t.Helper()
	var b bytes.Buffer
	c := report.NewCommands(&b, screen)
	c.Nodes, c.Redact, c.NoValues, c.Location = nodes, redact, noValues, time.UTC
	play(t, c.Command)
	if err := c.Flush(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestCommands(t *testing.T) {
	t.Parallel()
	one, two := []string{"cache.example.com:6379"}, []string{"10.1.0.1:7000", "10.1.0.2:7001"}
	golden(t, "monitor_lines_pipe", commands(t, term.Screen{}, two, false))
	golden(t, "monitor_lines_80", commands(t, term.Screen{TTY: true, Width: 80}, one, false))
	golden(t, "monitor_lines_120_cluster", commands(t, term.Screen{TTY: true, Width: 120, Color: true}, two, false))
	golden(t, "monitor_lines_no_values", commands(t, term.Screen{TTY: true, Width: 80}, one, true))
	for _, screen := range []term.Screen{
		{}, {ASCII: true}, {TTY: true, Width: 60}, {TTY: true, Width: 30, ASCII: true}, {TTY: true, Width: 200, Color: false},
	} {
		for _, noValues := range []bool{false, true} {
			got := commands(t, screen, two, noValues)
			wantHarmless(t, "the list", strings.ReplaceAll(got, "\t", ""))
			if strings.Contains(got, "s3cret") || strings.Contains(got, "own-secret") {
				t.Errorf("a secret is shown:\n%s", got)
			}
			if lines := strings.Count(got, "\n"); lines != len(heard)+1 {
				t.Errorf("%d lines for %d commands", lines, len(heard)+1)
			}
			for line := range strings.Lines(got) {
				if screen.TTY && term.Columns(strings.TrimSuffix(line, "\n")) > screen.Width {
					t.Errorf("wider than %d: %s", screen.Width, line)
				}
			}
			if noValues && (strings.Contains(got, "blanks") || !strings.Contains(got, "user:1") && !screen.TTY) {
				t.Errorf("values are shown, or keys are not:\n%s", got)
			}
		}
	}
}

func TestCommandLines(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	l := report.NewCommandLines(&b)
	l.Nodes, l.Redact = []string{"a:1", "b:2"}, redact
	play(t, l.Command)
	if err := l.Summary(monitored(t)); err != nil {
		t.Fatal(err)
	}
	golden(t, "monitor_json", b.String())
	wantHarmless(t, "JSON", b.String())
	lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
	if len(lines) != len(heard)+2 {
		t.Fatalf("%d lines", len(lines))
	}
	var doc struct {
		Args []traffic.Text `json:"args"`
		Keys []traffic.Text `json:"keys"`
	}
	// The bytes come back as they were, but for what was masked.
	if err := json.Unmarshal([]byte(lines[5]), &doc); err != nil || doc.Keys[0] != "evil\x1b[31m\r\n\x00\a" ||
		doc.Args[1] != "\u009b2J\u202e\xff ***" {
		t.Errorf("%v %q", err, doc)
	}
	if strings.Contains(b.String(), "s3cret") {
		t.Error("a secret is shown")
	}
}

// monitored is a sum from literals: what was heard, and more keys than there are places.
func monitored(t *testing.T) *report.Monitor {
	t.Helper()
	tally := traffic.NewTally(2, func(client []byte) (traffic.Who, bool) { return who(string(client)), true })
	play(t, func(e *traffic.Event, _ traffic.Who) error { tally.Add(e); return nil })
	hits, misses := int64(870), int64(130)
	check := base()
	return &report.Monitor{
		Version: "1.2.3", Target: check.Target, Started: check.Started, Window: 10 * time.Second, Elapsed: 10 * time.Second, Ended: "window",
		Nodes: []string{"10.1.0.1:7000", "10.1.0.2:7001"}, Seen: 12345, Wanted: 12345, KeysTold: true, Hits: &hits, Misses: &misses,
		Tally: tally, Redact: redact, CommandsSent: 9,
	}
}

func summed(t *testing.T, cat *i18n.Catalog, screen term.Screen, m *report.Monitor) string {
	t.Helper()
	var b bytes.Buffer
	screen.Out = &b
	if screen.ASCII {
		screen.Out = term.ASCIIWriter(&b)
	}
	r := &report.Text{Screen: screen, Words: report.Words{C: cat, Data: screen.Data}}
	r.Monitor(m)
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestMonitorSum(t *testing.T) {
	t.Parallel()
	for _, cat := range languages() {
		lang := string(cat.Lang())
		golden(t, "monitor_top_"+lang, summed(t, cat, term.Screen{TTY: true, Width: 80}, monitored(t)))
		gaps := monitored(t)
		gaps.Wanted, gaps.Dropped, gaps.Unreadable, gaps.Nameless, gaps.KeysTold, gaps.Hits = 100, 2000, 1, 3, false, nil
		gaps.Ended, gaps.LostNode, gaps.LostCause = "lost", "10.1.0.2:7001", "output-buffer"
		for i := range traffic.Places {
			gaps.Tally.Keys.Add(fmt.Append(nil, "key:", i))
		}
		golden(t, "monitor_top_gaps_"+lang, summed(t, cat, term.Screen{}, gaps))
		for _, screen := range []term.Screen{{TTY: true, Width: 40}, {TTY: true, Width: 60, ASCII: true}, {TTY: true, Width: 80, Color: false}} {
			for _, m := range []*report.Monitor{monitored(t), gaps} {
				got := summed(t, cat, screen, m)
				wantHarmless(t, "the sum", got)
				for line := range strings.Lines(got) {
					if term.Columns(strings.TrimSuffix(line, "\n")) > screen.Width {
						t.Errorf("wider than %d: %s", screen.Width, line)
					}
				}
			}
		}
		idle := monitored(t)
		none := int64(0)
		idle.Tally, idle.Seen, idle.Wanted, idle.Hits, idle.Misses = traffic.NewTally(2, nil), 0, 0, &none, &none
		golden(t, "monitor_top_idle_"+lang, summed(t, cat, term.Screen{}, idle))
	}
}

// TestCommandsFail: a reader who is gone is noticed.
func TestCommandsFail(t *testing.T) {
	t.Parallel()
	c := report.NewCommands(brokenPipe{}, term.Screen{})
	c.Redact = redact
	play(t, c.Command)
	if err := c.Flush(); !errors.Is(err, errBroken) {
		t.Errorf("%v", err)
	}
}

var errBroken = errors.New("broken pipe")

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, errBroken }

func BenchmarkCommands(b *testing.B) {
	line := []byte("+1767323045.123456 [0 127.0.0.1:51234] \"SET\" \"user:123456:cart\" \"a value\"\r\n")
	for name, show := range map[string]func(*traffic.Event, traffic.Who) error{
		"pipe": func() func(*traffic.Event, traffic.Who) error {
			c := report.NewCommands(io.Discard, term.Screen{})
			c.Redact = redact
			return c.Command
		}(),
		"terminal": func() func(*traffic.Event, traffic.Who) error {
			c := report.NewCommands(io.Discard, term.Screen{TTY: true, Width: 80, Color: true})
			c.Redact = redact
			return c.Command
		}(),
		"json": func() func(*traffic.Event, traffic.Who) error {
			l := report.NewCommandLines(io.Discard)
			l.Redact = redact
			return l.Command
		}(),
	} {
		b.Run(name, func(b *testing.B) {
			var r traffic.Reader
			work := make([]byte, len(line))
			b.ReportAllocs()
			for b.Loop() {
				copy(work, line)
				r.Read(work, 0, false, func(e *traffic.Event) bool { return show(e, traffic.Who{}) == nil })
			}
		})
	}
}

package cli_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

// busyFor is a script that takes that long, in ms, as a command that does too much does.
func busyFor(ms int) []string {
	return []string{"EVAL", `local now = function() local t = redis.call('TIME') return t[1] * 1000 + t[2] / 1000 end
local start = now()
repeat until now() - start > tonumber(ARGV[1])`, "1", "report", strconv.Itoa(ms)}
}

// spiky is a server whose latency monitor is on.
func spiky(t *testing.T, threshold int) *redistest.Server {
	t.Helper()
	s := roomy(t)
	do(t, s, "CONFIG", "SET", "latency-monitor-threshold", strconv.Itoa(threshold))
	return s
}

// noted waits until the server's latency monitor has an event.
func noted(t *testing.T, s *redistest.Server, event string) {
	t.Helper()
	latest := ""
	for range 100 {
		if latest = do(t, s, "LATENCY", "LATEST"); slices.Contains(strings.Split(latest, "\n"), event) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("the server noted no %s: %q", event, latest)
}

// TestDoctorSpikes: the events of the latency monitor that a test can bring about. What is advised can be typed.
func TestDoctorSpikes(t *testing.T) {
	t.Parallel()
	for id, c := range map[string]struct {
		make  func(t *testing.T) *redistest.Server
		event string
		types string // part of a command that is advised
		after string // CONFIG GET's answer once it was typed
	}{
		"latency-event-command": {make: func(t *testing.T) *redistest.Server {
			s := spiky(t, 50)
			do(t, s, busyFor(80)...)
			return s
		}, event: "command", types: "SLOWLOG GET 10"},
		"latency-event-fast-command": {make: func(t *testing.T) *redistest.Server {
			// HSET is a fast command, however much it is given.
			s := spiky(t, 5)
			args := []string{"HSET", "fields"}
			for i := range 150_000 {
				args = append(args, strconv.Itoa(i), "x")
			}
			do(t, s, args...)
			do(t, s, "EXPIRE", "fields", "100")
			return s
		}, event: "fast-command", types: "--intrinsic-latency"},
		"latency-event-fork": {make: func(t *testing.T) *redistest.Server {
			s := spiky(t, 1)
			filled(t, s, "page:", 100_000, 1000, 300)
			do(t, s, "CONFIG", "SET", "save", "3600 1")
			do(t, s, "BGSAVE")
			return s
		}, event: "fork", types: `CONFIG SET save ""`, after: "save\n"},
		"latency-event-aof": {make: func(t *testing.T) *redistest.Server {
			s := spiky(t, 1)
			do(t, s, "CONFIG", "SET", "appendfsync", "always")
			do(t, s, "CONFIG", "SET", "appendonly", "yes")
			for range 3 {
				do(t, s, "SET", "page", strings.Repeat("x", 16<<20), "EX", "100")
			}
			return s
		}, event: "aof-write", types: "CONFIG SET appendfsync everysec", after: "appendfsync\neverysec"},
		"latency-event-expire": {make: func(t *testing.T) *redistest.Server {
			s := spiky(t, 1)
			filled(t, s, "page:", 200_000, 10, 1)
			return s
		}, event: "expire-cycle", types: "CONFIG SET lazyfree-lazy-expire yes", after: "lazyfree-lazy-expire\nyes"},
		"latency-event-eviction": {make: func(t *testing.T) *redistest.Server {
			s := spiky(t, 1)
			filled(t, s, "page:", 200_000, 100, 300)
			do(t, s, "CONFIG", "SET", "maxmemory", "10mb")
			do(t, s, "SET", "one", "more", "EX", "100")
			return s
		}, event: "eviction-cycle", types: "CONFIG SET lazyfree-lazy-eviction yes", after: "lazyfree-lazy-eviction\nyes"},
	} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			s := c.make(t)
			noted(t, s, c.event)
			d, _ := alone(s.URL()).doctor(t)
			i := slices.Index(d.ids(), id)
			if i < 0 {
				t.Fatalf("found %q", d.ids())
			}
			if id == "latency-event-command" && d.Findings[i].Evidence["slow_command"] != "EVAL" {
				t.Errorf("the slow log's word for it is missing: %v", d.Findings[i].Evidence)
			}
			alone(s.URL()).wantTidy(t, 60, "S3cretWord", "local start")
			for _, command := range d.commands(id) {
				if strings.Contains(command, c.types) && !strings.Contains(command, "--intrinsic-latency") { // which takes ten seconds
					typed(t, command, "S3cretWord")
					if name, _, ok := strings.Cut(c.after, "\n"); ok {
						if got := do(t, s, "CONFIG", "GET", name); got != c.after {
							t.Errorf("%s: CONFIG GET %s says %q", command, name, got)
						}
					}
					c.types = ""
				}
			}
			if c.types != "" && c.types != "--intrinsic-latency" {
				t.Errorf("no command with %q among %q", c.types, d.commands(id))
			}
			// The server forgets, and so does doctor.
			do(t, s, "CONFIG", "SET", "latency-monitor-threshold", "0")
			do(t, s, "LATENCY", "RESET")
			if d, _ := alone(s.URL()).doctor(t); slices.Contains(d.ids(), id) {
				t.Errorf("found %q after LATENCY RESET", d.ids())
			}
		})
	}
}

// TestDoctorSpikesTold: events that take another build of the server, a module or a slow disk. The server is real; its answer
// to LATENCY LATEST is that of one which had them.
func TestDoctorSpikesTold(t *testing.T) {
	t.Parallel()
	for event, id := range map[string]string{
		"rdb-unlink-temp-file": "latency-event-rdb", "active-defrag-cycle": "latency-event-defrag",
		"aof-write-pending-fsync": "latency-event-aof", "evict-del": "latency-event-eviction",
		"expire-del": "latency-event-expire", "module-acquire-GIL": "latency-event-other",
	} {
		t.Run(event, func(t *testing.T) {
			t.Parallel()
			s := advised(t)
			ago := time.Now().Add(-time.Hour).Unix()
			addr := redistest.Rewrite(t, s.Addr(), func(cmd []string, reply string) string {
				if !strings.EqualFold(cmd[0], "LATENCY") {
					return reply
				}
				return fmt.Sprintf("*1\r\n*4\r\n$%d\r\n%s\r\n:%d\r\n:120\r\n:340\r\n", len(event), event, ago)
			})
			p := alone(s.URLOf("default", "S3cretWord", addr))
			d, _ := p.doctor(t)
			if !slices.Contains(d.ids(), id) {
				t.Fatalf("found %q", d.ids())
			}
			p.wantTidy(t, 60, "S3cretWord")
			for _, command := range d.commands(id) {
				typed(t, command, "S3cretWord")
			}
		})
	}
}

func TestDoctorLatency(t *testing.T) {
	t.Parallel()
	t.Run("far away", func(t *testing.T) {
		t.Parallel()
		s := advised(t)
		proxy := redistest.StartProxy(t, s.Addr())
		proxy.SetDelay(150 * time.Millisecond)
		wantFound(t, alone(proxy.URLOf(s)), "warning", "latency-high")
		proxy.SetDelay(0)
		if d, _ := alone(proxy.URLOf(s)).doctor(t); slices.Contains(d.ids(), "latency-high") {
			t.Errorf("found %q", d.ids())
		}
	})
	t.Run("slow log", func(t *testing.T) {
		t.Parallel()
		s := advised(t)
		do(t, s, busyFor(80)...)
		p := alone(s.URL())
		d, _ := p.doctor(t)
		i := slices.Index(d.ids(), "latency-slowlog")
		if i < 0 {
			t.Fatalf("found %q", d.ids())
		}
		if e := d.Findings[i].Evidence; e["slow_command"] != "EVAL" || e["key"] != "report" {
			t.Errorf("evidence %v", e)
		}
		p.wantTidy(t, 60, "S3cretWord", "local start") // a script is nobody's business
		for _, command := range d.commands("latency-slowlog") {
			typed(t, command, "S3cretWord")
		}
		do(t, s, "SLOWLOG", "RESET")
		if d, _ := p.doctor(t); slices.Contains(d.ids(), "latency-slowlog") {
			t.Errorf("found %q", d.ids())
		}
	})
}

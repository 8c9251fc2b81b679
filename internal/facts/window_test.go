package facts_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/facts"
	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

// TestWindow counts what happened in between, exactly.
func TestWindow(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	do(t, s, "SET k v")
	conn := open(t, s.URL())
	before := facts.Sample(t.Context(), conn)
	for range 3 {
		do(t, s, "GET k")
	}
	do(t, s, "GET missing")
	time.Sleep(20 * time.Millisecond)
	w := snapshot.Between(before, facts.Sample(t.Context(), conn))
	d := w.Total
	// The first INFO, which the server counts once it was answered, is left out.
	if d.Hits.Or(0) != 3 || d.Misses.Or(0) != 1 || d.Commands.Or(0) != 4 || d.Connections.Or(0) != 4 ||
		d.Evicted.Or(-1) != 0 || d.Rejected.Or(-1) != 0 || d.NetOutput.Or(0) <= 0 {
		t.Errorf("growth %+v", d)
	}
	if w.Elapsed.Duration() < 20*time.Millisecond || w.Nodes[0].Change != snapshot.Unchanged {
		t.Errorf("elapsed %v, change %q", w.Elapsed.Duration(), w.Nodes[0].Change)
	}
	if rate, ok := snapshot.Rate(d.Hits, snapshot.Millis(2*time.Second)); !ok || rate != 1.5 {
		t.Errorf("rate %v", rate)
	}
}

// TestWindowWaits for as long as it was told, one command for each sample.
func TestWindowWaits(t *testing.T) {
	t.Parallel()
	conn := open(t, redistest.Start(t).URL())
	sent := conn.CommandsSent()
	w := facts.Window(t.Context(), conn, 100*time.Millisecond)
	if w.Elapsed.Duration() < 100*time.Millisecond || !w.Total.Commands.Known() || conn.CommandsSent()-sent != 2 {
		t.Errorf("elapsed %v, growth %+v, %d commands", w.Elapsed.Duration(), w.Total, conn.CommandsSent()-sent)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	start := time.Now()
	w = facts.Window(ctx, conn, time.Hour)
	if time.Since(start) > 5*time.Second || w.Nodes[0].Change != snapshot.Unread ||
		w.Nodes[0].Fault.Status != snapshot.Failed {
		t.Errorf("ended after %v: %+v", time.Since(start), w.Nodes[0].Change)
	}
}

// TestWindowChanges tells a restart and a reset of the counters from a quiet server.
func TestWindowChanges(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		change func(t *testing.T, s *redistest.Server)
		want   snapshot.Change
	}{
		{"restart", func(t *testing.T, s *redistest.Server) { t.Helper(); s.Restart() }, snapshot.Restarted},
		{"CONFIG RESETSTAT", func(t *testing.T, s *redistest.Server) {
			t.Helper()
			do(t, s, "CONFIG RESETSTAT")
		}, snapshot.StatsReset},
		{"gone", func(t *testing.T, s *redistest.Server) { t.Helper(); s.Kill() }, snapshot.Unread},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := redistest.Start(t)
			for i := range 50 {
				do(t, s, fmt.Sprintf("GET k%d", i))
			}
			conn := open(t, s.URL())
			before := facts.Sample(t.Context(), conn)
			tc.change(t, s)
			w := snapshot.Between(before, facts.Sample(t.Context(), conn))
			if w.Nodes[0].Change != tc.want || w.Total.Commands.Known() {
				t.Errorf("change %q, growth %+v, want %q; fault %+v", w.Nodes[0].Change, w.Total, tc.want, w.Nodes[0].Fault.Cause)
			}
		})
	}
}

// TestPingLatency sees the delay of the network, and keeps the rounds before a failure.
func TestPingLatency(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	proxy := redistest.StartProxy(t, s.Addr())
	conn := open(t, proxy.URLOf(s))
	proxy.SetDelay(10 * time.Millisecond)
	f := facts.PingLatency(t.Context(), conn, 20)
	p := f.Value
	// Three significant digits: 10 ms may be shown as 9.99.
	if !f.Known() || p.Rounds != 20 || p.P50.Duration() < 9900*time.Microsecond || p.P50 > p.P99 || p.P99 > p.Max {
		t.Errorf("latency %+v", f)
	}
	proxy.CutAfter(0)
	if f := facts.PingLatency(t.Context(), conn, 5); f.Status != snapshot.Failed || f.Cause != "tcp-closed" ||
		f.Value.Rounds != 0 {
		t.Errorf("after the cut: %+v", f)
	}
	if f := facts.PingLatency(t.Context(), conn, 0); f.Status != snapshot.NotAsked {
		t.Errorf("no rounds: %+v", f)
	}
}

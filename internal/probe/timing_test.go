package probe_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/probe"
	"github.com/olympiades-ia/olymp-cache/internal/probe/trace"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

// quick is for what never answers.
var quick = redisconn.Options{Timeout: 400 * time.Millisecond}

// TestTimeouts: what does not answer costs two time-outs at most, the second looks included.
func TestTimeouts(t *testing.T) {
	t.Parallel()
	plain := redistest.Start(t)
	frozen := redistest.Start(t)
	frozen.Pause()
	t.Cleanup(frozen.Resume)
	for _, tc := range []struct {
		name, url, id, rung string
		seen                func(*testing.T, climbed)
	}{
		{"no answer to SYN", "redis://" + redistest.Backlogged(t), "tcp-timeout", trace.TCP, dialled(trace.Timeout)},
		{"silent", "redis://" + redistest.Silent(t), "tcp-silent", trace.Protocol, both(
			answered("", false, "", trace.Timeout), func(t *testing.T, c climbed) {
				t.Helper()
				if c.Handshake == nil || c.Handshake.Problem != trace.Timeout {
					t.Errorf("handshake %+v", c.Handshake)
				}
			},
		)},
		{
			"silent under TLS", "rediss://" + redistest.Silent(t), "tcp-silent", trace.TLS,
			both(answered("", false, "", trace.Timeout), shook(trace.Timeout, "", "")),
		},
		{
			"TLS to a plain port", "rediss://:s3cret@" + plain.Addr(), "tls-not-supported", trace.TLS,
			both(answered("+PONG", true, "", ""), shook(trace.Timeout, "", "")),
		},
		{"frozen", frozen.URL(), "tcp-silent", trace.Protocol, answered("", false, "", trace.Timeout)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := climb(t, load(t, config.Input{URL: tc.url}), probe.Options{Conn: quick})
			if c.id() != tc.id || c.Failure.Rung != tc.rung || c.took > 2*quick.Timeout+time.Second/2 { // half a second for the machine
				t.Errorf("%s after %v: %s", c.id(), c.took, outline(c.Steps))
			}
			if last := c.Steps[len(c.Steps)-1]; last.Duration < quick.Timeout/2 || last.Duration > c.took {
				t.Errorf("%s took %v of %v", last.Name, last.Duration, c.took)
			}
			tc.seen(t, c)
		})
	}
}

// TestCancelled: Ctrl-C does not wait, and leaves nobody behind.
func TestCancelled(t *testing.T) {
	t.Parallel()
	stop := errors.New("stopped")
	for name, url := range map[string]string{
		"no answer to SYN": "redis://" + redistest.Backlogged(t), "silent": "redis://" + redistest.Silent(t),
		"silent under TLS": "rediss://" + redistest.Silent(t), "silent Sentinel": "redis+sentinel://" + redistest.Silent(t) + "/vitrine/0",
	} {
		ctx, cancel := context.WithCancelCause(t.Context())
		timer := time.AfterFunc(100*time.Millisecond, func() { cancel(stop) })
		start := time.Now()
		got, conn, err := probe.Climb(ctx, load(t, config.Input{URL: url}), probe.Options{Conn: redisconn.Options{Timeout: time.Minute}})
		timer.Stop()
		cancel(nil)
		if !errors.Is(err, stop) || conn != nil || got.Failure != nil || time.Since(start) > 5*time.Second {
			t.Errorf("%s: %v after %v, %+v", name, err, time.Since(start), got.Failure)
		}
	}
}

// TestCancelledDuringSecondLook: they end too.
func TestCancelledDuringSecondLook(t *testing.T) {
	t.Parallel()
	stop := errors.New("stopped")
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	start := time.Now()
	_, conn, err := probe.Climb(ctx, load(t, config.Input{URL: "redis://" + redistest.Silent(t)}), probe.Options{
		Conn: redisconn.Options{Timeout: time.Second, Trace: func(e redisconn.Event) {
			if e.Kind == "command" && strings.HasPrefix(e.Detail, "HELLO") {
				time.AfterFunc(100*time.Millisecond, func() { cancel(stop) })
			}
		}},
	})
	if !errors.Is(err, stop) || conn != nil || time.Since(start) > 1800*time.Millisecond {
		t.Errorf("%v after %v", err, time.Since(start))
	}
}

// TestNothingIsContacted: a certificate that cannot be read is a mistake of the command line.
func TestNothingIsContacted(t *testing.T) {
	t.Parallel()
	to := load(t, config.Input{URL: "rediss://" + redistest.Refused(t)})
	to.TLS.CAFile = t.TempDir() // a folder without a certificate
	got, conn, err := probe.Climb(t.Context(), to, probe.Options{})
	var files *redisconn.TLSFileError
	if !errors.As(err, &files) || conn != nil || len(got.Steps) != 0 || len(got.Dials) != 0 {
		t.Errorf("%v, %+v", err, got)
	}
}

// TestNoGoroutinesStay climbs every way that ends early. It is not parallel: it counts.
func TestNoGoroutinesStay(t *testing.T) {
	server := redistest.Start(t, redistest.WithPassword("s3cret"))
	over := redistest.Start(t, redistest.WithTLS(redistest.TLSOptions{}))
	all := []string{
		"redis://" + redistest.Refused(t), "redis://" + redistest.Backlogged(t), "redis://" + redistest.Silent(t),
		"rediss://" + redistest.Silent(t), "redis://" + redistest.Closer(t), "redis://nobody:s3cret%0A@" + server.Addr(),
		"redis://" + over.Addr(), "rediss://" + over.Addr(), server.URL(),
		strings.Replace(server.URL(), "127.0.0.1", "localhost", 1),
	}
	settled := func() int {
		least := runtime.NumGoroutine()
		for range 20 { // listeners take a moment to see that we left
			time.Sleep(10 * time.Millisecond)
			least = min(least, runtime.NumGoroutine())
		}
		return least
	}
	run := func() {
		for _, url := range all {
			opts := probe.Options{Conn: redisconn.Options{Timeout: 100 * time.Millisecond}}
			_, conn, err := probe.Climb(t.Context(), load(t, config.Input{URL: url}), opts)
			if err != nil {
				t.Fatal(err)
			}
			if conn != nil {
				conn.Close()
			}
		}
	}
	run()
	before := settled()
	run()
	if after := settled(); after > before {
		t.Errorf("%d goroutines before, %d after", before, after)
	}
}

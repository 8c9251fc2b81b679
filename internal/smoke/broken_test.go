package smoke_test

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
	"github.com/olympiades-ia/olymp-cache/internal/redistest"
	"github.com/olympiades-ia/olymp-cache/internal/smoke"
)

// TestKeyGoesAfterFailure breaks the connection between SET and DEL and looks at the server.
func TestKeyGoesAfterFailure(t *testing.T) {
	t.Parallel()
	const okReply = 5 // bytes of +OK\r\n
	for _, tc := range []struct {
		name  string
		after string // at the end of this step,
		fault int    // the server may say so many bytes more,
		until string // until the end of that step
		steps string
		left  bool
	}{
		{
			"GET is cut, DEL goes over a new connection", "ping", okReply, "get",
			"connect ok, ping ok, set ok, get fail tcp-closed, ttl skip earlier-failure, del ok", false,
		},
		{
			"GET is cut in the middle", "ping", okReply + 3, "get",
			"connect ok, ping ok, set ok, get fail tcp-closed, ttl skip earlier-failure, del ok", false,
		},
		{
			"the answer of SET is lost", "ping", 2, "set",
			"connect ok, ping ok, set fail tcp-closed, get skip earlier-failure, ttl skip earlier-failure, del ok", false,
		},
		{
			"DEL fails too, the last try does not", "ping", okReply, "del",
			"connect ok, ping ok, set ok, get fail tcp-closed, ttl skip earlier-failure, del fail tcp-closed", false,
		},
		{
			"the server never comes back", "ping", okReply, "",
			"connect ok, ping ok, set ok, get fail tcp-closed, ttl skip earlier-failure, del fail tcp-closed", true,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := redistest.Start(t)
			p := redistest.StartProxy(t, s.Addr())
			res := test(t, p.URLOf(s), smoke.Options{OnStep: func(s finding.Step) {
				switch s.Name {
				case tc.after:
					p.ResetAfter(tc.fault)
				case tc.until:
					p.Clear()
				}
			}})
			wantSteps(t, res, tc.steps)
			if !tc.left {
				wantNoKeys(t, s)
				if res.KeyLeft != "" {
					t.Errorf("key left %q", res.KeyLeft)
				}
				return
			}
			key := do(t, s, "KEYS", "*")
			ttl, err := strconv.Atoi(do(t, s, "TTL", key))
			if key == "" || res.KeyLeft != key || err != nil || ttl < 1 || ttl > 60 {
				t.Errorf("key left %q, on the server %q with %d s, %v", res.KeyLeft, key, ttl, err)
			}
		})
	}
}

// TestInterrupted cancels the run at each step: the key goes and the report says so, the rest is skipped, the cause is kept.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	stop := errors.New("stopped")
	s := redistest.Start(t)
	for at, want := range map[string]string{
		"ping": "connect ok, ping ok, set skip interrupted, get skip interrupted, ttl skip interrupted, del skip interrupted",
		"set":  "connect ok, ping ok, set ok, get skip interrupted, ttl skip interrupted, del ok",
		"get":  "connect ok, ping ok, set ok, get ok, ttl skip interrupted, del ok",
		"ttl":  "connect ok, ping ok, set ok, get ok, ttl ok, del ok",
	} {
		ctx, cancel := context.WithCancelCause(t.Context())
		res := smoke.Run(ctx, target(t, s.URL()), smoke.Options{OnStep: func(s finding.Step) {
			if s.Name == at {
				cancel(stop)
			}
		}})
		cancel(nil)
		wantSteps(t, res, want)
		if !errors.Is(res.Err, stop) || res.Failed() || res.KeyLeft != "" {
			t.Errorf("%s: Err %v, failed %v, key left %q", at, res.Err, res.Failed(), res.KeyLeft)
		}
		wantNoKeys(t, s)
	}
}

func TestInterruptedWhileConnecting(t *testing.T) {
	t.Parallel()
	stop := errors.New("stopped")
	for name, url := range map[string]string{
		"silent": "redis://" + redistest.Silent(t), "silent under TLS": "rediss://" + redistest.Silent(t),
		"silent Sentinel": "redis+sentinel://" + redistest.Silent(t) + "/vitrine/0",
	} {
		ctx, cancel := context.WithCancelCause(t.Context())
		timer := time.AfterFunc(100*time.Millisecond, func() { cancel(stop) })
		start := time.Now()
		res := smoke.Run(ctx, target(t, url), smoke.Options{Conn: redisconn.Options{Timeout: time.Minute}})
		timer.Stop()
		cancel(nil)
		wantSteps(t, res, "connect skip interrupted")
		if !errors.Is(res.Err, stop) || res.Unreachable || time.Since(start) > 10*time.Second {
			t.Errorf("%s: Err %v, unreachable %v, after %v", name, res.Err, res.Unreachable, time.Since(start))
		}
	}
}

// TestInterruptedInTheMiddle cancels while a command waits for its answer.
func TestInterruptedInTheMiddle(t *testing.T) {
	t.Parallel()
	stop := errors.New("stopped")
	s := redistest.Start(t)
	p := redistest.StartProxy(t, s.Addr())
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	res := smoke.Run(ctx, target(t, p.URLOf(s)), smoke.Options{
		Conn: redisconn.Options{Timeout: time.Minute},
		OnStep: func(s finding.Step) {
			switch s.Name {
			case "set":
				p.Blackhole()
				time.AfterFunc(100*time.Millisecond, func() { cancel(stop) })
			case "get":
				p.Clear()
			}
		},
	})
	wantSteps(t, res, "connect ok, ping ok, set ok, get skip interrupted, ttl skip interrupted, del ok")
	if !errors.Is(res.Err, stop) {
		t.Errorf("Err is %v", res.Err)
	}
	if began, never := step(t, res, "get").Duration, step(t, res, "ttl").Duration; began <= 0 || never != 0 {
		t.Errorf("GET, which began, took %v; TTL, which did not, %v", began, never)
	}
	wantNoKeys(t, s)
}

// TestInterruptedDeletion cancels while DEL waits for its answer: it is sent again, over another connection.
func TestInterruptedDeletion(t *testing.T) {
	t.Parallel()
	stop := errors.New("stopped")
	s := redistest.Start(t)
	for name, mends := range map[string]bool{"the network is back": true, "the network stays away": false} {
		p := redistest.StartProxy(t, s.Addr())
		ctx, cancel := context.WithCancelCause(t.Context())
		res := smoke.Run(ctx, target(t, p.URLOf(s)), smoke.Options{
			Conn: redisconn.Options{Timeout: time.Minute},
			OnStep: func(s finding.Step) {
				if s.Name == "ttl" {
					p.Blackhole()
					time.AfterFunc(100*time.Millisecond, func() {
						if mends {
							p.Clear()
						}
						cancel(stop)
					})
				}
			},
		})
		cancel(nil)
		want, left := "del ok", ""
		if !mends {
			want, left = "del skip interrupted", do(t, s, "KEYS", "*")
		}
		wantSteps(t, res, "connect ok, ping ok, set ok, get ok, ttl ok, "+want)
		if !errors.Is(res.Err, stop) || res.KeyLeft != left || mends == (left != "") {
			t.Errorf("%s: Err %v, key left %q, on the server %q", name, res.Err, res.KeyLeft, left)
		}
	}
}

// TestInterruptedRounds tells how many rounds were done.
func TestInterruptedRounds(t *testing.T) {
	t.Parallel()
	stop := errors.New("stopped")
	s := redistest.Start(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	res := smoke.Run(ctx, target(t, s.URL()), smoke.Options{Count: 1000, OnRound: func(done, _ int) {
		if done == 7 {
			cancel(stop)
		}
	}})
	wantSteps(t, res, "connect ok, ping ok, set ok, get ok, ttl ok, latency skip interrupted, del ok")
	l := step(t, res, "latency")
	if l.Value("rounds") != int64(7) || l.Value("of") != int64(1000) || l.Duration <= 0 {
		t.Errorf("rounds %v of %v in %v", l.Value("rounds"), l.Value("of"), l.Duration)
	}
	if len(res.Latency) != 3 || res.Latency[2].Rounds != 7 {
		t.Errorf("latency %+v", res.Latency)
	}
	wantNoKeys(t, s)
}

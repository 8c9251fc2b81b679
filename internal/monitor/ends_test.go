package monitor_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/olympiades-ia/olymp-cache/internal/monitor"
	"github.com/olympiades-ia/olymp-cache/internal/monitor/traffic"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

// TestEnds: all that keeps a run from beginning or ends it.
func TestEnds(t *testing.T) {
	t.Parallel()
	t.Run("refused", func(t *testing.T) {
		t.Parallel()
		s := redistest.Start(t, redistest.WithUser("app", "s3cret", "+@all -monitor ~*"))
		_, err := during(t, s.URLOf("app", "s3cret", s.Addr()), monitor.Options{For: time.Second}, nil, func() {})
		var refused *monitor.RefusedError
		if !errors.As(err, &refused) || refused.Err.ID != "auth-no-permission" || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%v", err)
		}
	})
	t.Run("names refused", func(t *testing.T) {
		t.Parallel()
		s := redistest.Start(t, redistest.WithUser("app", "s3cret", "+@all -client|list ~*"))
		f := matcher(t, traffic.Filter{Clients: []string{"worker"}})
		_, err := during(t, s.URLOf("app", "s3cret", s.Addr()), monitor.Options{For: time.Second, Filter: f}, nil, func() {})
		var refused *monitor.NamesRefusedError
		if !errors.As(err, &refused) || !strings.Contains(refused.Reply, "NOPERM") {
			t.Errorf("%v", err)
		}
	})
	t.Run("unseen command", func(t *testing.T) {
		t.Parallel()
		s := redistest.Start(t)
		var unseen []string
		res, err := monitor.Run(t.Context(), target(t, s.URL()), monitor.Options{
			For: 100 * time.Millisecond, Filter: matcher(t, traffic.Filter{Commands: []string{"get", "config set", "config", "client"}}),
			Begun: func(b monitor.Begun) monitor.Show { unseen = b.Unseen; return nil },
		})
		if diff := cmp.Diff([]string{"config", "config|set"}, unseen); diff != "" || err != nil {
			t.Errorf("%v %+v %s", err, res, diff)
		}
	})
	t.Run("unknown command", func(t *testing.T) {
		t.Parallel()
		s := redistest.Start(t)
		f := matcher(t, traffic.Filter{Commands: []string{"flushal"}})
		_, err := during(t, s.URL(), monitor.Options{For: time.Second, Filter: f}, nil, func() {})
		var unknown *monitor.UnknownCommandError
		if !errors.As(err, &unknown) || unknown.Name != "flushal" {
			t.Errorf("%v", err)
		}
	})
	t.Run("interrupted", func(t *testing.T) {
		t.Parallel()
		s := redistest.Start(t)
		ctx, cancel := context.WithCancelCause(t.Context())
		stop := errors.New("ctrl-c")
		res, err := monitor.Run(
			ctx,
			target(t, s.URL()),
			monitor.Options{Filter: matcher(t, traffic.Filter{}), Begun: func(monitor.Begun) monitor.Show {
				go func() {
					do(t, s, "GET", "k")
					time.Sleep(200 * time.Millisecond)
					cancel(stop)
				}()
				return nil
			}},
		)
		if !errors.Is(err, stop) || res == nil || res.End != monitor.EndInterrupted || res.Seen != 1 || res.Window.Total.Misses.Or(0) != 1 {
			t.Errorf("%v %+v", err, res)
		}
	})
	t.Run("nobody reads", func(t *testing.T) {
		t.Parallel()
		s := redistest.Start(t)
		gone := errors.New("pipe")
		res, err := during(t, s.URL(), monitor.Options{}, &heard{fail: gone}, func() { do(t, s, "PING") })
		if !errors.Is(err, gone) || res.Wanted != 1 {
			t.Errorf("%v %+v", err, res)
		}
	})
	t.Run("killed", func(t *testing.T) {
		t.Parallel()
		s := redistest.Start(t)
		res, err := during(t, s.URL(), monitor.Options{}, nil, func() {
			do(t, s, "PING")
			do(t, s, "CLIENT", "KILL", "TYPE", "normal")
		})
		if err != nil || res.End != monitor.EndLost || res.Lost.Cause != "closed" || res.Seen != 1 {
			t.Errorf("%v %+v %+v", err, res, res.Lost)
		}
	})
	t.Run("output buffer", func(t *testing.T) {
		t.Parallel()
		s := redistest.Start(t, redistest.WithArgs("--client-output-buffer-limit", "normal 1mb 0 0"))
		res, err := during(t, s.URL(), monitor.Options{}, nil, func() {
			do(t, s, "PING")
			do(t, s, "SET", "k", strings.Repeat("x", 4<<20))
		})
		if err != nil || res.End != monitor.EndLost || res.Lost.Cause != "output-buffer" || res.Seen != 1 {
			t.Errorf("%v %+v %+v", err, res, res.Lost)
		}
	})
	t.Run("gone", func(t *testing.T) {
		t.Parallel()
		s := redistest.Start(t)
		res, err := during(t, s.URL(), monitor.Options{}, nil, func() {
			do(t, s, "PING")
			s.Stop()
		})
		e, ok := redisconn.AsError(err)
		if !ok || !strings.HasPrefix(e.ID, "tcp-") || res == nil || res.End != monitor.EndLost || res.Lost.Cause != "unreachable" ||
			res.Seen != 1 {
			t.Errorf("%v %+v", err, res)
		}
	})
}

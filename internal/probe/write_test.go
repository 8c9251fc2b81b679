package probe_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/probe"
	"github.com/olympiades-ia/olymp-cache/internal/probe/trace"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

// TestKeyGoesAfterFailure breaks the connection at the write and looks at the server.
func TestKeyGoesAfterFailure(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		hurt func(*redistest.Proxy)
		left bool
	}{
		{"the answers are lost", func(p *redistest.Proxy) { p.ResetAfter(2) }, false},
		{"the answer of DEL is lost", func(p *redistest.Proxy) { p.CutAfter(5) }, false}, // +OK\r\n
		{"the server never comes back", (*redistest.Proxy).Blackhole, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := redistest.Start(t)
			p := redistest.StartProxy(t, s.Addr())
			opts := probe.Options{Conn: quick, OnStep: func(step finding.Step) {
				if step.Name == trace.Ping {
					tc.hurt(p)
				}
			}}
			opts.Conn.Trace = func(e redisconn.Event) {
				if strings.HasPrefix(e.Detail, "DEL") && !tc.left {
					p.Clear()
				}
			}
			got, conn, err := probe.Climb(t.Context(), load(t, config.Input{URL: p.URLOf(s)}), opts)
			if err != nil || conn == nil {
				t.Fatalf("connection %v, %v", conn, err)
			}
			defer conn.Close()
			if got.Failure == nil || got.Failure.Rung != trace.Write || got.Failure.Unreachable {
				t.Fatalf("failure %+v", got.Failure)
			}
			if got.Write == nil || got.Write.Left != tc.left || !tc.left && got.ExtraCommands != 3 { // HELLO PING DEL
				t.Errorf("write %+v, %d commands", got.Write, got.ExtraCommands)
			}
			wantNoKeys(t, s)
		})
	}
}

// TestKeyGoesAfterCancel cancels while the write waits for its answer.
func TestKeyGoesAfterCancel(t *testing.T) {
	t.Parallel()
	stop := errors.New("stopped")
	s := redistest.Start(t)
	p := redistest.StartProxy(t, s.Addr())
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	got, conn, err := probe.Climb(ctx, load(t, config.Input{URL: p.URLOf(s)}), probe.Options{
		Conn: redisconn.Options{Timeout: time.Minute},
		OnStep: func(step finding.Step) {
			if step.Name == trace.Ping {
				p.SetDelay(2 * time.Second) // long enough to be cancelled within
				time.AfterFunc(100*time.Millisecond, func() {
					cancel(stop)
					p.SetDelay(0)
				})
			}
		},
	})
	if !errors.Is(err, stop) || conn != nil || got.Failure != nil || got.Write == nil || got.Write.Left || got.Step(trace.Write) != nil {
		t.Errorf("%v, connection %v, write %+v, steps %s", err, conn, got.Write, outline(got.Steps))
	}
	wantNoKeys(t, s)
}

// answering is a server that answers SET and DEL as it likes.
func answering(t *testing.T, set, del string) string {
	t.Helper()
	return "redis://" + redistest.FakeRESP(t, func(cmd []string) string {
		switch strings.ToUpper(cmd[0]) {
		case "PING":
			return redistest.SimpleReply("PONG")
		case "INFO":
			return redistest.BulkReply("redis_version:5.0.7\r\nredis_mode:standalone\r\nrole:master\r\n")
		case "SET":
			return set
		case "DEL":
			return del
		}
		return redistest.ErrorReply("ERR unknown command `" + cmd[0] + "`, with args beginning with: ")
	})
}

// TestStrangeWrites: a server that takes the commands and does not do what they say; and one without HELLO.
func TestStrangeWrites(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, set, del, steps string }{
		{"before Redis 6", "+OK\r\n", ":1\r\n", plainGood},
		{"it swallows", "+OK\r\n", ":0\r\n", toWrite + "write fail write-vanished"},
		{"it has the key", "$-1\r\n", ":1\r\n", toWrite + "write fail write-key-exists"},
		{"no SET", redistest.ErrorReply("ERR unknown command 'SET'"), ":0\r\n", toWrite + "write fail server-unknown-command"},
		{
			"a quota", redistest.ErrorReply("ERR max requests limit exceeded. Limit: 500000, Usage: 500000."), ":0\r\n",
			toWrite + "write fail server-quota-requests",
		},
	} {
		c := climb(t, load(t, config.Input{URL: answering(t, tc.set, tc.del)}), probe.Options{Conn: quick})
		wantSteps(t, c, tc.steps)
		if !c.Server.NoHello || c.Server.Role != "master" || c.Server.Version != "5.0.7" || c.Write.Left || c.conn == nil {
			t.Errorf("%s: server %+v, write %+v", tc.name, c.Server, c.Write)
		}
	}
}

// TestActiveReplica: KeyDB calls a primary that replicates too an active replica; it takes writes.
func TestActiveReplica(t *testing.T) {
	t.Parallel()
	in := fakeOf(map[string]string{
		"HELLO": hello("active-replica"), "PING": "+PONG\r\n", "SET": "+OK\r\n", "DEL": ":1\r\n",
	})
	c := climb(t, load(t, in(t)), probe.Options{Conn: quick})
	wantSteps(t, c, plainGood)
}

// TestClusterNodeGone: the address that the cluster gave is looked at.
func TestClusterNodeGone(t *testing.T) {
	t.Parallel()
	cluster := redistest.StartCluster(t, 2)
	target := load(t, config.Input{URL: cluster.URL()})
	cluster.Nodes[1].Kill()
	for range 20 { // until the key falls to the node that is gone
		c := climb(t, target, probe.Options{Conn: redisconn.Options{Timeout: 2 * time.Second}})
		if c.Failure == nil {
			continue
		}
		if c.id() != "server-cluster-unreachable" || c.Failure.Rung != trace.Write || c.Failure.Unreachable {
			t.Errorf("failure %+v", c.Failure)
		}
		if c.Port != cluster.Nodes[1].Port || len(c.Dials) != 1 || c.Dials[0].Problem != trace.Refused {
			t.Errorf("looked at %s:%d: %+v", c.Host, c.Port, c.Dials)
		}
		return
	}
	t.Error("no key fell to the node that is gone")
}

package monitor_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/monitor"
	"github.com/olympiades-ia/olymp-cache/internal/monitor/traffic"
	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

func target(t *testing.T, url string) config.Target {
	t.Helper()
	cfg, err := config.Load(config.Input{URL: url, URLSet: true, LookupEnv: func(string) (string, bool) { return "", false }})
	if err != nil {
		t.Fatal(err)
	}
	return cfg.Target
}

func matcher(t *testing.T, f traffic.Filter) *traffic.Matcher {
	t.Helper()
	m, bad, err := f.Compile()
	if err != nil {
		t.Fatal(bad, err)
	}
	return m
}

// heard keeps what is shown, a line each.
type heard struct {
	mu    sync.Mutex
	lines []string
	fail  error
}

func (h *heard) Command(e *traffic.Event, who traffic.Who) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	words := make([]string, len(e.Args))
	for i, arg := range e.Texts() {
		words[i] = string(arg)
	}
	h.lines = append(h.lines, strings.TrimSpace(fmt.Sprint(who.Name, " ", strings.Join(words, " "))))
	return h.fail
}

func (h *heard) Flush() error { return nil }

func (h *heard) has(line string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Contains(h.lines, line)
}

// during runs monitor and, once it listens, load. Without show the commands are summed up.
func during(t *testing.T, url string, o monitor.Options, show monitor.Show, load func()) (*monitor.Result, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	begun := make(chan struct{})
	o.Begun = func(monitor.Begun) monitor.Show { close(begun); return show }
	if o.Filter == nil {
		o.Filter = matcher(t, traffic.Filter{})
	}
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() {
		select {
		case <-begun:
			load()
		case <-ctx.Done():
		}
	})
	res, err := monitor.Run(ctx, target(t, url), o)
	cancel()
	return res, err
}

func do(t *testing.T, s *redistest.Server, args ...string) {
	t.Helper()
	if _, err := s.Do(args...); err != nil {
		t.Errorf("%v: %v", args, err)
	}
}

// TestCounts: a known load comes out as it went in, and the server's own counters say the same.
func TestCounts(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	do(t, s, "SET", "user:1", "x")
	const rounds = 500
	res, err := during(t, s.URL(), monitor.Options{Limit: 4 * rounds}, nil, func() {
		client := session(t, s.Addr())
		for i := range rounds {
			client("GET", fmt.Sprint("user:", i%10)) // one in ten is there
			client("SET", "page", "v")
			client("MGET", "user:1", "page")
			client("PING")
		}
	})
	if err != nil || res.End != monitor.EndLimit || res.Dropped != 0 || res.Unreadable != 0 || !res.KeysTold {
		t.Fatalf("%v: %+v", err, res)
	}
	want := map[string]string{
		"commands": "get 500, mget 500, ping 500, set 500", "keys": "page 1000, user:1 550, user:0 50", "families": "page 1000, user:* 1000",
		"clients": "127.0.0.1 2000",
	}
	got := map[string]string{
		"commands": counts(res.Tally.Commands, 9), "keys": counts(res.Tally.Keys, 3), "families": counts(res.Tally.Families, 9),
		"clients": counts(res.Tally.Clients, 9),
	}
	if diff := cmp.Diff(want, got); diff != "" || res.Seen != 4*rounds || res.Tally.KeyUses != 4*rounds {
		t.Errorf("%d seen, %d keys: %s", res.Seen, res.Tally.KeyUses, diff)
	}
	hits, misses := res.Window.Total.Hits.Or(0), res.Window.Total.Misses.Or(0)
	if hits != 50+2*rounds || misses != 450 {
		t.Errorf("%d hits and %d misses, want %d and %d", hits, misses, 50+2*rounds, 450)
	}
}

func counts(top *traffic.Top, n int) string {
	var words []string
	for _, c := range top.First(n) {
		words = append(words, fmt.Sprint(c.Text, " ", c.Count))
	}
	return strings.Join(words, ", ")
}

// session is a connection of a client; what it is answered is thrown away, but an error fails the test.
func session(t *testing.T, addr string) func(args ...string) {
	t.Helper()
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		t.Error(err)
		return func(...string) {}
	}
	t.Cleanup(func() { _ = nc.Close() })
	answer := make([]byte, 64<<10)
	return func(args ...string) {
		if err := nc.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
			t.Error(err)
		}
		text := fmt.Sprintf("*%d\r\n", len(args))
		for _, arg := range args {
			text += fmt.Sprintf("$%d\r\n%s\r\n", len(arg), arg)
		}
		if _, err := nc.Write([]byte(text)); err != nil {
			t.Error(err)
		}
		if n, err := nc.Read(answer); err != nil || answer[0] == '-' {
			t.Errorf("%q: %q %v", args, answer[:n], err)
		}
	}
}

// TestShown: bytes are exact, what is our own is left out, credentials are masked, and keys are where the server says.
func TestShown(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	worker := session(t, s.Addr())
	worker("CLIENT", "SETNAME", "worker")
	h := &heard{}
	hostile := "\x00\x1b[31m\r\n\"\\\xff"
	res, err := during(t, s.URL(), monitor.Options{For: time.Second}, h, func() {
		worker("SET", "k"+hostile, hostile)
		worker("MIGRATE", "127.0.0.1", "1", "nokey", "0", "9", "AUTH2", "u1", "s3cret")
		worker("EVAL", "return redis.call('GET', KEYS[1])", "1", "k")
	})
	want := []string{
		"worker SET k" + hostile + " " + hostile, "worker MIGRATE 127.0.0.1 1 nokey 0 9 AUTH2 *** ***",
		"worker EVAL return redis.call('GET', KEYS[1]) 1 k", "GET k",
	}
	if diff := cmp.Diff(want, h.lines); diff != "" || err != nil || res.End != monitor.EndWindow {
		t.Errorf("%v %+v: %s", err, res, diff)
	}
	if res.Elapsed < time.Second || res.Elapsed > 1500*time.Millisecond {
		t.Errorf("the window was %v long", res.Elapsed)
	}
}

func TestFilterByName(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	early := session(t, s.Addr())
	early("CLIENT", "SETNAME", "worker")
	h := &heard{}
	res, err := during(t, s.URL(), monitor.Options{
		For: 3 * time.Second, Filter: matcher(t, traffic.Filter{Clients: []string{"worker"}, Commands: []string{"get", "ping"}}),
	}, h, func() {
		other := session(t, s.Addr())
		early("GET", "early")
		late := session(t, s.Addr())
		late("CLIENT", "SETNAME", "worker")
		time.Sleep(1200 * time.Millisecond) // the list is asked for at most once a second
		late("GET", "late")
		other("GET", "other")
		early("PING")
	})
	if diff := cmp.Diff([]string{"worker GET early", "worker GET late", "worker PING"}, h.lines); diff != "" || err != nil {
		t.Errorf("%v %+v: %s", err, res, diff)
	}
}

func TestCluster(t *testing.T) {
	t.Parallel()
	c := redistest.StartCluster(t, 3)
	res, err := during(t, c.URL(), monitor.Options{Limit: 6}, nil, func() {
		for _, node := range c.Nodes {
			do(t, node, "PING")
			do(t, node, "PING")
		}
	})
	if err != nil || len(res.Nodes) != 3 {
		t.Fatalf("%v %+v", err, res)
	}
	if diff := cmp.Diff([]uint64{2, 2, 2}, res.Tally.Nodes); diff != "" {
		t.Error(diff)
	}
}

// TestSlowReader: who shows slowly loses lines, and knows how many; the server never waits and never hangs up.
func TestSlowReader(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, redistest.WithArgs("--client-output-buffer-limit", "normal 4mb 4mb 1"))
	value := strings.Repeat("x", 100<<10)
	const sets = 600 // 60 MB, and half of that is kept
	h, block := &heard{}, make(chan struct{})
	ctx, cancel := context.WithTimeoutCause(t.Context(), 30*time.Second, errors.New("too slow"))
	defer cancel()
	enough, stop := context.WithCancelCause(ctx)
	all := errors.New("all was heard")
	sent := uint64(sets)
	load := func() {
		client := session(t, s.Addr())
		for range sets {
			client("SET", "k", value)
		}
		close(block)
		for ; !h.has("PING") && ctx.Err() == nil; sent++ { // what is read now is read after all the others
			client("PING")
			time.Sleep(50 * time.Millisecond)
		}
		stop(all)
	}
	res, err := monitor.Run(enough, target(t, s.URL()), monitor.Options{
		Filter: matcher(t, traffic.Filter{}),
		Begun:  func(monitor.Begun) monitor.Show { go load(); return &stuck{heard: h, until: block} },
	})
	if !errors.Is(err, all) || res.Lost != nil || res.Dropped == 0 || res.Seen+res.Dropped <= sets || res.Seen+res.Dropped > sent ||
		uint64(len(h.lines)) != res.Wanted {
		t.Errorf("%v %+v, %d sent, %d shown", err, res, sent, len(h.lines))
	}
}

// stuck shows nothing until it is let go, as a terminal that was stopped with Ctrl-S.
type stuck struct {
	*heard
	until chan struct{}
}

func (s *stuck) Command(e *traffic.Event, who traffic.Who) error {
	<-s.until
	return s.heard.Command(e, who)
}

func TestLongLine(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	h := &heard{}
	res, err := during(t, s.URL(), monitor.Options{Limit: 3}, h, func() {
		client := session(t, s.Addr())
		client("SET", "long", strings.Repeat("\x00", 1<<20)) // 4 MB as MONITOR writes it
		client("SET", "exact", strings.Repeat("y", 200<<10))
		client("PING")
	})
	if err != nil || res.Unreadable != 0 || len(h.lines) != 3 || !strings.HasPrefix(h.lines[0], "SET long \x00\x00") ||
		len(h.lines[1]) != len("SET exact ")+200<<10 || h.lines[2] != "PING" {
		t.Errorf("%v %+v, %d lines", err, res, len(h.lines))
	}
}

// TestWays: every way to a server leads to its stream.
func TestWays(t *testing.T) {
	t.Parallel()
	for name, start := range map[string]func(t *testing.T) (url string, s *redistest.Server){
		"password": func(t *testing.T) (string, *redistest.Server) {
			s := redistest.Start(t, redistest.WithPassword("s3cret"))
			url := s.URL()
			return url, s
		},
		"socket": func(t *testing.T) (string, *redistest.Server) {
			s := redistest.Start(t, redistest.WithSocket())
			return "unix://" + s.Socket, s
		},
		"sentinel": func(t *testing.T) (string, *redistest.Server) {
			s := redistest.Start(t)
			return redistest.StartSentinels(t, s, 1, "vitrine").URL(), s
		},
		"replica": func(t *testing.T) (string, *redistest.Server) {
			s := redistest.StartReplica(t, redistest.Start(t))
			url := s.URL()
			return url, s
		},
		"database": func(t *testing.T) (string, *redistest.Server) {
			s := redistest.Start(t)
			return s.URL() + "/3", s
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, s := start(t)
			f := matcher(t, traffic.Filter{Commands: []string{"echo"}})
			h := &heard{}
			res, err := during(t, url, monitor.Options{Filter: f, Limit: 1}, h, func() { do(t, s, "ECHO", "hello") })
			if err != nil || len(h.lines) != 1 || h.lines[0] != "ECHO hello" {
				t.Errorf("%v %+v %q", err, res, h.lines)
			}
		})
	}
	t.Run("tls", func(t *testing.T) {
		t.Parallel()
		s := redistest.Start(t, redistest.WithTLS(redistest.TLSOptions{}))
		to := target(t, s.URL())
		to.TLS.CAFile = s.TLS.CA
		h := &heard{}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		res, err := monitor.Run(ctx, to, monitor.Options{
			Limit: 1, Filter: matcher(t, traffic.Filter{Commands: []string{"echo"}}),
			Begun: func(monitor.Begun) monitor.Show { go do(t, s, "ECHO", "hello"); return h },
		})
		if err != nil || len(h.lines) != 1 {
			t.Errorf("%v %+v %q", err, res, h.lines)
		}
	})
}

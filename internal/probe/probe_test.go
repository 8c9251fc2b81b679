package probe_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/probe"
	"github.com/olympiades-ia/olymp-cache/internal/probe/trace"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

// load reads a configuration as the program does.
func load(t *testing.T, in config.Input) config.Target {
	t.Helper()
	in.URLSet = true
	in.LookupEnv = func(string) (string, bool) { return "", false }
	cfg, err := config.Load(in)
	if err != nil {
		t.Fatalf("config: %v", err)
	}
	return cfg.Target
}

// climbed is what one climb gave.
type climbed struct {
	trace.Trace
	conn *redisconn.Conn
	took time.Duration
}

// sent is how many commands the climb cost.
func (c *climbed) sent() int {
	if c.conn == nil {
		return c.ExtraCommands
	}
	return c.ExtraCommands + c.conn.CommandsSent()
}

// id is the failure's.
func (c *climbed) id() string {
	if c.Failure == nil {
		return ""
	}
	return c.Failure.Finding.ID
}

// climb goes up and checks what holds of every trace: the steps seen are those kept, the failure is that of a step, there is
// a connection or an unreachable server, and no secret is in it, in no form and in no event.
func climb(t *testing.T, target config.Target, opts probe.Options) climbed {
	t.Helper()
	if opts.Conn.Timeout == 0 {
		opts.Conn.Timeout = redisconn.DefaultTimeout
	}
	var mu sync.Mutex
	var events strings.Builder
	opts.Conn.Trace = func(e redisconn.Event) {
		mu.Lock()
		defer mu.Unlock()
		events.WriteString(e.Kind + " " + e.Detail + " " + e.Err + "\n")
	}
	var seen []finding.Step
	opts.OnStep = func(s finding.Step) { seen = append(seen, s) }
	start := time.Now()
	got, conn, err := probe.Climb(t.Context(), target, opts)
	c := climbed{got, conn, time.Since(start)}
	if err != nil {
		t.Fatalf("climb: %v", err)
	}
	if conn != nil {
		t.Cleanup(conn.Close)
	}
	if outline(seen) != outline(got.Steps) {
		t.Errorf("OnStep saw %s, kept is %s", outline(seen), outline(got.Steps))
	}
	if (conn == nil) != (got.Failure != nil && got.Failure.Unreachable) {
		t.Errorf("connection %v with failure %+v", conn, got.Failure)
	}
	if f := got.Failure; f != nil {
		last := got.Steps[len(got.Steps)-1]
		if last.Name != f.Rung || last.Status != finding.Fail || last.Problem == nil || last.Problem.ID != f.Finding.ID {
			t.Errorf("failure %+v is not the last step %+v", f, last)
		}
	}
	noSecrets(t, target, got, events.String())
	return c
}

func noSecrets(t *testing.T, target config.Target, got trace.Trace, events string) {
	t.Helper()
	b, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	secret := target.Password.Reveal()
	if secret == "" {
		return
	}
	quoted, err := json.Marshal(secret)
	if err != nil {
		t.Fatal(err)
	}
	for _, form := range []string{
		secret, string(quoted[1 : len(quoted)-1]), url.QueryEscape(secret), url.PathEscape(secret), strings.TrimSpace(secret),
	} {
		if strings.Contains(string(b), form) {
			t.Errorf("the password is in the trace as %q:\n%s", form, b)
		}
		if strings.Contains(events, form) {
			t.Errorf("the password is in the events as %q:\n%s", form, events)
		}
	}
}

// outline is the steps in short: "dns skip not-needed, tcp fail tcp-refused".
func outline(steps []finding.Step) string {
	var all []string
	for _, s := range steps {
		text := s.Name + " " + s.Status.String()
		if s.Problem != nil {
			text += " " + s.Problem.ID
		}
		if s.Reason != "" {
			text += " " + s.Reason
		}
		all = append(all, text)
	}
	return strings.Join(all, ", ")
}

func wantSteps(t *testing.T, c climbed, want string) {
	t.Helper()
	if got := outline(c.Steps); got != want {
		t.Errorf("steps are\n  %s\nwant\n  %s", got, want)
	}
}

func wantNoKeys(t *testing.T, s *redistest.Server) {
	t.Helper()
	if got, err := s.Do("DBSIZE"); err != nil || got != "0" {
		t.Errorf("%s keys are left, %v", got, err)
	}
}

func urlOf(url string) func(*testing.T) config.Input {
	return func(*testing.T) config.Input { return config.Input{URL: url} }
}

func tlsOf(o redistest.TLSOptions) func(*testing.T) config.Input {
	return func(t *testing.T) config.Input {
		t.Helper()
		s := redistest.Start(t, redistest.WithTLS(o))
		return config.Input{URL: "rediss://" + s.Addr(), TLSCA: s.TLS.CA}
	}
}

const (
	plainGood = "dns skip not-needed, tcp ok, tls skip not-needed, protocol ok, auth ok, select ok, ping ok, write ok"
	tlsGood   = "dns skip not-needed, tcp ok, tls ok, protocol ok, auth ok, select ok, ping ok, write ok"
	toPing    = "dns skip not-needed, tcp ok, tls skip not-needed, protocol ok, auth ok, select ok, "
	toWrite   = toPing + "ping ok, "
)

package smoke_test

import (
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
	"github.com/olympiades-ia/olymp-cache/internal/redistest"
	"github.com/olympiades-ia/olymp-cache/internal/smoke"
)

// target reads a URL as the program does.
func target(t *testing.T, url string) config.Target {
	t.Helper()
	cfg, err := config.Load(config.Input{
		URL: url, URLSet: true, LookupEnv: func(string) (string, bool) { return "", false },
	})
	if err != nil {
		t.Fatalf("config: %v", err)
	}
	return cfg.Target
}

// test runs the steps on a URL; a network step may take five seconds, as a busy machine needs.
func test(t *testing.T, url string, o smoke.Options) *smoke.Result {
	t.Helper()
	if o.Conn.Timeout == 0 {
		o.Conn.Timeout = redisconn.DefaultTimeout
	}
	return smoke.Run(t.Context(), target(t, url), o)
}

// outline is the steps in short: "set ok, get fail write-mismatch, ttl skip earlier-failure".
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

func wantSteps(t *testing.T, res *smoke.Result, want string) {
	t.Helper()
	if got := outline(res.Steps); got != want {
		t.Errorf("steps are\n  %s\nwant\n  %s", got, want)
	}
}

func step(t *testing.T, res *smoke.Result, name string) finding.Step {
	t.Helper()
	for _, s := range res.Steps {
		if s.Name == name {
			return s
		}
	}
	t.Fatalf("no step %q in %s", name, outline(res.Steps))
	return finding.Step{}
}

func do(t *testing.T, s *redistest.Server, args ...string) string {
	t.Helper()
	reply, err := s.Do(args...)
	if err != nil {
		t.Fatalf("%s: %v", args[0], err)
	}
	return reply
}

func wantNoKeys(t *testing.T, s *redistest.Server) {
	t.Helper()
	if got := do(t, s, "DBSIZE"); got != "0" {
		t.Errorf("%s keys are left: %s", got, do(t, s, "KEYS", "*"))
	}
}

const allGood = "connect ok, ping ok, set ok, get ok, ttl ok, del ok"

func TestAllSteps(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	var seen []finding.Step
	res := test(t, s.URL(), smoke.Options{OnStep: func(s finding.Step) { seen = append(seen, s) }})
	wantSteps(t, res, allGood)
	if outline(seen) != outline(res.Steps) {
		t.Errorf("OnStep saw %s", outline(seen))
	}
	if res.Failed() || res.Problem() != nil || res.Unreachable || res.Err != nil || res.KeyLeft != "" {
		t.Errorf("result %+v", res)
	}
	key, _ := step(t, res, "set").Value("key").(string)
	if !strings.HasPrefix(key, smoke.KeyPrefix) || len(key) != len(smoke.KeyPrefix)+16 {
		t.Errorf("key %q", key)
	}
	if v, _ := step(t, res, "get").Value("value").(string); !strings.HasPrefix(v, "Hello from Olympiades IA! (") {
		t.Errorf("value %q", v)
	}
	if ttl, _ := step(t, res, "ttl").Value("ttl_s").(float64); ttl <= 50 || ttl > 60 {
		t.Errorf("ttl_s is %v", ttl)
	}
	if got := step(t, res, "connect").Value("address"); got != s.Addr() {
		t.Errorf("address is %v", got)
	}
	for _, one := range res.Steps {
		if one.Duration <= 0 {
			t.Errorf("step %s took %v", one.Name, one.Duration)
		}
	}
	wantNoKeys(t, s)
	again := test(t, s.URL(), smoke.Options{})
	if second := step(t, again, "set").Value("key"); second == key {
		t.Errorf("two runs use the same key %v", key)
	}
}

// TestCommandsSent compares our count with the server's own.
func TestCommandsSent(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	processed := func() int {
		n, err := strconv.Atoi(s.Info("stats")["total_commands_processed"])
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	for _, tc := range []struct {
		name string
		url  string
		opts smoke.Options
		want int
	}{
		{"plain", s.URL(), smoke.Options{}, 6},                                       // HELLO PING SET GET PTTL DEL
		{"with a database", s.URL() + "/3", smoke.Options{}, 7},                      // and SELECT
		{"read-only", s.URL(), smoke.Options{ReadOnly: true}, 3},                     // HELLO PING INFO
		{"latency", s.URL(), smoke.Options{Count: 10}, 36},                           // and 3 a round
		{"read-only latency", s.URL(), smoke.Options{ReadOnly: true, Count: 10}, 13}, // and 1 a round
	} {
		first := processed()
		before := processed()
		own := before - first
		res := test(t, tc.url, tc.opts)
		if got := processed() - before - own; got != tc.want || res.CommandsSent != tc.want {
			t.Errorf("%s: the server counts %d commands, we %d, want %d", tc.name, got, res.CommandsSent, tc.want)
		}
	}
}

func TestCluster(t *testing.T) {
	t.Parallel()
	c := redistest.StartCluster(t, 3)
	for range 5 { // keys of several slots
		res := test(t, c.URL(), smoke.Options{})
		wantSteps(t, res, allGood)
		if res.CommandsSent > 8 || res.Server.Mode != redisconn.ModeCluster {
			t.Errorf("%d commands on %+v", res.CommandsSent, res.Server)
		}
	}
	if n := c.DBSize(); n != 0 {
		t.Errorf("%d keys are left", n)
	}
}

func TestUnreachable(t *testing.T) {
	t.Parallel()
	res := test(t, "redis://"+redistest.Refused(t), smoke.Options{})
	wantSteps(t, res, "connect fail tcp-refused")
	if !res.Unreachable || !res.Failed() || res.CommandsSent != 0 || res.Problem().ID != "tcp-refused" || res.Err != nil {
		t.Errorf("result %+v", res)
	}
}

// A certificate that cannot be read is a mistake of the command line: nothing is contacted, no step is shown.
func TestTLSFileIsNoStep(t *testing.T) {
	t.Parallel()
	to := target(t, "rediss://"+redistest.Refused(t))
	to.TLS.CAFile = t.TempDir() // a folder without a certificate
	res := smoke.Run(t.Context(), to, smoke.Options{})
	var files *redisconn.TLSFileError
	if !errors.As(res.Err, &files) || len(res.Steps) != 0 || res.Unreachable {
		t.Errorf("result %+v", res)
	}
}

// TestSentinelOnTheDataPort: a Sentinel answers PING, so that only the login tells. Nothing is written to it.
func TestSentinelOnTheDataPort(t *testing.T) {
	t.Parallel()
	primary := redistest.Start(t)
	trio := redistest.StartSentinels(t, primary, 1, "vitrine")
	res := test(t, "redis://"+trio.Addrs()[0], smoke.Options{})
	wantSteps(t, res, "connect ok, ping ok, set fail proto-sentinel, get skip earlier-failure, "+
		"ttl skip earlier-failure, del skip earlier-failure")
	if got := res.Problem().Value("masters"); got != "vitrine" {
		t.Errorf("masters are %v", got)
	}
	if res.CommandsSent != 3 || res.KeyLeft != "" { // HELLO PING SENTINEL
		t.Errorf("%d commands, key left %q", res.CommandsSent, res.KeyLeft)
	}
}

func TestRealReplica(t *testing.T) {
	t.Parallel()
	primary := redistest.Start(t)
	replica := redistest.StartReplica(t, primary)
	res := test(t, replica.URL(), smoke.Options{})
	wantSteps(t, res, "connect ok, ping ok, set fail server-readonly, get skip earlier-failure, "+
		"ttl skip earlier-failure, del skip earlier-failure")
	if got := res.Problem().Value("primary"); got != primary.Addr() {
		t.Errorf("primary is %v, want %s", got, primary.Addr())
	}
	res = test(t, replica.URL(), smoke.Options{ReadOnly: true})
	wantSteps(t, res, "connect ok, ping ok, info ok")
	if got := step(t, res, "info").Value("role"); got != "slave" {
		t.Errorf("role is %v", got)
	}
	wantNoKeys(t, primary)
}

// TestReplicaWithoutPrimary: it answers, with what grows older and older.
func TestReplicaWithoutPrimary(t *testing.T) {
	t.Parallel()
	primary := redistest.Start(t)
	replica := redistest.StartReplica(t, primary)
	primary.Stop()
	var res *smoke.Result
	for until := time.Now().Add(10 * time.Second); time.Now().Before(until); time.Sleep(50 * time.Millisecond) {
		if res = test(t, replica.URL(), smoke.Options{ReadOnly: true}); step(t, res, "info").Status != finding.OK {
			break
		}
	}
	wantSteps(t, res, "connect ok, ping ok, info warn server-masterdown")
	if f := step(t, res, "info").Problem; f.Value("primary") != primary.Addr() || f.Value("down_s") == nil && f.Value("never_s") == nil {
		t.Errorf("%+v", f)
	}
	if res.Failed() {
		t.Error("a warning counts as a failure")
	}
}

// TestReadOnlyRestrictedUser: who may not run INFO or PING may still use the cache.
func TestReadOnlyRestrictedUser(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, redistest.WithUser("app", "geheim", "~* +@all -info"),
		redistest.WithUser("mute", "geheim", "~* +@all -ping"))
	res := test(t, s.URLOf("app", "geheim", s.Addr()), smoke.Options{ReadOnly: true})
	wantSteps(t, res, "connect ok, ping ok, info warn auth-no-permission")
	if res.Failed() || res.Problem() != nil {
		t.Errorf("a warning counts as a failure: %+v", res.Problem())
	}
	res = test(t, s.URLOf("mute", "geheim", s.Addr()), smoke.Options{})
	wantSteps(t, res, strings.Replace(allGood, "ping ok", "ping warn auth-no-permission", 1))
	wantNoKeys(t, s)
}

// TestRefusedWrite: a server that says no to SET has nothing that must be removed.
func TestRefusedWrite(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, redistest.WithUser("reader", "geheim", "~* +@all -set"))
	res := test(t, s.URLOf("reader", "geheim", s.Addr()), smoke.Options{})
	wantSteps(t, res, "connect ok, ping ok, set fail auth-no-permission, get skip earlier-failure, "+
		"ttl skip earlier-failure, del skip earlier-failure")
	if res.KeyLeft != "" || res.CommandsSent != 3 {
		t.Errorf("key left %q after %d commands", res.KeyLeft, res.CommandsSent)
	}
}

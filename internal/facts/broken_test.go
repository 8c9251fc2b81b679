package facts_test

import (
	"strings"
	"testing"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/facts"
	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

// TestCut loses the connection after so many bytes: what came is kept, the rest is Failed, nothing panics or hangs.
func TestCut(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	for _, tc := range []struct {
		name  string
		after int
		reset bool
		info  snapshot.Status
	}{
		{"at once", 0, false, snapshot.Failed},
		{"at once, reset", 0, true, snapshot.Failed},
		{"within INFO", 2000, false, snapshot.Failed},
		{"after INFO", 7000, false, snapshot.OK},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			proxy := redistest.StartProxy(t, s.Addr())
			conn := open(t, proxy.URLOf(s))
			if tc.reset {
				proxy.ResetAfter(tc.after)
			} else {
				proxy.CutAfter(tc.after)
			}
			start := time.Now()
			got := facts.Gather(t.Context(), conn, facts.Options{})
			if took := time.Since(start); took > 10*time.Second {
				t.Errorf("took %v", took)
			}
			n := &got.Nodes[0]
			if n.Info.Status != tc.info {
				t.Errorf("INFO is %+v, want %s", n.Info.Status, tc.info)
			}
			if tc.info == snapshot.Failed {
				for name, status := range statuses(n) {
					if status != snapshot.Failed && name != "cluster" && name != "shards" {
						t.Errorf("%s is %s, want failed", name, status)
					}
				}
				if n.Info.Cause != "tcp-closed" || n.Config.Cause != "tcp-closed" {
					t.Errorf("causes %s, %s", n.Info.Cause, n.Config.Cause)
				}
			}
			checkSaved(t, &got)
		})
	}
}

// fakeRedis answers as an old or a small server does; what it has no words for hangs up.
func fakeRedis(info string, answers map[string]string) func([]string) string {
	return func(cmd []string) string {
		line := strings.ToUpper(strings.Join(cmd, " "))
		for prefix, reply := range answers {
			if strings.HasPrefix(line, prefix) {
				return reply
			}
		}
		switch {
		case strings.HasPrefix(line, "HELLO"):
			return redistest.ErrorReply("ERR unknown command 'HELLO'")
		case line == "PING":
			return redistest.SimpleReply("PONG")
		case line == "INFO", line == "INFO EVERYTHING" && answers["INFO EVERYTHING"] == "":
			return redistest.BulkReply(info)
		}
		return ""
	}
}

// TestHangsUp is a managed server that closes the connection on commands that it does not know: INFO is kept, even when
// the reset that follows took the first answer along.
func TestHangsUp(t *testing.T) {
	t.Parallel()
	const info = "# Server\r\nredis_version:7.2.0\r\nrun_id:x\r\n"
	lost := []string{"slowlog", "config", "memory", "latency", "whoami", "self", "users", "acllog"}
	for _, tc := range []struct {
		name    string
		answers map[string]string
		lost    []string
		kept    []string
	}{
		{"in the second pipeline", map[string]string{
			"DBSIZE": ":5\r\n", "CLIENT LIST": redistest.BulkReply("id=1 addr=1.2.3.4:5 db=0\n"),
		}, lost, []string{"info", "dbsize", "clients"}},
		{"in the first pipeline", map[string]string{
			"DBSIZE": ":5\r\n",
		}, append([]string{"clients"}, lost...), []string{"info"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			fake := redistest.StartFake(t, fakeRedis(info, tc.answers))
			got := facts.Gather(t.Context(), open(t, fake.URL()), facts.Options{})
			have := statuses(&got.Nodes[0])
			for _, name := range tc.lost {
				if have[name] != snapshot.Failed {
					t.Errorf("%s is %s, want failed", name, have[name])
				}
			}
			for _, name := range tc.kept {
				if have[name] != snapshot.OK {
					t.Errorf("%s is %s, want ok", name, have[name])
				}
			}
			if n := got.Nodes[0]; n.Info.Value.Version != "7.2.0" || n.Slowlog.Cause != "tcp-closed" {
				t.Errorf("version %s, slow log %+v", n.Info.Value.Version, n.Slowlog)
			}
		})
	}
}

// TestSmallProvider knows neither «INFO everything» nor most commands, and says so.
func TestSmallProvider(t *testing.T) {
	t.Parallel()
	no := func(command string) string {
		return redistest.ErrorReply("ERR Command is not available: '" + command + "'. See https://example.com/docs")
	}
	const info = "# Server\r\nupstash_version:1.1\r\nredis_version:6.2.6\r\n"
	fake := redistest.StartFake(t, fakeRedis(info, map[string]string{
		"DBSIZE": ":5\r\n", "INFO EVERYTHING": redistest.BulkReply(""), "INFO ALL": no("INFO"), "SLOWLOG": no("SLOWLOG"),
		"CLIENT LIST": redistest.BulkReply("id=1 addr=10.0.0.1:5 name=api db=0 cmd=get\n"),
		"CONFIG":      redistest.ErrorReply("ERR unknown command 'CONFIG', with args beginning with: 'GET' "),
		"MEMORY":      no("MEMORY"), "LATENCY": no("LATENCY"), "ACL WHOAMI": redistest.BulkReply("default"),
		"ACL": redistest.ErrorReply("ERR ACL subcommand is restricted on this plan"),
	}))
	got := facts.Gather(t.Context(), open(t, fake.URL()), facts.Options{})
	want := allBut(snapshot.Unsupported, "slowlog", "config", "memory", "latency", "self", "users", "acllog")
	delete(want, "whoami") // either answer fits «ACL WHOAMI» in the fake's table
	have := statuses(&got.Nodes[0])
	delete(have, "whoami")
	for name, status := range want {
		if have[name] != status {
			t.Errorf("%s is %s, want %s", name, have[name], status)
		}
	}
	n := got.Nodes[0]
	if n.Info.Source != "INFO" || n.Info.Value.Version != "6.2.6" || n.Clients.Value.ByName["api"] != 1 {
		t.Errorf("INFO by %q: %+v", n.Info.Source, n.Info.Value)
	}
	if strings.Contains(string(n.Config.Reply), "args beginning") {
		t.Errorf("the refusal quotes the command: %q", n.Config.Reply)
	}
}

// TestOldConfig asks pattern by pattern where many parameters at once are refused, whatever version is claimed.
func TestOldConfig(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"6.2.14", "7.4.0"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			answer := func(cmd []string) string {
				if len(cmd) > 2 && strings.EqualFold(cmd[0], "CONFIG") {
					switch {
					case len(cmd) > 3:
						return redistest.ErrorReply("ERR wrong number of arguments for 'config|get' command")
					case cmd[2] == "maxmemory*":
						return "*4\r\n$9\r\nmaxmemory\r\n$2\r\n10\r\n$17\r\nmaxmemory-samples\r\n$1\r\n5\r\n"
					case cmd[2] == "requirepass":
						return "*2\r\n$11\r\nrequirepass\r\n$6\r\nsecret\r\n"
					case cmd[2] == "save":
						return redistest.ErrorReply("NOPERM no")
					}
					return "*0\r\n"
				}
				return fakeRedis("# Server\r\nredis_version:"+version+"\r\n", map[string]string{
					"DBSIZE": ":0\r\n", "SLOWLOG": "*0\r\n", "CLIENT": redistest.BulkReply(""), "MEMORY": "*0\r\n",
					"LATENCY": "*0\r\n", "ACL": redistest.ErrorReply("ERR unknown command 'ACL'"),
				})(cmd)
			}
			got := facts.Gather(t.Context(), open(t, redistest.StartFake(t, answer).URL()), facts.Options{})
			c := got.Nodes[0].Config
			if limit, ok := c.Value.Int("maxmemory"); !c.Known() || !ok || limit != 10 || len(c.Value.Values) != 1 ||
				c.Value.PasswordLength.Or(0) != 6 {
				t.Errorf("configuration %+v, want maxmemory 10 and a password of 6 bytes", c)
			}
			if got.Commands > 32 {
				t.Errorf("%d commands, want at most 32", got.Commands)
			}
			checkSaved(t, &got, "secret")
		})
	}
}

// TestLoading and BUSY are facts with the server's words, not verdicts about the commands.
func TestLoading(t *testing.T) {
	t.Parallel()
	s, finish := redistest.StartLoading(t)
	defer finish()
	got := facts.Gather(t.Context(), open(t, s.URL()), facts.Options{})
	n := got.Nodes[0]
	if !n.Info.Value.Persistence.Loading.Or(false) || !n.Info.Value.Persistence.LoadingPercent.Known() {
		t.Errorf("loading is not told: %+v", n.Info.Value.Persistence)
	}
	if n.Keys.Status != snapshot.Failed || n.Keys.Cause != "server-loading" ||
		!strings.HasPrefix(string(n.Keys.Reply), "LOADING") {
		t.Errorf("DBSIZE %+v", n.Keys)
	}
	if !n.Config.Known() {
		t.Errorf("CONFIG GET %+v", n.Config)
	}
}

// TestBusy is a server that a script blocks: it answers, and says so to every question.
func TestBusy(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	conn := open(t, s.URL())
	defer s.EnterBusy()()
	got := facts.Gather(t.Context(), conn, facts.Options{})
	if n := got.Nodes[0]; n.Info.Status != snapshot.Failed || n.Info.Cause != "server-busy" ||
		!strings.HasPrefix(string(n.Info.Reply), "BUSY") || n.Memory.Cause != "server-busy" || got.Totals.Missing != 1 {
		t.Errorf("INFO %+v, MEMORY STATS %+v", n.Info.Cause, n.Memory.Cause)
	}
}

// TestSilent is a server that hangs: one time limit is waited for, not one for each question.
func TestSilent(t *testing.T) {
	t.Parallel()
	proxy := redistest.StartProxy(t, redistest.Start(t).Addr())
	const limit = 500 * time.Millisecond
	conn := openWithin(t, "redis://"+proxy.Addr(), limit)
	proxy.Blackhole()
	start := time.Now()
	got := facts.Gather(t.Context(), conn, facts.Options{})
	if took := time.Since(start); took > 4*limit {
		t.Errorf("took %v", took)
	}
	n := got.Nodes[0]
	if n.Info.Cause != "tcp-silent" || n.Config.Cause != "tcp-silent" || n.ACLLog.Status != snapshot.Failed {
		t.Errorf("causes %s, %s", n.Info.Cause, n.Config.Cause)
	}
}

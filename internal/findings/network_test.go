package findings_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/findings"
	"github.com/olympiades-ia/olymp-cache/internal/i18n"
	"github.com/olympiades-ia/olymp-cache/internal/probe/trace"
	"github.com/olympiades-ia/olymp-cache/internal/report"
	"github.com/olympiades-ia/olymp-cache/internal/surround/scene"
)

// TestNetworkEvidence: what sentences and scripts read of a cause.
func TestNetworkEvidence(t *testing.T) {
	t.Parallel()
	long := "# Bad file format reading the append only file appendonly.aof.1.incr.aof: " + strings.Repeat("é", 100)
	for _, tc := range []struct {
		name string
		seen func(*testing.T) *evidenceOf
		want map[string]any
		none []string
	}{
		{"a container that was killed", failing(here, "tcp", refusedHere, containers(func() scene.Container {
			c := composed(died(redisIn("shop-redis-1", "exited", 6379), 137, true, "1:M 23 Nov 2026 out of memory"))
			c.RestartCount = 3
			return c
		}())), map[string]any{
			"container": "shop-redis-1", "image": "redis:7-alpine", "exit_code": 137, "oom_killed": true, "restart_count": 3,
			"last_log": "1:M 23 Nov 2026 out of memory", "reason": "out-of-memory", "service": "redis", "project": "shop", "engine": "docker",
			"address": "localhost:6379",
		}, nil},
		{"a container that never started", failing(here, "tcp", refusedHere, containers(func() scene.Container {
			c := redisIn("cache-1", "created", 6379)
			c.Error = "driver failed programming external connectivity: port is already allocated"
			return c
		}())), map[string]any{
			"reason":   "never-started",
			"last_log": "driver failed programming external connectivity: port is already allocated",
		}, []string{"exit_code"}},
		{"a container that starts again and again", failing(here, "tcp", refusedHere, containers(func() scene.Container {
			c := died(redisIn("cache-1", "", 6379), 1, false, long)
			c.State = "restarting"
			return c
		}())), map[string]any{"reason": "restarts-again"}, nil},
		{"a container that was killed, nobody knows by whom", failing(here, "tcp", refusedHere,
			containers(died(redisIn("cache-1", "exited", 6379), 137, false, "x"))), map[string]any{"reason": "killed"}, nil},
		{"a unit whose memory ran out", failing(here, "tcp", refusedHere, units(scene.Unit{
			Name: "redis.service", ActiveState: "failed", Result: "oom-kill", ExecMainStatus: 9,
			Journal: seenAround([]string{
				"redis-server[9]: Ready to accept connections",
				"systemd[1]: redis.service: Failed with result 'oom-kill'.",
			}),
		})), map[string]any{
			"unit": "redis.service", "reason": "out-of-memory", "exit_code": 9, "last_log": "redis-server[9]: Ready to accept connections",
		}, nil},
		{"a unit that was given up", failing(here, "tcp", refusedHere, units(scene.Unit{
			Name: "redis.service", ActiveState: "failed", Result: "start-limit-hit",
			Journal: seenAround([]string{"systemd[1]: redis.service: Start request repeated too quickly."}),
		})), map[string]any{"reason": "start-limit", "last_log": "systemd[1]: redis.service: Start request repeated too quickly."}, nil},
		{"a unit that nobody started", failing(here, "tcp", refusedHere, units(scene.Unit{
			Name: "redis.service", ActiveState: "inactive", Journal: seenAround([]string{"redis-server[9]: bye bye"}),
		})), map[string]any{"reason": "inactive"}, []string{"last_log", "exit_code"}},
		{"an address that was never set", failing(here, "tcp", refusedHere, byDefault(), platforms("railway")), map[string]any{
			"platform": "railway", "platform_name": "Railway", "platform_variable": "X_railway", "used": "redis://localhost:6379/0",
		}, nil},
		{
			"ElastiCache", failing("redis://vitrine.abcdef.ng.0001.euw1.cache.amazonaws.com:6379/0", "tcp", "tcp-timeout", dials(trace.Timeout,
				"172.31.0.5")),
			map[string]any{"private_address": "172.31.0.5", "private_provider": "Amazon ElastiCache"},
			[]string{"reason", "provider"},
		},
		{
			"carrier-grade NAT, as VPNs use it", failing("redis://cache.example.com:6379/0", "tcp", "tcp-timeout", dials(trace.Timeout,
				"100.100.1.1")),
			map[string]any{"private_address": "100.100.1.1"},
			[]string{"reason"},
		},
		{
			"one public address is enough", failing("redis://cache.example.com:6379/0", "tcp", "tcp-timeout", dials(trace.Timeout, "10.0.0.5",
				"203.0.113.5")),
			map[string]any{"reason": "firewall"},
			[]string{"private_address"},
		},
		{
			"Upstash", failing("rediss://a-1.upstash.io:6379/0", "tcp", "tcp-timeout", dials(trace.Timeout, "203.0.113.5")),
			map[string]any{"provider": "Upstash"},
			[]string{"private_provider", "reason"},
		},
		{"Render's internal name on Render", failing("redis://red-cabc123def456ghi7890:6379/0", "tcp", "tcp-timeout",
			dials(trace.Timeout, "10.1.2.3"), platforms("render")), map[string]any{"provider": "Render"}, []string{"private_provider"}},
		{
			"a full queue", failing(here, "tcp", "tcp-timeout", dials(trace.Timeout, "127.0.0.1")),
			map[string]any{"reason": "queue-full"},
			[]string{"private_address"},
		},
		{
			"a paused container", failing(here, "protocol", "tcp-silent", containers(redisIn("cache-1", "paused", 6379))),
			map[string]any{"reason": "paused", "container": "cache-1"},
			nil,
		},
		{
			"a port of a container", failing(here, "protocol", "tcp-closed", containers(redisIn("cache-1", "running", 6379))),
			map[string]any{"container_port": 6379, "container": "cache-1"},
			nil,
		},
		{"a certificate", failing(overTLS, "tls", "tls-self-signed", shown(365, 60, nil)), map[string]any{
			"wanted_name": "cache.example.com", "certificate_names": "cache.example.com", "issuer": "CN=Test CA",
			"now": "2026-11-23T12:00:00Z", "not_after": "2027-01-22T13:00:00Z", "not_before": "2026-01-22T13:00:00Z",
		}, []string{"own_authority"}},
		{
			"Heroku's certificate", failing("rediss://ec2-34-1-2-3.compute-1.amazonaws.com:18009/0", "tls", "tls-unknown-authority", shown(365,
				60, nil)),
			map[string]any{"own_authority": "Heroku"},
			nil,
		},
		{
			"what the resolver was", failing("redis://cache.example.com:6379/0", "dns", noDNS, resolvedBy("10.0.0.2:53")),
			map[string]any{"resolver": "10.0.0.2:53"},
			[]string{"other_names_answered"},
		},
		{
			"a domain whose servers fail", failing("redis://cache.example.com:6379/0", "dns", noDNS, resolvedBy("10.0.0.2:53"), works()),
			map[string]any{"resolver": "10.0.0.2:53", "other_names_answered": true},
			nil,
		},
		{
			"a resolver without the internet", failing("rediss://a-1.upstash.io:6379/0", "dns", noName, func(e *evidenceOf) {
				e.Trace.Resolver = &trace.Lookup{Family: "ns", Problem: trace.NotFound, Server: "10.0.0.2:53"}
			}),
			map[string]any{"closed_resolver": "10.0.0.2:53", "provider": "Upstash"},
			nil,
		},
		{"days left", secure(shown(90, 10, nil)), map[string]any{"days_left": int64(10)}, nil},
		{"a proxy", func(t *testing.T) *evidenceOf {
			t.Helper()
			e := healthy(t)
			e.Trace.Server.NoHello = true
			return e
		}, map[string]any{"version": "7.0.15", "behind_proxy": true}, nil},
	} {
		v := findings.Judge(tc.seen(t))
		if len(v.Findings) == 0 {
			t.Fatalf("%s: nothing was found", tc.name)
		}
		f := v.Findings[0]
		for name, want := range tc.want {
			if got := f.Value(name); got != want {
				t.Errorf("%s (%s): %s is %v, want %v", tc.name, f.ID, name, got, want)
			}
		}
		for _, name := range tc.none {
			if got := f.Value(name); got != nil {
				t.Errorf("%s (%s): %s is %v, want none", tc.name, f.ID, name, got)
			}
		}
		if line, _ := f.Value("last_log").(string); len(line) > 150 || !utf8.ValidString(line) {
			t.Errorf("%s: the last line is %q", tc.name, line)
		}
	}
}

// TestRootCauseOfTheConfiguration: what is a note elsewhere is why nothing works here.
func TestRootCauseOfTheConfiguration(t *testing.T) {
	t.Parallel()
	v := findings.Judge(failing(here, "tcp", refusedHere, byDefault(), platforms("fly"))(t))
	if v.Status != findings.StatusUnreachable || len(v.Findings) != 1 || v.Findings[0].Severity != finding.Critical {
		t.Errorf("status %s, findings %+v", v.Status, v.Findings)
	}
}

// TestReasonsHaveWords: a reason without a translation would be read as it stands.
func TestReasonsHaveWords(t *testing.T) {
	t.Parallel()
	for _, lang := range []i18n.Lang{i18n.French, i18n.English} {
		cat := i18n.New(lang)
		w := report.Words{C: cat, Data: func(s string) string { return s }}
		for _, c := range networkCases {
			f := findings.Judge(c.seen(t))
			for _, found := range f.Findings {
				reason, ok := found.Value("reason").(string)
				if !ok {
					continue
				}
				if !cat.Has("reason." + reason) {
					t.Errorf("%s: reason.%s is not in the catalogue %s", found.ID, reason, lang)
				}
				if strings.Contains(w.Cause(found), reason) && strings.Contains(reason, "-") {
					t.Errorf("%s, %s: %q", found.ID, lang, w.Cause(found))
				}
			}
		}
	}
}

// TestNearShell runs every command of this area with hostile names in it, in a shell that knows no program: nothing happens.
func TestNearShell(t *testing.T) {
	t.Parallel()
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("bash is not installed")
	}
	names := []string{
		"container", "image", "service", "project", "working_dir", "config_files", "unit", "program", "published_on", "container_address",
		"arguments", "network", "restart_policy", "memory_bytes", "variables", "listens_on", "kube_service", "kube_namespace",
		"fly_app", "instance", "dialled_address", "certificate_names", "known", "masters",
	}
	ids := "tcp-refused tcp-refused-container-stopped tcp-refused-not-published tcp-refused-in-container tcp-refused-container-port " +
		"tcp-refused-other-port tcp-refused-other-family tcp-refused-not-running tcp-timeout tcp-unreachable tcp-silent tcp-closed " +
		"dns-not-found dns-compose-name-outside dns-compose-name-inside dns-render-internal-outside dns-fly-internal-outside " +
		"dns-docker-host-internal tls-name-mismatch tls-self-signed proto-sentinel sentinel-unknown-master"
	dir := t.TempDir()
	for _, bad := range []string{"a b;>pwned", "$(>pwned)", "`>pwned`", "a' >pwned '", "\">pwned\"", "a\n>pwned\n", "a|b>pwned"} {
		for id := range strings.FieldsSeq(ids) {
			for _, more := range [][]finding.Evidence{
				nil, {ev("os", "linux"), ev("reason", "failed")}, {ev("health", "unhealthy"), ev("loopback", true)},
			} {
				f := critical(id, "", append(more, ev("host", bad))...)
				for _, name := range names {
					f.Evidence = append(f.Evidence, ev(name, bad))
				}
				for _, command := range commandsOf(f, read(t, "redis+sentinel://h1:26379/vitrine/0")) {
					cmd := exec.CommandContext(t.Context(), bash, "--norc", "-c", command)
					cmd.Dir, cmd.Env = dir, []string{"PATH=/nonexistent"}
					_ = cmd.Run() // no program is found
					if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
						t.Fatalf("%s: %q left %v, %v", id, command, left, err)
					}
				}
			}
		}
	}
}

// TestSentinelAnnounces: the address that does not answer is not the one that the operator wrote.
func TestSentinelAnnounces(t *testing.T) {
	t.Parallel()
	e := failing("redis+sentinel://h1:26379,h2:26379/vitrine/0", "tcp", "tcp-timeout", dials(trace.Timeout, "172.20.0.5"))(t)
	e.Trace.Host, e.Trace.Port, e.Taken = "172.20.0.5", 6379, noon.Add(time.Hour)
	e.Trace.Failure.Finding.Subject = "172.20.0.5:6379"
	f := findings.Judge(e).Findings[0]
	if f.ID != "server-cluster-unreachable" || f.Value("announced_master") != "vitrine" ||
		f.Value("private_address") != "172.20.0.5" || f.Fixes[0].ID != "announce-primary" {
		t.Errorf("evidence %v, fixes %v", f.Evidence, f.Fixes)
	}
	e.Trace.Watched = &trace.Watched{Sentinel: "h2:26379", Flags: "s_down,o_down,master,disconnected", Sentinels: 2, Quorum: 2}
	f = findings.Judge(e).Findings[0]
	if f.ID != "sentinel-master-down" || f.Fixes[1].Command != "redis-cli -h h2 -p 26379 SENTINEL MASTER vitrine" {
		t.Errorf("%s, fixes %v", f.ID, f.Fixes)
	}
	e.Trace.Host, e.Trace.Port = "h2", 26379
	if f := findings.Judge(e).Findings[0]; f.Value("announced_master") != nil {
		t.Errorf("a Sentinel of the configuration is no announced primary: %v", f.Evidence)
	}
}

package findings_test

import (
	"strings"
	"testing"

	"github.com/olympiades-ia/olymp-cache/internal/evidence"
	"github.com/olympiades-ia/olymp-cache/internal/i18n"
	"github.com/olympiades-ia/olymp-cache/internal/probe/trace"
	"github.com/olympiades-ia/olymp-cache/internal/report"
	"github.com/olympiades-ia/olymp-cache/internal/surround/scene"
)

type evidenceOf = evidence.Evidence

const (
	here        = "redis://localhost:6379/0"
	refusedHere = "tcp-refused"
	notRunning  = "tcp-refused-not-running"
	otherPort   = "tcp-refused-other-port"
	otherFamily = "tcp-refused-other-family"
	inContainer = "tcp-refused-in-container"
	missingURL  = "config-url-missing"
)

// refusing6 are dials of localhost, both refused.
func refusedBoth() saw { return dials(trace.Refused, "127.0.0.1", "::1") }

var refusedCases = []ruleCase{
	{
		name: "nothing is known",
		seen: failing(here, "tcp", refusedHere, refusedBoth()),
		root: refusedHere, says: []string{"apt-get install redis-server"},
		not: []string{notRunning, otherPort, otherFamily, inContainer, missingURL},
	},
	{
		name: "nothing was looked at",
		seen: failing(here, "tcp", refusedHere, func(e *evidenceOf) { e.Around = scene.Surroundings{} }),
		root: refusedHere, says: []string{"docker compose up -d redis", "sudo systemctl start redis-server"},
	},
	{
		name: "no address was set, on a platform",
		seen: failing(here, "tcp", refusedHere, byDefault(), platforms("render")),
		root: missingURL, not: []string{refusedHere, inContainer},
	},
	{
		name: "a misspelt name, and a server that is installed and stopped",
		seen: failing(here, "tcp", refusedHere, byDefault(ev("instead", "REDIS_ULR"), ev("instead_file", ".env"), ev("instead_line", 2),
			ev("corrected", "redis://:***@cache:6379/0")), programs("/usr/bin/redis-server")),
		root: missingURL, says: []string{"REDIS_URL=redis://:***@cache:6379/0"}, not: []string{refusedHere, notRunning},
	},
	{
		name: "an address that is empty",
		seen: failing(here, "tcp", refusedHere, byDefault(ev("empty", true))),
		root: missingURL, not: []string{refusedHere},
	},
	{
		name: "no address was set, in a cluster",
		seen: failing(here, "tcp", refusedHere, byDefault(), platforms("kubernetes"), inside("kubernetes")),
		root: missingURL, says: []string{"kubectl set env deployment/APP REDIS_URL=redis://redis:6379/0"},
	},
	{
		name: "no address was set, in a job of GitHub",
		seen: failing(here, "tcp", refusedHere, byDefault(), platforms("github-actions"), containers()),
		root: refusedHere, want: []string{refusedHere, missingURL}, says: []string{`ports: ["6379:6379"]`},
	},
	{
		name: "no address was set, in a job that runs in a cluster",
		seen: failing(here, "tcp", refusedHere, byDefault(), platforms("gitlab-ci", "kubernetes"), inside("kubernetes")),
		root: inContainer, want: []string{inContainer, missingURL},
	},
	{
		name: "no address was set, in a codespace",
		seen: failing(here, "tcp", refusedHere, byDefault(), platforms("github-codespaces"), programs("/usr/bin/redis-server"), inside("docker")),
		root: notRunning, want: []string{notRunning, missingURL},
	},
	{
		name: "no address was set, on a laptop",
		seen: failing(here, "tcp", refusedHere, byDefault()),
		root: refusedHere, want: []string{refusedHere, missingURL},
	},
	{
		name: "localhost was set, on a platform",
		seen: failing(here, "tcp", refusedHere, platforms("heroku")),
		root: inContainer, not: []string{missingURL}, says: []string{"heroku addons:create heroku-redis:mini"},
	},
	{
		name: "localhost in a container",
		seen: failing("redis://:"+encoded+"@127.0.0.1:6380/3", "tcp", refusedHere, inside("docker")),
		root: inContainer, says: []string{"REDIS_URL=redis://:***@redis:6379/3", "REDIS_URL=redis://:***@host.docker.internal:6380/3"},
	},
	{
		name: "localhost in a pod",
		seen: failing(here, "tcp", refusedHere, inside("kubernetes")),
		root: inContainer, says: []string{"kubectl get services"},
	},
	{
		name: "localhost in a container that sees the engine",
		seen: failing(here, "tcp", refusedHere, inside("docker"), containers(func() scene.Container {
			c := composed(redisIn("shop-store-1", "running", 6379))
			c.Compose.Service = "store"
			return c
		}()), others(1)),
		root: inContainer, says: []string{"REDIS_URL=redis://store:6379/0"},
	},
	{
		name: "a container that has a server installed",
		seen: failing(here, "tcp", refusedHere, inside("docker"), programs("/usr/bin/redis-server")),
		root: notRunning, not: []string{inContainer},
	},
	{
		name: "another machine refuses a container's connection",
		seen: failing("redis://cache.example.com:6379/0", "tcp", refusedHere, inside("docker"), dials(trace.Refused, "203.0.113.5")),
		root: refusedHere, not: []string{inContainer},
	},
	{
		name: "localhost in a machine container",
		seen: failing(here, "tcp", refusedHere, inside("lxc")),
		root: refusedHere, not: []string{inContainer},
	},
	{
		name: "another port answers",
		seen: failing("redis://:"+encoded+"@localhost:6379/4", "tcp", refusedHere, refusedBoth(),
			answering(scene.AnswerRefused, "127.0.0.1", 6379), answering(scene.AnswerDenied, "127.0.0.1", 6380),
			withSocket(scene.Socket{Address: "0.0.0.0", Port: 6380, PID: 7, Process: "redis-server"})),
		root: otherPort, says: []string{"REDIS_URL=redis://:***@localhost:6380/4"},
	},
	{
		name: "the default port answers before others",
		seen: failing("redis://localhost:7777/0", "tcp", refusedHere, answering(scene.AnswerPong, "127.0.0.1", 6380),
			answering(scene.AnswerPong, "::1", 6379), answering(scene.AnswerPong, "127.0.0.1", 7000)),
		root: otherPort, says: []string{"REDIS_URL=redis://[::1]:6379/0"},
	},
	{
		name: "a Sentinel and a web server are no other port",
		seen: failing(here, "tcp", refusedHere, answering(scene.AnswerPong, "127.0.0.1", 26379),
			answering(scene.AnswerOther, "127.0.0.1", 7000), answering(scene.AnswerTLS, "127.0.0.1", 6380)),
		root: refusedHere, not: []string{otherPort},
	},
	{
		name: "another port is no Sentinel's",
		seen: failing("redis+sentinel://localhost:26379/vitrine/0", "tcp", refusedHere, answering(scene.AnswerPong, "127.0.0.1", 6379)),
		root: refusedHere, not: []string{otherPort, notRunning},
	},
	{
		name: "IPv6 is refused and IPv4 answers",
		seen: failing("redis://[::1]:6379/0", "tcp", refusedHere, dials(trace.Refused, "::1"),
			answering(scene.AnswerPong, "127.0.0.1", 6379), answering(scene.AnswerPong, "127.0.0.1", 6380)),
		root: otherFamily, not: []string{otherPort}, says: []string{"REDIS_URL=redis://127.0.0.1:6379/0", "bind 127.0.0.1 -::1"},
	},
	{
		name: "IPv4 is refused and IPv6 answers",
		seen: failing("redis://127.0.0.1:6379/0", "tcp", refusedHere, answering(scene.AnswerPong, "::1", 6379)),
		root: otherFamily, says: []string{"REDIS_URL=redis://[::1]:6379/0"},
	},
	{
		name: "the other family has a web server",
		seen: failing("redis://127.0.0.1:6379/0", "tcp", refusedHere, answering(scene.AnswerOther, "::1", 6379)),
		root: refusedHere, not: []string{otherFamily},
	},
	{
		name: "a program is installed, without systemd",
		seen: failing("redis://localhost:6390/0", "tcp", refusedHere, programs("/usr/bin/redis-server")),
		root: notRunning, says: []string{"redis-server --daemonize yes --port 6390 --bind 127.0.0.1"},
	},
	{
		name: "a program is installed, and runs on other ports",
		seen: failing("redis://:"+encoded+"@localhost:6379/4", "tcp", refusedHere, programs("/usr/bin/redis-server"),
			withSocket(scene.Socket{Address: "10.0.0.5", Port: 7100, PID: 8, Process: "valkey-server"}),
			withSocket(scene.Socket{Address: "0.0.0.0", Port: 7777, PID: 7, Process: "redis-server"}),
			withSocket(scene.Socket{Address: "::", Port: 7777, PID: 7, Process: "redis-server"}),
			withSocket(scene.Socket{Address: "0.0.0.0", Port: 17777, PID: 7, Process: "redis-server"}),
			withSocket(scene.Socket{Address: "127.0.0.1", Port: 26379, PID: 9, Process: "redis-server"}),
			withSocket(scene.Socket{Address: "127.0.0.1", Port: 8080, PID: 10, Process: "nginx"})),
		root: notRunning, says: []string{"REDIS_URL=redis://:***@localhost:7777/4", "redis-server --daemonize yes --port 6379"},
	},
	{
		name: "a program is installed, and its service runs elsewhere",
		seen: failing(here, "tcp", refusedHere, programs("/usr/bin/redis-server"), units(
			scene.Unit{Name: "redis-server.service", LoadState: "loaded", ActiveState: "active", SubState: "running"})),
		root: notRunning, says: []string{"sudo ss -ltnp"},
	},
	{
		name: "nothing is installed, and a server runs on another port",
		seen: failing(here, "tcp", refusedHere, withSocket(scene.Socket{Address: "::1", Port: 7777, PID: 7, Process: "redis-server"})),
		root: refusedHere, says: []string{"REDIS_URL=redis://[::1]:7777/0"},
	},
	{
		name: "a program of Homebrew",
		seen: failing(here, "tcp", refusedHere, system("darwin"), programs("/opt/homebrew/bin/redis-server")),
		root: notRunning, says: []string{"brew services start redis"},
	},
	{
		name: "a unit that is not started",
		seen: failing(here, "tcp", refusedHere, programs("/usr/bin/redis-server"), units(
			scene.Unit{Name: "redis-server.service", LoadState: "loaded", ActiveState: "inactive", SubState: "dead", Result: "success"},
		)),
		root: notRunning, says: []string{"sudo systemctl enable --now redis-server.service"},
	},
	{
		name: "a unit that failed",
		seen: failing(here, "tcp", refusedHere, units(
			scene.Unit{Name: "valkey.service", LoadState: "loaded", ActiveState: "inactive", UnitFileState: "enabled"},
			scene.Unit{
				Name: "redis-server.service", LoadState: "loaded", ActiveState: "failed", Result: "exit-code", ExecMainStatus: 1,
				Journal: seenAround([]string{
					"redis-server[70]: # Can't open the log file: Permission denied", "systemd[1]: redis-server.service: Failed with result 'exit-code'.",
				}),
			},
		)),
		root: notRunning, says: []string{"sudo systemctl reset-failed redis-server.service", "sudo journalctl -n 50 -u redis-server.service"},
	},
	{
		name: "a unit that is masked",
		seen: failing(here, "tcp", refusedHere, units(
			scene.Unit{Name: "redis-server.service", LoadState: "masked", ActiveState: "inactive", UnitFileState: "masked"})),
		root: notRunning, says: []string{"sudo systemctl unmask redis-server.service"},
	},
	{
		name: "a unit runs, and listens elsewhere",
		seen: failing(here, "tcp", refusedHere, units(
			scene.Unit{Name: "redis-server.service", LoadState: "loaded", ActiveState: "active", SubState: "running"},
			scene.Unit{Name: "valkey.service", LoadState: "loaded", ActiveState: "inactive"})),
		root: refusedHere, not: []string{notRunning},
	},
	{
		name: "it listens on another address of this machine",
		seen: failing("redis://127.0.0.1:6379/0", "tcp", refusedHere, programs("/usr/bin/redis-server"),
			withSocket(scene.Socket{Address: "192.168.1.5", Port: 6379, PID: 70, Process: "redis-server"})),
		root: refusedHere, not: []string{notRunning}, says: []string{"REDIS_URL=redis://192.168.1.5:6379/0"},
	},
	{
		name: "under WSL, with nothing",
		seen: failing(here, "tcp", refusedHere, func(e *evidenceOf) { e.Around.WSL = seenAround(scene.WSL{Inside: true, Version: 2}) }),
		root: refusedHere, says: []string{"sudo service redis-server start"},
	},
}

// TestFellSilent: a server that answered before may be loading its data; one that never did is not said to have answered.
func TestFellSilent(t *testing.T) {
	t.Parallel()
	for rung, want := range map[string]any{"ping": "fell-silent", "protocol": nil} {
		f := judged(t, failing(here, rung, "tcp-silent")(t), "tcp-silent")
		if got := f.Value("reason"); got != want {
			t.Errorf("%s: reason %v, want %v", rung, got, want)
		}
	}
}

// TestRunning: servers on other ports are named in the cause, once each, and the title stays short.
func TestRunning(t *testing.T) {
	t.Parallel()
	e := failing(here, "tcp", refusedHere, programs("/usr/bin/redis-server"),
		withSocket(scene.Socket{Address: "10.0.0.5", Port: 7100, PID: 8, Process: "valkey-server"}),
		withSocket(scene.Socket{Address: "0.0.0.0", Port: 7777, PID: 7, Process: "redis-server"}),
		withSocket(scene.Socket{Address: "::", Port: 7777, PID: 7, Process: "redis-server"}),
		withSocket(scene.Socket{Address: "0.0.0.0", Port: 17777, PID: 7, Process: "redis-server"}))(t)
	f := judged(t, e, notRunning)
	if got := f.Value("others"); got != "10.0.0.5:7100, 127.0.0.1:7777" {
		t.Errorf("others: %v", got)
	}
	for _, lang := range []i18n.Lang{i18n.French, i18n.English} {
		w := report.Words{C: i18n.New(lang), Data: func(s string) string { return s }}
		if title := w.Title(f); strings.Contains(title, "7100") || !strings.Contains(w.Cause(f), "10.0.0.5:7100, 127.0.0.1:7777") {
			t.Errorf("%s: title %q, cause %q", lang, title, w.Cause(f))
		}
	}
	if f.Value("found_port") != 7777 || f.Value("found_address") != "127.0.0.1" {
		t.Errorf("%+v", f)
	}
}

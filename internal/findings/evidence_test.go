package findings_test

import (
	_ "embed"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/evidence"
	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/probe/trace"
	"github.com/olympiades-ia/olymp-cache/internal/surround/scene"
)

// info7 is INFO everything of a redis-server 7.0.15 that has been a healthy cache for a day.
//
//go:embed testdata/redis7-info.txt
var info7 string

// noon is when the evidence of these tests was taken.
var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// known is a fact that was observed.
func known[T any](source string, v T) snapshot.Fact[T] {
	return snapshot.Fact[T]{Status: snapshot.OK, Source: source, Value: v}
}

// seenAround is a fact of the surroundings that was observed.
func seenAround[T any](v T) scene.Fact[T] { return scene.Fact[T]{Status: scene.OK, Value: v} }

// refused is a fact that the server refused.
func refused[T any](source, reply string) snapshot.Fact[T] {
	return snapshot.Fact[T]{Status: snapshot.Denied, Source: source, Cause: "auth-no-permission", Reply: snapshot.Text(reply)}
}

// infoWith is the healthy INFO with lines replaced («used_memory:5») or, where no line has that field, added to the end.
func infoWith(lines ...string) snapshot.Info {
	text := info7
	for _, line := range lines {
		name, _, _ := strings.Cut(line, ":")
		field := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(name) + `:.*$`)
		if field.MatchString(text) {
			text = field.ReplaceAllLiteralString(text, line)
		} else {
			text += line + "\n"
		}
	}
	return snapshot.ParseInfo(text)
}

// targetOf reads a URL as the program does.
func targetOf(t *testing.T, url string) evidence.Target {
	t.Helper()
	return evidence.TargetOf(read(t, url))
}

// unreached is a climb that ended at a rung with the name that its sign alone gives it.
func unreached(t *testing.T, url, rung, id string, seen ...finding.Evidence) *evidence.Evidence {
	t.Helper()
	e := base(t, url)
	e.Server = nil
	e.Trace = trace.Trace{Host: e.Target.Host, Port: e.Target.Port, Failure: &trace.Failure{
		Rung: rung, Unreachable: true,
		Finding: finding.Finding{
			ID: id, Severity: finding.Critical, Subject: e.Target.Address,
			Evidence: append([]finding.Evidence{ev("address", e.Target.Address), ev("step", rung)}, seen...),
		},
	}}
	for _, name := range trace.Rungs {
		s := finding.Step{Name: name, Status: finding.OK}
		if name == rung {
			s.Status, s.Problem = finding.Fail, &e.Trace.Failure.Finding
		}
		e.Trace.Steps = append(e.Trace.Steps, s)
		if name == rung {
			break
		}
	}
	return e
}

// healthy is a cache that works: password, limits, persistence as the guide advises. Lines replace those of its INFO.
func healthy(t *testing.T, lines ...string) *evidence.Evidence {
	t.Helper()
	e := base(t, "redis://default:secret@127.0.0.1:6379/0")
	e.Server = &snapshot.Snapshot{
		Schema: snapshot.Schema, Time: noon, Mode: "standalone", Commands: 11, Primaries: known("", 1),
		Nodes: []snapshot.Node{node("127.0.0.1:6379", infoWith(lines...))},
	}
	return e
}

// node is a server that answers every question.
func node(addr string, i snapshot.Info) snapshot.Node {
	values := map[string]snapshot.Text{
		"maxmemory": "104857600", "maxmemory-policy": "allkeys-lru", "maxclients": "1000", "timeout": "0", "tcp-keepalive": "300",
		"save": "3600 1 300 100 60 10000", "appendonly": "yes", "appendfsync": "everysec", "dir": "/data", "dbfilename": "dump.rdb",
		"bind": "127.0.0.1 -::1", "protected-mode": "yes", "stop-writes-on-bgsave-error": "yes", "min-replicas-to-write": "0",
		"replica-serve-stale-data": "yes", "latency-monitor-threshold": "0", "slowlog-log-slower-than": "10000",
		"slowlog-max-len": "128", "databases": "16", "hz": "10",
	}
	self := snapshot.User{Name: "default", Enabled: true, Passwords: 1, Commands: "+@all", Keys: []snapshot.Text{"~*"}}
	return snapshot.Node{
		Addr: addr, Info: known("INFO everything", i), Keys: known("DBSIZE", int64(1200)),
		Slowlog: known("SLOWLOG GET 25", []snapshot.SlowCommand(nil)),
		Clients: known("CLIENT LIST", snapshot.ClientList{Total: 3}),
		Config:  known("CONFIG GET", snapshot.Config{Values: values, PasswordLength: snapshot.Some(int64(6))}),
		Memory:  known("MEMORY STATS", snapshot.MemoryStats{}),
		Latency: known("LATENCY LATEST", []snapshot.LatencyEvent(nil)),
		WhoAmI:  known("ACL WHOAMI", snapshot.Text("default")),
		Self:    known("ACL GETUSER default", self), Users: known("ACL LIST", []snapshot.User{self}),
		ACLLog: known("ACL LOG 10", []snapshot.Denial(nil)),
	}
}

// base is a diagnosis of a target on a plain Linux machine where nothing else was seen.
func base(t *testing.T, url string) *evidence.Evidence {
	t.Helper()
	cfg, err := config.Load(config.Input{URL: url, URLSet: true, LookupEnv: nothing})
	if err != nil {
		t.Fatalf("config: %v", err)
	}
	s := cfg.Settings
	e := &evidence.Evidence{
		Schema: evidence.Schema, Version: "test", Taken: noon, Target: evidence.TargetOf(cfg.Target),
		Settings: evidence.Settings{
			Enabled: s.Enabled, AlertMemory: s.AlertMemory, AlertClients: s.AlertClients, AlertHitRate: s.AlertHitRate,
			AlertP99: s.AlertP99, Groups: s.Groups,
		},
		Config: cfg.Findings,
		Around: scene.Surroundings{
			OS: "linux", Container: seenAround(scene.OwnContainer{}), WSL: seenAround(scene.WSL{}),
			Platforms: seenAround([]scene.Platform{}),
			Docker:    scene.Docker{Client: scene.Fact[scene.DockerClient]{Status: scene.Missing}},
			Units:     scene.Fact[[]scene.Unit]{Status: scene.Missing}, Sockets: seenAround([]scene.Socket{}),
			Programs: seenAround([]scene.Program{{Name: "apt-get", Path: "/usr/bin/apt-get"}}), Answers: seenAround([]scene.Answer{}),
			Overcommit: seenAround(1), HugePages: seenAround("madvise"),
		},
		Pings: known("PING", snapshot.PingTimes{
			Rounds: 8, P50: snapshot.Millis(200 * time.Microsecond), P99: snapshot.Millis(time.Millisecond),
			Max: snapshot.Millis(time.Millisecond),
		}),
		Keys: known("SCAN", evidence.Keys{Total: 1200, Scanned: 500}),
	}
	for _, name := range trace.Rungs {
		e.Trace.Steps = append(e.Trace.Steps, finding.Step{Name: name, Status: finding.OK})
	}
	e.Trace.Server = trace.Server{Product: "redis", Version: "7.0.15", Mode: "standalone", Role: "master", Addr: e.Target.Address}
	e.Trace.Host, e.Trace.Port = e.Target.Host, e.Target.Port
	return e
}

package report_test

import (
	"slices"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/report"
)

// sample is a report from literals, as `test` makes it.
type sample struct {
	name  string
	check report.Check
	quiet bool
}

func base() report.Check {
	return report.Check{
		Command: "test", Version: "1.2.3", Enabled: true, State: report.StateOK,
		Target: report.Target{
			URL: "redis://default:***@cache.example.com:6379/0", Source: "backend/.env:3", Host: "cache.example.com", Port: 6379,
			Mode: "standalone", Server: "redis", ServerVersion: "7.2.4", Display: "cache.example.com:6379/0",
		},
		CommandsSent: 6, Started: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Duration: 12345 * time.Microsecond,
	}
}

func ok(name string, took time.Duration, seen ...finding.Evidence) finding.Step {
	return finding.Step{Name: name, Status: finding.OK, Duration: took, Evidence: seen}
}

func skip(name, reason string) finding.Step {
	return finding.Step{Name: name, Status: finding.Skip, Reason: reason}
}

func failed(name string, f finding.Finding) finding.Step {
	return finding.Step{Name: name, Status: finding.Fail, Duration: 3 * time.Millisecond, Problem: &f}
}

func ev(name string, value any) finding.Evidence { return finding.Evidence{Name: name, Value: value} }

func sized(name string, value any, unit string) finding.Evidence {
	return finding.Evidence{Name: name, Value: value, Unit: unit}
}

func connected() finding.Step {
	return ok("connect", 480*time.Microsecond, ev("address", "cache.example.com:6379"), sized("tcp_ms", 0.31, "ms"))
}

func goodSteps() []finding.Step {
	return []finding.Step{
		connected(),
		ok("ping", 47*time.Microsecond),
		ok("set", 180*time.Microsecond, ev("key", "olymp-cache:test:004665a3e54e57b1")),
		ok("get", 90*time.Microsecond, ev("value", "Hello from Olympiades IA! (004665)")),
		ok("ttl", 97*time.Microsecond, sized("ttl_s", 59.998, "s")),
		ok("del", 57*time.Microsecond),
	}
}

func success() report.Check {
	c := base()
	c.Steps = goodSteps()
	return c
}

func unreachable() report.Check {
	c := base()
	f := finding.Finding{
		ID: "tls-required", Severity: finding.Critical, Subject: "cache.example.com:6379",
		Evidence: []finding.Evidence{ev("address", "cache.example.com:6379"), ev("step", "tls"), ev("tls", false)},
		Fixes: []finding.Fix{
			{ID: "use-rediss", Command: "REDIS_URL=rediss://default:***@cache.example.com:6379/0"},
			{ID: "check-host"},
		},
	}
	c.State, c.Steps = report.StateUnreachable, []finding.Step{failed("connect", f)}
	c.Findings = []finding.Finding{f, {
		ID: "config-env-bom", Severity: finding.Warning, Subject: "backend/.env",
		Evidence: []finding.Evidence{ev("file", "backend/.env"), ev("line", 1)},
		Fixes:    []finding.Fix{{ID: "remove-bom"}},
	}}
	c.CommandsSent = 0
	c.Target.Mode, c.Target.Server, c.Target.ServerVersion = "unknown", "unknown", ""
	return c
}

func replica() report.Check {
	c := base()
	f := finding.Finding{
		ID: "server-readonly", Severity: finding.Critical,
		Evidence: []finding.Evidence{
			ev("address", "cache.example.com:6379"), ev("reply", "READONLY You can't write against a read only replica."),
			ev("primary", "10.0.0.7:6379"),
		},
		Fixes: []finding.Fix{
			{ID: "use-primary", Command: "REDIS_URL=redis://default:***@10.0.0.7:6379/0"},
			{ID: "test-read-only", Command: "olymp-cache test --read-only"},
		},
	}
	c.State, c.Target.Mode = report.StateFailed, "replica"
	c.Steps = []finding.Step{
		connected(), ok("ping", 47*time.Microsecond), failed("set", f),
		skip("get", "earlier-failure"), skip("ttl", "earlier-failure"), skip("del", "earlier-failure"),
	}
	c.Findings = []finding.Finding{f}
	return c
}

func interrupted() report.Check {
	c := base()
	c.State = report.StateInterrupted
	c.Steps = slices.Concat(goodSteps()[:5], []finding.Step{
		{
			Name: "latency", Status: finding.Skip, Reason: "interrupted", Duration: 9 * time.Second,
			Evidence: []finding.Evidence{sized("rounds", int64(812), finding.Count), sized("of", int64(100_000), finding.Count)},
		},
		{Name: "del", Status: finding.Skip, Reason: "interrupted", Duration: 2 * time.Second},
		skip("api-first", "interrupted"), skip("api-second", "interrupted"), skip("api-key", "interrupted"),
	})
	c.Latency = []finding.Latency{{
		Command: "PING", Rounds: 812, P50: time.Millisecond, P95: time.Millisecond, P99: time.Millisecond, Max: time.Millisecond,
		Threshold: 100 * time.Millisecond, Buckets: []finding.Bucket{{UpTo: 1024 * time.Microsecond, Count: 812}},
	}}
	c.Findings = []finding.Finding{{
		ID: "write-key-left", Severity: finding.Warning,
		Evidence: []finding.Evidence{ev("key", "olymp-cache:test:004665a3e54e57b1"), sized("ttl_s", 60.0, "s")},
	}}
	return c
}

func disabled() report.Check {
	c := base()
	c.State, c.Enabled, c.CommandsSent = report.StateDisabled, false, 0
	return c
}

func latency() report.Check {
	c := success()
	f := finding.Finding{
		ID: "latency-high", Severity: finding.Warning,
		Evidence: []finding.Evidence{ev("command", "GET"), sized("p99_ms", 312.5, "ms"), sized("threshold_ms", 100.0, "ms")},
		Fixes:    []finding.Fix{{ID: "nearer"}},
	}
	c.Steps = append(c.Steps, finding.Step{Name: "latency", Status: finding.Warn, Duration: 9 * time.Second, Problem: &f})
	c.Findings = []finding.Finding{f}
	us := func(n int) time.Duration { return time.Duration(n) * time.Microsecond }
	c.Latency = []finding.Latency{
		{
			Command: "PING", Rounds: 12345, P50: us(85), P95: us(420), P99: us(1234), Max: us(45678), Threshold: us(100_000),
			Buckets: []finding.Bucket{
				{UpTo: us(64), Count: 1},
				{UpTo: us(128), Count: 12000},
				{UpTo: us(256)},
				{UpTo: us(65536), Count: 344},
			},
		},
		{
			Command: "GET", Rounds: 1, P50: us(312_500), P95: us(312_500), P99: us(312_500), Max: us(312_500), Threshold: us(100_000),
			Buckets: []finding.Bucket{{UpTo: us(524_288), Count: 1}},
		},
	}
	return c
}

// api is the HTTP side with a speed-up, and a key that nothing makes disappear.
func api() report.Check {
	c := success()
	url := ev("url", "https://api.example.com/api/v1/content/vitrine?token=***")
	c.Steps = append(c.Steps,
		ok("api-fresh", time.Millisecond, ev("key", "vitrine_cache")),
		ok("api-first", 130*time.Millisecond, url, ev("status", 200), ev("x_cache", "MISS"), sized("took_ms", 129.8,
			"ms"), sized("size_bytes", int64(1834), "bytes")),
		ok("api-second", 2*time.Millisecond, url, ev("status", 200), ev("x_cache", "HIT"), sized("took_ms", 1.9, "ms"),
			ev("speed_up", 68.3)),
		ok("api-key", time.Millisecond, ev("key", "vitrine_cache"), sized("ttl_s", 299.6, "s"), sized("max_ttl_s", 300.0, "s")),
	)
	return c
}

func samples() []sample {
	return []sample{
		{name: "success", check: success()},
		{name: "success_quiet", check: success(), quiet: true},
		{name: "unreachable", check: unreachable()},
		{name: "unreachable_quiet", check: unreachable(), quiet: true},
		{name: "replica", check: replica()},
		{name: "disabled", check: disabled()},
		{name: "interrupted", check: interrupted()},
		{name: "interrupted_quiet", check: interrupted(), quiet: true},
		{name: "latency", check: latency()},
		{name: "api", check: api()},
	}
}

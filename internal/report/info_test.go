package report_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/i18n"
	"github.com/olympiades-ia/olymp-cache/internal/report"
	"github.com/olympiades-ia/olymp-cache/internal/term"
)

const longHost = "redis-production-cache-primary.abcdefghijklmnop.ng.0001.euw3.cache.amazonaws.com"

func infoBase() report.Info {
	return report.Info{
		Version: "1.2.3", Target: base().Target, CommandsSent: 66, Duration: 1012 * time.Millisecond,
		Started: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Worst: finding.Info,
	}
}

// hugeInfo is a server at its limits: a billion keys in each of sixteen databases, terabytes, a name of eighty letters.
func hugeInfo() report.Info {
	const billion = int64(1_000_000_000)
	i := infoBase()
	i.Target.Display, i.Target.URL = longHost+":6379/0", "rediss://app:***@"+longHost+":6379/0"
	i.Worst = finding.Critical
	i.Alerts = []report.Alert{
		{ID: "memory-high", Value: sized("share", 0.97, "ratio"), Threshold: sized("threshold", 0.8, "ratio"), State: finding.Critical},
		{ID: "clients-high", Value: sized("clients", int64(123456), ""), Threshold: sized("threshold", 1000, ""), State: finding.Warning},
		{
			ID:        "cache-hit-rate-low",
			Value:     sized("hit_rate", 0.512, "ratio"),
			Threshold: sized("threshold", 0.7, "ratio"),
			State:     finding.Warning,
		},
		{ID: "latency-high", Value: sized("p99_ms", 1234.5, "ms"), Threshold: sized("threshold_ms", 100.0, "ms"), State: finding.Warning},
	}
	databases := report.Table{Name: "databases"}
	for db := range int64(16) {
		databases.Rows = append(databases.Rows, []finding.Evidence{
			ev("db", db), sized("keys", (db+1)*billion, finding.Count), sized("keys_with_ttl", db*billion/2, finding.Count),
			sized("ttl_share", float64(db)/32, "ratio"), sized("avg_ttl_ms", 1e3*float64(db*db*12345), "ms"),
		})
	}
	commands := report.Table{Name: "commands"}
	for n, name := range []string{
		"get", "set", "config|rewrite", "hgetall", "cluster|set-config-epoch", "zrangebyscore", "del", "ttl", "ping", "info",
	} {
		commands.Rows = append(commands.Rows, []finding.Evidence{
			ev("command", name), sized("calls", 98*billion*1000/int64(n*n+1), finding.Count), sized("mean_ms", 0.0012*float64(n*n+1), "ms"),
			sized("time_share", 0.4/float64(n+1), "ratio"), sized("failed", int64(n)*12345678, finding.Count),
		})
	}
	i.Sections = []report.Section{
		{Name: "server", Values: []finding.Evidence{
			ev(
				"product",
				"redis",
			), ev("version", "7.2.4"), ev("mode", "standalone"), ev("role", "primary"), sized("uptime_s", 1234567890.0, "s"),
		}},
		{Name: "memory", Values: []finding.Evidence{
			sized(
				"used_bytes",
				1_234_567*billion/1000,
				"bytes",
			), sized("limit_bytes", 1_272_750*billion/1000, "bytes"), sized("used_share", 0.97, "ratio"),
			sized(
				"peak_bytes",
				1_270_000*billion/1000,
				"bytes",
			), sized("rss_bytes", 1_500_000*billion/1000, "bytes"), ev("fragmentation", 1.23),
			ev("policy", "volatile-random"), sized("evicted", 12*billion, finding.Count),
		}},
		{Name: "clients", Values: []finding.Evidence{
			sized(
				"clients",
				int64(123456),
				finding.Count,
			), sized("maxclients", int64(200000), finding.Count), sized("clients_share", 0.617, "ratio"),
			sized(
				"blocked",
				int64(4321),
				finding.Count,
			), sized("rejected", billion, finding.Count), sized("idle", int64(98765), finding.Count),
		}},
		{Name: "stats", Values: []finding.Evidence{
			ev("window_ops_per_s", 987654.0), sized("commands", 9876*billion, finding.Count), sized("hits", 512*billion, finding.Count),
			sized("misses", 488*billion, finding.Count), sized("hit_rate", 0.512, "ratio"), sized("window_hit_rate", 0.345, "ratio"),
			sized(
				"window_lookups",
				int64(876543),
				finding.Count,
			), sized("window_s", 1.002, "s"), sized("in_bytes", 123456*billion, "bytes"),
			sized("out_bytes", 987654*billion, "bytes"), sized("window_in_bytes_per_s", 123456789.0, "bytes"),
			sized("window_out_bytes_per_s", 987654321.0, "bytes"), sized("expired", 34*billion, finding.Count),
			sized("evicted", 12*billion, finding.Count), sized("slowlog", int64(128), finding.Count),
		}},
		{Name: "latency", Values: []finding.Evidence{
			sized(
				"ping_p50_ms",
				12.3,
				"ms",
			), sized("ping_p99_ms", 1234.5, "ms"), sized("ping_max_ms", 4321.0, "ms"), sized("rounds", int64(100), finding.Count),
		}, Tables: []report.Table{{Name: "events", Rows: [][]finding.Evidence{
			{
				ev("event", "aof-write-pending-fsync"),
				sized("latest_ms", 2000.0, "ms"),
				sized("max_ms", 120000.0, "ms"),
				sized("age_s", 86400.0, "s"),
			},
			{ev("event", "fork"), sized("latest_ms", 20.0, "ms"), sized("max_ms", 3210.0, "ms"), sized("age_s", 59.0, "s")},
		}}}},
		{Name: "persistence", Values: []finding.Evidence{
			ev(
				"loading",
				true,
			), sized("loading_share", 0.25, "ratio"), sized("loading_left_s", 600.0, "s"), ev("aof", true), ev("aof_status", "err"),
			sized(
				"aof_bytes",
				2_000_000*billion/1000,
				"bytes",
			), ev("rdb", true), ev("rdb_status", "err"), sized("rdb_age_s", 864000.0, "s"),
			sized("rdb_changes", 99*billion, finding.Count), sized("fork_ms", 4321.0, "ms"),
		}},
		{Name: "replication", Values: []finding.Evidence{
			ev("role", "primary"), sized("replicas", int64(2), finding.Count),
		}, Tables: []report.Table{{Name: "links", Rows: [][]finding.Evidence{
			{ev("addr", longHost+":6379"), ev("state", "online"), sized("lag_s", 0.0, "s"), sized("behind_bytes", int64(0), "bytes")},
			{
				ev("addr", "10.0.0.3:6380"),
				ev("state", "wait_bgsave"),
				sized("lag_s", 12345.0, "s"),
				sized("behind_bytes", 1234*billion, "bytes"),
			},
		}}}},
		{
			Name:   "keyspace",
			Values: []finding.Evidence{sized("keys", 136*billion, finding.Count), sized("keys_with_ttl", 60*billion, finding.Count)},
			Tables: []report.Table{databases},
		},
		{Name: "errors", Values: []finding.Evidence{sized("total", 5*billion, finding.Count)}, Tables: []report.Table{{
			Name: "errors", Rows: [][]finding.Evidence{
				{
					ev("error", "NOSCRIPT"),
					sized("count", 4*billion, finding.Count),
				}, {ev("error", "OOM"), sized("count", billion, finding.Count)},
			},
		}}},
		{Name: "commands", Tables: []report.Table{commands}},
	}
	return i
}

// clusterInfo is a cluster of six nodes with long names, one of them down.
func clusterInfo() report.Info {
	i := infoBase()
	i.SilentNodes = 1
	i.Alerts = []report.Alert{{
		ID: "memory-high", Value: sized("share", 0.5, "ratio"), Threshold: sized("threshold", 0.8, "ratio"),
		State: finding.Unknown, Reason: "unreachable",
	}}
	nodes := report.Table{Name: "nodes"}
	for n := range int64(6) {
		addr := fmt.Sprintf("redis-cluster-000%d.redis-cluster.production.svc.cluster.local:6379", n)
		if n == 4 {
			nodes.Rows = append(nodes.Rows, []finding.Evidence{ev("addr", addr), ev("problem", "server-cluster-unreachable")})
			continue
		}
		nodes.Rows = append(nodes.Rows, []finding.Evidence{
			ev("addr", addr), sized("keys", n*987_654_321, finding.Count), sized("used_bytes", n*123_456_789_012, "bytes"),
			sized(
				"limit_bytes",
				int64(1<<40),
				"bytes",
			), sized("clients", n*1000, finding.Count), sized("ops_per_s", n*23456, finding.Count), sized("replicas", int64(1), finding.Count),
		})
	}
	i.Sections = []report.Section{
		{Name: "server", Values: []finding.Evidence{
			ev(
				"product",
				"valkey",
			), ev("version", "8.0.1"), ev("mode", "cluster"), sized("uptime_s", 60.0, "s"), sized("nodes", int64(6), finding.Count),
			sized("silent_nodes", int64(1), finding.Count), ev("cluster_state", "ok"),
		}},
		{Name: "nodes", Tables: []report.Table{nodes}},
	}
	return i
}

// refusedInfo is a server that tells next to nothing.
func refusedInfo() report.Info {
	i := infoBase()
	i.Worst = finding.Unknown
	i.Alerts = []report.Alert{
		{ID: "memory-high", Threshold: sized("threshold", 0.8, "ratio"), State: finding.Unknown, Reason: "refused"},
		{ID: "latency-high", Threshold: sized("threshold_ms", 100.0, "ms"), State: finding.Unknown, Reason: "refused"},
	}
	why := report.Refusal{Reason: "refused", Detail: "INFO everything: NOPERM this user has no permissions to run the 'info' command"}
	for _, name := range []string{"server", "memory", "clients", "stats", "persistence", "replication", "errors", "commands"} {
		i.Sections = append(i.Sections, report.Section{Name: name, Refused: []report.Refusal{why}})
	}
	i.Sections = append(i.Sections, report.Section{
		Name: "latency", Refused: []report.Refusal{{Reason: "unsupported", Detail: "PING: ERR unknown command"}},
	}, report.Section{
		Name: "keyspace", Values: []finding.Evidence{ev("db", int64(3)), sized("db_keys", int64(12), finding.Count)},
		Refused: []report.Refusal{why},
	})
	return i
}

func infoText(cat *i18n.Catalog, screen term.Screen, i report.Info, quiet bool) (string, error) {
	var b bytes.Buffer
	screen.Out = &b
	if screen.ASCII {
		screen.Out = term.ASCIIWriter(&b)
	}
	r := &report.Text{Screen: screen, Words: report.Words{C: cat, Data: screen.Data}, Quiet: quiet}
	r.Info(&i)
	return b.String(), r.Err()
}

func TestInfoText(t *testing.T) {
	t.Parallel()
	samples := map[string]report.Info{"huge": hugeInfo(), "cluster": clusterInfo(), "refused": refusedInfo()}
	for _, cat := range languages() {
		for name, i := range samples {
			for look, screen := range map[string]term.Screen{
				"80": {TTY: true, Width: 80}, "60": {TTY: true, Width: 60}, "200": {TTY: true, Width: 200}, "piped": {},
				"ascii": {TTY: true, Width: 80, ASCII: true},
			} {
				text, err := infoText(cat, screen, i, false)
				if err != nil {
					t.Fatal(err)
				}
				if look != "200" &&
					(look == "80" || name == "huge" && look == "60" || name == "cluster" || look == "piped" && name == "huge") {
					golden(t, fmt.Sprintf("info_%s_%s_%s", name, look, cat.Lang()), text)
				}
				for line := range strings.Lines(text) {
					line = strings.TrimRight(line, "\n")
					if screen.TTY && term.Columns(line) > screen.Width {
						t.Errorf("%s, %s, %s: %d columns: %s", name, look, cat.Lang(), term.Columns(line), line)
					}
					if screen.ASCII && strings.ContainsFunc(line, func(r rune) bool { return r < 0x20 || r > 0x7e }) {
						t.Errorf("%s, %s, %s: not ASCII: %q", name, look, cat.Lang(), line)
					}
				}
			}
			quiet, err := infoText(cat, term.Screen{}, i, true)
			if err != nil || strings.Count(quiet, "\n") != 1 {
				t.Errorf("%s, quiet: %v, %q", name, err, quiet)
			}
		}
	}
}

// TestInfoStatus is what scripts go by.
func TestInfoStatus(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*report.Info)
		want   string
	}{
		"fine":                    {func(*report.Info) {}, "ok"},
		"an alert":                {func(i *report.Info) { i.Worst = finding.Warning }, "warning"},
		"nothing could be judged": {func(i *report.Info) { i.Worst = finding.Unknown }, "unknown"},
		"a node is silent":        {func(i *report.Info) { i.SilentNodes = 1 }, "warning"},
		"silent, and worse":       {func(i *report.Info) { i.SilentNodes, i.Worst = 1, finding.Critical }, "critical"},
		"loading":                 {func(i *report.Info) { i.Loading = true }, "warning"},
		"not there":               {func(i *report.Info) { i.RootCause, i.Worst = "tcp-refused", finding.Unknown }, "unreachable"},
	} {
		i := infoBase()
		c.change(&i)
		var b bytes.Buffer
		if err := report.InfoJSON(&b, &i); err != nil {
			t.Fatal(err)
		}
		var doc struct {
			Status    string  `json:"status"`
			RootCause *string `json:"root_cause"`
		}
		if err := json.Unmarshal(b.Bytes(), &doc); err != nil || doc.Status != c.want ||
			(doc.RootCause != nil) != (c.want == "unreachable") {
			t.Errorf("%s: %v, status %q, want %q; root cause %v", name, err, doc.Status, c.want, doc.RootCause)
		}
	}
}

// TestInfoHostile: what a server says of itself reaches no terminal as more than text.
func TestInfoHostile(t *testing.T) {
	t.Parallel()
	i := hugeInfo()
	i.Target.URL, i.Target.Display = "redis://"+hostile, hostile
	i.Sections[0].Values[0].Value, i.Sections[0].Values[1].Value = hostile, hostile
	i.Sections[1].Values[6].Value = hostile
	for k := range i.Sections {
		i.Sections[k].Refused = []report.Refusal{{Reason: "refused", Detail: hostile}}
		for _, table := range i.Sections[k].Tables {
			for c, cell := range table.Rows[0] {
				if _, word := cell.Value.(string); word {
					table.Rows[0][c].Value = hostile
				}
			}
		}
	}
	for _, cat := range languages() {
		for _, screen := range []term.Screen{{}, {TTY: true, Width: 80}, {ASCII: true}} {
			text, err := infoText(cat, screen, i, false)
			if err != nil {
				t.Fatal(err)
			}
			wantHarmless(t, "info", text)
		}
	}
}

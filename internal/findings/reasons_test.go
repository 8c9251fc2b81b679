package findings_test

import (
	"slices"
	"testing"

	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/findings"
)

// TestReasons: a rule that was not judged says what is missing.
func TestReasons(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		id, reason, detail string
		lines              []string
	}{
		{id: "server-old-version", reason: findings.ReasonPackaged, detail: "redis 7.0.15", lines: []string{"redis_version:7.0.15"}},
		{id: "security-outdated", reason: findings.ReasonPackaged, detail: "redis 7.0.15", lines: []string{"redis_version:7.0.15"}},
		{id: "security-outdated", reason: findings.ReasonUnknown, detail: "redis 99.0.1", lines: []string{"redis_version:99.0.1"}},
		{id: "server-old-version", reason: findings.ReasonUnknown, detail: "redis 255.255.255", lines: []string{"redis_version:255.255.255"}},
		{
			id: "cache-hit-rate-low", reason: findings.ReasonShortUptime,
			detail: "INFO stats: keyspace_hits + keyspace_misses = 40; INFO server: uptime_in_seconds 90",
			lines:  []string{"keyspace_hits:0", "keyspace_misses:40", "uptime_in_seconds:90"},
		},
		{
			id: "cache-hit-rate-low", reason: findings.ReasonTooLittleData, detail: "INFO stats: keyspace_hits + keyspace_misses = 40",
			lines: []string{"keyspace_hits:0", "keyspace_misses:40", "uptime_in_seconds:9000"},
		},
	} {
		e := healthy(t, tc.lines...)
		i := &e.Server.Nodes[0].Info.Value
		if slices.ContainsFunc(tc.lines, func(l string) bool { return l[:8] == "redis_ve" }) {
			i.Product, i.Version = snapshot.ProductRedis, i.Server.RedisVersion
		}
		v := findings.Judge(e)
		at := slices.IndexFunc(v.Skipped, func(s findings.Skipped) bool { return s.ID == tc.id })
		if at < 0 || v.Skipped[at].Reason != tc.reason || v.Skipped[at].Detail != tc.detail {
			t.Errorf("%s with %q: %+v", tc.id, tc.lines, v.Skipped)
		}
	}
}

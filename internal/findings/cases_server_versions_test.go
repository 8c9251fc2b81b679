package findings_test

import (
	"slices"
	"testing"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/evidence"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/findings"
	"github.com/olympiades-ia/olymp-cache/internal/surround/scene"
)

func slicesContains(t *testing.T, e *evidence.Evidence, id string) bool {
	t.Helper()
	return slices.ContainsFunc(findings.Judge(e).Findings, func(f finding.Finding) bool { return f.ID == id })
}

var versionCases = []ruleCase{
	{
		name: "Redis 5", root: "-", want: []string{"server-old-version"}, not: []string{"security-outdated"},
		seen: changed(lines("redis_version:5.0.14")),
	},
	{name: "Redis 2.8", want: []string{"server-old-version"}, seen: changed(lines("redis_version:2.8.19"))},
	{name: "Redis 6.0", want: []string{"server-old-version"}, seen: changed(lines("redis_version:6.0.16"))},
	{name: "Redis 6.2, mended", not: []string{"server-old-version", "security-outdated"}, seen: changed(lines("redis_version:6.2.24"))},
	{
		name: "Redis 7.0, which distributions mend", not: []string{"server-old-version", "security-outdated"},
		skip: []string{"server-old-version", "security-outdated"}, seen: changed(nil),
	},
	{
		name: "Redis 7.4.2", root: "-", want: []string{"security-outdated"}, not: []string{"server-old-version"},
		seen: changed(lines("redis_version:7.4.2")),
	},
	{name: "Redis 7.4.11", not: []string{"security-outdated", "server-old-version"}, seen: changed(lines("redis_version:7.4.11"))},
	{name: "Redis 8.10.1", not: []string{"security-outdated", "server-old-version"}, seen: changed(lines("redis_version:8.10.1"))},
	{
		name: "a Redis that is newer than this program", skip: []string{"security-outdated"},
		not:  []string{"security-outdated", "server-old-version"},
		seen: changed(lines("redis_version:9.2.0")),
	},
	{
		name: "a development build", skip: []string{"security-outdated", "server-old-version"}, seen: changed(lines("redis_version:255.255.255")),
	},
	{
		name: "Valkey 8.1.3", want: []string{"security-outdated"}, not: []string{"server-old-version"},
		seen: changed(lines("redis_version:7.2.4", "server_name:valkey", "valkey_version:8.1.3")),
	},
	{
		name: "Valkey 9.1.1", not: []string{"security-outdated", "server-old-version"},
		seen: changed(lines("redis_version:7.2.4", "server_name:valkey", "valkey_version:9.1.1")),
	},
	{
		name: "a server of another kind", skip: []string{"security-outdated", "server-old-version"}, not: []string{"server-old-version"},
		seen: changed(lines("redis_version:4.0.0", "kvrocks_version:2.9.0")),
	},
	{
		name: "an image with holes", want: []string{"security-outdated"}, says: []string{"docker pull redis:7.4"},
		seen: changed(lines("redis_version:7.4.2", "process_id:1"), inDocker(container("127.0.0.1"))),
	},
	{
		name: "Redis 8.0, the year after", want: []string{"server-old-version"},
		seen: changed(lines("redis_version:8.0.6"), func(e *evidence.Evidence) { e.Taken = noon.AddDate(1, 0, 0) }),
	},
	{name: "Redis 8.0, while it lasts", not: []string{"server-old-version"}, seen: changed(lines("redis_version:8.0.6"))},
}

// TestOutdatedSeverity: where the number does not tell what was mended, it is no warning.
func TestOutdatedSeverity(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		e    *evidence.Evidence
		want finding.Severity
	}{
		"own":            {healthy(t, "redis_version:8.0.2"), finding.Warning},
		"Debian's":       {healthy(t, "redis_version:8.0.2", "executable:/usr/bin/redis-server"), finding.Info},
		"a newer one":    {healthy(t, "redis_version:8.0.3", "executable:/usr/bin/redis-server"), finding.Warning},
		"a provider's":   {with("rediss://:pw@x.upstash.io", []string{"203.0.113.7"}, version("7.4.1"))(t), finding.Info},
		"Railway's, own": {with("redis://:pw@redis.railway.internal", []string{"10.0.0.7"}, version("7.4.1"))(t), finding.Warning},
	} {
		f := judged(t, c.e, "security-outdated")
		if f.Severity != c.want || f.Value("newest") == nil {
			t.Errorf("%s: %s, %v", name, f.Severity, f.Evidence)
		}
		wantReadable(t, f)
	}
	old := with("rediss://:pw@x.cache.amazonaws.com", []string{"10.0.0.7"}, version("5.0.6"))(t)
	if f := judged(t, old, "server-old-version"); f.Severity != finding.Info {
		t.Errorf("an old version that a provider runs is %s", f.Severity)
	}
}

// version is the server's release.
func version(v string) change {
	return func(e *evidence.Evidence) {
		e.Server.Nodes[0].Info = known("INFO everything", infoWith("redis_version:"+v))
	}
}

var persistenceCases = []ruleCase{
	{
		name: "the last snapshot failed", root: "persistence-failing", says: []string{"INFO persistence", `CONFIG SET save ""`},
		seen: changed(lines("rdb_last_bgsave_status:err"), readOnly),
	},
	{
		name: "the AOF cannot be written", root: "persistence-failing",
		seen: changed(lines("aof_enabled:1", "aof_last_write_status:err"), readOnly),
	},
	{
		name: "the AOF cannot be written anew", root: "-", want: []string{"persistence-failing"},
		seen: changed(lines("aof_enabled:1", "aof_last_bgrewrite_status:err")),
	},
	{
		name: "a snapshot failed before snapshots were given up", not: []string{"persistence-failing"},
		seen: changed(lines("rdb_last_bgsave_status:err"), set("save", "")),
	},
	{
		name: "snapshots were given up, and a replica waits for one", root: "persistence-failing",
		seen: changed(lines("rdb_last_bgsave_status:err", "connected_slaves:1"), set("save", "")),
	},
	{
		name: "nothing is saved", root: "-", want: []string{"persistence-off"}, says: []string{"CONFIG SET appendonly yes"},
		seen: changed(nil, set("save", "", "appendonly", "no")),
	},
	{name: "an AOF and no snapshots", not: []string{"persistence-off"}, seen: changed(lines("aof_enabled:1"), set("save", ""))},
	{name: "what is saved may not be asked", skip: []string{"persistence-off"}, seen: changed(nil, refusing("CONFIG"))},
	{
		name: "a provider's way to save", skip: []string{"persistence-off"}, not: []string{"persistence-off"},
		seen: with("rediss://default:pw@eu1-x.upstash.io:6379", []string{"203.0.113.7"}, set("save", "")),
	},
	{
		name: "a kernel that may refuse", root: "-", want: []string{"persistence-overcommit"}, says: []string{"sysctl -w vm.overcommit_memory=1"},
		seen: changed(nil, overcommit(0)),
	},
	{name: "a kernel that promises", not: []string{"persistence-overcommit"}, seen: changed(nil, overcommit(1))},
	{
		name: "a kernel that nobody needs to copy for", not: []string{"persistence-overcommit"},
		seen: changed(nil, overcommit(0), set("save", "")),
	},
	{
		name: "a kernel of another machine", skip: []string{"persistence-overcommit"}, not: []string{"persistence-overcommit"},
		seen: with("redis://default:pw@cache.example.com", []string{"10.0.0.5"}, overcommit(0)),
	},
	{
		name: "a tunnel to another machine", skip: []string{"persistence-overcommit"}, not: []string{"persistence-overcommit"},
		seen: changed(nil, overcommit(0), func(e *evidence.Evidence) { e.Around.Memory = seenAround(scene.Memory{TotalBytes: 8 << 30}) }),
	},
	{
		name: "a kernel that was not asked", skip: []string{"persistence-overcommit"},
		seen: changed(nil, func(e *evidence.Evidence) { e.Around.Overcommit = scene.Fact[int]{Status: scene.Missing} }),
	},
}

func overcommit(mode int) change {
	return func(e *evidence.Evidence) { e.Around.Overcommit = seenAround(mode) }
}

// TestLastSave is in the evidence as a time that scripts can read.
func TestLastSave(t *testing.T) {
	t.Parallel()
	f := judged(t, healthy(t, "rdb_last_bgsave_status:err"), "persistence-failing")
	if want := time.Unix(1795400000, 0).UTC().Format(time.RFC3339); valueOf(f, "last_save") != want || valueOf(f, "changes") != int64(3) {
		t.Errorf("evidence %v", f.Evidence)
	}
}

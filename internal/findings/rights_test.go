package findings

import (
	"strings"
	"testing"
)

func TestDangerousFor(t *testing.T) {
	t.Parallel()
	const all = "FLUSHALL FLUSHDB KEYS CONFIG DEBUG REPLICAOF SHUTDOWN"
	for rules, want := range map[string]string{
		"+@all":                          all,
		"allcommands":                    all,
		"-@all":                          "",
		"":                               "",
		"nocommands":                     "",
		"+@all -@dangerous":              "",
		"-@all +@read":                   "KEYS",
		"-@all +@read -@dangerous":       "",
		"-@all +@write":                  "FLUSHALL FLUSHDB",
		"+@all -@admin":                  "FLUSHALL FLUSHDB KEYS",
		"-@all +get +set +flushdb":       "FLUSHDB",
		"+@all -flushall -flushdb -keys": "CONFIG DEBUG REPLICAOF SHUTDOWN",
		"+@all -@dangerous +config|get":  "",
		"-@dangerous +@all":              all,
		"+@all -@slow":                   "",
		"-@all +@keyspace":               "FLUSHALL FLUSHDB KEYS",
		"+@all -config|set":              "FLUSHALL FLUSHDB KEYS DEBUG REPLICAOF SHUTDOWN",
		// «+@all -@dangerous +info» as Redis 7.0.15 writes it.
		"+@all -@admin -flushdb -keys -sort_ro -flushall -swapdb -migrate -restore-asking -restore -sort": "",
		"-@all +@keyspace -@write -@slow":  "",
		"+@ALL -@Dangerous +KEYS - + @ -@": "KEYS",
	} {
		if got := strings.Join(dangerousFor(rules), " "); got != want {
			t.Errorf("%q allows %q, want %q", rules, got, want)
		}
	}
}

func TestVersionOf(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"7.4.2": "7.4.2", "8.10.1": "8.10.1", "8.0.0-rc1": "8.0.0", "6.2.0.1": "6.2.0", "": "", "7.4": "", "255.255.255": "", "x.y.z": "",
		"7.-1.2": "", "v7.0.1": "",
	} {
		v, ok := versionOf(text)
		if ok != (want != "") || ok && v.String() != want {
			t.Errorf("%q is %v, %v", text, v, ok)
		}
	}
}

// TestTables: what mends a hole is a release of a line that is known, and not above its newest.
func TestTables(t *testing.T) {
	t.Parallel()
	for _, h := range holes {
		for _, text := range h.mended {
			v, ok := versionOf(text)
			r, listed := releaseOf(h.product, v)
			if !ok || !listed || v.patch > r.secure {
				t.Errorf("%s %s: %v %+v", h.product, text, ok, r)
			}
		}
	}
	for _, r := range releases {
		if _, ok := versionOf(r.line + ".0"); !ok || r.ends != "" && len(r.ends) != len("2026-12-01") {
			t.Errorf("%+v", r)
		}
	}
	for _, p := range packaged {
		v, _ := versionOf(p.version)
		if _, ok := releaseOf(p.product, v); !ok {
			t.Errorf("%+v", p)
		}
	}
	got := strings.Join(holesOf("redis", version{7, 4, 8}), " ")
	if got != "CVE-2026-23479 CVE-2026-25243 CVE-2026-23631" {
		t.Errorf("7.4.8 has %s", got)
	}
}

// TestOwnFolder: nothing but Redis's own folder is ever given away.
func TestOwnFolder(t *testing.T) {
	t.Parallel()
	for dir, want := range map[string]bool{
		"/data": true, "/data/": true, "/var/lib/redis": true, "/": false, "": false, "/srv": false, "/root": false, "/data/..": false,
		"/var/lib/redis/../..": false, "/etc/cron.d": false,
	} {
		if got := ownFolder(dir); got != want {
			t.Errorf("%q: %v", dir, got)
		}
	}
}

package findings

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
)

// version is a release: 7.4.2 is major 7, minor 4, patch 2.
type version struct{ major, minor, patch int }

// versionOf reads «7.4.2» and «8.0.0-rc1»; false for what is no release, as the 255.255.255 of a development build.
func versionOf(text string) (version, bool) {
	parts := strings.SplitN(text, ".", 3)
	if len(parts) != 3 {
		return version{}, false
	}
	parts[2], _, _ = strings.Cut(parts[2], "-")
	parts[2], _, _ = strings.Cut(parts[2], ".") // 6.2.0.1 and the like
	var n [3]int
	for i, part := range parts {
		var err error
		if n[i], err = strconv.Atoi(part); err != nil || n[i] < 0 || n[i] > 200 {
			return version{}, false
		}
	}
	return version{n[0], n[1], n[2]}, true
}

func (v version) line() string { return strconv.Itoa(v.major) + "." + strconv.Itoa(v.minor) }

func (v version) String() string { return v.line() + "." + strconv.Itoa(v.patch) }

func (v version) compare(w version) int {
	return cmp.Or(cmp.Compare(v.major, w.major), cmp.Compare(v.minor, w.minor), cmp.Compare(v.patch, w.patch))
}

// release is one line of releases.
type release struct {
	product string // as snapshot has it
	line    string
	ends    string // the day after which nobody maintains it, as YYYY-MM-DD; empty: none was announced
	secure  int    // its newest patch with security fixes; -1: not known
	kept    bool   // distributions go on mending it after that day, without raising its number
}

// releases are the lines that are known, as of October 2026. Ends: redis.io/docs, Redis Open Source version management, and
// redis/redis#12488 and #10712 for those before. Newest security patches: the release notes at redis.io/docs for 7.4 and
// later, docker-library/official-images#22078 for 6.2 and 7.2, Valkey's releases of 21 July 2026.
//
// 7.0 has had no release since January 2024. It is nevertheless not called dead: it is what Debian 12 and Ubuntu 24.04
// install and mend, as 7.0.15 for ever, and nothing that the server tells shows whether it is theirs. For the same reason
// nothing is said of its patches.
var releases = []release{
	{snapshot.ProductRedis, "5.0", "2022-04-27", -1, false},
	{snapshot.ProductRedis, "6.0", "2023-08-15", -1, false},
	{snapshot.ProductRedis, "6.2", "2027-04-01", 24, false},
	{snapshot.ProductRedis, "7.0", "2024-07-29", -1, true},
	{snapshot.ProductRedis, "7.2", "2029-12-01", 16, false},
	{snapshot.ProductRedis, "7.4", "2029-12-01", 11, false},
	{snapshot.ProductRedis, "8.0", "2026-12-01", 6, false},
	{snapshot.ProductRedis, "8.2", "2030-09-01", 9, false},
	{snapshot.ProductRedis, "8.4", "", 6, false},
	{snapshot.ProductRedis, "8.6", "", 6, false},
	{snapshot.ProductRedis, "8.8", "", 2, false},
	{snapshot.ProductRedis, "8.10", "", 1, false},
	{snapshot.ProductValkey, "7.2", "", 14, false},
	{snapshot.ProductValkey, "8.0", "", 10, false},
	{snapshot.ProductValkey, "8.1", "", 9, false},
	{snapshot.ProductValkey, "9.0", "", 5, false},
	{snapshot.ProductValkey, "9.1", "", 1, false},
}

// oldestRedis is the first line of Redis that anybody maintains.
var oldestRedis = version{6, 2, 0}

func releaseOf(product string, v version) (release, bool) {
	i := slices.IndexFunc(releases, func(r release) bool { return r.product == product && r.line == v.line() })
	if i < 0 {
		return release{}, false
	}
	return releases[i], true
}

// packaged are releases that a distribution keeps for its life and mends without raising the number.
var packaged = []struct{ product, version, distribution string }{
	{snapshot.ProductRedis, "8.0.2", "Debian 13"},
	{snapshot.ProductValkey, "8.1.1", "Debian 13"},
}

// packageOf is the distribution whose package the server most likely is: its number, started from where packages install.
func packageOf(i *snapshot.Info) string {
	if !strings.HasPrefix(string(i.Server.Executable), "/usr/bin/") {
		return ""
	}
	for _, p := range packaged {
		if p.product == i.Product && p.version == i.Version {
			return p.distribution
		}
	}
	return ""
}

// holes are vulnerabilities and the releases that mended them, most recent first; a line that is not among them is either
// not affected or nobody says. Sources: as for releases.
var holes = []struct {
	product string
	mended  []string
	cves    []string
}{
	{snapshot.ProductRedis, []string{"8.2.9", "8.4.6", "8.6.6", "8.8.2", "8.10.1"}, []string{"CVE-2026-62356"}},
	{
		snapshot.ProductRedis,
		[]string{"7.4.9", "8.2.6", "8.4.3", "8.6.3"},
		[]string{"CVE-2026-23479", "CVE-2026-25243", "CVE-2026-23631"},
	},
	{snapshot.ProductRedis, []string{"8.2.6", "8.4.3", "8.6.3"}, []string{"CVE-2026-25588", "CVE-2026-25589"}},
	{snapshot.ProductRedis, []string{"8.2.3"}, []string{"CVE-2025-62507"}},
	{
		snapshot.ProductRedis,
		[]string{"6.2.20", "7.2.11", "7.4.6", "8.0.4", "8.2.2"},
		[]string{"CVE-2025-49844", "CVE-2025-46817", "CVE-2025-46818", "CVE-2025-46819"},
	},
	{snapshot.ProductRedis, []string{"6.2.19", "7.2.10", "7.4.5", "8.0.3"}, []string{"CVE-2025-32023", "CVE-2025-48367"}},
	{snapshot.ProductRedis, []string{"7.4.4", "8.0.2"}, []string{"CVE-2025-27151"}},
	{snapshot.ProductRedis, []string{"7.4.3"}, []string{"CVE-2025-21605"}},
	{snapshot.ProductRedis, []string{"7.4.2"}, []string{"CVE-2024-46981", "CVE-2024-51741"}},
	{snapshot.ProductRedis, []string{"7.2.6", "7.4.1"}, []string{"CVE-2024-31449", "CVE-2024-31227", "CVE-2024-31228"}},
	{
		snapshot.ProductValkey,
		[]string{"7.2.14", "8.0.10", "8.1.9", "9.0.5", "9.1.1"},
		[]string{"CVE-2026-56684", "CVE-2026-63639"},
	},
	{
		snapshot.ProductValkey,
		[]string{"7.2.13", "8.0.9", "8.1.7", "9.0.4"},
		[]string{"CVE-2026-23479", "CVE-2026-25243", "CVE-2026-23631"},
	},
	{
		snapshot.ProductValkey,
		[]string{"7.2.11", "8.0.6", "8.1.4"},
		[]string{"CVE-2025-49844", "CVE-2025-46817", "CVE-2025-46818", "CVE-2025-46819"},
	},
}

// holesOf are the known vulnerabilities of a release, most recent first.
func holesOf(product string, v version) []string {
	var all []string
	for _, h := range holes {
		for _, text := range h.mended {
			m, ok := versionOf(text)
			if ok && h.product == product && m.line() == v.line() && v.compare(m) < 0 {
				all = append(all, h.cves...)
			}
		}
	}
	return all
}

package findings

import (
	"strings"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
)

// judgeOldVersion looks for a line of releases that nobody maintains any more.
func judgeOldVersion(v *view) outcome {
	const id = "server-old-version"
	return v.eachInfo(func(n *snapshot.Node, i *snapshot.Info) outcome {
		is, ok := versionOf(i.Version)
		known, listed := releaseOf(i.Product, is)
		switch {
		case !ok || i.Product != snapshot.ProductRedis && !listed:
			return skip(ReasonUnknown, i.Product+" "+i.Version, id)
		case known.kept:
			return skip(ReasonPackaged, i.Product+" "+i.Version, id)
		case i.Product == snapshot.ProductRedis && is.compare(oldestRedis) < 0:
		case known.ends == "", known.ends >= v.Taken.UTC().Format(time.DateOnly), packageOf(i) != "":
			return fine()
		}
		severity := warning
		if v.managed() {
			severity = info // the provider decides what runs there, and may mend it
		}
		seen := []finding.Evidence{ev("server", productName(i.Product), "INFO server"), ev("version", i.Version, "INFO server")}
		if known.ends != "" {
			seen = append(seen, ev("ended", known.ends, "redis.io"))
		}
		seen = append(seen, v.provider()...)
		return v.on(n, id, severity, append(seen, v.of(n).home(i)...)...)
	}, id)
}

// shownCVEs is how many vulnerabilities a sentence names.
const shownCVEs = 4

// judgeOutdated looks for a release below the newest one of its line that mends something an attacker could use.
func judgeOutdated(v *view) outcome {
	const id = "security-outdated"
	return v.eachInfo(func(n *snapshot.Node, i *snapshot.Info) outcome {
		is, ok := versionOf(i.Version)
		known, listed := releaseOf(i.Product, is)
		switch {
		case known.kept:
			return skip(ReasonPackaged, i.Product+" "+i.Version, id)
		case !ok || !listed || known.secure < 0:
			return skip(ReasonUnknown, i.Product+" "+i.Version, id)
		case is.patch >= known.secure:
			return fine()
		}
		newest := is
		newest.patch = known.secure
		severity := warning
		seen := []finding.Evidence{
			ev("server", productName(i.Product), "INFO server"), ev("version", i.Version, "INFO server"),
			ev("newest", newest.String(), "release notes"), ev("line", is.line(), "INFO server"),
		}
		if cves := holesOf(i.Product, is); len(cves) > 0 {
			seen = append(seen, ev("cves", strings.Join(cves[:min(len(cves), shownCVEs)], ", "), "release notes"),
				ev("cve_count", len(cves), "release notes"))
		}
		if p := packageOf(i); p != "" {
			severity = info
			seen = append(seen, ev("package", p, "INFO server"))
		}
		if v.managed() {
			severity = info
			seen = append(seen, v.provider()...)
		}
		return v.on(n, id, severity, append(seen, v.of(n).home(i)...)...)
	}, id)
}

// productName is how people write it.
func productName(product string) string {
	if product == snapshot.ProductValkey {
		return "Valkey"
	}
	return "Redis"
}

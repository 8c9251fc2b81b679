package findings

import (
	"github.com/olympiades-ia/olymp-cache/internal/finding"
)

// WithFixes adds what to type. Fixes that are there already stay. Commands never hold a secret: where one is needed, they
// show where it goes.
func WithFixes(f finding.Finding) finding.Finding {
	if len(f.Fixes) > 0 {
		return f
	}
	for _, rule := range [](func(seen) []finding.Fix){
		nearFixes, configFixes, networkFixes, tlsFixes, protocolFixes, authFixes, stateFixes, serverFixes, apiFixes, cacheFixes,
	} {
		if fixes := rule(seen{f}); len(fixes) > 0 {
			f.Fixes = fixes
			return f
		}
	}
	return f
}

func apiFixes(s seen) []finding.Fix {
	switch s.ID {
	case "api-no-header", "api-always-miss":
		return []finding.Fix{{ID: "enable-api-cache", Command: "REDIS_ENABLED=true"}, {ID: "same-redis"}}
	case "api-always-hit-stale", "api-key-missing":
		return []finding.Fix{{ID: "same-redis"}, {ID: "give-api-key", Command: "olymp-cache test --api --api-key KEY"}}
	case "api-key-no-ttl", "api-key-long-ttl":
		return []finding.Fix{{ID: "set-ttl"}}
	case "api-unreachable", "api-error-status":
		return []finding.Fix{{ID: "look-at-api", Command: "curl -i " + shellWord(s.text("url"))}}
	case "latency-high":
		return []finding.Fix{{ID: "nearer"}}
	}
	return nil
}

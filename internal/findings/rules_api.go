package findings

import (
	"github.com/olympiades-ia/olymp-cache/internal/finding"
)

var apiIDs = []string{
	"api-unreachable", "api-error-status", "api-no-header", "api-always-miss", "api-always-hit-stale", "api-key-missing",
	"api-key-no-ttl", "api-key-long-ttl",
}

var apiRules = []rule{{apiIDs, judgeAPI}}

// judgeAPI passes on what the calls of the API showed. Redis works, so that it is no more than a warning here.
func judgeAPI(v *view) outcome {
	if len(v.API) == 0 {
		return skip(ReasonNotAsked, "OLYMP_CACHE_API_URL", apiIDs...)
	}
	var o outcome
	for _, s := range v.API {
		if s.Problem != nil && (s.Status == finding.Fail || s.Status == finding.Warn) {
			f := *s.Problem
			f.Severity = min(f.Severity, warning)
			o.found = append(o.found, f)
		}
	}
	return o.worstOfEach()
}

package findings

import (
	"slices"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
)

// refineConfig: where nobody said which Redis, the default address that was refused is a sign and the missing variable the
// cause, if a platform's variables show that this is no laptop, another variable holds the address, or REDIS_URL is empty.
func refineConfig(v *view, raw finding.Finding) (finding.Finding, bool) {
	if raw.ID != "tcp-refused" || v.Target.Source != config.FromDefault {
		return finding.Finding{}, false
	}
	missing := finding.Finding{ID: "config-url-missing"}
	if i := slices.IndexFunc(v.Config, func(f finding.Finding) bool { return f.ID == missing.ID }); i >= 0 {
		missing = v.Config[i]
	}
	where := v.host()
	if where == nil && missing.Value("instead") == nil && missing.Value("empty") == nil {
		return finding.Finding{}, false
	}
	missing.Severity, missing.Subject = critical, raw.Subject // here it is why nothing works
	return with(missing, append(append([]finding.Evidence{ev("used", v.Target.URL, "")}, where...), raw.Evidence...)...), true
}

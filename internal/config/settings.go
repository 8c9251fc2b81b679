package config

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
)

// settings reads REDIS_ENABLED and OLYMP_CACHE_*. A value that cannot be read is critical: guessing would be worse.
func (c *Config) settings() (Settings, []finding.Finding) {
	s := Settings{
		Enabled: true, Groups: map[string][]string{"vitrine": {"vitrine_cache"}},
		AlertMemory: 0.80, AlertClients: 1000, AlertHitRate: 0.70, AlertP99: 100 * time.Millisecond,
	}
	var found []finding.Finding
	read := func(name, expected string, parse func(string) bool) {
		value, origin, ok := c.Lookup(name)
		value = strings.Trim(strings.TrimSpace(value), `"'`)
		if !ok || value == "" || parse(value) {
			return
		}
		shown := harmless(value)
		if expected == "url" {
			shown = Mask // it may hold credentials
		}
		found = append(found, placed(finding.Finding{
			ID: "config-setting", Severity: finding.Critical, Subject: name,
			Evidence: []finding.Evidence{ev("value", shown), ev("expected", expected)},
		}, origin))
	}
	read("REDIS_ENABLED", "boolean", func(v string) bool {
		on, ok := parseBool(v)
		s.Enabled, s.EnabledSet = on, ok
		_, s.EnabledFrom, _ = c.Lookup("REDIS_ENABLED")
		return ok
	})
	read("OLYMP_CACHE_READ_ONLY", "boolean", func(v string) (ok bool) {
		s.ReadOnly, ok = parseBool(v)
		return ok
	})
	read("OLYMP_CACHE_API_URL", "url", func(v string) bool {
		u, err := url.Parse(v)
		s.APIURL = v
		return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
	})
	read("OLYMP_CACHE_AUDIT_LOG", "path", func(v string) bool { s.AuditLog = v; return true })
	read("OLYMP_CACHE_GROUPS", "groups", func(v string) bool { return parseGroups(v, s.Groups) })
	read("OLYMP_CACHE_ALERT_MEMORY", "percent", func(v string) (ok bool) { s.AlertMemory, ok = parsePercent(v); return ok })
	read("OLYMP_CACHE_ALERT_HIT_RATE", "percent", func(v string) (ok bool) { s.AlertHitRate, ok = parsePercent(v); return ok })
	read("OLYMP_CACHE_ALERT_CLIENTS", "count", func(v string) bool {
		n, err := strconv.Atoi(v)
		s.AlertClients = n
		return err == nil && n > 0
	})
	read("OLYMP_CACHE_ALERT_P99", "duration", func(v string) (ok bool) { s.AlertP99, ok = parseDuration(v); return ok })
	if !s.Enabled && len(found) == 0 {
		found = append(found, placed(finding.Finding{ID: "config-disabled", Severity: finding.Warning, Subject: "REDIS_ENABLED"}, s.EnabledFrom))
	}
	return s, found
}

// parseBool reads what pydantic reads as a boolean.
func parseBool(v string) (value, ok bool) {
	switch strings.ToLower(v) {
	case "true", "1", "yes", "on", "t", "y":
		return true, true
	case "false", "0", "no", "off", "f", "n":
		return false, true
	}
	return false, false
}

func parsePercent(v string) (float64, bool) {
	f, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(v, "%")), 64)
	return f / 100, err == nil && f >= 1 && f <= 100 // below, a ratio was written for a percentage
}

// parseDuration takes 100ms, 0.1s, or a bare number of milliseconds.
func parseDuration(v string) (time.Duration, bool) {
	if f, err := strconv.ParseFloat(v, 64); err == nil {
		if !(f > 0 && f < 1e9) { // NaN too
			return 0, false
		}
		d := time.Duration(f * float64(time.Millisecond))
		return d, d > 0
	}
	d, err := time.ParseDuration(strings.ReplaceAll(v, " ", ""))
	return d, err == nil && d > 0
}

// parseGroups reads vitrine=vitrine_cache,vitrine:*;stats=stats:* into groups, over the built-in one.
func parseGroups(v string, groups map[string][]string) bool {
	for part := range strings.SplitSeq(v, ";") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		name, list, ok := strings.Cut(part, "=")
		name = strings.TrimSpace(name)
		var patterns []string
		for p := range strings.SplitSeq(list, ",") {
			if p = strings.TrimSpace(p); p != "" {
				patterns = append(patterns, p)
			}
		}
		if !ok || name == "" || len(patterns) == 0 {
			return false
		}
		groups[name] = patterns
	}
	return true
}

package config

import (
	"maps"
	"slices"
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
)

// FileSecret is where a .env file has the password of a Redis.
type FileSecret struct {
	File string // as the operator would type it
	Line int    // from 1
}

// noteSecret remembers the first line of a file that has the password of a Redis.
func (c *Config) noteSecret(entries map[string]entry, shown string) {
	line := 0
	for name, e := range entries {
		if redisSecret(name, e.value) && (line == 0 || e.line < line) {
			line = e.line
		}
	}
	if line > 0 {
		c.Secrets = append(c.Secrets, FileSecret{File: shown, Line: line})
	}
}

// redisSecret tells a variable that holds the password of a Redis; one that was left to be filled in is none.
func redisSecret(name, value string) bool {
	if target, found := ParseURL(value, Origin{}); strings.Contains(value, "://") {
		return !hasCritical(found) && target.Password != ""
	}
	upper := strings.ToUpper(name)
	ours := strings.Contains(upper, "REDIS") || strings.Contains(upper, "VALKEY")
	return ours && value != "" && secretName(name) && !placeholder(value)
}

// holdsSecret tells whether a file has anything to hide.
func holdsSecret(entries map[string]entry) bool {
	for name, e := range entries {
		if e.value != "" && (secretName(name) || secretURL(e.value)) {
			return true
		}
	}
	return false
}

func secretName(name string) bool {
	upper := strings.ToUpper(name)
	for _, word := range []string{"PASSWORD", "PASSWD", "SECRET", "TOKEN", "API_KEY", "PRIVATE_KEY"} {
		if strings.Contains(upper, word) {
			return true
		}
	}
	return false
}

// secretURL tells a URL with a password in it, of any service.
func secretURL(value string) bool {
	_, rest, ok := strings.Cut(value, "://")
	user, _, at := strings.Cut(rest, "@")
	return ok && at && strings.Contains(user, ":") && !strings.HasSuffix(user, ":")
}

// secretFindings warns of secrets on which loaders of .env files disagree: docker --env-file, Compose, bash and npm dotenv
// each treat an unquoted «$» or « #» in their own way.
func (c *Config) secretFindings() []finding.Finding {
	var found []finding.Finding
	for _, name := range slices.Sorted(maps.Keys(c.file)) {
		e := c.file[name]
		if e.quote == '\'' || (!secretName(name) && !secretURL(e.value)) {
			continue
		}
		character := ""
		switch {
		case strings.Contains(e.raw, "$"):
			character = "$"
		case e.hashed:
			character = " #"
		default:
			continue
		}
		f := placed(finding.Finding{ID: "config-env-expansion", Severity: finding.Warning, Subject: name}, e.origin(name))
		f.Evidence = append(f.Evidence, finding.Evidence{Name: "characters", Value: character})
		found = append(found, f)
	}
	return found
}

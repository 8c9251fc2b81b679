// Package config reads which Redis to reach and how: flags, the process environment and .env files, in the order of the
// contract. It is tolerant of what an application would use and strict in what it reports; it contacts nothing.
package config

import (
	"slices"
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
)

// Input is all that the configuration is read from.
type Input struct {
	URL                                   string // --url
	URLSet                                bool
	EnvFiles                              []string // --env-file, later files win
	TLSCA, TLSCert, TLSKey, TLSServerName string
	TLSInsecure                           bool
	LookupEnv                             func(string) (string, bool)
	Environ                               []string // NAME=value: all of the environment, of which only the names are read
	Dir                                   string   // where the search for .env starts; "" means no search
	Home                                  string   // where it ends at the latest
}

// Config is a configuration that can be used.
type Config struct {
	Target   Target
	Settings Settings
	Findings []finding.Finding // what was tolerated, in stable order; nothing critical
	EnvFiles []string          // the files read, as the operator would type them
	Secrets  []FileSecret      // the password of a Redis in a .env file, read or only found, one a file

	lookupEnv func(string) (string, bool)
	environ   []string
	file      map[string]entry // of all files, later ones winning
}

// Error is a configuration that nobody could use. Its findings are critical and hold no secret.
type Error struct {
	Findings []finding.Finding
	Target   Target // as far as it could be read: at least where it stands
}

// Error names the findings' ids; people get the catalogue's sentences.
func (e *Error) Error() string {
	ids := make([]string, len(e.Findings))
	for i, f := range e.Findings {
		ids[i] = f.ID
	}
	return "unusable configuration: " + strings.Join(ids, ", ")
}

// Load reads the configuration. The error is an *Error.
func Load(in Input) (*Config, error) {
	c := &Config{lookupEnv: in.LookupEnv, environ: in.Environ, file: map[string]entry{}}
	var bad []finding.Finding
	for _, f := range c.readFiles(in) {
		if f.Severity == finding.Critical && in.URLSet {
			f.Severity = finding.Warning // the operator named the target: a broken file must not stand in the way
		}
		if f.Severity == finding.Critical {
			bad = append(bad, f)
		} else {
			c.Findings = append(c.Findings, f)
		}
	}
	if len(bad) > 0 {
		return nil, &Error{Findings: bad}
	}
	raw, origin := c.url(in)
	target, found := ParseURL(raw, origin)
	for i := range found {
		found[i] = placed(found[i], origin)
	}
	target.EnvFiles = in.EnvFiles
	found = append(found, target.applyTLSFlags(in)...)
	settings, more := c.settings()
	found = append(found, more...)
	for _, f := range found {
		if f.Severity == finding.Critical {
			bad = append(bad, f)
		} else {
			c.Findings = append(c.Findings, f)
		}
	}
	if len(bad) > 0 {
		return nil, &Error{Findings: bad, Target: target}
	}
	c.Target, c.Settings = target, settings
	c.Findings = append(c.Findings, c.secretFindings()...)
	c.Findings = append(c.Findings, c.shadowed()...)
	return c, nil
}

// url is the raw value of the target's URL and where it stood.
func (c *Config) url(in Input) (string, Origin) {
	if in.URLSet {
		return in.URL, Origin{Kind: FromFlag, Name: "--url"}
	}
	raw, origin, ok := c.Lookup("REDIS_URL")
	if ok && strings.TrimSpace(raw) != "" {
		return raw, origin
	}
	missing := finding.Finding{ID: "config-url-missing", Severity: finding.Info, Subject: "REDIS_URL"}
	missing.Evidence = append(missing.Evidence, finding.Evidence{Name: "used", Value: DefaultURL})
	if ok {
		missing = placed(missing, origin)
		missing.Evidence = append(missing.Evidence, finding.Evidence{Name: "empty", Value: true})
	} else {
		missing.Evidence = append(missing.Evidence, c.instead()...)
	}
	c.Findings = append(c.Findings, missing)
	return DefaultURL, Origin{Kind: FromDefault, Name: "REDIS_URL"}
}

// Lookup reads a variable from the process environment, else from the .env files. A variable that is set but empty in the
// environment counts as not set there, as clients and pydantic treat an empty URL or switch.
func (c *Config) Lookup(name string) (string, Origin, bool) {
	env, inEnv := c.lookupEnv(name)
	if inEnv && strings.TrimSpace(env) != "" {
		return env, Origin{Kind: FromEnv, Name: name}, true
	}
	if e, ok := c.file[name]; ok {
		return e.value, e.origin(name), true
	}
	return env, Origin{Kind: FromEnv, Name: name}, inEnv
}

// placed adds to a finding where the value stood.
func placed(f finding.Finding, o Origin) finding.Finding {
	f.Evidence = slices.Clone(f.Evidence)
	if f.Value("variable") == nil {
		f.Evidence = append(f.Evidence, finding.Evidence{Name: "variable", Value: o.Name})
	}
	if o.Kind == FromFile {
		f.Evidence = append(f.Evidence, finding.Evidence{Name: "file", Value: o.File}, finding.Evidence{Name: "line", Value: o.Line})
	}
	return f
}

// shadowed reports a .env that names another server than what wins, the environment or a later line: a frequent «my keys are
// gone» and «I have changed it and nothing happens».
func (c *Config) shadowed() []finding.Finding {
	e, inFile := c.file["REDIS_URL"]
	reason := "environment"
	if c.Target.Origin.Kind == FromFile && e.before != nil {
		file := e.file
		e, reason = *e.before, "last-line"
		e.file = file
	} else if c.Target.Origin.Kind != FromEnv || !inFile {
		return nil
	}
	other, found := ParseURL(e.value, e.origin("REDIS_URL"))
	if hasCritical(found) || (other.Address() == c.Target.Address() && other.DB == c.Target.DB) {
		return nil
	}
	return []finding.Finding{placed(finding.Finding{
		ID: "config-env-shadowed", Severity: finding.Warning, Subject: "REDIS_URL", Evidence: []finding.Evidence{
			{Name: "winner", Value: c.Target.URL, Source: c.Target.Origin.Kind}, {Name: "reason", Value: reason}, {Name: "other", Value: other.URL},
		},
	}, e.origin("REDIS_URL"))}
}

func hasCritical(all []finding.Finding) bool {
	return slices.ContainsFunc(all, func(f finding.Finding) bool { return f.Severity == finding.Critical })
}

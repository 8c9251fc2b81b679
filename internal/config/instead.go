package config

import (
	"maps"
	"net"
	"slices"
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/spelling"
)

// otherURLs are variables in which platforms and frameworks put what we look for in REDIS_URL.
var otherURLs = []string{
	"REDIS_TLS_URL", "REDIS_PRIVATE_URL", "REDIS_PUBLIC_URL", "REDISCLOUD_URL", "REDISTOGO_URL", "UPSTASH_REDIS_URL", "KV_URL", "VALKEY_URL",
	"REDIS_URI", "REDIS_DSN", "REDIS_CONNECTION_STRING", "REDIS_CONNECTION_URL", "SPRING_DATA_REDIS_URL", "SPRING_REDIS_URL",
	"CACHE_REDIS_URL", "CACHE_URL", "CELERY_BROKER_URL", "redis_url",
}

// otherHosts are variables for the host alone, and those beside them for the rest.
var otherHosts = []struct{ host, port, password, tls string }{
	{"REDIS_HOST", "REDIS_PORT", "REDIS_PASSWORD", "REDIS_TLS"},
	{"REDISHOST", "REDISPORT", "REDISPASSWORD", ""},
	{"SPRING_DATA_REDIS_HOST", "SPRING_DATA_REDIS_PORT", "SPRING_DATA_REDIS_PASSWORD", "SPRING_DATA_REDIS_SSL_ENABLED"},
	{"SPRING_REDIS_HOST", "SPRING_REDIS_PORT", "SPRING_REDIS_PASSWORD", "SPRING_REDIS_SSL"},
	{"VALKEY_HOST", "VALKEY_PORT", "VALKEY_PASSWORD", ""},
	{"CACHE_REDIS_HOST", "CACHE_REDIS_PORT", "CACHE_REDIS_PASSWORD", ""},
	{"REDIS_SERVICE_HOST", "REDIS_SERVICE_PORT", "", ""}, // Kubernetes, for a service called redis
}

// instead looks for the address of a Redis under another name than REDIS_URL: which variable, and the line that would do.
func (c *Config) instead() []finding.Evidence {
	for _, name := range otherURLs {
		value, origin, ok := c.Lookup(name)
		if _, _, url := strings.Cut(value, "://"); !ok || !url {
			continue
		}
		if t, found := ParseURL(value, Origin{}); !hasCritical(found) {
			return otherAddress(origin, t)
		}
	}
	if seen := c.misspelt(); seen != nil {
		return seen
	}
	for _, names := range otherHosts {
		host, origin, ok := c.Lookup(names.host)
		if host = strings.TrimSpace(host); !ok || host == "" || placeholder(host) {
			continue
		}
		if t, found := ParseURL(c.urlFrom(host, names.port, names.password, names.tls), Origin{}); !hasCritical(found) {
			return otherAddress(origin, t)
		}
	}
	return nil
}

// urlFrom puts together what stands in several variables. The password is only known to be there: a mark takes its place.
func (c *Config) urlFrom(host, portName, passwordName, tlsName string) string {
	url := "redis://"
	if on, _, _ := c.Lookup(tlsName); on != "" {
		if tls, ok := parseBool(on); ok && tls {
			url = "rediss://"
		}
	}
	if password, _, ok := c.Lookup(passwordName); ok && password != "" && !placeholder(password) {
		url += ":secret@"
	}
	port, _, _ := c.Lookup(portName)
	if !portNumber(port) {
		port = "6379"
	}
	return url + net.JoinHostPort(strings.Trim(host, "[]"), port)
}

// nameEdits is how many letters a name may be away from REDIS_URL and still be meant for it.
const nameEdits = 2

// misspelt finds an address under a name that is almost REDIS_URL: REDIS_ULR, REDISURL. What holds no address is another
// variable, such as REDIS_TTL.
func (c *Config) misspelt() []finding.Evidence {
	names := slices.Collect(maps.Keys(c.file))
	for _, pair := range c.environ {
		name, _, _ := strings.Cut(pair, "=")
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if name == "REDIS_URL" || spelling.Edits(strings.ToUpper(name), "REDIS_URL") > nameEdits {
			continue
		}
		value, origin, ok := c.Lookup(name)
		if !ok || strings.TrimSpace(value) == "" {
			continue
		}
		t, found := ParseURL(value, Origin{})
		switch {
		case !hasCritical(found):
			return otherAddress(origin, t)
		case strings.Contains(value, "://"), hostWithPort(value):
			return instead(origin) // it needs more than another name: that is seen next
		}
	}
	return nil
}

// hostWithPort tells a value such as cache:6379/0, which lacks its scheme only.
func hostWithPort(value string) bool {
	address, _, _ := strings.Cut(strings.TrimSpace(value), "/")
	host, port, err := net.SplitHostPort(address)
	return err == nil && host != "" && portNumber(port)
}

// otherAddress is evidence of the variable that holds an address, unless it says no more than the default.
func otherAddress(o Origin, t Target) []finding.Evidence {
	plain := t.TLS == nil && t.Password == "" && t.Username == "" && t.DB == 0
	if plain && t.Loopback() && len(t.Endpoints) == 1 && t.Endpoints[0].Port == redisPort {
		return nil
	}
	return append(instead(o), ev("corrected", t.URL))
}

func instead(o Origin) []finding.Evidence {
	seen := []finding.Evidence{ev("instead", o.Name)}
	if o.Kind == FromFile {
		seen = append(seen, ev("instead_file", o.File), ev("instead_line", o.Line))
	}
	return seen
}

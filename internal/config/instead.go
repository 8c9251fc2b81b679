package config

import (
	"net"
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
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
		value, _, ok := c.Lookup(name)
		if _, _, url := strings.Cut(value, "://"); !ok || !url {
			continue
		}
		if t, found := ParseURL(value, Origin{}); !hasCritical(found) {
			return otherAddress(name, t)
		}
	}
	for _, names := range otherHosts {
		host, _, ok := c.Lookup(names.host)
		if host = strings.TrimSpace(host); !ok || host == "" || placeholder(host) {
			continue
		}
		if t, found := ParseURL(c.urlFrom(host, names.port, names.password, names.tls), Origin{}); !hasCritical(found) {
			return otherAddress(names.host, t)
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

func otherAddress(name string, t Target) []finding.Evidence {
	plain := t.TLS == nil && t.Password == "" && t.Username == "" && t.DB == 0
	if plain && t.Loopback() && len(t.Endpoints) == 1 && t.Endpoints[0].Port == redisPort {
		return nil // says no more than the default
	}
	return []finding.Evidence{ev("instead", name), ev("corrected", t.URL)}
}

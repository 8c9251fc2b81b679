package config

import (
	"net/url"
	"slices"
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
)

// options reads the query. Clients put their own settings there: those that change what is reached are understood, the
// others named, as some clients refuse a URL with an option they do not know.
func (p *parser) options(query string) {
	if query == "" {
		return
	}
	for pair := range strings.SplitSeq(query, "&") {
		name, value, assigned := strings.Cut(pair, "=")
		name, _ = unescape(name)
		if !assigned && name != "" && !slices.Contains([]string{"ssl", "tls", "cluster", "insecure"}, name) {
			name = Mask // may be the rest of a password
		}
		if v, err := url.QueryUnescape(value); err == nil {
			value = v
		}
		if name != "" {
			p.option(name, value)
		}
	}
}

func (p *parser) option(name, value string) {
	low, used := strings.ToLower(name), false
	switch low {
	case "db", "database":
		// redis-py and go-redis take the option rather than the path.
		path := p.target.DB
		p.database(value)
		if path == 0 || path == p.target.DB {
			return
		}
		used = true
	case "ssl_cert_reqs":
		if v := strings.ToLower(strings.TrimPrefix(strings.ToUpper(value), "CERT_")); v == "none" || v == "optional" {
			p.insecure()
			used = p.target.TLS != nil
		}
	case "rejectunauthorized", "ssl_check_hostname":
		if isFalse(value) {
			p.insecure()
			used = p.target.TLS != nil
		}
	case "skip_verify", "insecure", "insecureskipverify":
		if !isFalse(value) {
			p.insecure()
			used = p.target.TLS != nil
		}
	case "password", "pass", "auth":
		if p.target.Password == "" {
			p.target.Password, used = Secret(value), true
		}
	case "username", "user":
		if p.target.Username == "" {
			p.target.Username, used = value, true
		}
	case "sentinelmasterid":
		used = p.target.Network == NetworkSentinel
	}
	p.reportOption(name, used)
}

// reportOption names an option once, and who refuses it.
func (p *parser) reportOption(name string, used bool) {
	if p.named[name] {
		return
	}
	if p.named == nil {
		p.named = map[string]bool{}
	}
	p.named[name] = true
	shown, reason := name, "option-ignored"
	if len(name) > 40 || strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-.") != "" {
		shown = Mask
	}
	if used {
		reason = "option-used"
	}
	seen := []finding.Evidence{ev("option", shown), ev("reason", reason)}
	if clients := rejectedBy(strings.ToLower(name)); clients != "" {
		seen = append(seen, ev("rejected_by", clients))
	}
	p.warn("config-url-option", finding.Info, seen...)
}

func (p *parser) insecure() {
	if p.target.TLS != nil {
		p.target.TLS.Insecure = true
	}
}

func isFalse(v string) bool {
	switch strings.ToLower(v) {
	case "0", "false", "no", "off":
		return true
	}
	return false
}

// rejectedBy names the clients that refuse a URL with the option (redis-py 4.3, go-redis 9.23; node-redis and ioredis take
// any).
func rejectedBy(low string) string {
	switch low {
	case "ssl_cert_reqs", "ssl_ca_certs", "ssl_keyfile", "ssl_certfile", "ssl_check_hostname", "socket_timeout",
		"socket_connect_timeout", "health_check_interval", "decode_responses", "retry_on_timeout", "socket_keepalive",
		"encoding", "username", "password":
		return "go-redis"
	case "max_connections":
		return "go-redis"
	case "client_name", "protocol", "db", "database":
		return ""
	case "max_retries", "min_retry_backoff", "max_retry_backoff", "dial_timeout", "read_timeout", "write_timeout",
		"pool_fifo", "pool_size", "pool_timeout", "min_idle_conns", "max_idle_conns", "max_active_conns",
		"conn_max_idle_time", "conn_max_lifetime", "skip_verify", "addr":
		return "redis-py"
	}
	return "redis-py, go-redis"
}

package config

import (
	"net/url"
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
		name, value, _ := strings.Cut(pair, "=")
		name, _ = unescape(name)
		if v, err := url.QueryUnescape(value); err == nil {
			value = v
		}
		if name != "" {
			p.option(name, value)
		}
	}
}

func (p *parser) option(name, value string) {
	low := strings.ToLower(name)
	switch low {
	case "db", "database":
		// redis-py: the path's database wins over the option's.
		if p.target.DB == 0 {
			p.database(value)
		}
		return
	case "ssl_cert_reqs":
		if v := strings.ToLower(strings.TrimPrefix(strings.ToUpper(value), "CERT_")); v == "none" || v == "optional" {
			p.insecure()
		}
	case "rejectunauthorized", "ssl_check_hostname":
		if isFalse(value) {
			p.insecure()
		}
	case "skip_verify", "insecure", "insecureskipverify":
		if !isFalse(value) {
			p.insecure()
		}
	case "password", "pass", "auth":
		if p.target.Password == "" {
			p.target.Password = Secret(value)
		}
	case "username", "user":
		if p.target.Username == "" {
			p.target.Username = value
		}
	}
	shown := name
	if !plainName(name) {
		shown = Mask
	}
	p.warn("config-url-option", finding.Info, ev("option", shown), ev("rejected_by", rejectedBy(low)))
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
	case "client_name", "protocol":
		return ""
	case "max_retries", "min_retry_backoff", "max_retry_backoff", "dial_timeout", "read_timeout", "write_timeout",
		"pool_fifo", "pool_size", "pool_timeout", "min_idle_conns", "max_idle_conns", "max_active_conns",
		"conn_max_idle_time", "conn_max_lifetime", "skip_verify", "addr":
		return "redis-py"
	}
	return "redis-py, go-redis"
}

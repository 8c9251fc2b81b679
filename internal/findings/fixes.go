package findings

import (
	"net"
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
)

// WithFixes adds what to type. Fixes that are there already stay. Commands never hold a secret: where one is needed, they
// show where it goes.
func WithFixes(f finding.Finding) finding.Finding {
	if len(f.Fixes) > 0 {
		return f
	}
	for _, rule := range [](func(seen) []finding.Fix){
		configFixes, nearFixes, networkFixes, tlsFixes, protocolFixes, authFixes, stateFixes, serverFixes, apiFixes, cacheFixes,
	} {
		if fixes := rule(seen{f}); len(fixes) > 0 {
			f.Fixes = fixes
			return f
		}
	}
	return f
}

func networkFixes(s seen) []finding.Fix {
	switch s.ID {
	case "dns-not-found":
		host := s.text("host")
		if host != "" && !strings.ContainsAny(host, ".:") && !s.sentinel() {
			return []finding.Fix{
				{ID: "outside-compose", Command: s.elsewhere(net.JoinHostPort("localhost", s.text("port")))},
				{ID: "check-host"},
			}
		}
		return []finding.Fix{{ID: "check-host"}}
	case "dns-resolver-down":
		return []finding.Fix{{ID: "check-network"}}
	case "tcp-refused":
		if s.is("loopback") {
			return []finding.Fix{
				{ID: "start-compose", Command: "docker compose up -d redis"},
				{ID: "start-system", Command: "sudo systemctl start redis-server"},
				{ID: "inside-container"},
			}
		}
		return []finding.Fix{{ID: "check-port"}, {ID: "check-running"}}
	case "tcp-timeout", "tcp-unreachable":
		return []finding.Fix{{ID: "check-firewall"}}
	case "tcp-silent":
		return []finding.Fix{{ID: "look-at-server", Command: "docker compose logs --tail 50 redis"}}
	case "tcp-closed":
		return []finding.Fix{{ID: "check-port"}, {ID: "look-at-server", Command: "docker compose logs --tail 50 redis"}}
	case "tcp-unix-socket":
		return []finding.Fix{{ID: "check-socket", Command: "ls -l " + shellWord(s.Subject)}}
	}
	return nil
}

func tlsFixes(s seen) []finding.Fix {
	switch s.ID {
	case "tls-required":
		return []finding.Fix{{ID: "use-rediss", Command: s.spoken("rediss")}}
	case "tls-not-supported":
		return []finding.Fix{{ID: "use-redis", Command: s.spoken("redis")}, {ID: "enable-tls"}}
	case "tls-unknown-authority", "tls-self-signed":
		return []finding.Fix{{ID: "give-ca", Command: "olymp-cache test --tls-ca ca.pem"}}
	case "tls-name-mismatch":
		name, _, _ := strings.Cut(s.text("certificate_names"), ",")
		if name == "" {
			return nil
		}
		return []finding.Fix{
			{ID: "use-certificate-name"},
			{ID: "give-server-name", Command: "olymp-cache test --tls-server-name " + shellWord(name)},
		}
	case "tls-expired":
		return []finding.Fix{{ID: "renew-certificate"}}
	case "tls-not-yet-valid":
		return []finding.Fix{{ID: "check-clock", Command: "date -u"}}
	case "tls-client-cert-required":
		return []finding.Fix{{ID: "give-certificate", Command: "olymp-cache test --tls-cert client.crt --tls-key client.key"}}
	case "tls-version":
		return []finding.Fix{{ID: "raise-tls"}}
	case "tls-no-roots":
		return []finding.Fix{{ID: "install-roots", Command: "sudo apt-get install ca-certificates"}}
	}
	return nil
}

func protocolFixes(s seen) []finding.Fix {
	switch s.ID {
	case "proto-http", "proto-other":
		return []finding.Fix{{ID: "check-port"}}
	case "proto-sentinel":
		name, _, _ := strings.Cut(s.text("masters"), ",")
		if name == "" {
			name = "mymaster"
		}
		return []finding.Fix{{ID: "use-sentinel", Command: s.throughSentinel(name)}}
	case "sentinel-unknown-master":
		return []finding.Fix{{ID: "use-known-master"}}
	case "sentinel-not-a-sentinel":
		return []finding.Fix{{ID: "use-plain-url"}}
	}
	return nil
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

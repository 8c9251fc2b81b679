package findings

import (
	"slices"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
)

// Entry is one row of the catalogue: an id that scripts match on, for ever, and how bad it usually is. The words and the
// pages come from the message catalogues by the id.
type Entry struct {
	ID       string
	Severity finding.Severity // the worst that it is raised with
}

// Category is the family of the id.
func (e Entry) Category() string { return finding.Category(e.ID) }

// Catalogue is everything that can be found, in the order of the ladder: what to look at first stands first.
func Catalogue() []Entry { return slices.Clone(catalogue) }

// Known tells an id or a category of the catalogue.
func Known(word string) bool {
	return slices.ContainsFunc(catalogue, func(e Entry) bool { return e.ID == word || e.Category() == word })
}

// rank is the place of an id in the catalogue; what is not in it comes last.
func rank(id string) int {
	if i := slices.IndexFunc(catalogue, func(e Entry) bool { return e.ID == id }); i >= 0 {
		return i
	}
	return len(catalogue)
}

const (
	critical = finding.Critical
	warning  = finding.Warning
	info     = finding.Info
)

var catalogue = []Entry{
	{"config-url-missing", critical},
	{"config-url-no-scheme", critical},
	{"config-url-scheme", critical},
	{"config-url-rest-endpoint", critical},
	{"config-url-pasted-line", critical},
	{"config-url-connection-string", critical},
	{"config-url-encoded", critical},
	{"config-url-placeholder", critical},
	{"config-url-host", critical},
	{"config-url-port", critical},
	{"config-url-password-encoding", critical},
	{"config-url-sentinel-master", critical},
	{"config-tls-flags", info},
	{"config-tls-files", critical},
	{"config-setting", critical},
	{"config-env-syntax", critical},
	{"config-env-tracked", critical},
	{"config-disabled", warning},
	{"config-url-quotes", warning},
	{"config-url-whitespace", warning},
	{"config-url-password-as-user", warning},
	{"config-url-db", warning},
	{"config-url-option", info},
	{"config-url-scheme-alias", info},
	{"config-env-shadowed", warning},
	{"config-env-bom", warning},
	{"config-env-expansion", warning},
	{"config-env-permissions", warning},

	{"dns-compose-name-outside", critical},
	{"dns-compose-name-inside", critical},
	{"dns-render-internal-outside", critical},
	{"dns-railway-internal-outside", critical},
	{"dns-fly-internal-outside", critical},
	{"dns-docker-host-internal", critical},
	{"dns-ipv6-only", critical},
	{"dns-resolver-down", critical},
	{"dns-managed-gone", critical},
	{"dns-not-found", critical},

	{"tcp-refused-container-stopped", critical},
	{"tcp-refused-not-published", critical},
	{"tcp-refused-in-container", critical},
	{"tcp-refused-container-port", critical},
	{"tcp-refused-other-port", critical},
	{"tcp-refused-other-family", critical},
	{"tcp-refused-not-running", critical},
	{"tcp-refused", critical},
	{"tcp-timeout", critical},
	{"tcp-unreachable", critical},
	{"tcp-silent", critical},
	{"tcp-closed", critical},
	{"tcp-unix-socket", critical},

	{"tls-required", critical},
	{"tls-not-supported", critical},
	{"tls-unknown-authority", critical},
	{"tls-self-signed", critical},
	{"tls-name-mismatch", critical},
	{"tls-expired", critical},
	{"tls-not-yet-valid", critical},
	{"tls-client-cert-required", critical},
	{"tls-version", critical},
	{"tls-no-roots", critical},
	{"tls-failed", critical},
	{"tls-expires-soon", warning},
	{"tls-verification-off", warning},

	{"proto-http", critical},
	{"proto-other", critical},
	{"proto-sentinel", critical},
	{"proto-old-server", info},
	{"sentinel-unknown-master", critical},
	{"sentinel-master-down", critical},
	{"sentinel-not-a-sentinel", critical},

	{"auth-required", critical},
	{"auth-wrong", critical},
	{"auth-user-disabled", critical},
	{"auth-user-unsupported", critical},
	{"auth-ip-not-allowed", critical},
	{"auth-no-permission", critical},
	{"auth-not-configured", warning},
	{"auth-failures-seen", info},

	{"server-max-clients", critical},
	{"server-protected-mode", critical},
	{"server-quota-requests", critical},
	{"server-quota-size", critical},
	{"server-quota-connections", critical},
	{"server-db-range", critical},
	{"server-loading", critical},
	{"server-busy", critical},
	{"server-masterdown", critical},
	{"server-misconf", critical},
	{"server-oom-volatile", critical},
	{"server-oom", critical},
	{"server-readonly", critical},
	{"server-noreplicas", critical},
	{"server-cluster-down", critical},
	{"server-cluster-unreachable", critical},
	{"server-cluster-node-down", warning},
	{"server-try-again", critical},
	{"server-unknown-command", critical},
	{"server-error", critical},
	{"server-errors-seen", warning},
	{"server-old-version", warning},
	{"server-restarted", info},
	{"write-paused", critical},
	{"write-key-exists", critical},
	{"write-vanished", critical},
	{"write-mismatch", critical},
	{"write-ttl", critical},
	{"write-key-left", warning},

	{"persistence-failing", critical},
	{"memory-client-buffers", warning}, // what fills a memory stands before that it is full
	{"memory-high", critical},
	{"memory-no-limit", warning},
	{"memory-noeviction", warning},
	{"memory-volatile-no-ttl", warning},
	{"memory-fragmented", warning},
	{"memory-swapping", warning},
	{"memory-overhead", info},
	{"memory-peak", info},
	{"memory-scripts", info},
	{"clients-high", warning},
	{"clients-rejected", warning},
	{"clients-idle", info},
	{"latency-high", warning},
	{"latency-slowlog", warning},
	{"latency-big-key", warning},
	{"latency-event-fork", warning},
	{"latency-event-command", warning},
	{"latency-event-fast-command", warning},
	{"latency-event-aof", warning},
	{"latency-event-rdb", warning},
	{"latency-event-expire", warning},
	{"latency-event-eviction", warning},
	{"latency-event-defrag", warning},
	{"latency-event-other", info},
	{"cache-hit-rate-low", warning},
	{"cache-evicting", warning},
	{"cache-no-ttl", warning},
	{"cache-other-db", warning},
	{"cache-keys-command", warning},
	{"cache-flush-seen", info},
	{"cache-long-ttl", info},
	{"cache-prefix", info},
	{"cache-big-value", info},
	{"cache-many-dbs", info},
	{"api-unreachable", warning},
	{"api-error-status", warning},
	{"api-no-header", warning},
	{"api-always-miss", warning},
	{"api-always-hit-stale", warning},
	{"api-key-missing", warning},
	{"api-key-no-ttl", warning},
	{"api-key-long-ttl", warning},
	{"persistence-off", info},
	{"persistence-overcommit", info},

	{"security-intrusion", critical},
	{"security-exposed", critical},
	{"security-no-password", critical},
	{"security-plain-text", warning},
	{"security-outdated", warning},
	{"security-default-maxclients", info},
	{"security-dangerous-commands", info},
}

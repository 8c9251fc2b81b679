// Package findings judges: from what was observed to findings with what to type. Its functions are pure; they ask nothing
// of a server, a clock or a file.
package findings

import (
	"net"
	"slices"
	"strconv"

	"github.com/olympiades-ia/olymp-cache/internal/evidence"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
)

// InContext adds what is known of the target, so that the sentences and commands can name it. Evidence that is there
// already stays.
func InContext(f finding.Finding, t evidence.Target) finding.Finding {
	f.Evidence = slices.Clone(f.Evidence)
	add := func(name string, value any) {
		if f.Value(name) == nil {
			f.Evidence = append(f.Evidence, finding.Evidence{Name: name, Value: value})
		}
	}
	// Subject may be another node than the target: what the sentences name is where it happened.
	host, port, err := net.SplitHostPort(f.Subject)
	if err == nil {
		add("host", host)
		if n, err := strconv.Atoi(port); err == nil {
			add("port", n)
		}
	} else if t.Host != "" {
		add("host", t.Host)
		add("port", t.Port)
	}
	add("address", t.Address)
	add("db", t.DB)
	add("tls", t.TLS)
	add("loopback", t.Loopback)
	add("url", t.URL)
	add("has_password", t.Password != nil)
	if t.User != "" {
		add("user", t.User)
	}
	return f
}

// Passing tells whether waiting may mend it: an address that does not resolve or answer yet, a server that loads. A wrong
// password or certificate stays wrong.
func Passing(id string) bool {
	switch id {
	case "dns-not-found", "dns-resolver-down", "tcp-refused", "tcp-timeout", "tcp-unreachable", "tcp-silent", "tcp-closed",
		"tcp-unix-socket", "server-loading", "server-masterdown", "server-cluster-down", "server-cluster-unreachable",
		"server-max-clients", "server-busy", "server-try-again", "sentinel-unknown-master", "sentinel-master-down":
		return true
	}
	return false
}

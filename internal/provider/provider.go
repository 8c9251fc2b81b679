// Package provider is what is known of the services that run Redis for others: how they name hosts, what they refuse, what
// they limit. Each fact has its source; what no page says is left at its zero value, which claims nothing.
package provider

import (
	"slices"
	"strings"
	"time"
)

// Provider is one service.
type Provider struct {
	ID   string // "render", "upstash", "railway", "heroku", "aiven", "redis-cloud", "elasticache", "azure" or "fly"
	Name string // as people write it
	Docs string // the page on connecting to it

	// Platform is the name of the hosting platform among scene.Platforms whose own network resolves the internal names; empty
	// where the service has none, or leaves no variables that would prove where a process runs.
	Platform string
	// PrivateOnly tells a service that has no address outside its own network at all.
	PrivateOnly bool
	// SharedNames tells host names that other machines of that cloud have too: they suggest the service and do not prove it.
	SharedNames bool

	TLS            TLSUse
	PrivateCA      bool     // certificates of an authority of its own, which no system trusts
	OneDatabase    bool     // only database 0 can hold keys
	OwnMemoryLimit bool     // maxmemory is set by the plan
	DefaultPolicy  string   // maxmemory-policy of a new instance; empty: chosen at creation, or not documented
	Refuses        []string // commands, upper-case, whole («CONFIG») or with their second word («LATENCY LATEST»)
	IdleTimeout    time.Duration
	Connections    int // that its smallest plan allows at once; 0: not documented

	Sources []string // the pages, and threads of other projects, that the facts above come from
}

// TLSUse says where a service speaks TLS. The zero value claims nothing.
type TLSUse uint8

// The uses.
const (
	Unknown  TLSUse = iota
	Never           // nowhere
	Outside         // on the external address, and not on the internal one
	Always          // everywhere
	Optional        // as the instance was made, or by port
)

// Lookup is the service of that id.
func Lookup(id string) (Provider, bool) {
	i := slices.IndexFunc(providers, func(p Provider) bool { return p.ID == id })
	if i < 0 {
		return Provider{}, false
	}
	return providers[i], true
}

// Denies tells a command that the service refuses, «CONFIG GET» or «config».
func (p Provider) Denies(command string) bool {
	command = strings.ToUpper(strings.TrimSpace(command))
	whole, _, _ := strings.Cut(command, " ")
	return slices.Contains(p.Refuses, command) || slices.Contains(p.Refuses, whole)
}

package findings

import (
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/probe/trace"
	"github.com/olympiades-ia/olymp-cache/internal/provider"
	"github.com/olympiades-ia/olymp-cache/internal/surround/scene"
)

// refineTCP finds what is behind a connection that did not come about, or over which nothing came.
func refineTCP(v *view, raw finding.Finding) (finding.Finding, bool) {
	switch raw.ID {
	case "tcp-refused":
		if v.onLoopback() {
			return v.refusedHere(raw), true
		}
		return v.refusedThere(raw), true
	case "tcp-timeout", "tcp-unreachable":
		return with(raw, v.notReached(raw.ID)...), true
	case "tcp-silent", "tcp-closed":
		if spokenWrong(v, raw) != "" {
			return finding.Finding{}, false // a matter of TLS
		}
		return with(raw, v.behindPort(raw.ID)...), true
	}
	return finding.Finding{}, false
}

// notReached is evidence of why nobody answered the connection request: by the address, by the name, by the Sentinel that gave
// it, and by what stands around on this machine.
func (v *view) notReached(id string) []finding.Evidence {
	var seen []finding.Evidence
	if v.onLoopback() {
		if id == "tcp-timeout" { // no firewall is on the way: the queue of connections is full
			seen = append(seen, ev("reason", "queue-full", "tcp"))
		}
		return append(append(seen, v.owner(v.port())...), v.system()...)
	}
	where, private := v.privateAddress()
	if private {
		seen = append(seen, ev("private_address", where, "dns"))
	}
	seen = append(seen, v.ofProvider()...)
	if len(seen) == 0 && id == "tcp-timeout" {
		seen = append(seen, ev("reason", "firewall", "tcp"))
	}
	if all := v.dialled(); len(all) > 0 && id == "tcp-unreachable" {
		seen = append(seen, ev("dialled_address", all[0].String(), "dns"))
	}
	return append(seen, v.system()...)
}

// asked tells that what failed is an address that the configuration names, and not one that a server gave.
func (v *view) asked() bool {
	at := net.JoinHostPort(v.wantedHost(), strconv.Itoa(v.port()))
	return slices.Contains(strings.Split(strings.ToLower(v.Target.Address), ","), at)
}

// privateAddress is the first of the addresses that were tried, where all of them are of private networks.
func (v *view) privateAddress() (string, bool) {
	all := v.dialled()
	if len(all) == 0 || slices.ContainsFunc(all, func(a netip.Addr) bool { return public(a) || a.IsLoopback() }) {
		return "", false
	}
	return all[0].String(), true
}

// ofProvider is evidence of the provider whose address does not answer: one that has none outside its own network at all, or
// one that lets in only whom it was told to.
func (v *view) ofProvider() []finding.Evidence {
	id, internal := provider.OfHost(v.wantedHost())
	p, ok := provider.Lookup(id)
	switch {
	case !ok || p.SharedNames:
		return nil
	case (p.PrivateOnly || internal) && (p.Platform == "" || !v.onPlatform(p.Platform)):
		return []finding.Evidence{ev("private_provider", p.Name, "REDIS_URL"), ev("provider_id", id, "REDIS_URL")}
	}
	return []finding.Evidence{ev("provider", p.Name, "REDIS_URL"), ev("provider_id", id, "REDIS_URL")}
}

// refusedThere is evidence for a refusal by another machine, or by a container.
func (v *view) refusedThere(raw finding.Finding) finding.Finding {
	c, known := v.named(v.wantedHost())
	if !known {
		c, known = v.at(v.dialled())
	}
	inside := commandPort(c.Command)
	_, mapped := published(c, v.port())
	switch {
	case known && runs(c) && v.port() != inside && mapped:
		raw.ID = "tcp-refused-container-port"
		return with(raw, append([]finding.Evidence{ev("container_port", inside, "docker inspect")}, v.described(c)...)...)
	case known:
		return with(raw, v.described(c)...)
	}
	var seen []finding.Evidence
	if runtime, inside := v.application(); inside && !strings.Contains(v.wantedHost(), ".") && v.port() != defaultPort {
		seen = append(seen, ev("runtime", runtime, v.Around.Container.Source), ev("neighbour", true, ""))
	}
	return with(raw, append(seen, v.ofProvider()...)...)
}

// behindPort is evidence of who stands behind a port that accepts and then says nothing, or hangs up.
func (v *view) behindPort(id string) []finding.Evidence {
	var seen []finding.Evidence
	here := func(c scene.Container) bool { return !hasEnded(c) }
	c, p, ok := v.behind(v.port(), here)
	if !ok || !v.onLoopback() {
		if c, ok = v.named(v.wantedHost()); !ok {
			c, ok = v.at(v.dialled())
		}
		p = scene.PublishedPort{}
	}
	switch {
	case ok:
		seen = v.described(c)
		if c.State == "paused" {
			seen = append(seen, ev("reason", "paused", v.Around.Docker.Containers.Source))
		}
		if p.Port != 0 && id == "tcp-closed" {
			seen = append(seen, ev("container_port", p.Port, v.Around.Docker.Containers.Source))
		}
	case v.onLoopback():
		seen = append(v.owner(v.port()), v.engineEvidence()...)
	default:
		seen = v.ofProvider()
	}
	if v.Trace.Clear != nil && v.Trace.Clear.Problem == trace.Closed && v.Trace.Handshake != nil {
		seen = append(seen, ev("tls_tried", true, "tls"))
	}
	return append(seen, v.system()...)
}

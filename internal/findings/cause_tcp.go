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
	case "tcp-unix-socket":
		return v.socketFile(raw), true
	case "tcp-silent", "tcp-closed":
		if spokenWrong(v, raw) != "" {
			return finding.Finding{}, false // a matter of TLS
		}
		if f, ok := v.emptyPort(raw); ok {
			return f, true
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
		seen = append(seen, v.unreachableBy()...)
	}
	return append(seen, v.system()...)
}

// unreachableBy is evidence of who said that there is no way: this machine's own rules, or the network beyond it.
func (v *view) unreachableBy() []finding.Evidence {
	for _, d := range v.Trace.Dials {
		switch words := strings.ToLower(d.Words); {
		case strings.Contains(words, "permission denied"), strings.Contains(words, "not permitted"):
			return []finding.Evidence{ev("reason", "forbidden-here", "tcp")}
		case strings.Contains(words, "no route to host"):
			return []finding.Evidence{ev("reason", "host-unreachable", "tcp")}
		}
	}
	return nil
}

// socketFile adds the service that should have made the socket, where there is none or nobody listens on it.
func (v *view) socketFile(raw finding.Finding) finding.Finding {
	reason, _ := raw.Value("reason").(string)
	units, _ := v.Around.Units.Get()
	if at := stopped(units); at >= 0 && (reason == "missing" || reason == "refused") {
		raw = with(raw, ev("unit", units[at].Name, v.Around.Units.Source), ev("unit_state", units[at].ActiveState, v.Around.Units.Source))
	}
	return with(raw, v.system()...)
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
	case known && runs(c) && v.port() != inside && (mapped || v.usual()):
		raw.ID = "tcp-refused-container-port"
		return with(raw, append([]finding.Evidence{ev("container_port", inside, "docker inspect")}, v.described(c)...)...)
	case known:
		return with(raw, v.containerOf(c)...)
	}
	runtime, inContainer := v.application()
	if inContainer = inContainer && !strings.Contains(v.wantedHost(), "."); inContainer && v.usual() {
		raw.ID = "tcp-refused-container-port"
		return with(raw, ev("container_port", defaultPort, "PING"), ev("runtime", runtime, v.Around.Container.Source))
	}
	if v.usual() {
		raw.ID = "tcp-refused-other-port"
		at := net.JoinHostPort(v.wantedHost(), strconv.Itoa(defaultPort))
		return with(raw, ev("found_port", defaultPort, "PING"), ev("found_host", v.wantedHost(), "PING"), ev("found", at, "PING"))
	}
	var seen []finding.Evidence
	if inContainer && v.port() != defaultPort {
		seen = append(seen, ev("runtime", runtime, v.Around.Container.Source), ev("neighbour", true, ""))
	}
	return with(raw, append(seen, v.ofProvider()...)...)
}

// usual tells that a Redis answers on the usual port of the machine that refused.
func (v *view) usual() bool { return v.Trace.Usual != nil && v.Trace.Usual.RESP && v.overTCP() }

// emptyPort: Docker accepts for a container on a port that leads nowhere, and hangs up when it finds that out.
func (v *view) emptyPort(raw finding.Finding) (finding.Finding, bool) {
	if raw.ID != "tcp-closed" || !v.onLoopback() {
		return finding.Finding{}, false
	}
	if f, ok := v.containerStopped(raw); ok {
		return with(f, v.system()...), true
	}
	c, p, ok := v.behind(v.port(), runs)
	inside, told := toldPort(c)
	if !ok || !told || c.Product == "" || c.NetworkMode == "host" || p.Port == inside {
		return finding.Finding{}, false
	}
	raw.ID = "tcp-refused-not-published"
	source := v.Around.Docker.Containers.Source
	seen := []finding.Evidence{ev("container_port", inside, source), ev("published_instead", p.Port, source)}
	return with(raw, slices.Concat(seen, v.described(c), v.made(c), v.system())...), true
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
			seen = append(seen, v.bindsInside(c)...)
		}
	case v.onLoopback():
		seen = append(v.owner(v.port()), v.engineEvidence()...)
		if s, ok := v.listener(v.port()); ok && s.Stopped {
			seen = append(seen, ev("reason", "suspended", v.Around.Sockets.Source))
		}
	default:
		seen = v.ofProvider()
	}
	if id == "tcp-silent" && v.answeredBefore() && !slices.ContainsFunc(seen, func(e finding.Evidence) bool { return e.Name == "reason" }) {
		seen = append(seen, ev("reason", "fell-silent", v.Trace.Failure.Rung))
	}
	if v.Trace.Clear != nil && v.Trace.Clear.Problem == trace.Closed && v.Trace.Handshake != nil {
		seen = append(seen, ev("tls_tried", true, "tls"))
	}
	return append(seen, v.system()...)
}

// answeredBefore tells a server that has spoken Redis's protocol on an earlier rung.
func (v *view) answeredBefore() bool {
	return v.Trace.Failure != nil &&
		slices.Contains([]string{trace.Auth, trace.Select, trace.Ping, trace.State, trace.Write}, v.Trace.Failure.Rung)
}

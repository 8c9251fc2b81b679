package findings

import (
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/surround/scene"
)

// scope is from how far a server can be reached, as far as the evidence proves it.
type scope uint8

const (
	scopeUnknown  scope = iota
	scopeLoopback       // from its own machine only
	scopeService        // from the private network of a provider or of containers
	scopeNetwork        // from other machines of a network
	scopeEvery          // from every network that the machine is on, or from the internet
)

// reach is how far, and what shows it.
type reach struct {
	scope   scope
	listens string // the address it listens on or was reached at: "0.0.0.0:6379"
	source  string // where that was seen
	mapping string // for a published port: how it would be published on loopback only, "127.0.0.1:6379:6379"
}

// openDefault tells whether whoever connects may do all that the default user may, and what shows it.
func (v *view) openDefault(n *snapshot.Node) (open, known bool, source string) {
	if users, ok := n.Users.Get(); ok {
		for _, u := range users {
			if u.Name == "default" {
				return u.Enabled && u.NoPass, true, n.Users.Source
			}
		}
	}
	if self, ok := n.Self.Get(); ok && self.Name == "default" {
		return self.Enabled && self.NoPass, true, n.Self.Source
	}
	switch {
	case v.Target.HasCert: // whoever connects may have to show a certificate
		return false, false, ""
	case v.Target.Password == nil:
		return true, true, "AUTH was not sent"
	}
	if length, ok := n.Config.Value.PasswordLength.Get(); ok && n.Config.Known() && length > 0 {
		return false, true, "CONFIG GET requirepass"
	}
	return false, false, ""
}

// reachOf finds out how far an open server can be reached. It is asked of servers whose default user has no password only:
// protected mode counts.
func (v *view) reachOf(n *snapshot.Node) reach {
	i, _ := n.Info.Get()
	if c, ok := v.at(v.peers()); ok && !v.local() && c.NetworkMode != "host" {
		return v.reachInside(c)
	}
	if !v.local() {
		return v.reachFromHere()
	}
	if port, ok := i.Server.TCPPort.Get(); ok && port == 0 && !v.Target.TLS {
		return reach{scope: scopeLoopback, source: "INFO server"} // a socket file only
	}
	if protected(n, &i) {
		return reach{scope: scopeLoopback, source: "CONFIG GET protected-mode"}
	}
	if c, ok := v.container(&i); ok && c.NetworkMode != "host" {
		return v.reachPublished(c)
	}
	if !n.Config.Known() {
		return reach{} // protected mode may yet keep strangers out
	}
	wildcard, seen := v.wildcardSocket()
	if wildcard != "" {
		r := reach{scope: scopeEvery, listens: wildcard, source: v.Around.Sockets.Source}
		if inside, ok := i.Server.TCPPort.Get(); ok && i.Server.ProcessID.Or(0) == containerPID {
			r.mapping = mapping(v.port(), int(inside))
		}
		return r
	}
	r := v.boundTo(n)
	switch {
	case r.scope <= scopeLoopback:
		return r
	case i.Server.ProcessID.Or(0) == containerPID, seen && r.scope == scopeEvery:
		// It listens everywhere in its container, or behind a tunnel: from where that can be reached is not known here.
		return reach{}
	}
	return r
}

// reachFromHere judges a server by the address at which it was reached.
func (v *view) reachFromHere() reach {
	peers := v.peers()
	at := net.JoinHostPort(v.Trace.Host, strconv.Itoa(v.port()))
	switch {
	case slices.ContainsFunc(peers, public):
		at = net.JoinHostPort(peers[slices.IndexFunc(peers, public)].String(), strconv.Itoa(v.port()))
		return reach{scope: scopeEvery, listens: at, source: "tcp"}
	case v.managed(), !strings.ContainsAny(v.Trace.Host, ".:") && v.inService(), strings.HasSuffix(v.Trace.Host, ".internal"),
		strings.HasSuffix(v.Trace.Host, ".svc.cluster.local"):
		// «redis» in a Compose network, «red-…» at Render, a service of Kubernetes.
		return reach{scope: scopeService, listens: at, source: "tcp"}
	}
	return reach{scope: scopeNetwork, listens: at, source: "tcp"}
}

// inService tells a process that runs among containers or on a platform: a name without a dot is a service's there, and on an
// office's network a machine's.
func (v *view) inService() bool {
	if _, inside := v.application(); inside {
		return true
	}
	platforms, _ := v.Around.Platforms.Get()
	return len(platforms) > 0
}

// reachInside judges a container of this machine that was reached at its own address: its network knows it, and whom its
// published ports let in.
func (v *view) reachInside(c scene.Container) reach {
	if r := v.reachPort(c, v.port()); r.scope > scopeService {
		return r
	}
	return reach{scope: scopeService, listens: net.JoinHostPort(v.Trace.Host, strconv.Itoa(v.port())), source: sourcePorts}
}

// reachPublished judges a container by the ports that lead into it.
func (v *view) reachPublished(c scene.Container) reach {
	inside := 0
	for _, p := range c.Ports {
		if p.HostPort == v.port() && isTCP(p) {
			inside = p.Port
		}
	}
	return v.reachPort(c, inside)
}

// reachPort judges one port of a container by the ports of this machine that lead to it.
func (*view) reachPort(c scene.Container, inside int) reach {
	r := reach{scope: scopeLoopback, source: sourcePorts}
	for _, p := range c.Ports {
		if p.Port != inside || !isTCP(p) || p.HostPort == 0 {
			continue
		}
		host := p.HostIP
		if host == "" {
			host = "0.0.0.0"
		}
		a, err := netip.ParseAddr(host)
		if err != nil || a.IsLoopback() {
			continue
		}
		r = reach{
			scope: scopeNetwork, source: sourcePorts, listens: net.JoinHostPort(host, strconv.Itoa(p.HostPort)),
			mapping: mapping(p.HostPort, p.Port),
		}
		if p.EveryAddress() || public(a) {
			r.scope = scopeEvery
			return r
		}
	}
	return r
}

// sourcePorts is where the ports of containers are seen.
const sourcePorts = "docker ps"

// wildcardSocket is the listener of the server's port on every address of this machine, if there is one, and whether any
// listener of that port was seen.
func (v *view) wildcardSocket() (at string, seen bool) {
	sockets, _ := v.Around.Sockets.Get()
	for _, s := range sockets {
		if s.Port != v.port() {
			continue
		}
		seen = true
		if a, err := netip.ParseAddr(s.Address); err == nil && a.IsUnspecified() {
			return net.JoinHostPort(s.Address, strconv.Itoa(s.Port)), true
		}
	}
	return "", seen
}

// protected tells whether protected mode keeps strangers out of a server without a password. Before Redis 7 it gives way to
// an address that was bound on purpose.
func protected(n *snapshot.Node, i *snapshot.Info) bool {
	on, ok := n.Config.Value.Bool("protected-mode")
	if !n.Config.Known() || !ok || !on {
		return false
	}
	v, ok := versionOf(i.Server.RedisVersion)
	return !ok || v.major >= 7 || n.Config.Value.Values["bind"] == ""
}

// boundTo judges by CONFIG's bind. An empty one listens everywhere; «-» before an address makes it optional.
func (v *view) boundTo(n *snapshot.Node) reach {
	f := n.Setting("bind")
	if !f.Known() {
		return reach{}
	}
	r := reach{scope: scopeLoopback, source: f.Source}
	words := strings.Fields(string(f.Value))
	if len(words) == 0 {
		words = []string{"*"}
	}
	for _, word := range words {
		word = strings.TrimPrefix(word, "-")
		a, err := netip.ParseAddr(word)
		at := net.JoinHostPort(word, strconv.Itoa(v.port()))
		switch {
		case word == "*", word == "::*", err == nil && (a.IsUnspecified() || public(a)):
			return reach{scope: scopeEvery, listens: at, source: f.Source}
		case err == nil && !a.IsLoopback():
			r = reach{scope: scopeNetwork, listens: at, source: f.Source}
		}
	}
	return r
}

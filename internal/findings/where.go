package findings

import (
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/evidence"
	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/probe/trace"
	"github.com/olympiades-ia/olymp-cache/internal/surround/scene"
)

// on is the outcome of one finding about one server; in a cluster its subject says which, so that commands go there.
func (v *view) on(n *snapshot.Node, id string, severity finding.Severity, seen ...finding.Evidence) outcome {
	o := one(id, severity, append(seen, v.settable(n, id)...)...)
	if len(v.nodes()) > 1 {
		o.found[0].Subject = n.Addr
	}
	return o
}

// with is a finding with more evidence; what it has already stays.
func with(f finding.Finding, more ...finding.Evidence) finding.Finding {
	f.Evidence = slices.Clone(f.Evidence)
	for _, e := range more {
		if f.Value(e.Name) == nil {
			f.Evidence = append(f.Evidence, e)
		}
	}
	return f
}

// number is one piece of evidence if the server told the value, and none otherwise.
func number(name string, value snapshot.Opt[int64], unit, source string) []finding.Evidence {
	n, ok := value.Get()
	switch {
	case !ok:
		return nil
	case unit == "s":
		return []finding.Evidence{evUnit(name, float64(n), unit, source)}
	}
	return []finding.Evidence{evUnit(name, n, unit, source)}
}

// nodeAt is the server at that address, else the first that answered.
func (v *view) nodeAt(addr string) *snapshot.Node {
	nodes := v.nodes()
	for i := range nodes {
		if nodes[i].Addr == addr {
			return &nodes[i]
		}
	}
	if len(nodes) == 0 {
		return nil
	}
	return &nodes[0]
}

// infoAt is INFO of the server at that address; false where it is not known.
func (v *view) infoAt(addr string) (*snapshot.Node, snapshot.Info, bool) {
	n := v.nodeAt(addr)
	if n == nil {
		return nil, snapshot.Info{}, false
	}
	i, ok := n.Info.Get()
	return n, i, ok
}

// of is the view in which the way is that to one server: behind Sentinel and in a cluster the trace is of another one.
func (v *view) of(n *snapshot.Node) *view {
	host, digits, err := net.SplitHostPort(n.Addr)
	port, notNumber := strconv.Atoi(digits)
	if _, notAddress := netip.ParseAddr(host); err != nil || notNumber != nil || notAddress != nil ||
		host == v.Trace.Host && port == v.Trace.Port {
		return v
	}
	e := *v.Evidence
	e.Trace.Host, e.Trace.Port, e.Trace.Dials = host, port, nil
	return &view{&e}
}

// advisedTarget is the target as commands name it: behind Sentinels, the server that they led to. What is said of a Sentinel has
// that one as its subject.
func (v *view) advisedTarget() evidence.Target {
	t := v.Target
	addr := v.Trace.Server.Addr
	if nodes := v.nodes(); len(nodes) > 0 {
		addr = nodes[0].Addr
	}
	if t.Network != config.NetworkSentinel || v.Trace.Server.Sentinel {
		return t
	}
	host, digits, err := net.SplitHostPort(addr)
	port, notNumber := strconv.Atoi(digits)
	if err == nil && notNumber == nil {
		a, notAddress := netip.ParseAddr(host)
		t.Host, t.Port, t.Loopback = host, port, host == "localhost" || notAddress == nil && a.IsLoopback()
	}
	return t
}

// peers are the addresses that answered; of a host that is written as an address, that one.
func (v *view) peers() []netip.Addr {
	var all []netip.Addr
	add := func(text string) {
		if a, err := netip.ParseAddr(text); err == nil {
			all = append(all, own(a))
		}
	}
	for _, d := range v.Trace.Dials {
		if d.Problem == "" {
			add(d.Address)
		}
	}
	if len(all) == 0 {
		add(v.Trace.Host)
	}
	if len(all) == 0 && v.Trace.Host == "" {
		add(v.Target.Host)
	}
	return all
}

// shared are the addresses of carrier-grade NAT, which VPNs such as Tailscale use too: RFC 6598.
var shared = netip.MustParsePrefix("100.64.0.0/10")

// public tells an address that the whole internet may reach.
func public(a netip.Addr) bool {
	return a.IsGlobalUnicast() && !a.IsPrivate() && !shared.Contains(a)
}

// local tells a server that was reached over this machine's own loopback or a socket file.
func (v *view) local() bool {
	if v.Target.Network == config.NetworkUnix {
		return true
	}
	peers := v.peers()
	if len(peers) == 0 {
		return v.Target.Loopback
	}
	return !slices.ContainsFunc(peers, func(a netip.Addr) bool { return !a.IsLoopback() })
}

// port is where the server was reached; 0 for a socket file.
func (v *view) port() int {
	if v.Trace.Port != 0 {
		return v.Trace.Port
	}
	return v.Target.Port
}

// container is the container of this machine in which the server runs.
func (v *view) container(i *snapshot.Info) (scene.Container, bool) {
	if !v.local() {
		return scene.Container{}, false
	}
	for _, c := range v.near() {
		if !runs(c) {
			continue
		}
		if c.NetworkMode == "host" && c.Product != "" && i.Server.ProcessID.Or(0) == containerPID &&
			i.Server.TCPPort.Or(0) == int64(v.port()) {
			return c, true
		}
		if slices.ContainsFunc(c.Ports, func(p scene.PublishedPort) bool { return p.HostPort == v.port() && isTCP(p) }) {
			return c, true
		}
	}
	return scene.Container{}, false
}

// containerPID is the process number of a server that was started as the one process of a container.
const containerPID = 1

func isTCP(p scene.PublishedPort) bool { return p.Protocol == "" || p.Protocol == "tcp" }

// elsewhere tells a DOCKER_HOST whose containers run on another machine.
func elsewhere(scheme string) bool {
	return scheme != "" && scheme != "unix" && scheme != "npipe"
}

// unit is the systemd service of this machine that is the server.
func (v *view) unit(i *snapshot.Info) (string, bool) {
	units, ok := v.Around.Units.Get()
	pid := i.Server.ProcessID.Or(0)
	if !ok || !v.local() || pid <= containerPID {
		return "", false
	}
	for _, u := range units {
		if int64(u.MainPID) == pid {
			return u.Name, true
		}
	}
	return "", false
}

// home is evidence of where the server runs, for commands that fit there.
func (v *view) home(i *snapshot.Info) []finding.Evidence {
	if c, ok := v.container(i); ok {
		client, _ := v.Around.Docker.Client.Get()
		seen := []finding.Evidence{ev("container", c.Name, "docker ps"), ev("image", c.Image, "docker ps")}
		if client.Engine != "" {
			seen = append(seen, ev("engine", client.Engine, "docker version"))
		}
		if c.Compose.Service != "" {
			seen = append(seen, ev("service", c.Compose.Service, "docker inspect"))
		}
		return seen
	}
	if name, ok := v.unit(i); ok {
		return []finding.Evidence{ev("unit", name, "systemctl show")}
	}
	if v.runsHere(i) {
		return []finding.Evidence{ev("here", true, v.Around.Sockets.Source)}
	}
	return nil
}

// runsHere tells a server whose very process listens on this machine, whatever address it was reached at.
func (v *view) runsHere(i *snapshot.Info) bool {
	sockets, _ := v.Around.Sockets.Get()
	pid := i.Server.ProcessID.Or(0)
	return pid > containerPID && slices.ContainsFunc(sockets, func(s scene.Socket) bool {
		return int64(s.PID) == pid && s.Port == v.port()
	})
}

// managedSkip is the outcome of a rule on something that a provider decides.
func (v *view) managedSkip(ids ...string) outcome {
	return skip(ReasonNotAsked, v.Target.Provider, ids...)
}

// replyWord is the first word of the error that ended the climb: «OOM», «READONLY»; empty where there is none.
func replyWord(f *trace.Failure) string {
	if f == nil {
		return ""
	}
	reply, _ := f.Finding.Value("reply").(string)
	word, _, _ := strings.Cut(reply, " ")
	return word
}

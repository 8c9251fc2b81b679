package findings

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/surround/scene"
)

// wantedHost is what was looked up and dialled, in lower case and without its last dot; empty for a socket file.
func (v *view) wantedHost() string {
	host := v.Trace.Host
	if host == "" {
		host = v.Target.Host
	}
	return strings.TrimSuffix(strings.ToLower(host), ".")
}

// overTCP tells a target that is one server at host:port, which another address can stand in for.
func (v *view) overTCP() bool { return v.Target.Network == config.NetworkTCP || v.Target.Network == "" }

// onLoopback tells that what was dialled is this machine's (or this container's) own loopback.
func (v *view) onLoopback() bool {
	host := v.wantedHost()
	if a, err := netip.ParseAddr(host); err == nil {
		return own(a).IsLoopback()
	}
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	// Debian gives a machine's own name the address 127.0.1.1.
	return len(v.Trace.Dials) > 0 && !slices.ContainsFunc(v.dialled(), func(a netip.Addr) bool { return !a.IsLoopback() })
}

// own is an address as it was dialled: systems take 0.0.0.0 and :: for their own loopback.
func own(a netip.Addr) netip.Addr {
	switch a = a.Unmap().WithZone(""); {
	case !a.IsUnspecified():
		return a
	case a.Is4():
		return netip.AddrFrom4([4]byte{127, 0, 0, 1})
	}
	return netip.IPv6Loopback()
}

// dialled are the addresses that were tried.
func (v *view) dialled() []netip.Addr {
	var all []netip.Addr
	for _, d := range v.Trace.Dials {
		if a, err := netip.ParseAddr(d.Address); err == nil {
			all = append(all, own(a))
		}
	}
	if a, err := netip.ParseAddr(v.wantedHost()); err == nil && len(all) == 0 {
		all = append(all, own(a))
	}
	return all
}

// application tells a process that runs in a container of an application, where «localhost» is that container alone, and in
// which kind. LXC and nspawn run whole machines, with an init and services of their own; in the host's network, localhost is
// the host.
func (v *view) application() (runtime string, inside bool) {
	own, known := v.Around.Container.Get()
	if !known || !own.Inside || own.Runtime == "lxc" || own.Runtime == "nspawn" || own.Bridge != "" || v.hasEngine() {
		return "", false
	}
	return own.Runtime, true
}

// hasEngine tells a machine with a container engine of its own, and this process in none of its containers: the engine lists
// none that could be ours. Signs such as /.dockerenv then come from how the machine itself was made.
func (v *view) hasEngine() bool {
	d := v.Around.Docker
	_, listed := d.Containers.Get()
	return listed && d.Others == 0 && !v.dockerElsewhere()
}

// outside tells a process of which it is known that it runs in no such container.
func (v *view) outside() bool {
	if _, inside := v.application(); inside {
		return false
	}
	_, known := v.Around.Container.Get()
	return known || v.Around.OS != "" && v.Around.OS != "linux" // elsewhere there are no containers to be in
}

// answerAt is what one port of this machine said.
func (v *view) answerAt(address string, port int) (scene.Answer, bool) {
	all, _ := v.Around.Answers.Get()
	i := slices.IndexFunc(all, func(a scene.Answer) bool { return a.Address == address && a.Port == port })
	if i < 0 {
		return scene.Answer{}, false
	}
	return all[i], true
}

// asRedis tells an answer in Redis's own words.
func asRedis(a scene.Answer) bool {
	switch a.Kind {
	case scene.AnswerPong, scene.AnswerAuth, scene.AnswerDenied, scene.AnswerError:
		return true
	}
	return false
}

// defaultPort is Redis's, and sentinelPort a Sentinel's: it answers PING too and holds no keys.
const (
	defaultPort  = 6379
	sentinelPort = 26379
)

// redisHere is the Redis of this machine that answers on another port than the one that was asked; IPv4 first, and the
// default port first.
func (v *view) redisHere(not int) (scene.Answer, bool) {
	all, _ := v.Around.Answers.Get()
	var best scene.Answer
	for _, a := range all {
		if a.Port == not || a.Port == sentinelPort || !asRedis(a) {
			continue
		}
		switch {
		case best.Port == 0, a.Port == defaultPort && best.Port != defaultPort,
			a.Port == best.Port && best.Address == "::1":
			best = a
		}
	}
	return best, best.Port != 0
}

// listener is who listens on a port, as far as this user may see it.
func (v *view) listener(port int) (scene.Socket, bool) {
	all, _ := v.Around.Sockets.Get()
	i := slices.IndexFunc(all, func(s scene.Socket) bool { return s.Port == port })
	if i < 0 {
		return scene.Socket{}, false
	}
	return all[i], true
}

// owner is evidence of the process that has a port.
func (v *view) owner(port int) []finding.Evidence {
	s, ok := v.listener(port)
	if !ok || s.PID == 0 {
		return nil
	}
	seen := []finding.Evidence{ev("pid", s.PID, v.Around.Sockets.Source)}
	if s.Process != "" {
		seen = append(seen, ev("process", s.Process, v.Around.Sockets.Source))
	}
	return seen
}

// serverPrograms are programs that can be started here, the first that is installed.
var serverPrograms = []string{"redis-server", "valkey-server", "keydb-server", "redis-stack-server"}

// installed is the server program of this machine.
func (v *view) installed() (scene.Program, bool) {
	all, _ := v.Around.Programs.Get()
	for _, name := range serverPrograms {
		if i := slices.IndexFunc(all, func(p scene.Program) bool { return p.Name == name }); i >= 0 {
			return all[i], true
		}
	}
	return scene.Program{}, false
}

// system is evidence of the operating system: commands differ.
func (v *view) system() []finding.Evidence {
	if v.Around.OS == "" {
		return nil
	}
	seen := []finding.Evidence{ev("os", v.Around.OS, "")}
	if all, told := v.Around.Programs.Get(); told {
		seen = append(seen, ev("packager", packagerOf(all), v.Around.Programs.Source))
	}
	return seen
}

// packagerOf is the program that installs software here, "" for none that is known.
func packagerOf(all []scene.Program) string {
	for _, p := range all {
		if _, ok := packages[p.Name]; ok {
			return p.Name
		}
	}
	return ""
}

// commandPort is the port that a server's command line tells it to listen on: «--port 6380», «redis-server *:6380».
func commandPort(command []string) int {
	for i, arg := range command {
		text := ""
		switch {
		case arg == "--port" && i+1 < len(command):
			text = command[i+1]
		case strings.HasPrefix(arg, "*:"):
			text = arg[2:]
		default:
			if _, rest, ok := strings.Cut(arg, "--port "); ok { // inside sh -c "…"
				text, _, _ = strings.Cut(strings.TrimSpace(rest), " ")
			}
		}
		if n, err := strconv.Atoi(text); err == nil && n > 0 {
			return n
		}
	}
	return defaultPort
}

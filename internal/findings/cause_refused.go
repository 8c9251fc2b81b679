package findings

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/surround/scene"
)

// refusedHere finds why nothing listens on a port of this machine, the surest cause first.
func (v *view) refusedHere(raw finding.Finding) finding.Finding {
	for _, cause := range []func(finding.Finding) (finding.Finding, bool){
		v.containerStopped, v.notPublished, v.insideContainer, v.otherFamily, v.otherPort, v.hiddenElsewhere, v.notRunning,
	} {
		if f, ok := cause(raw); ok {
			return with(f, append(v.build(), v.system()...)...)
		}
	}
	var seen []finding.Evidence
	if s, ok := v.listener(v.port()); ok && !v.refusesAt(s.Address) {
		seen = append(seen, ev("listens_on", s.Address, v.Around.Sockets.Source))
		seen = append(seen, v.owner(v.port())...)
	}
	if c, _, ok := v.behind(v.port(), runs); ok {
		seen = append(seen, v.described(c)...)
	}
	if wsl, ok := v.Around.WSL.Get(); ok && wsl.Inside {
		seen = append(seen, ev("wsl", true, v.Around.WSL.Source))
	}
	if v.overTCP() {
		seen = append(seen, v.running()...)
	}
	seen = append(append(seen, v.engineEvidence()...), v.build()...)
	return with(raw, append(seen, v.system()...)...)
}

// refusesAt tells an address that was tried in vain, or that stands for all of them.
func (v *view) refusesAt(address string) bool {
	a, err := netip.ParseAddr(address)
	return err != nil || a.IsUnspecified() || slices.Contains(v.dialled(), a)
}

// containerStopped: the container that publishes this very port is there and does not run.
func (v *view) containerStopped(raw finding.Finding) (finding.Finding, bool) {
	c, _, ok := v.behind(v.port(), v.down)
	if !ok {
		return finding.Finding{}, false
	}
	raw.ID = "tcp-refused-container-stopped"
	return with(raw, v.containerOf(c)...), true
}

// notPublished: a server runs in a container, on the port that was asked for, and no port of this machine leads to it.
func (v *view) notPublished(raw finding.Finding) (finding.Finding, bool) {
	for _, c := range v.near() {
		if address, ok := outsideAddress(c, v.port()); ok {
			raw.ID = "tcp-refused-not-published"
			seen := append([]finding.Evidence{ev("published_on", address, v.Around.Docker.Containers.Source)}, v.described(c)...)
			return with(raw, seen...), true
		}
	}
	return v.unpublished(raw, func(c scene.Container) bool { return commandPort(c.Command) == v.port() })
}

// hiddenElsewhere is notPublished for a server on another port than the one that was asked for: it may be another one. It is
// said only where no server is installed on the machine itself.
func (v *view) hiddenElsewhere(raw finding.Finding) (finding.Finding, bool) {
	units, _ := v.Around.Units.Get()
	if _, ok := v.installed(); ok || len(units) > 0 {
		return finding.Finding{}, false
	}
	return v.unpublished(raw, func(scene.Container) bool { return true })
}

func (v *view) unpublished(raw finding.Finding, is func(scene.Container) bool) (finding.Finding, bool) {
	all := v.near()
	i := slices.IndexFunc(all, func(c scene.Container) bool { return hidden(c) && is(c) })
	if i < 0 {
		return finding.Finding{}, false
	}
	c := all[i]
	raw.ID = "tcp-refused-not-published"
	seen := []finding.Evidence{ev("container_port", commandPort(c.Command), v.Around.Docker.Containers.Source)}
	if n := slices.IndexFunc(c.Networks, func(n scene.DockerNetwork) bool { return n.Address != "" }); n >= 0 && v.Around.OS == "linux" {
		seen = append(seen, ev("container_address", c.Networks[n].Address, v.Around.Docker.Containers.Source))
	}
	if runtime, inside := v.application(); inside {
		seen = append(seen, ev("runtime", runtime, v.Around.Container.Source))
	}
	return with(raw, slices.Concat(seen, v.described(c), v.made(c))...), true
}

// insideContainer: «localhost» in a container of an application is that container alone. One that has a server installed may
// well be meant to run it.
func (v *view) insideContainer(raw finding.Finding) (finding.Finding, bool) {
	runtime, inside := v.application()
	where := v.host()
	if _, ok := v.installed(); ok || !inside && where == nil {
		return finding.Finding{}, false
	}
	raw.ID = "tcp-refused-in-container"
	var seen []finding.Evidence
	if runtime != "" {
		seen = append(seen, ev("runtime", runtime, v.Around.Container.Source))
	}
	if own, _ := v.Around.Container.Get(); inside && len(own.Evidence) > 0 {
		seen = append(seen, ev("container_sign", own.Evidence[0], v.Around.Container.Source))
	}
	// Whoever sees the engine from inside sees the service that is meant.
	if c, _, ok := v.behind(v.port(), runs); ok && c.Compose.Service != "" {
		seen = append(seen, ev("service", c.Compose.Service, v.Around.Docker.Containers.Source))
	}
	return with(raw, append(seen, where...)...), true
}

// otherFamily: IPv6 was refused and IPv4 answers on the same port, or the reverse.
func (v *view) otherFamily(raw finding.Finding) (finding.Finding, bool) {
	for _, a := range v.dialled() {
		other := "127.0.0.1"
		if a.Is4() {
			other = "::1"
		}
		if found, ok := v.answerAt(other, v.port()); ok && asRedis(found) && v.overTCP() {
			raw.ID = "tcp-refused-other-family"
			return with(raw, append([]finding.Evidence{ev("refused_address", a.String(), "tcp")},
				foundAt(found, v.Around.Answers.Source)...)...), true
		}
	}
	return finding.Finding{}, false
}

// otherPort: a Redis answers on another local port.
func (v *view) otherPort(raw finding.Finding) (finding.Finding, bool) {
	found, ok := v.redisHere(v.port())
	if !ok || !v.overTCP() {
		return finding.Finding{}, false
	}
	raw.ID = "tcp-refused-other-port"
	seen := foundAt(found, v.Around.Answers.Source)
	if c, _, ok := v.behind(found.Port, runs); ok {
		seen = append(seen, ev("container", c.Name, v.Around.Docker.Containers.Source))
	} else if s, ok := v.listener(found.Port); ok && s.Process != "" {
		seen = append(seen, ev("process", s.Process, v.Around.Sockets.Source))
	}
	return with(raw, seen...), true
}

// notRunning: a server is installed on this machine, nothing listens on the port, and systemd, if there is one, says why.
func (v *view) notRunning(raw finding.Finding) (finding.Finding, bool) {
	if s, ok := v.listener(v.port()); ok && !v.refusesAt(s.Address) || !v.overTCP() {
		return finding.Finding{}, false // something listens, on another address
	}
	program, installed := v.installed()
	units, _ := v.Around.Units.Get()
	at := stopped(units)
	if at < 0 && !installed {
		return finding.Finding{}, false
	}
	raw.ID = "tcp-refused-not-running"
	var seen []finding.Evidence
	if at >= 0 {
		seen = v.unitEvidence(units[at])
	}
	if installed {
		seen = append(seen, ev("program", program.Name, v.Around.Programs.Source), ev("program_path", program.Path, v.Around.Programs.Source))
	}
	if runtime, inside := v.application(); inside {
		seen = append(seen, ev("runtime", runtime, v.Around.Container.Source))
	}
	return with(raw, append(seen, v.running()...)...), true
}

// stopped is the unit to start: one that failed first, then one that is enabled; −1 where there is none, or where another
// runs: that one is then another server, or this one on another port.
func stopped(units []scene.Unit) int {
	best, score := -1, 0
	for i, u := range units {
		if u.ActiveState == "active" {
			return -1
		}
		n := 1
		switch {
		case u.ActiveState == "failed", u.SubState == "auto-restart":
			n = 4
		case u.UnitFileState == "enabled":
			n = 3
		case !strings.Contains(u.Name, "@"): // an instance of a template was made on purpose, the plain one by a package
			n = 2
		}
		if n > score {
			best, score = i, n
		}
	}
	return best
}

func (v *view) unitEvidence(u scene.Unit) []finding.Evidence {
	source := v.Around.Units.Source
	seen := []finding.Evidence{ev("unit", u.Name, source), ev("unit_state", u.ActiveState, source)}
	switch {
	case u.LoadState == "masked" || u.UnitFileState == "masked":
		return append(seen, ev("reason", "masked", source))
	case u.ActiveState != "failed" && u.SubState != "auto-restart":
		return append(seen, ev("reason", "inactive", source)) // the journal of one that nobody started is an old story
	}
	seen = append(seen, ev("reason", unitEnd(u), source), ev("unit_result", u.Result, source), ev("exit_code", u.ExecMainStatus, source))
	if lines, ok := u.Journal.Get(); ok && len(lines) > 0 {
		seen = append(seen, ev("last_log", lastWords(lastLine(lines)), u.Journal.Source))
	}
	return seen
}

// unitEnd is one of the reasons of the catalogue.
func unitEnd(u scene.Unit) string {
	switch {
	case u.Result == "oom-kill":
		return "out-of-memory"
	case u.Result == "start-limit-hit":
		return "start-limit"
	case u.SubState == "auto-restart":
		return "restarts-again"
	}
	return "failed"
}

// lastLine is the last line of a journal that the server itself wrote, and not systemd about it.
func lastLine(lines []string) string {
	for _, line := range slices.Backward(lines) {
		if !strings.Contains(line, "systemd[1]") {
			return line
		}
	}
	return lines[len(lines)-1]
}

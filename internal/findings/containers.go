package findings

import (
	"cmp"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/sorting"
	"github.com/olympiades-ia/olymp-cache/internal/surround/scene"
)

// localContexts are the names that Docker's contexts of this machine have: its own, and those of Docker Desktop, Colima,
// Rancher Desktop, OrbStack and rootless Docker. Any other may lead to another machine.
var localContexts = []string{"default", "desktop-linux", "desktop-windows", "colima", "rancher-desktop", "orbstack", "rootless"}

// dockerElsewhere tells a container engine that runs on another machine, or may: its ports are not this loopback's.
func (v *view) dockerElsewhere() bool {
	client, known := v.Around.Docker.Client.Get()
	return known && (elsewhere(client.HostScheme) || client.Context != "" && !slices.Contains(localContexts, client.Context))
}

// near are the containers of this machine that look like Redis; none where the engine is elsewhere, silent or not there.
func (v *view) near() []scene.Container {
	all, ok := v.Around.Docker.Containers.Get()
	if !ok || v.dockerElsewhere() {
		return nil
	}
	return all
}

// engineState says in one word what is known of the container engine, for what to type: "here", "stopped" (the client is
// there, its daemon does not run), "denied", "silent", "elsewhere" or "none"; empty where nobody could tell.
func (v *view) engineState() string {
	if v.dockerElsewhere() {
		return "elsewhere"
	}
	switch v.Around.Docker.Containers.Status {
	case scene.OK:
		return "here"
	case scene.Missing:
		return "stopped"
	case scene.Denied:
		return "denied"
	case scene.Failed, scene.TimedOut:
		return "silent"
	}
	if v.Around.Docker.Client.Status == scene.Missing {
		return "none"
	}
	return ""
}

// engineEvidence is what commands for the engine need.
func (v *view) engineEvidence() []finding.Evidence {
	var seen []finding.Evidence
	if state := v.engineState(); state != "" {
		seen = append(seen, ev("docker", state, v.Around.Docker.Client.Source))
	}
	client, known := v.Around.Docker.Client.Get()
	if known && client.Engine != "" {
		seen = append(seen, ev("engine", client.Engine, v.Around.Docker.Client.Source))
	}
	if v.composeAlone() {
		seen = append(seen, ev("compose_command", "docker-compose", v.Around.Docker.Standalone.Source))
	}
	return seen
}

// composeAlone tells that Compose is here as a program of its own only. One that started and was too slow to give its version,
// as the first Compose may be, is there too.
func (v *view) composeAlone() bool {
	d := v.Around.Docker
	_, plugin := d.Plugin.Get()
	_, alone := d.Standalone.Get()
	return alone && !plugin || d.Plugin.Status == scene.Missing && d.Standalone.Status == scene.TimedOut
}

// described is evidence of one container.
func (v *view) described(c scene.Container) []finding.Evidence {
	source := v.Around.Docker.Containers.Source
	seen := []finding.Evidence{
		ev("container", c.Name, source), ev("image", c.Image, source), ev("container_state", c.State, source),
	}
	for _, label := range []struct{ name, value string }{
		{"service", c.Compose.Service},
		{"project", c.Compose.Project},
		{"working_dir", c.Compose.WorkingDir},
		{"config_files", c.Compose.ConfigFiles},
		{"health", c.Health},
	} {
		if label.value != "" {
			seen = append(seen, ev(label.name, label.value, source))
		}
	}
	if c.Health == "unhealthy" && c.HealthOutput != "" {
		seen = append(seen, ev("health_output", lastWords(c.HealthOutput), source))
	}
	return append(seen, v.engineEvidence()...)
}

// ended is evidence of how a container ended.
func (v *view) ended(c scene.Container) []finding.Evidence {
	source := v.Around.Docker.Containers.Source
	seen := []finding.Evidence{ev("oom_killed", c.OOMKilled, source), ev("reason", endOf(c), source)}
	if c.State != "created" && !runs(c) {
		seen = append(seen, ev("exit_code", c.ExitCode, source))
	}
	if c.RestartCount > 0 {
		seen = append(seen, ev("restart_count", c.RestartCount, source))
	}
	words := c.Error // of the engine: a port that is taken, a file that is missing
	if lines, ok := c.Logs.Get(); ok && words == "" && len(lines) > 0 {
		words, source = lines[len(lines)-1], c.Logs.Source
	}
	if words != "" {
		seen = append(seen, ev("last_log", lastWords(words), source))
	}
	return seen
}

// endOf is one of the reasons of the catalogue.
func endOf(c scene.Container) string {
	const killed = 137 // 128 + SIGKILL
	switch {
	case c.OOMKilled:
		return "out-of-memory"
	case c.State == "created":
		return "never-started"
	case c.State == "restarting", runs(c):
		return "restarts-again"
	case c.ExitCode == killed:
		return "killed"
	case c.ExitCode != 0:
		return "failed"
	}
	return "stopped"
}

// maxWords is how much of a foreign line a sentence holds, in bytes.
const maxWords = 140

// lastWords is a foreign line cut to fit into a sentence.
func lastWords(line string) string {
	line = strings.TrimSpace(line)
	if len(line) <= maxWords {
		return line
	}
	end := maxWords
	for end > 0 && !utf8.RuneStart(line[end]) {
		end--
	}
	return line[:end] + "…"
}

// runs tells a container whose processes run; a paused one's do not.
func runs(c scene.Container) bool { return c.State == "running" }

// ended tells a container that is there and does not run; one that is paused keeps its ports.
func hasEnded(c scene.Container) bool {
	return slices.Contains([]string{"exited", "dead", "created", "restarting", "stopped", "configured"}, c.State)
}

// loopTime is how long a server that starts again and again lasts, at most, each time: engines wait longer and longer between
// two starts, and forget it of one that ran for ten seconds.
const loopTime = 10 * time.Second

// down tells a container that does not run, or that was seen in one of the short lives between two restarts.
func (v *view) down(c scene.Container) bool {
	return hasEnded(c) || runs(c) && c.RestartCount > 0 && v.Taken.Sub(c.StartedAt) < loopTime
}

// toldPort is the port that a container's server listens on, where its command line alone decides that: not a file, and not
// the script of an image.
func toldPort(c scene.Container) (int, bool) {
	server := slices.ContainsFunc(c.Command, func(arg string) bool { return strings.HasSuffix(arg, "-server") })
	file := slices.ContainsFunc(c.Command, func(arg string) bool { return strings.Contains(arg, ".conf") || strings.Contains(arg, " ") })
	return commandPort(c.Command), server && !file
}

// bindsInside is evidence of a server that its command line lets listen on its container's own loopback only.
func (v *view) bindsInside(c scene.Container) []finding.Evidence {
	at := slices.Index(c.Command, "--bind")
	if at < 0 {
		return nil
	}
	var bound []string
	for _, arg := range c.Command[at+1:] {
		if strings.HasPrefix(arg, "--") {
			break
		}
		for _, address := range strings.Fields(arg) {
			a, err := netip.ParseAddr(strings.TrimPrefix(address, "-"))
			if err != nil || !a.IsLoopback() {
				return nil
			}
			bound = append(bound, a.String())
		}
	}
	if len(bound) == 0 {
		return nil
	}
	return []finding.Evidence{ev("binds", strings.Join(bound, " "), v.Around.Docker.Containers.Source)}
}

// onHost tells a port mapping that loopback leads into.
func onHost(p scene.PublishedPort) bool {
	a, err := netip.ParseAddr(p.HostIP)
	return isTCP(p) && (p.EveryAddress() || err == nil && a.IsLoopback())
}

// published is the mapping of this machine's loopback port into a container.
func published(c scene.Container, port int) (scene.PublishedPort, bool) {
	if c.NetworkMode == "host" {
		return scene.PublishedPort{Port: port, HostPort: port}, commandPort(c.Command) == port
	}
	i := slices.IndexFunc(c.Ports, func(p scene.PublishedPort) bool { return p.HostPort == port && onHost(p) })
	if i < 0 {
		return scene.PublishedPort{}, false
	}
	return c.Ports[i], true
}

// behind is the container that a loopback port of this machine leads into, of those that is says.
func (v *view) behind(port int, is func(scene.Container) bool) (scene.Container, scene.PublishedPort, bool) {
	var (
		best    scene.Container
		mapping scene.PublishedPort
		found   bool
	)
	for _, c := range v.near() {
		p, ok := published(c, port)
		if !ok || !is(c) || found && best.FinishedAt.After(c.FinishedAt) {
			continue
		}
		best, mapping, found = c, p, true // of several, the one that ended last
	}
	return best, mapping, found
}

// named is the container that a name leads to inside its network, running ones first.
func (v *view) named(host string) (scene.Container, bool) {
	is := func(c scene.Container) bool {
		return strings.EqualFold(c.Name, host) || strings.EqualFold(c.Compose.Service, host) ||
			slices.ContainsFunc(c.Networks, func(n scene.DockerNetwork) bool { return slices.Contains(n.Aliases, host) })
	}
	all := slices.DeleteFunc(slices.Clone(v.near()), func(c scene.Container) bool { return !is(c) })
	if len(all) == 0 {
		return scene.Container{}, false
	}
	sorting.By(all, func(a, b scene.Container) int { return cmp.Compare(order(a), order(b)) })
	return all[0], true
}

func order(c scene.Container) int {
	if runs(c) {
		return 0
	}
	return 1
}

// at is the container that has an address in one of its networks.
func (v *view) at(addresses []netip.Addr) (scene.Container, bool) {
	for _, c := range v.near() {
		for _, n := range c.Networks {
			if a, err := netip.ParseAddr(n.Address); err == nil && slices.Contains(addresses, a.Unmap()) {
				return c, true
			}
		}
	}
	return scene.Container{}, false
}

// hidden tells a running server of which no port leads out of its container.
func hidden(c scene.Container) bool {
	inside := commandPort(c.Command)
	return runs(c) && c.Product != "" && c.NetworkMode != "host" &&
		!slices.ContainsFunc(c.Ports, func(p scene.PublishedPort) bool { return p.Port == inside && isTCP(p) && p.HostPort != 0 })
}

// outsideAddress is where else a container publishes a port: on an address of this machine that is not loopback.
func outsideAddress(c scene.Container, port int) (string, bool) {
	i := slices.IndexFunc(c.Ports, func(p scene.PublishedPort) bool { return p.HostPort == port && isTCP(p) && !onHost(p) })
	if i < 0 || !runs(c) {
		return "", false
	}
	return c.Ports[i].HostIP, true
}

// mapping is how a port would be published on loopback only.
func mapping(outside, inside int) string {
	return "127.0.0.1:" + strconv.Itoa(outside) + ":" + strconv.Itoa(inside)
}

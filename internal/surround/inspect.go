package surround

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxListed bounds the lists inside one container: ports, networks, variables.
const maxListed = 32

// inspected is the part of docker inspect (and podman inspect) that is read.
type inspected struct {
	ID           string `json:"Id"`
	Name         string
	Path         string
	Args         []string
	RestartCount int
	State        struct {
		Status                string
		ExitCode              int
		OOMKilled             bool
		Error                 string
		StartedAt, FinishedAt string
		Health                *struct {
			Status string
			Log    []struct{ Output string }
		}
	}
	Config struct {
		Image        string
		Env          []string
		Labels       map[string]string
		ExposedPorts map[string]struct{}
	}
	HostConfig struct {
		NetworkMode   string
		Memory        int64
		PortBindings  map[string][]binding
		RestartPolicy struct{ Name string }
	}
	NetworkSettings struct {
		Ports    map[string][]binding
		Networks map[string]*struct {
			IPAddress string
			Aliases   []string
		}
	}
}

type binding struct{ HostIP, HostPort string }

// parseInspect reads one container a line, leaving out what is none, and gives the secrets of each along with it.
func (l *look) parseInspect(text string) ([]Container, []*masker) {
	var found []Container
	var masks []*masker
	for _, raw := range inspectedOf(text) {
		if !containerID().MatchString(raw.ID) || raw.State.Status == "" {
			continue
		}
		m := &masker{}
		found, masks = append(found, l.container(raw, m)), append(masks, m)
	}
	return found, masks
}

// inspectedOf reads one object a line, as asked for, or the list that some engines print whatever they are asked for.
func inspectedOf(text string) []inspected {
	if strings.HasPrefix(strings.TrimSpace(text), "[") {
		var all []inspected
		if json.Unmarshal([]byte(text), &all) != nil {
			return nil
		}
		return all
	}
	var all []inspected
	for line := range strings.Lines(text) {
		var one inspected
		if json.Unmarshal([]byte(line), &one) == nil {
			all = append(all, one)
		}
	}
	return all
}

func (l *look) container(raw inspected, m *masker) Container {
	for _, entry := range raw.Config.Env {
		m.variable(entry)
	}
	command := append([]string{raw.Path}, raw.Args...)
	c := Container{
		ID: raw.ID[:min(len(raw.ID), 12)], Name: l.name(strings.TrimPrefix(raw.Name, "/")), Image: l.name(raw.Config.Image),
		Product: product(raw.Config.Image, command), State: l.name(raw.State.Status),
		ExitCode: raw.State.ExitCode, OOMKilled: raw.State.OOMKilled, RestartCount: raw.RestartCount,
		StartedAt: moment(raw.State.StartedAt), FinishedAt: moment(raw.State.FinishedAt),
		NetworkMode: l.name(raw.HostConfig.NetworkMode), MemoryLimitBytes: max(0, raw.HostConfig.Memory),
		RestartPolicy: l.name(raw.HostConfig.RestartPolicy.Name), Variables: variables(raw.Config.Env),
		Command: m.args(command), Compose: l.composeLabels(raw.Config.Labels),
	}
	for i := range c.Command {
		c.Command[i] = l.cleanWith(m, c.Command[i])
	}
	c.Error = l.cleanWith(m, raw.State.Error)
	if health := raw.State.Health; health != nil && health.Status != "none" {
		c.Health = l.name(health.Status)
		if n := len(health.Log); n > 0 {
			c.HealthOutput = l.cleanWith(m, health.Log[n-1].Output)
		}
	}
	c.Ports, c.Unpublished = ports(raw)
	for _, name := range slices.Sorted(maps.Keys(raw.NetworkSettings.Networks)) {
		network := DockerNetwork{Name: l.name(name)}
		if n := raw.NetworkSettings.Networks[name]; n != nil {
			network.Address = l.name(n.IPAddress)
			for _, alias := range n.Aliases[:min(len(n.Aliases), maxListed)] {
				network.Aliases = append(network.Aliases, l.name(alias))
			}
		}
		c.Networks = append(c.Networks, network)
	}
	c.Networks = c.Networks[:min(len(c.Networks), maxListed)]
	return c
}

// name bounds a name that the operator will type again: it is cut and made valid, and only what looks like a password
// inside it is masked; the target's own secrets are left to text, as a password may well be "redis".
func (*look) name(s string) string { return cut((&masker{}).text(strings.ToValidUTF8(s, "\uFFFD"))) }

func (l *look) composeLabels(labels map[string]string) ComposeLabels {
	const prefix = "com.docker.compose." // podman-compose sets them too
	return ComposeLabels{
		Project: l.name(labels[prefix+"project"]), Service: l.name(labels[prefix+"service"]),
		WorkingDir:  l.name(labels[prefix+"project.working_dir"]),
		ConfigFiles: l.name(labels[prefix+"project.config_files"]),
	}
}

// ports sorts what a container publishes: what it does while it runs, what it was told to while it does not.
func ports(raw inspected) (published []PublishedPort, unpublished []int) {
	published = []PublishedPort{}
	bindings := raw.NetworkSettings.Ports
	if raw.State.Status != "running" && raw.State.Status != "paused" || len(bindings) == 0 {
		bindings = raw.HostConfig.PortBindings
	}
	exposed := maps.Clone(bindings)
	if exposed == nil {
		exposed = map[string][]binding{}
	}
	for key := range raw.Config.ExposedPorts {
		exposed[key] = bindings[key]
	}
	for _, key := range slices.Sorted(maps.Keys(exposed)) {
		number, protocol, _ := strings.Cut(key, "/") // "6379/tcp"
		port, err := strconv.Atoi(number)
		if err != nil || !validPort(port) || len(published) >= maxListed || len(unpublished) >= maxListed {
			continue
		}
		if len(bindings[key]) == 0 && protocol == "tcp" {
			unpublished = append(unpublished, port)
		}
		for _, b := range bindings[key][:min(len(bindings[key]), maxListed)] {
			hostPort, err := strconv.Atoi(b.HostPort)
			if err != nil || !validPort(hostPort) {
				hostPort = 0
			}
			one := PublishedPort{Port: port, Protocol: cut(protocol), HostIP: cut(b.HostIP), HostPort: hostPort}
			published = append(published, one)
		}
	}
	return published, unpublished
}

// servers are programs and images, by the product they are.
var servers = map[string]string{
	"redis": "redis", "redis-server": "redis", "redis-stack": "redis", "redis-stack-server": "redis",
	"redis-sentinel": "redis", "redis-cluster": "redis", "valkey": "valkey", "valkey-server": "valkey",
	"valkey-bundle": "valkey", "valkey-sentinel": "valkey", "valkey-cluster": "valkey",
	"keydb": "keydb", "keydb-server": "keydb", "dragonfly": "dragonfly",
}

// product goes by the program that runs, also inside sh -c "…", else by the image.
func product(image string, command []string) string {
	for _, arg := range command {
		for word := range strings.FieldsSeq(arg) {
			name := base(strings.Trim(word, `"'`))
			if strings.HasSuffix(name, "-server") && servers[name] != "" || name == "dragonfly" {
				return servers[name]
			}
		}
	}
	image, _, _ = strings.Cut(image, "@")
	name, _, _ := strings.Cut(base(image), ":")
	return servers[strings.ToLower(name)]
}

// variables are the names that say how the image was told to set up Redis.
func variables(env []string) []string {
	var names []string
	for _, entry := range env {
		name, _, _ := strings.Cut(entry, "=")
		upper := strings.ToUpper(name)
		about := slices.ContainsFunc([]string{"REDIS", "VALKEY", "KEYDB", "DFLY", "PASSWORD"}, func(part string) bool {
			return strings.Contains(upper, part)
		})
		if about && len(names) < maxListed {
			names = append(names, cut(strings.ToValidUTF8(name, "\uFFFD")))
		}
	}
	slices.Sort(names)
	return names
}

// moment reads a time of the engine; zero for "0001-01-01T00:00:00Z", which is never, and for what is no time.
func moment(text string) time.Time {
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil || at.Year() < 2000 {
		return time.Time{}
	}
	return at.UTC()
}

package surround

import (
	"context"
	"encoding/json"
	"net/netip"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

const (
	// maxContainers is how many containers that look like Redis are looked at, the newest first.
	maxContainers = 20
	// maxLogs is how many of them are asked for their last lines.
	maxLogs = 6
	// logLines is how many lines.
	logLines = 5
)

// psFormat asks for what tells a Redis from the rest. Not {{json .}}: that makes the daemon compute the size of every
// container, which takes seconds where there are many.
const psFormat = `{"id":{{json .ID}},"image":{{json .Image}},"names":{{json .Names}},"ports":{{json .Ports}}}`

func (l *look) docker(ctx context.Context) Docker {
	var d Docker
	var all sync.WaitGroup
	all.Go(func() { d.Standalone = within(ctx, l, "docker-compose --version", l.composeStandalone) })
	path, err := l.LookPath("docker")
	if err != nil {
		if path, err = l.LookPath("podman"); err != nil {
			d.Client = unseen[DockerClient](Missing, "docker --version", "")
			all.Wait()
			return d
		}
	}
	all.Go(func() {
		d.Client = within(ctx, l, "docker --version", func(ctx context.Context) Fact[DockerClient] {
			return l.dockerClient(ctx, path)
		})
	})
	all.Go(func() {
		d.Plugin = within(ctx, l, "docker compose version", func(ctx context.Context) Fact[string] {
			return composeVersion(l, "docker compose version", l.run(ctx, false, path, "compose", "version"))
		})
	})
	all.Go(func() {
		all := within(ctx, l, "docker ps -a", func(ctx context.Context) Fact[listing] { return l.containers(ctx, path) })
		d.Containers = Fact[[]Container]{Status: all.Status, Source: all.Source, Words: all.Words, Value: all.Value.found}
		d.Others = all.Value.others
	})
	all.Wait()
	return d
}

// versionPattern finds «version 28.2.2» and «version: v2.27.0-desktop.2».
var versionPattern = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)\bversion:? v?(\d+\.\d+[^\s,]*)`)
})

func (l *look) dockerClient(ctx context.Context, path string) Fact[DockerClient] {
	const source = "docker --version"
	out := l.run(ctx, false, path, "--version")
	found := versionPattern().FindStringSubmatch(out.stdout)
	if found == nil || out.err != nil {
		return unseen[DockerClient](dockerStatus(out), source, l.clean(out.words()))
	}
	client := DockerClient{Engine: "docker", Path: path, Version: l.clean(found[1])}
	if strings.Contains(strings.ToLower(out.stdout+out.stderr), "podman") {
		client.Engine = "podman"
	}
	if host, _ := l.LookupEnv("DOCKER_HOST"); host != "" {
		client.HostScheme, _, _ = strings.Cut(host, "://")
		client.HostScheme = l.clean(client.HostScheme)
	}
	if name, _ := l.LookupEnv("DOCKER_CONTEXT"); name != "" {
		client.Context = l.clean(name)
	}
	return seen(source, client)
}

func (l *look) composeStandalone(ctx context.Context) Fact[string] {
	const source = "docker-compose --version"
	path, err := l.LookPath("docker-compose")
	if err != nil {
		return unseen[string](Missing, source, "")
	}
	return composeVersion(l, source, l.run(ctx, false, path, "--version"))
}

// composeVersion reads «docker-compose version 1.29.2, build unknown» and «Docker Compose version v2.27.0». A docker
// without the plugin prints its help or «'compose' is not a docker command», with exit codes that differ by version.
func composeVersion(l *look, source string, out output) Fact[string] {
	found := versionPattern().FindStringSubmatch(out.stdout)
	if out.err == nil && out.code == 0 && found != nil && strings.Contains(strings.ToLower(out.stdout), "compose") {
		return seen(source, l.clean(found[1]))
	}
	status, words := dockerStatus(out), strings.ToLower(out.stdout+out.stderr)
	for _, absent := range []string{"not a docker command", "unknown command", "looking up compose provider failed"} {
		if strings.Contains(words, absent) {
			status = Missing
		}
	}
	return unseen[string](status, source, l.clean(out.words()))
}

// dockerStatus sorts what docker and podman say when they cannot do what they were asked.
func dockerStatus(out output) Status {
	if out.err != nil {
		return out.status()
	}
	words := strings.ToLower(out.stderr + out.stdout)
	for _, known := range []struct {
		part   string
		status Status
	}{
		{"permission denied", Denied},
		{"access is denied", Denied}, // Windows
		{"cannot connect to the docker daemon", Missing},
		{"is the docker daemon running", Missing},
		{"docker daemon is not running", Missing},                              // Docker Desktop before 4.27
		{"check if the path is correct and if the daemon is running", Missing}, // client 29
		{"cannot connect to podman", Missing},                                  // macOS, no machine started
		{"could not be found in this wsl", Missing},                            // the stub of Docker Desktop
	} {
		if strings.Contains(words, known.part) {
			return known.status
		}
	}
	return Failed
}

// listed is one line of docker ps.
type listed struct {
	ID    string `json:"id"`
	Image string `json:"image"`
	Names string `json:"names"`
	Ports string `json:"ports"` // "127.0.0.1:6380->6379/tcp, 6379/tcp"; empty for a stopped container
}

// listing is the engine's containers: those that look like Redis, and how many others there are.
type listing struct {
	found  []Container
	others int
}

func (l *look) containers(ctx context.Context, path string) Fact[listing] {
	const source = "docker ps -a"
	out := l.run(ctx, false, path, "ps", "-a", "--format", psFormat)
	rows, ok := parseListed(out.stdout)
	if out.err != nil || !out.cut && out.code != 0 || !ok {
		return unseen[listing](dockerStatus(out), source, l.clean(out.words()))
	}
	args := []string{"inspect", "--type", "container", "--format", "{{json .}}"}
	none, others := len(args), 0
	for _, row := range rows {
		switch {
		case !l.looksLikeRedis(row):
			others++
		case len(args) < none+maxContainers:
			args = append(args, row.ID)
		}
	}
	if len(args) == none {
		return seen(source, listing{[]Container{}, others})
	}
	f := l.inspect(ctx, path, args)
	return Fact[listing]{Status: f.Status, Source: f.Source, Words: f.Words, Value: listing{f.Value, others}}
}

// parseListed reads the lines of docker ps; false where there is one that it cannot read.
func parseListed(text string) ([]listed, bool) {
	var rows []listed
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		var row listed
		// An id that is none would be an option or another command line for docker inspect.
		if err := json.Unmarshal([]byte(line), &row); err != nil || !containerID().MatchString(row.ID) {
			return nil, false
		}
		rows = append(rows, row)
	}
	return rows, true
}

var containerID = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[0-9a-f]{6,64}$`)
})

// redisNames are part of images and names of servers that speak Redis' protocol.
var redisNames = []string{"redis", "valkey", "keydb", "dragonfly"}

// looksLikeRedis goes by the image, the name, the port 6379, and what the target is called.
func (l *look) looksLikeRedis(row listed) bool {
	text := strings.ToLower(row.Image + " " + row.Names)
	if slices.ContainsFunc(redisNames, func(name string) bool { return strings.Contains(text, name) }) {
		return true
	}
	ports := strings.FieldsFunc(row.Ports, func(r rune) bool { return r < '0' || r > '9' })
	wanted := func(port int) bool { return slices.Contains(ports, strconv.Itoa(port)) }
	if wanted(6379) || slices.ContainsFunc(l.Ports, wanted) {
		return true
	}
	// Compose calls the container of service cache PROJECT-cache-1 or, in its first version, PROJECT_cache_1.
	words := strings.FieldsFunc(strings.ToLower(row.Names), func(r rune) bool { return strings.ContainsRune("-_, ", r) })
	return slices.ContainsFunc(l.Hosts, func(host string) bool {
		host = strings.ToLower(host)
		if _, err := netip.ParseAddr(host); err == nil || host == "" || host == "localhost" {
			return false
		}
		return slices.Contains(words, host) || slices.Contains(strings.Split(strings.ToLower(row.Names), ","), host)
	})
}

// inspect looks at the containers named in args, and at the last words of those that do not run.
func (l *look) inspect(ctx context.Context, path string, args []string) Fact[[]Container] {
	const source = "docker inspect"
	out := l.run(ctx, false, path, args...)
	found, masks := l.parseInspect(out.stdout)
	if len(found) == 0 {
		// Of stdout nothing is shown: it is where the passwords are.
		out.stdout = ""
		return unseen[[]Container](dockerStatus(out), source, l.clean(out.words()))
	}
	var all sync.WaitGroup
	asked := 0
	for i := range found {
		if found[i].State == "running" || found[i].State == "paused" || found[i].State == "created" || asked == maxLogs {
			continue
		}
		asked++
		all.Go(func() { found[i].Logs = l.logs(ctx, path, found[i], masks[i]) })
	}
	all.Wait()
	return seen(source, found)
}

func (l *look) logs(ctx context.Context, path string, c Container, m *masker) Fact[[]string] {
	source := "docker logs --tail " + strconv.Itoa(logLines) + " " + c.Name
	out := l.run(ctx, true, path, "logs", "--tail", strconv.Itoa(logLines), c.ID)
	if out.err != nil || !out.cut && out.code != 0 {
		return unseen[[]string](dockerStatus(out), source, l.cleanWith(m, out.words()))
	}
	return seen(source, l.lastLines(m, out.stdout, logLines))
}

// hostPorts are the ports that running containers of a server like Redis publish on this machine and that were not asked yet.
func hostPorts(d Docker, asked []int) []int {
	var ports []int
	for _, c := range d.Containers.Value {
		for _, p := range c.Ports {
			if c.State == "running" && c.Product != "" && p.Protocol == "tcp" && validPort(p.HostPort) && !slices.Contains(asked, p.HostPort) {
				ports = append(ports, p.HostPort)
			}
		}
	}
	slices.Sort(ports)
	ports = slices.Compact(ports)
	return ports[:min(len(ports), maxPorts)]
}

// base is the last element of a path of either system.
func base(path string) string { return filepath.Base(strings.ReplaceAll(path, `\`, "/")) }

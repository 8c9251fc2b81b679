package findings_test

import (
	"slices"
	"testing"

	"github.com/olympiades-ia/olymp-cache/internal/evidence"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/probe/trace"
	"github.com/olympiades-ia/olymp-cache/internal/surround/scene"
)

var networkCases = slices.Concat(nameCases, addressCases, refusedCases, containerCases, reachCases, tlsCases, protocolCases)

// saw is something that was seen beside a failure.
type saw func(*evidence.Evidence)

// failing is a climb that ended, on a plain Linux machine without Docker where nothing else was seen, with changes.
func failing(url, rung, id string, all ...saw) func(*testing.T) *evidence.Evidence {
	return failingWith(url, rung, id, nil, all...)
}

func failingWith(url, rung, id string, seen []finding.Evidence, all ...saw) func(*testing.T) *evidence.Evidence {
	return func(t *testing.T) *evidence.Evidence {
		t.Helper()
		e := unreached(t, url, rung, id, seen...)
		for _, change := range all {
			change(e)
		}
		return e
	}
}

func resolver(problem trace.Problem, words string) saw {
	return func(e *evidence.Evidence) {
		e.Trace.Resolver = &trace.Lookup{Family: "ns", Problem: problem, Words: words}
	}
}

// works is a resolver that answers for other names.
func works() saw { return resolver("", "") }

func lookups(all ...trace.Lookup) saw {
	return func(e *evidence.Evidence) { e.Trace.Lookups = all }
}

func dials(problem trace.Problem, addresses ...string) saw {
	return func(e *evidence.Evidence) {
		for _, a := range addresses {
			e.Trace.Dials = append(e.Trace.Dials, trace.Dial{Address: a, Problem: problem})
		}
	}
}

func system(name string) saw {
	return func(e *evidence.Evidence) {
		e.Around.OS = name
		if name != "linux" {
			e.Around.Container, e.Around.WSL = scene.Fact[scene.OwnContainer]{}, scene.Fact[scene.WSL]{}
			e.Around.Units = scene.Fact[[]scene.Unit]{}
			e.Around.Programs.Value = slices.DeleteFunc(e.Around.Programs.Value, func(p scene.Program) bool { return p.Name == "apt-get" })
			if name == "darwin" {
				e.Around.Programs.Value = append(e.Around.Programs.Value, scene.Program{Name: "brew", Path: "/opt/homebrew/bin/brew"})
			}
		}
	}
}

func inside(runtime string) saw {
	return func(e *evidence.Evidence) {
		e.Around.Container = seenAround(scene.OwnContainer{Inside: true, Runtime: runtime, Evidence: []string{"/.dockerenv"}})
	}
}

func platforms(names ...string) saw {
	return func(e *evidence.Evidence) {
		all := []scene.Platform{}
		for _, name := range names {
			all = append(all, scene.Platform{Name: name, Variables: []string{"X_" + name}})
		}
		e.Around.Platforms = seenAround(all)
	}
}

// containers are those of a Docker that runs on this machine.
func containers(all ...scene.Container) saw {
	return func(e *evidence.Evidence) {
		e.Around.Docker = scene.Docker{
			Client:     seenAround(scene.DockerClient{Engine: "docker", Path: "/usr/bin/docker", Version: "28.2.2"}),
			Plugin:     seenAround("2.27.0"),
			Containers: seenAround(all),
		}
	}
}

func engine(change func(*scene.DockerClient)) saw {
	return func(e *evidence.Evidence) { change(&e.Around.Docker.Client.Value) }
}

// daemon is a Docker whose client is here and whose daemon cannot be asked.
func daemon(status scene.Status) saw {
	return func(e *evidence.Evidence) {
		containers()(e)
		e.Around.Docker.Containers = scene.Fact[[]scene.Container]{Status: status, Words: "Cannot connect to the Docker daemon"}
	}
}

func answering(kind scene.AnswerKind, address string, port int) saw {
	return func(e *evidence.Evidence) {
		e.Around.Answers.Value = append(e.Around.Answers.Value, scene.Answer{Address: address, Port: port, Kind: kind})
	}
}

func withSocket(s scene.Socket) saw {
	return func(e *evidence.Evidence) { e.Around.Sockets.Value = append(e.Around.Sockets.Value, s) }
}

func programs(paths ...string) saw {
	return func(e *evidence.Evidence) {
		for _, p := range paths {
			name := p[len(p)-len("redis-server"):]
			e.Around.Programs.Value = append(e.Around.Programs.Value, scene.Program{Name: name, Path: p})
		}
	}
}

func units(all ...scene.Unit) saw {
	return func(e *evidence.Evidence) { e.Around.Units = seenAround(all) }
}

// byDefault is a target that nobody named, and what else was seen of that.
func byDefault(more ...finding.Evidence) saw {
	return func(e *evidence.Evidence) {
		e.Target.Source = "default"
		e.Config = []finding.Finding{{
			ID: "config-url-missing", Severity: finding.Info, Subject: "REDIS_URL",
			Evidence: append([]finding.Evidence{ev("used", "redis://localhost:6379/0")}, more...),
		}}
	}
}

// redisIn is a container of Redis, published on loopback where hostPort is not 0.
func redisIn(name, state string, hostPort int) scene.Container {
	c := scene.Container{
		ID: "222222222222", Name: name, Image: "redis:7-alpine", Product: "redis", State: state, NetworkMode: "bridge",
		Command:  []string{"docker-entrypoint.sh", "redis-server"},
		Networks: []scene.DockerNetwork{{Name: "bridge", Address: "172.17.0.2"}},
		Ports:    []scene.PublishedPort{}, Unpublished: []int{6379},
	}
	if hostPort != 0 {
		c.Ports, c.Unpublished = []scene.PublishedPort{{Port: 6379, Protocol: "tcp", HostIP: "127.0.0.1", HostPort: hostPort}}, nil
	}
	return c
}

// composed is a container as Docker Compose makes it, of service redis in /srv/shop.
func composed(c scene.Container) scene.Container {
	c.Compose = scene.ComposeLabels{
		Project: "shop", Service: "redis", WorkingDir: "/srv/shop", ConfigFiles: "/srv/shop/compose.yaml",
	}
	c.NetworkMode = "shop_default"
	c.Networks = []scene.DockerNetwork{{Name: "shop_default", Address: "172.20.0.2", Aliases: []string{c.Name, "redis"}}}
	return c
}

// others are containers of the engine that are no Redis: one of them may be this process's own.
func others(n int) saw {
	return func(e *evidence.Evidence) { e.Around.Docker.Others = n }
}

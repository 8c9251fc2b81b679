package findings

import (
	"net"
	"path"
	"slices"
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
)

// nearFixes are what to type where the cause was found around the server: containers, units, other ports, platforms.
func nearFixes(s seen) []finding.Fix {
	switch s.ID {
	case "config-url-missing":
		return s.platformFixes()
	case "tcp-refused-container-stopped":
		return s.stoppedFixes()
	case "tcp-refused-not-published":
		return s.publishFixes()
	case "tcp-refused-in-container":
		return s.insideFixes()
	case "tcp-refused-container-port":
		return []finding.Fix{{ID: "use-container-port", Command: s.elsewhere(net.JoinHostPort(s.text("host"), s.or("container_port", "6379")))}}
	case "tcp-refused-other-port":
		if host := s.text("found_host"); host != "" {
			return []finding.Fix{{ID: "use-found-port", Command: s.elsewhere(net.JoinHostPort(host, s.text("found_port")))}, {ID: "check-port"}}
		}
		return []finding.Fix{{ID: "use-found-port", Command: s.found("localhost")}, s.ownServer()}
	case "tcp-refused-other-family":
		return []finding.Fix{{ID: "use-found-address", Command: s.found("127.0.0.1")}, {ID: "bind-both", Command: "bind 127.0.0.1 -::1"}}
	case "tcp-refused-not-running":
		return slices.Concat(s.ciFixes(), s.runningFixes(), s.startFixes())
	}
	return s.nameFixes()
}

// or is the evidence of that name, or a word that shows where it goes.
func (s seen) or(name, otherwise string) string {
	if text := s.text(name); text != "" {
		return text
	}
	return otherwise
}

// found is the Redis of this machine that answers, in clear, with the target's login and database. name is how loopback is
// written for IPv4.
func (s seen) found(name string) string {
	_, login, _ := s.address()
	if s.is("found_wants_password") && !s.is("has_password") {
		login = "default:" + config.Mask + "@"
	}
	if s.text("found_address") == "::1" {
		name = "::1"
	}
	return assignment("redis://" + login + net.JoinHostPort(name, s.or("found_port", "6379")) + "/" + s.text("db"))
}

// loopback is this machine's own address, on the target's port.
func (s seen) loopback() string { return net.JoinHostPort("localhost", s.or("port", "6379")) }

// startContainer starts the container that was found, as whatever made it would.
func (s seen) startContainer() finding.Fix {
	if s.text("service") != "" && s.text("project") != "" {
		return finding.Fix{ID: "start-container", Command: s.compose("up -d")}
	}
	return finding.Fix{ID: "start-container", Command: s.engine() + " start " + shellWord(s.or("container", "CONTAINER"))}
}

// composeFiles are the files that Compose finds by itself.
var composeFiles = []string{"compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"}

// compose is a command of Docker Compose on the service that was found. Its folder is where Compose finds its files; files
// of other names are given.
func (s seen) compose(verb string) string {
	program := s.composeProgram()
	rest := " -p " + shellWord(s.or("project", "PROJECT")) + " " + verb + " " + shellWord(s.or("service", "SERVICE"))
	dir, files := s.text("working_dir"), strings.Split(s.text("config_files"), ",")
	switch base := path.Base(strings.ReplaceAll(files[0], `\`, "/")); {
	case len(files) == 1 && dir != "" && (files[0] == "" || slices.Contains(composeFiles, base)):
		return "cd " + shellWord(dir) + " && " + program + rest
	case files[0] != "":
		for _, file := range files {
			program += " -f " + shellWord(file)
		}
	}
	return program + rest
}

func (s seen) stoppedFixes() []finding.Fix {
	start, log := s.startContainer(), finding.Fix{
		ID: "container-log", Command: s.engine() + " logs --tail 50 " + shellWord(s.or("container", "CONTAINER")),
	}
	switch s.text("reason") {
	case "stopped", "never-started":
		return []finding.Fix{start}
	case "failed", "restarts-again": // it would end the same way again
		return []finding.Fix{log, start}
	}
	return []finding.Fix{start, {ID: "more-container-memory"}, log}
}

// publishFixes: a container gets its ports when it is made, so the file that makes it is changed, or a new one is made.
func (s seen) publishFixes() []finding.Fix {
	if address := s.text("published_on"); address != "" {
		return []finding.Fix{{ID: "use-published-address", Command: s.elsewhere(net.JoinHostPort(address, s.text("port")))}}
	}
	inside, port := s.or("container_port", "6379"), s.or("port", "6379")
	var fixes []finding.Fix
	if s.text("service") != "" && s.text("project") != "" {
		fixes = []finding.Fix{
			{ID: "publish-port", Command: `ports: ["127.0.0.1:` + port + ":" + inside + `"]`},
			{ID: "compose-up", Command: s.compose("up -d")},
		}
	} else {
		fixes = []finding.Fix{{ID: "publish-run", Command: s.replaced("127.0.0.1:" + port + ":" + inside)}}
	}
	if s.text("runtime") != "" {
		return append(fixes, s.serviceName())
	}
	if address := s.text("container_address"); address != "" {
		fixes = append(fixes, finding.Fix{ID: "use-container-address", Command: s.elsewhere(net.JoinHostPort(address, inside))})
	}
	return fixes
}

// serviceName is the target by the name that it has for its neighbours.
func (s seen) serviceName() finding.Fix {
	return finding.Fix{ID: "use-service-name", Command: s.elsewhere(net.JoinHostPort(s.or("service", "redis"), "6379"))}
}

func (s seen) insideFixes() []finding.Fix {
	switch {
	case s.text("platform") == "kubernetes" || s.text("runtime") == "kubernetes":
		return []finding.Fix{{ID: "kube-services", Command: "kubectl get services"}, s.serviceName()}
	case s.text("platform") != "":
		return s.platformFixes()
	}
	host := "host.docker.internal"
	if s.text("runtime") == "podman" {
		host = "host.containers.internal"
	}
	return append(append(s.ciFixes(), s.serviceName()),
		finding.Fix{ID: "use-host", Command: s.elsewhere(net.JoinHostPort(host, s.or("port", "6379")))})
}

// platformFixes: on a platform, a variable is set where the platform keeps them.
func (s seen) platformFixes() []finding.Fix {
	switch s.text("platform") {
	case "":
		return nil
	case "kubernetes":
		return []finding.Fix{{ID: "set-in-deployment", Command: "kubectl set env deployment/APP REDIS_URL=redis://redis:6379/0"}}
	case "heroku":
		return []finding.Fix{{ID: "set-on-platform"}, {ID: "add-heroku-redis", Command: "heroku addons:create heroku-redis:mini"}}
	case "vercel":
		return []finding.Fix{{ID: "set-on-platform", Command: "vercel env add REDIS_URL production"}}
	}
	return []finding.Fix{{ID: "set-on-platform"}}
}

// ciFixes: a job of a build service declares the servers that it needs.
func (s seen) ciFixes() []finding.Fix {
	port := s.or("port", "6379")
	switch s.text("ci") {
	case "github-actions":
		return []finding.Fix{{ID: "github-service", Command: `ports: ["` + port + `:6379"]`}}
	case "gitlab-ci":
		return []finding.Fix{{ID: "gitlab-service", Command: `services: ["redis:7-alpine"]`}}
	}
	return nil
}

// runningFixes lead to a server that runs on another port of this machine.
func (s seen) runningFixes() []finding.Fix {
	switch {
	case s.text("found_port") != "":
		return []finding.Fix{{ID: "use-running-server", Command: s.found("localhost")}}
	case s.text("active_unit") != "":
		return []finding.Fix{{ID: "see-its-port", Command: "sudo ss -ltnp"}}
	}
	return nil
}

// startFixes start what is installed on this machine.
func (s seen) startFixes() []finding.Fix {
	unit := s.text("unit")
	if unit == "" {
		return []finding.Fix{s.startProgram()}
	}
	unit = shellWord(unit)
	switch s.text("reason") {
	case "masked":
		return []finding.Fix{{ID: "unmask-unit", Command: "sudo systemctl unmask " + unit + " && sudo systemctl enable --now " + unit}}
	case "", "inactive":
		return []finding.Fix{{ID: "start-unit", Command: "sudo systemctl enable --now " + unit}}
	}
	return []finding.Fix{
		{ID: "unit-log", Command: "sudo journalctl -n 50 -u " + unit},
		{ID: "restart-unit", Command: "sudo systemctl reset-failed " + unit + " && sudo systemctl start " + unit},
	}
}

// startProgram starts a server by hand, or as Homebrew does.
func (s seen) startProgram() finding.Fix {
	program := s.or("program", "redis-server")
	if s.text("os") == "darwin" {
		return finding.Fix{ID: "start-brew", Command: "brew services start " + strings.TrimSuffix(program, "-server")}
	}
	bind := "127.0.0.1"
	if s.text("host") == "::1" {
		bind = "::1"
	}
	return finding.Fix{ID: "start-program", Command: program + " --daemonize yes --port " + s.or("port", "6379") + " --bind " + bind}
}

// ownServer is a new server, for whom the one that was found is not the one that was meant.
func (s seen) ownServer() finding.Fix { return finding.Fix{ID: "or-own-server"} }

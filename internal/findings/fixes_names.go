package findings

import (
	"net"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
)

// nameFixes are what to type where a name means something elsewhere only.
func (s seen) nameFixes() []finding.Fix {
	switch s.ID {
	case "dns-compose-name-outside":
		return s.composeOutside()
	case "dns-compose-name-inside":
		return s.composeInside()
	case "dns-docker-host-internal":
		if s.text("runtime") == "" {
			return []finding.Fix{{ID: "use-localhost", Command: s.elsewhere(s.loopback())}}
		}
		host := s.or("host", "host.docker.internal")
		return []finding.Fix{
			{ID: "extra-hosts", Command: `extra_hosts: ["` + host + `:host-gateway"]`},
			{ID: "add-host", Command: s.engine() + " run --add-host=" + host + ":host-gateway IMAGE"},
		}
	case "dns-render-internal-outside":
		user := s.or("instance", "red-INSTANCE")
		return []finding.Fix{
			{ID: "render-allow"},
			{ID: "render-external", Command: assignment("rediss://" + user + ":" + config.Mask + "@HOST:6379/" + s.text("db"))},
		}
	case "dns-railway-internal-outside":
		return []finding.Fix{
			{ID: "railway-public", Command: assignment("redis://default:" + config.Mask + "@NAME.proxy.rlwy.net:PORT/" + s.text("db"))},
			{ID: "railway-inside", Command: "railway ssh"},
		}
	case "dns-fly-internal-outside":
		return s.flyFixes()
	case "dns-ipv6-only":
		return s.ipv6Fixes()
	case "dns-managed-gone":
		return []finding.Fix{{ID: "open-dashboard"}, {ID: "check-host"}}
	}
	return nil
}

// composeOutside: the port that answers, else how to make it answer. Behind Sentinels no address of this machine stands in
// for the name: they would give out another one.
func (s seen) composeOutside() []finding.Fix {
	port := s.or("port", "6379")
	outside := s.or("published_port", port)
	var then []finding.Fix
	if !s.sentinel() {
		then = []finding.Fix{{ID: "then-localhost", Command: s.elsewhere(net.JoinHostPort("localhost", outside))}}
	}
	up := finding.Fix{ID: "compose-up", Command: s.composeProgram() + " up -d " +
		shellWord(s.or("service", s.or("host", "redis")))}
	if s.text("service") != "" && s.text("project") != "" {
		up.Command = s.compose("up -d")
	}
	switch {
	case s.text("found_port") != "":
		return []finding.Fix{{ID: "use-published-port", Command: s.found("localhost")}}
	case s.text("ci") != "":
		return append(s.ciFixes(), then...)
	case s.text("published_port") != "" && s.text("reason") != "": // its container ended
		return append([]finding.Fix{s.startContainer()}, then...)
	case s.text("published_port") != "" && !s.sentinel():
		return []finding.Fix{{ID: "use-published-port", Command: then[0].Command}}
	case s.text("docker") == "elsewhere":
		return []finding.Fix{{ID: "docker-elsewhere"}}
	case s.text("docker") == "none" && s.text("program") != "":
		return append([]finding.Fix{s.startProgram()}, then...)
	}
	if s.plainContainer() {
		return append([]finding.Fix{{ID: "publish-run", Command: s.replaced("127.0.0.1:" + port + ":" + s.or("container_port",
			"6379"))}}, then...)
	}
	publish := finding.Fix{ID: "publish-port", Command: `ports: ["127.0.0.1:` + port + ":" + port + `"]`}
	return append([]finding.Fix{publish, up}, then...)
}

func (s seen) composeInside() []finding.Fix {
	switch {
	case s.text("runtime") == "kubernetes" || s.text("platform") == "kubernetes":
		return []finding.Fix{{ID: "kube-services", Command: "kubectl get services"}}
	case s.text("platform") != "":
		return s.platformFixes()
	case s.text("reason") != "":
		return []finding.Fix{s.startContainer(), {ID: "same-network"}}
	}
	if s.plainContainer() {
		return []finding.Fix{{ID: "compose-ps", Command: s.engine() + " ps -a"}, {ID: "same-network"}}
	}
	return []finding.Fix{{ID: "compose-ps", Command: s.composeProgram() + " ps -a"}, {ID: "same-network"}}
}

// plainContainer tells a container that was found and that Compose did not make.
func (s seen) plainContainer() bool {
	return s.text("container") != "" && (s.text("service") == "" || s.text("project") == "")
}

// composeProgram is Compose as it is called on this machine.
func (s seen) composeProgram() string { return s.or("compose_command", s.engine()+" compose") }

func (s seen) flyFixes() []finding.Fix {
	const proxied = "16379" // what fly redis proxy listens on
	if app := s.text("fly_app"); app != "" {
		port := s.or("port", "6379")
		return []finding.Fix{
			{ID: "fly-proxy", Command: "fly proxy " + port + ":" + port + " --app " + shellWord(app)},
			{ID: "then-localhost", Command: s.elsewhere(s.loopback())},
		}
	}
	return []finding.Fix{
		{ID: "fly-proxy", Command: "fly redis proxy"},
		{ID: "then-localhost", Command: s.elsewhere(net.JoinHostPort("localhost", proxied))},
	}
}

func (s seen) ipv6Fixes() []finding.Fix {
	if s.text("provider_id") == "railway" {
		return []finding.Fix{{
			ID:      "railway-public",
			Command: assignment("redis://default:" + config.Mask + "@NAME.proxy.rlwy.net:PORT/" + s.text("db")),
		}}
	}
	fixes := []finding.Fix{{ID: "use-ipv4"}}
	if s.text("os") == "linux" {
		fixes = append(fixes, finding.Fix{ID: "see-ipv6", Command: "ip -6 route show default"})
	}
	return fixes
}

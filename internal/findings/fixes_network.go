package findings

import (
	"net"
	"net/url"
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/probe/trace"
	"github.com/olympiades-ia/olymp-cache/internal/provider"
)

// networkFixes are what to type for failures of names and connections that nothing around explains.
func networkFixes(s seen) []finding.Fix {
	switch s.ID {
	case "dns-not-found":
		return s.unknownNameFixes()
	case "dns-resolver-down":
		fixes := []finding.Fix{{ID: "check-network"}}
		if s.text("reason") == "domain-fails" {
			fixes = []finding.Fix{{ID: "ask-elsewhere", Command: "nslookup " + shellWord(s.or("host", "HOST")) + " 1.1.1.1"}}
		}
		if s.text("os") == "linux" {
			fixes = append(fixes, finding.Fix{ID: "see-resolver", Command: "cat /etc/resolv.conf"})
		}
		return fixes
	case "tcp-refused":
		if s.is("loopback") {
			return s.refusedHereFixes()
		}
		return s.refusedThereFixes()
	case "tcp-timeout", "tcp-unreachable":
		return s.notReachedFixes()
	case "tcp-silent":
		return s.portFixes()
	case "tcp-closed":
		return s.closedFixes()
	case "tcp-unix-socket":
		return s.socketFixes()
	}
	return nil
}

// socketFixes: a socket is made by its server when it starts, for the user and the group that it runs as.
func (s seen) socketFixes() []finding.Fix {
	path := shellWord(s.Subject)
	look := finding.Fix{ID: "check-socket", Command: "ls -l " + path}
	switch {
	case s.text("unit") != "":
		return []finding.Fix{{ID: "start-unit", Command: "sudo systemctl enable --now " + shellWord(s.text("unit"))}, look}
	case s.text("reason") == "permission" && s.text("os") == "linux":
		return []finding.Fix{look, {ID: "join-socket-group", Command: `sudo usermod -aG "$(sudo stat -c %G ` + path + `)" "$USER"`}}
	}
	return []finding.Fix{look}
}

func (s seen) unknownNameFixes() []finding.Fix {
	host := s.text("host")
	switch {
	case s.text("kube_service") != "":
		port := s.or("port", "6379")
		return []finding.Fix{
			{ID: "kube-forward", Command: "kubectl -n " + shellWord(s.text("kube_namespace")) + " port-forward service/" +
				shellWord(s.text("kube_service")) + " " + port + ":" + port},
			{ID: "then-localhost", Command: s.elsewhere(s.loopback())},
		}
	case s.text("internal_at") != "":
		return []finding.Fix{{ID: "same-region"}, {ID: "check-host"}}
	case host != "" && !strings.ContainsAny(host, ".:") && !s.sentinel() && !ofProvider(host):
		return []finding.Fix{{ID: "outside-compose", Command: s.elsewhere(s.loopback())}, {ID: "check-host"}}
	}
	return []finding.Fix{{ID: "check-host"}}
}

// ofProvider tells a name that a provider gives.
func ofProvider(host string) bool {
	id, _ := provider.OfHost(host)
	return id != ""
}

// refusedHereFixes: nothing was found on this machine that could be started, so a server is made, with what there is.
func (s seen) refusedHereFixes() []finding.Fix {
	port := s.or("port", "6379")
	run := finding.Fix{
		ID:      "run-container",
		Command: s.engine() + " run -d --name olympiades-redis -p 127.0.0.1:" + port + ":6379 " + s.redisImage(),
	}
	switch {
	case s.sentinel():
		return []finding.Fix{{ID: "start-sentinel"}}
	case s.text("ci") != "":
		return s.ciFixes()
	case s.text("container") != "":
		return []finding.Fix{{ID: "container-log", Command: s.logCommand()}}
	case s.text("listens_on") != "":
		return []finding.Fix{{ID: "use-listening-address", Command: s.elsewhere(net.JoinHostPort(s.text("listens_on"), port))}}
	}
	if near := s.runningFixes(); len(near) > 0 {
		return append(near, s.ownServer())
	}
	switch s.text("docker") {
	case "here":
		return []finding.Fix{run}
	case "stopped":
		start := finding.Fix{ID: "start-docker"}
		switch s.text("os") {
		case "linux":
			start.Command = "sudo systemctl start docker"
		case "darwin":
			start.Command = "open /Applications/Docker.app"
		}
		return []finding.Fix{start, s.install()}
	case "denied":
		return []finding.Fix{{ID: "docker-denied", Command: "sudo " + s.engine() + " ps -a"}, s.install()}
	case "elsewhere":
		return []finding.Fix{{ID: "docker-elsewhere"}, s.install()}
	case "none":
		return []finding.Fix{s.install()}
	case "silent":
		return []finding.Fix{{ID: "docker-silent", Command: s.engine() + " ps -a"}, s.install()}
	}
	system := finding.Fix{ID: "start-system", Command: "sudo systemctl start redis-server"}
	switch s.text("os") {
	case "", "linux":
	case "darwin":
		system.Command = "brew services start redis"
	default:
		system.Command = ""
	}
	return []finding.Fix{{ID: "start-compose", Command: s.composeProgram() + " up -d redis"}, system, {ID: "inside-container"}}
}

// redisImage is the image that the guide of this cache uses; podman wants its registry.
func (s seen) redisImage() string {
	if s.engine() == "podman" {
		return "docker.io/library/redis:7-alpine"
	}
	return "redis:7-alpine"
}

// install is how a server comes onto this machine.
func (s seen) install() finding.Fix {
	packager := s.packager()
	fix := finding.Fix{ID: "install-redis", Command: packages[packager].install}
	if s.is("wsl") {
		fix.ID = "install-wsl"
		if packager == "apt-get" {
			fix.Command += " && sudo service redis-server start" // there is, mostly, no systemd
		}
	}
	return fix
}

func (s seen) refusedThereFixes() []finding.Fix {
	switch {
	case s.text("container") != "" && s.text("reason") != "":
		return s.stoppedFixes()
	case s.text("container") != "":
		return []finding.Fix{{ID: "container-log", Command: s.logCommand()}, {ID: "listen-inside", Command: "bind * -::*"}}
	case s.is("neighbour"):
		return []finding.Fix{
			{ID: "use-container-port", Command: s.elsewhere(net.JoinHostPort(s.text("host"), "6379"))}, {ID: "check-running"},
		}
	case s.text("provider") != "" || s.text("private_provider") != "":
		return []finding.Fix{{ID: "provider-address"}, {ID: "check-port"}}
	}
	return []finding.Fix{{ID: "check-port"}, {ID: "check-running"}}
}

func (s seen) notReachedFixes() []finding.Fix {
	host, port := s.text("host"), s.or("port", "6379")
	firewall := finding.Fix{ID: "check-firewall"}
	if address := s.text("dialled_address"); address != "" && s.text("os") == "linux" {
		firewall = finding.Fix{ID: "check-route", Command: "ip route get " + shellWord(address)}
	}
	tunnel := finding.Fix{ID: "ssh-tunnel", Command: "ssh -N -L " + port + ":" + shellWord(net.JoinHostPort(host, port)) + " BASTION"}
	switch {
	case s.text("reason") == "queue-full":
		return s.portFixes()
	case s.text("private_provider") != "":
		return []finding.Fix{{ID: "run-in-network"}, tunnel}
	case s.text("provider") != "":
		return []finding.Fix{{ID: "provider-access"}, {ID: "check-port"}}
	case s.text("private_address") != "":
		return []finding.Fix{{ID: "join-network"}, tunnel, firewall}
	}
	if s.text("reason") == "host-unreachable" { // ICMP's «prohibited» reads the same
		return []finding.Fix{firewall, {ID: "check-firewall"}}
	}
	return []finding.Fix{firewall}
}

// closedFixes: whoever has the port runs, as it accepts.
func (s seen) closedFixes() []finding.Fix {
	listen := finding.Fix{ID: "listen-inside", Command: "bind * -::*"}
	switch {
	case s.text("binds") != "":
		return []finding.Fix{listen}
	case s.text("container_port") != "":
		return []finding.Fix{{ID: "container-log", Command: s.logCommand()}, listen}
	case s.text("container") == "" && s.text("pid") != "" && s.text("os") != "windows":
		return []finding.Fix{{ID: "check-port"}, {ID: "see-process", Command: "ps -o pid,user,etime,args -p " + s.text("pid")}}
	}
	return append([]finding.Fix{{ID: "check-port"}}, s.portFixes()...)
}

// portFixes look at whoever has the port.
func (s seen) portFixes() []finding.Fix {
	switch name := shellWord(s.text("container")); {
	case s.text("reason") == "paused":
		return []finding.Fix{{ID: "unpause", Command: s.engine() + " unpause " + name}}
	case s.text("reason") == "suspended":
		return []finding.Fix{{ID: "resume-process", Command: "kill -CONT " + s.text("pid")}}
	case s.text("health") == "unhealthy":
		return []finding.Fix{{ID: "container-log", Command: s.logCommand()}, {ID: "restart-container", Command: s.engine() + " restart " + name}}
	case s.text("container") != "":
		return []finding.Fix{{ID: "container-log", Command: s.logCommand()}}
	case s.text("pid") != "" && s.text("os") != "windows":
		return []finding.Fix{{ID: "process-state", Command: "ps -o pid,stat,etime,args -p " + s.text("pid")}}
	case s.text("provider") != "" || s.text("private_provider") != "":
		return []finding.Fix{{ID: "provider-access"}}
	case s.text("os") != "":
		return []finding.Fix{{ID: "look-at-server"}}
	}
	return []finding.Fix{{ID: "look-at-server", Command: s.composeProgram() + " logs --tail 50 redis"}}
}

func tlsFixes(s seen) []finding.Fix {
	switch s.ID {
	case "tls-required":
		return []finding.Fix{{ID: "use-rediss", Command: s.spoken("rediss")}}
	case "tls-not-supported":
		return []finding.Fix{{ID: "use-redis", Command: s.spoken("redis")}, {ID: "enable-tls"}}
	case "tls-unknown-authority", "tls-self-signed":
		return s.trustFixes()
	case "tls-name-mismatch":
		return s.certificateNameFixes()
	case "tls-expired", "tls-expires-soon":
		return []finding.Fix{{ID: "renew-certificate"}}
	case "tls-not-yet-valid":
		return []finding.Fix{{ID: "check-clock", Command: "date -u"}}
	case "tls-failed":
		return s.brokenHandshakeFixes()
	case "tls-client-cert-required":
		if s.text("reason") == "certificate-refused" {
			return []finding.Fix{{ID: "other-certificate"}}
		}
		return []finding.Fix{{ID: "give-certificate", Command: "olymp-cache test --tls-cert client.crt --tls-key client.key"}}
	case "tls-version":
		return []finding.Fix{{ID: "raise-tls"}}
	case "tls-no-roots":
		return []finding.Fix{{ID: "install-roots", Command: packages[s.packager()].roots}}
	case "tls-verification-off":
		return []finding.Fix{{ID: "verify-again", Command: s.spoken("rediss")}}
	}
	return nil
}

// trustFixes: an authority is trusted by its certificate. Heroku has none to give and says not to verify.
func (s seen) trustFixes() []finding.Fix {
	switch {
	case s.text("provider_id") == "heroku":
		return []finding.Fix{{ID: "heroku-unverified", Command: s.unverified()}}
	case s.text("provider") != "":
		return []finding.Fix{{ID: "give-provider-ca", Command: "olymp-cache test --tls-ca ca.pem"}}
	case s.ID == "tls-self-signed":
		return []finding.Fix{
			{ID: "show-certificate", Command: s.showCertificate() + " | tee ca.pem"},
			{ID: "give-ca-self", Command: "olymp-cache test --tls-ca ca.pem"},
		}
	}
	return []finding.Fix{{ID: "give-ca", Command: "olymp-cache test --tls-ca ca.pem"}}
}

// unverified is the target with the option by which redis-py leaves the certificate unverified.
func (s seen) unverified() string {
	_, login, rest := s.address()
	if rest == "" || s.sentinel() {
		return ""
	}
	return assignment("rediss://" + login + rest + "?ssl_cert_reqs=none")
}

// showCertificate prints the certificate that the server shows, for comparison with the one its owner has.
func (s seen) showCertificate() string {
	at := net.JoinHostPort(s.or("host", "HOST"), s.or("port", "6380"))
	return "openssl s_client -connect " + shellWord(at) + " </dev/null | openssl x509"
}

// brokenHandshakeFixes: a proxy that stands for several servers wants the name of one.
func (s seen) brokenHandshakeFixes() []finding.Fix {
	at := shellWord(net.JoinHostPort(s.or("host", "HOST"), s.or("port", "6380")))
	look := finding.Fix{ID: "show-handshake", Command: "openssl s_client -connect " + at + " </dev/null"}
	if s.text("reason") == "wants-name" {
		return []finding.Fix{{ID: "give-server-name-first", Command: "olymp-cache test --tls-server-name NAME"}, look}
	}
	return []finding.Fix{look}
}

func (s seen) certificateNameFixes() []finding.Fix {
	if s.text("reason") == "common-name-only" {
		kind := "DNS:"
		if trace.IsAddress(s.text("wanted_name")) {
			kind = "IP:"
		}
		return []finding.Fix{{ID: "reissue-certificate", Command: "subjectAltName=" + kind + s.text("wanted_name")}}
	}
	name, _, _ := strings.Cut(s.text("certificate_names"), ",")
	if name == "" {
		return nil
	}
	use := finding.Fix{ID: "use-certificate-name"}
	give := finding.Fix{ID: "give-server-name", Command: "olymp-cache test --tls-server-name " + shellWord(name)}
	if s.is("by_address") {
		give.ID = "give-server-name-first"
		return []finding.Fix{give, use}
	}
	return []finding.Fix{use, give}
}

func protocolFixes(s seen) []finding.Fix {
	switch s.ID {
	case "proto-http", "proto-other":
		if s.text("found_port") != "" {
			return []finding.Fix{{ID: "use-found-port", Command: s.found("localhost")}, {ID: "check-port"}}
		}
		return []finding.Fix{{ID: "check-port"}}
	case "proto-sentinel":
		name, _, _ := strings.Cut(s.text("masters"), ",")
		if name == "" {
			name = "mymaster"
		}
		return []finding.Fix{{ID: "use-sentinel", Command: s.throughSentinel(name)}}
	case "proto-old-server":
		return []finding.Fix{{ID: "upgrade-server"}}
	case "sentinel-unknown-master":
		name, _, _ := strings.Cut(s.text("known"), ",")
		return []finding.Fix{{ID: "use-known-master", Command: s.watched(name)}}
	case "sentinel-master-down":
		return s.masterFixes()
	case "sentinel-not-a-sentinel":
		return []finding.Fix{{ID: "use-plain-url", Command: s.plain()}}
	}
	return nil
}

// masterFixes: the primary is to run again; the Sentinel tells why no other does.
func (s seen) masterFixes() []finding.Fix {
	_, _, rest := s.address()
	first, _, _ := strings.Cut(rest, "/")
	first, _, _ = strings.Cut(first, ",")
	host, port, err := net.SplitHostPort(s.or("asked_sentinel", first))
	fixes := []finding.Fix{{ID: "start-primary"}}
	if err != nil {
		return fixes
	}
	ask := "redis-cli -h " + shellWord(host) + " -p " + shellWord(port) + " SENTINEL "
	if s.is("tls") {
		ask = strings.Replace(ask, "redis-cli", "redis-cli --tls", 1)
	}
	name := shellWord(s.text("announced_master"))
	return append(fixes, finding.Fix{ID: "see-master", Command: ask + "MASTER " + name},
		finding.Fix{ID: "check-failover", Command: ask + "CKQUORUM " + name})
}

// watched is the target with another name of the primary; empty where no name is known.
func (s seen) watched(name string) string {
	scheme, login, rest := s.address()
	hosts, _, ok := strings.Cut(rest, "/")
	if name == "" || !ok || !s.sentinel() {
		return ""
	}
	return assignment(scheme + "://" + login + hosts + "/" + url.PathEscape(name) + "/" + s.text("db"))
}

// plain is the server that was asked for a primary, as a data server.
func (s seen) plain() string {
	if s.text("host") == "" || !s.sentinel() {
		return ""
	}
	return s.elsewhere(net.JoinHostPort(s.text("host"), s.or("port", "6379")))
}

package findings_test

import (
	"slices"
	"testing"

	"github.com/olympiades-ia/olymp-cache/internal/evidence"
	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/probe/trace"
	"github.com/olympiades-ia/olymp-cache/internal/surround/scene"
)

var serverCases = slices.Concat(
	authCases, loginCases, brokenCases, wordsCases, clusterCases, serverStateCases, controlCases, openCases, securityCases,
	versionCases, persistenceCases,
)

// change is something that differs from a healthy server.
type change func(e *evidence.Evidence)

// changed is a healthy server with changes.
func changed(lines []string, changes ...change) func(t *testing.T) *evidence.Evidence {
	return func(t *testing.T) *evidence.Evidence {
		t.Helper()
		e := healthy(t, lines...)
		for _, c := range changes {
			c(e)
		}
		return e
	}
}

// lines are those of INFO that are replaced.
func lines(all ...string) []string { return all }

// set changes settings of CONFIG: name, value, name, value…
func set(pairs ...string) change {
	return func(e *evidence.Evidence) {
		for i := 0; i < len(pairs); i += 2 {
			e.Server.Nodes[0].Config.Value.Values[pairs[i]] = snapshot.Text(pairs[i+1])
		}
	}
}

// failed is a climb that a refusal ended on a server that was reached.
func failed(rung, id, reply string, seen ...finding.Evidence) change {
	return func(e *evidence.Evidence) {
		e.Trace.Failure = &trace.Failure{Rung: rung, Finding: finding.Finding{
			ID: id, Severity: finding.Critical, Subject: e.Target.Address,
			Evidence: append([]finding.Evidence{ev("address", e.Target.Address), ev("step", rung), ev("reply", reply)}, seen...),
		}}
	}
}

// at is the target of the diagnosis, reached at these addresses.
func at(t *testing.T, url string, addresses ...string) change {
	t.Helper()
	target := targetOf(t, url)
	return func(e *evidence.Evidence) {
		e.Target = target
		e.Trace.Host, e.Trace.Port = target.Host, target.Port
		e.Server.Nodes[0].Addr = target.Address
		for _, a := range addresses {
			e.Trace.Dials = append(e.Trace.Dials, trace.Dial{Address: a})
		}
	}
}

// with is a healthy server at another target.
func with(url string, addresses []string, changes ...change) func(t *testing.T) *evidence.Evidence {
	return func(t *testing.T) *evidence.Evidence {
		t.Helper()
		return changed(nil, slices.Concat([]change{at(t, url, addresses...)}, changes)...)(t)
	}
}

// readOnly is a diagnosis that writes nothing.
func readOnly(e *evidence.Evidence) { e.ReadOnly = true }

// open takes the password of the default user away.
func open(e *evidence.Evidence) {
	n := &e.Server.Nodes[0]
	n.Self.Value.Passwords, n.Self.Value.NoPass = 0, true
	n.Users.Value = []snapshot.User{n.Self.Value}
	n.Config.Value.PasswordLength = snapshot.Some(int64(0))
}

// refusing is a server that refuses these questions, as a provider's does.
func refusing(questions ...string) change {
	return func(e *evidence.Evidence) {
		n := &e.Server.Nodes[0]
		const reply = "NOPERM this user has no permissions to run the command"
		for _, q := range questions {
			switch q {
			case "INFO":
				n.Info = refused[snapshot.Info]("INFO everything", reply)
			case "CONFIG":
				n.Config = refused[snapshot.Config]("CONFIG GET", reply)
			case "ACL":
				n.Self, n.Users = refused[snapshot.User]("ACL GETUSER default", reply), refused[[]snapshot.User]("ACL LIST", reply)
				n.ACLLog = refused[[]snapshot.Denial]("ACL LOG 10", reply)
			case "SLOWLOG":
				n.Slowlog = refused[[]snapshot.SlowCommand]("SLOWLOG GET 25", reply)
			case "CLIENT":
				n.Clients = refused[snapshot.ClientList]("CLIENT LIST", reply)
			case "LATENCY":
				n.Latency = refused[[]snapshot.LatencyEvent]("LATENCY LATEST", reply)
			}
		}
	}
}

// container is one called «cache» that runs and publishes a port.
func container(hostIP string, change ...func(*scene.Container)) scene.Container {
	c := scene.Container{
		Name: "cache", Image: "redis:7.4.2-alpine", Product: "redis", State: "running",
		Ports: []scene.PublishedPort{{Port: 6379, Protocol: "tcp", HostIP: hostIP, HostPort: 6379}},
	}
	for _, f := range change {
		f(&c)
	}
	return c
}

// inDocker puts containers next to the server.
func inDocker(all ...scene.Container) change {
	return func(e *evidence.Evidence) {
		e.Around.Docker.Client = seenAround(scene.DockerClient{Engine: "docker"})
		e.Around.Docker.Containers = seenAround(all)
	}
}

// listening are sockets of this machine.
func listening(all ...scene.Socket) change {
	return func(e *evidence.Evidence) { e.Around.Sockets = seenAround(all) }
}

// controlCases are healthy, each in its own way: nothing is wrong, so nothing is said.
var controlCases = []ruleCase{
	{
		name: "control: as the guide wants it", seen: changed(nil), root: "-",
		not:  append([]string{"security-no-password", "security-exposed", "server-restarted", "persistence-off"}, loud...),
		skip: []string{"security-outdated"}, // Debian mends 7.0.15 without a new number
	},
	{
		name: "control: a replica that is asked without writing", root: "-", not: loud,
		seen: changed(lines("role:slave", "master_host:10.0.0.5", "master_port:6379", "master_link_status:up",
			"master_last_io_seconds_ago:1", "master_sync_in_progress:0"), readOnly),
	},
	{
		name: "control: a provider that refuses what looks at the server", root: "-", not: loud,
		seen: with("redis://red-cabc123def456ghi7890:6379", []string{"10.0.0.9"}, refusing("CONFIG", "ACL", "SLOWLOG", "CLIENT", "LATENCY")),
		skip: []string{"security-default-maxclients", "security-dangerous-commands", "security-intrusion"},
	},
	{
		name: "control: a user with +@all -@dangerous, who may not even ask INFO", root: "-", not: loud,
		seen: changed(nil, refusing("INFO", "CONFIG", "ACL", "SLOWLOG", "CLIENT", "LATENCY")),
		skip: []string{
			"auth-not-configured", "auth-failures-seen", "auth-user-disabled", "server-loading", "server-errors-seen", "server-old-version",
			"server-restarted", "server-masterdown", "persistence-failing", "persistence-off", "persistence-overcommit", "security-outdated",
			"security-default-maxclients", "security-dangerous-commands", "security-intrusion",
		},
	},
	{
		name: "control: a cluster", root: "-", not: loud,
		seen: cluster(func(e *evidence.Evidence) {
			for i := range e.Server.Nodes {
				e.Server.Nodes[i].Info = known("INFO everything", infoWith("errorstat_MOVED:count=90000", "errorstat_ASK:count=300"))
			}
		}),
	},
	{
		name: "control: TLS over the internet", root: "-", not: loud,
		seen: with("rediss://default:secret@cache.example.com:6380/0", []string{"203.0.113.7"}),
	},
	{
		name: "control: a password in a private network", root: "-", not: loud,
		seen: with("redis://default:secret@cache.example.com:6379/0", []string{"10.1.2.3"}, set("bind", "*")),
	},
	{
		name: "control: published everywhere, with a password", root: "-", not: append([]string{"security-no-password"}, loud...),
		seen: changed(lines("process_id:1", "executable:/data/redis-server"), inDocker(container("0.0.0.0")), set("bind", "* -::*")),
	},
}

// loud are the ids of this area that are more than information.
var loud = []string{
	"config-env-tracked", "auth-required", "auth-wrong", "auth-user-disabled", "auth-no-permission", "auth-not-configured", "server-loading",
	"server-masterdown", "server-noreplicas", "server-readonly", "server-cluster-down", "server-cluster-unreachable",
	"server-errors-seen", "server-old-version", "persistence-failing", "security-intrusion", "security-exposed",
	"security-plain-text", "security-outdated",
}

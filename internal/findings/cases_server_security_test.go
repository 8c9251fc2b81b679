package findings_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/evidence"
	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/findings"
	"github.com/olympiades-ia/olymp-cache/internal/surround/scene"
)

const local = "redis://127.0.0.1:6379/0"

// everywhere is a server that listens on every address and lets strangers in.
var everywhere = set("bind", "* -::*", "protected-mode", "no")

// openCases have no password; how bad that is depends on who reaches them.
var openCases = []ruleCase{
	{
		name: "open: on loopback", root: "-", want: []string{"security-no-password"}, not: []string{"security-exposed", "auth-not-configured"},
		says: []string{"-x CONFIG SET requirepass"}, seen: with(local, nil, open),
	},
	{
		name: "open: protected mode keeps strangers out", root: "-", want: []string{"security-no-password"}, not: []string{"security-exposed"},
		seen: with(local, nil, open, set("bind", "* -::*"), listening(scene.Socket{Address: "0.0.0.0", Port: 6379})),
	},
	{
		name: "open: protected mode before Redis 7 gives way to an address that was bound", root: "security-exposed",
		seen: with(local, nil, open, version("6.2.24"), set("bind", "0.0.0.0"), listening(scene.Socket{Address: "0.0.0.0", Port: 6379})),
	},
	{
		name: "open: protected mode before Redis 7", root: "-", want: []string{"security-no-password"}, not: []string{"security-exposed"},
		seen: with(local, nil, open, version("6.2.24"), set("bind", ""), listening(scene.Socket{Address: "0.0.0.0", Port: 6379})),
	},
	{
		name: "open: a name for this machine", root: "-", want: []string{"security-no-password"}, not: []string{"security-exposed"},
		seen: with("redis://cache.local:6379", []string{"127.0.0.1"}, open),
	},
	{
		name: "open: a provider's private network", root: "-", want: []string{"security-no-password"}, not: []string{"security-exposed"},
		seen: with("redis://shop.abc123.0001.euw1.cache.amazonaws.com:6379", []string{"10.0.0.9"}, open, everywhere),
	},
	{
		name: "open: to every network", root: "security-exposed", want: []string{"security-exposed", "security-no-password"},
		says: []string{"CONFIG SET protected-mode yes", "bind 127.0.0.1 -::1"},
		seen: with(local, nil, open, everywhere, listening(scene.Socket{Address: "0.0.0.0", Port: 6379})),
	},
	{
		name: "open: to every network, as CONFIG alone tells", root: "security-exposed",
		seen: with(local, nil, open, everywhere,
			func(e *evidence.Evidence) { e.Around.Sockets = scene.Fact[[]scene.Socket]{Status: scene.Denied} }),
	},
	{
		name: "open: on an address of the network", root: "security-no-password", not: []string{"security-exposed"},
		seen: with(local, nil, open, set("bind", "127.0.0.1 192.168.1.5", "protected-mode", "no")),
	},
	{
		name: "open: on a public address", root: "security-exposed",
		seen: with(local, nil, open, set("bind", "127.0.0.1 203.0.113.5", "protected-mode", "no")),
	},
	{
		name: "open: published by Docker everywhere", root: "security-exposed", says: []string{`ports: ["127.0.0.1:6379:6379"]`},
		seen: func(t *testing.T) *evidence.Evidence {
			t.Helper()
			return changed(lines("process_id:1"), at(t, local), open, everywhere, listening(scene.Socket{Address: "0.0.0.0", Port: 6379}),
				inDocker(container("", func(c *scene.Container) { c.Compose.Service = "redis" })))(t)
		},
	},
	{
		name: "open: published by Docker everywhere, nothing else is known", root: "security-exposed", says: []string{"-p 127.0.0.1:6379:6379"},
		seen: with(local, nil, refusing("INFO", "CONFIG", "ACL"), inDocker(container("0.0.0.0"))),
	},
	{
		name: "open: published by Docker on loopback", root: "-", want: []string{"security-no-password"}, not: []string{"security-exposed"},
		seen: func(t *testing.T) *evidence.Evidence {
			t.Helper()
			return changed(lines("process_id:1"), at(t, local), open, everywhere, listening(scene.Socket{Address: "127.0.0.1", Port: 6379}),
				inDocker(container("127.0.0.1")))(t)
		},
	},
	{
		name: "open: in a container of which nothing is known", root: "-", want: []string{"security-no-password"},
		not: []string{"security-exposed"},
		seen: func(t *testing.T) *evidence.Evidence {
			t.Helper()
			return changed(lines("process_id:1"), at(t, local), open, everywhere)(t)
		},
	},
	{
		name: "open: behind a tunnel", root: "-", not: []string{"security-exposed"},
		seen: with(local, nil, open, everywhere, listening(scene.Socket{Address: "127.0.0.1", Port: 6379, Process: "ssh"})),
	},
	{
		name: "open: nothing can be asked, and it listens everywhere", root: "-", not: []string{"security-exposed"},
		seen: with(local, nil, refusing("CONFIG", "ACL"), listening(scene.Socket{Address: "0.0.0.0", Port: 6379})),
	},
	{
		name: "open: Docker on another machine", root: "-", not: []string{"security-exposed"},
		seen: with(local, nil, open, inDocker(container("0.0.0.0")), func(e *evidence.Evidence) {
			e.Around.Docker.Client.Value.HostScheme = "ssh"
		}),
	},
	{
		name: "open: from another machine of the network", root: "security-no-password", not: []string{"security-exposed"},
		seen: with("redis://10.0.0.5:6379", []string{"10.0.0.5"}, open),
	},
	{
		name: "open: from the internet", root: "security-exposed", seen: with("redis://cache.example.com:6379", []string{"203.0.113.7"}, open),
	},
	{
		name: "open: a service of Compose", root: "-", want: []string{"security-no-password"}, not: []string{"security-exposed"},
		seen: with("redis://redis:6379", []string{"172.18.0.2"}, open, everywhere, func(e *evidence.Evidence) {
			e.Around.Container = seenAround(scene.OwnContainer{Inside: true, Runtime: "docker"})
		}),
	},
	{
		name: "open: a machine of the office, by its short name", root: "security-no-password",
		seen: with("redis://redis-prod:6379", []string{"192.168.1.20"}, open, everywhere),
	},
	{
		name: "open: Render's own network", root: "-", want: []string{"security-no-password"}, not: []string{"security-exposed"},
		seen: with("redis://red-cabc123def456ghi7890:6379", []string{"10.0.0.9"}, open, everywhere),
	},
	{
		name: "open: a socket file", root: "-", want: []string{"security-no-password"}, not: []string{"security-exposed"},
		seen: with("unix:///run/redis.sock", nil, open, everywhere, func(e *evidence.Evidence) {
			e.Server.Nodes[0].Info = known("INFO everything", infoWith("tcp_port:0"))
		}),
	},
	{
		name: "a default user who is off", not: []string{"security-no-password", "security-exposed"},
		seen: with("redis://app:pw@127.0.0.1:6379", nil, open, everywhere,
			func(e *evidence.Evidence) { e.Server.Nodes[0].Users.Value[0].Enabled = false }),
	},
	{
		name: "a password of which only its length is known", not: []string{"security-no-password"},
		seen: changed(nil, refusing("ACL"), everywhere),
	},
	{
		name: "a password, and nothing can be asked", not: []string{"security-no-password"},
		skip: []string{"security-no-password", "security-exposed"},
		seen: changed(nil, refusing("ACL", "CONFIG")),
	},
}

// securityCases are the other findings of that category.
var securityCases = []ruleCase{
	{
		name: "a password in clear over the internet", root: "-", want: []string{"security-plain-text"},
		says: []string{"REDIS_URL=rediss://default:***@cache.example.com:6379/0", "ssh -N -L 6379:127.0.0.1:6379 cache.example.com"},
		seen: with("redis://default:secret@cache.example.com", []string{"203.0.113.7"}),
	},
	{
		name: "in clear through Railway's proxy", want: []string{"security-plain-text"},
		seen: with("redis://default:secret@word.proxy.rlwy.net:12345", []string{"203.0.113.7"}),
	},
	{
		name: "in clear to a provider that offers TLS", want: []string{"security-plain-text"}, says: []string{"rediss://"},
		seen: with("redis://default:secret@redis-12345.c1.eu.ec2.cloud.redislabs.com:12345", []string{"203.0.113.7"}),
	},
	{
		name: "in clear where only this network reads it", not: []string{"security-plain-text"},
		seen: with("redis://default:secret@cache.example.com", []string{"192.168.1.4"}),
	},
	{
		name: "in clear to a public address of this very machine", not: []string{"security-plain-text"},
		seen: with("redis://default:secret@203.0.113.7", []string{"203.0.113.7"},
			listening(scene.Socket{Address: "0.0.0.0", Port: 6379, PID: 31825, Process: "redis-server"})),
	},
	{
		name: "in clear to another machine, while a Redis runs here too", want: []string{"security-plain-text"},
		seen: with("redis://default:secret@203.0.113.7", []string{"203.0.113.7"},
			listening(scene.Socket{Address: "0.0.0.0", Port: 6379, PID: 4711, Process: "redis-server"})),
	},
	{
		name: "in clear through a VPN", not: []string{"security-plain-text"},
		seen: with("redis://default:secret@cache.example.com", []string{"100.101.102.103"}),
	},
	{
		name: "in clear without a password", not: []string{"security-plain-text"},
		seen: with("redis://cache.example.com", []string{"203.0.113.7"}),
	},
	{
		name: "ten thousand connections", root: "-", want: []string{"security-default-maxclients"}, says: []string{"CONFIG SET maxclients 1000"},
		seen: changed(nil, set("maxclients", "10000")),
	},
	{
		name: "connections that a provider limits", not: []string{"security-default-maxclients"}, skip: []string{"security-default-maxclients"},
		seen: with("rediss://default:pw@x.aivencloud.com:12345", []string{"203.0.113.7"}, set("maxclients", "10000")),
	},
	{
		name: "connections that were limited", not: []string{"security-default-maxclients"}, seen: changed(nil),
	},
	{
		name: "an administrator's rights", root: "-", want: []string{"security-dangerous-commands"},
		says: []string{"ACL SETUSER app on '~*' -@all +@read", "-x ACL SETUSER app"}, seen: changed(nil),
	},
	{
		name: "the application's user with all rights", want: []string{"security-dangerous-commands"},
		says: []string{"ACL SETUSER shop -@dangerous +info"},
		seen: changed(nil, func(e *evidence.Evidence) { e.Server.Nodes[0].Self.Value.Name = "shop" }),
	},
	{
		name: "the application's user with few rights", not: []string{"security-dangerous-commands"},
		seen: changed(nil, func(e *evidence.Evidence) { e.Server.Nodes[0].Self.Value.Commands = "+@all -@dangerous +info" }),
	},
	{
		name: "keys of a worm", root: "security-intrusion",
		seen: changed(nil, func(e *evidence.Evidence) { e.Keys.Value.Suspicious = []snapshot.Text{"backup1", "backup2"} }),
	},
	{
		name: "a save file in .ssh", root: "security-intrusion", says: []string{"docker stop cache"},
		seen: changed(nil, set("dir", "/root/.ssh", "dbfilename", "authorized_keys"), inDocker(container("127.0.0.1"))),
	},
	{
		name: "a module that runs commands", root: "security-intrusion", seen: changed(lines("module:name=system,ver=1")),
	},
	{
		name: "a save file with an ordinary name", not: []string{"security-intrusion"},
		seen: changed(lines("module:name=ReJSON,ver=20008"), set("dir", "/srv/root", "dbfilename", "root.rdb")),
	},
	{
		name: "a .env file in git", root: "config-env-tracked",
		says: []string{"git -C backend rm --cached -f -- .env", `printf '\n/%s\n' .env >> backend/.gitignore`},
		seen: changed(nil, fromFile("backend/.env:3", scene.EnvFile{File: "backend/.env", Repository: true, Tracked: true})),
	},
	{
		name: "a .env file in git, and Redis is down", want: []string{"config-env-tracked"}, seen: func(t *testing.T) *evidence.Evidence {
			t.Helper()
			e := unreached(t, "redis://:pw@cache.example.com", "tcp", "tcp-timeout")
			fromFile(".env:1", scene.EnvFile{File: ".env", Repository: true, Tracked: true})(e)
			return e
		},
	},
	{
		name: "a .env file that git ignores", not: []string{"config-env-tracked"},
		seen: changed(nil, fromFile(".env:3", scene.EnvFile{File: ".env", Repository: true})),
	},
	{
		name: "a .env file in git with no secret in it", not: []string{"config-env-tracked"}, seen: func(t *testing.T) *evidence.Evidence {
			t.Helper()
			return with(local, nil, fromFile(".env:3", scene.EnvFile{File: ".env", Repository: true, Tracked: true}))(t)
		},
	},
	{
		name: "a .env file in git beside the one with the secret", not: []string{"config-env-tracked"},
		seen: changed(nil, fromFile(".env.local:3", scene.EnvFile{File: ".env", Repository: true, Tracked: true})),
		skip: []string{"config-env-tracked"},
	},
	{
		name: "two .env files with a password in git", root: "config-env-tracked", says: []string{"git -C backend rm --cached -f -- .env"},
		seen: changed(nil, fromFile("backend/.env:3", scene.EnvFile{File: ".env", Repository: true, Tracked: true, SecretLine: 2},
			scene.EnvFile{File: "backend/.env", Repository: true, Tracked: true, SecretLine: 3})),
	},
	{
		name: "a .env file with a password in git, and the address comes from elsewhere", root: "-", status: findings.StatusWarning,
		want: []string{"config-env-tracked"}, says: []string{"git rm --cached -f -- .env"},
		seen: changed(nil, fromFile("env", scene.EnvFile{File: "backend/.env", Repository: true},
			scene.EnvFile{File: ".env", Repository: true, Tracked: true, SecretLine: 2})),
	},
	{
		name: "a .env file in git, and the address comes from elsewhere", not: []string{"config-env-tracked"},
		seen: changed(nil, fromFile("env", scene.EnvFile{File: ".env", Repository: true, Tracked: true})),
	},
	{
		name: "git was not asked", skip: []string{"config-env-tracked"},
		seen: changed(nil, fromFile(".env:3"), func(e *evidence.Evidence) { e.Offline = true }),
	},
}

// fromFile is a URL that stands in a file, and what git knows of files.
func fromFile(source string, files ...scene.EnvFile) change {
	return func(e *evidence.Evidence) {
		e.Target.Source = source
		for _, f := range files {
			e.Around.EnvFiles = append(e.Around.EnvFiles, seenAround(f))
		}
	}
}

// TestBehindSentinel: what counts is where the server is, not where its Sentinel is.
func TestBehindSentinel(t *testing.T) {
	t.Parallel()
	const trio = "redis+sentinel://:secret@127.0.0.1:26379/vitrine/0"
	for server, want := range map[string]bool{"203.0.113.7:6379": true, "127.0.0.1:6379": false, "10.0.0.5:6379": false} {
		e := with(trio, []string{"127.0.0.1"})(t)
		e.Server.Nodes[0].Addr = server
		if got := slicesContains(t, e, "security-plain-text"); got != want {
			t.Errorf("%s: in clear over the internet: %v", server, got)
		}
	}
	e := with(strings.Replace(trio, ":secret@", "", 1), []string{"127.0.0.1"}, open)(t)
	e.Server.Nodes[0].Addr = "10.0.0.5:6379"
	if f := judged(t, e, "security-no-password"); f.Severity != finding.Critical || f.Value("listens") != "10.0.0.5:6379" {
		t.Errorf("%s: %v", f.Severity, f.Evidence)
	}
}

// TestCommandsBehindSentinel: what is to be typed goes to the server that the Sentinels named.
func TestCommandsBehindSentinel(t *testing.T) {
	t.Parallel()
	e := with("redis+sentinel://h1:26379,h2:26379/vitrine/0", nil, set("maxclients", "10000"))(t)
	e.Server.Nodes[0].Addr = "10.0.0.5:6380"
	f := judged(t, e, "security-default-maxclients")
	if len(f.Fixes) == 0 || !strings.Contains(f.Fixes[0].Command, "-h 10.0.0.5 -p 6380 CONFIG SET maxclients") {
		t.Errorf("%+v", f.Fixes)
	}
	if f.Value("loopback") != false || f.Value("url") != "redis+sentinel://h1:26379,h2:26379/vitrine/0" {
		t.Errorf("%+v", f.Evidence)
	}
}

// TestReachable: what shows that only this machine gets in is in the evidence.
func TestReachable(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ bind, mode, want string }{
		"bound": {"127.0.0.1 -::1", "no", "CONFIG GET bind"}, "protected": {"* -::*", "yes", "CONFIG GET protected-mode"},
	} {
		f := judged(t, with(local, nil, open, set("bind", c.bind, "protected-mode", c.mode))(t), "security-no-password")
		i := slices.IndexFunc(f.Evidence, func(e finding.Evidence) bool { return e.Name == "reachable" })
		if i < 0 || f.Evidence[i].Source != c.want {
			t.Errorf("%s: %v", name, f.Evidence)
		}
	}
}

// TestOpenSeverity: critical where others reach it, information where only this machine does.
func TestOpenSeverity(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]finding.Severity{
		local: finding.Info, "redis://10.0.0.5:6379": finding.Critical, "redis://203.0.113.7:6379": finding.Critical,
		"redis://redis:6379":     finding.Critical, // a machine of this network, as this process is in no container
		"redis://[fd00::5]:6379": finding.Critical, "redis://[::1]:6379": finding.Info,
	} {
		if f := judged(t, with(url, nil, open)(t), "security-no-password"); f.Severity != want {
			t.Errorf("%s: %s", url, f.Severity)
		}
	}
}

// TestNoSecretInTheOpen: a certificate of one's own may be what lets us in.
func TestNoSecretInTheOpen(t *testing.T) {
	t.Parallel()
	e := with("rediss://10.0.0.5:6379", nil, refusing("ACL", "CONFIG"))(t)
	e.Target.HasCert, e.Target.Network = true, config.NetworkTCP
	for _, c := range []struct {
		cert bool
		want bool
	}{{true, false}, {false, true}} {
		e.Target.HasCert = c.cert
		if got := slicesContains(t, e, "security-no-password"); got != c.want {
			t.Errorf("with a certificate %v: found %v", c.cert, got)
		}
	}
}

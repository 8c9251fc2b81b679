package findings_test

import (
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/probe/trace"
	"github.com/olympiades-ia/olymp-cache/internal/surround/scene"
)

var reachCases = []ruleCase{
	{
		name: "a firewall",
		seen: failing("redis://cache.example.com:6379/0", "tcp", "tcp-timeout", dials(trace.Timeout, "203.0.113.5")),
		root: "tcp-timeout",
	},
	{
		name: "a private address",
		seen: failing("redis://cache.example.com:6379/0", "tcp", "tcp-timeout", dials(trace.Timeout, "10.0.0.5")),
		root: "tcp-timeout", says: []string{"ssh -N -L 6379:cache.example.com:6379 BASTION"},
	},
	{
		name: "ElastiCache from outside",
		seen: failing("redis://vitrine.abcdef.ng.0001.euw1.cache.amazonaws.com:6379/0", "tcp", "tcp-timeout", dials(trace.Timeout, "172.31.0.5")),
		root: "tcp-timeout", says: []string{"BASTION"},
	},
	{
		name: "a provider that lets in whom it was told to",
		seen: failing("rediss://frankfurt-keyvalue.render.com:6379/0", "tcp", "tcp-timeout", dials(trace.Timeout, "203.0.113.5")),
		root: "tcp-timeout",
	},
	{
		name: "a queue that is full",
		seen: failing(here, "tcp", "tcp-timeout", dials(trace.Timeout, "127.0.0.1"),
			withSocket(scene.Socket{Address: "127.0.0.1", Port: 6379, PID: 70, Process: "redis-server"})),
		root: "tcp-timeout", says: []string{"ps -o pid,stat,etime,args -p 70"},
	},
	{name: "the primary that a Sentinel announces", seen: announced(nil), root: "server-cluster-unreachable"},
	{
		name: "a primary that its Sentinel sees down", root: "sentinel-master-down", says: []string{"-h h1 -p 26379 SENTINEL CKQUORUM vitrine"},
		seen: announced(&trace.Watched{Flags: "s_down,o_down,master,disconnected", Quorum: 2}),
	},
	{
		name: "no route",
		seen: failing("redis://10.66.0.1:6379/0", "tcp", "tcp-unreachable", dials(trace.Unreachable, "10.66.0.1")),
		root: "tcp-unreachable", says: []string{"ip route get 10.66.0.1"},
	},
	{
		name: "a container that is paused",
		seen: failing(here, "protocol", "tcp-silent", containers(redisIn("cache-1", "paused", 6379)),
			answering(scene.AnswerSilent, "127.0.0.1", 6379)),
		root: "tcp-silent", says: []string{"docker unpause cache-1"},
	},
	{
		name: "a container that is not well",
		seen: failing(here, "protocol", "tcp-silent", containers(func() scene.Container {
			c := redisIn("cache-1", "running", 6379)
			c.Health, c.HealthOutput = "unhealthy", "timeout"
			return c
		}())),
		root: "tcp-silent", says: []string{"docker restart cache-1", "docker logs --tail 50 cache-1"},
	},
	{
		name: "a process that says nothing",
		seen: failing(here, "protocol", "tcp-silent", withSocket(scene.Socket{
			Address: "127.0.0.1", Port: 6379, PID: 70,
			Process: "redis-server",
		})),
		root: "tcp-silent", says: []string{"ps -o pid,stat,etime,args -p 70"},
	},
	{
		name: "a process that a signal has suspended",
		seen: failing(here, "protocol", "tcp-silent", withSocket(scene.Socket{
			Address: "127.0.0.1", Port: 6379, PID: 70, Process: "redis-server", Stopped: true,
		})),
		root: "tcp-silent", says: []string{"kill -CONT 70"},
	},
	{
		name: "a port of Docker with nothing behind it",
		seen: failing(here, "protocol", "tcp-closed", containers(redisIn("cache-1", "running", 6379)), func(e *evidenceOf) {
			e.Trace.Clear = &trace.Words{Problem: trace.Closed}
			e.Trace.Handshake = &trace.Handshake{Problem: trace.Closed, Words: "EOF"}
		}),
		root: "tcp-closed", says: []string{"docker logs --tail 50 cache-1"},
	},
	{
		name: "a port of Docker that leads to another port inside",
		seen: failing(here, "protocol", "tcp-closed", containers(func() scene.Container {
			c := redisIn("cache-1", "running", 6379)
			c.Ports[0].Port, c.Command = 6380, []string{"redis-server", "--appendonly", "yes"}
			return c
		}())),
		root: notPublished, says: []string{
			"docker create --name cache-1-published --volumes-from cache-1 -p 127.0.0.1:6379:6379 redis:7-alpine redis-server --appendonly yes" +
				" && docker stop cache-1 && docker start cache-1-published",
		},
	},
	{
		name: "a port of Docker that leads to another port, where a file may say which is listened on",
		seen: failing(here, "protocol", "tcp-closed", containers(func() scene.Container {
			c := redisIn("cache-1", "running", 6379)
			c.Ports[0].Port, c.Command = 6380, []string{"redis-server", "/etc/redis.conf"}
			return c
		}())),
		root: "tcp-closed", not: []string{notPublished}, says: []string{"docker logs --tail 50 cache-1"},
	},
	{
		name: "a container that listens on its own loopback",
		seen: failing(here, "protocol", "tcp-closed", containers(func() scene.Container {
			c := redisIn("cache-1", "running", 6379)
			c.Command = []string{"redis-server", "--bind", "127.0.0.1", "-::1", "--port", "6379"}
			return c
		}())),
		root: "tcp-closed", says: []string{"bind * -::*"},
	},
	{
		name: "a container that starts again and again",
		seen: failing(here, "protocol", "tcp-closed", containers(func() scene.Container {
			c := died(redisIn("cache-1", "restarting", 6379), 1, false, "Bad directive")
			c.State = "restarting"
			return c
		}())),
		root: stopped, says: []string{"docker logs --tail 50 cache-1"},
	},
	{
		name: "a container that starts again and again, seen while it ran",
		seen: failing(here, "protocol", "tcp-closed", containers(func() scene.Container {
			c := redisIn("cache-1", "running", 6379)
			c.RestartCount, c.StartedAt = 7, noon.Add(-time.Second)
			return c
		}())),
		root: stopped, says: []string{"docker logs --tail 50 cache-1"},
	},
	{
		name: "every address of this machine",
		seen: failing("redis://0.0.0.0:6390/1", "tcp", refusedHere, dials(trace.Refused, "0.0.0.0"),
			answering(scene.AnswerPong, "127.0.0.1", 6379)),
		root: "tcp-refused-other-port", says: []string{"REDIS_URL=redis://localhost:6379/1"},
	},
	{
		name: "a container in the host's network",
		seen: failing("redis://redis:6379/0", "dns", "dns-not-found", works(), func(e *evidenceOf) {
			e.Around.Container = seenAround(scene.OwnContainer{Inside: true, Runtime: "docker", Bridge: "docker0"})
		}),
		root: "dns-compose-name-outside",
	},
	{
		name: "a socket file whose service does not run",
		seen: failingWith("unix:///run/redis.sock", "tcp", "tcp-unix-socket", []finding.Evidence{ev("reason", "missing")}, func(e *evidenceOf) {
			e.Around.Units = seenAround([]scene.Unit{{Name: "redis-server.service", LoadState: "loaded", ActiveState: "inactive", SubState: "dead"}})
		}),
		root: "tcp-unix-socket", says: []string{"sudo systemctl enable --now redis-server.service"},
	},
	{
		name: "a socket file of another user",
		seen: failingWith("unix:///run/redis.sock", "tcp", "tcp-unix-socket", []finding.Evidence{ev("reason", "permission")}),
		root: "tcp-unix-socket", says: []string{`sudo usermod -aG "$(sudo stat -c %G /run/redis.sock)" "$USER"`},
	},
	{
		name: "containers elsewhere have no port here",
		seen: failing(here, "protocol", "tcp-closed", containers(redisIn("cache-1", "running", 6379)),
			engine(func(c *scene.DockerClient) { c.HostScheme = "ssh" })),
		root: "tcp-closed",
	},
	{
		name: "a socket that is not there",
		seen: failingWith("unix:///run/redis.sock", "tcp", "tcp-unix-socket", []finding.Evidence{ev("reason", "missing")}),
		root: "tcp-unix-socket", says: []string{"ls -l /run/redis.sock"},
	},
}

// announced is a primary that does not answer, as the Sentinel that named it sees it.
func announced(watched *trace.Watched) func(*testingT) *evidenceOf {
	at := failing("redis+sentinel://h1:26379,h2:26379/vitrine/0", "tcp", "tcp-timeout", dials(trace.Timeout, "172.20.0.5"))
	return func(t *testingT) *evidenceOf {
		t.Helper()
		e := at(t)
		e.Trace.Host, e.Trace.Port, e.Trace.Failure.Finding.Subject = "172.20.0.5", 6379, "172.20.0.5:6379"
		e.Trace.Watched = watched
		return e
	}
}

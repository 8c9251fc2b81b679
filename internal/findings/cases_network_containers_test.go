package findings_test

import (
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/probe/trace"
	"github.com/olympiades-ia/olymp-cache/internal/surround/scene"
)

const (
	stopped      = "tcp-refused-container-stopped"
	notPublished = "tcp-refused-not-published"
	insidePort   = "tcp-refused-container-port"
)

// died is a container that ended badly.
func died(c scene.Container, code int, oom bool, log string) scene.Container {
	c.State, c.ExitCode, c.OOMKilled, c.FinishedAt = "exited", code, oom, noon
	c.Logs = seenAround([]string{"1:C starting", log})
	return c
}

// usual is what a machine that refused said on port 6379.
func usual(first string) saw {
	return func(e *evidenceOf) { e.Trace.Usual = &trace.Words{First: first, RESP: true} }
}

var containerCases = []ruleCase{
	{
		name: "its container is stopped",
		seen: failing(here, "tcp", refusedHere, containers(redisIn("cache-1", "exited", 6379)), programs("/usr/bin/redis-server")),
		root: stopped, says: []string{"docker start cache-1"}, not: []string{notRunning, refusedHere},
	},
	{
		name: "its container of Compose is stopped",
		seen: failing(here, "tcp", refusedHere, containers(composed(died(redisIn("shop-redis-1", "exited", 6379), 1, false, "# Fatal error")))),
		root: stopped, says: []string{"docker compose -p shop up -d redis", "docker logs --tail 50 shop-redis-1"},
	},
	{
		name: "its container of several Compose files is stopped",
		seen: failing(here, "tcp", refusedHere, containers(func() scene.Container {
			c := composed(redisIn("shop-redis-1", "exited", 6379))
			c.Compose.ConfigFiles = "/srv/shop/compose.yaml,/srv/shop/compose.prod.yaml"
			return c
		}())),
		root: stopped, says: []string{"docker compose -f /srv/shop/compose.yaml -f /srv/shop/compose.prod.yaml -p shop up -d redis"},
	},
	{
		name: "its container was killed for memory",
		seen: failing(here, "tcp", refusedHere, containers(died(redisIn("cache-1", "exited", 6379), 137, true, "1:M 100% used"))),
		root: stopped, says: []string{"docker start cache-1", "docker logs --tail 50 cache-1"},
	},
	{
		name: "its container of podman is stopped",
		seen: failing(here, "tcp", refusedHere, containers(redisIn("cache-1", "exited", 6379)),
			engine(func(c *scene.DockerClient) { c.Engine = "podman" })),
		root: stopped, says: []string{"podman start cache-1"},
	},
	{
		name: "of two, the one that ended last",
		seen: failing(here, "tcp", refusedHere, containers(
			func() scene.Container {
				c := died(redisIn("old", "exited", 6379), 0, false, "bye")
				c.FinishedAt = noon.Add(-100 * time.Hour)
				return c
			}(),
			died(redisIn("new", "exited", 6379), 0, false, "bye"))),
		root: stopped, says: []string{"docker start new"},
	},
	{
		name: "a container in the host's network is stopped",
		seen: failing("redis://localhost:6390/0", "tcp", refusedHere, containers(func() scene.Container {
			c := redisIn("cache-1", "exited", 0)
			c.NetworkMode, c.Command = "host", []string{"redis-server", "--port", "6390"}
			return c
		}())),
		root: stopped, says: []string{"docker start cache-1"},
	},
	{
		name: "a stopped container of another port is none of this",
		seen: failing(here, "tcp", refusedHere, containers(redisIn("cache-1", "exited", 6390))),
		root: refusedHere, not: []string{stopped, notPublished},
		says: []string{"docker run -d --name olympiades-redis -p 127.0.0.1:6379:6379 redis:7-alpine"},
	},
	{
		name: "a stopped container on another machine is none of this",
		seen: failing(here, "tcp", refusedHere, containers(redisIn("cache-1", "exited", 6379)),
			engine(func(c *scene.DockerClient) { c.HostScheme = "tcp" })),
		root: refusedHere, not: []string{stopped},
	},
	{
		name: "a stopped container of a context that may be anywhere",
		seen: failing(here, "tcp", refusedHere, containers(redisIn("cache-1", "exited", 6379)),
			engine(func(c *scene.DockerClient) { c.Context = "production" })),
		root: refusedHere, not: []string{stopped},
	},
	{
		name: "Docker does not run",
		seen: failing(here, "tcp", refusedHere, daemon(scene.Missing)),
		root: refusedHere, says: []string{"sudo systemctl start docker"}, not: []string{stopped, notPublished},
	},
	{
		name: "Docker does not run, on macOS",
		seen: failing(here, "tcp", refusedHere, system("darwin"), daemon(scene.Missing)),
		root: refusedHere, says: []string{"open /Applications/Docker.app", "brew install redis"},
	},
	{
		name: "Docker is not for this user",
		seen: failing(here, "tcp", refusedHere, daemon(scene.Denied)),
		root: refusedHere, says: []string{"sudo docker ps -a"}, not: []string{stopped, notPublished},
	},
	{
		name: "Docker took too long",
		seen: failing(here, "tcp", refusedHere, daemon(scene.TimedOut)),
		root: refusedHere, not: []string{stopped, notPublished}, says: []string{"docker ps -a"},
	},
	{
		name: "its container publishes nothing",
		seen: failing("redis://:"+encoded+"@localhost:6379/0", "tcp", refusedHere, containers(redisIn("cache-1", "running", 0))),
		root: notPublished, says: []string{
			"docker create --name cache-1-published --volumes-from cache-1 -p 127.0.0.1:6379:6379 redis:7-alpine && docker stop cache-1",
			"REDIS_URL=redis://:***@172.17.0.2:6379/0",
		},
	},
	{
		name: "its container has a password, a limit, a network and publishes nothing",
		seen: failing(here, "tcp", refusedHere, containers(func() scene.Container {
			c := redisIn("cache-1", "running", 0)
			c.Command = []string{"docker-entrypoint.sh", "redis-server", "--requirepass", "***", "--save", ""}
			c.NetworkMode, c.RestartPolicy, c.MemoryLimitBytes = "shop", "always", 64<<20
			c.Variables = []string{"REDIS_ARGS", "REDIS_VERSION"}
			return c
		}())),
		root: notPublished, says: []string{
			`docker exec cache-1 env | docker create --name cache-1-published ` +
				`--volumes-from cache-1 -p 127.0.0.1:6379:6379 --env-file /dev/stdin --network shop --network-alias cache-1 ` +
				`--memory 67108864 --restart always redis:7-alpine redis-server --requirepass "$REDIS_PASSWORD" --save ''` +
				` && docker update --restart no cache-1 && docker stop cache-1 && docker start cache-1-published`,
		},
	},
	{
		name: "its container of Compose publishes nothing",
		seen: failing(here, "tcp", refusedHere, containers(composed(redisIn("shop-redis-1", "running", 0))), programs("/usr/bin/redis-server")),
		root: notPublished, says: []string{`ports: ["127.0.0.1:6379:6379"]`, "cd /srv/shop && docker compose -p shop up -d redis"},
	},
	{
		name: "its container publishes nothing, and another port was asked for",
		seen: failing("redis://localhost:6390/0", "tcp", refusedHere, containers(redisIn("cache-1", "running", 0))),
		root: notPublished, says: []string{"-p 127.0.0.1:6390:6379"},
	},
	{
		name: "another port was asked for, and a server is installed",
		seen: failing("redis://localhost:6390/0", "tcp", refusedHere, containers(redisIn("cache-1", "running", 0)),
			programs("/usr/bin/redis-server")),
		root: notRunning, not: []string{notPublished},
	},
	{
		name: "its container publishes on another address",
		seen: failing(here, "tcp", refusedHere, containers(func() scene.Container {
			c := redisIn("cache-1", "running", 6379)
			c.Ports[0].HostIP = "192.168.1.5"
			return c
		}())),
		root: notPublished, says: []string{"REDIS_URL=redis://192.168.1.5:6379/0"},
	},
	{
		name: "its container publishes another port, which answers",
		seen: failing(here, "tcp", refusedHere, containers(redisIn("cache-1", "running", 6390)), answering(scene.AnswerPong, "127.0.0.1", 6390)),
		root: otherPort, not: []string{notPublished, stopped}, says: []string{"REDIS_URL=redis://localhost:6390/0"},
	},
	{
		name: "an exporter is no server",
		seen: failing(here, "tcp", refusedHere, containers(func() scene.Container {
			c := redisIn("redis-exporter", "running", 9121)
			c.Product, c.Image, c.Ports[0].Port = "", "oliver006/redis_exporter", 9121
			return c
		}())),
		root: refusedHere, not: []string{notPublished},
	},
	{
		name: "its container publishes the port, and refuses",
		seen: failing(here, "tcp", refusedHere, containers(redisIn("cache-1", "running", 6379))),
		root: refusedHere, not: []string{notPublished, stopped}, says: []string{"docker logs --tail 50 cache-1"},
	},
	{
		name: "a container's name with the published port",
		seen: failing("redis://:"+encoded+"@redis:6390/1", "tcp", refusedHere, inside("docker"), dials(trace.Refused, "172.20.0.2"),
			containers(composed(redisIn("shop-redis-1", "running", 6390)))),
		root: insidePort, says: []string{"REDIS_URL=redis://:***@redis:6379/1"},
	},
	{
		name: "a container's address with the published port",
		seen: failing("redis://172.17.0.2:6390/1", "tcp", refusedHere, containers(redisIn("cache-1", "running", 6390))),
		root: insidePort, says: []string{"REDIS_URL=redis://172.17.0.2:6379/1"},
	},
	{
		name: "a container's name with its own port",
		seen: failing("redis://redis:6379/1", "tcp", refusedHere, inside("docker"), dials(trace.Refused, "172.20.0.2"),
			containers(composed(redisIn("shop-redis-1", "running", 6390)))),
		root: refusedHere, not: []string{insidePort}, says: []string{"docker logs --tail 50 shop-redis-1", "bind * -::*"},
	},
	{
		name: "a neighbour that answers on the usual port",
		seen: failing("redis://:"+encoded+"@redis:6390/1", "tcp", refusedHere, inside("docker"), dials(trace.Refused, "172.20.0.2"),
			usual("-NOAUTH Authentication required.")),
		root: insidePort, says: []string{"REDIS_URL=redis://:***@redis:6379/1"},
	},
	{
		name: "another machine that answers on the usual port",
		seen: failing("redis://cache.example.com:6390/1", "tcp", refusedHere, dials(trace.Refused, "203.0.113.5"), usual("+PONG")),
		root: "tcp-refused-other-port", says: []string{"REDIS_URL=redis://cache.example.com:6379/1"},
	},
	{
		name: "another machine that answers something else on the usual port",
		seen: failing("redis://cache.example.com:6390/1", "tcp", refusedHere, dials(trace.Refused, "203.0.113.5"), func(e *evidenceOf) {
			e.Trace.Usual = &trace.Words{Problem: trace.Refused}
		}),
		root: refusedHere, not: []string{"tcp-refused-other-port"},
	},
	{
		name: "a neighbour of which nothing is known",
		seen: failing("redis://redis:6390/1", "tcp", refusedHere, inside("docker"), dials(trace.Refused, "172.20.0.2")),
		root: refusedHere, not: []string{insidePort}, says: []string{"REDIS_URL=redis://redis:6379/1"},
	},
}

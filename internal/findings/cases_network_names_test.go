package findings_test

import (
	"github.com/olympiades-ia/olymp-cache/internal/probe/trace"
	"github.com/olympiades-ia/olymp-cache/internal/surround/scene"
)

const (
	byName    = "redis://:" + encoded + "@redis:6379/2"
	outside   = "dns-compose-name-outside"
	inNetwork = "dns-compose-name-inside"
	noName    = "dns-not-found"
	noDNS     = "dns-resolver-down"
)

// resolvedBy is a lookup that a named resolver could not answer.
func resolvedBy(server string) saw {
	bad := trace.Lookup{Family: "ip4", Problem: trace.ResolverBad, Server: server, Words: "lookup redis: server misbehaving"}
	six := bad
	six.Family = "ip6"
	return lookups(bad, six)
}

var nameCases = []ruleCase{
	{
		name: "a Compose name, and its published port answers",
		seen: failing(byName, "dns", noName, works(), containers(composed(redisIn("shop-redis-1", "running", 6390))),
			answering(scene.AnswerAuth, "127.0.0.1", 6390), answering(scene.AnswerPong, "127.0.0.1", 6379)),
		root: outside, says: []string{"REDIS_URL=redis://:***@localhost:6390/2"}, not: []string{noName},
	},
	{
		name: "a Compose name, and another Redis answers here",
		seen: failing("redis://redis:6379/0", "dns", noName, works(), answering(scene.AnswerRefused, "127.0.0.1", 6379),
			answering(scene.AnswerPong, "127.0.0.1", 26379), answering(scene.AnswerPong, "127.0.0.1", 6380)),
		root: outside, says: []string{"REDIS_URL=redis://localhost:6380/0"},
	},
	{
		name: "a Compose name, the Redis that answers here wants a password",
		seen: failing("redis://redis:6379/0", "dns", noName, works(), answering(scene.AnswerAuth, "::1", 6379)),
		root: outside, says: []string{"REDIS_URL=redis://default:***@[::1]:6379/0"},
	},
	{
		name: "a Compose name, its container runs without a port",
		seen: failing("redis://redis:6379/0", "dns", noName, works(), containers(composed(redisIn("shop-redis-1", "running", 0)))),
		root: outside, says: []string{
			`ports: ["127.0.0.1:6379:6379"]`, "cd /srv/shop && docker compose -p shop up -d redis", "REDIS_URL=redis://localhost:6379/0",
		},
	},
	{
		name: "a Compose name, of a container that Compose did not make and that publishes nothing",
		seen: failing("redis://redis:6379/0", "dns", noName, works(), containers(redisIn("redis", "running", 0))),
		root: outside, says: []string{
			"docker create --name redis-published --volumes-from redis -p 127.0.0.1:6379:6379 redis:7-alpine && docker stop redis",
			"REDIS_URL=redis://localhost:6379/0",
		},
	},
	{
		name: "a Compose name, its container is stopped",
		seen: failing(byName, "dns", noName, works(), containers(composed(redisIn("shop-redis-1", "exited", 6379)))),
		root: outside, says: []string{"cd /srv/shop && docker compose -p shop up -d redis", "REDIS_URL=redis://:***@localhost:6379/2"},
	},
	{
		name: "a Compose name, its container is stopped and has another port outside",
		seen: failing("redis://redis:6379/0", "dns", noName, works(), containers(redisIn("redis", "exited", 6390))),
		root: outside, says: []string{"docker start redis", "REDIS_URL=redis://localhost:6390/0"},
	},
	{
		name: "a Compose name, its container is stopped and has no port outside",
		seen: failing("redis://redis:6379/0", "dns", noName, works(), containers(composed(redisIn("shop-redis-1", "exited", 0)))),
		root: outside, says: []string{`ports: ["127.0.0.1:6379:6379"]`, "docker compose -p shop up -d redis"},
	},
	{
		name: "a Compose name of a Sentinel",
		seen: failing("redis+sentinel://redis-sentinel:26379/vitrine/0", "dns", noName, works(), containers(),
			answering(scene.AnswerPong, "127.0.0.1", 6379)),
		root: outside, says: []string{`ports: ["127.0.0.1:26379:26379"]`},
	},
	{
		name: "a Compose name, Docker is here and nothing of it",
		seen: failing("redis://cache:6379/0", "dns", noName, works(), containers()),
		root: outside, says: []string{`ports: ["127.0.0.1:6379:6379"]`, "docker compose up -d cache"},
	},
	{
		name: "a Compose name, only docker-compose is installed",
		seen: failing("redis://cache:6379/0", "dns", noName, works(), containers(), func(e *evidenceOf) {
			e.Around.Docker.Plugin = scene.Fact[string]{Status: scene.Missing}
			e.Around.Docker.Standalone = seenAround("1.29.2")
		}),
		root: outside, says: []string{"docker-compose up -d cache"},
	},
	{
		name: "a Compose name without Docker, Redis is installed here",
		seen: failing("redis://redis:6379/0", "dns", noName, works(), programs("/usr/bin/redis-server")),
		root: outside, says: []string{"redis-server --daemonize yes --port 6379 --bind 127.0.0.1", "REDIS_URL=redis://localhost:6379/0"},
	},
	{
		name: "a Compose name in a job of GitHub",
		seen: failing("redis://redis:6379/0", "dns", noName, works(), containers(), platforms("github-actions")),
		root: outside, says: []string{`ports: ["6379:6379"]`, "REDIS_URL=redis://localhost:6379/0"},
	},
	{
		name: "a Compose name, the resolver is down, its container is known",
		seen: failing("redis://redis:6379/0", "dns", noDNS, resolver(trace.Timeout, ""),
			containers(composed(redisIn("shop-redis-1", "running", 6379))), answering(scene.AnswerPong, "127.0.0.1", 6379)),
		root: outside, says: []string{"REDIS_URL=redis://localhost:6379/0"},
	},
	{
		name: "containers that run on another machine do not listen here",
		seen: failing("redis://redis:6379/0", "dns", noName, works(), containers(composed(redisIn("shop-redis-1", "running", 6379))),
			engine(func(c *scene.DockerClient) { c.HostScheme = "ssh" })),
		root: outside, not: []string{noName},
	},
	{
		name: "any machine may have a name without a dot",
		seen: failing("redis://server1:6379/0", "dns", noName, works()),
		root: noName, not: []string{outside, inNetwork}, says: []string{"REDIS_URL=redis://localhost:6379/0"},
	},
	{
		name: "a name with a dot is no service of Compose",
		seen: failing("redis://redis.example.com:6379/0", "dns", noName, works(), containers()),
		root: noName, not: []string{outside},
	},
	{
		name: "inside or outside of a container: nobody knows",
		seen: failing("redis://redis:6379/0", "dns", noName, works(), func(e *evidenceOf) {
			e.Around.Container = scene.Fact[scene.OwnContainer]{Status: scene.Failed}
		}),
		root: noName, not: []string{outside, inNetwork},
	},
	{
		name: "a Compose name on macOS",
		seen: failing("redis://redis:6379/0", "dns", noName, works(), system("darwin"), containers()),
		root: outside,
	},
	{
		name: "a Compose name inside a container",
		seen: failing("redis://redis:6379/0", "dns", noName, works(), inside("docker")),
		root: inNetwork, says: []string{"docker compose ps -a"}, not: []string{outside},
	},
	{
		name: "Docker's own resolver fails for names that it does not know",
		seen: failing("redis://redis:6379/0", "dns", noDNS, resolvedBy("127.0.0.11:53"), resolver(trace.Timeout, "i/o timeout"),
			inside("docker")),
		root: inNetwork, not: []string{noDNS},
	},
	{
		name: "another resolver that fails inside a container proves nothing of the name",
		seen: failing("redis://redis:6379/0", "dns", noDNS, resolvedBy("10.96.0.10:53"), resolver(trace.Timeout, "i/o timeout"),
			inside("docker")),
		root: noDNS, not: []string{inNetwork, outside},
	},
	{
		name: "the resolver inside answers for others",
		seen: failing("redis://redis:6379/0", "dns", noDNS, resolvedBy("10.96.0.10:53"), works(), inside("kubernetes")),
		root: inNetwork, says: []string{"kubectl get services"},
	},
	{
		name: "seen from inside, the container is stopped",
		seen: failing("redis://redis:6379/0", "dns", noName, works(), inside("docker"), containers(redisIn("redis", "exited", 0)), others(1)),
		root: inNetwork, says: []string{"docker start redis"},
	},
	{
		name: "a machine made from a container, with an engine of its own",
		seen: failing("redis://redis:6379/0", "dns", noName, works(), inside("docker"), containers(redisIn("redis", "exited", 6379))),
		root: outside, says: []string{"docker start redis"}, not: []string{inNetwork},
	},
	{
		name: "a sign of a container on a machine whose engine has none that could be ours",
		seen: failing("redis://redis:6379/0", "dns", noName, works(), inside("docker"), containers()),
		root: outside, not: []string{inNetwork},
	},
	{
		name: "a machine container is no container of an application",
		seen: failing("redis://redis:6379/0", "dns", noName, works(), inside("lxc")),
		root: outside, not: []string{inNetwork},
	},
}

var addressCases = []ruleCase{
	{
		name: "Render's internal name on a laptop",
		seen: failing("redis://red-cabc123def456ghi7890:6379/1", "dns", noName, works()),
		root: "dns-render-internal-outside", says: []string{"REDIS_URL=rediss://red-cabc123def456ghi7890:***@HOST:6379/1"},
	},
	{
		name: "Render's internal name on Render",
		seen: failing("redis://red-cabc123def456ghi7890:6379/1", "dns", noName, works(), platforms("render")),
		root: noName, not: []string{"dns-render-internal-outside", "dns-managed-gone"},
	},
	{
		name: "Render's internal name, and nobody looked where this runs",
		seen: failing("redis://red-cabc123def456ghi7890:6379/1", "dns", noName, works(), func(e *evidenceOf) {
			e.Around.Platforms = scene.Fact[[]scene.Platform]{}
		}),
		root: noName, not: []string{"dns-render-internal-outside", outside},
	},
	{
		name: "Render's internal name in a container of a laptop",
		seen: failing("redis://red-cabc123def456ghi7890:6379/1", "dns", noDNS, resolvedBy("127.0.0.11:53"), works(), inside("docker")),
		root: "dns-render-internal-outside", not: []string{inNetwork},
	},
	{
		name: "Railway's internal name on a laptop",
		seen: failing("redis://default:"+encoded+"@redis.railway.internal:6379/0", "dns", noName, works()),
		root: "dns-railway-internal-outside", says: []string{"REDIS_URL=redis://default:***@NAME.proxy.rlwy.net:PORT/0"},
	},
	{
		name: "Railway's internal name on Railway",
		seen: failing("redis://redis.railway.internal:6379/0", "dns", noName, works(), platforms("railway")),
		root: noName, not: []string{"dns-railway-internal-outside"},
	},
	{
		name: "Upstash on Fly, on a laptop",
		seen: failing("redis://default:"+encoded+"@fly-shop.upstash.io:6379/0", "dns", noName, works()),
		root: "dns-fly-internal-outside", says: []string{"fly redis proxy", "REDIS_URL=redis://default:***@localhost:16379/0"},
	},
	{
		name: "an app of Fly, on a laptop",
		seen: failing("redis://shop-redis.flycast:6379/0", "dns", noName, works()),
		root: "dns-fly-internal-outside", says: []string{"fly proxy 6379:6379 --app shop-redis"},
	},
	{
		name: "an app of Fly, on Fly",
		seen: failing("redis://shop-redis.internal:6379/0", "dns", noName, works(), platforms("fly")),
		root: noName, not: []string{"dns-fly-internal-outside"},
	},
	{
		name: "Fly's DNS without its VPN",
		seen: failing("redis://fly-shop.upstash.io:6379/0", "tcp", "tcp-unreachable", dials(trace.Unreachable, "fdaa:0:1::3"),
			lookups(trace.Lookup{Family: "ip4", Problem: trace.NotFound}, trace.Lookup{Family: "ip6", Addresses: []string{"fdaa:0:1::3"}})),
		root: "dns-fly-internal-outside", not: []string{"dns-ipv6-only"},
	},
	{
		name: "Docker's name for the host, on the host",
		seen: failing("redis://host.docker.internal:6380/0", "dns", noName, works(), containers()),
		root: "dns-docker-host-internal", says: []string{"REDIS_URL=redis://localhost:6380/0"},
	},
	{
		name: "Docker's name for the host, in a container",
		seen: failing("redis://host.docker.internal:6380/0", "dns", noName, works(), inside("docker")),
		root: "dns-docker-host-internal", says: []string{`extra_hosts: ["host.docker.internal:host-gateway"]`},
	},
	{
		name: "Docker's name for the host, and no resolver at all",
		seen: failing("redis://host.docker.internal:6380/0", "dns", noDNS, resolver(trace.Timeout, "i/o timeout")),
		root: noDNS, not: []string{"dns-docker-host-internal"},
	},
	{
		name: "IPv6 only, without IPv6 here",
		seen: failing("redis://six.example.com:6379/0", "tcp", "tcp-unreachable", dials(trace.Unreachable, "2001:db8::1"),
			lookups(trace.Lookup{Family: "ip4", Problem: trace.NotFound}, trace.Lookup{Family: "ip6", Addresses: []string{"2001:db8::1"}})),
		root: "dns-ipv6-only", says: []string{"ip -6 route show default"},
	},
	{
		name: "IPv6 only, and the address does not answer",
		seen: failing("redis://six.example.com:6379/0", "tcp", "tcp-timeout", dials(trace.Timeout, "2001:db8::1"),
			lookups(trace.Lookup{Family: "ip4", Problem: trace.NotFound}, trace.Lookup{Family: "ip6", Addresses: []string{"2001:db8::1"}})),
		root: "tcp-timeout", not: []string{"dns-ipv6-only"},
	},
	{
		name: "both families, and no route to either",
		seen: failing("redis://both.example.com:6379/0", "tcp", "tcp-unreachable", dials(trace.Unreachable, "203.0.113.5", "2001:db8::1"),
			lookups(trace.Lookup{Family: "ip4", Addresses: []string{"203.0.113.5"}}, trace.Lookup{
				Family:    "ip6",
				Addresses: []string{"2001:db8::1"},
			})),
		root: "tcp-unreachable", not: []string{"dns-ipv6-only"},
	},
	{
		name: "the resolver does not answer",
		seen: failing("redis://cache.example.com:6379/0", "dns", noDNS, resolvedBy("192.168.1.1:53"), resolver(trace.Timeout, "i/o timeout")),
		root: noDNS, says: []string{"cat /etc/resolv.conf"},
	},
	{
		name: "«no such host» without a network",
		seen: failing("redis://cache.example.com:6379/0", "dns", noName, lookups(trace.Lookup{Family: "ip4", Problem: trace.NotFound}),
			resolver(trace.ResolverBad, "dial udp 192.168.1.1:53: connect: network is unreachable")),
		root: noDNS, not: []string{noName, "dns-managed-gone"},
	},
	{
		name: "a resolver that denied the name and refuses questions about the root",
		seen: failing("redis://cache.example.com:6379/0", "dns", noName,
			lookups(trace.Lookup{Family: "ip4", Problem: trace.NotFound, Server: "192.168.1.1:53"}), resolver(trace.Timeout, "i/o timeout")),
		root: noName, not: []string{noDNS},
	},
	{
		name: "the first question got lost, the others were answered",
		seen: failing("redis://cache.example.com:6379/0", "dns", noDNS, works(),
			lookups(trace.Lookup{Family: "ip4", Problem: trace.NotFound}, trace.Lookup{Family: "ip6", Problem: trace.NotFound})),
		root: noName, not: []string{noDNS},
	},
	{
		name: "an instance of Upstash that is gone",
		seen: failing("rediss://default:"+encoded+"@eu1-cool-cat-31234.upstash.io:6379/0", "dns", noName, works()),
		root: "dns-managed-gone",
	},
	{
		name: "an instance of ElastiCache that is gone",
		seen: failing("rediss://vitrine.abcdef.ng.0001.euw1.cache.amazonaws.com:6379/0", "dns", noName, works()),
		root: "dns-managed-gone",
	},
	{
		name: "a machine of EC2 is not Heroku's for sure",
		seen: failing("rediss://ec2-34-1-2-3.compute-1.amazonaws.com:18009/0", "dns", noName, works()),
		root: noName, not: []string{"dns-managed-gone"},
	},
	{
		name: "Upstash, and the network is down",
		seen: failing("rediss://eu1-cool-cat-31234.upstash.io:6379/0", "dns", noDNS, resolver(trace.Timeout, "")),
		root: noDNS, not: []string{"dns-managed-gone"},
	},
	{
		name: "a service of Kubernetes, outside of its cluster",
		seen: failing("redis://redis.shop.svc.cluster.local:6379/0", "dns", noName, works()),
		root: noName, says: []string{"kubectl -n shop port-forward service/redis 6379:6379", "REDIS_URL=redis://localhost:6379/0"},
	},
}

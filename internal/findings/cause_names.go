package findings

import (
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/probe/trace"
	"github.com/olympiades-ia/olymp-cache/internal/provider"
	"github.com/olympiades-ia/olymp-cache/internal/surround/scene"
)

// unresolved tells a name that is not known here though the resolver works: proven missing, or, as resolvers of containers
// do, answered with a failure while others are answered.
func (v *view) unresolved(missing bool) bool { return missing || answers(v.Trace.Resolver) }

// dockersHost: the name that Docker Desktop and podman give the host, for containers only.
func (v *view) dockersHost(raw finding.Finding, host string, missing bool) (finding.Finding, bool) {
	if host != "host.docker.internal" && host != "host.containers.internal" && host != "gateway.docker.internal" ||
		!v.unresolved(missing) {
		return finding.Finding{}, false
	}
	raw.ID = "dns-docker-host-internal"
	runtime, inside := v.application()
	if !inside {
		return with(raw, append(v.engineEvidence(), v.system()...)...), true
	}
	if runtime == "" {
		runtime = "docker"
	}
	return with(raw, append([]finding.Evidence{ev("runtime", runtime, v.Around.Container.Source)}, v.engineEvidence()...)...), true
}

// internalName: a name that only the provider's own network knows, asked from outside of it. Where nobody looked for the
// platform's variables, nothing is said.
func (v *view) internalName(raw finding.Finding, host string, missing bool) (finding.Finding, bool) {
	id, internal := provider.OfHost(host)
	p, ok := provider.Lookup(id)
	_, looked := v.Around.Platforms.Get()
	if !ok || !internal || p.Platform == "" || !looked || !v.unresolved(missing) {
		return finding.Finding{}, false
	}
	if v.onPlatform(p.Platform) {
		// Inside, and unknown all the same: another region, workspace or environment, or it is gone.
		raw.ID = "dns-not-found"
		return with(raw, ev("internal_at", p.Name, v.Around.Platforms.Source)), true
	}
	switch id {
	case "render":
		raw.ID = "dns-render-internal-outside"
		return with(raw, ev("instance", host, "REDIS_URL")), true
	case "railway":
		raw.ID = "dns-railway-internal-outside"
		return raw, true
	case "fly":
		return v.flyOutside(raw, host)
	}
	return finding.Finding{}, false
}

// flyOutside: Fly's private network from outside of it. «.internal» alone is no proof of Fly, as other networks use it too;
// the sentence then says so.
func (*view) flyOutside(raw finding.Finding, host string) (finding.Finding, bool) {
	raw.ID = "dns-fly-internal-outside"
	parts := strings.Split(host, ".")
	switch {
	case strings.HasSuffix(host, ".upstash.io"):
		return with(raw, ev("managed", "Upstash", "REDIS_URL")), true
	case strings.HasSuffix(host, ".flycast"):
		return with(raw, ev("fly_app", parts[len(parts)-2], "REDIS_URL")), true
	}
	return with(raw, ev("fly_app", parts[len(parts)-2], "REDIS_URL"), ev("zone", ".internal", "REDIS_URL")), true
}

// serviceWords are what services of Redis are called in compose files.
var serviceWords = []string{"redis", "valkey", "keydb", "dragonfly", "cache"}

// composeName: a name without a dot is mostly a service of Docker Compose, which the containers of its network know and
// nobody else.
func (v *view) composeName(raw finding.Finding, host string, missing bool) (finding.Finding, bool) {
	if id, _ := provider.OfHost(host); id != "" || host == "localhost" || strings.ContainsAny(host, ".:") {
		return finding.Finding{}, false
	}
	c, known := v.named(host)
	runtime, inside := v.application()
	switch {
	case inside && (missing || v.unknownToDocker()):
		raw.ID = "dns-compose-name-inside"
		seen := []finding.Evidence{}
		if runtime != "" {
			seen = append(seen, ev("runtime", runtime, v.Around.Container.Source))
		}
		if known {
			seen = append(seen, v.containerOf(c)...)
		}
		return with(raw, append(seen, append(v.host(), v.engineEvidence()...)...)...), true
	case !inside && v.outside() && (known || missing && serviceName(host)):
		raw.ID = "dns-compose-name-outside"
		return with(raw, v.wayIn(c, known)...), true
	}
	return finding.Finding{}, false
}

// serviceName tells a name that says Redis; any other may be a machine's.
func serviceName(host string) bool {
	return slices.ContainsFunc(serviceWords, func(word string) bool { return strings.Contains(host, word) })
}

// dockersResolver is the resolver inside of Docker's own networks. It knows each running container and passes on the rest.
const dockersResolver = "127.0.0.11"

// unknownToDocker tells a lookup that failed at a resolver which would have known a running container: Docker's own, or one
// that answers for other names.
func (v *view) unknownToDocker() bool {
	if answers(v.Trace.Resolver) {
		return true
	}
	return slices.ContainsFunc(v.Trace.Lookups, func(l trace.Lookup) bool {
		host, _, err := net.SplitHostPort(l.Server)
		return l.Problem != "" && (err == nil && host == dockersResolver || l.Server == dockersResolver)
	})
}

// containerOf is evidence of a container, with how it ended where it did.
func (v *view) containerOf(c scene.Container) []finding.Evidence {
	seen := v.described(c)
	if v.down(c) {
		seen = append(seen, v.ended(c)...)
	}
	return seen
}

// wayIn is evidence of how what a Compose name means can be reached from this machine: its container, and the port that
// answers here.
func (v *view) wayIn(c scene.Container, known bool) []finding.Evidence {
	var seen []finding.Evidence
	if known {
		seen = append(v.containerOf(c), v.made(c)...)
		seen = append(seen, ev("container_port", commandPort(c.Command), v.Around.Docker.Containers.Source))
		for _, p := range c.Ports {
			if !onHost(p) || p.HostPort == 0 {
				continue
			}
			seen = with(finding.Finding{Evidence: seen}, ev("published_port", p.HostPort, v.Around.Docker.Containers.Source)).Evidence
			if a, ok := v.answered(p.HostPort); ok && v.overTCP() {
				return append(append(seen, foundAt(a, v.Around.Answers.Source)...), v.build()...)
			}
		}
	}
	if a, ok := v.answered(v.port()); ok && !known && v.overTCP() {
		seen = append(seen, foundAt(a, v.Around.Answers.Source)...)
	} else if a, ok := v.redisHere(0); ok && !known && v.overTCP() {
		seen = append(seen, foundAt(a, v.Around.Answers.Source)...)
	}
	if p, ok := v.installed(); ok {
		seen = append(seen, ev("program", p.Name, v.Around.Programs.Source))
	}
	return append(append(append(seen, v.engineEvidence()...), v.build()...), v.system()...)
}

// answered is the Redis that answers on that port of this machine, on either loopback.
func (v *view) answered(port int) (scene.Answer, bool) {
	for _, address := range []string{"127.0.0.1", "::1"} {
		if a, ok := v.answerAt(address, port); ok && asRedis(a) {
			return a, true
		}
	}
	return scene.Answer{}, false
}

// foundAt is evidence of a Redis of this machine that answers.
func foundAt(a scene.Answer, source string) []finding.Evidence {
	seen := []finding.Evidence{
		ev("found_port", a.Port, source), ev("found_address", a.Address, source),
		ev("found", net.JoinHostPort(a.Address, strconv.Itoa(a.Port)), source),
	}
	if a.Kind == scene.AnswerAuth {
		seen = append(seen, ev("found_wants_password", true, source))
	}
	return seen
}

package findings

import (
	"path"
	"slices"
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/surround/scene"
)

// made is evidence of how a container was made, for another one in its place: what it runs, where it belongs, what limits it.
// Values of variables are not known here.
func (v *view) made(c scene.Container) []finding.Evidence {
	source := v.Around.Docker.Containers.Source
	var seen []finding.Evidence
	if told := toldArguments(c.Command); len(told) > 0 {
		seen = append(seen, ev("arguments", strings.Join(told, "\n"), source))
	}
	if slices.ContainsFunc(c.Variables, ownVariable) {
		seen = append(seen, ev("variables", strings.Join(slices.DeleteFunc(slices.Clone(c.Variables), func(name string) bool {
			return !ownVariable(name)
		}), ", "), source))
	}
	if m := c.NetworkMode; m != "" && m != "bridge" && m != "default" && m != "host" && !strings.HasPrefix(m, "container:") {
		seen = append(seen, ev("network", m, source))
	}
	if c.RestartPolicy != "" && c.RestartPolicy != "no" {
		seen = append(seen, ev("restart_policy", c.RestartPolicy, source))
	}
	if c.MemoryLimitBytes > 0 {
		seen = append(seen, evUnit("memory_bytes", c.MemoryLimitBytes, "bytes", source))
	}
	return seen
}

// toldArguments is the command of a container without the script of its image; none where it is the image's own.
func toldArguments(command []string) []string {
	if len(command) > 0 && strings.HasSuffix(path.Base(command[0]), "entrypoint.sh") {
		command = command[1:]
	}
	if len(command) == 1 && strings.HasSuffix(command[0], "-server") {
		return nil
	}
	return command
}

// ownVariable tells a variable that somebody set from those that say what an image was built of.
func ownVariable(name string) bool {
	return !slices.ContainsFunc([]string{"_VERSION", "_DOWNLOAD_URL", "_DOWNLOAD_SHA"}, func(end string) bool {
		return strings.HasSuffix(name, end)
	})
}

// replaced puts a container in the place of the one that was found, with its volumes, its command and its variables, and this
// port mapping. It is created before the other one stops: volumes without a name would else go with one of --rm. Two servers
// never run on the same files.
func (s seen) replaced(ports string) string {
	engine, old := s.engine(), shellWord(s.or("container", "redis"))
	fresh := shellWord(s.or("container", "redis") + "-published")
	create := engine + " create --name " + fresh + " --volumes-from " + old + " -p " + ports
	if s.text("variables") != "" { // through a pipe: the values are on no screen and in no history
		create = engine + " exec " + old + " env | " + create + " --env-file /dev/stdin"
	}
	if network := s.text("network"); network != "" {
		create += " --network " + shellWord(network) + " --network-alias " + old
	}
	if bytes := s.text("memory_bytes"); bytes != "" {
		create += " --memory " + bytes
	}
	stop := engine + " stop " + old
	if policy := s.text("restart_policy"); policy != "" {
		create += " --restart " + shellWord(policy)
		stop = engine + " update --restart no " + old + " && " + stop // else it may come back beside the new one
	}
	create += " " + shellWord(s.or("image", "redis:7-alpine"))
	if told := s.text("arguments"); told != "" {
		for word := range strings.SplitSeq(told, "\n") {
			if word == config.Mask {
				create += " " + finding.PasswordVariable
				continue
			}
			create += " " + shellWord(word)
		}
	}
	return create + " && " + stop + " && " + engine + " start " + fresh
}

package scene

import (
	"regexp"
	"sync"
)

// bridge knows the interfaces that docker and podman make for their networks, on the machine around the containers.
var bridge = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(docker|podman|cni-podman)\d+$|^br-[0-9a-f]{12}$`)
})

// Bridge tells the name of a network that a container engine makes on its machine.
func Bridge(name string) bool { return bridge().MatchString(name) }

// OwnContainer tells whether this very process runs in a container.
type OwnContainer struct {
	Inside   bool     `json:"inside"`
	Runtime  string   `json:"runtime,omitempty"`  // "docker", "podman", "kubernetes", "lxc", "containerd", "ecs", "nspawn"
	Evidence []string `json:"evidence,omitempty"` // the files and variables that show it
	// Bridge is the network of a container engine that this process sees as the machine around the containers does: it is in
	// none of them, or in one of the host's own network. Empty where there is none.
	Bridge string `json:"bridge,omitempty"`
}

// WSL is the Windows Subsystem for Linux. A container of Docker Desktop on Windows sees its kernel too.
type WSL struct {
	Inside  bool   `json:"inside"`
	Version int    `json:"version,omitempty"` // 1 or 2; 0 where the kernel does not say
	Distro  string `json:"distro,omitempty"`  // WSL_DISTRO_NAME
}

package scene

// OwnContainer tells whether this very process runs in a container.
type OwnContainer struct {
	Inside   bool     `json:"inside"`
	Runtime  string   `json:"runtime,omitempty"`  // "docker", "podman", "kubernetes", "lxc", "containerd", "ecs", "nspawn"
	Evidence []string `json:"evidence,omitempty"` // the files and variables that show it
}

// WSL is the Windows Subsystem for Linux. A container of Docker Desktop on Windows sees its kernel too.
type WSL struct {
	Inside  bool   `json:"inside"`
	Version int    `json:"version,omitempty"` // 1 or 2; 0 where the kernel does not say
	Distro  string `json:"distro,omitempty"`  // WSL_DISTRO_NAME
}

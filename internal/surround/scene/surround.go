// Package scene is what was seen around a Redis that cannot be reached, as values: containers, units, sockets, the platform, this
// host. It has no opinion and asks nothing.
package scene

// Surroundings is all that was seen. Its JSON is part of a saved diagnosis: field names are stable, secrets are masked.
type Surroundings struct {
	OS         string             `json:"os"` // as Go names it: "linux", "darwin", "windows"
	Container  Fact[OwnContainer] `json:"container"`
	WSL        Fact[WSL]          `json:"wsl"`
	Platforms  Fact[[]Platform]   `json:"platforms"`
	Docker     Docker             `json:"docker"`
	Units      Fact[[]Unit]       `json:"units"`
	Sockets    Fact[[]Socket]     `json:"sockets"`
	Programs   Fact[[]Program]    `json:"programs"`
	Answers    Fact[[]Answer]     `json:"answers"`
	EnvFiles   []Fact[EnvFile]    `json:"env_files"`
	Memory     Fact[Memory]       `json:"memory"`
	Overcommit Fact[int]          `json:"overcommit_memory"`     // vm.overcommit_memory: 0 heuristic, 1 always, 2 never
	HugePages  Fact[string]       `json:"transparent_hugepages"` // "always", "madvise" or "never"
}

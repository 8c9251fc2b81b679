package scene

// Docker is what the container engine of this machine says.
type Docker struct {
	Client     Fact[DockerClient] `json:"client"`
	Plugin     Fact[string]       `json:"compose_plugin"`     // version of «docker compose»
	Standalone Fact[string]       `json:"compose_standalone"` // version of «docker-compose»
	// Containers are those that look like Redis, stopped ones too. Missing means that the client is there and its daemon
	// does not run, Denied that this user may not talk to it; without a client it is not asked.
	Containers Fact[[]Container] `json:"containers"`
	// Others counts the engine's containers that do not look like Redis. Where there are none and Containers is known, this
	// very process runs in no container of that engine.
	Others int `json:"others"`
}

// DockerClient is the program that was asked.
type DockerClient struct {
	Engine  string `json:"engine"` // "docker" or "podman", which also answers to the name docker
	Path    string `json:"path"`
	Version string `json:"version"`
	// HostScheme is that of DOCKER_HOST: with ssh or tcp the containers run on another machine. Empty: not set.
	HostScheme string `json:"host_scheme,omitempty"`
	Context    string `json:"context,omitempty"` // DOCKER_CONTEXT
}

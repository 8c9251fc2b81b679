package scene

import "time"

// Container is one container that looks like Redis.
type Container struct {
	ID      string `json:"id"` // as it was asked for: 12 digits
	Name    string `json:"name"`
	Image   string `json:"image"`
	Product string `json:"product,omitempty"` // "redis", "valkey"…; empty for an exporter, a web interface, or unknown
	State   string `json:"state"`             // the engine's word: "running", "exited", "restarting", "created"…

	ExitCode     int       `json:"exit_code"`
	OOMKilled    bool      `json:"oom_killed"` // may be false for a container that the kernel did kill (docker/cli#2665)
	Error        string    `json:"error,omitempty"`
	RestartCount int       `json:"restart_count"`
	StartedAt    time.Time `json:"started_at,omitzero"`
	FinishedAt   time.Time `json:"finished_at,omitzero"`
	Health       string    `json:"health,omitempty"`        // "healthy", "unhealthy", "starting"; empty: no health check
	HealthOutput string    `json:"health_output,omitempty"` // of the last check

	Ports       []PublishedPort `json:"ports"`                  // where it does not run: as it will publish them
	Unpublished []int           `json:"unpublished,omitempty"`  // TCP ports that the image exposes and nothing publishes
	NetworkMode string          `json:"network_mode,omitempty"` // "host": it listens on the host itself
	Networks    []DockerNetwork `json:"networks,omitempty"`
	Compose     ComposeLabels   `json:"compose,omitzero"`
	Command     []string        `json:"command"`             // with its arguments, secrets masked
	Variables   []string        `json:"variables,omitempty"` // names of the environment that are about Redis or a password

	MemoryLimitBytes int64          `json:"memory_limit_bytes,omitempty"` // 0: none
	RestartPolicy    string         `json:"restart_policy,omitempty"`
	Logs             Fact[[]string] `json:"logs"` // the last lines of one that stopped, masked
}

// PublishedPort is one port of the host that leads into a container.
type PublishedPort struct {
	Port     int    `json:"port"` // inside
	Protocol string `json:"protocol"`
	HostIP   string `json:"host_ip"`   // "127.0.0.1", "0.0.0.0", "::"; empty is every address too
	HostPort int    `json:"host_port"` // 0: chosen when it starts
}

// EveryAddress tells a port that is published beyond one address of the host.
func (p PublishedPort) EveryAddress() bool {
	return p.HostIP == "" || p.HostIP == "0.0.0.0" || p.HostIP == "::"
}

// DockerNetwork is a network a container is part of.
type DockerNetwork struct {
	Name    string   `json:"name"`
	Address string   `json:"address,omitempty"`
	Aliases []string `json:"aliases,omitempty"` // names that resolve to it in that network
}

// ComposeLabels say which service of which Compose file a container is.
type ComposeLabels struct {
	Project     string `json:"project,omitempty"`
	Service     string `json:"service,omitempty"`
	WorkingDir  string `json:"working_dir,omitempty"`
	ConfigFiles string `json:"config_files,omitempty"`
}

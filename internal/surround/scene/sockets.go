package scene

// Socket is a TCP socket of this machine (of this container) that listens.
type Socket struct {
	Address string `json:"address"` // "127.0.0.1", "0.0.0.0", "::"; IPv4 inside IPv6 is shown as IPv4
	Port    int    `json:"port"`
	PID     int    `json:"pid,omitempty"`     // 0: of another user, not shown to this one
	Process string `json:"process,omitempty"` // its name, on Linux cut to 15 bytes by the kernel
	// Stopped tells a process that a signal has suspended (SIGSTOP, Ctrl-Z); only Linux is asked.
	Stopped bool `json:"stopped,omitempty"`
}

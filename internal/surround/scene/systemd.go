package scene

// Unit is a systemd service of a Redis that is installed here.
type Unit struct {
	Name           string         `json:"name"`         // "redis-server.service", after aliases
	LoadState      string         `json:"load_state"`   // "loaded", "masked", "error"…
	ActiveState    string         `json:"active_state"` // "active", "inactive", "failed", "activating"
	SubState       string         `json:"sub_state"`    // "running", "dead", "auto-restart"…
	UnitFileState  string         `json:"unit_file_state,omitempty"`
	Result         string         `json:"result"`           // "success", "exit-code", "oom-kill", "start-limit-hit"…
	ExecMainCode   int            `json:"exec_main_code"`   // 1 exited, 2 killed, 3 dumped core; 0 never ended
	ExecMainStatus int            `json:"exec_main_status"` // the exit code, or the signal where it was killed
	Restarts       int            `json:"restarts"`
	MainPID        int            `json:"main_pid,omitempty"`
	FragmentPath   string         `json:"fragment_path,omitempty"`
	Journal        Fact[[]string] `json:"journal"` // the last lines of one that is not active, masked
}

//go:build unix

package surround

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
)

// ownGroup makes the child the first of a process group of its own, so that it can be ended with all that it starts.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

func killGroup(cmd *exec.Cmd) error {
	err := syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	if errors.Is(err, syscall.ESRCH) {
		return os.ErrProcessDone
	}
	return err
}

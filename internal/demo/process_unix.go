//go:build !windows

package demo

import (
	"os/exec"
	"syscall"
)

// interrupt asks the server to end.
func interrupt(cmd *exec.Cmd) error { return cmd.Process.Signal(syscall.SIGTERM) }

// ownGroup keeps a Ctrl-C at the terminal from the server: we stop it ourselves, after the last command.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

package redistest

import "syscall"

// attributes asks the kernel to kill the child when the test binary dies in whatever way, and puts it into a process
// group of its own, so that its own children (BGSAVE forks) can be killed with it.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}

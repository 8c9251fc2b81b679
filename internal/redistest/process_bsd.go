//go:build unix && !linux

package redistest

import "syscall"

// attributes puts the child into a process group of its own, so that its own children can be killed with it. There is
// no parent-death signal here: a test binary that is killed leaves its servers behind.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}

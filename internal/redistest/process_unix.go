//go:build unix

package redistest

import (
	"errors"
	"os"
	"syscall"
)

// kill ends the child and its own children at once.
func (p *process) kill() error {
	if !p.running() { // its number may belong to another process by now
		return nil
	}
	if err := syscall.Kill(-p.pid(), syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
		return err
	}
	return nil
}

// terminate asks the child to end. A stopped process would see the signal only when it goes on.
func (p *process) terminate() error { return errors.Join(p.signal(syscall.SIGTERM), p.resume()) }

func (p *process) pause() error { return p.signal(syscall.SIGSTOP) }

func (p *process) resume() error { return p.signal(syscall.SIGCONT) }

func (p *process) signal(sig os.Signal) error {
	if err := p.cmd.Process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	return nil
}

package redistest

import (
	"os"
	"os/exec"
	"runtime"
	"time"
)

// process is a child that cannot outlive the test binary (see attributes for how far each system helps).
type process struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when the child is gone and reaped
}

// spawn starts cmd. On Linux the kernel kills the child when the *thread* that forked it ends, not the process, so the
// child gets a goroutine of its own, locked to its thread, which does nothing but wait for it: the thread cannot end
// first. The thread goes back to the pool when the child is gone.
func spawn(cmd *exec.Cmd) (*process, error) {
	cmd.SysProcAttr = attributes()
	p := &process{cmd: cmd, done: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err != nil {
			return
		}
		_ = cmd.Wait() // how it ended is read from ProcessState
		close(p.done)
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return p, nil
}

func (p *process) pid() int { return p.cmd.Process.Pid }

func (p *process) running() bool {
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// state is how the child ended, nil while it runs.
func (p *process) state() *os.ProcessState {
	if p.running() {
		return nil
	}
	return p.cmd.ProcessState
}

// waitFor tells whether the child was gone within limit.
func (p *process) waitFor(limit time.Duration) bool {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-p.done:
		return true
	case <-timer.C:
		return false
	}
}

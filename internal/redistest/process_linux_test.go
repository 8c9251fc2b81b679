package redistest

import (
	"os"
	"runtime"
	"syscall"
	"testing"
	"time"
)

// diesWithParent tells whether the system kills a server whose test binary was killed.
const diesWithParent = true

// A thread that ends takes along the children it forked, so that a server must not be started by the caller's.
func TestServerOutlivesThread(t *testing.T) {
	t.Parallel()
	var s *Server
	var err error
	onDyingThread(func() { s, err = launch(t, newSettings(nil)) })
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(100 * time.Millisecond)
	mustDo(t, s.Do, "PING")
}

// onDyingThread runs f on a thread that ends with it: that of a goroutine which never unlocks it. The main thread is
// the one that Go keeps even then; if f is about to land there it is held, and another one taken.
func onDyingThread(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		if syscall.Gettid() == os.Getpid() {
			onDyingThread(f)
			runtime.UnlockOSThread()
			return
		}
		f()
	}()
	<-done
}

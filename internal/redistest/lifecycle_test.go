package redistest

import (
	"errors"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

func isRefused(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }

func isTimeout(err error) bool {
	timeout, is := errors.AsType[net.Error](err)
	return is && timeout.Timeout()
}

func TestStopAndRestart(t *testing.T) {
	t.Parallel()
	s := Start(t, WithPassword("pw"), WithSocket())
	pid, addr := s.Pid(), s.Addr()
	mustDo(t, s.Do, "SET", "a", "1")
	s.Stop()
	if s.Running() {
		t.Error("runs after Stop")
	}
	if _, err := ask(t, addr, "PING"); !isRefused(err) {
		t.Errorf("after Stop: %v", err)
	}
	s.Restart()
	if s.Pid() == pid || s.Addr() != addr {
		t.Errorf("process %d at %s, was %d at %s", s.Pid(), s.Addr(), pid, addr)
	}
	if got := mustDo(t, s.Do, "DBSIZE"); got != "0" {
		t.Errorf("%s keys survive", got)
	}
	s.Kill()
	if s.Running() {
		t.Error("runs after Kill")
	}
	s.Restart()
	mustDo(t, s.Do, "PING")
}

func TestRestartKeepsSavedData(t *testing.T) {
	t.Parallel()
	s := Start(t, WithArgs("--appendonly", "yes"))
	mustDo(t, s.Do, "SET", "a", "1")
	s.Restart()
	if got := mustDo(t, s.Do, "GET", "a"); got != "1" {
		t.Errorf("a is %q", got)
	}
}

func TestPause(t *testing.T) {
	t.Parallel()
	s := Start(t)
	s.Pause()
	c, err := dial("tcp", s.Addr())
	if err != nil {
		t.Fatalf("a paused server accepts no connection: %v", err)
	}
	defer func() { _ = c.Close() }()
	if err := c.send("PING"); err != nil {
		t.Fatal(err)
	}
	if err := c.SetReadDeadline(time.Now().Add(200 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Read(make([]byte, 1)); !isTimeout(err) {
		t.Errorf("a paused server says %v", err)
	}
	s.Resume()
	if err := c.SetReadDeadline(time.Now().Add(replyWait)); err != nil {
		t.Fatal(err)
	}
	if got, err := c.receive(); got != "PONG" {
		t.Errorf("resumed: %q, %v", got, err)
	}
	s.Pause()
	start := time.Now()
	s.Stop()
	if took := time.Since(start); s.Running() || took >= stopWait {
		t.Errorf("Stop took %s; a paused server must be woken to hear it", took)
	}
}

// childVar tells a copy of the test binary to start a server and wait to be killed.
const childVar = "REDISTEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childVar) == "" {
		os.Exit(m.Run())
	}
	child := &minimalTB{}
	var s *Server
	if failure := child.run(func() { s = Start(child) }); failure != "" {
		panic(failure)
	}
	if _, err := os.Stdout.WriteString(s.Addr() + "\n"); err != nil {
		panic(err)
	}
	time.Sleep(time.Minute)
}

func TestServerDiesWithTestBinary(t *testing.T) {
	t.Parallel()
	if !diesWithParent {
		t.Skip("this system has no parent-death signal")
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0]) //nolint:gosec // G702: this test itself
	cmd.Env = append(os.Environ(), childVar+"=1", "TMPDIR="+t.TempDir())
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 64)
	n, err := out.Read(buf)
	if err != nil {
		t.Fatal(err)
	}
	addr := strings.TrimSpace(string(buf[:n]))
	if _, err := ask(t, addr, "PING"); err != nil {
		t.Fatalf("before: %v", err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Fatal("the child ended well")
	}
	gone := func() error {
		if _, err := ask(t, addr, "PING"); !isRefused(err) {
			return errors.New("it still answers")
		}
		return nil
	}
	if err := poll(bootWait, "server to die", gone); err != nil {
		t.Error(err)
	}
}

package cli_test

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/cli"
	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

// stuck is a run of the program that cannot go on: it waits for somebody to read its trace.
type stuck struct {
	cmd    *exec.Cmd
	stdout *bufio.Reader
	trace  *os.File
}

func startStuck(t *testing.T, s *redistest.Server) *stuck {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("no such signals")
	}
	trace, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = trace.Close() })
	for chunk := bytes.Repeat([]byte("x"), 4096); err == nil; {
		if err = w.SetWriteDeadline(time.Now().Add(50 * time.Millisecond)); err == nil {
			_, err = w.Write(chunk)
		}
	}
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatal(err)
	}
	r := &stuck{cmd: exec.CommandContext(t.Context(), "olymp-cache", "test", "-v", "--timeout", "1m", "--url", s.URL()), trace: trace}
	r.cmd.Env = append(os.Environ(), "LANG=C.UTF-8", "LC_ALL=", "OLYMP_CACHE_LANG=en", "GITHUB_ACTIONS=", "GORACE=atexit_sleep_ms=20")
	r.cmd.Stderr = w
	stdout, err := r.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(r.cmd.Start(), w.Close()); err != nil {
		t.Fatal(err)
	}
	// It listens to signals before it writes its first line.
	r.stdout = bufio.NewReader(stdout)
	if _, err := r.stdout.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *stuck) signal(t *testing.T) {
	t.Helper()
	if err := r.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
}

// TestSignalsInPairs: `timeout` signals its child and then the child's group; two signals that come together are one wish, after
// which the report is written.
func TestSignalsInPairs(t *testing.T) {
	t.Parallel()
	r := startStuck(t, redistest.Start(t))
	r.signal(t)
	time.Sleep(50 * time.Millisecond) // closer together, the system may hand over but one
	r.signal(t)
	go func() { _, _ = io.Copy(io.Discard, r.trace) }() // until the program ends
	out, err := io.ReadAll(r.stdout)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.cmd.Wait(); r.cmd.ProcessState.ExitCode() != cli.ExitInterrupted {
		t.Errorf("it ended with %v", err)
	}
	if !strings.Contains(string(out), "Interrupted before the end") {
		t.Errorf("the report is %q", out)
	}
}

// TestSecondSignalEnds: who presses Ctrl-C again wants the program to end, whatever it is stuck in.
func TestSecondSignalEnds(t *testing.T) {
	t.Parallel()
	r := startStuck(t, redistest.Start(t))
	ended := make(chan error, 1)
	r.signal(t)
	go func() { ended <- r.cmd.Wait() }()
	again := time.NewTicker(time.Second)
	defer again.Stop()
	for tries := 0; ; tries++ {
		select {
		case err := <-ended:
			if tries == 0 || r.cmd.ProcessState.ExitCode() != -1 {
				t.Errorf("it ended with %v after %d more signals", err, tries)
			}
			return
		case <-again.C:
			if tries == 10 { // one is enough where the machine is not busy
				t.Fatal("no number of signals ends it")
			}
			_ = r.cmd.Process.Signal(os.Interrupt) // it may have ended meanwhile
		}
	}
}

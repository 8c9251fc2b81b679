//go:build !windows

package cli_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"reflect"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	xterm "golang.org/x/term"

	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

// terminal is a program in a terminal of its own.
type terminal struct {
	t        *testing.T
	keyboard *os.File
	tty      *os.File
	before   *xterm.State
	cmd      *exec.Cmd
	ended    chan error

	mu    sync.Mutex
	shown bytes.Buffer
}

func inTerminal(t *testing.T, args ...string) *terminal {
	t.Helper()
	keyboard, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	if err := pty.Setsize(tty, &pty.Winsize{Rows: 24, Cols: 80}); err != nil {
		t.Fatal(err)
	}
	before, err := xterm.GetState(int(tty.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	x := &terminal{t: t, keyboard: keyboard, tty: tty, before: before, ended: make(chan error, 1)}
	x.cmd = exec.CommandContext(t.Context(), "olymp-cache", args...)
	x.cmd.Env = append(os.Environ(), "LANG=C.UTF-8", "TERM=xterm-256color", "REDIS_URL=", "GORACE=atexit_sleep_ms=20")
	x.cmd.Stdin, x.cmd.Stdout, x.cmd.Stderr = tty, tty, tty
	x.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := x.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go x.read()
	go func() { x.ended <- x.cmd.Wait() }()
	t.Cleanup(func() {
		_ = x.cmd.Process.Kill() // over already, but for a test that failed
		_ = tty.Close()
		_ = keyboard.Close()
	})
	return x
}

func (x *terminal) read() {
	buf := make([]byte, 4096)
	for {
		n, err := x.keyboard.Read(buf)
		x.mu.Lock()
		x.shown.Write(buf[:n])
		x.mu.Unlock()
		if err != nil {
			return
		}
	}
}

func (x *terminal) all() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.shown.String()
}

// see waits until all of these were shown, behind what was shown first.
func (x *terminal) see(first int, wanted ...string) {
	x.t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for _, text := range wanted {
		for !strings.Contains(x.all()[first:], text) {
			if time.Now().After(deadline) {
				x.t.Fatalf("%q is not shown in %q", text, x.all()[first:])
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
}

func (x *terminal) press(keys string) {
	x.t.Helper()
	if _, err := x.keyboard.WriteString(keys); err != nil {
		x.t.Fatal(err)
	}
}

// left waits for the end and wants that exit code, and the terminal as it was.
func (x *terminal) left(code int) {
	x.t.Helper()
	select {
	case err := <-x.ended:
		var exit *exec.ExitError
		got := 0
		if errors.As(err, &exit) {
			got = exit.ExitCode()
		} else if err != nil {
			x.t.Fatal(err)
		}
		if got != code {
			x.t.Errorf("exit code %d, want %d; it said %q", got, code, x.all())
		}
	case <-time.After(20 * time.Second):
		x.t.Fatalf("it does not end; it shows %q", x.all())
	}
	after, err := xterm.GetState(int(x.tty.Fd()))
	if err != nil {
		x.t.Fatal(err)
	}
	if !reflect.DeepEqual(x.before, after) {
		x.t.Errorf("the terminal was %+v and is %+v", x.before, after)
	}
	for on, off := range map[string]string{"\x1b[?1049h": "\x1b[?1049l", "\x1b[?25l": "\x1b[?25h"} {
		if at := strings.LastIndex(x.all(), on); at >= 0 {
			x.see(at, off) // it may still lie in the terminal when the program has ended
		}
	}
}

// TestDashboard is used with its keys, loses its server and finds it again, and leaves the terminal as it was.
func TestDashboard(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	x := inTerminal(t, "info", "--watch=200ms", "-u", s.URL())
	x.see(0, "\x1b[?1049h", s.Addr(), "taux de réussite", "aucune alerte")
	mark := len(x.all())
	x.press("?")
	x.see(mark, "fermer cette aide")
	x.press("?")
	mark = len(x.all())
	x.press("p")
	x.see(mark, "en pause")
	x.press("p")
	mark = len(x.all())
	s.Restart()
	x.see(mark, "connexion perdue", "redémarré")
	mark = len(x.all())
	if err := pty.Setsize(x.tty, &pty.Winsize{Rows: 15, Cols: 60}); err != nil {
		t.Fatal(err)
	}
	if err := x.cmd.Process.Signal(syscall.SIGWINCH); err != nil {
		t.Fatal(err)
	}
	x.see(mark, "Journal")
	x.press("q")
	x.left(0)
}

func TestDashboardIsInterrupted(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	x := inTerminal(t, "info", "--watch", "-u", s.URL())
	x.see(0, "aucune alerte")
	x.press("\x03")
	x.left(130)

	x = inTerminal(t, "info", "--watch", "-u", s.URL())
	x.see(0, "aucune alerte")
	if err := x.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	x.left(143)

	x = inTerminal(t, "info", "--watch", "--duration", "1s", "-u", s.URL())
	x.see(0, "aucune alerte")
	x.left(0)
}

// TestWatchJSONOnATerminal: who asks for lines gets them there too.
func TestWatchJSONOnATerminal(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	x := inTerminal(t, "info", "--watch", "100ms", "--duration", "300ms", "-o", "json", "-u", s.URL())
	x.left(0)
	from := 0
	for range 3 {
		x.see(from, "\n")
		line, _, _ := strings.Cut(x.all()[from:], "\n")
		if !strings.HasPrefix(line, `{"schema":"olymp-cache/info-watch/v1"`) {
			t.Errorf("a line is %q", line)
		}
		from += len(line) + 1
	}
}

package cli_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"testing"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

// onTerminal runs a command line on a terminal of its own and presses Ctrl-C when what it shows matches until. It gives all that
// the terminal was sent.
func onTerminal(t *testing.T, command string, until *regexp.Regexp) []byte {
	t.Helper()
	if _, err := exec.LookPath("script"); err != nil || runtime.GOOS != "linux" {
		t.Skip("script of util-linux makes the terminal")
	}
	seen := filepath.Join(t.TempDir(), "seen")
	cmd := exec.CommandContext(t.Context(), "script", "-q", "-e", "-f", "-c", command, seen)
	cmd.Env = append(os.Environ(), "LANG=C.UTF-8", "LC_ALL=", "TERM=xterm", "OLYMP_CACHE_LANG=en", "GORACE=atexit_sleep_ms=20")
	keys, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	shown := func() []byte {
		text, err := os.ReadFile(seen)
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		return text
	}
	for deadline := time.Now().Add(30 * time.Second); !until.Match(shown()); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s never came:\n%q", until, shown())
		}
	}
	if _, err := keys.Write([]byte{3}); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // its code is that of a program that was interrupted
	return shown()
}

// TestTerminalInterrupted: what is written over is gone before the report goes on.
func TestTerminalInterrupted(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		command, progress string
		report            []string
	}{
		"rounds": {
			"olymp-cache test --count 100000000 --url " + redistest.Start(t).URL(), `round [0-9,]+ of 100,000,000`,
			[]string{"rounds done: ", "Test key removed", "Interrupted before the end"},
		},
		"wait": {
			"olymp-cache test --wait 60s --url redis://" + redistest.Refused(t), `Waiting \([^)]+\): TCP connection refused by [0-9.:]+`,
			[]string{"[tcp-refused]", "Interrupted before the end"},
		},
		"a silent server": {
			"olymp-cache test --wait 60s --timeout 60s --url redis://" + redistest.Silent(t), `Waiting \([^)]+\): Connecting to [0-9.:/]+…`,
			[]string{"Interrupted before the end"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seen := onTerminal(t, tc.command, regexp.MustCompile(tc.progress))
			last := regexp.MustCompile(tc.progress+`(?:\^C)?`).FindAllIndex(seen, -1)
			rest := seen[last[len(last)-1][1]:]
			if !bytes.HasPrefix(rest, []byte("\r\x1b[K")) {
				t.Errorf("the line of progress is still there: %q", rest)
			}
			for _, want := range tc.report {
				if !bytes.Contains(rest, []byte(want)) {
					t.Errorf("the report lacks %q:\n%s", want, rest)
				}
			}
		})
	}
}

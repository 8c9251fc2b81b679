//go:build !windows

package cli_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/cli"
	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

// keysLeft is how many keys a server holds.
func keysLeft(t *testing.T, s *redistest.Server) int {
	t.Helper()
	reply, err := s.Do("DBSIZE")
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(reply)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestQuestions: what is asked before deleting, in both languages, and what each answer does.
func TestQuestions(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, lang string
		args       []string
		shown      []string // before the answer; TARGET stands for host:port/0
		answer     string
		then       string
		code, left int
	}{
		{
			"yes", "en",
			[]string{"invalidate", "--pattern", "page:*"},
			[]string{"What will go from TARGET", "to be deleted: 3 keys", "Delete 3 keys from TARGET? [y/N]"},
			"y\r", "3 keys deleted", cli.ExitOK, 1,
		},
		{
			"oui", "fr",
			[]string{"invalidate", "--pattern", "page:*"},
			[]string{"Ce qui partira de TARGET", "à supprimer\u00a0: 3 clés", "Supprimer 3 clés de TARGET\u202f? [o/N]"},
			"OUI\r", "3 clés supprimées",
			cli.ExitOK, 1,
		},
		{"enter", "en", []string{"invalidate", "page:1", "page:2"}, []string{"Delete 2 keys"}, "\r", "nothing was deleted", cli.ExitRefused, 4},
		{
			"no", "fr",
			[]string{"invalidate", "page:1", "page:2"},
			[]string{"Supprimer 2 clés"},
			"n\r", "rien n'a été supprimé",
			cli.ExitRefused, 4,
		},
		{
			"something else", "en",
			[]string{"invalidate", "page:1", "page:2"},
			[]string{"Delete 2 keys"},
			"yess\r",
			"nothing was deleted", cli.ExitRefused, 4,
		},
		{
			"end of input", "en",
			[]string{"invalidate", "page:1", "page:2"},
			[]string{"Delete 2 keys"},
			"\x04", "nothing was deleted",
			cli.ExitRefused, 4,
		},
		{"Ctrl-C", "en", []string{"invalidate", "page:1", "page:2"}, []string{"Delete 2 keys"}, "\x03", "\n", cli.ExitInterrupted, 4},
		{"nothing to ask", "en", []string{"invalidate", "gone:1", "gone:2"}, nil, "", "2 already gone", cli.ExitOK, 4},
		{
			"expire", "en",
			[]string{"invalidate", "-p", "page:*", "--expire-in", "1m"},
			[]string{"Let 3 keys of TARGET expire? [y/N]"},
			"y\r", "3 keys will expire soon", cli.ExitOK, 4,
		},
		{
			"typed", "en",
			[]string{"flush"},
			[]string{"The database to be emptied: TARGET", "holds 4 keys", "To empty it, type TARGET:"},
			"TARGET\r",
			"is emptied: 4 keys deleted", cli.ExitOK, 0,
		},
		{
			"typed in French", "fr",
			[]string{"flush"},
			[]string{"La base à vider\u00a0: TARGET", "Pour la vider, tapez TARGET\u00a0:"},
			"TARGET\r",
			"4 clés supprimées", cli.ExitOK, 0,
		},
		{
			"typed wrong", "en",
			[]string{"flush"},
			[]string{"type TARGET:"},
			"localhost:6379/0\r",
			"was to be typed, not \"localhost:6379/0\"", cli.ExitRefused, 4,
		},
		{"typed yes", "fr", []string{"flush"}, []string{"tapez TARGET"}, "oui\r", "Rien n'a été supprimé", cli.ExitRefused, 4},
		{
			"all is another name", "en",
			[]string{"flush", "--all"},
			[]string{"All databases will be emptied", "/all:"},
			"TARGET\r",
			"/all was to be typed", cli.ExitRefused, 4,
		},
		{"flush Ctrl-C", "en", []string{"flush"}, []string{"type TARGET:"}, "\x03", "\n", cli.ExitInterrupted, 4},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := redistest.Start(t)
			target := s.Addr() + "/0"
			for _, key := range []string{"page:1", "page:2", "page:3", "other"} {
				if _, err := s.Do("SET", key, "x", "EX", "1000"); err != nil {
					t.Fatal(err)
				}
			}
			x := inTerminal(t, append(tc.args, "--url", s.URL(), "--lang", tc.lang, "--color", "never")...)
			for _, text := range tc.shown {
				x.see(0, strings.ReplaceAll(text, "TARGET", target))
			}
			before := len(x.all())
			x.press(strings.ReplaceAll(tc.answer, "TARGET", target))
			x.see(before, tc.then)
			x.left(tc.code)
			if n := keysLeft(t, s); n != tc.left {
				t.Errorf("%d keys are left, want %d; it showed:\n%s", n, tc.left, x.all())
			}
			for line := range strings.Lines(x.all()) {
				if n := len([]rune(strings.TrimRight(line, "\r\n"))); n > 80 {
					t.Errorf("a line of %d cells: %q", n, line)
				}
			}
		})
	}
}

// TestRemovalSignals: Ctrl-C and SIGTERM in the middle of a deletion: the report, the file and the log agree with the server.
func TestRemovalSignals(t *testing.T) {
	t.Parallel()
	for sig, code := range map[syscall.Signal]int{syscall.SIGINT: cli.ExitInterrupted, syscall.SIGTERM: cli.ExitTerminated} {
		t.Run(sig.String(), func(t *testing.T) {
			t.Parallel()
			s := redistest.Start(t, redistest.WithArgs("--enable-debug-command", "yes"))
			if _, err := s.Do("DEBUG", "POPULATE", "20000", "page"); err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			cmd := exec.CommandContext(
				t.Context(),
				"olymp-cache",
				"invalidate",
				"--pattern",
				"page:*",
				"--yes",
				"--rate",
				"2000",
				"-o",
				"json",
				"--report",
				filepath.Join(dir, "report"),
				"--url",
				s.URL(),
			)
			cmd.Env = append(os.Environ(), "OLYMP_CACHE_AUDIT_LOG="+filepath.Join(dir, "audit"), "GORACE=atexit_sleep_ms=20")
			var out, diag locked
			cmd.Stdout, cmd.Stderr = &out, &diag
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			for deadline := time.Now().Add(20 * time.Second); keysLeft(t, s) > 19_000 && time.Now().Before(deadline); {
				time.Sleep(10 * time.Millisecond)
			}
			if err := cmd.Process.Signal(sig); err != nil {
				t.Fatal(err)
			}
			_ = cmd.Wait() // its code is looked at below
			if got := cmd.ProcessState.ExitCode(); got != code {
				t.Errorf("exit code %d, want %d: %s", got, code, diag.String())
			}
			gone := 20_000 - keysLeft(t, s)
			var doc struct {
				Deleted, Unknown, Failed int
				Partial                  string
			}
			if err := json.Unmarshal([]byte(out.String()), &doc); err != nil {
				t.Fatalf("%v: %s", err, out.String())
			}
			if doc.Deleted != gone || doc.Unknown != 0 || doc.Failed != 0 || doc.Partial != "interrupted" || gone < 1000 || gone > 19_000 {
				t.Errorf("%+v, and %d are gone", doc, gone)
			}
			if lines, err := os.ReadFile(filepath.Join(dir, "report")); err != nil ||
				strings.Count(string(lines), `"result":"deleted"`) != gone {
				t.Errorf("%d are gone, reported are %d, %v", gone, strings.Count(string(lines), "\n"), err)
			}
			logged, err := os.ReadFile(filepath.Join(dir, "audit"))
			if want := fmt.Sprintf(`"deleted":%d,`, gone); err != nil || !strings.Contains(string(logged), want) ||
				!strings.Contains(string(logged), `"result":"interrupted"`) {
				t.Errorf("logged is %s, want %s, %v", logged, want, err)
			}
			for _, name := range []string{"audit", "report"} {
				if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode().Perm() != 0o600 {
					t.Errorf("%s: %v, %v", name, info.Mode(), err)
				}
			}
		})
	}
}

package surround

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestTracked(t *testing.T) {
	t.Parallel()
	git, err := exec.LookPath("git")
	if err != nil {
		t.Skip("git is not installed")
	}
	repository := t.TempDir()
	for _, name := range []string{".env", ".env.local"} {
		if err := os.WriteFile(filepath.Join(repository, name), []byte("A=1\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{{"init", "-q"}, {"add", ".env"}, {"config", "core.fsmonitor", "touch ran; false"}} {
		cmd := exec.CommandContext(t.Context(), git, append([]string{"-C", repository}, args...)...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	outside := t.TempDir()
	l := newLook(Options{})
	for file, want := range map[string]EnvFile{
		filepath.Join(repository, ".env"):       {Repository: true, Tracked: true},
		filepath.Join(repository, ".env.local"): {Repository: true},
		filepath.Join(outside, ".env"):          {},
	} {
		want.File = file
		if got := l.tracked(t.Context(), file); got.Status != OK || got.Value != want {
			t.Errorf("%s: %+v", file, got)
		}
	}
	if _, err := os.Stat(filepath.Join(repository, "ran")); err == nil {
		t.Error("git ran the program that the repository names")
	}
	if got := l.tracked(t.Context(), filepath.Join(outside, "none", ".env")); got.Status != Missing {
		t.Errorf("no such folder: %+v", got)
	}
	if got := newLook(play(t).options()).tracked(t.Context(), ".env"); got.Status != NotAsked {
		t.Errorf("without git: %+v", got)
	}
}

func TestTrackedTroubles(t *testing.T) {
	t.Parallel()
	f := play(t)
	f.write("git.-c.err", "fatal: detected dubious ownership in repository at '/srv/app'\n")
	f.write("git.-c.code", "128")
	if got := newLook(f.options()).tracked(t.Context(), "/srv/app/.env"); got.Status != Denied || !strings.Contains(got.Words, "dubious") {
		t.Errorf("%+v", got)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got := newLook(f.options()).tracked(ctx, ".env"); got.Status != Failed {
		t.Errorf("%+v", got)
	}
}

package cli_test

import (
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/olympiades-ia/olymp-cache/internal/cli"
	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

// withEnvFile is a run in a folder of its own with that .env, which only its owner can read.
func withEnvFile(t *testing.T, text string) place {
	t.Helper()
	dir := t.TempDir()
	writeEnv(t, dir, text)
	return place{dir: dir, env: map[string]string{}}
}

func writeEnv(t *testing.T, dir, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, ".env"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestDoctorEnvFile: .env files that some loader, or this one, reads otherwise than meant.
func TestDoctorEnvFile(t *testing.T) {
	t.Parallel()
	s, other := redistest.Start(t), redistest.Start(t)
	line := "REDIS_URL=" + s.URL() + "\n"
	wide := []byte{0xff, 0xfe}
	for _, unit := range utf16.Encode([]rune(line)) {
		wide = binary.LittleEndian.AppendUint16(wide, unit)
	}
	shell := runtime.GOOS != "windows"
	for _, tc := range []struct {
		name, id, text string
		status         string // "" where it cannot be used
		typed          bool   // the first command is for a shell
	}{
		{"no equals sign", "config-env-syntax", "A=1\nREDIS_URL " + s.URL() + "\n", "", false},
		{"open quote", "config-env-syntax", "REDIS_URL=\"redis://:" + cachePassword + "@h\nA=1\n", "", false},
		{"Latin-1", "config-env-syntax", "# cl\xe9\n" + line, "", true},
		{"UTF-16", "config-env-syntax", string(wide), "", true},
		{"UTF-16 without a mark", "config-env-syntax", string(wide[2:]), "", true},
		{"byte-order mark", "config-env-bom", "\ufeff" + line, "warning", true},
		{"two lines", "config-env-shadowed", "REDIS_URL=" + other.URL() + "\n" + line, "warning", false},
	} {
		p := withEnvFile(t, tc.text)
		p.args = []string{"--offline"}
		d, code := p.doctor(t)
		if !slices.Contains(d.ids(), tc.id) || (tc.status == "") != (d.root() == tc.id && code == cli.ExitUsage) {
			t.Errorf("%s: %s, exit code %d, found %q", tc.name, d.Status, code, d.ids())
			continue
		}
		p.wantTidy(t, 100, cachePassword)
		if tc.typed && shell {
			p.typed(t, d, tc.id, 0)
			wantConfigMended(t, p, tc.id)
			if kept, err := os.Stat(filepath.Join(p.dir, ".env")); err != nil || kept.Mode().Perm() != 0o600 {
				t.Errorf("%s: %v, %v", tc.name, kept, err)
			}
		}
	}
	missing := place{dir: t.TempDir(), args: []string{"--env-file=nowhere.env"}}
	wantRoot(t, missing, "config-env-syntax", cli.ExitUsage)
	shadowed := withEnvFile(t, "REDIS_URL="+other.URL()+"\n")
	shadowed.env["REDIS_URL"] = s.URL()
	wantFound(t, shadowed, "warning", "config-env-shadowed")
}

// TestDoctorEnvSecrets: a .env with a secret that loaders read each in their own way, that others can read, that git has.
func TestDoctorEnvSecrets(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("no modes and no sh")
	}
	s := redistest.Start(t, redistest.WithPassword("pa$word"))
	p := withEnvFile(t, "REDIS_URL=redis://:pa$word@"+s.Addr()+"\n")
	p.args = []string{"--offline"}
	wantFound(t, p, "warning", "config-env-expansion")
	p.wantTidy(t, 100, "pa$word")
	writeEnv(t, p.dir, "REDIS_URL='redis://:pa$word@"+s.Addr()+"'\n")
	wantConfigMended(t, p, "config-env-expansion")

	if err := os.Chmod(filepath.Join(p.dir, ".env"), 0o644); err != nil { //nolint:gosec // readable by others is what is tested
		t.Fatal(err)
	}
	d, _ := p.doctor(t)
	p.typed(t, d, "config-env-permissions", 0)
	wantConfigMended(t, p, "config-env-permissions")
}

func TestDoctorEnvTracked(t *testing.T) {
	t.Parallel()
	git, err := exec.LookPath("git")
	if err != nil {
		t.Skip("git is not installed")
	}
	s := redistest.Start(t, redistest.WithPassword(cachePassword))
	repository := t.TempDir()
	folder := filepath.Join(repository, "back end")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) string {
		t.Helper()
		args = append([]string{"-C", repository, "-c", "user.name=t", "-c", "user.email=t@example.com"}, args...)
		out, err := exec.CommandContext(t.Context(), git, args...).CombinedOutput()
		if err != nil {
			t.Fatalf("git %q: %v\n%s", args, err, out)
		}
		return string(out)
	}
	run("init", "-q")
	writeEnv(t, folder, "A=1\n")
	if err := os.WriteFile(filepath.Join(folder, ".gitignore"), []byte("*.log"), 0o600); err != nil { // without the end of its line
		t.Fatal(err)
	}
	run("add", "-A")
	run("commit", "-qm", "first")
	writeEnv(t, folder, "A=2\n")
	run("add", "-A") // three different texts: git asks for -f then
	writeEnv(t, folder, "REDIS_URL="+s.URL()+"\n")
	p := place{dir: repository, args: []string{"--env-file=" + filepath.Join(folder, ".env")}}
	d := wantRoot(t, p, "config-env-tracked", cli.ExitFailed)
	p.dir = t.TempDir() // typed anywhere
	p.typed(t, d, "config-env-tracked", 0)
	p.typed(t, d, "config-env-tracked", 1)
	wantConfigMended(t, p, "config-env-tracked")
	run("add", "-A")
	if tracked := run("ls-files"); strings.Contains(tracked, ".env\n") {
		t.Errorf("git took it again: %q", tracked)
	}
	if text, err := os.ReadFile(filepath.Join(folder, ".env")); err != nil ||
		!strings.Contains(string(text), "REDIS_URL") {
		t.Errorf("the file is gone: %v", err)
	}
	if ignored, err := os.ReadFile(filepath.Join(folder, ".gitignore")); err != nil ||
		!strings.Contains(string(ignored), "*.log\n") {
		t.Errorf(".gitignore: %q, %v", ignored, err)
	}
}

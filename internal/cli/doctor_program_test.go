package cli_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"testing"
)

// program is this very program as a file of its own: a test binary that is called olymp-cache is it.
func program(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "olymp-cache")
	if err := os.Symlink(self, path); err != nil {
		t.Skipf("no symbolic links here: %v", err)
	}
	return path
}

// diagnose runs a command that ends in `doctor -o json` and reads what it printed.
func diagnose(t *testing.T, cmd *exec.Cmd) diagnosed {
	t.Helper()
	out, err := cmd.Output()
	var d diagnosed
	if bad := json.Unmarshal(out, &d); bad != nil {
		t.Fatalf("%s: %v (%v), stdout %q, stderr %q", cmd, bad, err, out, stderrOf(err))
	}
	noteRaised(d)
	return d
}

func stderrOf(err error) string {
	if exited, ok := err.(*exec.ExitError); ok { //nolint:errorlint // as exec gives it
		return string(exited.Stderr)
	}
	return ""
}

// unshared gives a command that runs in a network of its own, which leads nowhere, with files of its own in /etc: file by file
// its text. It skips where this user may not make one.
func unshared(t *testing.T, files map[string]string, args ...string) *exec.Cmd {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("networks of one's own are Linux's")
	}
	flags := []string{"-n", "-m"}
	if os.Getuid() != 0 {
		flags = append([]string{"-r"}, flags...)
	}
	if out, err := exec.Command("unshare", append(flags, "mount", "--make-rprivate", "/")...).CombinedOutput(); err != nil {
		t.Skipf("no network of one's own for this user: %v: %s", err, out)
	}
	script := "mount --make-rprivate / && "
	for path, text := range files {
		own := filepath.Join(t.TempDir(), filepath.Base(path))
		if err := os.WriteFile(own, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		script += "mount --bind " + own + " " + path + " && "
	}
	flags = append(flags, "sh", "-c", script+`exec "$0" "$@"`)
	return exec.CommandContext(t.Context(), "unshare", append(flags, args...)...)
}

// insideContainer tells a process in a container of an application, by what containers show.
func insideContainer() bool {
	_, docker := os.Stat("/.dockerenv")
	_, podman := os.Stat("/run/.containerenv")
	if docker != nil && podman != nil {
		return false
	}
	bridges, _ := filepath.Glob("/sys/class/net/*") // the pattern is right
	for _, b := range bridges {
		if regexp.MustCompile(`^(docker|podman|cni-podman)\d+$|^br-[0-9a-f]{12}$`).MatchString(filepath.Base(b)) {
			return false
		}
	}
	return true
}

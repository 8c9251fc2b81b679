package cli_test

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/olympiades-ia/olymp-cache/internal/cli"
	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

// docker runs the engine's client.
func docker(t *testing.T, args ...string) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "docker", args...).CombinedOutput()
	if err != nil {
		t.Fatalf("docker %s: %v: %s", strings.Join(args, " "), err, out)
	}
}

// redisImage makes an image of the redis-server of this machine: no registry is needed.
func redisImage(t *testing.T) string {
	t.Helper()
	realEngine(t)
	server, err := exec.LookPath("redis-server")
	if err != nil {
		t.Fatal(err)
	}
	return importImage(t, fmt.Sprintf("redis:olymp-cache-%d", os.Getpid()), map[string]string{"redis-server": server}, "EXPOSE 6379",
		`CMD ["redis-server","--bind","*","--protected-mode","no","--maxmemory","50mb","--maxmemory-policy","allkeys-lru"]`)
}

// importImage makes an image of programs of this machine, by the name that each has in it, with the libraries that they need.
func importImage(t *testing.T, image string, programs map[string]string, changes ...string) string {
	t.Helper()
	if runtime.GOOS != "linux" || exec.Command("docker", "info").Run() != nil {
		t.Skip("no container engine answers on this machine")
	}
	root := t.TempDir()
	put := func(from, to string) {
		data, err := os.ReadFile(from)
		if err == nil {
			err = os.MkdirAll(filepath.Join(root, filepath.Dir(to)), 0o755)
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(root, to), data, 0o755) //nolint:gosec // what ldd lists, into a folder of the test
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for name, path := range programs {
		binary, err := filepath.EvalSymlinks(path)
		if err != nil {
			t.Fatal(err)
		}
		put(binary, "/usr/bin/"+name)
		libraries, err := exec.Command("ldd", binary).CombinedOutput()
		if err != nil && !bytes.Contains(libraries, []byte("not a dynamic executable")) {
			t.Skipf("the libraries of %s cannot be listed: %v", name, err)
		}
		for _, path := range regexp.MustCompile(`/\S+`).FindAllString(string(libraries), -1) {
			if _, err := os.Stat(path); err == nil {
				put(path, path)
			}
		}
	}
	archive, err := exec.Command("tar", "-C", root, "-c", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"import"}
	for _, change := range changes {
		args = append(args, "--change", change)
	}
	load := exec.Command("docker", append(args, "-", image)...)
	load.Stdin = bytes.NewReader(archive)
	if out, err := load.CombinedOutput(); err != nil {
		t.Fatalf("docker import: %v: %s", err, out)
	}
	t.Cleanup(func() { _ = exec.Command("docker", "rmi", "-f", image).Run() })
	return image
}

// container runs the image and gives its name.
func container(t *testing.T, image, what string, args ...string) string {
	t.Helper()
	name := fmt.Sprintf("olymp-cache-%s-%d", what, os.Getpid())
	t.Cleanup(func() { _ = exec.Command("docker", "rm", "-f", name).Run() })
	docker(t, append(append([]string{"run", "-d", "--name", name}, args...), image)...)
	return name
}

// TestDoctorDocker: real containers, one after the other, as each would answer for the other's port.
func TestDoctorDocker(t *testing.T) {
	image := redisImage(t)
	t.Run("stopped", func(t *testing.T) {
		addr := redistest.Refused(t)
		name := container(t, image, "stopped", "-p", addr+":6379")
		docker(t, "stop", name)
		d := wantRoot(t, at("redis://"+addr), "tcp-refused-container-stopped", cli.ExitUnreachable)
		at("redis://"+addr).wantTidy(t, failureLines)
		mended := false
		for _, c := range d.commands("tcp-refused-container-stopped") {
			if c == "docker start "+name {
				docker(t, "start", name)
				mended = true
			}
		}
		if !mended {
			t.Fatalf("no «docker start %s» among %q", name, d.commands("tcp-refused-container-stopped"))
		}
		if again, _ := at("redis://"+addr, "--wait=5s").doctor(t); again.Status == "unreachable" {
			t.Errorf("starting it did not mend it: %s", again.root())
		}
		docker(t, "rm", "-f", name)
	})
	t.Run("not published", func(t *testing.T) {
		if c, err := net.Dial("tcp", "127.0.0.1:6379"); err == nil {
			_ = c.Close()
			t.Skip("a server listens on the default port of this machine")
		}
		name := container(t, image, "hidden")
		d := wantRoot(t, at("redis://127.0.0.1:6379"), "tcp-refused-not-published", cli.ExitUnreachable)
		if d.Findings[0].Evidence["container"] != name {
			t.Errorf("the evidence is %v", d.Findings[0].Evidence)
		}
		docker(t, "rm", "-f", name)
	})
	t.Run("another port", func(t *testing.T) {
		addr := redistest.Refused(t)
		name := container(t, image, "elsewhere", "-p", addr+":6379")
		wantRoot(t, at("redis://"+redistest.Refused(t)), "tcp-refused-other-port", cli.ExitUnreachable)
		docker(t, "rm", "-f", name)
	})
}

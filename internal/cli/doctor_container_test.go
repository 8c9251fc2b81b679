package cli_test

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/olympiades-ia/olymp-cache/internal/cli"
	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

// TestDoctorInside: the program runs in a container, as an application does, beside a Redis in another one.
func TestDoctorInside(t *testing.T) {
	redis := redisImage(t)
	app := importImage(t, fmt.Sprintf("olymp-cache-app:%d", os.Getpid()), map[string]string{"olymp-cache": program(t)})
	network := fmt.Sprintf("olymp-cache-%d", os.Getpid())
	docker(t, "network", "create", network)
	t.Cleanup(func() { _ = exec.Command("docker", "network", "rm", network).Run() })
	addr := redistest.Refused(t)
	name := container(t, redis, "inside", "--network", network, "--network-alias", "redis", "-p", addr+":6379")
	from := func(url string, more ...string) diagnosed {
		t.Helper()
		args := append([]string{"run", "--rm", "--network", network}, more...)
		return diagnose(t, exec.CommandContext(t.Context(), "docker", append(args, app, "olymp-cache", "doctor", "-o", "json", "-u", url)...))
	}
	for root, url := range map[string]string{
		"tcp-refused-in-container": "redis://localhost:6379", "tcp-refused-container-port": "redis://redis:" + port(t, addr),
	} {
		d := from(url)
		if d.root() != root {
			t.Errorf("%s: root cause %q, want %q; found %q", url, d.root(), root, d.ids())
			continue
		}
		if again := from(d.mended(root)); again.Status == "unreachable" {
			t.Errorf("%s: the command REDIS_URL=%s does not mend it: %s", root, d.mended(root), again.root())
		}
	}
	d := from("redis://host.docker.internal:" + port(t, addr))
	add := strings.Join(d.commands("dns-docker-host-internal"), "\n")
	if flag := "--add-host=host.docker.internal:host-gateway"; !strings.Contains(add, "docker run "+flag+" IMAGE") {
		t.Errorf("root cause %q; commands %q", d.root(), add)
	} else if again := from("redis://host.docker.internal:"+port(t, addr), flag); again.root() == "dns-docker-host-internal" {
		t.Errorf("the name is not declared by %s", flag)
	}
	docker(t, "stop", name)
	if d := from("redis://redis:6379"); d.root() != "dns-compose-name-inside" {
		t.Errorf("the service does not run: root cause %q; found %q", d.root(), d.ids())
	}
	docker(t, "start", name)
	if d := from("redis://redis:6379"); d.Status == "unreachable" {
		t.Errorf("the service runs again: %s", d.root())
	}
}

// TestDoctorPublished: a port that Docker publishes, with nothing behind it.
func TestDoctorPublished(t *testing.T) {
	image := redisImage(t)
	t.Run("another port inside", func(t *testing.T) {
		addr := redistest.Refused(t)
		name := container(t, image, "wrong", "-p", addr+":6380")
		t.Cleanup(func() { _ = exec.Command("docker", "rm", "-f", name+"-published").Run() })
		d := wantRoot(t, at("redis://"+addr), "tcp-refused-not-published", cli.ExitUnreachable)
		at("redis://"+addr).wantTidy(t, failureLines)
		if len(d.commands("tcp-refused-not-published")) == 0 {
			t.Fatal("nothing to type")
		}
		command := exec.CommandContext(t.Context(), "sh", "-c", d.commands("tcp-refused-not-published")[0])
		if out, err := command.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v: %s", command, err, out)
		}
		if again, _ := at("redis://"+addr, "--wait=5s").doctor(t); again.Status == "unreachable" {
			t.Errorf("%s did not mend it: %s", command, again.root())
		}
	})
	t.Run("its own loopback", func(t *testing.T) {
		addr := redistest.Refused(t)
		name := fmt.Sprintf("olymp-cache-loopback-%d", os.Getpid())
		t.Cleanup(func() { _ = exec.Command("docker", "rm", "-f", name).Run() })
		docker(t, "run", "-d", "--name", name, "-p", addr+":6379", image, "redis-server", "--bind", "127.0.0.1")
		d := wantRoot(t, at("redis://"+addr), "tcp-closed", cli.ExitUnreachable)
		if len(d.Findings) > 0 && d.Findings[0].Evidence["binds"] != "127.0.0.1" {
			t.Errorf("the evidence is %v", d.Findings[0].Evidence)
		}
	})
}

// TestDoctorNothingHere: nothing on this machine explains the refusal, and Docker can run a server.
func TestDoctorNothingHere(t *testing.T) {
	if exec.Command("docker", "inspect", "olympiades-redis").Run() == nil {
		t.Skip("there is a container olympiades-redis on this machine")
	}
	for _, p := range []string{"6379", "6380", "7000", "16379"} {
		if c, err := net.Dial("tcp", "127.0.0.1:"+p); err == nil {
			_ = c.Close()
			t.Skipf("a server listens on port %s of this machine", p)
		}
	}
	server, err := exec.LookPath("redis-server")
	if err != nil {
		t.Fatal(err)
	}
	if exec.Command("docker", "image", "inspect", "redis:7-alpine").Run() == nil {
		t.Skip("the image redis:7-alpine is here already")
	}
	importImage(t, "redis:7-alpine", map[string]string{"redis-server": server}, `CMD ["redis-server","--bind","*","--protected-mode","no"]`)
	client, err := exec.LookPath("docker")
	if err != nil {
		t.Fatal(err)
	}
	addr := redistest.Refused(t)
	programs := t.TempDir()
	if err := os.Symlink(client, programs+"/docker"); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", programs)
	d := wantRoot(t, at("redis://"+addr), "tcp-refused", cli.ExitUnreachable)
	at("redis://"+addr).wantTidy(t, failureLines)
	t.Cleanup(func() { _ = exec.Command(client, "rm", "-f", "olympiades-redis").Run() })
	if commands := d.commands("tcp-refused"); len(commands) == 0 {
		t.Fatal("nothing to type")
	} else if out, err := exec.CommandContext(t.Context(), "/bin/sh", "-c", commands[0]).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v: %s", commands[0], err, out)
	}
	if again, _ := at("redis://"+addr, "--wait=5s").doctor(t); again.Status == "unreachable" {
		t.Errorf("it did not mend it: %s", again.root())
	}
}

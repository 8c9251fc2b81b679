//go:build unix

package surround

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"
)

// gone tells a process that ended: no such number, or a zombie that its parent has not buried.
func gone(pid string) bool {
	raw, err := os.ReadFile("/proc/" + pid + "/stat")
	return err != nil || strings.Contains(string(raw), ") Z ")
}

func waitGone(t *testing.T, pids string) {
	t.Helper()
	all := strings.Fields(pids)
	if len(all) == 0 {
		t.Fatal("the fake noted no process")
	}
	for deadline := time.Now().Add(3 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		left := 0
		for _, pid := range all {
			if !gone(pid) {
				left++
			}
		}
		if left == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d of %v still run", left, all)
		}
	}
}

func TestHangingProgram(t *testing.T) {
	t.Parallel()
	f := play(t)
	const hang = `sleep 60 & echo "$! $$" >>"$dir/pids"; wait`
	for _, name := range []string{
		"docker.--version.sh", "docker.ps.sh", "docker.compose.sh", "docker-compose.--version.sh", "systemctl.show.sh", "git.-c.sh",
	} {
		f.write(name, hang)
	}
	opts := f.options()
	opts.EnvFiles = []string{".env"}
	start := time.Now()
	s := Look(t.Context(), opts)
	if took := time.Since(start); took < DefaultTimeout || took > DefaultTimeout+3*time.Second {
		t.Errorf("took %v", took)
	}
	for source, status := range map[string]Status{
		"docker --version": s.Docker.Client.Status, "docker ps": s.Docker.Containers.Status, "compose": s.Docker.Plugin.Status,
		"docker-compose": s.Docker.Standalone.Status, "git": s.EnvFiles[0].Status,
	} {
		if status != TimedOut {
			t.Errorf("%s: %v", source, status)
		}
	}
	if s.OS == "linux" && s.Units.Status != TimedOut {
		t.Errorf("systemctl: %+v", s.Units)
	}
	waitGone(t, f.noted("pids"))
}

func TestHangingLogs(t *testing.T) {
	t.Parallel()
	f := play(t, "docker_oom")
	f.write("docker.logs.sh", `sleep 60 & echo "$! $$" >>"$dir/pids"; wait`)
	opts := f.options()
	opts.Timeout = time.Second
	oom := byName(t, newLook(opts).docker(t.Context()), "olympiades-redis")
	if oom.Logs.Status != TimedOut || oom.ExitCode != 137 {
		t.Errorf("the container must survive its logs: %+v", oom)
	}
	waitGone(t, f.noted("pids"))
}

func TestFlood(t *testing.T) {
	t.Parallel()
	for name, script := range map[string]string{
		"ten megabytes": `head -c 10485760 /dev/zero | tr '\0' x`,
		"for ever":      `echo "$$" >>"$dir/pids"; while :; do echo '{"id":"0123456789ab","image":"x","names":"x","ports":""}'; done`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := play(t)
			f.write("docker.ps.sh", script)
			l := newLook(f.options())
			start := time.Now()
			path, err := f.lookPath("docker")
			if err != nil {
				t.Fatal(err)
			}
			out := l.run(t.Context(), false, path, "ps")
			if !out.cut || len(out.stdout) > maxOutput || len(out.stdout) < maxOutput/2 || out.err != nil {
				t.Errorf("cut %v, %d bytes, %v", out.cut, len(out.stdout), out.err)
			}
			if took := time.Since(start); took > 4*time.Second {
				t.Errorf("took %v", took)
			}
			got := within(t.Context(), l, "docker ps -a", func(ctx context.Context) Fact[listing] { return l.containers(ctx, path) })
			if (name == "for ever") != (got.Status == OK) || len(got.Words) > maxWords {
				t.Errorf("%+v", got)
			}
			if name == "for ever" {
				waitGone(t, f.noted("pids"))
			}
		})
	}
}

func TestChildLeftBehind(t *testing.T) {
	t.Parallel()
	f := play(t)
	f.write("docker.ps.sh", `sleep 60 & echo "$!" >>"$dir/pids"; echo done`)
	path, err := f.lookPath("docker")
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	out := newLook(f.options()).run(t.Context(), false, path, "ps")
	if out.err != nil || out.stdout != "done\n" || out.code != 0 || time.Since(start) > 5*time.Second {
		t.Errorf("%+v after %v", out, time.Since(start))
	}
	waitGone(t, f.noted("pids"))
}

func TestInterrupted(t *testing.T) {
	t.Parallel()
	f := play(t)
	f.write("docker.ps.sh", `echo "$$" >>"$dir/pids"; exec sleep 60`)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(300*time.Millisecond, cancel)
	start := time.Now()
	d := newLook(f.options()).docker(ctx)
	if d.Containers.Status != Failed || time.Since(start) > 1900*time.Millisecond {
		t.Errorf("%+v after %v", d.Containers, time.Since(start))
	}
	waitGone(t, f.noted("pids"))
}

func TestOffline(t *testing.T) {
	t.Parallel()
	f := play(t, "docker_running", "systemd_failed")
	f.write("git.-c.out", "")
	opts := f.options("RENDER=true")
	opts.Offline, opts.EnvFiles = true, []string{".env"}
	s := Look(t.Context(), opts)
	if calls := f.noted("calls"); calls != "" {
		t.Errorf("programs were started:\n%s", calls)
	}
	for name, status := range map[string]Status{
		"client": s.Docker.Client.Status, "containers": s.Docker.Containers.Status, "units": s.Units.Status,
		"answers": s.Answers.Status, "git": s.EnvFiles[0].Status,
	} {
		if status != NotAsked {
			t.Errorf("%s: %v", name, status)
		}
	}
	if len(s.Platforms.Value) != 1 || s.Programs.Status != OK {
		t.Errorf("what needs neither: %+v, %+v", s.Platforms, s.Programs)
	}
}

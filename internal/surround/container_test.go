package surround

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

const (
	dockerID  = "dc7334130b12a8e9e394c89fe052c26dec1922972fe38e63dd2557b1315df588"
	hostGroup = "0::/init.scope\n"
)

func TestOwnContainer(t *testing.T) {
	t.Parallel()
	mounts := "36 35 98:0 / / rw - overlay overlay rw\n" +
		"37 36 8:1 /var/lib/docker/containers/" + dockerID + "/hosts /etc/hosts rw - ext4 /dev/sda1 rw\n"
	for name, c := range map[string]struct {
		root fstest.MapFS
		env  string
		want OwnContainer
	}{
		"host": {root: fstest.MapFS{"proc/1/cgroup": file(hostGroup), "proc/self/cgroup": file("0::/system.slice/docker.service\n")}},
		"docker, version 1": {
			root: fstest.MapFS{".dockerenv": file(""), "proc/1/cgroup": file("12:memory:/docker/" + dockerID + "\n0::/\n")},
			want: OwnContainer{Inside: true, Runtime: "docker", Evidence: []string{"/.dockerenv", "/proc/1/cgroup"}},
		},
		"docker, version 2 without a namespace": {
			root: fstest.MapFS{"proc/1/cgroup": file("0::/system.slice/docker-" + dockerID + ".scope\n")},
			want: OwnContainer{Inside: true, Runtime: "docker", Evidence: []string{"/proc/1/cgroup"}},
		},
		"docker, version 2": {
			root: fstest.MapFS{"proc/1/cgroup": file("0::/\n"), "proc/self/mountinfo": file(mounts)},
			want: OwnContainer{Inside: true, Runtime: "docker", Evidence: []string{"/proc/self/mountinfo"}},
		},
		"docker, in the host's network": {
			root: fstest.MapFS{
				".dockerenv": file(""), "proc/1/cgroup": file("0::/\n"), "sys/class/net/eth0/mtu": file("1500\n"),
				"sys/class/net/br-21b0615c0715/mtu": file("1500\n"),
			},
			want: OwnContainer{Inside: true, Runtime: "docker", Evidence: []string{"/.dockerenv"}, Bridge: "br-21b0615c0715"},
		},
		"a machine with docker": {
			root: fstest.MapFS{"proc/1/cgroup": file("0::/init.scope\n"), "sys/class/net/docker0/mtu": file("1500\n")},
			want: OwnContainer{Bridge: "docker0"},
		},
		"podman": {
			root: fstest.MapFS{"run/.containerenv": file(""), "proc/1/cgroup": file("0::/\n")}, env: "container=podman",
			want: OwnContainer{Inside: true, Runtime: "podman", Evidence: []string{"/run/.containerenv", "container"}},
		},
		"kubernetes": {
			root: fstest.MapFS{
				"var/run/secrets/kubernetes.io/serviceaccount/token": file("S3cret"),
				"proc/1/cgroup": file("0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-" + dockerID + ".scope\n"),
			},
			want: OwnContainer{Inside: true, Runtime: "kubernetes", Evidence: []string{"/var/run/secrets/kubernetes.io", "/proc/1/cgroup"}},
		},
		"lxc": {
			root: fstest.MapFS{"proc/1/cgroup": file("1:name=systemd:/lxc.payload.web/init.scope\n")},
			want: OwnContainer{Inside: true, Runtime: "lxc", Evidence: []string{"/proc/1/cgroup"}},
		},
		"named by a variable": {
			root: fstest.MapFS{"proc/1/cgroup": file("0::/\n")}, env: "container=oci",
			want: OwnContainer{Inside: true, Runtime: "", Evidence: []string{"container"}},
		},
	} {
		opts := play(t).options(c.env)
		opts.FS = c.root
		got := newLook(opts).ownContainer(t.Context())
		noSecrets(t, got)
		if diff := cmp.Diff(seen(sourceCgroup, c.want), got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if got := newLook(play(t).options()).ownContainer(t.Context()); got.Status != Missing {
		t.Errorf("nothing can be read: %+v", got)
	}
}

func FuzzCgroup(f *testing.F) {
	f.Add("12:memory:/docker/" + dockerID + "\n")
	f.Add(hostGroup)
	f.Add("36 35 98:0 /a/kubelet/pods/x /etc/hosts rw")
	f.Fuzz(func(t *testing.T, text string) {
		if cgroupRuntime(text) != "" && strings.Count(text, ":") < 2 {
			t.Errorf("a container from %q", text)
		}
		if mountRuntime(text) != "" && !strings.Contains(text, "/etc/") {
			t.Errorf("a container from %q", text)
		}
		_, _ = parseMeminfo(text)
		_ = parseKernel(text)
	})
}

func TestWSL(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]WSL{
		"Linux version 6.1.0-18-amd64 (debian-kernel@lists.debian.org)":       {},
		"Linux version 4.4.0-19041-Microsoft (Microsoft@Microsoft.com)":       {Inside: true, Version: 1},
		"Linux version 5.15.90.1-microsoft-standard-WSL2 (oe-user@oe-host)":   {Inside: true, Version: 2},
		"Linux version 6.6.0-azure-custom (built by somebody at microsoft.x)": {Inside: true},
	} {
		opts := play(t).options()
		opts.FS = fstest.MapFS{"proc/version": file(version)}
		if got := newLook(opts).wsl(t.Context()); got != seen(sourceVersion, want) {
			t.Errorf("%q: %+v", version, got)
		}
	}
	got := newLook(play(t).options("WSL_DISTRO_NAME=Ubuntu")).wsl(t.Context())
	if got != seen(sourceVersion, WSL{Inside: true, Distro: "Ubuntu"}) {
		t.Errorf("by its variable: %+v", got)
	}
	if got := newLook(play(t).options()).wsl(t.Context()); got.Status != Missing {
		t.Errorf("nothing to read: %+v", got)
	}
}

func TestPlatforms(t *testing.T) {
	t.Parallel()
	l := newLook(play(t).options("RENDER=true", "RENDER_SERVICE_ID=S3cret", "DYNO=web.1", "GITHUB_ACTIONS=false", "VERCEL=",
		"RAILWAY_TOKEN=S3cret"))
	got := l.platforms()
	noSecrets(t, got)
	want := seen(sourceEnvironment, []Platform{
		{Name: "render", Variables: []string{"RENDER", "RENDER_SERVICE_ID"}}, {Name: "heroku", Variables: []string{"DYNO"}},
	})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestHost(t *testing.T) {
	t.Parallel()
	opts := play(t).options()
	opts.FS = fstest.MapFS{
		sourceMeminfo[1:]:    file("MemTotal:       24684092 kB\nMemFree:  1 kB\nMemAvailable:   24097256 kB\nHugePages_Total: 0\n"),
		sourceOvercommit[1:]: file("0\n"), sourceHugePages[1:]: file("always [madvise] never\n"),
	}
	l := newLook(opts)
	if got := l.memory(t.Context()); got != seen(sourceMeminfo, Memory{TotalBytes: 24684092 << 10, AvailableBytes: 24097256 << 10}) {
		t.Errorf("%+v", got)
	}
	if got := l.overcommit(t.Context()); got != seen(sourceOvercommit, 0) {
		t.Errorf("%+v", got)
	}
	if got := l.hugePages(t.Context()); got != seen(sourceHugePages, "madvise") {
		t.Errorf("%+v", got)
	}
	opts.FS = fstest.MapFS{
		sourceMeminfo[1:]: file("MemTotal: -5 kB\nMemTotal: x kB\n"), sourceOvercommit[1:]: file("7"), sourceHugePages[1:]: file("[bogus]"),
	}
	l = newLook(opts)
	memory, overcommit, pages := l.memory(t.Context()), l.overcommit(t.Context()), l.hugePages(t.Context())
	if memory.Status != Failed || overcommit.Status != Failed || pages.Status != Failed {
		t.Errorf("rubbish: %+v %+v %+v", memory, overcommit, pages)
	}
}

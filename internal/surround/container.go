package surround

import (
	"context"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/surround/scene"
)

// Where a process sees what it runs in.
const (
	sourceCgroup  = "/proc/1/cgroup"
	sourceVersion = "/proc/version"
)

// markers are files that runtimes leave at the root of a container. kubernetes mounts its own over whichever runtime.
var markers = []struct{ path, runtime string }{
	{"var/run/secrets/kubernetes.io", "kubernetes"},
	{"run/secrets/kubernetes.io", "kubernetes"},
	{"run/.containerenv", "podman"},
	{".dockerenv", "docker"},
}

// cgroupPatterns name the runtime by the control group it makes (v1 and, without a cgroup namespace, v2). The daemon's
// own group, /system.slice/docker.service, is none of them.
var cgroupPatterns = []struct {
	pattern *regexp.Regexp
	runtime string
}{
	{regexp.MustCompile(`/kubepods[./-]|/kubepods$`), "kubernetes"},
	{regexp.MustCompile(`/ecs/`), "ecs"},
	{regexp.MustCompile(`/libpod-(conmon-)?[0-9a-f]{12}|/libpod_parent`), "podman"},
	{regexp.MustCompile(`/docker[/-][0-9a-f]{12}|/docker/buildkit`), "docker"},
	{regexp.MustCompile(`/cri-containerd-|/crio-|/containerd/`), "containerd"},
	{regexp.MustCompile(`/lxc(\.payload)?[./]`), "lxc"},
	{regexp.MustCompile(`/machine\.slice/systemd-nspawn`), "nspawn"},
}

// containerNames are values of the variable «container»; oci names no runtime.
var containerNames = map[string]string{
	"docker": "docker", "podman": "podman", "lxc": "lxc", "systemd-nspawn": "nspawn",
}

// mountPatterns name the runtime by the folder from which it mounts /etc/hosts: all that shows under cgroup v2, where a
// container sees itself as "0::/".
var mountPatterns = []struct{ part, runtime string }{
	{"/kubelet/pods/", "kubernetes"},
	{"/docker/containers/", "docker"},
	{"/overlay-containers/", "podman"},
	{"/io.containerd", "containerd"},
}

func (l *look) ownContainer(ctx context.Context) Fact[OwnContainer] {
	var own OwnContainer
	note := func(runtime, evidence string) {
		own.Inside = true
		if own.Runtime == "" {
			own.Runtime = runtime
		}
		if !slices.Contains(own.Evidence, evidence) {
			own.Evidence = append(own.Evidence, evidence)
		}
	}
	for _, m := range markers {
		if file, err := l.FS.Open(m.path); err == nil {
			_ = file.Close() // opened to see that it is there
			note(m.runtime, "/"+m.path)
		}
	}
	// systemd's convention: https://systemd.io/CONTAINER_INTERFACE
	if name, _ := l.LookupEnv("container"); name != "" {
		note(containerNames[name], "container")
	}
	readable := false
	var lastErr error
	for _, path := range []string{sourceCgroup[1:], "proc/self/cgroup", "proc/self/mountinfo"} {
		if ctx.Err() != nil {
			return unseen[OwnContainer](statusOf(ctx.Err()), sourceCgroup, "")
		}
		text, err := l.read(path)
		if err != nil {
			lastErr = err
			continue
		}
		readable = true
		runtime := cgroupRuntime(text)
		if strings.HasSuffix(path, "mountinfo") {
			runtime = mountRuntime(text)
		}
		if runtime != "" {
			note(runtime, "/"+path)
		}
	}
	own.Bridge = l.bridge()
	if !readable && !own.Inside {
		return unseen[OwnContainer](statusOf(lastErr), sourceCgroup, l.clean(lastErr.Error()))
	}
	return seen(sourceCgroup, own)
}

// bridge is the first network of a container engine that this process sees as its machine does; "" for none.
func (l *look) bridge() string {
	interfaces, err := fs.ReadDir(l.FS, "sys/class/net")
	if err != nil {
		return "" // not Linux, or without /sys
	}
	for _, i := range interfaces {
		if scene.Bridge(i.Name()) {
			return i.Name()
		}
	}
	return ""
}

// cgroupRuntime reads /proc/PID/cgroup; empty where no line names a container.
func cgroupRuntime(text string) string {
	for line := range strings.Lines(text) {
		parts := strings.SplitN(strings.TrimRight(line, "\r\n"), ":", 3) // hierarchy:controllers:path
		if len(parts) != 3 {
			continue
		}
		for _, p := range cgroupPatterns {
			if p.pattern.MatchString(parts[2]) {
				return p.runtime
			}
		}
	}
	return ""
}

// mountRuntime reads /proc/self/mountinfo; empty where the files of name resolution are not mounted by a runtime.
func mountRuntime(text string) string {
	for line := range strings.Lines(text) {
		fields := strings.Fields(line) // 36 35 98:0 ROOT MOUNTPOINT options…
		if len(fields) < 5 || !slices.Contains([]string{"/etc/hosts", "/etc/hostname", "/etc/resolv.conf"}, fields[4]) {
			continue
		}
		for _, p := range mountPatterns {
			if strings.Contains(fields[3], p.part) {
				return p.runtime
			}
		}
	}
	return ""
}

func (l *look) wsl(context.Context) Fact[WSL] {
	fact := readFact(l, sourceVersion[1:], func(text string) (WSL, bool) { return parseKernel(text), text != "" })
	if distro, _ := l.LookupEnv("WSL_DISTRO_NAME"); distro != "" {
		fact.Status, fact.Words = OK, ""
		fact.Value.Inside, fact.Value.Distro = true, l.clean(distro)
	}
	return fact
}

// parseKernel tells WSL 1 («4.4.0-19041-Microsoft») from WSL 2 («5.15.90.1-microsoft-standard-WSL2»).
func parseKernel(version string) WSL {
	lower := strings.ToLower(version)
	switch {
	case strings.Contains(lower, "wsl2"), strings.Contains(lower, "microsoft-standard"):
		return WSL{Inside: true, Version: 2}
	case strings.Contains(version, "-Microsoft"):
		return WSL{Inside: true, Version: 1}
	default:
		return WSL{Inside: strings.Contains(lower, "microsoft")}
	}
}

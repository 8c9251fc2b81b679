package findings_test

import (
	"strings"
	"testing"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/findings"
)

// TestCommandsOfTheSystem: what is shown to type is there to be typed.
func TestCommandsOfTheSystem(t *testing.T) {
	t.Parallel()
	linux := []string{"apt-get", "systemctl", "ss -"}
	bare := func(more ...finding.Evidence) []finding.Evidence {
		return append([]finding.Evidence{ev("docker", "none")}, more...)
	}
	for _, tc := range []struct {
		id      string
		seen    []finding.Evidence
		want    string
		not     []string
		nothing bool // no command at all
	}{
		{id: "tcp-refused", seen: bare(ev("os", "linux")), want: "sudo apt-get install redis-server"},
		{id: "tcp-refused", seen: bare(ev("os", "linux"), ev("packager", "dnf")), want: "sudo dnf install redis", not: linux},
		{id: "tcp-refused", seen: bare(ev("os", "linux"), ev("packager", "apk")), want: "sudo apk add redis", not: linux},
		{id: "tcp-refused", seen: bare(ev("os", "linux"), ev("packager", "")), not: linux, nothing: true},
		{id: "tcp-refused", seen: bare(ev("os", "darwin")), want: "brew install redis", not: linux},
		{id: "tcp-refused", seen: bare(ev("os", "windows")), not: linux, nothing: true},
		{id: "tcp-refused", seen: []finding.Evidence{ev("os", "darwin")}, want: "brew services start redis", not: linux},
		{id: "tcp-refused", seen: []finding.Evidence{ev("os", "windows")}, want: "docker compose up", not: linux},
		{id: "tcp-refused", want: "sudo systemctl start redis-server"},
		{id: "tls-no-roots", seen: []finding.Evidence{ev("packager", "zypper")}, want: "sudo zypper install ca-certificates", not: linux},
		{id: "tls-no-roots", seen: []finding.Evidence{ev("os", "darwin")}, not: linux, nothing: true},
		{id: "server-max-clients", seen: []finding.Evidence{ev("os", "darwin")}, want: "lsof -nP -iTCP:6379", not: linux},
		{id: "server-max-clients", seen: []finding.Evidence{ev("os", "linux")}, want: "ss -tnp"},
	} {
		f := findings.WithFixes(finding.Finding{ID: tc.id, Evidence: append(tc.seen, ev("loopback", true), ev("port", 6379))})
		var all []string
		for _, x := range f.Fixes {
			all = append(all, x.Command)
		}
		commands := strings.Join(all, "\n")
		if !strings.Contains(commands, tc.want) || tc.nothing && strings.Trim(commands, "\n") != "" {
			t.Errorf("%s on %v: %q, want %q", tc.id, tc.seen, commands, tc.want)
		}
		for _, word := range tc.not {
			if strings.Contains(commands, word) {
				t.Errorf("%s on %v: %q", tc.id, tc.seen, commands)
			}
		}
	}
}

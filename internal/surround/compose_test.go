package surround

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// TestOnlyStandaloneCompose: a plugin in the user's home counts, and without docker-compose there is nothing to prefer.
func TestOnlyStandaloneCompose(t *testing.T) {
	t.Parallel()
	none := func(string) (string, error) { return "", errors.New("not found") }
	here := func(name string) (string, error) { return "/usr/bin/" + name, nil }
	home := t.TempDir()
	if OnlyStandaloneCompose(none, home) {
		t.Error("docker-compose is not here")
	}
	folder := filepath.Join(home, ".docker", "cli-plugins")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	before := OnlyStandaloneCompose(here, home)
	if err := os.WriteFile(filepath.Join(folder, "docker-compose"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if OnlyStandaloneCompose(here, home) {
		t.Error("the plugin is here")
	}
	for _, elsewhere := range []string{"/usr/local/lib", "/usr/local/libexec", "/usr/lib", "/usr/libexec"} {
		if _, err := os.Stat(elsewhere + "/docker/cli-plugins/docker-compose"); err == nil {
			t.Skip("this machine has the plugin for every user")
		}
	}
	if !before {
		t.Error("only docker-compose is here")
	}
}

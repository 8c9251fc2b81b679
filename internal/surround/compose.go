package surround

import (
	"os"
	"os/exec"
	"path/filepath"
)

// pluginFolders are where Docker looks for its plugins on Linux and macOS, beside the one in the user's home.
var pluginFolders = []string{
	"/usr/local/lib/docker/cli-plugins", "/usr/local/libexec/docker/cli-plugins",
	"/usr/lib/docker/cli-plugins", "/usr/libexec/docker/cli-plugins",
}

// OnlyStandaloneCompose tells, without running a program, that Compose is here as docker-compose and as no plugin of Docker: for
// where there is no time to ask, as after Ctrl-C. home may be empty.
func OnlyStandaloneCompose(lookPath func(string) (string, error), home string) bool {
	if lookPath == nil {
		lookPath = exec.LookPath
	}
	if _, err := lookPath("docker-compose"); err != nil {
		return false
	}
	folders := pluginFolders
	if home != "" {
		folders = append([]string{filepath.Join(home, ".docker", "cli-plugins")}, folders...)
	}
	for _, folder := range folders {
		if _, err := os.Stat(filepath.Join(folder, "docker-compose")); err == nil {
			return false
		}
	}
	return true
}

package cli_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// realPath is PATH without the engine below.
var realPath string

// quickEngine puts an engine with no containers first in PATH: the real programs take most of a second of each run, and what
// tests of other things started in containers must not decide a verdict. It gives back how to remove it.
func quickEngine() (remove func()) {
	if runtime.GOOS == "windows" {
		return func() {}
	}
	realPath = os.Getenv("PATH") // with the programs of testscript
	dir, err := os.MkdirTemp("", "olymp-cache-engine-")
	if err != nil {
		panic(err)
	}
	const docker = `#!/bin/sh
case "$1" in
--version) echo 'Docker version 28.2.2, build e6534b4' ;;
compose) echo 'Docker Compose version v2.27.0' ;;
esac
`
	for name, text := range map[string]string{"docker": docker, "docker-compose": "#!/bin/sh\necho 'Docker Compose version v2.27.0'\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o755); err != nil {
			panic(err)
		}
	}
	if err := os.Setenv("PATH", dir+string(os.PathListSeparator)+realPath); err != nil {
		panic(err)
	}
	return func() { _ = os.RemoveAll(dir) }
}

// realEngine lets a test that is not parallel use the engine of this machine.
func realEngine(t *testing.T) {
	t.Helper()
	t.Setenv("PATH", realPath)
}

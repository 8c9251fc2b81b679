package surround

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"
)

// fake is a folder of programs that play recordings, in place of PATH.
type fake struct {
	t   *testing.T
	dir string
}

// play unpacks recordings and links the fake to every program they are of.
func play(t *testing.T, recordings ...string) fake {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the fakes are shell scripts")
	}
	f := fake{t, t.TempDir()}
	for _, name := range recordings {
		archive, err := txtar.ParseFile(filepath.Join("testdata", name+".txtar"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range archive.Files {
			f.write(file.Name, string(file.Data))
		}
	}
	return f
}

func (f fake) write(name, text string) {
	f.t.Helper()
	if err := os.WriteFile(filepath.Join(f.dir, name), []byte(text), 0o600); err != nil {
		f.t.Fatal(err)
	}
	program, _, _ := strings.Cut(name, ".")
	script, err := filepath.Abs("testdata/fake.sh")
	if err != nil {
		f.t.Fatal(err)
	}
	if err := os.Symlink(script, filepath.Join(f.dir, program)); err != nil && !os.IsExist(err) {
		f.t.Fatal(err)
	}
}

// lookPath finds the fakes only.
func (f fake) lookPath(name string) (string, error) {
	path := filepath.Join(f.dir, name)
	if _, err := os.Stat(path); err != nil {
		return "", &exec.Error{Name: name, Err: exec.ErrNotFound}
	}
	return path, nil
}

// noted is what the fakes wrote down: "calls", "environment", "pids".
func (f fake) noted(name string) string {
	f.t.Helper()
	raw, err := os.ReadFile(filepath.Join(f.dir, name))
	if err != nil && !os.IsNotExist(err) {
		f.t.Fatal(err)
	}
	return string(raw)
}

// options look at the fakes, an empty file system and an environment of vars.
func (f fake) options(vars ...string) Options {
	return Options{
		LookPath: f.lookPath, FS: fstest.MapFS{}, LookupEnv: func(name string) (string, bool) {
			for _, entry := range append(slices.Clone(vars), "PATH="+os.Getenv("PATH")) {
				if key, value, _ := strings.Cut(entry, "="); key == name {
					return value, true
				}
			}
			return "", false
		},
	}
}

// noSecrets fails where a planted secret (they all begin the same) is in the JSON of anything.
func noSecrets(t *testing.T, v any) {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	if i := bytes.Index(raw, []byte("S3cret")); i >= 0 {
		t.Errorf("a secret survives: …%s…", raw[max(0, i-80):min(len(raw), i+40)])
	}
}

// byName finds a container.
func byName(t *testing.T, d Docker, name string) Container {
	t.Helper()
	for _, c := range d.Containers.Value {
		if c.Name == name {
			return c
		}
	}
	t.Fatalf("no container %q in %+v", name, d.Containers)
	return Container{}
}

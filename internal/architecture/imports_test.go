package architecture

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// pkgImports is what the Go files of one folder import.
type pkgImports struct {
	code, tests []string
}

// TestImports reads every Go file of cmd and internal, whatever system it is for, and holds it against the rules.
func TestImports(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..")
	if _, err := os.Stat(filepath.Join(root, "go.mod")); err != nil {
		t.Fatalf("this is not two folders below the module root: %v", err)
	}
	packages := map[string]pkgImports{}
	for _, top := range []string{"cmd", "internal"} {
		if err := collect(root, top, packages); err != nil {
			t.Fatal(err)
		}
	}
	for _, known := range []string{"internal/architecture", "internal/finding", "internal/i18n"} {
		if _, ok := packages[known]; !ok {
			t.Errorf("%s was not read: the walk missed it", known)
		}
	}
	for pkg, imported := range packages {
		for _, found := range append(violations(pkg, imported.code), testViolations(pkg, imported.tests)...) {
			t.Error(found)
		}
	}
}

// TestCollectFindsABadImport walks a made-up tree, so that a walk that reads nothing cannot pass for a clean one.
func TestCollectFindsABadImport(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for path, text := range map[string]string{
		"internal/report/text.go":          "package report\n\nimport \"github.com/redis/go-redis/v9\"\n",
		"internal/report/text_test.go":     "package report_test\n\nimport \"" + module + "/internal/cli\"\n",
		"internal/term/screen_windows.go":  "//go:build windows\n\npackage term\n\nimport _ \"text/template\"\n",
		"internal/term/testdata/ignore.go": "package ignore\n\nimport \"html/template\"\n",
	} {
		file := filepath.Join(root, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	packages := map[string]pkgImports{}
	if err := collect(root, "internal", packages); err != nil {
		t.Fatal(err)
	}
	if len(packages) != 2 {
		t.Errorf("read %d packages, want report and term: %v", len(packages), packages)
	}
	report, term := packages["internal/report"], packages["internal/term"]
	if found := violations("internal/report", report.code); len(found) != 1 {
		t.Errorf("the driver in report: %q", found)
	}
	if found := testViolations("internal/report", report.tests); len(found) != 1 {
		t.Errorf("the commands in the tests of report: %q", found)
	}
	if found := violations("internal/term", term.code); len(found) != 1 {
		t.Errorf("a template in a file for another system: %q", found)
	}
}

// collect adds the imports of every package below root/top to packages, by its path under root.
func collect(root, top string, packages map[string]pkgImports) error {
	files := token.NewFileSet()
	return filepath.WalkDir(filepath.Join(root, top), func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && entry.Name() == "testdata" {
			return filepath.SkipDir // the go command does not read it either
		}
		if entry.IsDir() || filepath.Ext(path) != ".go" {
			return nil
		}
		file, err := parser.ParseFile(files, path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		dir, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		pkg := filepath.ToSlash(dir)
		seen := packages[pkg]
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if strings.HasSuffix(path, "_test.go") {
				seen.tests = append(seen.tests, imported)
			} else {
				seen.code = append(seen.code, imported)
			}
		}
		packages[pkg] = seen
		return nil
	})
}

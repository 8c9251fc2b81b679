// Command gen-docs writes what is generated of the documentation below docs/: the manual pages, from the same texts as
// the help. `make docs` runs it; its test fails when they are out of date.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/cpuguy83/go-md2man/v2/md2man"

	"github.com/olympiades-ia/olymp-cache/internal/cli"
	"github.com/olympiades-ia/olymp-cache/internal/i18n"
)

func main() {
	if err := write("docs"); err != nil {
		fmt.Fprintln(os.Stderr, "gen-docs:", err)
		os.Exit(1)
	}
}

// write makes every generated file below dir.
func write(dir string) error {
	for name, content := range files() {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // documentation is for everybody
			return err
		}
		if err := os.WriteFile(path, content, 0o644); err != nil { //nolint:gosec // as above
			return err
		}
	}
	return nil
}

// files are the generated ones by their path below docs/.
func files() map[string][]byte {
	out := map[string][]byte{}
	for _, lang := range []i18n.Lang{i18n.English, i18n.French} {
		for _, p := range cli.Pages(lang) {
			out["man/"+p.Folder+"/"+p.Name+".1"] = md2man.Render([]byte(p.Markdown))
		}
	}
	return out
}

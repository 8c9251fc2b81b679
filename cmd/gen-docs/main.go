// Command gen-docs writes what is generated of the documentation below docs/: the manual pages, from the same texts as
// the help, and the pages of the findings. `make docs` runs it; its test fails when they are out of date.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/cpuguy83/go-md2man/v2/md2man"

	"github.com/olympiades-ia/olymp-cache/docs/findings"
	"github.com/olympiades-ia/olymp-cache/internal/cli"
	"github.com/olympiades-ia/olymp-cache/internal/explain"
	"github.com/olympiades-ia/olymp-cache/internal/i18n"
)

func main() {
	if err := write("."); err != nil {
		fmt.Fprintln(os.Stderr, "gen-docs:", err)
		os.Exit(1)
	}
}

// write makes every generated file of the repository at root.
func write(root string) error {
	made, err := files(root)
	if err != nil {
		return err
	}
	for name, content := range made {
		path := filepath.Join(root, "docs", filepath.FromSlash(name))
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
func files(root string) (map[string][]byte, error) {
	out := map[string][]byte{}
	for _, lang := range []i18n.Lang{i18n.English, i18n.French} {
		for _, p := range cli.Pages(lang) {
			out["man/"+p.Folder+"/"+p.Name+".1"] = md2man.Render([]byte(p.Markdown))
		}
		texts, err := os.ReadFile(filepath.Join(root, "internal", "i18n", string(lang), "pages.po"))
		if err != nil {
			return nil, err
		}
		cat := i18n.NewWith(lang, texts)
		folder := "findings/" + string(lang) + "/"
		out[folder+"README.md"] = []byte(explain.Index(cat))
		pages := findings.Pages{}
		for _, p := range explain.Pages(cat) {
			out[folder+p.ID+".md"] = []byte(p.Text)
			pages[p.ID] = p.Text
		}
		if out["findings/"+findings.File(lang)], err = findings.Pack(pages); err != nil {
			return nil, err
		}
	}
	return out, nil
}

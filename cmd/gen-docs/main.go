// Command gen-docs writes what is generated: the manual pages, from the same texts as the help, the pages of the findings,
// and the packed form of both that is built into the program. `make docs` runs it; tests fail when something is out of date.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/cpuguy83/go-md2man/v2/md2man"

	"github.com/olympiades-ia/olymp-cache/docs/findings"
	"github.com/olympiades-ia/olymp-cache/docs/man"
	"github.com/olympiades-ia/olymp-cache/internal/cli"
	"github.com/olympiades-ia/olymp-cache/internal/explain"
	"github.com/olympiades-ia/olymp-cache/internal/i18n"
	"github.com/olympiades-ia/olymp-cache/internal/packed"
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
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // documentation is for everybody
			return err
		}
		if err := os.WriteFile(path, content, 0o644); err != nil { //nolint:gosec // as above
			return err
		}
	}
	return nil
}

// catalogue is the packed messages of one language.
func catalogue(root string, lang i18n.Lang) ([]byte, error) {
	var all []byte
	for _, part := range i18n.Parts {
		text, err := os.ReadFile(filepath.Join(root, "internal", "i18n", string(lang), part+".po")) //nolint:gosec // a file of this repository
		if err != nil {
			return nil, err
		}
		all = append(all, text...)
	}
	return packed.Text(all)
}

// files are the generated ones by their path below root.
func files(root string) (map[string][]byte, error) {
	out := map[string][]byte{}
	manual := map[string]string{}
	for _, lang := range []i18n.Lang{i18n.English, i18n.French} {
		for _, p := range cli.Pages(lang) {
			page := md2man.Render([]byte(p.Markdown))
			out["docs/man/"+p.Folder+"/"+p.Name+".1"], manual[p.Folder+"/"+p.Name+".1"] = page, string(page)
		}
		messages, err := catalogue(root, lang)
		if err != nil {
			return nil, err
		}
		out["internal/i18n/"+i18n.File(lang)] = messages
		texts, err := os.ReadFile(filepath.Join(root, "internal", "i18n", string(lang), "pages.po")) //nolint:gosec // as above
		if err != nil {
			return nil, err
		}
		cat := i18n.NewWith(lang, texts)
		folder := "docs/findings/" + string(lang) + "/"
		out[folder+"README.md"] = []byte(explain.Index(cat))
		pages := map[string]string{}
		for _, p := range explain.Pages(cat) {
			out[folder+p.ID+".md"] = []byte(p.Text)
			pages[p.ID] = p.Text
		}
		if out["docs/findings/"+findings.File(lang)], err = packed.Files(pages); err != nil {
			return nil, err
		}
	}
	var err error
	out["docs/man/"+man.File], err = packed.Files(manual)
	return out, err
}

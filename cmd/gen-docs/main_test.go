package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/olympiades-ia/olymp-cache/docs/findings"
	"github.com/olympiades-ia/olymp-cache/docs/man"
	"github.com/olympiades-ia/olymp-cache/internal/i18n"
)

var root = filepath.Join("..", "..")

func TestDocsAreCurrent(t *testing.T) {
	made, err := files(root)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range made {
		if strings.HasSuffix(name, ".gz") {
			continue // compressors differ between versions of Go: what is in them is compared below
		}
		got, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is out of date: run make docs (%v)", name, err)
		}
	}
	for _, folder := range []string{"docs/man/man1", "docs/man/fr/man1", "docs/findings/fr", "docs/findings/en"} {
		entries, err := os.ReadDir(filepath.Join(root, filepath.FromSlash(folder)))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if _, ok := made[folder+"/"+e.Name()]; !ok {
				t.Errorf("%s/%s documents what is gone", folder, e.Name())
			}
		}
	}
}

// TestBuiltInPages: what the program shows is what the documentation says.
func TestBuiltInPages(t *testing.T) {
	made, err := files(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range []i18n.Lang{i18n.French, i18n.English} {
		pages, err := findings.Load(lang)
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]string{}
		for name, text := range made {
			id, ok := strings.CutPrefix(name, "docs/findings/"+string(lang)+"/")
			if id, isPage := strings.CutSuffix(id, ".md"); ok && isPage && id != "README" {
				want[id] = string(text)
			}
		}
		if diff := cmp.Diff(want, pages); diff != "" {
			t.Errorf("the built-in pages are out of date: run make docs (-documentation +built in):\n%.2000s", diff)
		}
	}
	manual, err := man.Pages()
	if err != nil {
		t.Fatal(err)
	}
	for name, page := range manual {
		if string(made["docs/man/"+name]) != page {
			t.Errorf("the built-in %s is out of date: run make docs", name)
		}
	}
}

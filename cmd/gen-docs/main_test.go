package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func TestDocsAreCurrent(t *testing.T) {
	for name, want := range files() {
		got, err := os.ReadFile(filepath.Join("..", "..", "docs", filepath.FromSlash(name)))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("docs/%s is out of date: run make docs (%v)", name, err)
		}
	}
	for _, folder := range []string{"man/man1", "man/fr/man1"} {
		entries, err := os.ReadDir(filepath.Join("..", "..", "docs", filepath.FromSlash(folder)))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if _, ok := files()[folder+"/"+e.Name()]; !ok {
				t.Errorf("docs/%s/%s documents a command that is gone", folder, e.Name())
			}
		}
	}
}

package config

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// TestMissingTLSFile: who mistyped a file's name reads where it was looked for and what is there.
func TestMissingTLSFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"root-ca.pem", "notes.txt", "server.crt"} {
		write(t, filepath.Join(dir, name), "x")
	}
	if err := os.Mkdir(filepath.Join(dir, "folder.pem"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ file, tried, candidates, missing any }{
		{"ca.pem", filepath.Join(dir, "ca.pem"), "root-ca.pem, server.crt", nil},
		{filepath.Join(dir, "ca.pem"), filepath.Join(dir, "ca.pem"), "root-ca.pem, server.crt", nil},
		{filepath.Join("none", "ca.pem"), filepath.Join(dir, "none", "ca.pem"), nil, filepath.Join(dir, "none")},
	} {
		_, err := Load(Input{URL: "rediss://h", URLSet: true, TLSCA: tc.file.(string), LookupEnv: env(), Dir: dir, Home: dir})
		var bad *Error
		if !errors.As(err, &bad) {
			t.Fatalf("%s: %v", tc.file, err)
		}
		f := bad.Findings[0]
		for name, want := range map[string]any{"tried": tc.tried, "candidates": tc.candidates, "missing_folder": tc.missing} {
			if f.Value(name) != want {
				t.Errorf("%s: %s is %v, want %v", tc.file, name, f.Value(name), want)
			}
		}
	}
}

// TestShownDatabase: a short word in the database's place is shown, a longer one may be a piece of a password.
func TestShownDatabase(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"redis://h/abc": "abc", "redis://h:1?db=x": "x", "redis://h/cache": "cache", "redis://h/geheim1": Mask, "redis://h/a$b": Mask,
	} {
		if _, found := ParseURL(raw, Origin{}); len(found) != 1 || found[0].Value("part") != want {
			t.Errorf("%s: %v, want %s", raw, found, want)
		}
	}
}

//go:build !windows

package cli_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/olympiades-ia/olymp-cache/internal/cli"
	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

// TestRestoreAsks: on a terminal it shows what would come back, asks, and does nothing without a yes.
func TestRestoreAsks(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	path := filepath.Join(t.TempDir(), "keys.backup")
	for _, key := range []string{"a", "b", "c"} {
		if _, err := s.Do("SET", key, "x"); err != nil {
			t.Fatal(err)
		}
	}
	if err := backUp(t.Context(), s.URL(), path); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Do("DEL", "a", "b"); err != nil {
		t.Fatal(err)
	}
	for _, one := range []struct {
		keys, lang string
		shows      []string
		code       int
		left       string // keys
	}{
		{"n\r", "fr", []string{"Faite il y a 1\u00a0h", "2 clés à remettre", "1 clé déjà là", "[o/N]"}, cli.ExitRefused, "1"},
		{"\r", "en", []string{"Made 1\u00a0h ago", "2 keys to put back", "1 key is there already", "[y/N]"}, cli.ExitRefused, "1"},
		{"\x04", "fr", []string{"[o/N]"}, cli.ExitRefused, "1"},
		{"\x03", "fr", []string{"[o/N]"}, cli.ExitInterrupted, "1"},
		{"oui\r", "fr", []string{"[o/N]"}, cli.ExitOK, "3"},
	} {
		x := inTerminal(t, "restore", path, "-u", s.URL(), "--lang", one.lang)
		x.see(0, one.shows...)
		x.press(one.keys)
		x.left(one.code)
		if reply, err := s.Do("DBSIZE"); err != nil || strings.TrimSpace(reply) != one.left {
			t.Errorf("%q: %s, %v", one.keys, reply, err)
		}
	}
}

package cli

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/olympiades-ia/olymp-cache/internal/i18n"
)

// ofOurs is a command line of this program in a text, up to where the text goes on.
var ofOurs = regexp.MustCompile("olymp-cache((?: +[^ `\"»,;:|()<>\\n\\\\]+)+)")

// prose are words that stand behind the program's name in a sentence.
var prose = []string{"dit", "that", "tells", "below", "ci-dessous", "below,", "/usr/local/bin/", "COMMAND", "COMMANDE"}

// TestEveryCommandNamedExists: whatever a message, a page, a fix or a document tells people to type is there, with its flags.
func TestEveryCommandNamedExists(t *testing.T) {
	t.Parallel()
	a := &app{flags: &globals{}, env: Env{LookupEnv: func(string) (string, bool) { return "", false }}, cat: i18n.New(i18n.English)}
	root := a.rootCommand()
	read := 0
	for _, top := range []string{"..", "../../docs", "../../README.md", "../../CONTRIBUTING.md"} {
		err := filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case d.IsDir() && (d.Name() == "testdata" || path == "../../docs/decisions" || path == "../../docs/man"):
				return fs.SkipDir // a decision may speak of what is not there yet; manuals are made from the commands
			case d.IsDir(), strings.HasSuffix(path, "_test.go"), !slices.Contains([]string{".po", ".md", ".go"}, filepath.Ext(path)):
				return nil
			}
			text, err := os.ReadFile(path) //nolint:gosec // our own tree, which nobody changes meanwhile
			if err != nil {
				return err
			}
			for _, found := range ofOurs.FindAllStringSubmatch(string(text), -1) {
				words := strings.Fields(found[1])
				if slices.Contains(prose, words[0]) || filepath.Ext(path) == ".go" && !strings.Contains(string(text), `"olymp-cache`+found[1]) {
					continue // Go: strings only, no comments
				}
				read++
				if wrong := notThere(root, words); wrong != "" {
					t.Errorf("%s: olymp-cache%s: there is no %s", path, found[1], wrong)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if read < 100 {
		t.Errorf("only %d command lines were found", read)
	}
}

// notThere is the first word of a command line that is neither a command nor one of its flags; "" where all are there.
func notThere(root *cobra.Command, words []string) string {
	cmd := root
	for i, word := range words {
		if word == "--" {
			return "" // what follows is no command
		}
		name, isFlag := strings.CutPrefix(word, "-")
		if isFlag {
			name, _, _ = strings.Cut(name, "=")
			if long, ok := strings.CutPrefix(name, "-"); ok && cmd.Flag(strings.TrimRight(long, ".")) == nil && long != "help" ||
				!ok && len(name) > 0 && cmd.Flags().ShorthandLookup(name[:1]) == nil && cmd.InheritedFlags().ShorthandLookup(name[:1]) == nil {
				return word
			}
			continue
		}
		next := slices.IndexFunc(cmd.Commands(), func(c *cobra.Command) bool { return c.Name() == strings.TrimRight(word, ".") })
		switch {
		case next >= 0:
			cmd = cmd.Commands()[next]
		case i == 0:
			return word
		}
	}
	return ""
}

func TestNotThere(t *testing.T) {
	t.Parallel()
	a := &app{flags: &globals{}, env: Env{LookupEnv: func(string) (string, bool) { return "", false }}, cat: i18n.New(i18n.English)}
	root := a.rootCommand()
	for line, want := range map[string]string{
		"test --wait 60s": "", "test --lang en": "", "doctor explain tls-expired": "", "doctor -v": "", "test -u redis://h": "",
		"keys stats": "", "keys -- get": "", "kesy stats": "kesy",
		"test --wat": "--wat", "doctor explain --fail-on": "--fail-on", "test -Z": "-Z", "--version": "",
	} {
		if got := notThere(root, strings.Fields(line)); got != want {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
}

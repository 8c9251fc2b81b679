package cli

import (
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	manpages "github.com/olympiades-ia/olymp-cache/docs/man"
	"github.com/olympiades-ia/olymp-cache/internal/i18n"
)

func (a *app) manCommand() *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use: "man [command]", Short: a.cat.T("man.short"), Long: a.cat.T("man.long"), Example: a.cat.T("man.example"),
		GroupID: groupOther,
		RunE: func(cmd *cobra.Command, args []string) error {
			if dir != "" {
				return writeManPages(dir)
			}
			found, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return a.noSuchCommand(cmd.Root(), args)
			}
			all, err := manpages.Pages()
			if err != nil {
				return err
			}
			page, ok := all[path.Join(manFolder(a.cat.Lang()), pageName(found)+".1")]
			if !ok {
				return a.usage("error.no-man-page", "command", found.CommandPath())
			}
			return a.print(page)
		},
	}
	cmd.Flags().StringVar(&dir, "dir", "", a.cat.T("flag.man-dir"))
	return cmd
}

// manFolder is where man looks for the pages of a language.
func manFolder(lang i18n.Lang) string {
	if lang == i18n.English {
		return "man1"
	}
	return string(lang) + "/man1"
}

// pageName is a command's page, olymp-cache-test.
func pageName(cmd *cobra.Command) string { return strings.ReplaceAll(cmd.CommandPath(), " ", "-") }

// writeManPages writes every page in every language below dir, over older ones.
func writeManPages(dir string) error {
	all, err := manpages.Pages()
	if err != nil {
		return err
	}
	for name, page := range all {
		target := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil { //nolint:gosec // documentation is for everybody
			return err
		}
		if err := os.WriteFile(target, []byte(page), 0o644); err != nil { //nolint:gosec // as above
			return err
		}
	}
	return nil
}

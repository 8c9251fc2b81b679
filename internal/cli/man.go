package cli

import (
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	manpages "github.com/olympiades-ia/olymp-cache/docs/man"
	"github.com/olympiades-ia/olymp-cache/internal/i18n"
	"github.com/olympiades-ia/olymp-cache/internal/term"
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
			return a.showManPage(found, page)
		},
	}
	cmd.Flags().StringVar(&dir, "dir", "", a.cat.T("flag.man-dir"))
	return cmd
}

// showManPage shows a page to whoever looks: through man on a terminal, as text where there is none, in roff on a pipe.
func (a *app) showManPage(cmd *cobra.Command, page string) error {
	s := a.out()
	if !s.TTY {
		return a.print(page)
	}
	if a.throughMan(page) {
		return nil
	}
	a.help(cmd, nil)
	var b strings.Builder
	heading := a.cat.T("man.exit")
	heading = strings.ToUpper(heading[:1]) + heading[1:] + strings.TrimRight(a.cat.T("colon"), " ")
	b.WriteString("\n" + s.Paint(term.Title, heading) + "\n")
	for _, code := range exitCodes {
		writeRow(&b, s, strconv.Itoa(code), a.cat.T("exit."+strconv.Itoa(code)), 8)
	}
	return a.print(b.String())
}

// throughMan shows a page as man does, with its pager; false where man is not there or does not know how. Only man-db, of
// Linux, reads a page from its input.
func (a *app) throughMan(page string) bool {
	man, err := exec.LookPath("man")
	if err != nil || runtime.GOOS != "linux" {
		return false
	}
	// The pager is left to whoever reads: it has no deadline, and Ctrl-C is its own.
	cmd := exec.Command(man, "-l", "-") //nolint:gosec,noctx // the system's, and as above
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(page), a.env.Stdout, io.Discard
	signal.Reset(syscall.SIGPIPE) // else man's own programs would inherit that it is ignored, and complain when the pager is left
	return cmd.Run() == nil
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

package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/olympiades-ia/olymp-cache/internal/i18n"
)

// Page is the documentation of one command in one language.
type Page struct {
	Name     string // "olymp-cache-test"
	Folder   string // of the man page: "man1" or "fr/man1"
	Markdown string // for md2man, and for people
}

// Pages are the documentation of every command, from the same texts as its help.
func Pages(lang i18n.Lang) []Page {
	env := Env{LookupEnv: func(string) (string, bool) { return "", false }}
	a := &app{env: env, flags: &globals{}, cat: i18n.New(lang)}
	var out []Page
	for _, cmd := range documented(a.rootCommand()) {
		out = append(out, Page{Name: pageName(cmd), Folder: manFolder(lang), Markdown: a.manMarkdown(cmd)})
	}
	return out
}

// documented are the commands that have a page: the root and all that help shows.
func documented(root *cobra.Command) []*cobra.Command {
	all := []*cobra.Command{root}
	for _, c := range root.Commands() {
		if c.IsAvailableCommand() {
			all = append(all, documented(c)...)
		}
	}
	return all
}

// manMarkdown is the page in the Markdown that md2man reads.
func (a *app) manMarkdown(cmd *cobra.Command) string {
	var b strings.Builder
	name := pageName(cmd)
	// The date is left out: the same source gives the same page.
	fmt.Fprintf(&b, "%% %s 1 \"\" \"olymp-cache\" \"olymp-cache\"\n\n", strings.ToUpper(name))
	section := func(id string) { b.WriteString("# " + strings.ToUpper(a.cat.T(id)) + "\n\n") }
	section("man.name")
	b.WriteString(name + " - " + cmd.Short + "\n\n")
	section("man.synopsis")
	b.WriteString("**" + cmd.CommandPath() + "**" + markdownText(strings.TrimPrefix(a.synopsis(cmd), cmd.CommandPath())) + "\n\n")
	if cmd.Long != "" {
		section("man.description")
		b.WriteString(markdownText(cmd.Long) + "\n\n")
	}
	a.manCommands(&b, cmd)
	for _, part := range []struct {
		id    string
		flags []*pflag.Flag
	}{{"man.options", localFlags(cmd)}, {"man.global-options", globalFlagsOf(cmd)}} {
		if len(part.flags) == 0 {
			continue
		}
		section(part.id)
		for _, f := range part.flags {
			spelled, text := a.flagRow(cmd, f)
			b.WriteString("**" + strings.TrimSpace(spelled) + "**\n: " + markdownText(text) + "\n\n")
		}
	}
	if cmd.Example != "" {
		section("man.examples")
		for line := range strings.SplitSeq(strings.Trim(cmd.Example, "\n"), "\n") {
			b.WriteString("    " + line + "\n")
		}
		b.WriteString("\n")
	}
	section("man.exit")
	for _, code := range exitCodes {
		fmt.Fprintf(&b, "**%d**\n: %s\n\n", code, a.cat.T(fmt.Sprintf("exit.%d", code)))
	}
	return b.String()
}

func (a *app) manCommands(b *strings.Builder, cmd *cobra.Command) {
	if !cmd.HasAvailableSubCommands() {
		return
	}
	b.WriteString("# " + strings.ToUpper(a.cat.T("man.commands")) + "\n\n")
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			b.WriteString("**" + c.Name() + "**\n: " + c.Short + "\n\n")
		}
	}
}

// markdownText keeps <, [ and * of our own texts from being read as markup.
func markdownText(s string) string {
	return strings.NewReplacer("<", "\\<", ">", "\\>", "*", "\\*", "_", "\\_", "[", "\\[", "]", "\\]").Replace(s)
}

package cli

import (
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/olympiades-ia/olymp-cache/internal/term"
)

// print writes a result to stdout.
func (a *app) print(text string) error {
	_, err := io.WriteString(a.out().Out, text)
	return err
}

// help writes a command's page. Cobra's own goes through text/template, which would double the binary: the linker must
// then keep every method of every type.
func (a *app) help(cmd *cobra.Command, _ []string) {
	s := a.out()
	var b strings.Builder
	about := cmd.Long
	if about == "" {
		about = cmd.Short
	}
	for para := range strings.SplitSeq(about, "\n") {
		b.WriteString(s.Wrap(para, 0) + "\n")
	}
	b.WriteString("\n" + s.Paint(term.Title, a.cat.T("help.usage")) + "\n  " + a.synopsis(cmd) + "\n")
	a.helpCommands(&b, s, cmd)
	if cmd.Example != "" {
		b.WriteString("\n" + s.Paint(term.Title, a.cat.T("help.examples")) + "\n")
		for line := range strings.SplitSeq(strings.Trim(cmd.Example, "\n"), "\n") {
			text, note, _ := strings.Cut(line, "  # ")
			if note != "" {
				note = "  " + s.Paint(term.Dim, "# "+note)
			}
			b.WriteString("  " + s.Paint(term.Command, text) + note + "\n")
		}
	}
	a.helpFlags(&b, s, cmd, a.cat.T("help.flags"), localFlags(cmd))
	a.helpFlags(&b, s, cmd, a.cat.T("help.global-flags"), globalFlagsOf(cmd))
	if cmd.HasAvailableSubCommands() {
		b.WriteString("\n" + s.Paint(term.Dim, a.cat.T("help.more", "command", cmd.CommandPath()+" COMMAND --help")) + "\n")
	}
	_, _ = io.WriteString(s.Out, b.String()) // a closed pipe, as of `| head`, is no failure
}

// usageLine is what cobra asks for; errors show their own hint.
func (a *app) usageLine(cmd *cobra.Command) error { return a.print(a.synopsis(cmd) + "\n") }

func (a *app) synopsis(cmd *cobra.Command) string {
	line := cmd.CommandPath()
	_, args, _ := strings.Cut(cmd.Use, " ")
	switch inner := cmd.HasAvailableSubCommands(); {
	case inner && !cmd.HasParent():
		args = "COMMAND"
	case inner && args != "":
		args = "[COMMAND | " + strings.Trim(args, "[]") + "]"
	case inner:
		args = "[COMMAND]" // which does something by itself
	}
	if args != "" {
		line += " " + args
	}
	return line + " [" + a.cat.T("help.options") + "]"
}

func (a *app) helpCommands(b *strings.Builder, s term.Screen, cmd *cobra.Command) {
	groups := cmd.Groups()
	if len(groups) == 0 && cmd.HasAvailableSubCommands() {
		groups = []*cobra.Group{{Title: a.cat.T("help.daily")}}
	}
	for _, g := range groups {
		b.WriteString("\n" + s.Paint(term.Title, g.Title) + "\n")
		for _, c := range cmd.Commands() {
			if c.GroupID == g.ID && c.IsAvailableCommand() {
				writeRow(b, s, s.Paint(term.Command, c.Name()), c.Short, 14)
			}
		}
	}
}

// writeRow writes a name and its text in two columns; a name too long for the first has its text below.
func writeRow(b *strings.Builder, s term.Screen, name, text string, column int) {
	if s.TTY && s.Cells() < 60 {
		column = 6
	}
	gap := column - 2 - term.Columns(name)
	b.WriteString("  " + name)
	if gap < 2 {
		b.WriteString("\n")
		gap = column
	}
	b.WriteString(strings.Repeat(" ", gap) + s.Wrap(text, column) + "\n")
}

func (a *app) helpFlags(b *strings.Builder, s term.Screen, cmd *cobra.Command, title string, flags []*pflag.Flag) {
	if len(flags) == 0 {
		return
	}
	b.WriteString("\n" + s.Paint(term.Title, title) + "\n")
	for _, f := range flags {
		name, text := a.flagRow(cmd, f)
		writeRow(b, s, s.Paint(term.Command, name), text, 30)
	}
}

// flagRow is a flag of a command as help, man page and reference show it: its spellings with the kind of value, and its text.
func (a *app) flagRow(cmd *cobra.Command, f *pflag.Flag) (name, text string) {
	value, text := pflag.UnquoteUsage(f)
	if formats := cmd.Annotations[outputKey]; f.Name == "output" && formats != "" {
		text = a.cat.T("flag.output.of", "formats", strings.ReplaceAll(formats, " ", ", "))
	}
	name = "    --" + f.Name
	if f.Shorthand != "" {
		name = "-" + f.Shorthand + ", --" + f.Name
	}
	switch {
	case f.Value.Type() == "bool":
	case f.NoOptDefVal != "":
		name += "[=" + strings.ToUpper(value) + "]"
	default:
		name += " " + strings.ToUpper(value)
	}
	if d := f.DefValue; d != "" && d != "false" && d != "0" && d != "[]" && d != "0s" {
		text += " " + a.cat.T("help.default", "value", shortDuration(d))
	}
	return name, text
}

// shortDuration writes Go's «5m0s» as people type it, «5m».
func shortDuration(d string) string {
	if cut, ok := strings.CutSuffix(d, "m0s"); ok {
		return cut + "m"
	}
	return d
}

// localFlags are a command's own, in the order of their names.
func localFlags(cmd *cobra.Command) []*pflag.Flag {
	var out []*pflag.Flag
	cmd.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden && f.Name != "help" {
			out = append(out, f)
		}
	})
	return out
}

func globalFlagsOf(cmd *cobra.Command) []*pflag.Flag {
	var out []*pflag.Flag
	cmd.Root().PersistentFlags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			out = append(out, f)
		}
	})
	return out
}

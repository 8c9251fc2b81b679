package cli

import (
	"strings"

	"github.com/spf13/cobra"
)

func (a *app) completionCommand() *cobra.Command {
	shells := []string{"bash", "zsh", "fish", "powershell"}
	return &cobra.Command{
		Use: "completion bash|zsh|fish|powershell", Short: a.cat.T("completion.short"), Long: a.cat.T("completion.long"),
		Example: a.cat.T("completion.example"), GroupID: groupOther, ValidArgs: shells,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return a.forCommand(cmd, a.usage("error.which-shell", "choices", strings.Join(shells, ", ")))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			root, w := cmd.Root(), a.env.Stdout
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(w, true)
			case "zsh":
				return root.GenZshCompletion(w)
			case "fish":
				return root.GenFishCompletion(w, true)
			case "powershell":
				return root.GenPowerShellCompletionWithDesc(w)
			}
			return a.forCommand(cmd, a.usage("error.flag-choice", "flag", "completion", "value", a.diag().Data(args[0]),
				"choices", strings.Join(shells, ", ")))
		},
	}
}

// completeValues lets the shell complete what flags with few values take.
func (a *app) completeValues(root *cobra.Command) {
	fixed := func(values ...string) cobra.CompletionFunc {
		return func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return values, cobra.ShellCompDirectiveNoFileComp
		}
	}
	for name, f := range map[string]cobra.CompletionFunc{
		"lang":  fixed("fr", "en"),
		"color": fixed("auto", "always", "never"),
		"output": func(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
			return strings.Fields(cmd.Annotations[outputKey]), cobra.ShellCompDirectiveNoFileComp
		},
		"url":             fixed(),
		"timeout":         fixed("1s", "5s", "30s"),
		"tls-server-name": fixed(),
	} {
		// The only error is a flag that does not exist, which the tests of completion would show.
		_ = root.RegisterFlagCompletionFunc(name, f)
	}
}

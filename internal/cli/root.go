package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
	"github.com/olympiades-ia/olymp-cache/internal/term"
)

// outputKey marks, on a command, the values that its --output takes, separated by blanks. The first is the default.
const outputKey = "outputs"

// Groups of commands in the help.
const (
	groupDaily = "daily"
	groupOther = "other"
)

func (a *app) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use: "olymp-cache", Short: a.cat.T("root.short"), Long: a.cat.T("root.long"), Example: a.cat.T("root.example"),
		SilenceErrors: true, SilenceUsage: true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
		Args:              a.noSuchCommand,
		RunE:              func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		PersistentPreRunE: a.checkGlobals,
	}
	root.AddGroup(&cobra.Group{ID: groupDaily, Title: a.cat.T("help.daily")}, &cobra.Group{ID: groupOther, Title: a.cat.T("help.other")})
	a.globalFlags(root.PersistentFlags())
	root.Flags().Bool("version", false, a.cat.T("flag.version"))
	root.SetHelpFunc(a.help)
	root.SetUsageFunc(func(cmd *cobra.Command) error { return a.usageLine(cmd) })
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return a.forCommand(cmd, a.flagError(err)) })
	root.AddCommand(a.testCommand(), a.doctorCommand(), a.infoCommand(), a.keysCommand(), a.invalidateCommand(), a.flushCommand())
	root.AddCommand(a.restoreCommand(), a.monitorCommand(), a.demoCommand())
	root.AddCommand(a.completionCommand(), a.manCommand(), a.versionCommand())
	root.SetHelpCommand(a.helpCommand())
	root.PersistentFlags().BoolP("help", "h", false, a.cat.T("flag.help"))
	a.completeValues(root)
	return root
}

func (a *app) globalFlags(f *pflag.FlagSet) {
	g := a.flags
	f.StringVarP(&g.url, "url", "u", "", a.cat.T("flag.url"))
	f.StringArrayVarP(&g.envFiles, "env-file", "e", nil, a.cat.T("flag.env-file"))
	f.StringVarP(&g.output, "output", "o", "", a.cat.T("flag.output"))
	f.StringVar(&g.lang, "lang", "", a.cat.T("flag.lang"))
	f.StringVar(&g.color, "color", string(term.ColorAuto), a.cat.T("flag.color"))
	f.DurationVar(&g.timeout, "timeout", redisconn.DefaultTimeout, a.cat.T("flag.timeout"))
	f.StringVar(&g.tlsCA, "tls-ca", "", a.cat.T("flag.tls-ca"))
	f.StringVar(&g.tlsCert, "tls-cert", "", a.cat.T("flag.tls-cert"))
	f.StringVar(&g.tlsKey, "tls-key", "", a.cat.T("flag.tls-key"))
	f.StringVar(&g.tlsServerName, "tls-server-name", "", a.cat.T("flag.tls-server-name"))
	f.BoolVar(&g.tlsInsecure, "tls-insecure", false, a.cat.T("flag.tls-insecure"))
	f.BoolVar(&g.readOnly, "read-only", false, a.cat.T("flag.read-only"))
	f.BoolVarP(&g.quiet, "quiet", "q", false, a.cat.T("flag.quiet"))
	f.BoolVarP(&g.verbose, "verbose", "v", false, a.cat.T("flag.verbose"))
	f.BoolVar(&g.ascii, "ascii", false, a.cat.T("flag.ascii"))
}

// checkGlobals refuses values that the flag parser takes and no command can use.
func (a *app) checkGlobals(cmd *cobra.Command, _ []string) error {
	g := a.flags
	g.urlSet = cmd.Flags().Changed("url")
	if name := addressAt(cmd.Flags()); name != "" {
		return a.forCommand(cmd, a.usage("error.flag-no-address", "flag", "--"+name))
	}
	switch term.ColorMode(g.color) {
	case term.ColorAuto, term.ColorAlways, term.ColorNever:
	default:
		return a.forCommand(cmd, a.usage("error.flag-choice", "flag", "--color", "value", a.diag().Data(g.color),
			"choices", "auto, always, never"))
	}
	if g.timeout <= 0 {
		return a.forCommand(cmd, a.usage("error.flag-positive", "flag", "--timeout", "value", g.timeout))
	}
	if allowed, ok := cmd.Annotations[outputKey]; ok && g.output != "" {
		for _, o := range strings.Fields(allowed) {
			if o == g.output {
				return nil
			}
		}
		return a.forCommand(cmd, a.usage("error.flag-choice", "flag", "--output", "value", a.diag().Data(g.output),
			"choices", strings.ReplaceAll(allowed, " ", ", ")))
	}
	return nil
}

// addressAt is the first flag that was given the address of a server and takes none, "" if all is well. A file of that name
// would be quoted, with the password in it, by everything that speaks of the file.
func addressAt(flags *pflag.FlagSet) string {
	found := ""
	flags.Visit(func(f *pflag.Flag) {
		values := []string{f.Value.String()}
		if list, ok := f.Value.(pflag.SliceValue); ok {
			values = list.GetSlice()
			if f.Value.Type() == "stringSlice" { // a comma of the password has parted it
				values = append(values, strings.Join(values, ","))
			}
		}
		switch f.Name {
		case "url", "api", "match", "client", "command": // an address, or a pattern of keys that may look like one
			return
		}
		if found == "" && slices.ContainsFunc(values, config.AddressArgument) {
			found = f.Name
		}
	})
	return found
}

// forCommand adds whose help to offer.
func (a *app) forCommand(cmd *cobra.Command, err error) error {
	if u, ok := err.(*usageError); ok { //nolint:errorlint // made by us just before, never wrapped
		u.command = cmd.CommandPath() + " --help"
	}
	return err
}

// noArgs refuses arguments where a command takes none.
func (a *app) noArgs(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return a.forCommand(cmd, a.usage("error.no-args", "command", cmd.CommandPath(), "arg", a.diag().Data(args[0])))
}

// noSuchCommand is reached when the first word is no command of ours, or of a command that has some.
func (a *app) noSuchCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	cmd.SuggestionsMinimumDistance = 2
	near := cmd.SuggestionsFor(args[0])
	if len(near) == 0 {
		return a.forCommand(cmd, a.usage("error.command-unknown", "command", a.diag().Data(args[0])))
	}
	return a.forCommand(cmd, a.usage("error.command-similar", "command", a.diag().Data(args[0]),
		"near", cmd.CommandPath()+" "+strings.Join(near, ", "+cmd.CommandPath()+" ")))
}

func (a *app) helpCommand() *cobra.Command {
	return &cobra.Command{
		Use: "help [command]", Short: a.cat.T("help.short"), GroupID: groupOther,
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			found, rest, err := root.Find(args)
			if err != nil || len(rest) > 0 {
				return a.noSuchCommand(root, args)
			}
			return found.Help()
		},
	}
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: a.cat.T("version.short"), GroupID: groupOther, Args: a.noArgs,
		RunE: func(*cobra.Command, []string) error { return a.print("olymp-cache " + versionText() + "\n") },
	}
}

package cli

import (
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"github.com/olympiades-ia/olymp-cache/internal/demo"
	"github.com/olympiades-ia/olymp-cache/internal/term"
)

func (a *app) demoCommand() *cobra.Command {
	var keep bool
	cmd := &cobra.Command{
		Use: "demo", Short: a.cat.T("demo.short"), Long: a.cat.T("demo.long"), Example: a.cat.T("demo.example"),
		GroupID: groupDaily, Args: a.noArgs, Annotations: map[string]string{outputKey: "text"},
		RunE: func(cmd *cobra.Command, _ []string) error { return a.runDemo(cmd.Context(), keep) },
	}
	cmd.Flags().BoolVar(&keep, "keep", false, a.cat.T("flag.keep"))
	return cmd
}

// demoTours are the command lines that the demo shows, in order.
func demoTours() [][]string {
	return [][]string{
		{"test"}, {"test", "--api", "--fresh"}, {"test", "--count", "200"}, {"keys", "stats"}, {"info"}, {"doctor"},
	}
}

func (a *app) runDemo(ctx context.Context, keep bool) error {
	d, err := demo.Start(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return err
	}
	defer d.Close()
	s := a.out()
	id := "demo.real"
	if !d.Real {
		id = "demo.embedded"
	}
	if err := a.print(s.Sign(term.SymTool) + " " + a.cat.T(id, "url", d.URL) + "\n   " +
		a.cat.N("demo.filled", d.Keys, "n", a.cat.Int(int64(d.Keys))) + "\n"); err != nil {
		return err
	}
	for _, tour := range demoTours() {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err := a.print("\n" + s.Paint(term.Command, "$ olymp-cache "+strings.Join(tour, " ")) + "\n\n"); err != nil {
			return err
		}
		if code := a.tour(ctx, d, tour); code != ExitOK {
			return verdict(code)
		}
	}
	if !keep {
		return a.print("\n" + s.Sign(term.SymHint) + " " + a.cat.T("demo.done") + "\n")
	}
	if err := a.print("\n" + s.Sign(term.SymHint) + " " + a.cat.T("demo.kept") + "\n\n" +
		"REDIS_URL=" + d.URL + "\nOLYMP_CACHE_API_URL=" + d.APIURL + "\n"); err != nil {
		return err
	}
	<-ctx.Done()
	var stop interruptedError
	if errors.As(context.Cause(ctx), &stop) {
		return nil // the way it is meant to end
	}
	return context.Cause(ctx)
}

// tour runs one command line against the demo, as a person would, in an environment that names the demo alone.
func (a *app) tour(ctx context.Context, d *demo.Demo, args []string) int {
	env := a.env
	env.Args = append(append([]string{}, args...), a.lookFlags()...)
	env.Dir, env.Home = "", "" // no .env of the visitor's
	env.LookupEnv = func(name string) (string, bool) {
		switch {
		case name == "REDIS_URL":
			return d.URL, true
		case name == "OLYMP_CACHE_API_URL":
			return d.APIURL, true
		case name == "OLYMP_CACHE_LANG":
			return string(a.cat.Lang()), true
		case strings.HasPrefix(name, "OLYMP_CACHE_"), name == "REDIS_ENABLED", name == "GITHUB_ACTIONS":
			return "", false
		}
		return a.env.LookupEnv(name)
	}
	return Run(ctx, env)
}

// lookFlags passes on the flags that change how a report looks.
func (a *app) lookFlags() []string {
	flags := []string{"--color=" + a.flags.color, "--timeout=" + a.flags.timeout.String()}
	for name, on := range map[string]bool{"--ascii": a.flags.ascii, "--quiet": a.flags.quiet, "--verbose": a.flags.verbose} {
		if on {
			flags = append(flags, name)
		}
	}
	return flags
}

package cli

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/keyspace"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
	"github.com/olympiades-ia/olymp-cache/internal/report"
	"github.com/olympiades-ia/olymp-cache/internal/resp"
	"github.com/olympiades-ia/olymp-cache/internal/term"
)

// getOptions are the flags of `keys get`.
type getOptions struct {
	key      string
	limit    int64
	limitSet bool
	most     sizeValue
	mostSet  bool
	raw      bool
	quoted   bool
}

// How much of a value is shown unless --max-bytes says otherwise: what a person reads, and what a program holds.
const (
	readByPeople   = 64 << 10
	readByPrograms = 16 << 20
)

func (a *app) keysGetCommand() *cobra.Command {
	o := &getOptions{}
	cmd := &cobra.Command{
		Use: "get KEY", Short: a.cat.T("get.short"), Long: a.cat.T("get.long"), Example: a.cat.T("get.example"),
		Annotations: map[string]string{outputKey: "text json"},
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return a.forCommand(cmd, a.usage("error.one-key", "n", len(args)))
			}
			if config.LoginArgument(args[0]) {
				return a.forCommand(cmd, a.usage("error.key-not-address", "arg", args[0]))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			o.key, o.limitSet, o.mostSet = args[0], cmd.Flags().Changed("limit"), cmd.Flags().Changed("max-bytes")
			err := a.checkGet(o)
			if err == nil {
				err = a.runGet(cmd.Context(), *o)
			}
			return a.forCommand(cmd, err)
		},
	}
	f := cmd.Flags()
	f.Int64Var(&o.limit, "limit", usualLimit, a.cat.T("flag.limit-elements"))
	f.Var(&o.most, "max-bytes", a.cat.T("flag.max-bytes"))
	f.BoolVar(&o.raw, "raw", false, a.cat.T("flag.raw-value"))
	f.BoolVar(&o.quoted, "quoted-input", false, a.cat.T("flag.quoted-input"))
	// The only error is a flag that does not exist, which the tests of completion would show.
	_ = cmd.RegisterFlagCompletionFunc(
		"max-bytes",
		cobra.FixedCompletions([]string{"1kb", "64kb", "1mb", "0"}, cobra.ShellCompDirectiveNoFileComp),
	)
	return cmd
}

func (a *app) checkGet(o *getOptions) error {
	if o.quoted {
		key, err := resp.Unquote(o.key)
		if err != nil {
			return a.usage("error.quoted", "key", a.diag().Data(o.key))
		}
		o.key = key
	}
	together := func(other string) error { return a.usage("error.flags-together", "one", "--raw", "other", other) }
	switch {
	case o.limit < 0:
		return a.usage("error.flag-positive", "flag", "--limit", "value", o.limit)
	case !o.raw:
		return nil
	case a.flags.output == "json":
		return together("--output json")
	case o.limitSet:
		return together("--limit")
	case o.mostSet:
		return together("--max-bytes")
	case a.out().TTY:
		return a.usage("error.raw-terminal")
	}
	return nil
}

func (a *app) runGet(ctx context.Context, o getOptions) error {
	cfg, err := a.loadDatabase()
	if err != nil {
		return err
	}
	started := a.env.Now()
	conn, err := redisconn.Open(ctx, cfg.Target, a.connOptions())
	if err != nil {
		return a.unreached(ctx, cfg, err)
	}
	defer conn.Close()
	if o.raw {
		err := keyspace.Raw(ctx, conn, o.key, func(b []byte) error {
			_, err := a.env.Stdout.Write(b)
			return err
		})
		return a.notGot(ctx, cfg, conn, o, err)
	}
	bounds := a.getBounds(o)
	v, err := keyspace.Get(ctx, conn, o.key, bounds)
	if err != nil {
		return a.notGot(ctx, cfg, conn, o, err)
	}
	k := &report.KeyValue{
		Version: version, Target: reportTarget(cfg.Target, conn.Server()), Value: v, MaxBytes: bounds.MaxBytes,
		CommandsSent: conn.CommandsSent(), Duration: a.env.Now().Sub(started),
	}
	if a.flags.output == "json" {
		return report.KeyValueJSON(a.env.Stdout, k)
	}
	out := a.out()
	t := &report.Text{Screen: out, Words: report.Words{C: a.cat, Data: out.Data}, Quiet: a.flags.quiet}
	t.KeyValue(k)
	return t.Err()
}

// getBounds are those of the flags, else those of the reader.
func (a *app) getBounds(o getOptions) keyspace.GetOptions {
	b := keyspace.GetOptions{MaxBytes: int64(o.most), Limit: o.limit, ReadOnly: a.flags.readOnly}
	program := a.flags.output == "json"
	if program && !o.limitSet {
		b.Limit = 0
	}
	if !o.mostSet {
		b.MaxBytes = readByPeople
		if program {
			b.MaxBytes = readByPrograms
		}
	}
	return b
}

// notGot says why a key could not be shown.
func (a *app) notGot(ctx context.Context, cfg *config.Config, conn *redisconn.Conn, o getOptions, err error) error {
	s := a.diag()
	var other *keyspace.NotStringError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, keyspace.ErrNoKey):
		a.sayMissing(ctx, s, cfg, conn, o)
	case errors.As(err, &other):
		a.complain(s, a.cat.T("get.raw-string", "key", s.Data(o.key), "type", s.Data(other.Type)), "")
	case errors.Is(err, keyspace.ErrChanged):
		a.complain(s, a.cat.T("get.changed", "key", s.Data(o.key)), "")
	default:
		if e, ok := redisconn.AsError(err); ok {
			e.Evidence = append(e.Evidence, finding.Evidence{Name: "wanted_key", Value: o.key})
		}
		return a.unreached(ctx, cfg, err)
	}
	return verdict(ExitFailed)
}

// sayMissing says that there is no such key, and what resembles it.
func (a *app) sayMissing(ctx context.Context, s term.Screen, cfg *config.Config, conn *redisconn.Conn, o getOptions) {
	a.complain(s, a.cat.T("get.missing", "key", s.Data(o.key), "target", s.Data(cfg.Target.Display())), "")
	if a.flags.quiet {
		return
	}
	hint := func(text string) { a.say(s, "   "+s.Sign(term.SymHint)+" "+s.Wrap(text, 6)) }
	if name, err := resp.Unquote(o.key); err == nil && name != o.key {
		hint(a.cat.T("get.quoted"))
		return
	}
	near := keyspace.Near(ctx, conn, o.key)
	for _, db := range near.Databases {
		hint(a.cat.T("get.other-db", "db", strconv.Itoa(db)))
	}
	if len(near.Keys) > 0 {
		hint(a.cat.N("get.near", len(near.Keys)))
		for _, name := range near.Keys {
			a.say(s, "      "+s.Paint(term.Command, s.Data(name)))
		}
	}
	if len(near.Keys)+len(near.Databases) == 0 && strings.ContainsAny(o.key, `*?[`) {
		hint(a.cat.T("get.pattern"))
	}
}

package cli

import (
	"errors"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/olympiades-ia/olymp-cache/internal/keyspace"
)

var errPercent = errors.New("no share between 0 and 100 %")

// parseFloat reads a number with a point or, as French hands type it, a comma.
func parseFloat(s string) (float64, error) {
	return strconv.ParseFloat(strings.ReplaceAll(s, ",", "."), 64)
}

// keyTypes are what TYPE says.
var keyTypes = []string{"string", "hash", "list", "set", "zset", "stream"}

func (a *app) keysCommand() *cobra.Command {
	o := &listOptions{}
	cmd := &cobra.Command{
		Use: "keys [PATTERN]", Short: a.cat.T("keys.short"), Long: a.cat.T("keys.long"), Example: a.cat.T("keys.example"),
		GroupID: groupDaily, Annotations: map[string]string{outputKey: "text json csv ndjson"},
		Args: a.onePattern,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				o.filter.Pattern = args[0]
			}
			o.limitSet = cmd.Flags().Changed("limit")
			err := a.checkList(o)
			if err == nil {
				err = a.runList(cmd.Context(), *o)
			}
			return a.forCommand(cmd, err)
		},
	}
	f := cmd.Flags()
	f.Int64Var(&o.limit, "limit", usualLimit, a.cat.T("flag.limit-keys"))
	f.StringVar(&o.order, "sort", "", a.cat.T("flag.sort"))
	f.StringVar(&o.filter.Type, "type", "", a.cat.T("flag.type"))
	f.BoolVar(&o.noTTL, "no-ttl", false, a.cat.T("flag.no-ttl"))
	f.Var(&o.minSize, "min-size", a.cat.T("flag.min-size"))
	f.BoolVar(&o.count, "count", false, a.cat.T("flag.count-keys"))
	f.BoolVarP(&o.null, "null", "0", false, a.cat.T("flag.null"))
	f.BoolVar(&o.pace.Gentle, "gentle", false, a.cat.T("flag.gentle"))
	f.Int64Var(&o.pace.MaxRate, "max-rate", 0, a.cat.T("flag.max-rate"))
	var orders []string
	for _, order := range keyspace.Orders() {
		orders = append(orders, string(order))
	}
	// The only error is a flag that does not exist, which the tests of completion would show.
	_ = cmd.RegisterFlagCompletionFunc("sort", cobra.FixedCompletions(orders, cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.RegisterFlagCompletionFunc("type", cobra.FixedCompletions(keyTypes, cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.RegisterFlagCompletionFunc(
		"min-size",
		cobra.FixedCompletions([]string{"10kb", "100kb", "1mb"}, cobra.ShellCompDirectiveNoFileComp),
	)
	cmd.AddCommand(a.keysGetCommand(), a.keysStatsCommand())
	return cmd
}

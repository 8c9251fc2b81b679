package cli

import (
	"errors"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
)

var errPercent = errors.New("no share between 0 and 100 %")

// parseFloat reads a number with a point or, as French hands type it, a comma.
func parseFloat(s string) (float64, error) {
	return strconv.ParseFloat(strings.ReplaceAll(s, ",", "."), 64)
}

func (a *app) keysCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "keys", Short: a.cat.T("keys.short"), Long: a.cat.T("keys.long"), Example: a.cat.T("keys.example"),
		GroupID: groupDaily,
	}
	cmd.AddCommand(a.keysStatsCommand())
	return cmd
}

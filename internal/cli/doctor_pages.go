package cli

import (
	"strings"

	"github.com/spf13/cobra"

	pages "github.com/olympiades-ia/olymp-cache/docs/findings"
	"github.com/olympiades-ia/olymp-cache/internal/findings"
	"github.com/olympiades-ia/olymp-cache/internal/report"
	"github.com/olympiades-ia/olymp-cache/internal/spelling"
)

// findingIDs are all ids of the catalogue, for completion and for near misses.
func findingIDs() []string {
	var ids []string
	for _, e := range findings.Catalogue() {
		ids = append(ids, e.ID)
	}
	return ids
}

func (a *app) doctorListCommand() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: a.cat.T("doctor.list.short"), Long: a.cat.T("doctor.list.long"),
		Annotations: map[string]string{outputKey: "text json"}, Args: a.noArgs,
		RunE: func(*cobra.Command, []string) error { return a.listFindings() },
	}
}

func (a *app) doctorExplainCommand() *cobra.Command {
	return &cobra.Command{
		Use: "explain ID", Short: a.cat.T("doctor.explain.short"), Long: a.cat.T("doctor.explain.long"),
		Example: a.cat.T("doctor.explain.example"), Annotations: map[string]string{outputKey: "text markdown"},
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return findingIDs(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return a.forCommand(cmd, a.usage("error.explain-id"))
			}
			return a.forCommand(cmd, a.explainFinding(strings.ToLower(args[0])))
		},
	}
}

// nearID is the id that was most likely meant; "" where none is near.
func nearID(word string) string {
	best, least := "", 4 // more edits than this are another word
	for _, id := range findingIDs() {
		if strings.HasSuffix(id, word) || strings.HasPrefix(id, word) {
			return id
		}
		if d := spelling.Edits(word, id); d < least {
			best, least = id, d
		}
	}
	return best
}

// listFindings shows the catalogue.
func (a *app) listFindings() error {
	all, err := pages.Load(a.cat.Lang())
	if err != nil {
		return err
	}
	var rows []report.CatalogueRow
	for _, e := range findings.Catalogue() {
		rows = append(rows, report.CatalogueRow{
			ID: e.ID, Category: e.Category(), Severity: e.Severity, Title: pages.Title(all[e.ID]),
		})
	}
	s := a.out()
	if a.flags.output == "json" {
		return report.CatalogueJSON(a.env.Stdout, version, rows)
	}
	return report.Catalogue(s, rows)
}

// explainFinding shows one page.
func (a *app) explainFinding(id string) error {
	all, err := pages.Load(a.cat.Lang())
	if err != nil {
		return err
	}
	page, ok := all[id]
	data := a.diag().Data
	switch near := nearID(id); {
	case ok && a.flags.output == "markdown":
		return a.print(page)
	case ok:
		return report.Page(a.out(), page)
	case near != "":
		return a.usage("error.page-similar", "id", data(id), "near", near)
	}
	return a.usage("error.page-unknown", "id", data(id))
}

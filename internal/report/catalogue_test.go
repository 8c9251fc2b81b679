package report_test

import (
	"strings"
	"testing"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/report"
	"github.com/olympiades-ia/olymp-cache/internal/term"
)

// TestCatalogue: on a terminal a category stands once, nothing is cut and nothing is wider than the screen.
func TestCatalogue(t *testing.T) {
	t.Parallel()
	const long = "The certificate of HOST:PORT is not verified, though it is valid for that name and no other"
	rows := []report.CatalogueRow{
		{ID: "tls-verification-off", Category: "tls", Severity: finding.Warning, Title: long},
		{ID: "persistence-failing", Category: "persistence", Severity: finding.Critical, Title: "Saving fails"},
		{ID: "tls-version", Category: "tls", Severity: finding.Critical, Title: "No common version"},
		{ID: "persistence-off", Category: "persistence", Severity: finding.Info, Title: "Nothing is saved"},
	}
	for _, cat := range languages() {
		for _, width := range []int{40, 80, 200} {
			for _, ascii := range []bool{false, true} {
				var b strings.Builder
				s := term.Screen{Out: &b, TTY: true, Width: width, ASCII: ascii}
				if err := report.Catalogue(s, report.Words{C: cat, Data: s.Data}, rows); err != nil {
					t.Fatal(err)
				}
				text := b.String()
				for _, category := range []string{"tls", "persistence"} {
					if strings.Count("\n"+text, "\n"+category+cat.T("colon")) != 1 {
						t.Errorf("%d cells: the heading %q does not stand once:\n%s", width, category, text)
					}
				}
				if whole := strings.Join(strings.Fields(text), " "); !strings.Contains(whole, long) || strings.Contains(text, "…") {
					t.Errorf("%d cells: a title is cut:\n%s", width, text)
				}
				for line := range strings.Lines(text) {
					if n := term.Columns(strings.TrimRight(line, "\n")); n > width {
						t.Errorf("%d cells: a line of %d: %q", width, n, line)
					}
				}
			}
		}
	}
	var b strings.Builder
	if err := report.Catalogue(term.Screen{Out: &b}, report.Words{}, rows); err != nil {
		t.Fatal(err)
	}
	if want := "tls-verification-off\twarning\t" + long + "\n"; !strings.HasPrefix(b.String(), want) {
		t.Errorf("a pipe gets %q, want %q first", b.String(), want)
	}
}

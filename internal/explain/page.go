// Package explain writes the pages of the findings: what each means, how it shows, how to prove and to mend it. The
// documentation is made of them, and `doctor explain` shows the same.
package explain

import (
	"slices"
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/findings"
	"github.com/olympiades-ia/olymp-cache/internal/i18n"
	"github.com/olympiades-ia/olymp-cache/internal/report"
)

// Page is the page of one finding in one language, as Markdown of the plainest kind: headings, paragraphs, bullets, code.
type Page struct {
	ID       string
	Category string
	Severity finding.Severity // the worst that it is raised with
	Title    string
	Text     string // the whole page, title included
}

// Pages are the pages of all findings, in the catalogue's order. cat has the texts of pages.po.
func Pages(cat *i18n.Catalog) []Page {
	var all []Page
	for _, e := range findings.Catalogue() {
		all = append(all, pageOf(cat, e))
	}
	return all
}

func pageOf(cat *i18n.Catalog, e findings.Entry) Page {
	example := Example(e.ID)
	words := report.Words{C: cat, Data: func(s string) string { return s }}
	p := Page{ID: e.ID, Category: e.Category(), Severity: e.Severity, Title: words.Title(example)}
	var b strings.Builder
	b.WriteString("# " + p.Title + "\n\n`" + e.ID + "` · " + cat.T("page.severity."+e.Severity.String()) + "\n")
	section := func(part string) bool {
		text := cat.T("page." + e.ID + "." + part)
		if text == "page."+e.ID+"."+part {
			return false
		}
		b.WriteString("\n## " + heading(cat, part) + "\n\n" + text + "\n")
		return true
	}
	section("about")
	section("signs")
	if said := Symptoms(e.ID); len(said) > 0 {
		b.WriteString("\n## " + heading(cat, "clients") + "\n\n")
		for _, s := range said {
			text := "`" + s.Text + "`"
			if s.Text == "" {
				text = cat.T("page.silent")
			}
			b.WriteString("- " + s.Client + cat.T("colon") + text + "\n")
		}
	}
	section("proof")
	if !section("mend") || len(example.Fixes) > 0 {
		writeFixes(&b, cat, words, example, cat.Has("page."+e.ID+".mend"))
	}
	section("notes")
	b.WriteString("\n## " + heading(cat, "near") + "\n\n" + strings.Join(near(e), ", ") + "\n")
	p.Text = b.String()
	return p
}

func heading(cat *i18n.Catalog, part string) string { return cat.T("page.heading." + part) }

// writeFixes are the fixes that the rules give, on the example; begun tells that the section has its heading already.
func writeFixes(b *strings.Builder, cat *i18n.Catalog, words report.Words, example finding.Finding, begun bool) {
	if len(example.Fixes) == 0 {
		return
	}
	if !begun {
		b.WriteString("\n## " + heading(cat, "mend") + "\n")
	}
	for _, x := range example.Fixes {
		b.WriteString("\n- " + words.Fix(example, x) + "\n")
		if x.Command != "" {
			b.WriteString("\n  ```sh\n")
			for line := range strings.Lines(x.Command) {
				b.WriteString("  " + strings.TrimRight(line, "\n") + "\n")
			}
			b.WriteString("  ```\n")
		}
	}
}

// near are the other findings of the family, as links.
func near(e findings.Entry) []string {
	var all []string
	for _, other := range findings.Catalogue() {
		if other.Category() == e.Category() && other.ID != e.ID {
			all = append(all, "["+other.ID+"]("+other.ID+".md)")
		}
	}
	slices.Sort(all)
	return all
}

// Index is the page that lists all findings, by category.
func Index(cat *i18n.Catalog) string {
	var b strings.Builder
	b.WriteString("# " + cat.T("page.index.title") + "\n\n" + cat.T("page.index.intro") + "\n")
	category := ""
	for _, p := range Pages(cat) {
		if p.Category != category && !strings.Contains(b.String(), "\n## "+p.Category+"\n") {
			category = p.Category
			b.WriteString("\n## " + category + "\n\n| " + cat.T("page.id") + " | " + cat.T("page.severity") + " | " + cat.T("page.title") +
				" |\n|---|---|---|\n")
			for _, q := range Pages(cat) {
				if q.Category == category {
					b.WriteString("| [" + q.ID + "](" + q.ID + ".md) | " + cat.T("page.severity."+q.Severity.String()) + " | " +
						strings.ReplaceAll(q.Title, "|", "\\|") + " |\n")
				}
			}
		}
	}
	return b.String()
}

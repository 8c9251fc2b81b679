// Package explain writes the pages of the findings: what each means, how it shows, how to prove and to mend it. The
// documentation is made of them, and `doctor explain` shows the same.
package explain

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/findings"
	"github.com/olympiades-ia/olymp-cache/internal/i18n"
	"github.com/olympiades-ia/olymp-cache/internal/report"
	"github.com/olympiades-ia/olymp-cache/internal/sorting"
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
	p := Page{ID: e.ID, Category: e.Category(), Severity: e.Severity, Title: titleOf(cat, example)}
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
		writeSymptoms(&b, cat, said)
	}
	if section("proof") {
		writeHints(&b, cat, cat.T("page."+e.ID+".proof"))
	}
	if !section("mend") || len(example.Fixes) > 0 {
		writeFixes(&b, cat, words, example, cat.Has("page."+e.ID+".mend"))
	}
	section("notes")
	if others := near(e); len(others) > 0 {
		b.WriteString("\n## " + heading(cat, "near") + "\n\n" + strings.Join(others, ", ") + "\n")
	}
	p.Text = b.String()
	return p
}

func heading(cat *i18n.Catalog, part string) string { return cat.T("page.heading." + part) }

// writeSymptoms is one bullet for each client, with its wordings.
func writeSymptoms(b *strings.Builder, cat *i18n.Catalog, said []Symptom) {
	renamed := false
	for _, s := range said {
		words := make([]string, len(s.Texts))
		for i, text := range s.Texts {
			words[i] = wording(cat, text)
			renamed = renamed || strings.HasPrefix(text, "SimpleError: ")
		}
		b.WriteString("- " + s.Client + cat.T("colon") + strings.Join(words, cat.T("page.or")) + "\n")
	}
	if renamed {
		b.WriteString("\n" + cat.T("page.renamed") + "\n")
	}
}

// wording is what a client says, as code, or in our words that it says nothing.
func wording(cat *i18n.Catalog, text string) string {
	switch text {
	case nothing:
		return cat.T("page.silent")
	case waits:
		return cat.T("page.waits")
	case unnoted:
		return cat.T("page.unnoted")
	}
	return "`" + text + "`"
}

// writeHints adds to commands for the hand what they leave out: how to log in, and that they may show a secret.
func writeHints(b *strings.Builder, cat *i18n.Catalog, proof string) {
	if strings.Contains(proof, "redis-cli -h ") && !strings.Contains(proof, "REDISCLI_AUTH") {
		b.WriteString("\n" + cat.T("page.login") + "\n")
	}
	if strings.Contains(proof, "printenv") {
		b.WriteString("\n" + cat.T("page.secret") + "\n")
	}
}

// madeUp is a word of the examples that everybody has another one for.
var madeUp = regexp.MustCompile(`\b(HOST|PORT|CONTAINER|PROJECT|PRIMARY|INSTANCE|NAME|KEY|BASTION|IMAGE)\b|\*\*\*`)

// writeFixes are the fixes that the rules give, on the example; begun tells that the section has its heading already.
func writeFixes(b *strings.Builder, cat *i18n.Catalog, words report.Words, example finding.Finding, begun bool) {
	if len(example.Fixes) == 0 {
		return
	}
	if !begun {
		b.WriteString("\n## " + heading(cat, "mend") + "\n")
	}
	if slices.ContainsFunc(example.Fixes, func(x finding.Fix) bool { return madeUp.MatchString(x.Command) }) {
		b.WriteString("\n" + cat.T("page.example") + "\n")
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

// mostNear is how many other findings a page names.
const mostNear = 8

// near are other findings of the family, as links: first those that begin with the same words, then those that stand close
// in the catalogue.
func near(e findings.Entry) []string {
	family := slices.DeleteFunc(findings.Catalogue(), func(other findings.Entry) bool { return other.Category() != e.Category() })
	at := slices.Index(family, e)
	places := make(map[string]int, len(family))
	for i, other := range family {
		places[other.ID] = max(i-at, at-i)
	}
	others := slices.Delete(family, at, at+1)
	sorting.By(others, func(a, b findings.Entry) int {
		return cmp.Or(cmp.Compare(sameWords(e.ID, b.ID), sameWords(e.ID, a.ID)), cmp.Compare(places[a.ID], places[b.ID]))
	})
	var all []string
	for _, other := range others[:min(mostNear, len(others))] {
		all = append(all, "["+other.ID+"]("+other.ID+".md)")
	}
	return all
}

// sameWords is how many words two ids have in common at their start.
func sameWords(a, b string) int {
	x, y := strings.Split(a, "-"), strings.Split(b, "-")
	n := 0
	for n < min(len(x), len(y)) && x[n] == y[n] {
		n++
	}
	return n
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

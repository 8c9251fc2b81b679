package explain

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/findings"
	"github.com/olympiades-ia/olymp-cache/internal/i18n"
)

func catalog(t *testing.T, lang i18n.Lang) *i18n.Catalog {
	t.Helper()
	texts, err := os.ReadFile(filepath.Join("..", "i18n", string(lang), "pages.po"))
	if err != nil {
		t.Fatal(err)
	}
	return i18n.NewWith(lang, texts)
}

// hole is a place that no evidence filled; docker's own {{.Name}} is none.
var hole = regexp.MustCompile(`(^|[^{.])\{[a-z0-9_]+\}|\[\[|\]\]`)

func TestPages(t *testing.T) {
	t.Parallel()
	for _, lang := range []i18n.Lang{i18n.French, i18n.English} {
		cat := catalog(t, lang)
		pages := Pages(cat)
		if len(pages) != len(findings.Catalogue()) {
			t.Fatalf("%d pages", len(pages))
		}
		for _, p := range pages {
			if at := hole.FindString(p.Text); at != "" {
				t.Errorf("%s, %s: the hole %q in\n%s", lang, p.ID, at, p.Text)
			}
			for _, part := range []string{"about", "proof"} {
				if !strings.Contains(p.Text, "\n## "+heading(cat, part)+"\n") {
					t.Errorf("%s, %s: no section %q", lang, p.ID, heading(cat, part))
				}
			}
			if !strings.Contains(p.Text, "\n## "+heading(cat, "mend")+"\n") {
				t.Errorf("%s, %s: nothing to mend it", lang, p.ID)
			}
			shown := strings.Contains(p.Text, heading(cat, "signs")+"\n") || strings.Contains(p.Text, heading(cat, "clients")+"\n")
			if !shown {
				t.Errorf("%s, %s: the page does not say how it shows", lang, p.ID)
			}
			if p.Title == "" || strings.Contains(p.Title, "finding.") || strings.Count(p.Text, "\n# ") > 0 {
				t.Errorf("%s, %s: title %q", lang, p.ID, p.Title)
			}
		}
	}
}

func TestSymptoms(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, e := range findings.Catalogue() {
		known[e.ID] = true
	}
	all := rows()
	if got, want := len(all), len(urlRows)+len(networkRows)+len(tlsRows)+len(replyRows); got != want || want < 60 {
		t.Errorf("%d rows of %d: one stands in two areas", got, want)
	}
	for id, r := range all {
		if !known[id] {
			t.Errorf("no such finding: %s", id)
		}
		for i, texts := range r {
			if len(texts) == 0 {
				t.Errorf("%s: nothing for %s", id, clients[i])
			}
			for _, text := range texts {
				if text == "" || strings.ContainsAny(text, "`\n") {
					t.Errorf("%s, %s: %q does not stand in a line of code", id, clients[i], text)
				}
			}
		}
	}
	if got := Symptoms("memory-high"); got != nil {
		t.Errorf("no client sees it: %v", got)
	}
	if got := Symptoms("tcp-timeout"); len(got) != 5 || got[0].Client != "redis-cli" || got[0].Texts[0] != waits {
		t.Errorf("tcp-timeout: %v", got)
	}
}

func TestReplied(t *testing.T) {
	t.Parallel()
	for reply, python := range map[string]string{
		"READONLY no":       "redis.exceptions.ReadOnlyError: no",
		"OOM no":            "redis.exceptions.OutOfMemoryError: no|redis.exceptions.ResponseError: OOM no",
		"MISCONF no":        "redis.exceptions.ResponseError: MISCONF no",
		"ERR no such thing": "redis.exceptions.ResponseError: no such thing",
	} {
		got := replied(reply)
		if strings.Join(got[inPython], "|") != python || got[inCLI][0] != "(error) "+reply || got[inGo][0] != reply {
			t.Errorf("%s: %q", reply, got)
		}
	}
}

func TestNear(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]string{
		"tcp-refused-in-container": "[tcp-refused-not-published](tcp-refused-not-published.md)",
		"config-env-bom":           "[config-env-shadowed](config-env-shadowed.md)",
		"sentinel-unknown-master":  "[sentinel-master-down](sentinel-master-down.md)",
	} {
		got := near(findings.Entry{ID: id, Severity: severityOf(id)})
		if len(got) == 0 || len(got) > mostNear || got[0] != want {
			t.Errorf("%s: %q", id, got)
		}
	}
}

func severityOf(id string) finding.Severity {
	for _, e := range findings.Catalogue() {
		if e.ID == id {
			return e.Severity
		}
	}
	return finding.Unknown
}

func TestIndex(t *testing.T) {
	t.Parallel()
	text := Index(catalog(t, i18n.English))
	for _, e := range findings.Catalogue() {
		if strings.Count(text, "| ["+e.ID+"]("+e.ID+".md) |") != 1 {
			t.Errorf("%s stands %d times in the index", e.ID, strings.Count(text, "| ["+e.ID+"]"))
		}
	}
}

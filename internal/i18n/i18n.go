// Package i18n holds every sentence a person reads, in French and English, as gettext catalogues keyed by message id.
// Placeholders are named, {host}, so that a translator may reorder them.
package i18n

import (
	"embed"
	"fmt"
	"strings"

	"github.com/leonelquinteros/gotext"

	"github.com/olympiades-ia/olymp-cache/internal/packed"
)

// catalogues are the catalogues as cmd/gen-docs packs them: the files of Parts of one language, one behind the other.
//
//go:embed fr.po.gz en.po.gz
var catalogues embed.FS

// Parts are the files of a catalogue, in the folder of each language, by what their sentences are about. The long texts of
// the findings' pages, pages.po, are not among them: the documentation is made from them, and the program shows that.
var Parts = []string{"ui", "network", "server", "cache", "doctor", "info", "keys", "monitor", "backup", "remove"}

// Lang is a language that has a catalogue.
type Lang string

// The languages.
const (
	French  Lang = "fr"
	English Lang = "en"
)

// UnknownLangError is a language that --lang or OLYMP_CACHE_LANG asked for and no catalogue has.
type UnknownLangError struct{ Value string }

func (e *UnknownLangError) Error() string { return fmt.Sprintf("unknown language %q", e.Value) }

// Choose takes the first that says something: the flag, OLYMP_CACHE_LANG, the locale (en* is English), else French.
func Choose(flag string, lookup func(string) (string, bool)) (Lang, error) {
	asked := flag
	if asked == "" {
		asked, _ = lookup("OLYMP_CACHE_LANG")
	}
	if asked != "" {
		return Parse(asked)
	}
	// POSIX order: the first of the three that is set decides, even when it names no language we have.
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v, _ := lookup(name); v != "" {
			if strings.HasPrefix(strings.ToLower(v), "en") {
				return English, nil
			}
			return French, nil
		}
	}
	return French, nil
}

// Parse reads a language as people write it: fr, FR, fr_BJ.UTF-8, en-GB.
func Parse(s string) (Lang, error) {
	base := strings.ToLower(strings.TrimSpace(s))
	if i := strings.IndexAny(base, "_-.@"); i > 0 {
		base = base[:i]
	}
	switch Lang(base) {
	case French, English:
		return Lang(base), nil
	}
	return French, &UnknownLangError{Value: s}
}

// Catalog is the sentences of one language. gotext is reached through functions: its types would keep encoding/gob in the program
// as soon as something that holds a Catalog is made an interface, 0.2 MB.
type Catalog struct {
	lang Lang
	more func([]byte)
	has  func(id string) bool
	one  func(id string) string
	many func(id string, n int) string
}

// New reads the catalogue of one language; the other is left unread, as start-up time counts.
func New(lang Lang) *Catalog {
	po := gotext.NewPo()
	if text, err := unpack(lang); err == nil { // built in: one that cannot be read fails the tests of this package
		po.Parse(text)
	}
	return &Catalog{
		lang: lang,
		more: func(text []byte) { po.Parse(text) },
		has:  func(id string) bool { return po.IsTranslated(id) },
		one:  func(id string) string { return po.Get(id, noVerbs...) },
		many: func(id string, n int) string { return po.GetN(id, id, n, noVerbs...) },
	}
}

// NewWith is the catalogue with the messages of one more file.
func NewWith(lang Lang, more []byte) *Catalog {
	c := New(lang)
	c.more(more)
	return c
}

// File is the name of the packed catalogue of a language.
func File(lang Lang) string { return string(lang) + ".po.gz" }

func unpack(lang Lang) ([]byte, error) {
	raw, err := catalogues.ReadFile(File(lang))
	if err != nil {
		return nil, err
	}
	return packed.Unpack(raw)
}

// Lang is the language of the catalogue.
func (c *Catalog) Lang() Lang { return c.lang }

// Has reports whether the catalogue knows the id.
func (c *Catalog) Has(id string) bool { return c.has(id) }

// noVerbs says that our sentences are no printf formats: gotext then leaves a «%» alone.
var noVerbs []any

// T is the sentence of that id with its placeholders filled in: T("ping.ok", "host", "localhost") fills {host}.
// An unknown id comes back as it is, so that a missing message is seen and never hides a report.
func (c *Catalog) T(id string, pairs ...any) string { return fill(c.one(id), pairs) }

// N is T with a plural form chosen by n.
func (c *Catalog) N(id string, n int, pairs ...any) string {
	return fill(c.many(id, n), pairs)
}

func fill(s string, pairs []any) string {
	if len(pairs) == 0 || !strings.Contains(s, "{") {
		return s
	}
	// One pass, so that a value which happens to hold «{host}» is never filled in itself.
	oldnew := make([]string, 0, len(pairs))
	for i := 0; i+1 < len(pairs); i += 2 {
		oldnew = append(oldnew, "{"+fmt.Sprint(pairs[i])+"}", fmt.Sprint(pairs[i+1]))
	}
	return strings.NewReplacer(oldnew...).Replace(s)
}

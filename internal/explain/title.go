package explain

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/i18n"
	"github.com/olympiades-ia/olymp-cache/internal/report"
)

// ours are the pieces of evidence that are words of the catalogue, or names that are the same everywhere.
var ours = []string{"element", "expected", "file", "mode", "reason", "role", "source", "variable"}

// capitals are the words of the examples that nobody takes for a real name.
var capitals = regexp.MustCompile(`\b(ADDRESS|CONTAINER|EVENT|HOST|INSTANCE|KEY|NAME|PART|PLATFORM|PRIMARY|PING|PROJECT|VALUE|X\.Y\.Z)\b`)

// titleOf is the title of a kind of finding: what differs from one to the next is left open, as «…» or N. The values of the
// example would look like those of a server.
func titleOf(cat *i18n.Catalog, example finding.Finding) string {
	f := example
	f.Evidence = slices.Clone(example.Evidence)
	for i, e := range f.Evidence {
		f.Evidence[i] = finding.Evidence{Name: e.Name, Value: open(cat, e)}
	}
	return report.Words{C: cat, Data: func(s string) string { return s }}.Title(f)
}

// open is a piece of evidence without its value.
func open(cat *i18n.Catalog, e finding.Evidence) any {
	switch v := e.Value.(type) {
	case bool:
		return v
	case string:
		switch {
		case e.Name == "address" && !strings.HasPrefix(v, "/"):
			return "HOST:PORT"
		case slices.Contains(ours, e.Name) || capitals.MatchString(v):
			return v
		case e.Name == "host":
			return "HOST"
		}
		return "…"
	}
	if e.Name == "port" || e.Name == "found_port" {
		return "PORT"
	}
	switch e.Unit {
	case "bytes":
		return number.ReplaceAllString(cat.Bytes(1<<20), "N")
	case "ratio":
		return number.ReplaceAllString(cat.Percent(1, 0), "N")
	case "ms":
		return number.ReplaceAllString(cat.Duration(time.Millisecond), "N")
	case "s":
		return number.ReplaceAllString(cat.Span(time.Hour), "N")
	}
	return "N"
}

var number = regexp.MustCompile(`[0-9][0-9.,]*`)

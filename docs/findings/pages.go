// Package findings is the pages of the findings, packed for the program: `doctor explain` and `doctor list` show them.
package findings

import (
	"embed"
	"fmt"
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/i18n"
	"github.com/olympiades-ia/olymp-cache/internal/packed"
)

//go:embed *.json.gz
var files embed.FS

// File is the name of the packed pages of a language.
func File(lang i18n.Lang) string { return string(lang) + ".json.gz" }

// Load gives the pages of one language, as Markdown, by the finding's id.
func Load(lang i18n.Lang) (map[string]string, error) {
	raw, err := files.ReadFile(File(lang))
	if err != nil {
		return nil, fmt.Errorf("read pages: %w", err)
	}
	return packed.UnpackFiles(raw)
}

// Title is the first heading of a page.
func Title(page string) string {
	line, _, _ := strings.Cut(page, "\n")
	return strings.TrimPrefix(line, "# ")
}

// Package man is the manual pages that gen-docs makes from the commands, packed for the program.
package man

import (
	_ "embed" // the pages

	"github.com/olympiades-ia/olymp-cache/internal/packed"
)

// File is the name of the packed pages.
const File = "pages.json.gz"

//go:embed pages.json.gz
var pages []byte

// Pages are the pages by their path as man looks for them: man1/ in English, fr/man1/ in French.
func Pages() (map[string]string, error) { return packed.UnpackFiles(pages) }

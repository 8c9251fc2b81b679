// Package man holds the manual pages that gen-docs makes from the commands, laid out as man looks for them.
package man

import "embed"

// Pages has man1/ in English and fr/man1/ in French.
//
//go:embed man1 fr
var Pages embed.FS

package keyspace

import (
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/sorting"
)

// separators part a key's name as most applications write it.
const separators = ":/.|"

// prefixOf is the family of a name: what stands before the first separator, else the name with its numbers folded.
func prefixOf(name string) string {
	if i := strings.IndexAny(name, separators); i > 0 && i+1 < len(name) {
		return fold(name[:i]) + name[i:i+1] + "*"
	}
	return fold(name)
}

// fold writes «*» for each run of digits, so that page1 and page2 are one family.
func fold(s string) string {
	var b strings.Builder
	digits := false
	for i := range len(s) {
		c := s[i]
		if c < '0' || c > '9' {
			b.WriteByte(c)
		} else if !digits {
			b.WriteByte('*')
		}
		digits = c >= '0' && c <= '9'
	}
	return b.String()
}

// pick chooses up to n names: one of each family, the rarest families first, then a second of each, and so on.
func pick(names []string, n int) []string {
	families := map[string][]string{}
	for _, name := range names {
		families[prefixOf(name)] = append(families[prefixOf(name)], name)
	}
	order := make([]string, 0, len(families))
	for family := range families {
		order = append(order, family)
	}
	sorting.By(order, func(a, b string) int {
		if d := len(families[a]) - len(families[b]); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	var picked []string
	for round := 0; len(picked) < min(n, len(names)); round++ {
		for _, family := range order {
			if members := families[family]; round < len(members) && len(picked) < n {
				picked = append(picked, members[round])
			}
		}
	}
	return picked
}

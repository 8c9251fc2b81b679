package spelling_test

import (
	"testing"

	"github.com/olympiades-ia/olymp-cache/internal/spelling"
)

func TestEdits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"cache", "cache", 0}, {"cahce", "cache", 2}, {"cache", "caches", 1}, {"kitten", "sitting", 3},
	} {
		if got := spelling.Edits(c.a, c.b); got != c.want {
			t.Errorf("%q, %q: %d, want %d", c.a, c.b, got, c.want)
		}
		if there, back := spelling.Edits(c.a, c.b), spelling.Edits(c.b, c.a); there != back {
			t.Errorf("%q, %q: %d there, %d back", c.a, c.b, there, back)
		}
	}
}

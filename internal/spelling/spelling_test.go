package spelling_test

import (
	"testing"

	"github.com/olympiades-ia/olymp-cache/internal/spelling"
)

func TestEdits(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		a, b string
		want int
	}{
		{"", "", 0},
		{"", "abc", 3},
		{"REDIS_URL", "REDIS_URL", 0},
		{"REDIS_ULR", "REDIS_URL", 2},
		{"REDISURL", "REDIS_URL", 1},
		{"REDIS_PORT", "REDIS_URL", 3},
		{"tls-expird", "tls-expired", 1},
	} {
		if got, back := spelling.Edits(tc.a, tc.b), spelling.Edits(tc.b, tc.a); got != tc.want || back != tc.want {
			t.Errorf("%q and %q: %d, and back %d, want %d", tc.a, tc.b, got, back, tc.want)
		}
	}
}

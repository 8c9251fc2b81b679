package sorting_test

import (
	"cmp"
	"slices"
	"testing"

	"github.com/olympiades-ia/olymp-cache/internal/sorting"
)

func TestBy(t *testing.T) {
	t.Parallel()
	type pair struct{ a, b int }
	var got, want []pair
	for i := range 100 {
		got = append(got, pair{i * 7 % 10, i})
	}
	want = slices.Clone(got)
	byA := func(x, y pair) int { return cmp.Compare(x.a, y.a) }
	sorting.By(got, byA)
	slices.SortStableFunc(want, byA)
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	sorting.By([]pair{}, byA)
}

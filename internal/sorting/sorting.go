// Package sorting sorts short lists in little code.
package sorting

import "sort"

// By sorts by a comparison as slices.SortFunc has it; what is equal stays in its order. slices.SortFunc is generic all through, some
// 12 kB of machine code for each type that is sorted; this is one sort for all of them (decision 4).
func By[T any](all []T, compare func(a, b T) int) { sort.Stable(by[T]{all, compare}) }

type by[T any] struct {
	all     []T
	compare func(a, b T) int
}

func (b by[T]) Len() int           { return len(b.all) }
func (b by[T]) Less(i, j int) bool { return b.compare(b.all[i], b.all[j]) < 0 }
func (b by[T]) Swap(i, j int)      { b.all[i], b.all[j] = b.all[j], b.all[i] }

package profile

import (
	"bytes"
	"cmp"
	"container/heap"
	"slices"
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/sorting"
)

// BigKey is one of the biggest keys met.
type BigKey struct {
	Name  string `json:"name"`
	Type  string `json:"type"`
	Bytes int64  `json:"bytes"`
	TTL   int64  `json:"ttl_ms"` // milliseconds, NoExpiry or Unknown
}

// biggest keeps the n biggest keys.
type biggest struct {
	n   int
	all bySize
}

func (b *biggest) offer(r Record) {
	switch {
	case b.n == 0 || r.Bytes < 0:
		return
	case len(b.all) < b.n:
	case r.Bytes < b.all[0].Bytes, r.Bytes == b.all[0].Bytes && bytes.Compare(r.Name, []byte(b.all[0].Name)) >= 0:
		return
	default:
		heap.Pop(&b.all)
	}
	heap.Push(&b.all, BigKey{Name: string(r.Name), Type: strings.Clone(r.Type), Bytes: r.Bytes, TTL: r.TTL})
}

// sorted gives the biggest first.
func (b *biggest) sorted() []BigKey {
	all := slices.Clone(b.all)
	sorting.By(all, func(x, y BigKey) int { return cmp.Or(cmp.Compare(y.Bytes, x.Bytes), strings.Compare(x.Name, y.Name)) })
	return all
}

// bySize is a heap with the smallest key on top; of keys of one size the last by name.
type bySize []BigKey

func (h bySize) Len() int { return len(h) }

func (h bySize) Less(i, j int) bool {
	return h[i].Bytes < h[j].Bytes || h[i].Bytes == h[j].Bytes && h[i].Name > h[j].Name
}
func (h bySize) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

// Push and Pop are for package heap.
func (h *bySize) Push(x any) { *h = append(*h, x.(BigKey)) } //nolint:forcetypeassert // only offer pushes

// Pop takes the last.
func (h *bySize) Pop() any {
	last := len(*h) - 1
	x := (*h)[last]
	*h = (*h)[:last]
	return x
}

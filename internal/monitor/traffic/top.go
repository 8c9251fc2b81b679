package traffic

import (
	"cmp"
	"slices"

	"github.com/olympiades-ia/olymp-cache/internal/sorting"
)

// Top counts the most frequent of any number of texts in bounded memory, by the Space-Saving algorithm (Metwally, Agrawal,
// El Abbadi: «Efficient Computation of Frequent and Top-k Elements in Data Streams», 2005): whoever is new takes the place of the
// rarest and starts at its count. A count is never too low, and too high by Count.Error at most; a text that occurred more often
// than Missed is among them for certain. As long as there are no more texts than places, every count is exact.
type Top struct {
	places int
	index  map[string]*place
	heap   []*place // the rarest first
}

type place struct {
	text         string
	count, error uint64
	at           int // in the heap
}

// Count is how often a text occurred: between Count−Error and Count times.
type Count struct {
	Text         string
	Count, Error uint64
}

// NewTop has that many places.
func NewTop(places int) *Top { return &Top{places: places, index: map[string]*place{}} }

// longestText bounds what is kept of a text, in bytes: two that are the same so far count as one.
const longestText = 1024

// Add counts one.
func (t *Top) Add(text []byte) {
	text = text[:min(len(text), longestText)]
	if p, ok := t.index[string(text)]; ok { // which makes no copy
		p.count++
		t.down(p.at)
		return
	}
	var p *place
	if len(t.heap) < t.places {
		p = &place{at: len(t.heap)}
		t.heap = append(t.heap, p)
	} else {
		p = t.heap[0]
		delete(t.index, p.text)
		p.error = p.count
	}
	p.text = string(text)
	p.count++
	t.index[p.text] = p
	t.up(p.at)
	t.down(p.at)
}

func (t *Top) up(i int) {
	for i > 0 {
		parent := (i - 1) / 2
		if t.heap[parent].count <= t.heap[i].count {
			return
		}
		t.swap(i, parent)
		i = parent
	}
}

func (t *Top) down(i int) {
	for {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(t.heap); child++ {
			if t.heap[child].count < t.heap[least].count {
				least = child
			}
		}
		if least == i {
			return
		}
		t.swap(i, least)
		i = least
	}
}

func (t *Top) swap(i, j int) {
	t.heap[i], t.heap[j] = t.heap[j], t.heap[i]
	t.heap[i].at, t.heap[j].at = i, j
}

// Missed is how often a text that is not among them may have occurred; 0 while there were places for all.
func (t *Top) Missed() uint64 {
	if len(t.heap) < t.places {
		return 0
	}
	return t.heap[0].count
}

// Len is how many texts have a place.
func (t *Top) Len() int { return len(t.heap) }

// First are the n most frequent, the most frequent first.
func (t *Top) First(n int) []Count {
	all := slices.Clone(t.heap)
	sorting.By(all, func(a, b *place) int {
		return cmp.Or(cmp.Compare(b.count, a.count), cmp.Compare(a.error, b.error), cmp.Compare(a.text, b.text))
	})
	counts := make([]Count, 0, min(n, len(all)))
	for _, p := range all[:min(n, len(all))] {
		counts = append(counts, Count{Text: p.text, Count: p.count, Error: p.error})
	}
	return counts
}

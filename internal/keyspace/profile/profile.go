package profile

import (
	"cmp"
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/sorting"
)

// Profile is what a keyspace is made of.
type Profile struct {
	Sampled bool  // the numbers are estimates, from Seen keys
	Seen    int64 // keys that were looked at
	Total   Row   // of all keys
	// Families are by name, types by type: the largest in bytes first. Bands are in their own order, empty ones left out.
	Families, Types, TTLs, Sizes []Row
	Biggest                      []BigKey // of the keys looked at
	// Unmet is how many bytes the server uses for keys beyond what the sample explains, at most: in keys so rare and large that it met
	// none, or too few, of them. 0 where there is nothing of the kind.
	Unmet float64
	// Folded tells that some names are told apart less finely than they could, as there are too many.
	Folded bool
}

// Options are how a profile is made.
type Options struct {
	Naming
	Top int // biggest keys kept
}

// Builder sums up keys that are read one after the other, in bounded memory.
type Builder struct {
	families *families
	total    Tally
	types    map[string]*Tally
	ttls     []Tally // by band, the unknown last
	sizes    []Tally
	biggest  biggest
}

// mostTypes is how many types are told apart: a server has six, and those of its modules.
const mostTypes = 64

// NewBuilder starts with nothing.
func NewBuilder(o Options) *Builder {
	return &Builder{
		families: newFamilies(o.Naming), types: map[string]*Tally{},
		ttls: make([]Tally, len(TTLBands)+1), sizes: make([]Tally, len(SizeBands)+1), biggest: biggest{n: o.Top},
	}
}

// Add counts one key.
func (b *Builder) Add(r Record) {
	b.total.count(r)
	b.families.leaf(string(r.Name)).Tally.count(r)
	t, ok := b.types[r.Type]
	if !ok {
		name := r.Type
		if len(b.types) >= mostTypes {
			name = UnknownBand
		}
		if t, ok = b.types[name]; !ok {
			t = &Tally{}
			b.types[strings.Clone(name)] = t
		}
	}
	t.count(r)
	inBand(b.ttls, TTLBands, r.TTL).count(r)
	inBand(b.sizes, SizeBands, r.Bytes).count(r)
	b.biggest.offer(r)
}

// inBand finds the sums of the band that a value is in.
func inBand(sums []Tally, bands []Band, v int64) *Tally {
	if i := bandOf(bands, v); i >= 0 {
		return &sums[i]
	}
	return &sums[len(bands)]
}

// Keys is how many were counted so far.
func (b *Builder) Keys() int64 { return b.total.Keys }

// Profile is the end: all that was added was all there is. Nothing can be added afterwards.
func (b *Builder) Profile() *Profile {
	p := b.counted()
	exact := func(rows []Row) {
		for i := range rows {
			r := &rows[i]
			r.Keys, r.Bytes, r.NoTTL = exactly(r.Tally.Keys), exactly(r.Tally.Bytes), exactly(r.Tally.NoTTL)
		}
	}
	one := []Row{p.Total}
	exact(one)
	p.Total = one[0]
	for _, rows := range [][]Row{p.Families, p.Types, p.TTLs, p.Sizes} {
		exact(rows)
	}
	p.order()
	return p
}

// counted is the profile of what was counted, before anything is said of the whole.
func (b *Builder) counted() *Profile {
	folded := b.families.widest < mostChildren
	b.families.settle(b.families.root)
	p := &Profile{
		Seen: b.total.Keys, Total: Row{Tally: b.total}, Families: b.families.rows(), Biggest: b.biggest.sorted(), Folded: folded,
		TTLs: bandRows(TTLBands, b.ttls), Sizes: bandRows(SizeBands, b.sizes),
	}
	for name, t := range b.types {
		p.Types = append(p.Types, Row{Name: cmp.Or(name, UnknownBand), Tally: *t})
	}
	return p
}

func bandRows(bands []Band, sums []Tally) []Row {
	var rows []Row
	for i, t := range sums {
		name := UnknownBand
		if i < len(bands) {
			name = bands[i].ID
		}
		if t.Keys > 0 {
			rows = append(rows, Row{Name: name, Tally: t})
		}
	}
	return rows
}

// order puts what is largest first.
func (p *Profile) order() {
	largest := func(a, b Row) int {
		return cmp.Or(cmp.Compare(b.Bytes.Value, a.Bytes.Value), cmp.Compare(b.Keys.Value, a.Keys.Value), strings.Compare(a.Name, b.Name))
	}
	sorting.By(p.Families, largest)
	sorting.By(p.Types, largest)
}

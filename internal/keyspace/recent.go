package keyspace

import "hash/maphash"

// recent remembers which names were met lately, by their hashes. SCAN gives a key twice only where the server's table shrinks while it is
// read: the keys of those few places that become one are then given again right after (dictScan in Redis's dict.c walks the
// places in such an order). So what was met lately is enough, however many keys there are.
type recent struct {
	seed      maphash.Seed
	most      int // hashes of one generation
	now, past []uint64
	count     int // in now
}

// recentKeys is how many names are remembered, at least.
const recentKeys = 1 << 17

func newRecent(most int) *recent {
	return &recent{seed: maphash.MakeSeed(), most: most, now: make([]uint64, 1024)}
}

// met tells whether a name was met, and remembers it.
func (r *recent) met(name []byte) bool {
	h := maphash.Bytes(r.seed, name)
	if h == 0 {
		h = 1 // 0 marks an empty place
	}
	i, found := find(r.now, h)
	if found {
		return true
	}
	if len(r.past) > 0 {
		if _, found := find(r.past, h); found {
			return true
		}
	}
	switch {
	case r.count >= r.most:
		r.past, r.now, r.count = r.now, make([]uint64, len(r.now)), 0
		i, _ = find(r.now, h)
	case r.count*2 >= len(r.now):
		r.grow()
		i, _ = find(r.now, h)
	}
	r.now[i] = h
	r.count++
	return false
}

// find gives the place of a hash in a table that is never more than half full, or the empty one where it belongs.
func find(table []uint64, h uint64) (int, bool) {
	mask := len(table) - 1
	for i := int(h) & mask; ; i = (i + 1) & mask { //nolint:gosec // only the low bits are wanted
		switch table[i] {
		case h:
			return i, true
		case 0:
			return i, false
		}
	}
}

func (r *recent) grow() {
	old := r.now
	r.now = make([]uint64, 2*len(old))
	for _, h := range old {
		if h != 0 {
			i, _ := find(r.now, h)
			r.now[i] = h
		}
	}
}

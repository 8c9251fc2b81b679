package keyspace

// names are key names one after the other in one piece of memory, as a page of SCAN has them: names are bytes, and there are
// millions of them.
type names struct {
	bytes []byte
	ends  []int // of each name
}

// Len is the number of names.
func (n *names) Len() int { return len(n.ends) }

// At is a name; it is valid until Reset.
func (n *names) At(i int) []byte {
	start := 0
	if i > 0 {
		start = n.ends[i-1]
	}
	return n.bytes[start:n.ends[i]:n.ends[i]]
}

// drop takes back the last name.
func (n *names) drop() {
	n.ends = n.ends[:len(n.ends)-1]
	end := 0
	if len(n.ends) > 0 {
		end = n.ends[len(n.ends)-1]
	}
	n.bytes = n.bytes[:end]
}

// reset forgets all names and keeps the room.
func (n *names) reset() { n.bytes, n.ends = n.bytes[:0], n.ends[:0] }

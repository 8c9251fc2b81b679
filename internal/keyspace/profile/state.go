package profile

import "slices"

// State is all that a Builder has summed up so far, to go on with later. Names in it are data of the server's.
type State struct {
	Naming  Naming            `json:"naming"`
	Top     int               `json:"top"`
	Widest  int               `json:"widest"`
	Root    *node             `json:"families"`
	Total   Tally             `json:"total"`
	Types   map[string]*Tally `json:"types"`
	TTLs    []Tally           `json:"ttls"`
	Sizes   []Tally           `json:"sizes"`
	Biggest []SavedKey        `json:"biggest"`
}

// SavedKey is a BigKey whose name is kept as the bytes that it is.
type SavedKey struct {
	Name  []byte `json:"name"`
	Type  string `json:"type"`
	Bytes int64  `json:"bytes"`
	TTL   int64  `json:"ttl_ms"`
}

// State is what was summed up. Nothing that the Builder does later changes it.
func (b *Builder) State() State {
	s := State{
		Naming: b.families.naming, Top: b.biggest.n, Widest: b.families.widest, Root: b.families.root.clone(), Total: b.total,
		Types: map[string]*Tally{}, TTLs: slices.Clone(b.ttls), Sizes: slices.Clone(b.sizes),
	}
	for name, t := range b.types {
		sum := *t
		s.Types[name] = &sum
	}
	for _, k := range b.biggest.all {
		s.Biggest = append(s.Biggest, SavedKey{Name: []byte(k.Name), Type: k.Type, Bytes: k.Bytes, TTL: k.TTL})
	}
	return s
}

func (n *node) clone() *node {
	c := *n
	c.Children = make(map[string]*node, len(n.Children))
	for part, child := range n.Children {
		c.Children[part] = child.clone()
	}
	return &c
}

// Resume is a Builder that goes on from a state; ok is false where the state is not one that State gave.
func Resume(s State) (b *Builder, ok bool) {
	b = NewBuilder(Options{Naming: s.Naming, Top: s.Top})
	if s.Root == nil || len(s.TTLs) != len(b.ttls) || len(s.Sizes) != len(b.sizes) || s.Widest < fewestChildren || s.Widest > mostChildren ||
		len(s.Biggest) > max(s.Top, 0) {
		return nil, false
	}
	if !sound(s.Root, 0) {
		return nil, false
	}
	b.families.root, b.families.widest, b.families.nodes = s.Root, s.Widest, count(s.Root)
	b.total, b.ttls, b.sizes = s.Total, s.TTLs, s.Sizes
	for name, t := range s.Types {
		if t == nil {
			return nil, false
		}
		b.types[name] = t
	}
	for _, k := range s.Biggest {
		b.biggest.offer(Record(k))
	}
	return b, b.families.nodes <= 2*mostNodes && len(b.types) <= mostTypes+1
}

// sound tells a tree that a Builder may have made from one whose file was altered.
func sound(n *node, depth int) bool {
	if n == nil || depth > deepest+2 {
		return false
	}
	for _, c := range n.Children {
		if !sound(c, depth+1) {
			return false
		}
	}
	return true
}

// count is the number of nodes of a tree.
func count(n *node) int {
	all := 1
	for _, c := range n.Children {
		all += count(c)
	}
	return all
}

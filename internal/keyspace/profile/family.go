// Package profile sums up what a keyspace is made of: families of names, types, times to live, sizes, and the biggest keys,
// read whole or estimated from a sample. It is pure: nothing in it talks to a server.
package profile

import (
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/keyname"
)

// Naming is how names are taken apart.
type Naming struct {
	Separators string `json:"separators"` // each byte parts a name; keyname.Separators if empty
	Depth      int    `json:"depth"`      // parts that are kept, «*» for what follows; 0 means all
}

// deepest is how many parts of a name are told apart at most; the rest is one part.
const deepest = 8

// next takes the first part off a name. head is that part, sep what ends it: empty at the end of the name. A name that ends
// with a separator has an empty last part.
func (n Naming) next(name string) (head, sep, rest string) {
	i := strings.IndexAny(name, n.separators())
	if i < 0 {
		return name, "", ""
	}
	return name[:i], name[i : i+1], name[i+1:]
}

// ending is the separator that ends a part, or nothing.
func (n Naming) ending(part string) string {
	if i := len(part) - 1; i >= 0 && strings.IndexByte(n.separators(), part[i]) >= 0 {
		return part[i:]
	}
	return ""
}

func (n Naming) separators() string {
	if n.Separators == "" {
		return keyname.Separators
	}
	return n.Separators
}

// depth is how many parts are told apart.
func (n Naming) depth() int {
	if n.Depth <= 0 || n.Depth > deepest {
		return deepest
	}
	return n.Depth
}

// families is a tree of parts of names, in bounded memory however many names there are: where too many different parts
// follow one beginning, they are one family «*» from then on. Its sums are always exact; only how finely names are told
// apart gives way.
type families struct {
	naming Naming
	root   *node
	nodes  int
	widest int // children of one node at most
}

// node is a beginning of names. Its children are by their part with the separator that ends it; a name ends at a node whose part
// has none.
type node struct {
	Tally    Tally            `json:"tally"` // of the names that end here
	Children map[string]*node `json:"children,omitempty"`
	Folded   bool             `json:"folded,omitempty"` // its children have become one, by separator

	row int // where the names that end here are shown
}

const (
	// mostNodes bounds the tree: some 5 MB.
	mostNodes = 20_000
	// mostChildren is how many parts may follow one beginning.
	mostChildren = 1000
	// fewestChildren is what that comes down to, where the tree is full.
	fewestChildren = 8
)

func newFamilies(n Naming) *families {
	return &families{naming: n, root: &node{}, nodes: 1, widest: mostChildren}
}

// leaf finds the node where a name ends, and makes it.
func (f *families) leaf(name string) *node {
	if f.nodes >= mostNodes && f.widest > fewestChildren {
		f.widest = max(f.widest/2, fewestChildren)
		f.narrow(f.root)
	}
	at := f.root
	for depth := 1; ; depth++ {
		head, sep, rest := f.naming.next(name)
		switch {
		case depth > deepest, f.nodes >= mostNodes:
			return f.child(at, keyname.Anything, "")
		case sep == "":
			return f.child(at, keyname.Fold(head), "")
		}
		at = f.child(at, keyname.Fold(head)+sep, sep)
		if depth == f.naming.depth() {
			return f.child(at, keyname.Anything, "")
		}
		name = rest
	}
}

// child finds or makes what follows a beginning.
func (f *families) child(at *node, part, sep string) *node {
	if at.Folded {
		part = keyname.Anything + sep
	}
	if c, ok := at.Children[part]; ok {
		return c
	}
	if len(at.Children) >= f.widest && !at.Folded {
		f.fold(at)
		return f.child(at, part, sep)
	}
	if at.Children == nil {
		at.Children = map[string]*node{}
	}
	c := &node{}
	at.Children[strings.Clone(part)] = c
	f.nodes++
	return c
}

// fold makes one of a node's children, by the separator that ends them.
func (f *families) fold(at *node) {
	all := at.Children
	at.Folded, at.Children = true, map[string]*node{}
	f.nodes -= len(all)
	for part, c := range all {
		folded := keyname.Anything + f.naming.ending(part)
		into, ok := at.Children[folded]
		if !ok {
			at.Children[folded] = c
			f.nodes++
			continue
		}
		f.merge(into, c)
	}
}

// merge adds the names below from to those below into; from itself is no longer of the tree.
func (f *families) merge(into, from *node) {
	into.Tally.add(from.Tally)
	if from.Folded && !into.Folded {
		f.fold(into)
	}
	for part, c := range from.Children {
		if into.Folded {
			part = keyname.Anything + f.naming.ending(part)
		}
		f.nodes--
		known, ok := into.Children[part]
		if ok {
			f.merge(known, c)
			continue
		}
		if into.Children == nil {
			into.Children = map[string]*node{}
		}
		into.Children[part] = c
		f.nodes++
	}
	if len(into.Children) > f.widest {
		f.fold(into)
	}
}

// narrow folds every node that has more children than are allowed now.
func (f *families) narrow(at *node) {
	if len(at.Children) > f.widest && !at.Folded {
		f.fold(at)
	}
	for _, c := range at.Children {
		f.narrow(c)
	}
}

const (
	// alikeChildren is from how many parts on a level may be one of identifiers that do not look like any: names of users, titles.
	alikeChildren = 8
	// alikeKeys is how many keys such a part has at most, on average.
	alikeKeys = 3
)

// settle makes one of parts that hardly any two keys share, once all names are known, the deepest first; it gives the
// number of keys below at.
func (f *families) settle(at *node) int64 {
	keys := at.Tally.Keys
	for _, c := range at.Children {
		keys += f.settle(c)
	}
	if n := int64(len(at.Children)); !at.Folded && n >= alikeChildren && keys < alikeKeys*n {
		f.fold(at)
		// Below the one that they have become, parts that were alone before may now be many.
		for _, c := range at.Children {
			f.settle(c)
		}
	}
	return keys
}

// rows are the families in no order; each is told its place among them.
func (f *families) rows() []Row {
	var all []Row
	var walk func(at *node, path string)
	walk = func(at *node, path string) {
		if at.Tally.Keys > 0 {
			at.row = len(all)
			all = append(all, Row{Name: path, Tally: at.Tally})
		}
		for part, c := range at.Children {
			walk(c, path+part)
		}
	}
	walk(f.root, "")
	return all
}

package traffic

import (
	"bytes"
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/keyname"
)

// Places are how many texts a Tally counts exactly; beyond that it estimates. One has some 200 bytes besides its text.
const Places = 10_000

// Tally is the sum of many commands, in bounded memory.
type Tally struct {
	Total    uint64 // commands
	KeyUses  uint64 // keys that they named: MGET a b has two
	Commands *Top
	Keys     *Top
	Families *Top // of keys; see Family
	Clients  *Top // by host, with their name where they have one
	Nodes    []uint64

	of      func(client []byte) (Who, bool)
	labels  map[string][]byte // of clients that were met
	scratch []byte
}

// NewTally counts for that many nodes. of tells the names of clients; it may be nil.
func NewTally(nodes int, of func(client []byte) (Who, bool)) *Tally {
	return &Tally{
		Commands: NewTop(Places), Keys: NewTop(Places), Families: NewTop(Places), Clients: NewTop(Places),
		Nodes: make([]uint64, nodes), of: of, labels: map[string][]byte{},
	}
}

// Add counts a command.
func (t *Tally) Add(e *Event) {
	t.Total++
	t.Nodes[e.Node]++
	t.scratch = append(t.scratch[:0], e.name...)
	if e.sub != "" {
		t.scratch = append(append(t.scratch, ' '), e.sub...)
	}
	t.Commands.Add(t.scratch)
	for _, i := range e.keys {
		t.KeyUses++
		t.Keys.Add(e.Args[i])
		t.scratch = keyname.Family(t.scratch[:0], e.Args[i][:min(len(e.Args[i]), longestText)])
		t.Families.Add(t.scratch)
	}
	t.Clients.Add(t.label(e.Client))
}

// label is a client as the summary names it: without its port, which short connections change all the time.
func (t *Tally) label(client []byte) []byte {
	if label, ok := t.labels[string(client)]; ok {
		return label
	}
	label := []byte(Host(string(client)))
	if t.of != nil {
		if who, _ := t.of(client); who.Name != "" {
			label = []byte(who.Name + " (" + string(label) + ")")
		}
	}
	if len(t.labels) >= mostVerdicts {
		clear(t.labels)
	}
	t.labels[string(client)] = label
	return label
}

// Host is the address of a client without its port; a socket's path and «lua» stay as they are.
func Host(client string) string {
	if strings.HasPrefix(client, socketClient) {
		return client
	}
	i := strings.LastIndexByte(client, ':')
	if i < 0 {
		return client
	}
	return strings.Trim(client[:i], "[]")
}

// Lines counts the events of a block that nobody reads.
func Lines(block []byte) uint64 { return uint64(bytes.Count(block, []byte("\n"))) } //nolint:gosec // never negative

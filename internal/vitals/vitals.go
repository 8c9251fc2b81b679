// Package vitals picks, out of what a server told of itself, the numbers that people and machines watch: one list of
// sections that text, JSON and the live view show alike. It is pure and has no opinion; alerts are judged in findings.
package vitals

import (
	"slices"

	"github.com/olympiades-ia/olymp-cache/internal/evidence"
	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
)

// Section is one part of the report. A server that refuses what a section needs leaves it without values, or without some:
// Refused then says which questions were refused, and in what words.
type Section struct {
	Name    string
	Refused []Refusal
	Values  []finding.Evidence // in the order of reading
	Tables  []Table
	source  string // the question that the values answer
}

// Refusal is a question that drew no answer.
type Refusal struct {
	Status    snapshot.Status
	Unreached bool   // the server was not there
	Source    string // the question
	Cause     string // the id of what stood in the way
	Reply     string // the server's words; empty where it said nothing
}

// lacks notes a question without an answer. One that was never meant to be asked is none.
func lacks[T any](s *Section, f snapshot.Fact[T]) {
	if f.Status != snapshot.OK && f.Status != snapshot.NotAsked {
		s.Refused = append(s.Refused, Refusal{f.Status, f.Unreached(), f.Source, f.Cause, string(f.Reply)})
	}
}

// lacksAny notes a question that some server did not answer; the first of them speaks for all. Of a server that is down the
// table of nodes tells.
func lacksAny[T any](s *Section, nodes []snapshot.Node, fact func(*snapshot.Node) snapshot.Fact[T]) {
	for i := range nodes {
		if f := fact(&nodes[i]); !f.Known() && (!nodes[i].Info.Unreached() || len(nodes) == 1) {
			lacks(s, f)
			return
		}
	}
}

// Table is a list of rows whose cells have the same names.
type Table struct {
	Name string
	Rows [][]finding.Evidence
}

// The sections, as --section takes them, in the order of reading.
const (
	Server      = "server"
	Nodes       = "nodes"
	Memory      = "memory"
	Clients     = "clients"
	Stats       = "stats"
	Latency     = "latency"
	Persistence = "persistence"
	Replication = "replication"
	Keyspace    = "keyspace"
	Errors      = "errors"
	Commands    = "commands"
)

// Names are all sections.
func Names() []string {
	return []string{Server, Nodes, Memory, Clients, Stats, Latency, Persistence, Replication, Keyspace, Errors, Commands}
}

// Of makes the sections of what was seen. Nodes is there for clusters only.
func Of(e *evidence.Evidence) []Section {
	v := view{e}
	all := []Section{
		v.server(), v.memory(), v.clients(), v.stats(), v.latency(), v.persistence(), v.replication(), v.keyspace(), v.errors(),
		v.commands(),
	}
	if len(e.Server.Nodes) > 1 {
		all = slices.Insert(all, 1, v.nodes())
	}
	return all
}

type view struct{ *evidence.Evidence }

// first is the node that stands for all where a value cannot be added up.
func (v view) first() *snapshot.Node { return &v.Server.Nodes[0] }

// told are the INFOs that were read.
func (v view) told() []*snapshot.Info {
	var all []*snapshot.Info
	for i := range v.Server.Nodes {
		if v.Server.Nodes[i].Info.Known() {
			all = append(all, &v.Server.Nodes[i].Info.Value)
		}
	}
	return all
}

// fromInfo is a section that INFO fills; build is not called where no node told it.
func (v view) fromInfo(name string, build func(*Section, []*snapshot.Info)) Section {
	s := Section{Name: name, source: "INFO " + name}
	all := v.told()
	if len(all) == 0 {
		lacks(&s, v.first().Info)
		return s
	}
	build(&s, all)
	if len(s.Values)+len(s.Tables)+len(s.Refused) == 0 {
		s.untold()
	}
	return s
}

// untold notes that INFO has nothing of what this section is about.
func (s *Section) untold() {
	s.Refused = append(s.Refused, Refusal{Status: snapshot.Unsupported, Source: "INFO"})
}

// add puts a value in; what is not known stays out.
func (s *Section) add(name string, value any, unit string) {
	if value != nil {
		s.Values = append(s.Values, finding.Evidence{Name: name, Value: value, Unit: unit, Source: s.source})
	}
}

// sum adds up a field over all nodes; nil where one of them does not tell it: half a sum would be taken for the whole.
func sum(all []*snapshot.Info, field func(*snapshot.Info) snapshot.Opt[int64]) any {
	var total int64
	for _, i := range all {
		n, ok := field(i).Get()
		if !ok {
			return nil
		}
		total += n
	}
	return total
}

// most is the largest of a field over all nodes that tell it; nil where none does.
func most[T int64 | float64](all []*snapshot.Info, field func(*snapshot.Info) snapshot.Opt[T]) any {
	var best any
	for _, i := range all {
		if n, ok := field(i).Get(); ok && (best == nil || n > best.(T)) { //nolint:forcetypeassert // only T is ever stored
			best = n
		}
	}
	return best
}

// anyOf is whether a flag is set on one node at least; nil where none tells it.
func anyOf(all []*snapshot.Info, field func(*snapshot.Info) snapshot.Opt[bool]) any {
	var told any
	for _, i := range all {
		if on, ok := field(i).Get(); ok {
			told = on || told == true
		}
	}
	return told
}

// worstWord is the first status that is not «ok»; nil where no node tells one.
func worstWord(all []*snapshot.Info, field func(*snapshot.Info) string) any {
	var told any
	for _, i := range all {
		switch word := field(i); {
		case word == "":
		case word != "ok":
			return word
		default:
			told = word
		}
	}
	return told
}

// same is a word that all nodes agree on; nil where they differ or say nothing.
func same(all []*snapshot.Info, field func(*snapshot.Info) string) any {
	word := field(all[0])
	for _, i := range all {
		if field(i) != word {
			return nil
		}
	}
	if word == "" {
		return nil
	}
	return word
}

// share is a part of a whole as a ratio; nil where one is not known or the whole is nothing.
func share(part, whole any) any {
	a, ok1 := part.(int64)
	b, ok2 := whole.(int64)
	if !ok1 || !ok2 || b <= 0 {
		return nil
	}
	return float64(a) / float64(b)
}

// cell is one value of a row.
func cell(name string, value any, unit string) finding.Evidence {
	return finding.Evidence{Name: name, Value: value, Unit: unit}
}

// row leaves out what is not known.
func row(cells ...finding.Evidence) []finding.Evidence {
	return slices.DeleteFunc(cells, func(e finding.Evidence) bool { return e.Value == nil })
}

// value is what an optional number says, or nil.
func value[T any](o snapshot.Opt[T]) any {
	if v, ok := o.Get(); ok {
		return v
	}
	return nil
}

// seconds is a number of seconds as people's units want it; nil where it is not known or negative: Redis's «never».
func seconds(o snapshot.Opt[int64]) any {
	if n, ok := o.Get(); ok && n >= 0 {
		return float64(n)
	}
	return nil
}

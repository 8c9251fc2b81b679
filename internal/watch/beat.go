// Package watch is the memory of a live view: it takes one look after the other and keeps what they tell together: rates,
// curves, what is new in the slow log, errors as they happen, restarts. It is pure: no clock, no network, no words.
package watch

import (
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/probe/trace"
)

// Beat is one look at a server, or at all primaries of a cluster, or why there was none.
type Beat struct {
	Time   time.Time // with the monotonic clock, which rates rely on
	Server trace.Server
	Nodes  []Node // ordered by address; none where the server could not be asked
	// Primaries is whether all servers that hold keys could be listed.
	Primaries snapshot.Fact[int]
	Pings     []time.Duration              // since the look before
	Ping      snapshot.Fact[time.Duration] // the last one; its failure where PING is refused
	// Failure is why the server could not be asked, Retry when it will be tried again; nil where it answered.
	Failure *finding.Finding
	Retry   time.Duration
	// Own are the commands that we sent ourselves since the look before, by the names of commandstats; OwnTotal counts those of a
	// login too.
	Own      map[string]int64
	OwnTotal int64
	// OwnErrors are those of our own questions that the server refused, by the names of errorstats.
	OwnErrors map[string]int64
	Sent      int // by the whole run
}

// Node is what one server told, and when.
type Node struct {
	snapshot.Node
	Time time.Time
}

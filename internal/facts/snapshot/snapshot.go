// Package snapshot is what a Redis server told of itself, as values: facts with where they come from, parsers of the
// server's answers, and a file format that keeps them. It has no opinion, sends nothing and knows no client.
package snapshot

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// Schema names the file format.
const Schema = "olymp-cache/facts/v1"

// Snapshot is one look at a server, or at all primaries of a cluster.
type Snapshot struct {
	Schema   string    `json:"schema"`
	Time     time.Time `json:"time"` // when the first question was sent
	Took     Millis    `json:"took_ms"`
	Mode     string    `json:"mode"`          // «standalone», «replica», «sentinel», «cluster», «unknown»
	Commands int       `json:"commands_sent"` // those of further logins included
	// Primaries is whether all servers that hold keys could be listed. It fails on a cluster whose map of slots is not to
	// be had; Nodes then has only the server that was connected to.
	Primaries Fact[int] `json:"primaries"`
	Nodes     []Node    `json:"nodes"` // ordered by address; always at least one
	Totals    Totals    `json:"totals"`
}

// Node is what one server told.
type Node struct {
	Addr        string               `json:"addr"` // host:port or socket path
	Info        Fact[Info]           `json:"info"`
	Keys        Fact[int64]          `json:"dbsize"` // of the selected database
	Slowlog     Fact[[]SlowCommand]  `json:"slowlog"`
	SlowlogLen  Fact[int64]          `json:"slowlog_len,omitzero"` // asked by info only
	Clients     Fact[ClientList]     `json:"clients"`
	Config      Fact[Config]         `json:"config"`
	Memory      Fact[MemoryStats]    `json:"memory_stats"`
	Latency     Fact[[]LatencyEvent] `json:"latency"`
	WhoAmI      Fact[Text]           `json:"acl_whoami"`
	Self        Fact[User]           `json:"acl_self"` // the user that we are
	Users       Fact[[]User]         `json:"acl_users"`
	ACLLog      Fact[[]Denial]       `json:"acl_log"`
	ClusterInfo Fact[ClusterInfo]    `json:"cluster_info"` // asked where cluster_enabled is 1
	Shards      Fact[[]Shard]        `json:"cluster_shards"`
}

// HasUser tells a name that the server knows as a user's. One that it does not know may be a password that somebody typed in the
// wrong place: it is not to be shown.
func (n *Node) HasUser(name Text) bool {
	return name == "default" || name == n.WhoAmI.Value && n.WhoAmI.Known() || name == n.Self.Value.Name && n.Self.Known() ||
		slices.ContainsFunc(n.Users.Value, func(u User) bool { return u.Name == name })
}

// Setting is one parameter of CONFIG GET as a fact of its own; Unsupported where the server has no such parameter.
func (n *Node) Setting(name string) Fact[Text] {
	f := Fact[Text]{Status: n.Config.Status, Source: "CONFIG GET " + name, Cause: n.Config.Cause, Reply: n.Config.Reply}
	if f.Status != OK {
		return f
	}
	value, ok := n.Config.Value.Get(name)
	if !ok {
		f.Status = Unsupported
		return f
	}
	f.Value = value
	return f
}

// Encode writes a snapshot as JSON.
func Encode(w io.Writer, s *Snapshot) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		return fmt.Errorf("write snapshot: %w", err)
	}
	return nil
}

// maxFile bounds what Decode reads: 10,000 clients on each of some hundred nodes are far below.
const maxFile = 1 << 30

// ErrSchema is a file that is no snapshot, or one of another format.
var ErrSchema = errors.New("not a snapshot of this format (" + Schema + ")")

// Decode reads what Encode wrote.
func Decode(r io.Reader) (Snapshot, error) {
	var s Snapshot
	if err := json.NewDecoder(io.LimitReader(r, maxFile)).Decode(&s); err != nil {
		return Snapshot{}, fmt.Errorf("read snapshot: %w", err)
	}
	if s.Schema != Schema {
		return Snapshot{}, ErrSchema
	}
	return s, nil
}

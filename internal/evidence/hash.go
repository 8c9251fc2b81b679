package evidence

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
)

// Hash replaces the names of keys by digests, so that evidence can be shown to others: user:42:cart becomes
// 1f…:9b…:c0…. Equal parts stay equal within one file, so that prefixes can still be told apart. The salt is not kept: without
// it a guessed name cannot be checked. Names that the operator's own configuration holds (vitrine_cache) stay, as do ours.
func Hash(e *Evidence, salt []byte) {
	h := hasher{salt: salt, keep: map[string]bool{"olymp-cache": true, "test": true}}
	for _, patterns := range e.Settings.Groups {
		for _, p := range patterns {
			h.keep[p] = true
		}
	}
	if e.Server != nil {
		for i := range e.Server.Nodes {
			h.node(&e.Server.Nodes[i])
		}
	}
	k := &e.Keys.Value
	for i := range k.Asked {
		k.Asked[i].Name, k.Asked[i].Prefix = h.name(k.Asked[i].Name), h.name(k.Asked[i].Prefix)
	}
	for i := range k.Prefixes {
		k.Prefixes[i].Name = h.name(k.Prefixes[i].Name)
	}
	for i := range k.Groups {
		for j, name := range k.Groups[i].Alike {
			k.Groups[i].Alike[j] = h.name(name)
		}
	}
	for i, name := range k.Suspicious {
		k.Suspicious[i] = h.name(name)
	}
	e.NamesHashed = true
}

// DropValues forgets what slow commands wrote: evidence is about names and numbers.
func DropValues(e *Evidence) {
	if e.Server == nil {
		return
	}
	for i := range e.Server.Nodes {
		all := e.Server.Nodes[i].Slowlog.Value
		for j := range all {
			all[j].DropValues()
		}
	}
}

type hasher struct {
	salt []byte
	keep map[string]bool
}

// separators part a key's name as most applications write it.
const separators = ":/.|"

// digestBytes is how much of a digest is kept: enough to tell the parts of one file apart.
const digestBytes = 4

// name hashes a name part by part.
func (h hasher) name(name snapshot.Text) snapshot.Text {
	if h.keep[string(name)] || name == "" {
		return name
	}
	var b strings.Builder
	rest := string(name)
	for {
		i := strings.IndexAny(rest, separators)
		if i < 0 {
			b.WriteString(h.part(rest))
			return snapshot.Text(b.String())
		}
		b.WriteString(h.part(rest[:i]))
		b.WriteByte(rest[i])
		rest = rest[i+1:]
	}
}

func (h hasher) part(part string) string {
	if part == "" || part == "*" || h.keep[part] {
		return part
	}
	mac := hmac.New(sha256.New, h.salt)
	mac.Write([]byte(part))
	return hex.EncodeToString(mac.Sum(nil)[:digestBytes])
}

// node hashes what a server told of keys: the arguments of slow commands and what ACL rules protected.
func (h hasher) node(n *snapshot.Node) {
	for i := range n.Slowlog.Value {
		args := n.Slowlog.Value[i].Args
		for j := range args {
			if j > 0 && args[j] != "***" && !slices.Contains(subcommands, strings.ToLower(string(args[j]))) {
				args[j] = h.name(args[j])
			}
		}
	}
	for i := range n.Users.Value {
		h.user(&n.Users.Value[i])
	}
	h.user(&n.Self.Value)
	for i := range n.ACLLog.Value {
		if d := &n.ACLLog.Value[i]; d.Reason == "key" || d.Reason == "channel" {
			d.Object = h.name(d.Object)
		}
	}
}

// user hashes the patterns of keys and channels that an ACL lets a user touch; their signs (~, &, %R~) and stars stay.
func (h hasher) user(u *snapshot.User) {
	for _, patterns := range [][]snapshot.Text{u.Keys, u.Channels} {
		for i, p := range patterns {
			at := strings.IndexAny(string(p), "~&") + 1
			patterns[i] = p[:at] + h.name(p[at:])
		}
	}
}

// subcommands are second words of commands that a reader needs to see, and that are no names of keys.
var subcommands = []string{
	"cat", "command", "count", "debug", "get", "getuser", "info", "latest", "list", "load", "match", "memory", "nodes", "rewrite",
	"scan", "set", "setuser", "slots", "stats", "usage",
}

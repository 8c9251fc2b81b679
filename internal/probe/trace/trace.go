// Package trace is what the ladder from the name to the write saw, as values. It has no opinion and reaches nothing.
package trace

import (
	"net/netip"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
)

// The rungs, in order. A step's name is one of them.
const (
	Config   = "config"
	DNS      = "dns"
	TCP      = "tcp"
	TLS      = "tls"
	Protocol = "protocol"
	Auth     = "auth"
	Select   = "select"
	Ping     = "ping"
	State    = "state"
	Write    = "write"
)

// Rungs are their names, in order.
var Rungs = []string{Config, DNS, TCP, TLS, Protocol, Auth, Select, Ping, State, Write}

// Trace is one climb. Lookups, Dials and the second looks are of the address where it ended: the target's own, or, behind
// Sentinel and in a cluster, of the node that failed.
type Trace struct {
	Steps []finding.Step `json:"steps"`
	// Failure is what ended the climb, under the name that its sign alone gives it; rules find the cause behind it.
	Failure *Failure `json:"failure,omitempty"`

	Host     string   `json:"host,omitempty"` // what was looked up and dialled; empty for a unix socket
	Port     int      `json:"port,omitempty"`
	Lookups  []Lookup `json:"lookups,omitempty"`  // A and AAAA apart; none for a literal address
	Resolver *Lookup  `json:"resolver,omitempty"` // the root's name servers, asked where the target's name failed: does it work at all?
	Dials    []Dial   `json:"dials,omitempty"`    // every address, side by side

	Clear     *Words     `json:"clear,omitempty"`     // PING in clear text, on a connection of its own; where TLS failed or nothing came back
	Usual     *Words     `json:"usual,omitempty"`     // PING to the port 6379 of another machine whose port of the target refused
	Handshake *Handshake `json:"handshake,omitempty"` // TLS: the connection's own, or the second look at a port that hung up on clear text
	Login     []Login    `json:"login,omitempty"`     // other ways to log in, tried where the first was refused
	Account   Account    `json:"account,omitempty"`   // of the named user, where one of those ways was let in and may ask

	Watched *Watched `json:"watched,omitempty"` // by a Sentinel; where the primary that it named cannot be reached

	Server Server        `json:"server"`
	Ping   time.Duration `json:"ping_ns,omitempty"`
	Write  *WriteProbe   `json:"write,omitempty"` // nil: not tried

	// ExtraCommands were sent over connections that are closed again: second looks, cleaning up, a climb that failed. The
	// connection that is open counts its own.
	ExtraCommands int `json:"extra_commands,omitempty"`
}

// Failure is what ended the climb.
type Failure struct {
	Rung        string          `json:"rung"`
	Finding     finding.Finding `json:"finding"`
	Unreachable bool            `json:"unreachable"` // Redis was not reached or refused the login
}

// Step is the step of that rung; nil where there is none.
func (t *Trace) Step(rung string) *finding.Step {
	for i := range t.Steps {
		if t.Steps[i].Name == rung {
			return &t.Steps[i]
		}
	}
	return nil
}

// Problem sorts how a lookup, a dial or a handshake failed. Empty means that it worked.
type Problem string

// The problems.
const (
	NotFound    Problem = "not-found"   // DNS: the name does not exist, or has no address of this family
	ResolverBad Problem = "resolver"    // DNS: the resolver refused or failed
	Timeout     Problem = "timeout"     // nothing came back in time
	Refused     Problem = "refused"     // TCP: RST to the SYN
	Unreachable Problem = "unreachable" // no route
	Closed      Problem = "closed"      // accepted, then closed or reset without a byte
	NotTLS      Problem = "not-tls"     // TLS: the peer answered something else
	Alert       Problem = "alert"       // TLS: the peer speaks it and refused
	Other       Problem = "other"
)

// Lookup is one question to the resolver.
type Lookup struct {
	Family    string        `json:"family"` // "ip4", "ip6" or "ns"
	Addresses []string      `json:"addresses,omitempty"`
	Duration  time.Duration `json:"duration_ns"`
	Problem   Problem       `json:"problem,omitempty"`
	Server    string        `json:"server,omitempty"` // the resolver that failed, host:port, where the error says it
	Words     string        `json:"words,omitempty"`  // the resolver's error, as text
}

// Dial is one TCP connection to one address.
type Dial struct {
	Address  string        `json:"address"` // without the port
	Duration time.Duration `json:"duration_ns"`
	Problem  Problem       `json:"problem,omitempty"`
	Words    string        `json:"words,omitempty"`
}

// Words is what a port said to PING in clear text.
type Words struct {
	First    string        `json:"first,omitempty"` // the first line, redacted, at most 96 bytes, not escaped
	RESP     bool          `json:"resp"`            // it starts as a Redis reply does
	Protocol string        `json:"protocol,omitempty"`
	Duration time.Duration `json:"duration_ns"`
	Problem  Problem       `json:"problem,omitempty"` // Timeout, Closed, Refused…: no byte came
}

// Handshake is how TLS went; the certificate is verified apart from the handshake, so that it can be shown.
type Handshake struct {
	Version  string        `json:"version,omitempty"` // "TLS 1.3"
	Cipher   string        `json:"cipher,omitempty"`
	Duration time.Duration `json:"duration_ns,omitempty"`
	Problem  Problem       `json:"problem,omitempty"`
	Words    string        `json:"words,omitempty"`

	Leaf       *Certificate `json:"leaf,omitempty"`
	Chain      int          `json:"chain,omitempty"` // certificates that the server sent
	WantedName string       `json:"wanted_name,omitempty"`
	// Verdict is empty where the certificate verifies against the roots in use, else the id of the finding that says why
	// not: "tls-unknown-authority", "tls-self-signed", "tls-name-mismatch", "tls-expired"…
	Verdict string `json:"verdict,omitempty"`
	// Skipped tells that verification was off: Verdict is what it would have said.
	Skipped bool `json:"skipped,omitempty"`
}

// Certificate is the server's own.
type Certificate struct {
	Names      []string  `json:"names,omitempty"` // DNS names and addresses; the common name where there are none
	Subject    string    `json:"subject,omitempty"`
	Issuer     string    `json:"issuer,omitempty"`
	NotBefore  time.Time `json:"not_before"`
	NotAfter   time.Time `json:"not_after"`
	SelfSigned bool      `json:"self_signed,omitempty"`
	// CommonNameOnly tells one without a subjectAltName: no client of today accepts it for any name.
	CommonNameOnly bool `json:"common_name_only,omitempty"`
}

// Login is one variant of logging in that was tried after the first was refused.
type Login struct {
	// "none": no AUTH at all; "default-user": the password without the user; "trimmed": without the blanks around it.
	Variant string `json:"variant"`
	OK      bool   `json:"ok"`
	Reply   string `json:"reply,omitempty"`
}

// Watched is how the Sentinel that named a primary sees it.
type Watched struct {
	Sentinel  string `json:"sentinel,omitempty"` // host:port of the one that answered
	Flags     string `json:"flags"`              // «master», «s_down,o_down,master,disconnected»
	Replicas  int    `json:"replicas"`
	Sentinels int    `json:"sentinels"` // beside itself
	Quorum    int    `json:"quorum"`
}

// Account is what a server tells of a user who was refused. Empty means that it does not.
type Account string

// The states of an account.
const (
	AccountOn      Account = "on"
	AccountOff     Account = "off"
	AccountMissing Account = "missing"
)

// Server is what the server said of itself while logging in.
type Server struct {
	Product  string `json:"product,omitempty"` // "redis", "valkey", "keydb", "dragonfly" or "unknown"; empty: not reached
	Version  string `json:"version,omitempty"`
	Mode     string `json:"mode,omitempty"` // "standalone", "replica", "sentinel", "cluster" or "unknown"
	Role     string `json:"role,omitempty"` // "master", "replica" or ""
	Addr     string `json:"addr,omitempty"`
	Sentinel bool   `json:"sentinel,omitempty"`
	NoHello  bool   `json:"no_hello,omitempty"` // HELLO was refused as unknown: before Redis 6, or a proxy
}

// WriteProbe is the throw-away key of the last rung.
type WriteProbe struct {
	Key      string        `json:"key"`
	Duration time.Duration `json:"duration_ns"`
	Left     bool          `json:"left,omitempty"` // it may still be there; its TTL removes it
	// Answered tells that PING was answered over another connection after the write was lost.
	Answered bool `json:"answered,omitempty"`
}

// IsAddress tells an address from a name.
func IsAddress(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil
}

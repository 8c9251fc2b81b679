package redisconn

import (
	"context"
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/config"
)

// Mode is how a target is deployed, as HELLO tells.
type Mode string

// The modes of the JSON contract.
const (
	ModeStandalone Mode = "standalone"
	ModeReplica    Mode = "replica"
	ModeSentinel   Mode = "sentinel"
	ModeCluster    Mode = "cluster"
	ModeUnknown    Mode = "unknown"
)

// Server is what the server said of itself while logging in; empty fields were not said (HELLO exists since Redis 6).
type Server struct {
	Product string // "redis", "valkey", "dragonfly" or "unknown"
	Version string
	Mode    Mode
	Role    string // "master", "replica" or "" where HELLO does not tell
	Addr    string // host:port or socket path of the connection; behind Sentinel, of the primary that it named
	// IsSentinel is a Sentinel found where a data server was expected.
	IsSentinel bool
	// NoHello is a server that does not know HELLO: before Redis 6, or a proxy.
	NoHello bool
}

// recogniseServer reads what HELLO answered. A server that knows no HELLO (before Redis 6, some proxies), or a user who may
// not send it, is asked by INFO: a cluster must be known as one, and a replica must be known before anything is written.
func (c *Conn) recogniseServer(ctx context.Context) {
	said := c.watch.word
	if said("mode") == "" {
		said = c.infoWord(ctx)
	}
	c.describe(said)
}

// describe fills in what the server said.
func (c *Conn) describe(said func(string) string) {
	s := &c.server
	s.NoHello = c.watch.helloUnknown()
	s.Product, s.Version, s.Role, s.Mode = "unknown", said("version"), said("role"), ModeUnknown
	switch product := said("server"); product {
	case "redis", "valkey", "dragonfly", "keydb":
		s.Product = product
	}
	switch said("mode") {
	case "cluster":
		s.Mode = ModeCluster
	case "sentinel":
		s.Mode, s.IsSentinel = ModeSentinel, true
	case "standalone":
		s.Mode = ModeStandalone
	}
	// KeyDB says «active-replica» for a primary that also replicates: it takes writes.
	if s.Role == "slave" {
		s.Role = "replica"
	}
	if s.Mode == ModeStandalone && s.Role == "replica" {
		s.Mode = ModeReplica
	}
	if c.target.Network == config.NetworkSentinel && s.Mode != ModeCluster {
		s.Mode = ModeSentinel
	}
}

// infoWord answers HELLO's questions from INFO; with nothing where INFO is refused too.
func (c *Conn) infoWord(ctx context.Context) func(string) string {
	names := map[string]string{"version": "redis_version", "mode": "redis_mode", "role": "role"}
	text, err := c.seed.Info(ctx).Result()
	if err != nil {
		return func(string) string { return "" }
	}
	return func(name string) string {
		if name == "server" {
			return "redis" // what answers INFO this way without HELLO is nothing younger
		}
		for line := range strings.Lines(text) {
			if v, ok := strings.CutPrefix(line, names[name]+":"); ok {
				return strings.TrimRight(v, "\r\n")
			}
		}
		return ""
	}
}

package probe

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/probe/trace"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
)

// variant is one other way to log in.
type variant struct {
	name    string
	command []string
}

// asksLogin tells a refused login of which it is worth knowing what would have been accepted. A Sentinel's own password is
// none of the target's.
func (c *climb) asksLogin(e *redisconn.Error) bool {
	ofSentinel := c.target.Network == config.NetworkSentinel && c.known(e.Addr)
	return e.ID == "auth-wrong" && c.target.Password != "" && !ofSentinel
}

// variants are the mistakes that are made with a right password: three at most, and never another password than the one that
// was given.
func (c *climb) variants() []variant {
	password := c.target.Password.Reveal()
	all := []variant{{"none", []string{"PING"}}}
	user := []string{"AUTH"}
	if c.target.Username != "" {
		user = append(user, c.target.Username)
	}
	if c.target.Username != "" && c.target.Username != "default" {
		all = append(all, variant{"default-user", []string{"AUTH", password}})
	}
	if trimmed := strings.TrimSpace(password); trimmed != password && trimmed != "" {
		all = append(all, variant{"trimmed", append(user, trimmed)})
	}
	return all
}

// logIn tries the variants, on one connection to the address that refused, over TLS, verified as before, where the target
// has it, and asks, where one is let in, of the user who was not. What came before the connection was lost is kept.
func (c *climb) logIn(ctx context.Context, way *redisconn.Way) (tried []trace.Login, account trace.Account, sent int) {
	raw, err := c.again(ctx, way)
	if err != nil {
		return nil, "", 0
	}
	defer raw.Close() //nolint:errcheck // nothing was written that matters
	var nc net.Conn = raw
	if c.tls != nil {
		tc := tls.Client(raw, c.tlsConfig(way))
		if err := tc.HandshakeContext(ctx); err != nil {
			return nil, "", 0
		}
		nc = tc
	}
	letIn := false
	for _, v := range c.variants() {
		start := time.Now()
		if _, err := io.WriteString(nc, encode(v.command)); err != nil {
			return tried, "", sent
		}
		sent++
		line, err := firstLine(nc)
		c.event("command", shown(v.command), start, err)
		if err != nil {
			return tried, "", sent
		}
		if nc.SetDeadline(raw.deadline) != nil { // reading a line shortens it
			return tried, "", sent
		}
		l := trace.Login{Variant: v.name, OK: line[0] == '+', Reply: c.said(redisconn.WithoutArguments(line[1:]))}
		if l.OK {
			l.Reply, letIn = "", letIn || v.name != "trimmed" // that is the user in question
		}
		tried = append(tried, l)
	}
	if letIn && c.target.Username != "" {
		account = c.account(nc)
		sent++
	}
	return tried, account, sent
}

// encode writes a command as RESP does.
func encode(command []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "*%d\r\n", len(command))
	for _, word := range command {
		fmt.Fprintf(&b, "$%d\r\n%s\r\n", len(word), word)
	}
	return b.String()
}

// shown is a command as --verbose shows it.
func shown(command []string) string {
	if len(command) == 1 {
		return command[0]
	}
	return command[0] + strings.Repeat(" ***", len(command)-1)
}

package probe

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/probe/trace"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
)

const (
	// lineBytes bounds the first line that is read.
	lineBytes = 512
	// restWait is what the rest of a line gets once its beginning is here, and an alert that follows a handshake.
	restWait = 200 * time.Millisecond
)

// second is a connection for a second look. It goes to the very address that the first one reached, has a deadline for all
// that is done on it, and ends with ctx.
type second struct {
	net.Conn
	deadline time.Time
	unhook   func() bool
}

// Close closes it.
func (s *second) Close() error {
	s.unhook()
	return s.Conn.Close()
}

// again opens a second connection, without TLS.
func (c *climb) again(ctx context.Context, way *redisconn.Way) (*second, error) {
	network := "tcp"
	if c.target.Network == config.NetworkUnix {
		network = "unix"
	}
	start := time.Now()
	deadline := start.Add(c.look)
	nc, err := (&net.Dialer{Deadline: deadline}).DialContext(ctx, network, way.Peer)
	c.event("tcp", way.Peer, start, err)
	if err != nil {
		return nil, err
	}
	s := &second{Conn: nc, deadline: deadline}
	// The deadline is the connection's own and not one of a context: a silent server must not look like one that hung up.
	s.unhook = context.AfterFunc(ctx, func() { _ = nc.Close() })
	if err := nc.SetDeadline(deadline); err != nil {
		_ = s.Close() // the deadline's error is the one to tell
		return nil, err
	}
	return s, nil
}

// sayPing sends PING in clear text. The error is what came instead of a word.
func (c *climb) sayPing(ctx context.Context, way *redisconn.Way) (*trace.Words, int, error) {
	start := time.Now()
	nc, err := c.again(ctx, way)
	if err != nil {
		return &trace.Words{Duration: time.Since(start), Problem: connectProblem(err)}, 0, err
	}
	defer nc.Close() //nolint:errcheck // a look, nothing was written that matters
	sent := 1
	if _, err := io.WriteString(nc, "PING\r\n"); err != nil {
		sent = 0 // what it said before it closed still waits to be read
	}
	line, err := firstLine(nc)
	c.event("command", "PING", start, err)
	w := &trace.Words{Duration: time.Since(start)}
	if line == "" {
		w.Problem = readProblem(err)
		return w, sent, err
	}
	w.First = c.said(line)
	_, w.Protocol = redisconn.Foreign(line)
	if strings.HasPrefix(line, "\x15\x03") {
		w.Protocol = "TLS" // an alert
	}
	w.RESP = w.Protocol == "" && (line[0] == '+' || line[0] == '-')
	return w, sent, nil
}

// firstLine reads up to a line end. Some protocols greet without one: what is here by then counts.
func firstLine(nc net.Conn) (string, error) {
	buf := make([]byte, lineBytes)
	have := 0
	for have < len(buf) {
		n, err := nc.Read(buf[have:])
		if have == 0 && n > 0 {
			if derr := nc.SetReadDeadline(time.Now().Add(restWait)); derr != nil {
				err = derr
			}
		}
		have += n
		if end := bytes.IndexByte(buf[:have], '\n'); end >= 0 {
			have = end
			break
		}
		if err != nil && have == 0 {
			return "", err
		}
		if err != nil {
			break
		}
	}
	line := strings.TrimRight(string(buf[:have]), "\r")
	if line == "" {
		return "", io.ErrUnexpectedEOF // a blank line is no word
	}
	return line, nil
}

// tlsName is the name that a certificate is verified for.
func (c *climb) tlsName(way *redisconn.Way) string {
	if c.tls != nil && c.tls.ServerName != "" {
		return c.tls.ServerName
	}
	return strings.TrimSuffix(hostOf(way.Addr), ".")
}

// tlsConfig is as the target has it, or, where it has none, as it would be with rediss://.
func (c *climb) tlsConfig(way *redisconn.Way) *tls.Config {
	conf := &tls.Config{MinVersion: tls.VersionTLS12}
	if c.tls != nil {
		conf = c.tls.Clone()
	}
	conf.ServerName = c.tlsName(way)
	return conf
}

// shakeHands makes a handshake without verification, and verifies by hand, so that the certificate can be shown whatever is
// wrong with it. Nothing is sent over this connection.
func (c *climb) shakeHands(ctx context.Context, way *redisconn.Way) (*trace.Handshake, error) {
	verified := c.tlsConfig(way)
	nc, err := c.again(ctx, way)
	if err != nil {
		return &trace.Handshake{WantedName: verified.ServerName, Problem: connectProblem(err), Words: c.words(err)}, err
	}
	defer nc.Close() //nolint:errcheck // a look, nothing was written that matters
	open := verified.Clone()
	open.InsecureSkipVerify = true // to see the certificate; it is verified below, and nothing is sent
	start := time.Now()
	tc := tls.Client(nc, open)
	err = tc.HandshakeContext(ctx)
	took := time.Since(start)
	c.event("tls", way.Peer, start, err)
	if err != nil {
		return &trace.Handshake{
			WantedName: verified.ServerName, Duration: took, Problem: handshakeProblem(err), Words: c.words(err),
		}, err
	}
	h := c.handshake(&redisconn.Handshake{State: tc.ConnectionState(), Config: verified, Duration: took})
	if err := alertAfter(tc); err != nil {
		h.Problem, h.Words = trace.Alert, c.words(err)
	}
	return h, nil
}

// alertAfter waits a little for the alert of a server that wants a certificate: TLS 1.3 sends it after the handshake.
func alertAfter(tc *tls.Conn) error {
	if err := tc.SetReadDeadline(time.Now().Add(restWait)); err != nil {
		return nil //nolint:nilerr // the connection is gone, without an alert
	}
	if _, err := tc.Read(make([]byte, 1)); redisconn.IsAlert(err) {
		return err
	}
	return nil
}

// chainOf is what the server sent of certificates in a handshake that failed to verify them.
func chainOf(err error) []*x509.Certificate {
	var bad *tls.CertificateVerificationError
	if errors.As(err, &bad) {
		return bad.UnverifiedCertificates
	}
	return nil
}

// splitAddr is host and port; both are empty for a socket.
func splitAddr(addr string) (host, port string) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "", ""
	}
	return host, port
}

func joinAddr(e config.Endpoint) string { return net.JoinHostPort(e.Host, strconv.Itoa(e.Port)) }

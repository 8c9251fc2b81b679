package redisconn

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strings"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
)

// LookWait bounds each second look after a step that had the time-out: half of that, yet no less than a server that is well
// may need, and no more than an operator waits for.
func LookWait(timeout time.Duration) time.Duration {
	const least, most = time.Second, 2 * time.Second
	return min(timeout, max(timeout/2, least), most)
}

// lookCloser takes a failure whose sign has several causes and asks the server once more, the other way round. Two rules
// of the field: a TLS handshake that times out is not a firewall but, mostly, a plain Redis; a connection closed at the
// first bytes is, mostly, a port that wants TLS. Anything else comes back unchanged.
func (d *dialer) lookCloser(ctx context.Context, network, addr string, err error) error {
	e, ok := AsError(err)
	if !ok || network == "unix" || ctx.Err() != nil {
		return err
	}
	switch {
	case e.asksClear():
		return d.asPlain(ctx, addr, e)
	case d.tls == nil && e.asksTLS():
		return d.asTLS(ctx, addr, e)
	}
	return err
}

// asksClear tells a failure of TLS that clear text may explain.
func (e *Error) asksClear() bool {
	return e.Step == StepTLS && (e.ID == "tcp-silent" || e.ID == "tcp-closed" || e.ID == "tls-not-supported")
}

// asksTLS tells a failure at the first bytes that, in clear text, TLS may explain.
func (e *Error) asksTLS() bool {
	return e.Step == StepProtocol && (e.ID == "tcp-silent" || e.ID == "tcp-closed")
}

// AfterClear is the failure as what the port said to PING in clear text explains it: said is its first line, redacted, or err is
// what came instead. It explains failures of TLS, and a server that refuses with words which a first connection did not hear.
// Any other failure comes back unchanged.
func (e *Error) AfterClear(said string, err error) *Error {
	switch {
	case !e.asksClear() && (!e.asksTLS() || !strings.HasPrefix(said, "-")):
		return e
	case said == "" && (e.ID == "tls-not-supported" || !IsTimeout(err)):
		return e
	case said == "":
		silent := *e
		silent.Step = StepProtocol // silent both ways: not a matter of TLS
		return &silent
	case said[0] == '-' && ReplyID(said[1:]) != "auth-required":
		return &Error{ID: ReplyID(said[1:]), Step: StepProtocol, Addr: e.Addr, Reply: said[1:], Err: e}
	case e.asksTLS():
		return e
	case said[0] == '+' || said[0] == '-':
		return &Error{ID: "tls-not-supported", Step: StepTLS, Addr: e.Addr, Err: e.Err}
	}
	return foreign(e.Addr, []byte(said), e)
}

// AfterTLS is the failure in clear text as a handshake without verification with the same port explains it; err is how the
// handshake failed, or nil. Any other failure comes back unchanged.
func (e *Error) AfterTLS(err error) *Error {
	// An alert is TLS too: a server that refuses our version or wants a certificate still speaks it.
	if e.asksTLS() && (err == nil || IsAlert(err)) {
		return &Error{ID: "tls-required", Step: StepTLS, Addr: e.Addr, Err: e.Err}
	}
	return e
}

// IsAlert tells a handshake that the other side refused in TLS's own words.
func IsAlert(err error) bool {
	var alert tls.AlertError
	return err != nil && (errors.As(err, &alert) || strings.Contains(err.Error(), "remote error: tls:"))
}

// asPlain sends PING in clear to a port where TLS failed.
func (d *dialer) asPlain(ctx context.Context, addr string, e *Error) error {
	nc, err := d.again(ctx, addr)
	if err != nil {
		return e
	}
	defer nc.Close() //nolint:errcheck // a look, nothing was written that matters
	if _, err := nc.Write([]byte("PING\r\n")); err != nil && !IsClosed(err) {
		return e
	}
	buf := make([]byte, 512)
	n, err := nc.Read(buf)
	return e.AfterClear(d.target.Redact(firstLine(buf[:n])), err)
}

// asTLS tries a handshake, without verification, with a port that hung up on clear text.
func (d *dialer) asTLS(ctx context.Context, addr string, e *Error) error {
	nc, err := d.again(ctx, addr)
	if err != nil {
		return e
	}
	defer nc.Close() //nolint:errcheck // a look, nothing was written that matters
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return e
	}
	//nolint:gosec // only to see whether TLS is spoken: nothing is sent over this connection
	tc := tls.Client(nc, &tls.Config{ServerName: host, InsecureSkipVerify: true})
	return e.AfterTLS(tc.HandshakeContext(ctx))
}

// again opens a second, plain connection with a deadline for all that is done on it.
func (d *dialer) again(ctx context.Context, addr string) (net.Conn, error) {
	wait := LookWait(d.timeout)
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	nc, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	if err := nc.SetDeadline(time.Now().Add(wait)); err != nil {
		_ = nc.Close() // the deadline's error is the one to report
		return nil, err
	}
	return nc, nil
}

// foreign names a protocol that is not Redis's by its first bytes.
func foreign(addr string, first []byte, cause error) *Error {
	line := firstLine(first)
	id, protocol := Foreign(string(first))
	e := &Error{ID: id, Step: StepProtocol, Addr: addr, Err: cause, Evidence: []finding.Evidence{evidence("first_bytes", line)}}
	if protocol != "" && id == "proto-other" {
		e.Evidence = append(e.Evidence, evidence("protocol", protocol))
	}
	return e
}

func firstLine(b []byte) string {
	line, _, _ := strings.Cut(string(b), "\n")
	return strings.TrimRight(line, "\r")
}

package redisconn

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strings"
	"time"
)

// lookWait bounds each second look.
const lookWait = 2 * time.Second

// lookCloser takes a failure whose sign has several causes and asks the server once more, the other way round. Two rules
// of the field: a TLS handshake that times out is not a firewall but, mostly, a plain Redis; a connection closed at the
// first bytes is, mostly, a port that wants TLS. Anything else comes back unchanged.
func (d *dialer) lookCloser(ctx context.Context, network, addr string, err error) error {
	e, ok := AsError(err)
	if !ok || network == "unix" || ctx.Err() != nil {
		return err
	}
	switch {
	case e.Step == StepTLS && (e.ID == "tcp-silent" || e.ID == "tcp-closed" || e.ID == "tls-not-supported"):
		return d.asPlain(ctx, addr, e)
	case d.tls == nil && e.Step == StepProtocol && (e.ID == "tcp-silent" || e.ID == "tcp-closed"):
		return d.asTLS(ctx, addr, e)
	}
	return err
}

// asPlain sends PING in clear to a port where TLS failed.
func (d *dialer) asPlain(ctx context.Context, addr string, e *Error) error {
	nc, err := d.again(ctx, addr)
	if err != nil {
		return e
	}
	defer nc.Close() //nolint:errcheck // a look, nothing was written that matters
	if _, err := nc.Write([]byte("PING\r\n")); err != nil && !isClosed(err) {
		return e
	}
	buf := make([]byte, 512)
	n, err := nc.Read(buf)
	if n == 0 {
		if e.ID == "tls-not-supported" || !isTimeout(err) {
			return e
		}
		e.Step = StepProtocol // silent both ways: not a matter of TLS
		return e
	}
	said := d.target.Redact(firstLine(buf[:n]))
	switch {
	case said[0] == '-' && replyID(said[1:]) != "auth-required":
		return &Error{ID: replyID(said[1:]), Step: StepProtocol, Addr: addr, Reply: said[1:], Err: e}
	case said[0] == '+' || said[0] == '-':
		return &Error{ID: "tls-not-supported", Step: StepTLS, Addr: addr, Err: e.Err}
	}
	return foreign(addr, []byte(said), e)
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
	err = tc.HandshakeContext(ctx)
	var alert tls.AlertError
	// An alert is TLS too: a server that refuses our version or wants a certificate still speaks it.
	if err == nil || errors.As(err, &alert) || strings.Contains(err.Error(), "remote error: tls:") {
		return &Error{ID: "tls-required", Step: StepTLS, Addr: addr, Err: e.Err}
	}
	return e
}

// again opens a second, plain connection with a deadline for all that is done on it.
func (d *dialer) again(ctx context.Context, addr string) (net.Conn, error) {
	wait := min(d.timeout, lookWait)
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
	e := &Error{ID: "proto-other", Step: StepProtocol, Addr: addr, Err: cause}
	e.Evidence = append(e.Evidence, evidence("first_bytes", line))
	switch {
	case strings.HasPrefix(line, "HTTP/"), strings.HasPrefix(line, "<"):
		e.ID = "proto-http"
	case strings.HasPrefix(line, "SSH-"):
		e.Evidence = append(e.Evidence, evidence("protocol", "SSH"))
	case strings.HasPrefix(line, "220 "), strings.HasPrefix(line, "220-"):
		e.Evidence = append(e.Evidence, evidence("protocol", "SMTP/FTP"))
	case strings.HasPrefix(line, "* OK"):
		e.Evidence = append(e.Evidence, evidence("protocol", "IMAP"))
	case strings.HasPrefix(line, "+OK"):
		e.Evidence = append(e.Evidence, evidence("protocol", "POP3"))
	case strings.Contains(line, "mysql"), strings.Contains(line, "MariaDB"):
		e.Evidence = append(e.Evidence, evidence("protocol", "MySQL"))
	case strings.HasPrefix(line, "ERROR"), strings.HasPrefix(line, "CLIENT_ERROR"):
		e.Evidence = append(e.Evidence, evidence("protocol", "memcached"))
	}
	return e
}

func firstLine(b []byte) string {
	line, _, _ := strings.Cut(string(b), "\n")
	return strings.TrimRight(line, "\r")
}

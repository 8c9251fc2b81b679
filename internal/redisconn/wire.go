package redisconn

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"time"
)

// conn is a connection that hears a server out: one that refuses (maxclients, protected mode, an allow-list) says why,
// closes, and the client that writes next sees only «broken pipe». The words still wait in the socket. It also keeps the
// first bytes, which name a foreign protocol.
type conn struct {
	net.Conn
	redact func(string) string
	first  []byte // the first bytes ever received, at most firstBytes
	sizes  lengths
	unhook func() bool
}

const (
	// lastWordsWait is how long to wait for words that are normally already here.
	lastWordsWait = 200 * time.Millisecond
	// firstBytes is how much of the peer's first words is kept: more than is shown, so that a secret in it that is shown in
	// part is masked first.
	firstBytes = 512
	// shownBytes is how much of them is shown: enough for a banner or an HTTP status line.
	shownBytes = 96
)

// closeWith ends every wait on the connection when ctx is cancelled: the driver looks at deadlines only, so that Ctrl-C
// would otherwise wait for the server.
func (c *conn) closeWith(ctx context.Context) {
	c.unhook = context.AfterFunc(ctx, func() { _ = c.Conn.Close() }) // the reader gets the error
}

// Close closes the connection.
func (c *conn) Close() error {
	if c.unhook != nil {
		c.unhook()
	}
	return c.Conn.Close()
}

// Read keeps the first bytes, and ends a stream that announces impossible lengths.
func (c *conn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if room := firstBytes - len(c.first); room > 0 && n > 0 {
		c.first = append(c.first, p[:min(n, room)]...)
	}
	if long := c.sizes.check(p[:n]); long != nil {
		return 0, long
	}
	return n, err
}

// Write reads what the server said when it no longer takes what we say.
func (c *conn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	if err == nil || (!errors.Is(err, syscall.EPIPE) && !errors.Is(err, syscall.ECONNRESET)) {
		return n, err
	}
	if derr := c.SetReadDeadline(time.Now().Add(lastWordsWait)); derr != nil {
		return n, err
	}
	buf := make([]byte, 1024)
	got, rerr := c.Read(buf)
	line, _, _ := bytes.Cut(buf[:got], []byte("\r\n"))
	switch {
	case len(line) > 1 && line[0] == '-':
		return n, &lastWordsError{words: c.redact(string(line[1:])), err: err}
	case rerr != nil && strings.Contains(rerr.Error(), "remote error: tls:"):
		// TLS 1.3 tells a missing client certificate only after the client's side of the handshake is done.
		return n, rerr
	}
	return n, err
}

// IsClosed tells a peer that hung up from one that is slow.
func IsClosed(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) ||
		errors.Is(err, syscall.EPIPE) || errors.Is(err, net.ErrClosed)
}

// IsTimeout tells a peer that is slow or silent.
func IsTimeout(err error) bool {
	var timeout net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) ||
		(errors.As(err, &timeout) && timeout.Timeout())
}

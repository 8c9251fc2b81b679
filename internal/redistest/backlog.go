package redistest

import (
	"errors"
	"net"
	"time"
)

const (
	// synWait is how long a connection attempt must stay unanswered to count as dropped: a loopback answer takes
	// microseconds, the kernel's first retry comes after a second.
	synWait = 300 * time.Millisecond * slowdown
	// maxBacklog bounds the attempts to fill a queue that was asked to be as short as possible.
	maxBacklog = 256
)

// Backlogged is a host:port whose queue of new connections is full: the kernel drops every further SYN, as a firewall
// would, and connecting times out. Not every system can do this (Windows cannot).
func Backlogged(t TB) string {
	t.Helper()
	ln := listen(t)
	held := &holder{}
	t.Cleanup(func() {
		held.release()
		_ = ln.Close()
	})
	if err := shortenBacklog(ln); err != nil {
		t.Fatalf("redistest: shorten backlog: %v", err)
	}
	addr := ln.Addr().String()
	for range maxBacklog {
		conn, err := connect("tcp4", addr, synWait)
		if timeout, is := errors.AsType[net.Error](err); is && timeout.Timeout() {
			return addr
		}
		if err != nil {
			t.Fatalf("redistest: fill backlog: %v", err)
		}
		held.add(conn)
	}
	t.Fatalf("redistest: %d connections do not fill the backlog", maxBacklog)
	return ""
}

// holder keeps connections open.
type holder struct{ conns []net.Conn }

func (h *holder) add(conn net.Conn) { h.conns = append(h.conns, conn) }

// release closes them; a second time is harmless.
func (h *holder) release() {
	for _, conn := range h.conns {
		_ = conn.Close()
	}
	h.conns = nil
}

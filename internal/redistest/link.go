package redistest

import (
	"bytes"
	"errors"
	"io"
	"net"
	"sync"
	"syscall"
	"time"
)

// queueLen is how many reads may be under way in one direction: far more than a test sends within one delay, so that a
// delay does not limit throughput.
const queueLen = 4096

// link is one connection through a proxy.
type link struct {
	proxy  *Proxy
	client *net.TCPConn
	over   chan struct{} // closed with the connection

	// guarded by proxy.mu
	server     *net.TCPConn // nil until connected
	allowance  int64        // bytes from the server that still pass, if breaks says so
	breaks     breakage
	dead       bool // bytes were lost, or the end was told: nothing passes any more
	closed     bool
	serverDone bool // the server's last byte was passed on
	serverGone bool // the server no longer takes bytes
}

// chunk is what one read gave, and when it is to arrive.
type chunk struct {
	due  time.Time
	data []byte
	err  error // the last chunk of a direction: why there are no more
}

// attach gives the link its other half; false if the link was closed meanwhile.
func (l *link) attach(server *net.TCPConn) bool {
	l.proxy.mu.Lock()
	defer l.proxy.mu.Unlock()
	l.server = server
	if l.closed {
		_ = server.Close()
	}
	return !l.closed
}

// run passes bytes until both directions are done.
func (l *link) run() {
	var wg sync.WaitGroup
	for _, fromServer := range []bool{false, true} {
		queue := make(chan chunk, queueLen)
		wg.Go(func() { l.read(queue, fromServer) })
		wg.Go(func() { l.deliver(queue, fromServer) })
	}
	wg.Wait()
}

// ends tells where a direction comes from and where it goes.
func (l *link) ends(fromServer bool) (from, to *net.TCPConn) {
	if fromServer {
		return l.server, l.client
	}
	return l.client, l.server
}

// read stamps what arrives with the time it is due at the other end.
func (l *link) read(queue chan<- chunk, fromServer bool) {
	defer close(queue)
	from, _ := l.ends(fromServer)
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		due := time.Now().Add(l.proxy.oneWay())
		if n > 0 && !l.send(queue, chunk{due: due, data: bytes.Clone(buf[:n])}) {
			return
		}
		if err != nil {
			l.send(queue, chunk{due: due, err: err})
			return
		}
	}
}

func (l *link) send(queue chan<- chunk, c chunk) bool {
	select {
	case queue <- c:
		return true
	case <-l.over:
		return false
	}
}

// deliver writes what is due.
func (l *link) deliver(queue <-chan chunk, fromServer bool) {
	broken := false
	for c := range queue {
		if !l.waitUntil(c.due) {
			return
		}
		switch {
		case c.err != nil:
			l.passEnd(c.err, fromServer)
		case broken || l.swallows():
		case !l.pass(c.data, fromServer):
			broken = true
		}
	}
}

// waitUntil is false when the link is over first.
func (l *link) waitUntil(due time.Time) bool {
	timer := time.NewTimer(time.Until(due))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-l.over:
		return false
	}
}

// pass writes data, as much of it as is allowed, and tells whether the receiver still takes it.
func (l *link) pass(data []byte, fromServer bool) bool {
	_, to := l.ends(fromServer)
	count, how := &l.proxy.fromClients, never
	if fromServer {
		count = &l.proxy.fromServer
		data, how = l.allow(data)
	}
	n, err := to.Write(data)
	count.Add(int64(n))
	if how != never {
		l.proxy.finish(l, how)
	}
	if err != nil && !fromServer {
		l.note(func() { l.serverGone = true })
	}
	return err == nil
}

// allow takes data off the allowance: what of it may pass, and how the connection ends after it.
func (l *link) allow(data []byte) ([]byte, breakage) {
	l.proxy.mu.Lock()
	defer l.proxy.mu.Unlock()
	if l.breaks == never {
		return data, never
	}
	data = data[:min(int64(len(data)), l.allowance)]
	l.allowance -= int64(len(data))
	if l.allowance > 0 {
		return data, never
	}
	return data, l.breaks
}

// passEnd tells one end that the other is done, in the way that it was: end of file or reset.
func (l *link) passEnd(err error, fromServer bool) {
	_, to := l.ends(fromServer)
	switch {
	case l.swallows():
		if !fromServer {
			l.note(l.close) // nobody is left
		}
	case errors.Is(err, io.EOF):
		_ = to.CloseWrite() // fails if it is closed already
		if fromServer {
			l.note(func() { l.serverDone = true })
		}
	case errors.Is(err, syscall.ECONNRESET):
		_ = to.SetLinger(0)
		l.note(l.close)
	default:
		l.note(l.close)
	}
}

// note changes the link's state. A client that goes on writing to a server which has closed is reset, but only after
// the server's last words were passed on.
func (l *link) note(change func()) {
	l.proxy.mu.Lock()
	defer l.proxy.mu.Unlock()
	change()
	if l.serverDone && l.serverGone {
		l.end(byReset)
	}
}

// swallows tells whether bytes are lost. A connection that lost some never recovers.
func (l *link) swallows() bool {
	l.proxy.mu.Lock()
	defer l.proxy.mu.Unlock()
	l.dead = l.dead || l.proxy.faults.blackhole
	return l.dead
}

func (l *link) isDead() bool {
	l.proxy.mu.Lock()
	defer l.proxy.mu.Unlock()
	return l.dead
}

// drain reads and forgets until the client leaves or the link is closed.
func (l *link) drain() {
	_, _ = io.Copy(io.Discard, l.client)
}

// end ends the connection for the client in the given way. The proxy's lock is held.
func (l *link) end(how breakage) {
	if how == byReset {
		_ = l.client.SetLinger(0) // close sends RST
		l.close()
		return
	}
	// Closing with unread bytes would send RST: the client's are read until it leaves.
	l.dead = true
	_ = l.client.CloseWrite()
	if l.server != nil {
		_ = l.server.Close()
	}
}

// close closes both ends. The proxy's lock is held.
func (l *link) close() {
	if l.closed {
		return
	}
	l.closed = true
	close(l.over)
	_ = l.client.Close()
	if l.server != nil {
		_ = l.server.Close()
	}
}

package redistest

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Proxy is a TCP proxy in front of any address, with faults that can be set and cleared while it runs. Without faults
// it is transparent: it passes on bytes, half-closed connections and resets. Its methods may be called from any
// goroutine, but for Clear.
type Proxy struct {
	t        TB
	res      *reservation
	upstream string
	source   string // local address towards upstream, "" for the system's choice
	wg       sync.WaitGroup

	mu     sync.Mutex
	ln     net.Listener // nil while new connections are refused
	faults faults
	links  map[*link]struct{}
	closed bool

	accepted, fromClients, fromServer atomic.Int64
}

// faults is what the proxy does wrong. The zero value is nothing.
type faults struct {
	oneWay        time.Duration
	breakAfter    int64
	breaks        breakage
	blackhole     bool
	closeOnAccept bool
}

// breakage is how a connection ends when its allowance of bytes is used up.
type breakage int

const (
	never breakage = iota
	byReset
	byFin
)

// StartProxy starts a proxy in front of upstream (host:port).
func StartProxy(t TB, upstream string) *Proxy {
	t.Helper()
	return startProxy(t, upstream, "")
}

func startProxy(t TB, upstream, source string) *Proxy {
	t.Helper()
	res, err := reserve(false)
	if err != nil {
		t.Fatalf("redistest: start proxy: %v", err)
	}
	p := &Proxy{t: t, res: res, upstream: upstream, source: source, links: map[*link]struct{}{}}
	t.Cleanup(p.close)
	if err := p.listen(); err != nil {
		t.Fatalf("redistest: start proxy: %v", err)
	}
	return p
}

// Addr is host:port of the proxy.
func (p *Proxy) Addr() string { return addrOf(p.res.port) }

// URLOf is the URL that reaches a server through the proxy.
func (p *Proxy) URLOf(s *Server) string {
	if admin := s.set.admin; admin.password != "" {
		return s.URLOf(admin.name, admin.password, p.Addr())
	}
	return s.URLOf("", "", p.Addr())
}

// SetDelay makes every round trip d longer, half in each direction. It is latency, not bandwidth: bytes sent one after
// the other all arrive d/2 later, however many they are.
func (p *Proxy) SetDelay(d time.Duration) { p.set(func(f *faults) { f.oneWay = d / 2 }) }

// ResetAfter lets n more bytes from the server through on each connection, open or new, and then resets it (RST). With
// 0 open connections end now and new ones at once.
func (p *Proxy) ResetAfter(n int) { p.breakAfter(n, byReset) }

// CutAfter is ResetAfter with an orderly end (FIN): the client reads an end of file.
func (p *Proxy) CutAfter(n int) { p.breakAfter(n, byFin) }

// Blackhole accepts connections and swallows everything, in both directions, on open connections too. A connection that
// lost bytes stays dead after Clear, as one does whose packets were dropped.
func (p *Proxy) Blackhole() { p.set(func(f *faults) { f.blackhole = true }) }

// CloseOnAccept closes new connections at once. Open ones go on.
func (p *Proxy) CloseOnAccept() { p.set(func(f *faults) { f.closeOnAccept = true }) }

// RefuseNew refuses new connections: nothing listens any more. Open ones go on.
func (p *Proxy) RefuseNew() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ln != nil {
		_ = p.ln.Close() // the error would be that it is closed
		p.ln = nil
	}
}

// Clear takes back all faults.
func (p *Proxy) Clear() {
	p.t.Helper()
	p.mu.Lock()
	p.faults = faults{}
	for l := range p.links {
		l.allowance, l.breaks = 0, never
	}
	refusing := p.ln == nil
	p.mu.Unlock()
	if !refusing {
		return
	}
	if err := poll(bootWait, "proxy to listen again", p.listen); err != nil {
		p.t.Fatalf("redistest: %v", err)
	}
}

// ProxyStats counts since the start.
type ProxyStats struct {
	Accepted    int64 // connections
	Open        int   // connections that are open now
	FromClients int64 // bytes passed on to the server
	FromServer  int64 // bytes passed on to clients
}

// Stats is the counters now.
func (p *Proxy) Stats() ProxyStats {
	p.mu.Lock()
	defer p.mu.Unlock()
	return ProxyStats{
		Accepted:    p.accepted.Load(),
		Open:        len(p.links),
		FromClients: p.fromClients.Load(),
		FromServer:  p.fromServer.Load(),
	}
}

func (p *Proxy) set(change func(*faults)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change(&p.faults)
}

func (p *Proxy) breakAfter(n int, how breakage) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults.breakAfter, p.faults.breaks = int64(n), how
	for l := range p.links {
		l.allowance, l.breaks = int64(n), how
		if n == 0 {
			l.end(how)
		}
	}
}

func (p *Proxy) oneWay() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.faults.oneWay
}

// listen starts to accept, on the same port every time.
func (p *Proxy) listen() error {
	ln, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.ParseIP(loopback), Port: p.res.port})
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ln = ln
	p.wg.Go(func() {
		for {
			conn, err := ln.AcceptTCP()
			if err != nil {
				return // closed
			}
			p.accepted.Add(1)
			p.wg.Go(func() { p.serve(conn) })
		}
	})
	return nil
}

// serve connects a client to upstream, unless a fault says otherwise, and returns when the connection is over.
func (p *Proxy) serve(conn *net.TCPConn) {
	l := &link{proxy: p, client: conn, over: make(chan struct{})}
	if !p.admit(l) {
		return
	}
	defer p.forget(l)
	if l.isDead() {
		l.drain()
		return
	}
	server, err := p.connect()
	if err != nil {
		p.finish(l, byReset) // as a port forwarder does that finds nobody behind it
		return
	}
	if l.attach(server) {
		l.run()
	}
}

// connect opens the other half of a connection.
func (p *Proxy) connect() (*net.TCPConn, error) {
	dialer := net.Dialer{Timeout: replyWait}
	if p.source != "" {
		dialer.LocalAddr = &net.TCPAddr{IP: net.ParseIP(p.source)}
	}
	conn, err := dialer.DialContext(context.Background(), "tcp", p.upstream)
	if err != nil {
		return nil, err
	}
	return conn.(*net.TCPConn), nil
}

// admit applies the faults that concern a new connection.
func (p *Proxy) admit(l *link) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	f := p.faults
	switch {
	case p.closed || f.closeOnAccept:
		l.close()
		return false
	case f.breaks != never && f.breakAfter == 0:
		l.end(f.breaks)
		l.close()
		return false
	}
	l.allowance, l.breaks, l.dead = f.breakAfter, f.breaks, f.blackhole
	p.links[l] = struct{}{}
	return true
}

// finish ends a connection.
func (p *Proxy) finish(l *link, how breakage) {
	p.mu.Lock()
	defer p.mu.Unlock()
	l.end(how)
}

func (p *Proxy) forget(l *link) {
	p.mu.Lock()
	defer p.mu.Unlock()
	l.close()
	delete(p.links, l)
}

func (p *Proxy) close() {
	p.RefuseNew()
	p.mu.Lock()
	p.closed = true
	for l := range p.links {
		l.close()
	}
	p.mu.Unlock()
	p.wg.Wait()
	if err := p.res.release(); err != nil {
		p.t.Logf("redistest: release port: %v", err)
	}
}

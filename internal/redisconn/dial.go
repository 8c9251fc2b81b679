package redisconn

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"os"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
)

// Timing is how long each rung of one connection took; zero for a rung that was not needed.
type Timing struct {
	DNS, TCP, TLS, Login, Ping time.Duration
	Hello, Auth, Select        time.Duration // parts of Login: zero for what was not sent; HELLO mostly carries the password
}

// dialer makes connections the way the target asks for, one step at a time, each with its own deadline.
type dialer struct {
	target  config.Target
	tls     *tls.Config // nil means plain text
	timeout time.Duration
	trace   func(Event)
	mu      sync.Mutex // addresses are tried side by side
	noHello bool       // the server hangs up on HELLO: see hello.go
}

// dial connects to host:port, or to a socket path for unix, and says what the way there looked like.
func (d *dialer) dial(ctx context.Context, network, addr string) (*conn, Way, error) {
	w := Way{Addr: addr}
	if network == config.NetworkUnix {
		start := time.Now()
		nc, err := d.connect(ctx, "unix", addr, addr)
		w.Tries = []Try{{Address: addr, Duration: time.Since(start), Err: err}}
		if err != nil {
			return nil, w, &Error{ID: "tcp-unix-socket", Step: StepTCP, Addr: addr, Err: err, Evidence: socketEvidence(addr, err)}
		}
		w.Peer = addr
		return &conn{Conn: nc, redact: d.target.Redact}, w, nil
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, w, &Error{ID: "dns-not-found", Step: StepDNS, Addr: addr, Err: err}
	}
	w.Addresses, w.Timing.DNS, err = d.resolve(ctx, host, addr)
	if err != nil {
		return nil, w, err
	}
	var nc net.Conn
	nc, w.Tries, w.Timing.TCP, err = d.connectAny(ctx, w.Addresses, port, addr)
	if err != nil {
		return nil, w, err
	}
	w.Peer = nc.RemoteAddr().String()
	if d.tls == nil {
		return d.conn(nc), w, nil
	}
	nc, w.TLS, w.Timing.TLS, err = d.handshake(ctx, nc, host, addr)
	if err != nil {
		return nil, w, err
	}
	return d.conn(nc), w, nil
}

// conn is the connection as the driver gets it.
func (d *dialer) conn(nc net.Conn) *conn {
	if d.noHello {
		nc = &withoutHello{Conn: nc}
	}
	return &conn{Conn: nc, redact: d.target.Redact}
}

// resolve turns a host into addresses; a literal address costs nothing and is not traced.
func (d *dialer) resolve(ctx context.Context, host, addr string) ([]string, time.Duration, error) {
	if net.ParseIP(host) != nil || hasZone(host) {
		return []string{host}, 0, nil
	}
	ctx, cancel := context.WithTimeout(ctx, d.timeout)
	defer cancel()
	start := time.Now()
	ips, err := net.DefaultResolver.LookupHost(ctx, host)
	took := time.Since(start)
	d.event("dns", host, took, err)
	if err == nil {
		return ips, took, nil
	}
	if cancelled(ctx, err) {
		return nil, took, context.Cause(ctx)
	}
	id := "dns-resolver-down"
	var dns *net.DNSError
	if errors.As(err, &dns) && dns.IsNotFound {
		id = "dns-not-found"
	}
	return nil, took, &Error{ID: id, Step: StepDNS, Addr: addr, Err: err}
}

func hasZone(host string) bool {
	for i := range len(host) {
		if host[i] == '%' {
			return net.ParseIP(host[:i]) != nil
		}
	}
	return false
}

// headStart is what an address gets before the next one is tried beside it, as in RFC 8305: an IPv6 route that swallows
// packets must not cost the whole time-out when IPv4 works.
const headStart = 250 * time.Millisecond

// connectAny tries the addresses in the resolver's order, each with a head start, and keeps the first that answers. All of
// it takes one time-out at most. The error is the one that says most: a time-out («firewall») before a refusal.
func (d *dialer) connectAny(ctx context.Context, ips []string, port, addr string) (net.Conn, []Try, time.Duration, error) {
	start := time.Now()
	step, cancel := context.WithTimeout(ctx, d.timeout)
	defer cancel()
	type result struct {
		Try
		nc net.Conn
	}
	var tries []Try
	results := make(chan result, len(ips))
	next, pending := 0, 0
	try := func() {
		ip := ips[next]
		next++
		pending++
		go func() {
			began := time.Now()
			nc, err := d.connect(step, "tcp", net.JoinHostPort(ip, port), addr)
			results <- result{Try{ip, time.Since(began), err}, nc}
		}()
	}
	// Those that answer after the first are hung up on.
	defer func() {
		go func(n int) {
			for range n {
				if late := <-results; late.nc != nil {
					_ = late.nc.Close() // nobody uses it
				}
			}
		}(pending)
	}()
	var worst *Error
	timer := time.NewTimer(headStart)
	defer timer.Stop()
	for try(); pending > 0; {
		select {
		case <-timer.C:
			if next < len(ips) {
				try()
				timer.Reset(headStart)
			}
		case r := <-results:
			pending--
			tries = append(tries, r.Try)
			if r.Err == nil {
				return r.nc, tries, time.Since(start), nil
			}
			if cancelled(ctx, r.Err) {
				return nil, tries, time.Since(start), context.Cause(ctx)
			}
			worst = worse(worst, &Error{
				ID: ConnectID(r.Err), Step: StepTCP, Addr: addr, Err: r.Err, Evidence: []finding.Evidence{evidence("tried", r.Address)},
			})
			if next < len(ips) {
				try()
				timer.Reset(headStart)
			}
		}
	}
	return nil, tries, time.Since(start), worst
}

// worse is the failure of the two that tells the operator more.
func worse(a, b *Error) *Error {
	rank := map[string]int{"tcp-timeout": 3, "tcp-refused": 2, "tcp-closed": 2, "tcp-unreachable": 1}
	if a == nil || rank[b.ID] > rank[a.ID] {
		return b
	}
	return a
}

func (d *dialer) connect(ctx context.Context, network, where, shown string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, d.timeout)
	defer cancel()
	start := time.Now()
	nc, err := (&net.Dialer{}).DialContext(ctx, network, where)
	detail := where
	if where != shown {
		detail = shown + " (" + where + ")"
	}
	d.event("tcp", detail, time.Since(start), err)
	return nc, err
}

// ConnectID names a failed connect.
func ConnectID(err error) string {
	var timeout interface{ Timeout() bool }
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return "tcp-refused"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "tcp-timeout"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EACCES),
		errors.Is(err, syscall.EPERM), errors.Is(err, syscall.EADDRNOTAVAIL):
		return "tcp-unreachable"
	case errors.Is(err, syscall.ECONNRESET):
		return "tcp-closed"
	default:
		return "tcp-unreachable"
	}
}

func (d *dialer) event(kind, detail string, took time.Duration, err error) {
	if d.trace == nil {
		return
	}
	e := Event{Kind: kind, Detail: detail, Duration: took}
	if err != nil {
		e.Err = ErrorText(d.target.Redact, err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.trace(e)
}

// cancelled tells an operator's Ctrl-C from a step that ran out of its own time.
func cancelled(ctx context.Context, err error) bool {
	cause := context.Cause(ctx)
	return err != nil && cause != nil && !errors.Is(cause, context.DeadlineExceeded)
}

func socketEvidence(path string, err error) []finding.Evidence {
	reason := "unreachable"
	info, serr := os.Stat(path)
	switch {
	case serr == nil && info.Mode()&os.ModeSocket == 0:
		reason = "no-socket"
	case errors.Is(err, os.ErrNotExist):
		reason = "missing"
	case errors.Is(err, os.ErrPermission):
		reason = "permission"
	case errors.Is(err, syscall.ECONNREFUSED):
		reason = "refused" // the file is there, nobody listens: the server died without removing it
	}
	return []finding.Evidence{evidence("reason", reason)}
}

// portOf is the port as text; 0 never occurs in a read URL.
func portOf(e config.Endpoint) string { return strconv.Itoa(e.Port) }

package probe

import (
	"context"
	"net"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/probe/trace"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
)

// maxAddresses is how many addresses of one name are connected to.
const maxAddresses = 8

// survey asks for A and AAAA apart, beside the connection that takes what comes first, and connects to the addresses that the
// connection left out: an address that only one family has, or that is dead, explains what «it works here» hides. The zero
// survey, of a unix socket, does nothing.
type survey struct {
	c          *climb
	host, port string
	limit      time.Duration
	cancel     context.CancelFunc
	asked      sync.WaitGroup
	lookups    []trace.Lookup
	dials      []trace.Dial
}

// startSurvey sends the questions to the resolver; a literal address needs none.
func startSurvey(ctx context.Context, c *climb, addr string, limit time.Duration) *survey {
	s := &survey{c: c, limit: limit, cancel: func() {}}
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return s
	}
	s.host, s.port = host, port
	if trace.IsAddress(host) {
		return s
	}
	ctx, s.cancel = context.WithTimeout(ctx, limit)
	s.lookups = make([]trace.Lookup, 2)
	for i, family := range []string{"ip4", "ip6"} {
		s.asked.Go(func() { s.lookups[i] = c.lookUp(ctx, family, host) })
	}
	return s
}

func (c *climb) lookUp(ctx context.Context, family, host string) trace.Lookup {
	start := time.Now()
	ips, err := net.DefaultResolver.LookupNetIP(ctx, family, host)
	l := trace.Lookup{Family: family, Duration: time.Since(start), Words: c.words(err)}
	l.Problem, l.Server = lookupProblem(err, ctx.Err() != nil)
	for _, ip := range ips {
		l.Addresses = append(l.Addresses, ip.Unmap().String())
	}
	return l
}

// resolver asks for what every resolver knows, whatever became of the target: the name servers of the root.
func (c *climb) resolver(ctx context.Context) *trace.Lookup {
	ctx, cancel := context.WithTimeout(ctx, c.look)
	defer cancel()
	start := time.Now()
	servers, err := net.DefaultResolver.LookupNS(ctx, ".")
	c.event("dns", "NS .", start, err)
	l := &trace.Lookup{Family: "ns", Duration: time.Since(start), Words: c.words(err)}
	l.Problem, l.Server = lookupProblem(err, ctx.Err() != nil)
	for _, s := range servers[:min(len(servers), maxAddresses)] {
		l.Addresses = append(l.Addresses, c.said(s.Host))
	}
	return l
}

// finish gives the lookups so long, and then the addresses that way did not settle. way may be nil.
func (s *survey) finish(ctx context.Context, way *redisconn.Way, wait time.Duration) {
	wait = min(wait, s.limit)
	late := time.AfterFunc(wait, s.cancel)
	s.asked.Wait()
	late.Stop()
	if s.host == "" {
		return
	}
	var tries []redisconn.Try
	if way != nil {
		tries = way.Tries
	}
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	addresses := s.addresses(way)
	s.dials = make([]trace.Dial, len(addresses))
	var dialled sync.WaitGroup
	for i, address := range addresses {
		s.dials[i].Address = address
		if at := slices.IndexFunc(tries, func(t redisconn.Try) bool { return t.Address == address }); at >= 0 {
			s.settle(i, tries[at].Duration, tries[at].Err)
			continue
		}
		dialled.Go(func() {
			start := time.Now()
			nc, err := (&net.Dialer{}).DialContext(ctx, "tcp", net.JoinHostPort(address, s.port))
			s.settle(i, time.Since(start), err)
			if err == nil {
				_ = nc.Close() // that it answers is all we want to know
			}
		})
	}
	dialled.Wait()
}

func (s *survey) settle(i int, took time.Duration, err error) {
	s.dials[i].Duration, s.dials[i].Problem, s.dials[i].Words = took, connectProblem(err), s.c.words(err)
}

// addresses are those that the connection found, in its order, and those that only the lookups did.
func (s *survey) addresses(way *redisconn.Way) []string {
	var all []string
	if trace.IsAddress(s.host) {
		all = []string{s.host}
	}
	if way != nil {
		all = append(all, way.Addresses...)
	}
	for _, l := range s.lookups {
		all = append(all, l.Addresses...)
	}
	var once []string
	for _, a := range all {
		if !slices.Contains(once, a) && len(once) < maxAddresses {
			once = append(once, a)
		}
	}
	return once
}

// end gives up what is under way.
func (s *survey) end() {
	s.cancel()
	s.asked.Wait()
}

// keep puts what was seen into the trace.
func (s *survey) keep(t *trace.Trace) {
	s.end()
	t.Host, t.Lookups, t.Dials = s.host, s.lookups, s.dials
	if port, err := strconv.Atoi(s.port); err == nil {
		t.Port = port
	}
}

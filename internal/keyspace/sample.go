package keyspace

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/olympiades-ia/olymp-cache/internal/keyspace/profile"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
)

// SampleOptions are how a keyspace is sampled.
type SampleOptions struct {
	ProfileOptions
	Keys      int64   // keys looked at; 0 means DefaultSample, and more where that is too few for Precision
	Precision float64 // the half width of the interval of all bytes that is wanted, as a share; 0 means what Keys gives
}

const (
	// DefaultSample is how many keys a sample looks at: ±1.5 % where sizes differ as those of most caches do.
	DefaultSample = 10_000
	// mostSample is how far a sample grows for precision's sake.
	mostSample = 500_000
	// samplePage is how many keys the server gives for one random place.
	samplePage = 10
	// sampledKeyCost is how many commands of a budget a key costs: three questions, its part of a page, and pages that give more keys
	// than were asked for.
	sampledKeyCost = 4
	// roundPages is how many places are asked for at once: 1 ms of the server's time.
	roundPages = 100
)

// Sampled looks at random places of every primary and estimates the whole. SCAN with a random cursor starts at a random place of the
// server's table of keys (Redis 2.8 to 8, Valkey, KeyDB: dictScan). Where cursors are something else, keys are drawn one by
// one with RANDOMKEY.
func Sampled(ctx context.Context, conn *redisconn.Conn, o SampleOptions) (*Result, error) {
	addrs, err := conn.Primaries(ctx)
	if err != nil {
		return nil, conn.Named(err)
	}
	s := &sampleRun{conn: conn, o: o, limits: &limits{pace: o.Pace, start: time.Now()}, nodes: make([]*sampledNode, len(addrs))}
	defer s.close()
	var g errgroup.Group // without a context of its own: the connections outlive it
	for i, addr := range addrs {
		g.Go(func() (err error) {
			s.nodes[i], err = s.open(ctx, addr)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	err = s.draw(ctx)
	p, used := profile.NewSample(o.Options), 0.0
	for _, n := range s.nodes {
		s.result.Total += n.keys
		used += n.told.used
		h := p.Stratum(n.keys, n.told.stale)
		for _, pg := range n.pages {
			p.Page(h, pg.met, pg.records)
		}
		s.result.Hidden += n.answers.hidden
		s.result.Random = s.result.Random || n.random
		s.result.Estimated = s.result.Estimated || n.read.asked.lengths
		if len(s.result.Refused) == 0 {
			s.result.Refused = n.read.refused
		}
	}
	s.result.Profile = p.Profile(used)
	switch {
	case errors.Is(err, errBudget), errors.Is(err, errDeadline):
		s.result.Partial, err = stopOf(err), nil
	case ctx.Err() != nil:
		s.result.Partial, err = StopInterrupted, context.Cause(ctx)
	}
	return &s.result, err
}

type sampleRun struct {
	conn   *redisconn.Conn
	o      SampleOptions
	limits *limits
	nodes  []*sampledNode
	result Result
}

// sampledNode is one server and what was drawn from it.
type sampledNode struct {
	pipe    *redisconn.Pipe
	keys    int64 // that it holds
	told    told
	random  bool    // RANDOMKEY
	settled bool    // which questions it answers is known
	read    reading // asks about the keys of a page
	answers *answers
	pages   []drawn
}

// drawn is one random place.
type drawn struct {
	met     int // keys, those that are not meant included
	records []profile.Record
}

func (s *sampleRun) close() {
	for _, n := range s.nodes {
		if n != nil {
			n.pipe.Close()
		}
	}
}

func (s *sampleRun) open(ctx context.Context, addr string) (*sampledNode, error) {
	pipe, err := s.conn.Pipe(ctx, addr)
	if err != nil {
		return nil, err
	}
	n := &sampledNode{pipe: pipe, random: s.slotted()}
	if n.keys, err = dbSize(ctx, pipe); err != nil {
		pipe.Close()
		return nil, err
	}
	n.told, err = hear(ctx, pipe, s.conn.Target().DB, n.keys)
	n.read = reading{
		facts: pipe, limits: s.limits, filter: s.o.Filter, asked: questions{kind: true, size: true, ttl: true},
	}
	return n, err
}

// slotted tells a cluster whose servers have a table for each slot: a random cursor is then a random slot, and not a random key
// (Redis 7.4 and Valkey 8.0: kvstore.c).
func (s *sampleRun) slotted() bool {
	server := s.conn.Server()
	if server.Mode != redisconn.ModeCluster {
		return false
	}
	major, minor := version(server.Version)
	return major > 7 || major == 7 && minor >= 3
}

func version(s string) (major, minor int) {
	a, rest, _ := strings.Cut(s, ".")
	b, _, _ := strings.Cut(rest, ".")
	major, _ = strconv.Atoi(a) // 0 for none: the oldest there is
	minor, _ = strconv.Atoi(b) // as above
	return major, minor
}

// draw draws until the sample is large enough.
func (s *sampleRun) draw(ctx context.Context) error {
	wanted := s.o.Keys
	if wanted == 0 {
		wanted = DefaultSample
	}
	if b := s.o.Pace.Budget; b > 0 {
		wanted = min(wanted, max(b/sampledKeyCost, 1))
	}
	var total int64
	for _, n := range s.nodes {
		total += n.keys
	}
	if s.o.Progress != nil {
		s.o.Progress.Total.Store(wanted)
	}
	for {
		g, inner := errgroup.WithContext(ctx)
		for _, n := range s.nodes {
			if n.keys == 0 {
				continue
			}
			share := float64(n.keys) / float64(total)
			g.Go(func() error { return s.drawFrom(inner, n, max(int64(share*float64(wanted)), samplePage)) })
		}
		if err := g.Wait(); err != nil {
			return err
		}
		if s.o.Precision <= 0 || wanted >= mostSample || s.precise() {
			return nil
		}
		wanted *= 2
		if s.o.Progress != nil {
			s.o.Progress.Total.Store(wanted)
		}
	}
}

// precise tells whether the interval of all bytes is as narrow as was asked for.
func (s *sampleRun) precise() bool {
	p := profile.NewSample(profile.Options{Naming: profile.Naming{Depth: 1}})
	for _, n := range s.nodes {
		h := p.Stratum(n.keys, n.told.stale)
		for _, pg := range n.pages {
			p.Page(h, pg.met, pg.records)
		}
	}
	b := p.Profile(0).Total.Bytes
	return b.Value > 0 && (b.High-b.Low)/2 <= s.o.Precision*b.Value
}

// drawFrom draws from one server until so many keys were met, in rounds: the places of the next round are asked for together with
// the keys of the last.
func (s *sampleRun) drawFrom(ctx context.Context, n *sampledNode, wanted int64) error {
	defer context.AfterFunc(ctx, n.pipe.Abort)()
	var met int64
	for _, p := range n.pages {
		met += int64(p.met)
	}
	empty := 0
	var last []place
	for met < wanted || len(last) > 0 {
		pages := 0
		if met < wanted && empty < mostEmpty {
			pages = s.pagesOfRound(wanted-met, n)
		}
		if pages == 0 && len(last) == 0 {
			return nil
		}
		next, err := s.round(ctx, n, pages, last)
		if err != nil {
			return err
		}
		found := 0
		for _, p := range next {
			found += p.met
		}
		met += int64(found)
		if s.o.Progress != nil {
			s.o.Progress.Keys.Add(int64(found))
		}
		if found == 0 {
			empty++
		}
		if !n.random && pages > 0 && len(n.pages) == 0 && len(last) == 0 && opaque(next, n.keys) {
			n.random, next, met = true, nil, 0
		}
		last = next
	}
	return nil
}

// mostEmpty is how many rounds may meet nothing before the server is believed to hold nothing more.
const mostEmpty = 20

// pagesOfRound is how many places the next round asks for.
func (s *sampleRun) pagesOfRound(left int64, n *sampledNode) int {
	each := int64(samplePage)
	if n.random {
		each = 1
	}
	return int(min((left+each-1)/each, roundPages*samplePage/each))
}

package keyspace

import (
	"context"
	"errors"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/keyspace/profile"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
)

// ListOptions are which keys are listed.
type ListOptions struct {
	Filter   Filter
	NoTTL    bool  // only keys that never expire
	MinBytes int64 // only keys of at least so many bytes
	Facts    bool  // type, time to live and size are wanted; without, only what the filters need is asked
	Sizes    bool  // sizes are wanted
	TTLs     bool  // times to live are wanted
	Few      int64 // how many keys will do, where that is known: pages are no larger; 0 where all are wanted
	Pace     Pace
	Progress *Progress // may be nil
	// Paged, if not nil, is called after the visits to the keys of one page, also where there were none. Its errors end the list as
	// those of a visit do.
	Paged func() error
}

// filtered tells whether not every key is wanted.
func (o *ListOptions) filtered() bool { return o.Filter != Filter{} || o.NoTTL || o.MinBytes > 0 }

// Listing is how a list came about.
type Listing struct {
	Total     int64     // keys of the database, as DBSIZE said before
	Partial   string    // StopBudget or StopDeadline; "" where all was read, or enough
	Refused   []Refusal // questions that the server does not answer
	Hidden    int64     // keys that the user may not read
	Estimated bool      // sizes are estimated from lengths
}

// ErrEnough ends a list where no more is wanted.
var ErrEnough = errors.New("enough")

// List visits keys in the order in which the servers give them, while they are read; each once. A visit that returns ErrEnough
// ends the list, any other error fails it. A record's name is valid during the visit.
func List(ctx context.Context, conn *redisconn.Conn, o ListOptions, visit func(profile.Record) error) (*Listing, error) {
	addrs, err := conn.Primaries(ctx)
	if err != nil {
		return nil, conn.Named(err)
	}
	l := &lister{conn: conn, o: o, visit: visit, limits: &limits{pace: o.Pace, start: time.Now()}}
	sizes := make([]int64, len(addrs))
	for i, addr := range addrs {
		if sizes[i], err = l.size(ctx, addr); err != nil {
			return &l.listing, err
		}
		l.listing.Total += sizes[i]
	}
	if o.Progress != nil {
		o.Progress.Total.Store(l.listing.Total)
	}
	for _, addr := range addrs {
		err := l.server(ctx, addr, len(addrs))
		switch stopped, failed := bound(err); {
		case errors.Is(err, ErrEnough):
			return &l.listing, nil
		case ctx.Err() != nil:
			return &l.listing, context.Cause(ctx)
		case failed != nil:
			return &l.listing, failed
		case stopped != nil:
			l.listing.Partial = stopOf(stopped)
			return &l.listing, nil
		}
	}
	return &l.listing, nil
}

type lister struct {
	conn    *redisconn.Conn
	o       ListOptions
	visit   func(profile.Record) error
	limits  *limits
	listing Listing
}

func (l *lister) size(ctx context.Context, addr string) (int64, error) {
	p, err := l.conn.Pipe(ctx, addr)
	if err != nil {
		return 0, err
	}
	defer p.Close()
	return dbSize(ctx, p)
}

// server lists one of n servers.
func (l *lister) server(ctx context.Context, addr string, n int) error {
	pipes, err := openPipes(ctx, l.conn, addr, 2)
	if err != nil {
		return err
	}
	defer closePipes(pipes)
	count := pageFor(l.conn.Timing().Ping, l.o.Pace)
	if l.o.Few > 0 {
		count = int(max(1, min(int64(count), l.o.Few)))
	}
	sizes := l.o.Facts || l.o.Sizes || l.o.MinBytes > 0
	r := &reading{
		names: pipes[0], facts: pipes[1], limits: l.limits, filter: l.o.Filter,
		walker: walker{pipe: pipes[0], filter: l.o.Filter, count: count, recent: newRecent(recentKeys / n)},
		// Where sizes are not to be had, they are estimated by type.
		asked: questions{kind: sizes, size: sizes, ttl: l.o.Facts || l.o.TTLs || l.o.NoTTL},
	}
	r.add = func(p *page) error {
		if err := l.unfiltered(addr, r); err != nil {
			return err
		}
		return l.add(p)
	}
	err = r.run(ctx, startCursor)
	l.listing.Hidden += r.hidden
	l.listing.Estimated = l.listing.Estimated || r.asked.lengths
	if len(l.listing.Refused) == 0 {
		l.listing.Refused = r.refused
	}
	return err
}

// unfiltered is an error where the server refuses what a filter or an order depends on: a list without any key, or in any order, would
// look like an answer.
func (l *lister) unfiltered(addr string, r *reading) error {
	for _, no := range r.refused {
		ttl, size := l.o.NoTTL || l.o.TTLs, l.o.MinBytes > 0 || l.o.Sizes
		if ttl && no.Command == "PTTL" || size && no.Command == "MEMORY USAGE" && !r.asked.lengths {
			return &redisconn.Error{ID: no.ID, Step: redisconn.StepCommand, Addr: addr, Reply: no.Reply}
		}
	}
	return nil
}

// add visits the keys of a page that are wanted. What could not be asked does not pass a filter on it.
func (l *lister) add(p *page) error {
	if l.o.Progress != nil {
		l.o.Progress.Keys.Add(int64(p.Len()))
	}
	for _, rec := range p.records {
		if l.o.NoTTL && rec.TTL != profile.NoExpiry || rec.Bytes < l.o.MinBytes && l.o.MinBytes > 0 {
			continue
		}
		if err := l.visit(rec); err != nil {
			return err
		}
	}
	if l.o.Paged != nil {
		return l.o.Paged()
	}
	return nil
}

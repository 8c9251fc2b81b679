package keyspace

import (
	"bytes"
	"cmp"
	"container/heap"
	"context"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/keyspace/profile"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
	"github.com/olympiades-ia/olymp-cache/internal/sorting"
)

// Order is in which order keys are picked.
type Order string

// The orders.
const (
	AsRead    Order = ""     // as the server gives them: the first are there at once
	ByName    Order = "key"  // by their bytes
	BySoonest Order = "ttl"  // what expires first, first; what never does, last
	ByLargest Order = "size" // the largest first
)

// Orders are those that have a name.
func Orders() []Order { return []Order{ByName, BySoonest, ByLargest} }

// PickOptions are which keys are picked, how many and in which order.
type PickOptions struct {
	ListOptions
	Order   Order
	Limit   int64         // keys at most; 0 for all. With an order, and without a limit, all names are held in memory
	CountOn time.Duration // how long those beyond the limit are counted, where DBSIZE does not tell
}

// Picked is how a pick came about.
type Picked struct {
	Listing
	Shown  int64 // keys that were visited
	Wanted bool  // not every key was wanted: a pattern, a type or another filter was given
	More   int64 // keys beyond the limit
	// AtLeast tells that there may be more than More.
	AtLeast bool
}

// Pick visits the keys that are wanted, Limit at most, and tells how many there are beyond. Without an order they are visited while
// they are read; with one, after all have been read, and no more are held meanwhile than will be visited.
func Pick(ctx context.Context, conn *redisconn.Conn, o PickOptions, visit func(profile.Record) error) (*Picked, error) {
	p := &picking{o: o, visit: visit}
	p.picked.Wanted = o.filtered()
	if o.Order != AsRead {
		return p.sorted(ctx, conn)
	}
	return p.streamed(ctx, conn)
}

type picking struct {
	o      PickOptions
	visit  func(profile.Record) error
	picked Picked
}

// streamed visits keys as they come.
func (p *picking) streamed(ctx context.Context, conn *redisconn.Conn) (*Picked, error) {
	lo := p.o.ListOptions
	if !p.picked.Wanted {
		lo.Few = p.o.Limit
	}
	l, err := List(ctx, conn, lo, p.take)
	if l != nil {
		p.picked.Listing = *l
	}
	switch {
	case err != nil || p.picked.More == 0:
	case !p.picked.Wanted:
		p.picked.More = max(p.picked.More, p.picked.Total-p.picked.Shown)
	default:
		err = p.countOn(ctx, conn)
	}
	return &p.picked, err
}

// take visits a key, or ends the list where enough were visited; what was visited is then a page, if not a whole one.
func (p *picking) take(r profile.Record) error {
	if p.o.Limit == 0 || p.picked.Shown < p.o.Limit {
		p.picked.Shown++
		return p.visit(r)
	}
	p.picked.More = 1
	if p.o.Paged != nil {
		if err := p.o.Paged(); err != nil {
			return err
		}
	}
	return ErrEnough
}

// countOn counts all keys that are wanted, from the start but asking only what the filters need: several times as fast as going on as
// before.
func (p *picking) countOn(ctx context.Context, conn *redisconn.Conn) error {
	p.picked.AtLeast = true
	if p.o.CountOn == 0 {
		return nil
	}
	lo := p.o.ListOptions
	lo.Facts, lo.Sizes, lo.TTLs, lo.Paged, lo.Progress = false, false, false, nil, nil
	lo.Pace.Deadline = p.o.CountOn
	var n int64
	l, err := List(ctx, conn, lo, func(profile.Record) error {
		n++
		return nil
	})
	if err != nil {
		return err
	}
	p.picked.More, p.picked.AtLeast = max(p.picked.More, n-p.picked.Shown), l.Partial != ""
	return nil
}

// sorted reads all keys, holds the best of them, and visits those.
func (p *picking) sorted(ctx context.Context, conn *redisconn.Conn) (*Picked, error) {
	lo := p.o.ListOptions
	lo.Paged = nil
	lo.Sizes, lo.TTLs = lo.Sizes || p.o.Order == ByLargest, lo.TTLs || p.o.Order == BySoonest
	best := &best{order: p.o.Order, most: p.o.Limit}
	l, err := List(ctx, conn, lo, func(r profile.Record) error {
		best.offer(r)
		return nil
	})
	if l != nil {
		p.picked.Listing = *l
	}
	if err != nil {
		return &p.picked, err
	}
	for _, r := range best.inOrder() {
		if err := p.visit(r); err != nil {
			return &p.picked, err
		}
		p.picked.Shown++
	}
	p.picked.More = best.offered - p.picked.Shown
	if p.o.Paged != nil {
		return &p.picked, p.o.Paged()
	}
	return &p.picked, nil
}

// best holds the first keys of an order: a heap whose root is the last of them, which gives way to a better one.
type best struct {
	order   Order
	most    int64 // 0 for all
	held    []profile.Record
	offered int64
}

func (b *best) Len() int           { return len(b.held) }
func (b *best) Less(i, j int) bool { return b.compare(b.held[i], b.held[j]) > 0 }
func (b *best) Swap(i, j int)      { b.held[i], b.held[j] = b.held[j], b.held[i] }

// Push is heap's.
func (b *best) Push(x any) { b.held = append(b.held, x.(profile.Record)) }

// Pop is heap's; nothing is taken out one by one here.
func (b *best) Pop() any {
	last := b.held[len(b.held)-1]
	b.held = b.held[:len(b.held)-1]
	return last
}

// offer takes a key if it is one of the best so far.
func (b *best) offer(r profile.Record) {
	b.offered++
	switch {
	case b.most == 0:
		b.held = append(b.held, owned(r))
	case int64(len(b.held)) < b.most:
		heap.Push(b, owned(r))
	case b.compare(r, b.held[0]) < 0:
		b.held[0] = owned(r)
		heap.Fix(b, 0)
	}
}

// owned is a record whose name stays.
func owned(r profile.Record) profile.Record {
	r.Name = bytes.Clone(r.Name)
	return r
}

func (b *best) inOrder() []profile.Record {
	sorting.By(b.held, b.compare)
	return b.held
}

// compare is negative where x stands before y; what is not known stands last.
func (b *best) compare(x, y profile.Record) int {
	var order int
	switch b.order {
	case ByLargest:
		order = cmp.Compare(y.Bytes, x.Bytes)
	case BySoonest:
		order = cmp.Or(cmp.Compare(expiryClass(x.TTL), expiryClass(y.TTL)), cmp.Compare(x.TTL, y.TTL))
	case ByName, AsRead:
	}
	return cmp.Or(order, bytes.Compare(x.Name, y.Name))
}

// expiryClass puts what expires before what never does, and that before what is not known.
func expiryClass(ttl int64) int {
	switch {
	case ttl >= 0:
		return 0
	case ttl == profile.NoExpiry:
		return 1
	}
	return 2
}

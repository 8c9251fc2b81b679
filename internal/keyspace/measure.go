package keyspace

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
	"github.com/olympiades-ia/olymp-cache/internal/resp"
)

// Pace bounds what a run costs the server. Its zero value is full speed, which still leaves other clients their turn between
// any two pages.
type Pace struct {
	Gentle   bool          // small pages, one at a time, with rests: for other clients' latency
	MaxRate  int64         // keys a second at most; 0 for no bound
	Budget   int64         // commands at most, over all servers; 0 for no bound
	Deadline time.Duration // how long it may take; 0 for no bound
}

const (
	// gentlePage is how many keys a gentle run asks about at a time: 30 µs of the server's time.
	gentlePage = 20
	// gentleRest is how long it rests after each page, in times of what the page took.
	gentleRest = 2
	// pagesUnderWay is how many pages are asked about before the first is answered.
	pagesUnderWay = 6
)

// Why a run ended before all was read.
const (
	StopBudget   = "budget"
	StopDeadline = "max-time"
)

// What ends a run at one of its bounds.
var (
	errBudget   = errors.New(StopBudget)
	errDeadline = errors.New(StopDeadline)
)

// reading is a run over one server: its names come over one connection while the questions about them go over another, several pages
// ahead of the answers, so that the server never waits for us.
type reading struct {
	names  *redisconn.Pipe
	facts  *redisconn.Pipe
	walker walker
	asked  questions
	filter Filter
	limits *limits
	add    func(*page) error // is given each page with what was answered, one at a time

	refused []Refusal
	hidden  int64 // keys that the user may not read
}

// limits are what bounds a run, shared by all servers.
type limits struct {
	pace  Pace
	start time.Time

	mu   sync.Mutex
	sent int64
	keys int64
}

// spend takes n commands for so many keys from what is left, and waits where it must go slower.
func (l *limits) spend(ctx context.Context, commands, keys int) error {
	l.mu.Lock()
	if l.pace.Budget > 0 && l.sent+int64(commands) > l.pace.Budget {
		l.mu.Unlock()
		return errBudget
	}
	l.sent += int64(commands)
	l.keys += int64(keys)
	var wait time.Duration
	if l.pace.MaxRate > 0 {
		wait = time.Duration(float64(l.keys)/float64(l.pace.MaxRate)*float64(time.Second)) - time.Since(l.start)
	}
	l.mu.Unlock()
	if l.pace.Deadline > 0 && time.Since(l.start)+wait > l.pace.Deadline {
		return errDeadline
	}
	return sleep(ctx, wait)
}

// sleep waits, but not longer than ctx lives.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// run reads from a cursor to the end.
func (r *reading) run(ctx context.Context, cursor string) error {
	first := &page{}
	if err := r.limits.spend(ctx, 1, 0); err != nil {
		return err
	}
	if err := r.walker.next(ctx, cursor, first); err != nil {
		return err
	}
	for first.Len() == 0 && first.next != startCursor {
		if err := r.limits.spend(ctx, 1, 0); err != nil {
			return err
		}
		if err := r.walker.next(ctx, first.next, first); err != nil {
			return err
		}
	}
	if first.Len() == 0 {
		return r.add(first)
	}
	r.asked.kind = r.asked.kind || r.walker.noType // the server cannot tell types apart, so we do
	sizes := r.asked.size
	var err error
	if r.asked, r.refused, err = settleQuestions(ctx, r.facts, r.asked, first.At(0)); err != nil {
		return err
	}
	r.asked.lengths = sizes && !r.asked.size && r.asked.kind
	if r.limits.pace.Gentle || r.asked.lengths || r.limits.pace.Budget > 0 {
		return r.oneByOne(ctx, first)
	}
	return r.ahead(ctx, first)
}

// oneByOne reads a page, asks, waits for the answers, rests, and goes on.
func (r *reading) oneByOne(ctx context.Context, p *page) error {
	a := &answers{kinds: map[string]string{}, asked: r.asked}
	defer func() { r.hidden += a.hidden }()
	for {
		start := time.Now()
		if err := r.limits.spend(ctx, p.Len()*r.perKey(), p.Len()); err != nil {
			return err
		}
		if err := r.write(p); err != nil {
			return r.facts.Named(ctx, err)
		}
		if err := r.read(ctx, a, p); err != nil {
			return err
		}
		if r.asked.lengths {
			if err := r.measure(ctx, p); err != nil {
				return err
			}
		}
		if err := r.add(p); err != nil {
			return err
		}
		if p.next == startCursor {
			return nil
		}
		if r.limits.pace.Gentle {
			if err := sleep(ctx, gentleRest*time.Since(start)); err != nil {
				return err
			}
		}
		if err := r.limits.spend(ctx, 1, 0); err != nil {
			return err
		}
		if err := r.walker.next(ctx, p.next, p); err != nil {
			return err
		}
	}
}

// perKey is how many commands a key costs.
func (r *reading) perKey() int {
	n := r.asked.each()
	if r.asked.lengths {
		n++
	}
	return n
}

// ahead reads names, asks and hears the answers side by side. At a bound, what was asked already is still heard.
func (r *reading) ahead(ctx context.Context, first *page) error {
	g, ctx := errgroup.WithContext(ctx)
	defer context.AfterFunc(ctx, func() {
		r.names.Abort()
		r.facts.Abort()
	})()
	free := make(chan *page, pagesUnderWay+4) // heard and done with
	for range cap(free) {
		free <- &page{}
	}
	named, asked := make(chan *page, 2), make(chan *page, pagesUnderWay)
	var stopped [2]error
	g.Go(func() (err error) {
		defer close(named)
		stopped[0], err = bound(r.readNames(ctx, first, free, named))
		return err
	})
	g.Go(func() (err error) {
		defer close(asked)
		stopped[1], err = bound(r.ask(ctx, named, asked))
		return err
	})
	g.Go(func() error {
		a := &answers{kinds: map[string]string{}, asked: r.asked}
		defer func() { r.hidden += a.hidden }()
		for p := range asked {
			if err := r.read(ctx, a, p); err != nil {
				return err
			}
			if err := r.add(p); err != nil {
				return err
			}
			select {
			case free <- p:
			default: // the first page was made beside them
			}
		}
		return nil
	})
	if err := g.Wait(); err != nil {
		return err
	}
	return errors.Join(stopped[:]...)
}

// bound tells the end at a bound, which lets what is under way finish, from an error, which ends all.
func bound(err error) (stopped, failed error) {
	if errors.Is(err, errBudget) || errors.Is(err, errDeadline) {
		return err, nil
	}
	return nil, err
}

// readNames reads page after page.
func (r *reading) readNames(ctx context.Context, p *page, free <-chan *page, named chan<- *page) error {
	for {
		next := p.next
		if !pass(ctx, named, p) || next == startCursor {
			return nil
		}
		select {
		case p = <-free:
		case <-ctx.Done():
			return nil
		}
		if err := r.limits.spend(ctx, 1, 0); err != nil {
			return err
		}
		if err := r.walker.next(ctx, next, p); err != nil {
			return err
		}
	}
}

// ask sends the questions about page after page. At a bound, the names that were read are let go.
func (r *reading) ask(ctx context.Context, named <-chan *page, asked chan<- *page) error {
	defer func() {
		for range named {
		}
	}()
	for p := range named {
		if err := r.limits.spend(ctx, p.Len()*r.asked.each(), p.Len()); err != nil {
			return err
		}
		if err := r.write(p); err != nil {
			return r.facts.Named(ctx, err)
		}
		if !pass(ctx, asked, p) {
			return nil
		}
	}
	return nil
}

// pass hands a page on, unless the run ends first.
func pass(ctx context.Context, to chan<- *page, p *page) bool {
	select {
	case to <- p:
		return true
	case <-ctx.Done():
		return false
	}
}

// write sends the questions about a page.
func (r *reading) write(p *page) error {
	p.out = p.out[:0]
	for i := range p.Len() {
		p.out = r.asked.write(p.out, p.At(i))
	}
	if len(p.out) == 0 {
		return nil
	}
	return r.facts.Write(p.out)
}

// read hears the answers about a page and keeps those of the keys that are there, and of the type that was asked for.
func (r *reading) read(ctx context.Context, a *answers, p *page) error {
	start := time.Now()
	if err := r.facts.Expect(); err != nil {
		return r.facts.Named(ctx, err)
	}
	p.records = p.records[:0]
	for i := range p.Len() {
		rec, there, err := a.read(r.facts.Replies)
		if err != nil {
			return r.facts.Named(ctx, err)
		}
		if there && (r.filter.Type == "" || rec.Type == r.filter.Type || !r.asked.kind) {
			rec.Name = p.At(i)
			p.records = append(p.records, rec)
		}
	}
	if n := r.asked.each(); n > 0 {
		r.facts.Sent(p.Len()*n, r.asked.what(), time.Since(start))
	}
	return nil
}

// measure estimates sizes from lengths.
func (r *reading) measure(ctx context.Context, p *page) error {
	p.out = p.out[:0]
	asked := 0
	for i := range p.records {
		if command := lengthCommand(p.records[i].Type); command != "" {
			p.out = resp.Head(p.out, 2)
			p.out = resp.Argument(p.out, command)
			p.out = resp.Argument(p.out, p.records[i].Name)
			asked++
		}
	}
	if asked == 0 {
		return nil
	}
	if err := r.facts.Write(p.out); err != nil {
		return r.facts.Named(ctx, err)
	}
	if err := r.facts.Expect(); err != nil {
		return r.facts.Named(ctx, err)
	}
	start := time.Now()
	for i := range p.records {
		rec := &p.records[i]
		if lengthCommand(rec.Type) == "" {
			continue
		}
		n, err := r.facts.Replies.Int()
		var no resp.Error
		if err != nil && !errors.As(err, &no) {
			return r.facts.Named(ctx, err)
		}
		if err == nil {
			rec.Bytes = estimatedBytes(rec.Type, n, len(rec.Name))
		}
	}
	r.facts.Sent(asked, "STRLEN, HLEN, LLEN, SCARD, ZCARD, XLEN", time.Since(start))
	return nil
}

// lengthCommand is the command that gives the length of a value of a type; "" where there is none.
func lengthCommand(kind string) string {
	switch kind {
	case "string":
		return "STRLEN"
	case "hash":
		return "HLEN"
	case "list":
		return "LLEN"
	case "set":
		return "SCARD"
	case "zset":
		return "ZCARD"
	case "stream":
		return "XLEN"
	}
	return ""
}

const (
	// keyOverhead is what a key costs beside its name and value: its place in the table and the object, as MEMORY USAGE has it on 64
	// bits.
	keyOverhead = 56
	// elementBytes is what an element of a collection is taken to hold.
	elementBytes = 64
)

// estimatedBytes is a size where the server tells none: a string's is its length, a collection's a guess from the number of its elements.
func estimatedBytes(kind string, n int64, name int) int64 {
	if kind != "string" {
		n *= elementBytes
	}
	return keyOverhead + int64(name) + n
}

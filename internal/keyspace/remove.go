package keyspace

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
)

// Fate is what became of one key.
type Fate string

// The fates. Only Unknown leaves something open: the command was sent, and the connection broke before its answer came.
const (
	Deleted  Fate = "deleted"
	Expiring Fate = "expiring" // its time to live was shortened
	Missing  Fate = "missing"  // it was gone already
	Kept     Fate = "kept"     // it is there, and was left alone: it expires sooner, has changed, or does not pass a filter
	Failed   Fate = "failed"   // the server refused; the key is as it was
	Unknown  Fate = "unknown"
)

// Fates counts keys by what became of them.
type Fates struct {
	Deleted, Expiring, Missing, Kept, Failed, Unknown int64
}

func (f *Fates) add(fate Fate, n int64) {
	switch fate {
	case Deleted:
		f.Deleted += n
	case Expiring:
		f.Expiring += n
	case Missing:
		f.Missing += n
	case Kept:
		f.Kept += n
	case Failed:
		f.Failed += n
	case Unknown:
		f.Unknown += n
	}
}

// Wanted is which keys are meant. A key must pass all filters; what the server does not tell passes none.
type Wanted struct {
	Names    iter.Seq2[[]byte, error] // names as they are, from anywhere: arguments, a stream, a backup; nil for none
	Patterns []string
	Type     string // as TYPE says; "" for any
	NoTTL    bool   // only keys that never expire
	MinBytes int64  // only keys of at least so many bytes
}

// RemoveOptions are how keys go.
type RemoveOptions struct {
	// ExpireIn, if not 0, shortens their time to live to between half of it and all of it, spread evenly, instead of deleting them: what
	// is read again is then not missed by all readers at once. A key that expires sooner keeps its time.
	ExpireIn time.Duration
	MaxKeys  int64 // no more than so many keys are touched; 0 for no bound
	Rate     int64 // keys a second at most; 0 for no bound
	// Each, if not nil, is told each key's fate, one at a time. The name is valid during the call. An error ends the run.
	Each      func(name []byte, fate Fate) error
	Progress  *Progress // may be nil
	Unchanged *Prints   // what was seen before: only keys that are still the same go; nil for all
}

// ErrMaxKeys ends a run that met more keys than RemoveOptions.MaxKeys.
var ErrMaxKeys = errors.New("more keys than were allowed")

// ErrNotAsked is a filter on something that the server does not tell. Nothing is deleted on what could not be asked.
type ErrNotAsked struct{ Refusal Refusal } //nolint:errname // read as a sentence: is ErrNotAsked

func (e *ErrNotAsked) Error() string {
	return fmt.Sprintf("%s: %s", e.Refusal.Command, e.Refusal.Reply)
}

// Remove deletes keys. Each primary is asked for its role, and whether it lets us delete, before the first key of any goes. Where ctx
// ends it stops between two batches and still hears the answers that are under way, so that the counts are exact; they are given with
// an error too.
func Remove(ctx context.Context, conn *redisconn.Conn, w Wanted, o RemoveOptions) (Fates, error) {
	inner, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	d := &removal{conn: conn, w: w, o: o, start: time.Now(), cancel: cancel}
	if err := d.open(inner); err != nil {
		d.close()
		return d.fates, err
	}
	defer d.close()
	err := d.run(inner)
	if cause := context.Cause(inner); cause != nil {
		err = cause
	}
	return d.fates, err
}

// removal is one run over all servers.
type removal struct {
	conn     *redisconn.Conn
	w        Wanted
	o        RemoveOptions
	start    time.Time
	cancel   context.CancelCauseFunc
	removers []*remover

	mu      sync.Mutex
	fates   Fates
	taken   int64 // keys that were handed on to be deleted
	sent    int64 // keys whose command was sent
	refused error // the first key that the user may not touch
}

// open opens a connection to every primary and settles how keys are deleted there. Nothing is deleted yet.
func (d *removal) open(ctx context.Context) error {
	addrs, err := d.conn.Primaries(ctx)
	if err != nil {
		return d.conn.Named(err)
	}
	d.removers = make([]*remover, len(addrs))
	g, ctx := errgroup.WithContext(ctx)
	for i, addr := range addrs {
		g.Go(func() (err error) {
			d.removers[i], err = d.openRemover(ctx, addr)
			return err
		})
	}
	return g.Wait()
}

func (d *removal) close() {
	for _, r := range d.removers {
		if r != nil {
			r.pipe.Close()
		}
	}
}

// run deletes the names, then what the patterns match.
func (d *removal) run(ctx context.Context) error {
	if d.o.Unchanged != nil {
		return d.unchanged(ctx)
	}
	var stop []func()
	for _, r := range d.removers {
		stop = append(stop, r.start(ctx))
	}
	err := d.names(ctx)
	for i := 0; i < len(d.w.Patterns) && err == nil; i++ {
		err = d.pattern(ctx, i)
	}
	if err != nil {
		d.cancel(err) // batches that were not sent stay unsent
	}
	for _, s := range stop {
		s()
	}
	if err == nil {
		err = d.refused
	}
	return err
}

// fail ends the run; what is under way is still heard.
func (d *removal) fail(err error) { d.cancel(err) }

// note counts a key.
func (d *removal) note(name []byte, fate Fate) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fates.add(fate, 1)
	d.went(fate, 1)
	if d.o.Each != nil {
		if err := d.o.Each(name, fate); err != nil {
			d.fail(err)
		}
	}
}

// count counts keys of one batch that nobody wants to be told about one by one.
func (d *removal) count(fate Fate, n int64) {
	if n == 0 {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fates.add(fate, n)
	d.went(fate, n)
}

func (d *removal) went(fate Fate, n int64) {
	if d.o.Progress != nil && (fate == Deleted || fate == Expiring) {
		d.o.Progress.Gone.Add(n)
	}
}

// hidden remembers a refusal of one key, which is no reason to spare the others.
func (d *removal) hidden(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.refused == nil {
		d.refused = err
	}
}

// take reserves n keys and tells how many of them may go.
func (d *removal) take(n int) (allowed int, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.o.MaxKeys > 0 && d.taken+int64(n) > d.o.MaxKeys {
		allowed = int(d.o.MaxKeys - d.taken)
		d.taken = d.o.MaxKeys
		return allowed, ErrMaxKeys
	}
	d.taken += int64(n)
	return n, nil
}

// batchKeys is how many keys are deleted at once: a fraction of a millisecond of the server's time.
const batchKeys = 500

// smallBatch is from how many keys on a batch does not wait for those of the next page.
const smallBatch = 100

// batchSize is batchKeys, or half a second's worth of a slower rate.
func (d *removal) batchSize() int {
	if d.o.Rate > 0 {
		return int(max(min(batchKeys, d.o.Rate/2), 1))
	}
	return batchKeys
}

// lifetime draws what is left to a key of ExpireIn, in milliseconds.
func (d *removal) lifetime() int64 {
	whole := d.o.ExpireIn.Milliseconds()
	return max(whole/2+rand.Int64N(whole-whole/2+1), 1) //nolint:gosec // no secret hangs on it
}

// asked are the questions that the filters, or an old server, need.
func (d *removal) questions(old bool) questions {
	return questions{kind: false, size: d.w.MinBytes > 0, ttl: d.w.NoTTL || old}
}

package keyspace

import (
	"context"
	"errors"

	"golang.org/x/sync/errgroup"

	"github.com/olympiades-ia/olymp-cache/internal/keyname"
	"github.com/olympiades-ia/olymp-cache/internal/keyspace/profile"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
)

// pattern deletes what a pattern matches on all servers, each those that it holds: batches go while the names are still being read.
func (d *removal) pattern(ctx context.Context, i int) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, r := range d.removers {
		g.Go(func() error { return d.matching(ctx, r, i) })
	}
	return g.Wait()
}

// matching deletes what the pattern matches on one server.
func (d *removal) matching(ctx context.Context, r *remover, i int) error {
	pipes, err := openPipes(ctx, d.conn, r.pipe.Addr(), 2)
	if err != nil {
		return err
	}
	defer closePipes(pipes)
	if d.o.Progress != nil {
		n, err := dbSize(ctx, pipes[0])
		if err != nil {
			return err
		}
		d.o.Progress.Total.Add(n)
	}
	filter := Filter{Pattern: d.w.Patterns[i], Type: d.w.Type}
	read := &reading{
		names: pipes[0], facts: pipes[1], limits: &limits{start: d.start}, filter: filter,
		walker: walker{
			pipe: pipes[0], filter: filter, count: pageFor(d.conn.Timing().Ping, Pace{}), recent: newRecent(recentKeys / len(d.removers)),
		},
		asked: d.questions(r.old),
	}
	v := &victims{}
	read.add = func(p *page) error {
		if err := refusedFilter(read.refused, d.w); err != nil {
			return err
		}
		if d.o.Progress != nil {
			d.o.Progress.Keys.Add(int64(p.Len()))
		}
		for k := range p.records {
			rec := &p.records[k]
			if !d.w.passes(rec) || matchedBefore(d.w.Patterns[:i], rec.Name) || !d.choose(r, v, rec) {
				continue
			}
			if v.Len() >= d.batchSize() {
				full := v
				v = &victims{}
				if err := r.hand(ctx, full); err != nil {
					return err
				}
			}
		}
		if v.Len() < smallBatch {
			return nil
		}
		full := v // while the page's keys are still in the server's cache
		v = &victims{}
		return r.hand(ctx, full)
	}
	if err := read.run(ctx, startCursor); err != nil {
		return err
	}
	return r.hand(ctx, v)
}

// matchedBefore tells a key that an earlier pattern has met.
func matchedBefore(patterns []string, name []byte) bool {
	for _, p := range patterns {
		if keyname.Match(p, name) {
			return true
		}
	}
	return false
}

// passes tells a key that passes the filters on what was asked about it. The type is the reading's business.
func (w *Wanted) passes(rec *profile.Record) bool {
	return (!w.NoTTL || rec.TTL == profile.NoExpiry) && (w.MinBytes <= 0 || rec.Bytes >= w.MinBytes)
}

// choose puts a key into a batch; a key that expires sooner than it would be made to is kept.
func (d *removal) choose(r *remover, v *victims, rec *profile.Record) bool {
	if d.o.ExpireIn > 0 {
		life := d.lifetime()
		if r.old && rec.TTL >= 0 && rec.TTL <= life {
			d.note(rec.Name, Kept)
			return false
		}
		v.lives = append(v.lives, life)
	}
	v.add(rec.Name)
	return true
}

// refusedFilter is the error where a filter asks for what the server does not tell.
func refusedFilter(refused []Refusal, w Wanted) error {
	for _, r := range refused {
		if w.needs(r.Command) {
			return &ErrNotAsked{Refusal: r}
		}
	}
	return nil
}

// needs tells whether a filter hangs on a command's answer.
func (w *Wanted) needs(command string) bool {
	switch command {
	case "MEMORY USAGE":
		return w.MinBytes > 0
	case "TYPE":
		return w.Type != ""
	default:
		return w.NoTTL
	}
}

// names deletes keys by name, each at the server that holds it.
func (d *removal) names(ctx context.Context) error {
	if d.w.Names == nil {
		return nil
	}
	l := newNameLooker(d.conn, d.w)
	defer l.close()
	at := map[string]*remover{}
	for _, r := range d.removers {
		at[r.pipe.Addr()] = r
		l.asked.ttl = l.asked.ttl || r.old
	}
	l.size = d.batchSize()
	return l.each(ctx, func(addr string, found []nameFound) error {
		r := at[addr]
		if r == nil {
			return errMoved
		}
		v := &victims{}
		for k := range found {
			if f := &found[k]; f.fate != "" {
				d.note(f.rec.Name, f.fate)
			} else {
				d.choose(r, v, &f.rec)
			}
		}
		if d.o.Progress != nil {
			d.o.Progress.Keys.Add(int64(len(found)))
		}
		return r.hand(ctx, v)
	})
}

// errMoved is a cluster whose primaries have changed since the run began.
var errMoved = errors.New("the cluster's primaries have changed meanwhile")

// nameFound is one name and what was asked about its key.
type nameFound struct {
	rec  profile.Record
	fate Fate // Missing or Kept where it does not come to the key's deletion
}

// nameLooker goes through names, batch by batch and server by server, and asks about their keys what it must.
type nameLooker struct {
	conn    *redisconn.Conn
	w       Wanted
	asked   questions
	size    int
	pipes   map[string]*redisconn.Pipe
	waiting map[string]*names
	settled map[string]questions
	refused []Refusal
}

func newNameLooker(conn *redisconn.Conn, w Wanted) *nameLooker {
	return &nameLooker{
		conn: conn, w: w, size: batchKeys,
		asked:   questions{kind: w.Type != "", size: w.MinBytes > 0, ttl: w.NoTTL},
		pipes:   map[string]*redisconn.Pipe{},
		waiting: map[string]*names{},
		settled: map[string]questions{},
	}
}

func (l *nameLooker) close() {
	for _, p := range l.pipes {
		p.Close()
	}
}

// each goes through all names. A server's batch is valid during the call.
func (l *nameLooker) each(ctx context.Context, do func(addr string, found []nameFound) error) error {
	for name, err := range l.w.Names {
		if err == nil {
			err = context.Cause(ctx)
		}
		if err != nil {
			return err
		}
		addr, err := l.conn.AddrOf(ctx, string(name))
		if err != nil {
			return l.conn.Named(err)
		}
		all := l.waiting[addr]
		if all == nil {
			all = &names{}
			l.waiting[addr] = all
		}
		all.bytes = append(all.bytes, name...)
		all.ends = append(all.ends, len(all.bytes))
		if all.Len() >= l.size {
			if err := l.look(ctx, addr, all, do); err != nil {
				return err
			}
			all.reset()
		}
	}
	for addr, all := range l.waiting {
		if all.Len() == 0 {
			continue
		}
		if err := l.look(ctx, addr, all, do); err != nil {
			return err
		}
	}
	return nil
}

// look asks about a batch of one server's names and hands it on.
func (l *nameLooker) look(ctx context.Context, addr string, all *names, do func(string, []nameFound) error) error {
	found := make([]nameFound, all.Len())
	for i := range found {
		found[i].rec = profile.Record{Name: all.At(i), Bytes: profile.Unknown, TTL: profile.Unknown}
	}
	if l.asked.each() > 0 {
		if err := l.ask(ctx, addr, all, found); err != nil {
			return err
		}
	}
	return do(addr, found)
}

func (l *nameLooker) ask(ctx context.Context, addr string, all *names, found []nameFound) error {
	pipe, q := l.pipes[addr], l.settled[addr]
	if pipe == nil {
		var err error
		if pipe, err = l.conn.Pipe(ctx, addr); err != nil {
			return err
		}
		l.pipes[addr] = pipe
		var refused []Refusal
		if q, refused, err = settleQuestions(ctx, pipe, l.asked, all.At(0)); err != nil {
			return err
		}
		if err := refusedFilter(refused, l.w); err != nil {
			return err
		}
		if len(l.refused) == 0 {
			l.refused = refused
		}
		l.settled[addr] = q
	}
	var out []byte
	for i := range all.Len() {
		out = q.write(out, all.At(i))
	}
	if err := pipe.Write(out); err != nil {
		return pipe.Named(ctx, err)
	}
	if err := pipe.Expect(); err != nil {
		return pipe.Named(ctx, err)
	}
	a := &answers{kinds: map[string]string{}, asked: q}
	for i := range found {
		rec, there, err := a.read(pipe.Replies)
		if err != nil {
			return pipe.Named(ctx, err)
		}
		rec.Name = found[i].rec.Name
		found[i].rec = rec
		switch {
		case !there && q.each() > 0:
			found[i].fate = Missing
		case l.w.Type != "" && rec.Type != l.w.Type, !l.w.passes(&rec):
			found[i].fate = Kept
		}
	}
	pipe.Sent(all.Len()*q.each(), q.what(), 0)
	return nil
}

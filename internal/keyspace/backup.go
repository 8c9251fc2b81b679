package keyspace

import (
	"context"
	"fmt"
	"iter"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/olympiades-ia/olymp-cache/internal/backup"
	"github.com/olympiades-ia/olymp-cache/internal/keyname"
	"github.com/olympiades-ia/olymp-cache/internal/keyspace/profile"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
	"github.com/olympiades-ia/olymp-cache/internal/resp"
)

// BackupOptions are which keys are kept, and where.
type BackupOptions struct {
	Names    iter.Seq2[[]byte, error] // exactly these keys, whatever the filters below; nil for none
	Patterns []string                 // a key must match one of them; none for all keys
	Type     string                   // as TYPE says; "" for any
	NoTTL    bool                     // only keys that never expire
	MinBytes int64                    // only keys of at least so many bytes

	Path      string
	Overwrite bool
	Header    backup.Header // what the caller knows: version, target, time; the server's part is filled in
	Pace      Pace
	Progress  *Progress // may be nil
}

// Backed is a backup that is on the disk, and was read again and found right.
type Backed struct {
	backup.Summary
	Size    int64     // of the file, in bytes
	Gone    int64     // keys that went away before they could be read
	Hidden  int64     // keys that the user may not read: they are not in it
	ByValue bool      // DUMP was refused: strings were kept by GET
	Refused []Refusal // what else the server does not answer
}

// TypeRefusedError is a key that cannot be kept: the server refuses DUMP, and it is no string.
type TypeRefusedError struct {
	Key     string
	Refusal Refusal // of DUMP
}

func (e *TypeRefusedError) Error() string {
	return fmt.Sprintf("no way to keep %q: %s: %s", e.Key, e.Refusal.Command, e.Refusal.Reply)
}

// RestlessError is a key that changed each time it was read.
type RestlessError struct{ Key string }

func (e *RestlessError) Error() string { return fmt.Sprintf("%q changes all the time", e.Key) }

// Backup writes keys of every primary to a file, each as it was at one moment: value and time to live belong together. The file has its
// name when all is in it and was verified; where the error is not nil there is none.
func Backup(ctx context.Context, conn *redisconn.Conn, o BackupOptions) (*Backed, error) {
	slots, err := conn.Slots(ctx)
	if err != nil {
		return nil, err
	}
	b := &backupRun{conn: conn, o: o, slots: slots}
	defer b.close()
	if err := b.open(ctx); err != nil {
		return nil, err
	}
	b.o.Header.Product, b.o.Header.ServerVersion = conn.Server().Product, conn.Server().Version
	b.o.Header.Mode = string(conn.Server().Mode)
	if b.file, err = backup.Create(o.Path, b.o.Header, o.Overwrite); err != nil {
		return nil, err
	}
	if err := b.run(ctx); err != nil {
		b.file.Discard()
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, err
	}
	if b.result.Summary, err = b.file.Commit(); err != nil {
		return nil, err
	}
	b.result.Size = b.file.Size()
	return &b.result, nil
}

// backupRun is one run over all servers.
type backupRun struct {
	conn    *redisconn.Conn
	o       BackupOptions
	slots   *redisconn.Slots
	dumpers []*dumper // by server
	total   int64     // keys of all servers

	mu     sync.Mutex // the dumpers hear their servers side by side
	file   *backup.File
	result Backed
}

// whole tells whether every key is meant.
func (b *backupRun) whole() bool {
	return b.o.Names == nil && len(b.o.Patterns) == 0 && b.o.Type == "" && !b.o.NoTTL && b.o.MinBytes == 0
}

// open opens a connection to every primary and settles how keys are read there.
func (b *backupRun) open(ctx context.Context) error {
	room := newRoom()
	for i, addr := range b.slots.Addrs {
		pipe, err := b.conn.Pipe(ctx, addr)
		if err != nil {
			return err
		}
		pipe.Patient()
		d := &dumper{pipe: pipe, room: room, keep: b.keep}
		b.dumpers = append(b.dumpers, d)
		if err := d.settle(ctx, nobodysKeyOn(b.slots, i)); err != nil {
			return err
		}
		keys, err := dbSize(ctx, pipe)
		if err != nil {
			return err
		}
		b.total += keys
		b.result.ByValue = b.result.ByValue || d.kind == backup.Value
	}
	if b.o.Progress != nil && b.o.Names == nil {
		b.o.Progress.Total.Store(b.total)
	}
	return nil
}

func (b *backupRun) close() {
	for _, d := range b.dumpers {
		d.pipe.Close()
	}
}

// run reads all keys.
func (b *backupRun) run(ctx context.Context) error {
	g, inner := errgroup.WithContext(ctx)
	defer context.AfterFunc(inner, func() {
		for _, d := range b.dumpers {
			d.pipe.Abort()
		}
	})()
	for _, d := range b.dumpers {
		d.start()
		g.Go(func() error { return d.hear(inner) })
	}
	g.Go(func() error {
		err := b.walk(inner)
		for _, d := range b.dumpers {
			if err == nil {
				err = d.hand(inner)
			}
			close(d.sent)
		}
		return err
	})
	if err := g.Wait(); err != nil {
		return err
	}
	for _, d := range b.dumpers {
		b.result.Gone += d.gone
		b.result.Hidden += d.hidden
	}
	return nil
}

// walk hands every key that is meant to the dumper of its server.
func (b *backupRun) walk(ctx context.Context) error {
	if b.o.Names != nil {
		return b.walkNames(ctx)
	}
	patterns := b.o.Patterns
	if len(patterns) == 0 {
		patterns = []string{""}
	}
	limits := &limits{pace: b.o.Pace, start: time.Now()}
	for i, pattern := range patterns {
		for at, addr := range b.slots.Addrs {
			d := b.dumpers[at]
			l := &lister{
				conn: b.conn, limits: limits,
				o: ListOptions{
					Filter: Filter{Pattern: pattern, Type: b.o.Type}, NoTTL: b.o.NoTTL, MinBytes: b.o.MinBytes, Sizes: true,
					Pace: b.o.Pace, Progress: b.o.Progress,
				},
				visit: func(rec profile.Record) error {
					if matchesOne(patterns[:i], rec.Name) {
						return nil // it was met with an earlier pattern
					}
					return d.take(ctx, rec.Name, rec.Bytes)
				},
			}
			if err := l.server(ctx, addr, len(b.slots.Addrs)); err != nil {
				return err
			}
			b.refused(l.listing.Refused)
		}
	}
	return nil
}

func (b *backupRun) refused(all []Refusal) {
	if len(b.result.Refused) == 0 {
		b.result.Refused = all
	}
}

func matchesOne(patterns []string, name []byte) bool {
	for _, p := range patterns {
		if keyname.Match(p, name) {
			return true
		}
	}
	return false
}

// keep writes one key to the file.
func (b *backupRun) keep(rec backup.Record) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.file.Add(rec); err != nil {
		return err
	}
	if b.whole() {
		return b.file.Expect(b.file.Total().Records, b.total)
	}
	return nil
}

// walkNames sorts names by their servers and hands them on, a page at a time: how large the values are is asked first.
func (b *backupRun) walkNames(ctx context.Context) error {
	sizers := make([]*sizer, len(b.dumpers))
	defer func() {
		for _, s := range sizers {
			if s != nil {
				s.facts.Close()
			}
		}
	}()
	for name, err := range b.o.Names {
		if err != nil {
			return err
		}
		at := b.slots.Server(name)
		if at < 0 {
			return b.conn.Named(errNoServer)
		}
		if sizers[at] == nil {
			pipe, err := b.conn.Pipe(ctx, b.slots.Addrs[at])
			if err != nil {
				return err
			}
			sizers[at] = &sizer{reading: reading{facts: pipe, asked: questions{kind: true, size: true}}, to: b.dumpers[at]}
		}
		if err := sizers[at].add(ctx, name); err != nil {
			return err
		}
		if b.o.Progress != nil {
			b.o.Progress.Keys.Add(1)
		}
	}
	for _, s := range sizers {
		if s == nil {
			continue
		}
		if err := s.flush(ctx); err != nil {
			return err
		}
		b.refused(s.refused)
	}
	return nil
}

// errNoServer is a key whose slot no server has.
const errNoServer = resp.Error("CLUSTERDOWN Hash slot not served")

// sizer asks how large the values of one server's names are.
type sizer struct {
	reading

	page page
	a    *answers
	to   *dumper
}

func (s *sizer) add(ctx context.Context, name []byte) error {
	s.page.bytes = append(s.page.bytes, name...)
	s.page.ends = append(s.page.ends, len(s.page.bytes))
	if s.page.Len() < pageKeys {
		return nil
	}
	return s.flush(ctx)
}

func (s *sizer) flush(ctx context.Context) (err error) {
	if s.page.Len() == 0 {
		return nil
	}
	if s.a == nil {
		if s.asked, s.refused, err = settleQuestions(ctx, s.facts, s.asked, s.page.At(0)); err != nil {
			return err
		}
		s.asked.lengths = !s.asked.size && s.asked.kind
		s.a = &answers{kinds: map[string]string{}, asked: s.asked}
	}
	if err := s.write(&s.page); err != nil {
		return s.facts.Named(ctx, err)
	}
	if err := s.read(ctx, s.a, &s.page); err != nil {
		return err
	}
	if s.asked.lengths {
		if err := s.measure(ctx, &s.page); err != nil {
			return err
		}
	}
	s.to.gone += int64(s.page.Len() - len(s.page.records))
	for _, rec := range s.page.records {
		if err := s.to.take(ctx, rec.Name, rec.Bytes); err != nil {
			return err
		}
	}
	s.page.reset()
	return nil
}

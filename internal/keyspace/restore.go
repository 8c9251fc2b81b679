package keyspace

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/olympiades-ia/olymp-cache/internal/backup"
	"github.com/olympiades-ia/olymp-cache/internal/keyname"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
	"github.com/olympiades-ia/olymp-cache/internal/resp"
)

// RestoreOptions are which keys of a backup come back, and how.
type RestoreOptions struct {
	Pattern  string // of names; "" for all
	Replace  bool   // keys that are there are overwritten, else kept
	DryRun   bool   // nothing is written: the counts say what would come back
	Progress *Progress
}

// Restored says what became of every key of a backup that was meant.
type Restored struct {
	Matching int64 // keys that were meant, as far as the file was read
	Done     int64 // came back; in a dry run: would
	Kept     int64 // were there already, and were left alone
	Expired  int64 // their time has run out since the backup
	Failed   int64 // the server refused them; they are as they were
	Unknown  int64 // were sent, and the connection broke before the answer
	Unsent   int64 // were not sent

	FailedKey string // the first that was refused
}

// Restore puts keys of a backup back. The file must have been verified. Each primary is written to over a connection of its own. Where
// ctx ends it stops between two batches and still hears the answers that are under way, so that the counts are exact; they are given
// with an error too. What came back already is not harmed by running it again.
func Restore(ctx context.Context, conn *redisconn.Conn, file io.Reader, o RestoreOptions) (*Restored, error) {
	r := &restoreRun{conn: conn, o: o}
	in, err := backup.NewReader(file)
	if err != nil {
		return &r.result, err
	}
	defer in.Close()
	r.from = in.Header
	if r.slots, err = conn.Slots(ctx); err != nil {
		return &r.result, err
	}
	defer r.close()
	if err := r.open(ctx); err != nil {
		return &r.result, err
	}
	err = r.run(ctx, in)
	return &r.result, err
}

// restoreRun is one run over all servers.
type restoreRun struct {
	conn  *redisconn.Conn
	o     RestoreOptions
	slots *redisconn.Slots
	from  backup.Header
	lanes []*lane       // by server
	ahead time.Duration // of the server's clock before ours

	mu      sync.Mutex
	result  Restored
	stopped error // why no more is sent
}

// open opens a connection to every primary and asks for the time.
func (r *restoreRun) open(ctx context.Context) error {
	// Not ended by ctx: what was sent is to be heard.
	quiet := context.WithoutCancel(ctx)
	for i, addr := range r.slots.Addrs {
		pipe, err := r.conn.Pipe(quiet, addr)
		if err != nil {
			return err
		}
		pipe.Patient()
		r.lanes = append(r.lanes, &lane{pipe: pipe, run: r, relative: !r.o.DryRun && knowsNoPoint(r.conn.Server())})
		if i > 0 {
			continue
		}
		now, err := serverTime(ctx, pipe)
		if err != nil {
			return err
		}
		r.ahead = time.UnixMilli(now).Sub(time.Now())
	}
	return nil
}

// serverTime asks a server what time it is, in Unix ms. One that does not tell has ours.
func serverTime(ctx context.Context, pipe *redisconn.Pipe) (int64, error) {
	if err := pipe.Write([]byte("*1\r\n$4\r\nTIME\r\n")); err != nil {
		return 0, pipe.Named(ctx, err)
	}
	if err := pipe.Expect(); err != nil {
		return 0, pipe.Named(ctx, err)
	}
	now, err := readTime(pipe.Replies)
	pipe.Sent(1, "TIME", 0)
	var no resp.Error
	if errors.As(err, &no) && redisconn.ReplyID(string(no)) != "server-loading" {
		return time.Now().UnixMilli(), nil
	}
	return now, pipe.Named(ctx, err)
}

func (r *restoreRun) close() {
	for _, l := range r.lanes {
		l.pipe.Close()
	}
}

// run sends key after key, while the answers are heard beside it.
func (r *restoreRun) run(ctx context.Context, in *backup.Reader) error {
	var g errgroup.Group
	for _, l := range r.lanes {
		l.sent = make(chan []string, batchesUnderWay)
		g.Go(func() error { l.hear(); return nil })
	}
	err := r.send(ctx, in)
	for _, l := range r.lanes {
		if r.halted() == nil && err == nil {
			l.flush()
		}
		r.count(func(res *Restored) { res.Unsent += int64(len(l.names)) })
		close(l.sent)
	}
	_ = g.Wait() // the answers' errors are in stopped
	if err == nil {
		err = r.halted()
	}
	if err == nil {
		return nil
	}
	return errors.Join(err, r.rest(in))
}

// send sends the keys that are meant until there are no more, ctx ends, or a server stops it.
func (r *restoreRun) send(ctx context.Context, in *backup.Reader) error {
	for {
		rec, err := in.Next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		if r.o.Progress != nil {
			r.o.Progress.Keys.Add(1)
		}
		if r.o.Pattern != "" && !keyname.Match(r.o.Pattern, rec.Key) {
			continue
		}
		at := r.slots.Server(rec.Key)
		stop := r.halted()
		if stop == nil && ctx.Err() != nil {
			stop = context.Cause(ctx)
		}
		if stop == nil && at < 0 {
			stop = r.lanes[0].pipe.Named(ctx, errNoServer)
		}
		expired := rec.ExpiresAt > 0 && rec.ExpiresAt <= r.now()
		r.count(func(res *Restored) {
			res.Matching++
			switch {
			case expired:
				res.Expired++
			case stop != nil:
				res.Unsent++
			}
		})
		if stop != nil {
			return stop
		}
		if !expired {
			r.lanes[at].take(&rec)
		}
	}
}

// rest counts what is left in the file.
func (r *restoreRun) rest(in *backup.Reader) error {
	for {
		rec, err := in.NextName()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		if r.o.Pattern != "" && !keyname.Match(r.o.Pattern, rec.Key) {
			continue
		}
		r.count(func(res *Restored) { res.Matching++; res.Unsent++ })
	}
}

// now is the server's time in Unix ms.
func (r *restoreRun) now() int64 { return time.Now().Add(r.ahead).UnixMilli() }

func (r *restoreRun) count(add func(*Restored)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	add(&r.result)
}

// stop ends the sending; the first reason counts.
func (r *restoreRun) stop(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stopped == nil {
		r.stopped = err
	}
}

func (r *restoreRun) halted() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.stopped
}

package keyspace

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
	"github.com/olympiades-ia/olymp-cache/internal/resp"
)

// removalsUnderWay is how many batches are sent before the first is answered.
const removalsUnderWay = 4

// victims are the keys of one batch.
type victims struct {
	names
	lives []int64 // with ExpireIn: what each keeps of its time, in milliseconds

	each bool // a command was sent for each key, not one for all
	out  []byte
}

func (v *victims) add(name []byte) {
	v.bytes = append(v.bytes, name...)
	v.ends = append(v.ends, len(v.bytes))
}

// remover deletes keys of one server: one goroutine sends batches, another hears the answers, several batches later. Its connection
// outlives the run's context, so that no answer under way is lost.
type remover struct {
	run     *removal
	pipe    *redisconn.Pipe
	life    context.Context //nolint:containedctx // that of the connection, which is not the run's
	command string          // UNLINK, DEL or PEXPIRE
	old     bool            // PEXPIRE knows no LT, which came with Redis 7.0
	each    atomic.Bool     // one command a key

	ready    chan *victims
	underWay chan *victims
	broken   bool       // the connection is: nothing more is heard
	again    []*victims // whole batches that were refused for one of their keys
	moved    []string   // keys that have gone to another server of the cluster
}

// start begins to delete what is put into ready, until the returned function is called, which waits for the last answer.
func (r *remover) start(ctx context.Context) (finish func()) {
	r.ready, r.underWay = make(chan *victims, 2), make(chan *victims, removalsUnderWay)
	done := make(chan struct{})
	go r.send(ctx)
	go func() {
		defer close(done)
		for v := range r.underWay {
			r.hear(v)
		}
		r.tryAgain(ctx)
	}()
	return func() {
		close(r.ready)
		<-done
	}
}

// hand passes a batch on, unless the run ends first.
func (r *remover) hand(ctx context.Context, v *victims) error {
	if v.Len() == 0 {
		return nil
	}
	allowed, bound := r.run.take(v.Len())
	v.ends = v.ends[:allowed]
	select {
	case r.ready <- v:
		return bound
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// send writes batch after batch. What comes after the end of ctx is not sent, and its keys are as they were.
//
//nolint:contextcheck // the connection outlives the run, so that no answer is lost
func (r *remover) send(ctx context.Context) {
	defer close(r.underWay)
	for v := range r.ready {
		if r.run.pace(ctx, v.Len()) != nil {
			continue
		}
		v.each = r.each.Load()
		v.out = r.write(v)
		r.underWay <- v // before it is written: its answers must be read whatever becomes of the rest of it
		if err := r.pipe.Write(v.out); err != nil {
			r.run.fail(r.pipe.Named(r.life, err))
		}
	}
}

// pace waits where keys must go slower, and gives the end of ctx.
func (d *removal) pace(ctx context.Context, n int) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if d.o.Rate <= 0 {
		return nil
	}
	d.mu.Lock()
	at := d.start.Add(time.Duration(float64(d.sent) / float64(d.o.Rate) * float64(time.Second)))
	d.sent += int64(n)
	d.mu.Unlock()
	return sleep(ctx, time.Until(at))
}

// write makes the commands of a batch.
func (r *remover) write(v *victims) []byte {
	var out []byte
	if !v.each {
		out = resp.Head(out, 1+v.Len())
		out = resp.Argument(out, r.command)
		for i := range v.Len() {
			out = resp.Argument(out, v.At(i))
		}
		return out
	}
	for i := range v.Len() {
		out = r.one(out, v.At(i), v.life(i))
	}
	return out
}

// life is what a key keeps of its time; 0 where it is deleted.
func (v *victims) life(i int) int64 {
	if i < len(v.lives) {
		return v.lives[i]
	}
	return 0
}

// one makes the command of one key: with LT a key's PTTL stands before it, to tell one that is gone from one that expires sooner.
func (r *remover) one(out, name []byte, life int64) []byte {
	if r.command != "PEXPIRE" {
		out = resp.Head(out, 2)
		out = resp.Argument(out, r.command)
		return resp.Argument(out, name)
	}
	if r.old {
		return expire(out, name, life)
	}
	out = questions{ttl: true}.write(out, name)
	return expire(out, name, life, "LT")
}

func expire(out, name []byte, life int64, option ...string) []byte {
	out = resp.Head(out, 3+len(option))
	out = resp.Argument(out, "PEXPIRE")
	out = resp.Argument(out, name)
	out = resp.Argument(out, strconv.FormatInt(life, 10))
	for _, o := range option {
		out = resp.Argument(out, o)
	}
	return out
}

// hear reads the answers to a batch.
func (r *remover) hear(v *victims) {
	start := time.Now()
	if !r.broken {
		if err := r.pipe.Expect(); err != nil {
			r.broke(err)
		}
	}
	if !v.each {
		r.hearAll(v)
	} else {
		for i := range v.Len() {
			r.hearOne(v.At(i))
		}
	}
	n := 1
	if v.each {
		n = v.Len()
	}
	r.pipe.Sent(n, r.command, time.Since(start))
}

// hearAll reads the one answer to a batch.
func (r *remover) hearAll(v *victims) {
	all := int64(v.Len())
	if r.broken {
		r.run.count(Unknown, all)
		return
	}
	n, err := r.pipe.Replies.Int()
	var no resp.Error
	switch {
	case err == nil:
		n = max(min(n, all), 0)
		r.run.count(Deleted, n)
		r.run.count(Missing, all-n)
	case !errors.As(err, &no):
		r.broke(err)
		r.run.count(Unknown, all)
	case redisconn.ReplyID(string(no)) == noPermission:
		// The user may not touch one of the keys at least, and Redis then touches none. From now on one at a time.
		r.each.Store(true)
		r.again = append(r.again, v)
	default:
		r.run.count(Failed, all)
		r.run.fail(r.pipe.Named(r.life, no))
	}
}

// noPermission is the finding of a command, or a key, that this user may not use.
const noPermission = "auth-no-permission"

// hearOne reads the answer to one key's command.
func (r *remover) hearOne(name []byte) {
	if r.broken {
		r.run.note(name, Unknown)
		return
	}
	fate, err := r.fate()
	var no resp.Error
	switch {
	case err == nil:
		r.run.note(name, fate)
	case !errors.As(err, &no):
		r.broke(err)
		r.run.note(name, Unknown)
	case hasMoved(string(no)):
		r.moved = append(r.moved, string(name))
	default:
		r.run.note(name, Failed)
		named := r.pipe.Named(r.life, no)
		if redisconn.ReplyID(string(no)) == noPermission {
			r.run.hidden(named)
			return
		}
		r.run.fail(named)
	}
}

// hasMoved tells the answers of a cluster's server that no longer has the key: the command was not carried out.
func hasMoved(reply string) bool {
	return strings.HasPrefix(reply, "MOVED ") || strings.HasPrefix(reply, "ASK ")
}

// fate reads what became of a key.
func (r *remover) fate() (Fate, error) {
	if r.command != "PEXPIRE" {
		return fateOf(r.pipe.Replies, Deleted)
	}
	if r.old {
		return fateOf(r.pipe.Replies, Expiring)
	}
	left, asked := r.pipe.Replies.Int()
	var no resp.Error
	if asked != nil && !errors.As(asked, &no) {
		return "", asked
	}
	fate, err := fateOf(r.pipe.Replies, Expiring)
	if err == nil && fate == Missing && asked == nil && left != noTTL {
		fate = Kept
	}
	return fate, err
}

// fateOf reads 1 for done and 0 for a key that is not there.
func fateOf(in *resp.Reader, done Fate) (Fate, error) {
	n, err := in.Int()
	if n == 0 {
		done = Missing
	}
	return done, err
}

// broke marks the connection: what was sent and not answered may have been done or not.
func (r *remover) broke(err error) {
	r.broken = true
	r.run.fail(r.pipe.Named(r.life, err))
	r.pipe.Abort()
}

// tryAgain does one by one what was refused, or has moved, in a batch. It is not done twice: neither was carried out.
func (r *remover) tryAgain(ctx context.Context) {
	for _, v := range r.again {
		if ctx.Err() != nil || r.broken {
			r.run.count(Failed, int64(v.Len()))
			continue
		}
		v.each = true
		if err := r.pipe.Write(r.write(v)); err != nil {
			r.broke(err)
		}
		r.hear(v)
	}
	for _, name := range r.moved {
		fate, err := Failed, context.Cause(ctx)
		if err == nil {
			fate, err = r.follow(ctx, name)
		}
		r.run.note([]byte(name), fate)
		if err != nil && ctx.Err() == nil {
			r.run.fail(r.run.conn.Named(err))
		}
	}
}

// follow sends a key's command to where the key has moved.
func (r *remover) follow(ctx context.Context, name string) (Fate, error) {
	client, args, done := r.run.conn.Client(), []any{r.command, name}, Deleted
	if r.command == "PEXPIRE" {
		left, err := client.PTTL(ctx, name).Result()
		life := r.run.lifetime()
		switch {
		case err != nil:
			return Failed, err
		case left >= 0 && left.Milliseconds() <= life:
			return Kept, nil
		}
		args, done = append(args, life), Expiring
	}
	n, err := client.Do(ctx, args...).Int64()
	switch {
	case err != nil && redisconn.MayHaveRun(err):
		return Unknown, err
	case err != nil:
		return Failed, err
	case n == 0:
		return Missing, nil
	}
	return done, nil
}

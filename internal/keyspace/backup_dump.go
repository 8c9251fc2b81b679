package keyspace

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/olympiades-ia/olymp-cache/internal/backup"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
	"github.com/olympiades-ia/olymp-cache/internal/resp"
)

const (
	// dumpKeys is how many keys are asked for at a time, at the most: some 1.5 ms of the server's time.
	dumpKeys = 500
	// dumpBytes is how large their values are together, at the most. A larger value is asked for by itself.
	dumpBytes = 1 << 20
	// underWay is how many bytes of values are asked for before the first are here, over all servers: they wait in the server's output
	// buffers, and one value larger than this is alone.
	underWay = 4 << 20
	// unknownBytes is how large a value is taken to be where the server tells no sizes.
	unknownBytes = 64 << 10
	// sameExpiry is how far apart two times to live of the same key may be, in ms, where the server tells no point in time: they were
	// asked one right after the other.
	sameExpiry = 100
	// mostReadings is how often a key is read that changes meanwhile.
	mostReadings = 20
)

func newRoom() *semaphore.Weighted { return semaphore.NewWeighted(underWay) }

// dumper reads the values of one server. For each key three commands are sent: when it expires, its value, and again when it
// expires. Only where both times agree do value and time belong together: else somebody wrote in between, and the key is read
// again. (A transaction would be a command more for each key, and on a cluster it cannot hold keys of two slots.)
type dumper struct {
	pipe    *redisconn.Pipe
	room    *semaphore.Weighted
	keep    func(backup.Record) error
	kind    backup.Kind
	expiry  string // the command: PEXPIRETIME, or PTTL before Redis 7
	refusal Refusal

	batch   *dumpBatch // that is being filled
	sent    chan *dumpBatch
	free    chan *dumpBatch
	value   []byte
	changed names // keys that changed while they were read
	gone    int64
	hidden  int64
}

// dumpBatch is some keys that are asked for at once.
type dumpBatch struct {
	names
	out   []byte
	bytes int64
}

const (
	askPoint = "PEXPIRETIME" // since Redis 7.0
	askRest  = "PTTL"
)

// settle finds out how values and times to live are to be had, with a key that nobody has.
func (d *dumper) settle(ctx context.Context, nobody []byte) error {
	d.kind, d.expiry = backup.Dump, askPoint
	refusal, err := ask(ctx, d.pipe, "DUMP", nobody)
	if err != nil {
		return err
	}
	if refusal != nil {
		d.kind, d.refusal = backup.Value, *refusal
	}
	if refusal, err = ask(ctx, d.pipe, askPoint, nobody); refusal != nil {
		d.expiry = askRest
	}
	return err
}

// nobodysKeyOn is the name of a key that is not there, and would be on that server of a cluster.
func nobodysKeyOn(slots *redisconn.Slots, server int) []byte {
	const tries = 1 << 20 // a server with one slot needs 16,384
	var name []byte
	for range tries {
		if name = []byte(redisconn.TestKeyPrefix + rand.Text()); slots.Server(name) == server {
			break
		}
	}
	return name
}

// ask sends a command about a key and tells whether the server refuses it always; not where it is the key that this user may not read.
func ask(ctx context.Context, pipe *redisconn.Pipe, command string, key []byte) (*Refusal, error) {
	err := pipe.Write(resp.Command(nil, []byte(command), key))
	if err == nil {
		err = pipe.Expect()
	}
	if err == nil {
		err = pipe.Replies.Skip()
	}
	pipe.Sent(1, command, 0)
	var no resp.Error
	if !errors.As(err, &no) {
		return nil, pipe.Named(ctx, err)
	}
	if deniesKey(string(no)) {
		return nil, nil
	}
	e, _ := redisconn.AsError(pipe.Named(ctx, no))
	switch e.ID {
	case "auth-no-permission", "server-unknown-command", "server-error":
		return &Refusal{Command: command, Reply: e.Reply, ID: e.ID}, nil
	}
	return nil, e
}

// deniesKey tells a key that the user may not read from a command that he may not send.
func deniesKey(reply string) bool {
	return strings.HasPrefix(reply, "NOPERM") && strings.Contains(reply, "one of the keys")
}

// start makes ready for keys.
func (d *dumper) start() {
	d.sent, d.free = make(chan *dumpBatch, 8), make(chan *dumpBatch, 12)
	d.batch = &dumpBatch{}
}

// take asks for a key, size bytes long as far as the server told.
func (d *dumper) take(ctx context.Context, name []byte, size int64) error {
	if size <= 0 {
		size = unknownBytes
	}
	if d.batch.Len() > 0 && (d.batch.Len() >= dumpKeys || d.batch.bytes+size > dumpBytes) {
		if err := d.hand(ctx); err != nil {
			return err
		}
	}
	b := d.batch
	if b.Len() == 0 && d.expiry == askRest {
		b.out = append(b.out, "*1\r\n$4\r\nTIME\r\n"...)
	}
	b.names.bytes = append(b.names.bytes, name...)
	b.ends = append(b.ends, len(b.names.bytes))
	b.bytes += size
	b.out = d.write(b.out, name)
	return nil
}

func (d *dumper) write(out, name []byte) []byte {
	read := "DUMP"
	if d.kind == backup.Value {
		read = "GET"
	}
	for _, command := range [...]string{d.expiry, read, d.expiry} {
		out = resp.Head(out, 2)
		out = resp.Argument(out, command)
		out = resp.Argument(out, name)
	}
	return out
}

// hand sends what was taken so far.
func (d *dumper) hand(ctx context.Context) error {
	b := d.batch
	if b.Len() == 0 {
		return nil
	}
	if err := d.room.Acquire(ctx, min(b.bytes, underWay)); err != nil {
		return err
	}
	if err := d.pipe.Write(b.out); err != nil {
		return d.pipe.Named(ctx, err)
	}
	select {
	case d.sent <- b:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	select {
	case d.batch = <-d.free:
	default:
		d.batch = &dumpBatch{}
	}
	return nil
}

// hear keeps the answers, and at the end reads those keys again that changed meanwhile.
func (d *dumper) hear(ctx context.Context) error {
	for b := range d.sent {
		if err := d.hearBatch(ctx, b); err != nil {
			return err
		}
		d.room.Release(min(b.bytes, underWay))
		b.reset()
		b.out, b.bytes = b.out[:0], 0
		select {
		case d.free <- b:
		default:
		}
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return d.readAgain(ctx)
}

func (d *dumper) hearBatch(ctx context.Context, b *dumpBatch) error {
	start := time.Now()
	now := int64(0)
	if d.expiry == askRest {
		var err error
		if now, err = readTime(d.pipe.Replies); err != nil {
			return d.pipe.Named(ctx, err)
		}
	}
	for i := range b.Len() {
		again, err := d.hearKey(ctx, b.At(i), now)
		if err != nil {
			return err
		}
		if again {
			d.changed.bytes = append(d.changed.bytes, b.At(i)...)
			d.changed.ends = append(d.changed.ends, len(d.changed.bytes))
		}
	}
	d.pipe.Sent(3*b.Len(), "DUMP, "+d.expiry, time.Since(start))
	return nil
}

// hearKey keeps one key; again where it changed while it was read.
func (d *dumper) hearKey(ctx context.Context, name []byte, now int64) (again bool, err error) {
	in := d.pipe.Replies
	var denied resp.Error
	pass := func(err error) error { // after a refusal the other answers are still to be heard
		var no resp.Error
		if errors.As(err, &no) && denied == "" {
			denied = no
		}
		if errors.As(err, &no) {
			return nil
		}
		return d.pipe.Named(ctx, err)
	}
	before, err := in.Int()
	if err := pass(err); err != nil {
		return false, err
	}
	value, there, err := in.Bulk(d.value[:0])
	if err := pass(err); err != nil {
		return false, err
	}
	after, err := in.Int()
	if err := pass(err); err != nil {
		return false, err
	}
	d.value = value
	switch {
	case deniesKey(string(denied)):
		d.hidden++
		return false, nil
	case d.kind == backup.Value && strings.HasPrefix(string(denied), "WRONGTYPE"):
		return false, &TypeRefusedError{Key: string(name), Refusal: d.refusal}
	case denied != "":
		return false, d.pipe.Named(ctx, denied)
	case !there && after == noTTL:
		d.gone++
		return false, nil
	case !there, !d.same(before, after):
		return true, nil
	}
	rec := backup.Record{Key: name, Kind: d.kind, Payload: value}
	if before >= 0 {
		rec.ExpiresAt = max(now+before, 1)
	}
	return false, d.keep(rec)
}

// same tells whether two answers are of a key that nobody touched in between.
func (d *dumper) same(before, after int64) bool {
	if d.expiry == askPoint || before < 0 || after < 0 {
		return before == after
	}
	return before-after <= sameExpiry && after-before <= 1
}

// readTime reads the answer of TIME, in ms.
func readTime(in *resp.Reader) (int64, error) {
	n, err := in.Array()
	if err != nil {
		return 0, err
	}
	if n != 2 {
		return 0, fmt.Errorf("%w: TIME's has %d parts", resp.ErrProtocol, n)
	}
	var parts [2]int64
	for i := range parts {
		text, _, err := in.Bulk(nil)
		if err != nil {
			return 0, err
		}
		if parts[i], err = strconv.ParseInt(string(text), 10, 64); err != nil {
			return 0, fmt.Errorf("%w: %w", resp.ErrProtocol, err)
		}
	}
	return parts[0]*1000 + parts[1]/1000, nil
}

// readAgain reads the keys that changed, one by one.
func (d *dumper) readAgain(ctx context.Context) error {
	changed := d.changed
	for i := range changed.Len() {
		name := bytes.Clone(changed.At(i))
		done := false
		for range mostReadings {
			b := &dumpBatch{}
			if d.expiry == askRest {
				b.out = append(b.out, "*1\r\n$4\r\nTIME\r\n"...)
			}
			b.names = names{bytes: name, ends: []int{len(name)}}
			d.changed = names{}
			if err := d.pipe.Write(d.write(b.out, name)); err != nil {
				return d.pipe.Named(ctx, err)
			}
			if err := d.hearBatch(ctx, b); err != nil {
				return err
			}
			if done = d.changed.Len() == 0; done {
				break
			}
		}
		if !done {
			return &RestlessError{Key: string(name)}
		}
	}
	return nil
}

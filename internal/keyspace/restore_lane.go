package keyspace

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/backup"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
	"github.com/olympiades-ia/olymp-cache/internal/resp"
)

const (
	// restoreKeys and restoreBytes are how much is sent at a time, at the most; a larger value is sent by itself.
	restoreKeys  = 256
	restoreBytes = 256 << 10
	// batchesUnderWay is how many batches are sent before the first is answered.
	batchesUnderWay = 16
)

// lane is the way to one server.
type lane struct {
	pipe     *redisconn.Pipe
	run      *restoreRun
	relative bool // RESTORE takes no point in time

	out   []byte
	names []string // of the keys in out
	sent  chan []string
}

// take adds a key to the batch, and sends the batch when it is full. A failure is in run.stopped.
func (l *lane) take(rec *backup.Record) {
	if len(l.names) > 0 && (len(l.names) >= restoreKeys || len(l.out)+len(rec.Payload) > restoreBytes) {
		l.flush()
		if l.run.halted() != nil {
			l.run.count(func(res *Restored) { res.Unsent++ })
			return
		}
	}
	switch {
	case l.run.o.DryRun:
		l.out = resp.Head(l.out, 2)
		l.out = resp.Argument(l.out, "EXISTS")
		l.out = resp.Argument(l.out, rec.Key)
	case rec.Kind == backup.Value:
		l.out = l.set(l.out, rec)
	default:
		l.out = l.restore(l.out, rec)
	}
	l.names = append(l.names, string(rec.Key))
	if len(l.out) > restoreBytes {
		l.flush() // its room is used again, not made beside it
	}
}

// restore writes RESTORE key ttl payload [REPLACE] [ABSTTL].
func (l *lane) restore(out []byte, rec *backup.Record) []byte {
	n, expires, point := 4, rec.ExpiresAt, false
	switch {
	case expires > 0 && l.relative:
		expires = max(expires-l.run.now(), 1)
	case expires > 0:
		point = true
		n++
	}
	if l.run.o.Replace {
		n++
	}
	out = resp.Head(out, n)
	out = resp.Argument(out, "RESTORE")
	out = resp.Argument(out, rec.Key)
	out = resp.Argument(out, strconv.FormatInt(expires, 10))
	out = resp.Argument(out, rec.Payload)
	if l.run.o.Replace {
		out = resp.Argument(out, "REPLACE")
	}
	if point {
		out = resp.Argument(out, "ABSTTL")
	}
	return out
}

// set writes SET key value [PX ms] [NX]: a point in time is known to SET since Redis 6.2 only.
func (l *lane) set(out []byte, rec *backup.Record) []byte {
	n := 3
	if rec.ExpiresAt > 0 {
		n += 2
	}
	if !l.run.o.Replace {
		n++
	}
	out = resp.Head(out, n)
	out = resp.Argument(out, "SET")
	out = resp.Argument(out, rec.Key)
	out = resp.Argument(out, rec.Payload)
	if rec.ExpiresAt > 0 {
		out = resp.Argument(out, "PX")
		out = resp.Argument(out, strconv.FormatInt(max(rec.ExpiresAt-l.run.now(), 1), 10))
	}
	if !l.run.o.Replace {
		out = resp.Argument(out, "NX")
	}
	return out
}

// flush sends the batch. Of one whose sending fails, nobody knows what arrived.
func (l *lane) flush() {
	if len(l.names) == 0 {
		return
	}
	names := l.names
	l.sent <- names // before it is written, as its answers may be here before the last byte is sent
	if err := l.pipe.Write(l.out); err != nil {
		l.run.stop(l.pipe.Named(context.Background(), err))
	}
	l.out = l.out[:0]
	l.names = make([]string, 0, restoreKeys)
}

// hear counts the answers. After the first that means that nothing can be written, no more is sent, and what is under way is heard.
func (l *lane) hear() {
	broken := false
	for names := range l.sent {
		start := time.Now()
		for i, name := range names {
			if broken {
				l.run.count(func(res *Restored) { res.Unknown += int64(len(names) - i) })
				break
			}
			broken = l.hearKey(name)
		}
		what := "RESTORE"
		if l.run.o.DryRun {
			what = "EXISTS"
		}
		l.pipe.Sent(len(names), what, time.Since(start))
	}
}

// hearKey counts one answer; broken where the connection has none.
func (l *lane) hearKey(name string) (broken bool) {
	became, err := l.fate()
	var no resp.Error
	switch {
	case err == nil:
		l.run.count(became)
	case errors.As(err, &no) && strings.HasPrefix(string(no), "BUSYKEY"):
		l.run.count(func(res *Restored) { res.Kept++ })
	case errors.As(err, &no):
		l.run.count(func(res *Restored) {
			if res.Failed++; res.FailedKey == "" {
				res.FailedKey = name
			}
		})
		if !deniesKey(string(no)) { // another key may be allowed
			l.run.stop(l.refused(no))
		}
	default:
		l.run.count(func(res *Restored) { res.Unknown++ })
		l.run.stop(l.pipe.Named(context.Background(), err))
		return true
	}
	return false
}

// fate reads one answer: a number of EXISTS, else OK or nil.
func (l *lane) fate() (func(*Restored), error) {
	done := func(res *Restored) { res.Done++ }
	kept := func(res *Restored) { res.Kept++ }
	if l.run.o.DryRun {
		n, err := l.pipe.Replies.Int()
		if n > 0 && !l.run.o.Replace {
			return kept, err
		}
		return done, err
	}
	_, ok, err := l.pipe.Replies.Bulk(nil)
	if !ok {
		return kept, err
	}
	return done, err
}

// refused names what a server says to a payload that it does not know, and anything else.
func (l *lane) refused(no resp.Error) error {
	if strings.Contains(string(no), "DUMP payload version or checksum are wrong") || strings.Contains(string(no), "Bad data format") {
		return &VersionError{Theirs: l.run.from.ServerVersion, Ours: l.run.conn.Server().Version, Reply: string(no)}
	}
	return l.pipe.Named(context.Background(), no)
}

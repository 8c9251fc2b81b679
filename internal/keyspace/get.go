package keyspace

import (
	"context"
	"errors"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/olympiades-ia/olymp-cache/internal/keyspace/value"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
)

// GetOptions bound what is read of one key.
type GetOptions struct {
	MaxBytes int64 // of its value; 0 for all
	Limit    int64 // elements of a collection; 0 for all that MaxBytes has room for
	ReadOnly bool  // not even what Redis counts among the reads and may write all the same (PFCOUNT keeps its result)
}

// ErrNoKey is a key that is not there.
var ErrNoKey = errors.New("no such key")

// errChanged is a key that became another type while it was read.
var errChanged = errors.New("the key became another type")

// Get reads one key: what it is, and as much of its value as the bounds allow. However large the value is, no more is fetched than that,
// but for single elements of a collection, of which Redis gives no parts. The error is ErrNoKey, an *Error or ctx's own.
func Get(ctx context.Context, conn *redisconn.Conn, key string, o GetOptions) (*value.Value, error) {
	for range 2 { // a key that became another type on the way is read anew, once
		g := &getting{conn: conn, c: conn.Client(), o: o, v: &value.Value{Key: key}}
		err := g.get(ctx)
		switch {
		case err == nil:
			return g.v, nil
		case ctx.Err() != nil:
			return nil, context.Cause(ctx)
		case errors.Is(err, ErrNoKey):
			return nil, err
		case isWrongType(err):
			continue
		}
		return nil, conn.Named(err)
	}
	return nil, errChanged
}

func isWrongType(err error) bool { return strings.HasPrefix(err.Error(), "WRONGTYPE") }

type getting struct {
	conn *redisconn.Conn
	c    redis.UniversalClient
	o    GetOptions
	v    *value.Value
	kept int64 // bytes of elements so far
}

func (g *getting) get(ctx context.Context) error {
	if err := g.describe(ctx); err != nil {
		return err
	}
	switch g.v.Type {
	case "string":
		return g.text(ctx)
	case "ReJSON-RL":
		return g.document(ctx)
	}
	read, known := map[string]func(context.Context) error{
		"hash": g.hash, "list": g.list, "set": g.set, "zset": g.sorted, "stream": g.stream,
	}[g.v.Type]
	if !known {
		g.v.Length, g.v.Unread = value.Unknown, true
		return nil
	}
	if err := g.count(ctx); err != nil {
		return err
	}
	if err := read(ctx); err != nil {
		return err
	}
	g.v.Cut = g.v.Cut || int64(len(g.v.Elements)) < g.v.Length
	return nil
}

// describe asks what the key is. Only its type must be known to go on.
func (g *getting) describe(ctx context.Context) error {
	pipe, v := g.c.Pipeline(), g.v
	kind, ttl := pipe.Type(ctx, v.Key), pipe.PTTL(ctx, v.Key)
	size, encoding := pipe.MemoryUsage(ctx, v.Key), pipe.ObjectEncoding(ctx, v.Key)
	_, _ = pipe.Exec(ctx) // each command has its own error
	if err := kind.Err(); err != nil {
		return err
	}
	if v.Type = kind.Val(); v.Type == noKind {
		return ErrNoKey
	}
	v.TTL, v.Bytes, v.Distinct = value.Unknown, value.Unknown, value.Unknown
	if g.answered("PTTL", ttl.Err()) {
		if v.TTL = milliseconds(ttl.Val()); v.TTL == noTTL {
			return ErrNoKey
		}
	}
	if g.answered("MEMORY USAGE", size.Err()) {
		v.Bytes = size.Val()
	}
	if g.answered("OBJECT ENCODING", encoding.Err()) {
		v.Encoding = encoding.Val()
	}
	return nil
}

// answered tells whether a question was, and notes the words of a refusal.
func (g *getting) answered(command string, err error) bool {
	if err == nil {
		return true
	}
	if e, ok := redisconn.AsError(g.conn.Named(err)); ok && e.Reply != "" {
		g.v.Refused = append(g.v.Refused, value.Refusal{Command: command, Reply: e.Reply})
	}
	return false
}

// text reads a string, or its beginning.
func (g *getting) text(ctx context.Context) error {
	pipe := g.c.Pipeline()
	length, part := pipe.StrLen(ctx, g.v.Key), pipe.GetRange(ctx, g.v.Key, 0, g.o.MaxBytes-1) // −1 is the end
	_, _ = pipe.Exec(ctx)                                                                     // each command has its own error
	if err := part.Err(); err != nil {
		return err
	}
	g.v.String, g.v.Length = []byte(part.Val()), value.Unknown
	if g.answered("STRLEN", length.Err()) {
		g.v.Length = length.Val()
		if g.v.Length == 0 { // empty, or gone since it was described
			if n, err := g.c.Exists(ctx, g.v.Key).Result(); err == nil && n == 0 {
				return ErrNoKey
			}
		}
	}
	g.v.Cut = int64(len(g.v.String)) < g.v.Length || g.v.Length == value.Unknown && g.o.MaxBytes > 0 && int64(len(g.v.String)) >= g.o.MaxBytes
	if strings.HasPrefix(part.Val(), "HYLL") && !g.o.ReadOnly {
		if n, err := g.c.PFCount(ctx, g.v.Key).Result(); g.answered("PFCOUNT", err) {
			g.v.Distinct = n
		}
	}
	return nil
}

// largestDocument is how many times larger than its text a JSON document is in memory, at most: what is larger than so many times the
// bound is not fetched, as the module gives no parts by length.
const largestDocument = 8

// document reads a document of the JSON module.
func (g *getting) document(ctx context.Context) error {
	v := g.v
	v.Length = value.Unknown
	if g.o.MaxBytes > 0 && (v.Bytes == value.Unknown || v.Bytes > largestDocument*g.o.MaxBytes) {
		v.Unread, v.Cut = true, true
		return nil
	}
	text, err := g.c.Do(ctx, "JSON.GET", v.Key).Text()
	if errors.Is(err, redis.Nil) {
		return ErrNoKey
	}
	if err != nil {
		return err
	}
	v.String, v.Length = []byte(text), int64(len(text))
	if g.o.MaxBytes > 0 && v.Length > g.o.MaxBytes {
		v.String, v.Cut = v.String[:g.o.MaxBytes], true
	}
	return nil
}

// rawChunk is how much of a string is fetched at a time, in bytes: some milliseconds of the server's time.
const rawChunk = 4 << 20

// ErrChanged is a value that was changed while it was read piece by piece.
var ErrChanged = errors.New("the value changed while it was read")

// NotStringError is a key that holds no string.
type NotStringError struct{ Type string }

func (e *NotStringError) Error() string { return "a " + e.Type + " is no string" }

// Raw passes the bytes of a string to write, piece by piece. The error is ErrNoKey, a *NotStringError, ErrChanged, that of write, an *Error
// or ctx's own.
func Raw(ctx context.Context, conn *redisconn.Conn, key string, write func([]byte) error) error {
	c := conn.Client()
	pipe := c.Pipeline()
	kind, first := pipe.Type(ctx, key), pipe.GetRange(ctx, key, 0, rawChunk-1)
	_, _ = pipe.Exec(ctx) // each command has its own error
	switch err := first.Err(); {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case kind.Err() == nil && kind.Val() == noKind:
		return ErrNoKey
	case err != nil && isWrongType(err):
		return &NotStringError{Type: kind.Val()}
	case err != nil:
		return conn.Named(err)
	}
	if len(first.Val()) < rawChunk {
		return write([]byte(first.Val()))
	}
	return rest(ctx, conn, key, write)
}

// rest reads a long string from its beginning, on a connection that watches it: pieces of two values would make a third that never was.
func rest(ctx context.Context, conn *redisconn.Conn, key string, write func([]byte) error) error {
	var failed error
	err := conn.Client().Watch(ctx, func(tx *redis.Tx) error {
		for at := int64(0); ; at += rawChunk {
			part, err := tx.GetRange(ctx, key, at, at+rawChunk-1).Result()
			if err != nil {
				return err
			}
			failed = write([]byte(part))
			if failed != nil {
				return failed
			}
			if len(part) < rawChunk {
				break
			}
		}
		_, err := tx.TxPipelined(ctx, func(p redis.Pipeliner) error { return p.StrLen(ctx, key).Err() })
		return err
	}, key)
	switch {
	case failed != nil:
		return failed
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.Is(err, redis.TxFailedErr):
		return ErrChanged
	}
	return conn.Named(err)
}

package keyspace

import (
	"context"
	"errors"
	"hash/maphash"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
	"github.com/olympiades-ia/olymp-cache/internal/resp"
)

// Prints is what keys looked like at one time, to tell later whether they are still the same: a hash of the DUMP of their value, and
// when they expire. It holds their names: some 60 bytes a key and its name.
type Prints struct {
	seed    maphash.Seed
	start   time.Time
	servers map[string]*printed
}

// printed are the keys of one server.
type printed struct {
	names
	prints []fingerprint
}

// fingerprint is one key. There is no way to tell a key from one that was written anew with the same value and the same expiry,
// and no need.
type fingerprint struct {
	hash  uint64
	until time.Duration // when it expires, since Prints.start; never for no expiry
}

const (
	never = time.Duration(-1)
	// expiryTolerance is how far apart two readings of one expiry may lie: PTTL is relative, and its way takes time.
	expiryTolerance = time.Second
	// printKeys is how many keys are looked at, or deleted if unchanged, at once. Their values travel.
	printKeys = 50
)

func newPrints() *Prints {
	return &Prints{seed: maphash.MakeSeed(), start: time.Now(), servers: map[string]*printed{}}
}

func (p *Prints) server(addr string) *printed {
	s := p.servers[addr]
	if s == nil {
		s = &printed{}
		p.servers[addr] = s
	}
	return s
}

// keep remembers what the keys of a batch look like now. Keys that are gone are not kept.
func (p *Prints) keep(ctx context.Context, pipe *redisconn.Pipe, all *names) error {
	for i := 0; i < all.Len(); i += printKeys {
		var out []byte
		end := min(i+printKeys, all.Len())
		for k := i; k < end; k++ {
			out = askPrint(out, all.At(k))
		}
		start := time.Now()
		err := pipe.Write(out)
		s := p.server(pipe.Addr())
		for k := i; k < end && err == nil; k++ {
			var (
				seen  fingerprint
				there bool
			)
			if seen, there, err = p.read(pipe); err != nil || !there {
				continue
			}
			s.bytes = append(s.bytes, all.At(k)...)
			s.ends = append(s.ends, len(s.bytes))
			s.prints = append(s.prints, seen)
		}
		pipe.Sent(2*(end-i), "DUMP, PTTL", time.Since(start))
		var no resp.Error
		if errors.As(err, &no) {
			return &ErrNotAsked{Refusal{Command: "DUMP", Reply: pipe.Redact(string(no)), ID: redisconn.ReplyID(string(no))}}
		}
		if err != nil {
			return pipe.Named(ctx, err)
		}
	}
	return nil
}

func askPrint(out, name []byte) []byte {
	out = append(out, "*2\r\n$4\r\nDUMP\r\n"...)
	out = resp.Argument(out, name)
	return questions{ttl: true}.write(out, name)
}

// read reads the answers about one key.
func (p *Prints) read(pipe *redisconn.Pipe) (seen fingerprint, there bool, err error) {
	if err := pipe.Expect(); err != nil { // each value has its own time: there is no telling how big it is
		return seen, false, err
	}
	var h maphash.Hash
	h.SetSeed(p.seed)
	value, there, err := pipe.Replies.Bulk(nil)
	if err != nil {
		return seen, false, err
	}
	_, _ = h.Write(value) // never fails
	left, err := pipe.Replies.Int()
	if err != nil {
		return seen, false, err
	}
	seen = fingerprint{hash: h.Sum64(), until: never}
	if left >= 0 {
		seen.until = time.Since(p.start) + time.Duration(left)*time.Millisecond
	}
	return seen, there && left != noTTL, nil
}

// same tells whether a key is what it was.
func (p fingerprint) same(now fingerprint) bool {
	if p.hash != now.hash || (p.until == never) != (now.until == never) {
		return false
	}
	apart := p.until - now.until
	return -expiryTolerance <= apart && apart <= expiryTolerance
}

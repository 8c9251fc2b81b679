package keyspace

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/resp"
)

// unchanged deletes the keys that still are what they were when they were looked at. WATCH stands before the second look and EXEC
// behind it: a key that is written in between is kept. A cluster takes one key at a time, as a transaction is of one slot.
func (d *removal) unchanged(ctx context.Context) error {
	size := printKeys
	if d.conn.IsCluster() {
		size = 1
	}
	for _, r := range d.removers {
		seen := d.o.Unchanged.servers[r.pipe.Addr()]
		if seen == nil {
			continue
		}
		for i := 0; i < seen.Len(); i += size {
			n := min(size, seen.Len()-i)
			allowed, bound := d.take(n)
			if err := d.pace(ctx, allowed); err != nil {
				return err
			}
			if err := d.ifSame(r, seen, i, i+allowed); err != nil {
				return err
			}
			if bound != nil {
				return bound
			}
		}
	}
	return d.refused
}

// ifSame deletes those of the keys from i to end that are unchanged, all at once or, where that fails, one by one.
func (d *removal) ifSame(r *remover, seen *printed, i, end int) error {
	same, err := d.compare(r, seen, i, end)
	if err != nil {
		return err
	}
	done, err := d.transact(r, seen, same)
	if err != nil || done {
		return err
	}
	if len(same) == 1 {
		d.note(seen.At(same[0]), Kept) // written between the look and EXEC
		return nil
	}
	for _, k := range same {
		one, err := d.compare(r, seen, k, k+1)
		if err != nil {
			return err
		}
		done, err := d.transact(r, seen, one)
		if err != nil {
			return err
		}
		if !done {
			d.note(seen.At(k), Kept)
		}
	}
	return nil
}

// compare watches keys and looks at them again. It gives those that are the same, and counts the others.
func (d *removal) compare(r *remover, seen *printed, i, end int) (same []int, err error) {
	out := resp.Head(nil, 1+end-i)
	out = resp.Argument(out, "WATCH")
	for k := i; k < end; k++ {
		out = resp.Argument(out, seen.At(k))
	}
	for k := i; k < end; k++ {
		out = askPrint(out, seen.At(k))
	}
	start := time.Now()
	err = r.pipe.Write(out)
	if err == nil {
		err = r.pipe.Expect()
	}
	if err == nil {
		err = r.pipe.Replies.Skip()
	}
	for k := i; k < end && err == nil; k++ {
		var (
			now   fingerprint
			there bool
		)
		now, there, err = d.o.Unchanged.read(r.pipe)
		switch {
		case err != nil:
		case !there:
			d.note(seen.At(k), Missing)
		case !seen.prints[k].same(now), r.soon(&now):
			d.note(seen.At(k), Kept)
		default:
			same = append(same, k)
		}
	}
	r.pipe.Sent(1+2*(end-i), "WATCH, DUMP, PTTL", time.Since(start))
	return same, r.pipe.Named(r.life, err)
}

// soon tells a key that expires before it would be made to, as the two are not compared in the transaction.
func (r *remover) soon(now *fingerprint) bool {
	d := r.run
	return d.o.ExpireIn > 0 && now.until != never && now.until-time.Since(d.o.Unchanged.start) <= d.o.ExpireIn
}

// transact deletes keys in one transaction; done is false where one of them was written meanwhile, and none is gone.
func (d *removal) transact(r *remover, seen *printed, keys []int) (done bool, err error) {
	if len(keys) == 0 {
		no, err := r.refusal(resp.Command(nil, "UNWATCH"), "UNWATCH")
		if err == nil && no != "" {
			err = r.pipe.Named(r.life, resp.Error(no))
		}
		return true, err
	}
	out, fate := resp.Command(nil, "MULTI"), Deleted
	for _, k := range keys {
		if r.command == "PEXPIRE" {
			out, fate = expire(out, seen.At(k), d.lifetime()), Expiring
			continue
		}
		out = r.one(out, seen.At(k), 0)
	}
	out = resp.Command(out, "EXEC")
	start := time.Now()
	if err = r.pipe.Write(out); err == nil {
		err = r.pipe.Expect()
	}
	for n := 0; n < 1+len(keys) && err == nil; n++ {
		if err = r.pipe.Replies.Skip(); isReply(err) {
			err = nil // EXEC then says EXECABORT
		}
	}
	gone, told := make([]int64, len(keys)), false
	if err == nil {
		told, err = r.executed(gone)
	}
	r.pipe.Sent(2+len(keys), "MULTI, "+r.command+", EXEC", time.Since(start))
	for i, k := range keys {
		switch {
		case err != nil && isReply(err):
			d.note(seen.At(k), Failed)
		case err != nil:
			d.note(seen.At(k), Unknown)
		case told && gone[i] > 0:
			d.note(seen.At(k), fate)
		case told:
			d.note(seen.At(k), Missing)
		}
	}
	return told, r.pipe.Named(r.life, err)
}

// executed reads EXEC's answer; told is false where it is nil.
func (r *remover) executed(gone []int64) (told bool, err error) {
	n, err := r.pipe.Replies.Array()
	if err != nil || n == 0 {
		return false, err
	}
	if n != len(gone) {
		return false, fmt.Errorf("%w: EXEC's has %d parts", resp.ErrProtocol, n)
	}
	var refused error
	for i := range gone {
		if gone[i], err = r.pipe.Replies.Int(); err != nil && !isReply(err) {
			return false, err
		} else if err != nil {
			refused = err
		}
	}
	return true, refused
}

func isReply(err error) bool {
	var no resp.Error
	return errors.As(err, &no)
}

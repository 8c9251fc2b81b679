package keyspace

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
	"github.com/olympiades-ia/olymp-cache/internal/resp"
)

// Emptied is what became of one server.
type Emptied struct {
	Addr   string
	Before int64 // keys, as DBSIZE said just before; over all databases where all were emptied
	Fate   Fate  // Deleted, Failed or Unknown; "" where it did not come to it
	Err    error // why not
}

// Flush empties the selected database of every primary, or all its databases. First each must be a primary and answer; then they are
// emptied side by side. What became of each is given with an error too.
func Flush(ctx context.Context, conn *redisconn.Conn, all bool) ([]Emptied, error) {
	addrs, err := conn.Primaries(ctx)
	if err != nil {
		return nil, conn.Named(err)
	}
	life := context.WithoutCancel(ctx) // an answer under way is heard
	out, pipes := make([]Emptied, len(addrs)), make([]*redisconn.Pipe, len(addrs))
	defer closePipes(pipes)
	g, inner := errgroup.WithContext(life)
	for i, addr := range addrs {
		out[i].Addr = addr
		g.Go(func() (err error) {
			if pipes[i], err = conn.Pipe(life, addr); err != nil {
				return err
			}
			if err := mustBePrimary(inner, conn, pipes[i]); err != nil {
				return err
			}
			out[i].Before, err = keysOf(inner, pipes[i], all)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return out, err
	}
	if ctx.Err() != nil {
		return out, context.Cause(ctx)
	}
	var after errgroup.Group // without a context: one that fails is no reason to leave another half done
	for i := range out {
		after.Go(func() error {
			out[i].Fate, out[i].Err = empty(life, pipes[i], all)
			return out[i].Err
		})
	}
	return out, after.Wait()
}

// keysOf counts the keys of a server's database, or of all.
func keysOf(ctx context.Context, pipe *redisconn.Pipe, all bool) (int64, error) {
	if !all {
		return dbSize(ctx, pipe)
	}
	text, err := info(ctx, pipe, "keyspace")
	var sum int64
	for line := range strings.Lines(text) {
		if _, rest, ok := strings.Cut(line, ":keys="); ok {
			digits, _, _ := strings.Cut(rest, ",")
			n, perr := strconv.ParseInt(digits, 10, 64)
			if perr == nil {
				sum += n
			}
		}
	}
	return sum, err
}

// empty sends the command; one that knows no ASYNC (before Redis 4) gets it without.
func empty(ctx context.Context, pipe *redisconn.Pipe, all bool) (Fate, error) {
	command := "FLUSHDB"
	if all {
		command = "FLUSHALL"
	}
	no, err := refusal(ctx, pipe, resp.Command(nil, command, "ASYNC"), command+" ASYNC")
	low := strings.ToLower(no)
	if err == nil && (strings.Contains(low, "syntax error") || strings.Contains(low, "wrong number of arguments")) {
		no, err = refusal(ctx, pipe, resp.Command(nil, command), command)
	}
	switch {
	case err != nil:
		return Unknown, err
	case no != "":
		return Failed, pipe.Named(ctx, resp.Error(no))
	}
	return Deleted, nil
}

// Reclaimed is what a pass over expired keys has brought.
type Reclaimed struct {
	Before, After int64 // keys, as DBSIZE said
	Expired       int64 // keys that the servers counted as expired meanwhile, by this pass or on their own
	Counted       bool  // whether Expired is known: INFO may be refused
}

// Reclaim walks over all keys once, so that Redis frees those that have expired and that nobody has asked for since. It deletes
// nothing that is alive.
func Reclaim(ctx context.Context, conn *redisconn.Conn, pace Pace, progress *Progress) (Reclaimed, error) {
	sum := Reclaimed{Counted: true}
	addrs, err := conn.Primaries(ctx)
	if err != nil {
		return sum, conn.Named(err)
	}
	pipes := make([]*redisconn.Pipe, len(addrs))
	defer closePipes(pipes)
	expired := make([]int64, len(addrs))
	for i, addr := range addrs {
		if pipes[i], err = conn.Pipe(ctx, addr); err != nil {
			return sum, err
		}
		if err := mustBePrimary(ctx, conn, pipes[i]); err != nil {
			return sum, err
		}
		n, err := dbSize(ctx, pipes[i])
		if err != nil {
			return sum, err
		}
		sum.Before += n
		var known bool
		if expired[i], known, err = expiredKeys(ctx, pipes[i]); err != nil {
			return sum, err
		}
		sum.Counted = sum.Counted && known
	}
	progress.Total.Store(sum.Before)
	limits := &limits{pace: pace, start: time.Now()}
	for i := range addrs {
		err := errors.Join(walkAll(ctx, conn, pipes[i], limits, progress))
		if ctx.Err() != nil {
			return sum, context.Cause(ctx)
		}
		if err != nil {
			return sum, err
		}
		n, err := dbSize(ctx, pipes[i])
		if err != nil {
			return sum, err
		}
		sum.After += n
		now, known, err := expiredKeys(ctx, pipes[i])
		if err != nil {
			return sum, err
		}
		sum.Counted = sum.Counted && known
		sum.Expired += now - expired[i]
	}
	return sum, nil
}

// walkAll reads the names of one server and forgets them.
func walkAll(ctx context.Context, conn *redisconn.Conn, pipe *redisconn.Pipe, l *limits, progress *Progress) error {
	w := walker{pipe: pipe, count: pageFor(conn.Timing().Ping, l.pace)}
	p := &page{}
	for cursor := startCursor; ; cursor = p.next {
		start := time.Now()
		if err := w.next(ctx, cursor, p); err != nil {
			return err
		}
		progress.Keys.Add(int64(p.Len()))
		if p.next == startCursor {
			return nil
		}
		if err := l.spend(ctx, 1, w.count); err != nil {
			return err
		}
		if l.pace.Gentle {
			if err := sleep(ctx, gentleRest*time.Since(start)); err != nil {
				return err
			}
		}
	}
}

// expiredKeys is the server's count of keys that have expired; known is false where it does not tell.
func expiredKeys(ctx context.Context, pipe *redisconn.Pipe) (n int64, known bool, err error) {
	text, err := info(ctx, pipe, "stats")
	n, perr := strconv.ParseInt(infoField(text, "expired_keys"), 10, 64)
	return n, perr == nil, err
}

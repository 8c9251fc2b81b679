package keyspace

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
	"golang.org/x/sync/errgroup"

	"github.com/olympiades-ia/olymp-cache/internal/keyspace/profile"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
)

// Progress is how far a run has come; it may be read while the run goes on.
type Progress struct {
	Keys  atomic.Int64 // looked at
	Total atomic.Int64 // that there are; 0 before that is known
	Gone  atomic.Int64 // deleted, or about to expire
}

// ProfileOptions are how a profile is made.
type ProfileOptions struct {
	profile.Options
	Filter   Filter
	Pace     Pace
	Progress *Progress   // may be nil
	From     *Checkpoint // where an earlier run ended; nil to begin
}

// Checkpoint is how far a run came, to go on with later: SCAN keeps its promises over any pause (Redis's documentation of SCAN).
type Checkpoint struct {
	Cursors map[string]string // by server: the cursor to go on with; checkpointEnd where all was read
	Profile profile.State
}

// checkpointEnd stands for the end, as SCAN's own «0» is also the beginning.
const checkpointEnd = "end"

// Result is a profile and how it came about.
type Result struct {
	Profile   *profile.Profile
	Total     int64     // keys of the database, as DBSIZE said before
	Partial   string    // StopBudget, StopDeadline or StopInterrupted; "" where all was read
	Refused   []Refusal // questions that the server does not answer
	Hidden    int64     // keys that the user may not read
	Estimated bool      // sizes are estimated from lengths, as there is no MEMORY USAGE
	Random    bool      // sampled key by key, as cursors do not tell places
	// Checkpoint is where to go on; nil where all was read, or after a sample.
	Checkpoint *Checkpoint
}

// ErrOtherServers is a checkpoint of other servers than those that are there now.
var ErrOtherServers = errors.New("the checkpoint is of other servers")

// StopInterrupted is a run that the operator ended.
const StopInterrupted = "interrupted"

// Exact reads every key of every primary. Where it ends early, at a bound, by Ctrl-C or by an error, the result holds what was read
// and says that it is a part; with an error both are given.
func Exact(ctx context.Context, conn *redisconn.Conn, o ProfileOptions) (*Result, error) {
	addrs, err := conn.Primaries(ctx)
	if err != nil {
		return nil, conn.Named(err)
	}
	run := &exactRun{conn: conn, o: o, limits: &limits{pace: o.Pace, start: time.Now()}}
	if err := run.begin(addrs); err != nil {
		return nil, err
	}
	g, inner := errgroup.WithContext(ctx)
	for _, addr := range addrs {
		g.Go(func() error { return run.server(inner, addr, len(addrs)) })
	}
	err = g.Wait()
	res := &run.result
	switch {
	case errors.Is(err, errBudget), errors.Is(err, errDeadline):
		res.Partial, err = stopOf(err), nil
	case ctx.Err() != nil:
		res.Partial, err = StopInterrupted, context.Cause(ctx)
	case run.stopped != nil:
		res.Partial = stopOf(run.stopped)
	}
	if res.Partial != "" || err != nil {
		res.Checkpoint = &Checkpoint{Cursors: run.cursors, Profile: run.builder.State()}
	}
	res.Profile = run.builder.Profile()
	return res, err
}

// begin begins anew, or where an earlier run ended.
func (e *exactRun) begin(addrs []string) error {
	e.builder, e.cursors = profile.NewBuilder(e.o.Options), map[string]string{}
	for _, addr := range addrs {
		e.cursors[addr] = startCursor
	}
	from := e.o.From
	if from == nil {
		return nil
	}
	if !slices.Equal(slices.Sorted(maps.Keys(from.Cursors)), addrs) {
		return ErrOtherServers
	}
	b, ok := profile.Resume(from.Profile)
	if !ok {
		return ErrOtherServers
	}
	e.builder, e.cursors = b, maps.Clone(from.Cursors)
	if e.o.Progress != nil {
		e.o.Progress.Keys.Store(b.Keys())
	}
	return nil
}

// stopOf names the bound.
func stopOf(err error) string {
	if errors.Is(err, errBudget) {
		return StopBudget
	}
	return StopDeadline
}

type exactRun struct {
	conn   *redisconn.Conn
	o      ProfileOptions
	limits *limits

	mu      sync.Mutex
	builder *profile.Builder
	cursors map[string]string // by server
	result  Result
	stopped error
}

// server reads one of n servers.
func (e *exactRun) server(ctx context.Context, addr string, n int) error {
	pipes, err := openPipes(ctx, e.conn, addr, 2)
	if err != nil {
		return err
	}
	defer closePipes(pipes)
	keys, err := dbSize(ctx, pipes[0])
	if err != nil {
		return err
	}
	e.mu.Lock()
	e.result.Total += keys
	if e.o.Progress != nil {
		e.o.Progress.Total.Store(e.result.Total)
	}
	from := e.cursors[addr]
	e.mu.Unlock()
	if from == checkpointEnd {
		return nil
	}
	r := &reading{
		names: pipes[0], facts: pipes[1], limits: e.limits, filter: e.o.Filter,
		add: func(p *page) error { return e.add(addr, p) },
		walker: walker{
			pipe: pipes[0], filter: e.o.Filter, count: pageFor(e.conn.Timing().Ping, e.o.Pace), recent: newRecent(recentKeys / n),
		},
		asked: questions{kind: true, size: true, ttl: true},
	}
	err = r.run(ctx, from)
	e.mu.Lock()
	defer e.mu.Unlock()
	e.result.Hidden += r.hidden
	e.result.Estimated = e.result.Estimated || r.asked.lengths
	if len(e.result.Refused) == 0 {
		e.result.Refused = r.refused
	}
	if stopped, failed := bound(err); failed == nil && stopped != nil {
		e.stopped = stopped
		return nil // the other servers stop by themselves, and finish what they asked
	}
	return err
}

// add counts a page.
func (e *exactRun) add(addr string, p *page) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, r := range p.records {
		e.builder.Add(r)
	}
	if e.cursors[addr] = p.next; p.next == startCursor {
		e.cursors[addr] = checkpointEnd
	}
	if e.o.Progress != nil {
		e.o.Progress.Keys.Add(int64(p.Len()))
	}
	return nil
}

// openPipes opens n connections to one server, side by side.
func openPipes(ctx context.Context, conn *redisconn.Conn, addr string, n int) ([]*redisconn.Pipe, error) {
	pipes := make([]*redisconn.Pipe, n)
	var g errgroup.Group
	for i := range pipes {
		g.Go(func() (err error) {
			pipes[i], err = conn.Pipe(ctx, addr)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		closePipes(pipes)
		return nil, err
	}
	return pipes, nil
}

func closePipes(pipes []*redisconn.Pipe) {
	for _, p := range pipes {
		if p != nil {
			p.Close()
		}
	}
}

// dbSize asks how many keys one server holds in the database.
func dbSize(ctx context.Context, p *redisconn.Pipe) (int64, error) {
	start := time.Now()
	err := p.Write([]byte("*1\r\n$6\r\nDBSIZE\r\n"))
	if err == nil {
		err = p.Expect()
	}
	var n int64
	if err == nil {
		n, err = p.Replies.Int()
	}
	p.Sent(1, "DBSIZE", time.Since(start))
	return n, p.Named(ctx, err)
}

// Count is how many keys the database holds, as DBSIZE says, over all primaries.
func Count(ctx context.Context, conn *redisconn.Conn) (int64, error) {
	var total atomic.Int64
	err := conn.EachPrimary(ctx, func(ctx context.Context, c *redis.Client) error {
		n, err := c.DBSize(ctx).Result()
		total.Add(n)
		return err
	})
	if ctx.Err() != nil {
		return 0, context.Cause(ctx)
	}
	return total.Load(), conn.Named(err)
}

// Package monitor listens to MONITOR of a server, or of all primaries of a cluster side by side. It reads as fast as the server
// sends: what is done with the commands runs apart, and what there is no room for is dropped and counted, as a server whose
// output buffer grows is worse off than a list with a gap.
package monitor

import (
	"context"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/facts"
	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/monitor/traffic"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
)

// Options are what to listen to, and for how long.
type Options struct {
	Conn   redisconn.Options
	For    time.Duration // from the server's OK on; 0 means until ctx ends
	Limit  uint64        // ends after that many wanted commands; 0 means no limit
	Filter *traffic.Matcher
	// Begun is told once all servers said OK, and gives what the wanted commands are shown to; where it gives nil, or is nil, they are
	// summed up. Progress is told about every second, but for the time that showing takes; it may be nil.
	Begun    func(Begun) Show
	Progress func(Progress)
}

// Show takes the wanted commands in the order of their arrival. Flush is called when there are no more for the moment. An error
// ends the run.
type Show interface {
	Command(e *traffic.Event, who traffic.Who) error
	Flush() error
}

// Begun is a run that listens.
type Begun struct {
	Nodes  []string
	Unseen []string // commands of the filter that the server never shows
}

// Progress is how far a run is.
type Progress struct {
	Seen    uint64
	Elapsed time.Duration
}

// End is why a run ended.
type End string

// The ends.
const (
	EndWindow      End = "window"
	EndLimit       End = "limit"
	EndInterrupted End = "interrupted"
	EndLost        End = "lost" // a server hung up; see Loss
)

// Loss is a server that hung up.
type Loss struct {
	Addr  string
	Cause string // "restarted", "output-buffer", "closed", or "unreachable" where Err tells more
	Err   error  // a *redisconn.Error with "unreachable"
}

// Result is what was heard.
type Result struct {
	Server     redisconn.Server
	Nodes      []string // addresses; Event.Node is one's place
	Started    time.Time
	Elapsed    time.Duration
	Seen       uint64 // commands that were read, our own left out
	Wanted     uint64 // of those, what the filter wanted
	Dropped    uint64 // lines that there was no room for
	Unreadable uint64 // lines that are none of MONITOR's
	Nameless   uint64 // commands that a filter by name could not decide, their clients being gone
	KeysTold   bool   // the server told where keys stand; else they are found by general rules
	Tally      *traffic.Tally
	Window     *snapshot.Window // the server's own counters meanwhile; nil where every command was shown
	End        End
	Lost       *Loss
	Commands   int // that we sent
}

// UnknownCommandError is a command in the filter that the server does not have.
type UnknownCommandError struct{ Name string }

func (e *UnknownCommandError) Error() string { return "unknown command " + e.Name }

// NamesRefusedError is a filter by client name on a server that does not tell names.
type NamesRefusedError struct{ Reply string }

func (e *NamesRefusedError) Error() string { return "CLIENT LIST refused: " + e.Reply }

// RefusedError is a server that does not allow MONITOR.
type RefusedError struct{ Err *redisconn.Error }

func (e *RefusedError) Error() string { return "MONITOR refused: " + e.Err.Error() }

// Unwrap gives the refusal.
func (e *RefusedError) Unwrap() error { return e.Err }

// Run listens until the time is over, the limit is reached, ctx ends or a server hangs up. The error is that of the connection (a
// *redisconn.Error), one of this package's, that of Show, or ctx's cause; there is a result beside it once MONITOR had begun.
func Run(ctx context.Context, target config.Target, o Options) (*Result, error) {
	// The connections outlive ctx: after Ctrl-C the server's counters are read once more.
	life, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cancel(nil)
	detach := context.AfterFunc(ctx, func() { cancel(context.Cause(ctx)) })
	conn, err := redisconn.Open(life, target, o.Conn)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	r := &run{options: o, conn: conn, result: &Result{Server: conn.Server()}}
	if err := r.prepare(life); err != nil {
		return nil, err
	}
	if err := r.openStreams(life); err != nil {
		return nil, err
	}
	defer r.closeStreams()
	if !detach() {
		return nil, context.Cause(ctx)
	}
	err = r.listen(ctx)
	r.closeStreams() // so that what follows is not heard
	last, done := context.WithTimeout(life, timeoutOf(o))
	defer done()
	if failed := r.conclude(last); err == nil {
		err = failed
	}
	if r.result.End == EndInterrupted && err == nil {
		err = context.Cause(ctx)
	}
	r.result.Commands = conn.CommandsSent()
	return r.result, err
}

func timeoutOf(o Options) time.Duration {
	if o.Conn.Timeout > 0 {
		return o.Conn.Timeout
	}
	return redisconn.DefaultTimeout
}

// run is one run.
type run struct {
	options Options
	conn    *redisconn.Conn
	streams []*redisconn.Stream
	names   *names
	before  snapshot.Sample
	unseen  []string
	show    Show
	reader  traffic.Reader
	result  *Result
}

// prepare asks what is needed before MONITOR begins, so that nothing of ours is heard: which commands there are, who the clients
// are, how the counters stand.
func (r *run) prepare(ctx context.Context) error {
	table := facts.CommandTable(ctx, r.conn)
	r.reader.Commands, r.result.KeysTold = table.Value, table.Status == snapshot.OK
	r.names = newNames(r.conn)
	r.names.refresh(ctx)
	r.before = facts.Sample(ctx, r.conn)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	f := r.options.Filter
	if r.result.KeysTold {
		for _, name := range f.CommandNames() {
			if !table.Value.Has(name) {
				return &UnknownCommandError{Name: name}
			}
			if table.Value.Unseen(name) {
				r.unseen = append(r.unseen, name)
			}
		}
	}
	if f.NeedsNames() {
		if r.names.refused != "" {
			return &NamesRefusedError{Reply: r.names.refused}
		}
		f.Of = func(client []byte) (traffic.Who, bool) { return r.names.look(ctx, string(client)) }
	}
	return nil
}

// conclude reads the counters again, for the hit rate and to tell why a server hung up.
func (r *run) conclude(ctx context.Context) error {
	res := r.result
	res.Nameless = r.options.Filter.Nameless
	if res.Tally == nil && res.Lost == nil {
		return nil
	}
	after := facts.Sample(ctx, r.conn)
	window := snapshot.Between(r.before, after)
	if res.Tally != nil {
		res.Window = &window
	}
	if res.Lost == nil {
		return nil
	}
	return r.explainLoss(ctx, window, after)
}

// explainLoss tells why a server hung up.
func (r *run) explainLoss(ctx context.Context, window snapshot.Window, after snapshot.Sample) error {
	lost := r.result.Lost
	lost.Cause = "closed"
	for i, n := range window.Nodes {
		if n.Addr != lost.Addr && len(window.Nodes) > 1 {
			continue
		}
		switch n.Change {
		case snapshot.Restarted:
			lost.Cause = "restarted"
			return nil
		case snapshot.Unread, snapshot.Gone:
			if err := r.conn.Named(r.conn.Seed().Ping(ctx).Err()); err != nil && n.Change == snapshot.Unread {
				lost.Cause, lost.Err = "unreachable", err
				return err
			}
			return nil
		case snapshot.Unchanged, snapshot.Appeared, snapshot.StatsReset:
		}
		if i < len(r.before.Nodes) && i < len(after.Nodes) && r.bufferKill(ctx, r.before.Nodes[i], after.Nodes[i]) {
			lost.Cause = "output-buffer"
		}
	}
	return nil
}

// bufferKill tells whether the server closed a connection because its output buffer was too full: by its own count, since
// Redis 7.2, else by whether there is such a limit at all.
func (r *run) bufferKill(ctx context.Context, before, after snapshot.NodeSample) bool {
	was, ok1 := before.Info.Value.Stats.OutputBufferKills.Get()
	is, ok2 := after.Info.Value.Stats.OutputBufferKills.Get()
	if ok1 && ok2 {
		return is > was
	}
	limited := facts.ClientLimit(ctx, r.conn)
	return limited.Status == snapshot.OK && limited.Value
}

package monitor

import (
	"context"
	"errors"
	"os"
	"sync/atomic"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/monitor/traffic"
)

// progressEvery is how often Progress is told.
const progressEvery = time.Second

// listener is the part of a run in which the streams are open. Its readers run by themselves; all else is one goroutine's.
type listener struct {
	*run
	in      *intake
	endings chan ending
	dropped atomic.Uint64
	closing atomic.Bool // we end it, no server did
	failed  error       // of Show
	done    bool        // nothing more is wanted
}

// listen is what goes on from the last OK to the end of the last stream.
func (r *run) listen(ctx context.Context) error {
	l := &listener{run: r, in: newIntake(), endings: make(chan ending, len(r.streams))}
	res := r.result
	res.Started, res.End = time.Now(), EndWindow
	if r.options.Begun != nil {
		r.show = r.options.Begun(Begun{Nodes: res.Nodes, Unseen: r.unseen})
	}
	if r.show == nil {
		res.Tally = traffic.NewTally(len(r.streams), r.names.known)
	}
	// However long showing takes, the servers are let go in time.
	leave := context.AfterFunc(ctx, l.stop)
	defer leave()
	if r.options.For > 0 {
		timer := time.AfterFunc(r.options.For, l.stop)
		defer timer.Stop()
	}
	for node := range r.streams {
		go l.follow(node)
	}
	l.consume(ctx)
	res.Dropped += l.dropped.Load()
	if ctx.Err() != nil && res.End == EndWindow {
		res.End = EndInterrupted
	}
	return l.failed
}

// stop ends the reading, here and now.
func (l *listener) stop() {
	l.closing.Store(true)
	for _, s := range l.streams {
		_ = s.SetReadDeadline(time.Unix(1, 0)) // one that fails has ended already
	}
}

// follow reads one stream to its end, and hangs up.
func (l *listener) follow(node int) {
	s := lines{stream: l.streams[node], node: node, in: l.in}
	err := s.read()
	l.dropped.Add(s.dropped)
	if l.closing.Load() && errors.Is(err, os.ErrDeadlineExceeded) {
		err = nil
	}
	_ = s.stream.Close() // the server is let go as soon as nobody reads
	l.endings <- ending{node, time.Now(), err}
}

// consume takes the blocks until all streams have ended and nothing is left of them.
func (l *listener) consume(ctx context.Context) {
	var tick <-chan time.Time
	if l.options.Progress != nil {
		ticker := time.NewTicker(progressEvery)
		defer ticker.Stop()
		tick = ticker.C
	}
	for open := len(l.streams); open > 0 || len(l.in.filled) > 0; {
		select {
		case b := <-l.in.filled:
			l.take(ctx, b)
		case e := <-l.endings:
			open--
			l.ended(e)
		case <-tick:
			l.options.Progress(Progress{Seen: l.result.Seen + l.dropped.Load(), Elapsed: time.Since(l.result.Started)})
		}
		if len(l.in.filled) == 0 && l.show != nil && l.failed == nil {
			l.fail(l.show.Flush())
		}
	}
}

func (l *listener) ended(e ending) {
	l.result.Elapsed = max(l.result.Elapsed, e.at.Sub(l.result.Started))
	if e.err == nil || l.result.Lost != nil || l.result.End == EndLimit || l.closing.Load() {
		return
	}
	l.result.End, l.result.Lost = EndLost, &Loss{Addr: l.result.Nodes[e.node]}
	l.stop()
}

// take reads one block.
func (l *listener) take(ctx context.Context, b block) {
	defer l.in.give(b.data)
	res := l.result
	switch {
	case l.done:
		return
	case l.show != nil && ctx.Err() != nil: // somebody wants to leave: what waits is not shown any more
		res.Dropped += traffic.Lines(b.data)
		return
	}
	unreadable := l.reader.Read(b.data, b.node, b.cut, func(e *traffic.Event) bool {
		if l.names.own[string(e.Client)] {
			return true
		}
		res.Seen++
		if !l.options.Filter.Wants(e) {
			return true
		}
		res.Wanted++
		l.hand(e)
		if res.Wanted == l.options.Limit {
			res.End, l.done = EndLimit, true
			l.stop()
		}
		return !l.done
	})
	res.Unreadable += uint64(unreadable) //nolint:gosec // never negative
}

// hand gives a wanted command to who asked for it.
func (l *listener) hand(e *traffic.Event) {
	if l.result.Tally != nil {
		l.result.Tally.Add(e)
		return
	}
	who, _ := l.names.known(e.Client)
	l.fail(l.show.Command(e, who))
}

// fail ends the run when showing failed: nobody reads any more.
func (l *listener) fail(err error) {
	if err != nil && l.failed == nil {
		l.failed, l.done = err, true
		l.stop()
	}
}

package diagnosis

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/facts"
	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/probe/trace"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
	"github.com/olympiades-ia/olymp-cache/internal/watch"
)

const (
	// watchSlowlog is how many entries of the slow log a look reads.
	watchSlowlog = 16
	// slowlogEvery is how often at most the slow log is read, however short the interval.
	slowlogEvery = time.Second
	// pingEvery and mostWatchPings are how many PINGs go with one interval: two a second leave room for INFO, SLOWLOG and a
	// cluster's map among five commands a second.
	pingEvery      = 500 * time.Millisecond
	mostWatchPings = 20
	// firstRetry and lastRetry are the waits before the first and the later tries to reach a server that went away.
	firstRetry, lastRetry = 250 * time.Millisecond, 5 * time.Second
)

// Watcher looks at a server again and again over one connection, and finds it again when it comes back.
type Watcher struct {
	cfg      *config.Config
	opts     Options
	conn     *redisconn.Conn
	interval atomic.Int64 // ns
	changed  chan struct{}
	until    time.Time // zero: for ever
	sent     int       // over connections that are closed
	slowlog  time.Time // when it was read last
	retry    time.Duration
}

// errOver ends a run whose time is over; grace is what its last look may take beyond.
var errOver = errors.New("the time is over")

const grace = time.Second

// NewWatcher connects; its error is that of the connection, as Vitals has it.
func NewWatcher(ctx context.Context, cfg *config.Config, opts Options, interval time.Duration) (*Watcher, error) {
	conn, err := redisconn.Open(ctx, cfg.Target, opts.Conn)
	if err != nil {
		return nil, err
	}
	w := &Watcher{cfg: cfg, opts: opts, conn: conn, changed: make(chan struct{}, 1), retry: firstRetry}
	w.interval.Store(int64(interval))
	return w, nil
}

// SetInterval changes the time between two looks, from the next one on. It may be called while Run runs.
func (w *Watcher) SetInterval(d time.Duration) {
	w.interval.Store(int64(d))
	select {
	case w.changed <- struct{}{}:
	default: // one is on its way
	}
}

// Run shows each look to see, which it waits for, for a length of time, 0 for until ctx ends. The last look of a given length is
// taken at its end. It closes the connection. The error is nil at the end of that time, else ctx's cause.
func (w *Watcher) Run(ctx context.Context, length time.Duration, see func(watch.Beat)) error {
	defer func() { w.conn.Close() }()
	if length > 0 {
		w.until = time.Now().Add(length)
		over, cancel := context.WithDeadlineCause(ctx, w.until.Add(grace), errOver)
		defer cancel()
		ctx = over
	}
	for {
		lost := w.follow(ctx, see)
		if lost != nil && w.again(ctx, *lost, see) {
			continue
		}
		if err := context.Cause(ctx); !errors.Is(err, errOver) {
			return err // nil where the last look was taken
		}
		return nil
	}
}

// follow looks until the connection is lost, which it tells, or until the end.
func (w *Watcher) follow(ctx context.Context, see func(watch.Beat)) *finding.Finding {
	// The driver looks at deadlines only: who leaves would otherwise wait for a silent server.
	defer context.AfterFunc(ctx, w.conn.Close)()
	t := &turn{pulse: facts.NewPulse(w.conn)}
	next := time.Now()
	for {
		beat := w.look(ctx, t)
		if ctx.Err() != nil {
			return nil
		}
		if lost := w.allLost(&beat); lost != nil {
			return lost
		}
		see(beat)
		w.retry = firstRetry
		if w.over() {
			return nil
		}
		if moved := w.movedAway(&beat); moved != nil {
			return moved
		}
		var lost *finding.Finding
		if next, lost = w.rest(ctx, next, t); lost != nil || ctx.Err() != nil {
			return lost
		}
	}
}

// turn is what one connection carries from a look to the next.
type turn struct {
	pulse *facts.Pulse
	sent  int // commands until the look before
	own   map[string]int64
	wrong map[string]int64 // errors of our own
	pings []time.Duration
	ping  snapshot.Fact[time.Duration]
}

// allLost is why none of the servers answered; nil where one did: the others of a cluster are then shown as silent.
func (w *Watcher) allLost(beat *watch.Beat) *finding.Finding {
	var lost *finding.Finding
	for i := range beat.Nodes {
		if lost = lostBy(beat.Nodes[i].Info, beat.Nodes[i].Addr); lost == nil {
			return nil
		}
	}
	return lost
}

// over tells that the last look was taken.
func (w *Watcher) over() bool { return !w.until.IsZero() && !time.Now().Before(w.until) }

// movedAway tells a primary that Sentinel named and that has become a replica since: the Sentinels know where to look now.
func (w *Watcher) movedAway(beat *watch.Beat) *finding.Finding {
	info, ok := beat.Nodes[0].Info.Get()
	if w.cfg.Target.Network != config.NetworkSentinel || !ok || info.Replication.Role != "slave" || w.conn.Server().Role == "replica" {
		return nil
	}
	return &finding.Finding{ID: "tcp-closed", Severity: finding.Critical, Subject: w.conn.Server().Addr}
}

// look asks once. Own counts what was sent since the look before: INFO does not count itself, but the one before.
func (w *Watcher) look(ctx context.Context, t *turn) watch.Beat {
	sent := w.conn.CommandsSent()
	slowlog := 0
	if now := time.Now(); now.Sub(w.slowlog) >= slowlogEvery-slowlogEvery/10 {
		slowlog, w.slowlog = watchSlowlog, now
	}
	nodes, listed := t.pulse.Look(ctx, slowlog)
	s := w.conn.Server()
	beat := watch.Beat{
		Time: time.Now(), Primaries: listed, Pings: t.pings, Ping: t.ping, Own: t.own, OwnTotal: int64(sent - t.sent),
		OwnErrors: t.wrong, Sent: w.sent + w.conn.CommandsSent(),
		Server: trace.Server{
			Product: s.Product, Version: s.Version, Mode: string(s.Mode), Role: s.Role, Addr: s.Addr, Sentinel: s.IsSentinel,
		},
	}
	t.sent, t.pings, t.own, t.wrong = sent, nil, map[string]int64{"info": int64(len(nodes))}, map[string]int64{}
	for _, n := range nodes {
		beat.Nodes = append(beat.Nodes, watch.Node{Node: n.Node, Time: n.Time})
		if slowlog > 0 {
			t.own["slowlog|get"]++
		}
		for _, words := range n.Refused {
			name, _, _ := strings.Cut(string(words), " ")
			t.wrong[name]++
		}
	}
	t.own["slowlog"] = t.own["slowlog|get"] // its name before Redis 7.0
	return beat
}

// rest waits for the next look and sends the PINGs that lie between, evenly spread: they then see the server at different
// moments.
func (w *Watcher) rest(ctx context.Context, last time.Time, t *turn) (next time.Time, lost *finding.Finding) {
	for {
		interval := time.Duration(w.interval.Load())
		next = last.Add(interval)
		if now := time.Now(); next.Before(now) { // fell behind: the server was slow, or the interval was made shorter
			next = now
		}
		if !w.until.IsZero() && next.After(w.until) {
			next = w.until
		}
		rounds := min(max(int(interval/pingEvery), 1), mostWatchPings)
		step := next.Sub(last) / time.Duration(rounds)
		again := false
		for k := 1; k <= rounds && !again; k++ {
			switch w.wait(ctx, time.Until(last.Add(step*time.Duration(k)))) {
			case waitEnded:
				return next, nil
			case waitChanged:
				again, last = true, time.Now()
				continue
			}
			if lost := w.ping(ctx, t); lost != nil {
				return next, lost
			}
		}
		if !again {
			return next, nil
		}
	}
}

// ping sends one, unless it was refused before.
func (w *Watcher) ping(ctx context.Context, t *turn) *finding.Finding {
	if t.ping.Status == snapshot.Denied || t.ping.Status == snapshot.Unsupported {
		return nil
	}
	f := facts.PingOnce(ctx, w.conn)
	if ctx.Err() != nil {
		return nil
	}
	t.ping = f
	t.own["ping"]++
	if name, _, _ := strings.Cut(string(f.Reply), " "); name != "" {
		t.wrong[name]++
	}
	if took, ok := f.Get(); ok {
		t.pings = append(t.pings, took)
	}
	if w.conn.Server().Mode == redisconn.ModeCluster {
		return nil // the node that the URL names is gone, others may be there: INFO tells
	}
	return lostBy(f, w.conn.Server().Addr)
}

// lostBy is the failure of a question as a finding, where it says that the server is not there any more.
func lostBy[T any](f snapshot.Fact[T], addr string) *finding.Finding {
	if !f.Unreached() {
		return nil
	}
	return &finding.Finding{ID: f.Cause, Severity: finding.Critical, Subject: addr}
}

// How a wait ended.
const (
	waitDone = iota
	waitChanged
	waitEnded
)

func (w *Watcher) wait(ctx context.Context, d time.Duration) int {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return waitEnded
	case <-w.changed:
		return waitChanged
	case <-timer.C:
		return waitDone
	}
}

// again tries to reach a server that went away, with growing waits between the tries, and shows each failure. Sentinels are
// asked anew each time, so that a failover is followed. It is false at the end.
func (w *Watcher) again(ctx context.Context, lost finding.Finding, see func(watch.Beat)) bool {
	w.sent += w.conn.CommandsSent()
	w.conn.Close()
	see(watch.Beat{Time: time.Now(), Failure: &lost, Sent: w.sent})
	for {
		// Also before the first try: a server that lets us in and hangs up at the first question must not be asked in a loop.
		if w.over() || !w.sleep(ctx, w.retry) {
			return false
		}
		w.retry = min(2*w.retry, lastRetry)
		conn, err := redisconn.Open(ctx, w.cfg.Target, w.opts.Conn)
		switch {
		case err == nil:
			w.conn = conn
			return true
		case ctx.Err() != nil:
			return false
		}
		failed := lost
		if e, ok := redisconn.AsError(err); ok {
			failed = e.Finding()
		}
		see(watch.Beat{Time: time.Now(), Failure: &failed, Retry: w.retry, Sent: w.sent})
	}
}

// sleep waits, not beyond the end of the run; a new interval does not shorten it. It is false where ctx ended.
func (w *Watcher) sleep(ctx context.Context, d time.Duration) bool {
	if left := time.Until(w.until); !w.until.IsZero() && left < d {
		d = left
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

package watch

import (
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/evidence"
	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/findings"
	"github.com/olympiades-ia/olymp-cache/internal/vitals"
)

const (
	// mostPoints is how many intervals the curves remember: more than the widest terminal shows.
	mostPoints = 400
	// mostEvents and mostSlow are how many lines of the log and of slow commands are kept.
	mostEvents, mostSlow = 200, 100
	// roundsKept is how many PINGs the p99 is of; findings want 100 of them.
	roundsKept = 120
	// fewRounds is below which a few late answers are no share of anything.
	fewRounds = 20
	// judgedOver is the time that the hit rate's alert looks at: of a second alone there is often too little to judge.
	judgedOver = 30 * time.Second
	// sampleEvery is how far apart the samples are that the alert's window is cut from.
	sampleEvery = time.Second
)

// Point is one interval of the curves. What is not known is a gap.
type Point struct {
	Ops     snapshot.Opt[float64] // commands a second, without our own
	HitRate snapshot.Opt[float64] // ratio
	Used    snapshot.Opt[float64] // bytes
	Clients snapshot.Opt[float64]
	Ping    snapshot.Opt[float64] // ms: the slowest of the interval, which is the p99 of so few
}

// Rates are what happens a second, of the last interval; unknown in the first one, after a restart and after a reset of the
// counters.
type Rates struct {
	Elapsed     time.Duration
	Ops         snapshot.Opt[float64] // without our own
	Lookups     snapshot.Opt[float64]
	HitRate     snapshot.Opt[float64] // ratio; unknown without a lookup
	In, Out     snapshot.Opt[float64] // bytes
	Expired     snapshot.Opt[float64]
	Evicted     snapshot.Opt[float64]
	Connections snapshot.Opt[float64]
	Errors      snapshot.Opt[float64] // unknown before Redis 6.2
}

// State is what a live view shows. It shares nothing that later looks change.
type State struct {
	Time     time.Time
	Evidence *evidence.Evidence // of the last look that drew an answer; nil before
	Alerts   []findings.Alert
	Sections []vitals.Section
	Points   []Point // oldest first
	Rates    Rates
	Commands []Command
	Slow     []Slow                  // newest first
	Fresh    []Slow                  // those of them that came since the look before
	Slowlog  snapshot.Fact[struct{}] // whether the slow log may be read
	Errors   []ErrorCount
	Events   []Event // newest first
	Failure  *finding.Finding
	Since    time.Time // of the failure
	Retry    time.Duration
	Answered time.Time // when the server last answered
	Change   snapshot.Change
	Sent     int
}

// History takes one look after the other.
type History struct {
	base     evidence.Evidence // what does not change: target, settings
	state    State
	last     *Beat             // the last one with an answer
	samples  []snapshot.Sample // for the alert's window, oldest first
	sampled  time.Time         // when the newest of them was taken
	pings    []time.Duration   // the last ones, oldest first
	calls    map[string]int64  // of each command since we look
	errors   map[string]int64  // as calls
	newest   map[string]int64  // id of the newest slow command, by node
	alerting map[string]finding.Severity
}

// New is an empty history; base is the evidence of a run that has only read its configuration.
func New(base *evidence.Evidence) *History {
	return &History{
		base: *base, calls: map[string]int64{}, errors: map[string]int64{}, newest: map[string]int64{},
		alerting: map[string]finding.Severity{},
	}
}

// State is what is to be shown now.
func (h *History) State() State {
	s := h.state
	s.Points = append([]Point(nil), s.Points...)
	s.Slow = append([]Slow(nil), s.Slow...)
	s.Events = append([]Event(nil), s.Events...)
	return s // the other lists are made anew by each look
}

// Add takes one look.
func (h *History) Add(b Beat) {
	s := &h.state
	s.Time, s.Sent, s.Retry, s.Change = b.Time, b.Sent, b.Retry, snapshot.Unchanged
	if b.Failure != nil {
		h.fail(&b)
		return
	}
	if s.Failure != nil {
		h.log(Event{Time: b.Time, Kind: Back, Span: b.Time.Sub(s.Since)})
		s.Failure = nil
	}
	s.Answered = b.Time
	w := h.compare(&b)
	h.remember(&b)
	withoutOwn(&b, w)
	h.judge(&b, w)
	h.rates(w)
	h.commands(&b, w)
	h.errorsOf(&b, w)
	h.slow(&b)
	h.plot(&b)
	h.last = &b
}

// fail is a look that drew no answer: the curves get a gap, the numbers of before stay.
func (h *History) fail(b *Beat) {
	s := &h.state
	f := findings.InContext(*b.Failure, h.base.Target)
	if s.Failure == nil {
		s.Since = b.Time
		h.log(Event{Time: b.Time, Kind: Lost, Finding: &f})
	}
	s.Failure, s.Rates = &f, Rates{}
	s.Commands = idle(s.Commands)
	h.add(Point{})
}

func (h *History) add(p Point) { h.state.Points = keep(append(h.state.Points, p), mostPoints) }

// keep is the end of a list.
func keep[T any](all []T, most int) []T {
	if len(all) <= most {
		return all
	}
	return append(all[:0:0], all[len(all)-most:]...)
}

// compare is what happened since the last look, and says so where the counters began anew.
func (h *History) compare(b *Beat) *snapshot.Window {
	if h.last == nil {
		return nil
	}
	w := snapshot.Between(sampleOf(h.last), sampleOf(b))
	for _, n := range w.Nodes {
		switch n.Change {
		case snapshot.Restarted, snapshot.StatsReset:
			h.state.Change = n.Change
			h.samples, h.sampled = nil, time.Time{}
			if n.Change == snapshot.Restarted {
				h.newest[n.Addr] = noneYet // the slow log begins anew, and all that is in it came while we look
			}
			h.log(Event{Time: b.Time, Kind: map[snapshot.Change]string{
				snapshot.Restarted: Restarted, snapshot.StatsReset: Reset,
			}[n.Change], Name: n.Addr})
		case snapshot.Gone, snapshot.Appeared, snapshot.Unread, snapshot.Unchanged:
		}
	}
	return &w
}

func sampleOf(b *Beat) snapshot.Sample {
	s := snapshot.Sample{Nodes: make([]snapshot.NodeSample, len(b.Nodes))}
	for i := range b.Nodes {
		n := &b.Nodes[i]
		s.Nodes[i] = snapshot.NodeSample{Addr: n.Addr, Time: n.Time, Info: n.Info}
	}
	return s
}

// remember keeps what the alert's window needs of a look.
func (h *History) remember(b *Beat) {
	for len(h.samples) > 1 && b.Time.Sub(timeOf(h.samples[1])) >= judgedOver {
		h.samples = h.samples[1:]
	}
	if b.Time.Sub(h.sampled) < sampleEvery {
		return
	}
	s := sampleOf(b)
	for i := range s.Nodes {
		f := &s.Nodes[i].Info // only what Between reads: a look may hold a hundred kB
		f.Value = snapshot.Info{Server: f.Value.Server, Stats: f.Value.Stats}
	}
	h.samples, h.sampled = append(h.samples, s), b.Time
}

func timeOf(s snapshot.Sample) time.Time {
	if len(s.Nodes) == 0 {
		return time.Time{}
	}
	return s.Nodes[0].Time
}

// plot adds a point to the curves.
func (h *History) plot(b *Beat) {
	p := Point{Ops: h.state.Rates.Ops, HitRate: h.state.Rates.HitRate}
	if t := h.state.Evidence.Server.Totals; t.Nodes > 0 { // of those that answered
		p.Used, p.Clients = float(t.Used), float(t.Clients)
	}
	for _, took := range b.Pings {
		p.Ping = snapshot.Some(max(p.Ping.Or(0), float64(took)/float64(time.Millisecond)))
	}
	h.add(p)
}

func float(o snapshot.Opt[int64]) snapshot.Opt[float64] {
	n, ok := o.Get()
	if !ok {
		return snapshot.Opt[float64]{}
	}
	return snapshot.Some(float64(n))
}

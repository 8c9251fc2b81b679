package watch

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/sorting"
)

// Command is one command as it was called by others than us.
type Command struct {
	Name      string
	PerSecond float64               // in the last interval
	Calls     int64                 // since we look
	Mean      snapshot.Opt[float64] // ms a call, in the last interval; unknown without a call
	Share     float64               // of the time that all commands took in the last interval
	Failed    float64               // a second: failed and rejected ones
}

// Slow is an entry of a slow log.
type Slow struct {
	snapshot.SlowCommand
	Node string // its address, where there are several
	New  bool   // came while we look
}

// ErrorCount is how often applications met one kind of error.
type ErrorCount struct {
	Name  string
	New   int64 // in the last interval
	Since int64 // since we look
	Total int64 // since the start of the server
}

// Kinds of events, stable in JSON.
const (
	Lost      = "lost"
	Back      = "back"
	Restarted = "restarted"
	Reset     = "stats-reset"
	AlertOn   = "alert"
	AlertOff  = "alert-over"
	Failed    = "error" // applications met an error
)

// Event is something that happened while we look.
type Event struct {
	Time    time.Time
	Kind    string
	Name    string           // of the node, the alert or the error
	Count   int64            // how often
	Span    time.Duration    // how long the server was gone
	Value   finding.Evidence // of the alert
	Finding *finding.Finding // why it was lost
}

func (h *History) log(e Event) {
	h.state.Events = append([]Event{e}, h.state.Events...)
	h.state.Events = h.state.Events[:min(len(h.state.Events), mostEvents)]
}

// grown adds up, over the nodes that can be compared, how much named counters grew; those that did not are left out.
func (h *History) grown(b *Beat, w *snapshot.Window, counters func(*snapshot.Info, func(name string, n int64))) map[string]int64 {
	growth := map[string]int64{}
	if w == nil {
		return growth
	}
	for _, n := range w.Nodes {
		if n.Change != snapshot.Unchanged {
			continue
		}
		counters(infoOf(b, n.Addr), func(name string, count int64) { growth[name] += count })
		before := map[string]int64{}
		counters(infoOf(h.last, n.Addr), func(name string, count int64) { before[name] += count })
		for name, count := range before {
			growth[name] -= count
		}
	}
	maps.DeleteFunc(growth, func(_ string, n int64) bool { return n <= 0 })
	return growth
}

// infoOf is what a node told; an empty INFO where it told nothing.
func infoOf(b *Beat, addr string) *snapshot.Info {
	for i := range b.Nodes {
		if b.Nodes[i].Addr == addr {
			return &b.Nodes[i].Info.Value
		}
	}
	return &snapshot.Info{}
}

// commands are those of the last interval, then those that were called before.
func (h *History) commands(b *Beat, w *snapshot.Window) {
	count := func(field func(*snapshot.CommandStat) int64) map[string]int64 {
		return h.grown(b, w, func(i *snapshot.Info, add func(string, int64)) {
			for name, c := range i.Commands {
				add(string(name), field(&c))
			}
		})
	}
	calls := count(func(c *snapshot.CommandStat) int64 { return c.Calls.Or(0) })
	usec := count(func(c *snapshot.CommandStat) int64 { return c.Usec.Or(0) })
	failed := count(func(c *snapshot.CommandStat) int64 { return c.Failed.Or(0) + c.Rejected.Or(0) })
	for name, n := range b.Own {
		if all := calls[name]; all > 0 {
			usec[name] = usec[name] * max(all-n, 0) / all
			calls[name] = max(all-n, 0)
		}
	}
	var busy int64
	for _, n := range usec {
		busy += n
	}
	for name, n := range calls {
		h.calls[name] += n
	}
	seconds := 1.0
	if w != nil && w.Elapsed > 0 {
		seconds = w.Elapsed.Duration().Seconds()
	}
	h.state.Commands = nil
	for name, total := range h.calls {
		if total == 0 && failed[name] == 0 {
			continue
		}
		c := Command{
			Name: name, Calls: total, PerSecond: float64(calls[name]) / seconds, Share: float64(usec[name]) / float64(max(busy, 1)),
			Failed: float64(failed[name]) / seconds,
		}
		if n := calls[name]; n > 0 {
			c.Mean = snapshot.Some(float64(usec[name]) / float64(n) / 1000)
		}
		h.state.Commands = append(h.state.Commands, c)
	}
	SortCommands(h.state.Commands, ByRate)
}

// idle is a list of commands in an interval in which nothing is known to have been called.
func idle(all []Command) []Command {
	all = slices.Clone(all)
	for i := range all {
		all[i] = Command{Name: all[i].Name, Calls: all[i].Calls}
	}
	return all
}

// Order is what commands are sorted by, the highest first.
type Order uint8

// The orders.
const (
	ByRate Order = iota
	ByShare
	ByMean
	ByFailed
	ByCalls
	Orders // how many there are
)

// SortCommands sorts in place; equal ones by their calls, then by name.
func SortCommands(all []Command, by Order) {
	key := func(c *Command) float64 {
		switch by {
		case ByShare:
			return c.Share
		case ByMean:
			return c.Mean.Or(0)
		case ByFailed:
			return c.Failed
		case ByCalls:
			return float64(c.Calls)
		case ByRate, Orders:
		}
		return c.PerSecond
	}
	sorting.By(all, func(a, b Command) int {
		return cmp.Or(cmp.Compare(key(&b), key(&a)), cmp.Compare(b.Calls, a.Calls), cmp.Compare(a.Name, b.Name))
	})
}

// errorsOf counts the errors that applications met, and logs those of the last interval.
func (h *History) errorsOf(b *Beat, w *snapshot.Window) {
	growth := h.grown(b, w, func(i *snapshot.Info, add func(string, int64)) {
		for name, n := range i.Errors {
			add(string(name), n)
		}
	})
	h.state.Errors = nil
	var fresh int64
	for name, total := range h.state.Evidence.Server.Totals.Errors {
		n := max(growth[string(name)]-b.OwnErrors[string(name)], 0)
		fresh += n
		h.errors[string(name)] += n
		h.state.Errors = append(h.state.Errors, ErrorCount{Name: string(name), New: n, Since: h.errors[string(name)], Total: total})
	}
	sorting.By(h.state.Errors, func(a, b ErrorCount) int {
		return cmp.Or(cmp.Compare(b.New, a.New), cmp.Compare(b.Since, a.Since), cmp.Compare(b.Total, a.Total), cmp.Compare(a.Name, b.Name))
	})
	for _, e := range slices.Backward(h.state.Errors) { // the most frequent is logged last and stands first
		if e.New > 0 {
			h.log(Event{Time: b.Time, Kind: Failed, Name: e.Name, Count: e.New})
		}
	}
	if h.countsErrors(b) && h.state.Rates.Elapsed > 0 {
		h.state.Rates.Errors = snapshot.Some(float64(fresh) / h.state.Rates.Elapsed.Seconds())
	}
}

// countsErrors tells a server that has errorstats, since Redis 6.2; with no error yet it lists none.
func (h *History) countsErrors(b *Beat) bool {
	for i := range b.Nodes {
		info, ok := b.Nodes[i].Info.Get()
		if !ok || !info.Stats.ErrorReplies.Known() && len(info.Errors) == 0 {
			return false
		}
	}
	return true
}

// slow takes over what the slow logs hold that is not known yet.
func (h *History) slow(b *Beat) {
	var fresh []Slow
	for i := range b.Nodes {
		n := &b.Nodes[i]
		if f := n.Slowlog; f.Status != snapshot.NotAsked {
			h.state.Slowlog = snapshot.Fact[struct{}]{Status: f.Status, Source: f.Source, Cause: f.Cause, Reply: f.Reply}
		}
		entries, ok := n.Slowlog.Get()
		if !ok {
			continue
		}
		newest, before := h.newest[n.Addr]
		for _, e := range entries {
			if before && e.ID <= newest {
				continue
			}
			one := Slow{SlowCommand: e, New: before}
			if len(b.Nodes) > 1 {
				one.Node = n.Addr
			}
			fresh = append(fresh, one)
		}
		h.newest[n.Addr] = newestOf(entries)
	}
	h.state.Fresh = slices.DeleteFunc(slices.Clone(fresh), func(s Slow) bool { return !s.New })
	if len(fresh) == 0 {
		return
	}
	h.state.Slow = append(fresh, h.state.Slow...)
	sorting.By(h.state.Slow, func(a, b Slow) int { return cmp.Compare(b.Time, a.Time) })
	h.state.Slow = h.state.Slow[:min(len(h.state.Slow), mostSlow)]
}

// noneYet is below every id of a slow log: the first to come is new.
const noneYet = -1

// newestOf is the highest id of entries. Emptying a slow log does not begin its ids anew.
func newestOf(entries []snapshot.SlowCommand) int64 {
	newest := int64(noneYet)
	for _, e := range entries {
		newest = max(newest, e.ID)
	}
	return newest
}

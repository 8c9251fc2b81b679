package dashboard

import (
	"slices"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/watch"
)

// Action is what a key asks of the program; what it asks of the board alone is done by Key.
type Action uint8

// The actions.
const (
	Nothing Action = iota
	Quit
	Interrupt
	Suspend
	NewInterval // Interval has changed
	Resume      // the pause is over
)

// intervals are those that + and - step through.
var intervals = []time.Duration{
	100 * time.Millisecond, 200 * time.Millisecond, 500 * time.Millisecond, time.Second, 2 * time.Second, 5 * time.Second,
	10 * time.Second, 30 * time.Second, time.Minute,
}

// Key takes a key by bubbletea's name of it.
func (b *Board) Key(name string) Action {
	switch name {
	case "ctrl+c":
		return Interrupt
	case "ctrl+z":
		return Suspend
	case "q", "Q":
		return Quit
	case "esc": // never leaves: pieces of a slow terminal's own sequences look like it
		b.Help = false
	case "?", "h", "f1":
		b.Help = !b.Help
	case "s", "S":
		b.Order = (b.Order + 1) % watch.Orders
	case "p", "P", "space":
		b.Paused = !b.Paused
		if !b.Paused {
			return Resume
		}
	case "+", "=":
		return b.step(func(d time.Duration) bool { return d > b.Interval }, false)
	case "-", "_":
		return b.step(func(d time.Duration) bool { return d < b.Interval }, true)
	}
	return Nothing
}

// step takes the next interval in one direction; at the end of them there is none.
func (b *Board) step(beyond func(time.Duration) bool, down bool) Action {
	all := slices.Clone(intervals)
	if down {
		slices.Reverse(all)
	}
	at := slices.IndexFunc(all, beyond)
	if at < 0 {
		return Nothing
	}
	b.Interval = all[at]
	return NewInterval
}

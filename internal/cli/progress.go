package cli

import (
	"io"
	"sync"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/term"
)

// progress is the line of a terminal that is written over; only what was drawn is cleared.
type progress struct {
	mu    sync.Mutex // a countdown and what it counts for draw from two goroutines
	drawn bool
}

// live tells whether stderr has a line that can be written over: not where a trace goes there too.
func (a *app) live() bool {
	return a.diag().TTY && a.env.getenv("TERM") != "dumb" && !a.flags.quiet && !a.flags.verbose
}

// progressLine writes over the line of progress, where there is one.
func (a *app) progressLine(line string) {
	if !a.live() {
		return
	}
	a.progress.mu.Lock()
	defer a.progress.mu.Unlock()
	a.progress.drawn = true
	s := a.diag()
	_, _ = io.WriteString(s.Out, overwrite+term.Cut(line, s.Cells()-1)) // progress is worth no error
}

// overwrite goes back to the start of a terminal's line and clears it.
const overwrite = "\r\x1b[K"

// clearLine removes the line of progress before something else is shown.
func (a *app) clearLine() {
	a.progress.mu.Lock()
	defer a.progress.mu.Unlock()
	if a.progress.drawn {
		a.progress.drawn = false
		_, _ = io.WriteString(a.diag().Out, overwrite) // as above
	}
}

// roundProgress shows how far the latency rounds are when they take a while.
func (a *app) roundProgress() func(done, of int) {
	if !a.live() {
		return nil
	}
	next := a.env.Now().Add(time.Second)
	return func(done, of int) {
		if now := a.env.Now(); now.After(next) {
			next = now.Add(100 * time.Millisecond)
			a.progressLine(a.cat.T("test.rounds", "done", a.cat.Int(int64(done)), "of", a.cat.Int(int64(of))))
		}
	}
}

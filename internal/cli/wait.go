package cli

import (
	"context"
	"sync"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/evidence"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/findings"
)

// firstPause and longestPause are the back-off of --wait; sameAgain is how often a log is told that nothing changed.
const (
	firstPause   = 100 * time.Millisecond
	longestPause = 2 * time.Second
	sameAgain    = 10 * time.Second
)

// wait is a --wait under way. It says on stderr what it waits for: a terminal sees one line count down, a log a line whenever
// the problem is another one, and now and then.
type wait struct {
	a      *app
	target config.Target
	until  time.Time
	pause  time.Duration // before the next attempt

	mu      sync.Mutex
	problem string // of the last attempt; "" where the server answers

	said   string // the problem that a log was last told of
	saidAt time.Time
}

func (a *app) startWait(limit time.Duration, target config.Target) *wait {
	w := &wait{a: a, target: target, until: a.env.Now().Add(limit), pause: firstPause}
	w.problem = a.cat.T("doctor.connecting", "target", a.diag().Data(target.Display()))
	return w
}

func (w *wait) left() time.Duration { return w.until.Sub(w.a.env.Now()) }

// timeout is that of one network step: a silent server must not outlast the wait.
func (w *wait) timeout(wanted time.Duration) time.Duration {
	return min(wanted, max(w.left(), firstPause))
}

// answered ends the countdown: what follows has a progress of its own.
func (w *wait) answered() {
	w.set("")
	w.a.clearLine()
}

func (w *wait) set(problem string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.problem = problem
}

// failed says what the last attempt ran into, and waits for the next.
func (w *wait) failed(ctx context.Context, f finding.Finding) {
	s, now := w.a.diag(), w.a.env.Now()
	problem := w.a.words(s).Title(findings.InContext(f, evidence.TargetOf(w.target)))
	w.set(problem)
	switch {
	case w.a.live():
		w.draw()
	case w.said != "" && w.left() < time.Second: // what a shortened attempt ran into is not worth a line
	case !w.a.flags.quiet && (problem != w.said || now.Sub(w.saidAt) >= sameAgain):
		w.said, w.saidAt = problem, now
		w.a.say(s, w.line(problem))
	}
	w.counting(func() {
		select {
		case <-ctx.Done():
		case <-time.After(min(w.pause, max(w.left(), 0))):
		}
	})
	w.pause = min(2*w.pause, longestPause)
}

// counting counts down, on a terminal, while something is done.
func (w *wait) counting(do func()) {
	if !w.a.live() {
		do()
		return
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		do()
	}()
	second := time.NewTicker(time.Second)
	defer second.Stop()
	for {
		select {
		case <-done:
			return
		case <-second.C:
			w.draw()
		}
	}
}

func (w *wait) draw() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.problem != "" && w.left() > 0 {
		w.a.progressLine(w.line(w.problem))
	}
}

func (w *wait) line(problem string) string {
	return w.a.cat.T("wait.line", "problem", problem, "left", w.a.cat.Span(w.left()))
}

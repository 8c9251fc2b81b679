package cli

import (
	"io"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/term"
)

// waitNews is how often a log says the same again of a --wait.
const waitNews = 10 * time.Second

// waitSaid is what a log said last of a --wait, and when.
type waitSaid struct {
	problem string
	at      time.Time
}

// waitProgress says on stderr what --wait waits for: on a terminal the line is overwritten, a log gets one when there is news
// or after waitNews.
func (a *app) waitProgress(f finding.Finding, left time.Duration) {
	if a.flags.quiet {
		return
	}
	s := a.diag()
	line := a.words(s).Waiting(f, left)
	if a.live(s) {
		a.progressLine(s, line)
		return
	}
	problem, now := a.words(s).Title(f), a.env.Now()
	if problem == a.waited.problem && now.Sub(a.waited.at) < waitNews {
		return
	}
	a.waited = waitSaid{problem, now}
	a.say(s, line)
}

// progressLine writes over the line of progress of a terminal.
func (a *app) progressLine(s term.Screen, line string) {
	a.clearLine(s)
	_, _ = io.WriteString(s.Out, term.Cut(line, s.Cells()-1)) // progress is worth no error
}

// live tells whether a line of the stream can be written over.
func (a *app) live(s term.Screen) bool { return s.TTY && a.env.getenv("TERM") != "dumb" }

func (a *app) clearLine(s term.Screen) {
	if a.live(s) {
		_, _ = io.WriteString(s.Out, "\r\x1b[K") // as above
	}
}

// roundProgress shows how far the latency rounds are, on a terminal and when they take a while.
func (a *app) roundProgress() func(done, of int) {
	s := a.diag()
	if !a.live(s) || a.flags.quiet {
		return nil
	}
	next := a.env.Now().Add(time.Second)
	shown := false
	return func(done, of int) {
		now := a.env.Now()
		switch {
		case done == of && shown:
			a.clearLine(s)
		case now.After(next):
			next, shown = now.Add(100*time.Millisecond), true
			a.clearLine(s)
			_, _ = io.WriteString(s.Out, a.cat.T("test.rounds", "done", a.cat.Int(int64(done)), "of", a.cat.Int(int64(of))))
		}
	}
}

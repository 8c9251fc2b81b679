package dashboard

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"github.com/olympiades-ia/olymp-cache/internal/term"
	"github.com/olympiades-ia/olymp-cache/internal/watch"
)

// framesPerSecond is how often a changed frame is drawn at most: keys are answered at once, and nothing moves faster.
const framesPerSecond = 10

// ErrInterrupted is Ctrl-C: in a raw terminal it is a key and no signal.
var ErrInterrupted = errors.New("interrupted")

// Options are what a dashboard needs of its surroundings.
type Options struct {
	Board   Board // its screen, language, target and interval
	History *watch.History
	In      io.Reader // the keyboard, where it is a terminal
	Out     io.Writer // the terminal
	Now     func() time.Time
	// SetInterval is told when the operator changes it.
	SetInterval func(time.Duration)
	// Watch looks and shows each look to see until ctx ends or its time is over.
	Watch func(ctx context.Context, see func(watch.Beat)) error
}

// Run shows the dashboard until the operator leaves it (nil, or ErrInterrupted), the time is over, or ctx ends, whose cause it
// gives. It leaves the terminal as it was.
func Run(ctx context.Context, o Options) error {
	watching, stop := context.WithCancel(ctx)
	defer stop()
	m := &model{board: o.Board, history: o.History, now: o.Now, setInterval: o.SetInterval}
	p := tea.NewProgram(m, options(ctx, o)...)
	ended := make(chan error, 1)
	go func() {
		ended <- o.Watch(watching, func(b watch.Beat) { p.Send(beatMsg(b)) })
		p.Send(tea.QuitMsg{})
	}()
	_, err := p.Run()
	stop()
	werr := <-ended
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case m.interrupted:
		return ErrInterrupted
	case err != nil:
		return fmt.Errorf("dashboard: %w", err)
	case m.quit:
		return nil // what ended the looks is that nobody looks any more
	}
	return werr
}

func options(ctx context.Context, o Options) []tea.ProgramOption {
	profile := colorprofile.ANSI
	if !o.Board.Screen.Color {
		profile = colorprofile.ASCII // bold is decided by us too: frames then hold no sequence at all
	}
	all := []tea.ProgramOption{
		tea.WithContext(ctx), tea.WithOutput(o.Out), tea.WithFPS(framesPerSecond), tea.WithColorProfile(profile),
		tea.WithoutSignalHandler(), // the run has its own, which ends ctx
	}
	in := o.In
	if !term.IsTerminal(in) {
		// Keys come from the terminal, not from what is piped in; without one there are none.
		tty, _, err := tea.OpenTTY()
		if err != nil {
			return append(all, tea.WithInput(nil))
		}
		in = tty
	}
	return append(all, tea.WithInput(in))
}

type (
	beatMsg watch.Beat
	tickMsg struct{}
)

// tick lets the times that are shown go on where no look comes in.
func tick() tea.Cmd { return tea.Tick(time.Second, func(time.Time) tea.Msg { return tickMsg{} }) }

// model is the dashboard as bubbletea runs it. Its methods are called one at a time.
type model struct {
	board       Board
	history     *watch.History
	now         func() time.Time
	setInterval func(time.Duration)
	frame       string
	quit        bool
	interrupted bool
}

// Init starts the clock.
func (m *model) Init() tea.Cmd { return tick() }

// Update takes a look, a key, a new size or a tick of the clock.
func (m *model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	var cmd tea.Cmd
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.board.Width, m.board.Height = msg.Width, msg.Height
	case beatMsg:
		m.history.Add(watch.Beat(msg))
		if !m.board.Paused {
			m.board.State = m.history.State()
		}
	case tickMsg:
		cmd = tick()
	case tea.KeyPressMsg:
		cmd = m.key(msg.String())
	default:
		return m, nil
	}
	m.board.Now = m.now()
	m.frame = m.board.Frame()
	return m, cmd
}

// key does what a key asks for.
func (m *model) key(name string) tea.Cmd {
	switch m.board.Key(name) {
	case Quit:
		m.quit = true
		return tea.Quit
	case Interrupt:
		m.interrupted = true
		return tea.Quit
	case Suspend:
		return tea.Suspend
	case NewInterval:
		m.setInterval(m.board.Interval)
	case Resume:
		m.board.State = m.history.State()
	case Nothing:
	}
	return nil
}

// View is the frame that Update made.
func (m *model) View() tea.View {
	v := tea.NewView(m.frame)
	v.AltScreen = true
	return v
}

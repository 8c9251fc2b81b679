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
	s := &session{board: o.Board, history: o.History, now: o.Now, setInterval: o.SetInterval}
	p := tea.NewProgram(&model{update: s.update}, options(ctx, o)...)
	ended := make(chan error, 1)
	go func() {
		ended <- o.Watch(watching, func(b watch.Beat) { p.Send(lookMsg(func() { s.look(b) })) })
		p.Send(tea.QuitMsg{})
	}()
	_, err := p.Run()
	stop()
	over := <-ended
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case s.last == Interrupt:
		return ErrInterrupted
	case err != nil:
		return fmt.Errorf("dashboard: %w", err)
	case s.last == Quit:
		return nil // what ended the looks is that nobody looks any more
	}
	return over
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
	lookMsg func() // takes a look
	tickMsg struct{}
)

// tick lets the times that are shown go on where no look comes in.
func tick() tea.Cmd { return tea.Tick(time.Second, func(time.Time) tea.Msg { return tickMsg{} }) }

// model is all that bubbletea sees of us. Whatever type it is handed as an interface, and all that this leads to, the linker
// must keep with its methods: a model that held the board, or a message that held a look, costs 0.2 MB.
type model struct {
	update func(tea.Msg) (frame string, cmd tea.Cmd)
	frame  string
}

// Init starts the clock.
func (m *model) Init() tea.Cmd { return tick() }

// Update takes a look, a key, a new size or a tick of the clock.
func (m *model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	var cmd tea.Cmd
	m.frame, cmd = m.update(msg)
	return m, cmd
}

// View is the frame that Update made.
func (m *model) View() tea.View {
	v := tea.NewView(m.frame)
	v.AltScreen = true
	return v
}

// session is the dashboard while it runs. Its methods are called one at a time.
type session struct {
	board       Board
	history     *watch.History
	now         func() time.Time
	setInterval func(time.Duration)
	frame       string
	last        Action // what the last key asked for
}

func (s *session) update(msg tea.Msg) (string, tea.Cmd) {
	var cmd tea.Cmd
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		s.board.Width, s.board.Height = msg.Width, msg.Height
	case lookMsg:
		msg()
	case tickMsg:
		cmd = tick()
	case tea.KeyPressMsg:
		cmd = s.key(msg.String())
	default:
		return s.frame, nil
	}
	s.board.Now = s.now()
	s.frame = s.board.Frame()
	return s.frame, cmd
}

func (s *session) look(b watch.Beat) {
	s.history.Add(b)
	if !s.board.Paused {
		s.board.State = s.history.State()
	}
}

// key does what a key asks for.
func (s *session) key(name string) tea.Cmd {
	s.last = s.board.Key(name)
	switch s.last {
	case Quit, Interrupt:
		return tea.Quit
	case Suspend:
		return tea.Suspend
	case NewInterval:
		s.setInterval(s.board.Interval)
	case Resume:
		s.board.State = s.history.State()
	case Nothing:
	}
	return nil
}

package report

import (
	"bufio"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/monitor/traffic"
	"github.com/olympiades-ia/olymp-cache/internal/term"
)

// Commands writes the commands of MONITOR as they come, one a line: aligned and cut to the width for eyes, tab-separated and
// whole for programs.
type Commands struct {
	Screen   term.Screen
	Nodes    []string            // addresses of the servers; shown to eyes where there is more than one
	Redact   func(string) string // masks what is secret of our own
	NoValues bool                // shows keys, and «***» for every other argument
	Location *time.Location      // of the times that eyes see

	out   *bufio.Writer
	line  strings.Builder
	looks map[term.Role]look
}

// look is what stands before and behind a text of one role. Painting each text anew takes ten times as long as all else.
type look struct{ before, behind string }

// paint gives a text the look of its role.
func (c *Commands) paint(role term.Role, text string) string {
	l, ok := c.looks[role]
	if !ok {
		const sample = "x"
		l.before, l.behind, _ = strings.Cut(c.Screen.Paint(role, sample), sample)
		c.looks[role] = l
	}
	return l.before + text + l.behind
}

// NewCommands writes to w what the screen can show.
func NewCommands(w io.Writer, s term.Screen) *Commands {
	c := &Commands{Screen: s, Location: time.Local, out: bufio.NewWriterSize(w, 1<<16), looks: map[term.Role]look{}}
	c.Screen.Out = c.out
	if s.ASCII {
		c.Screen.Out = term.ASCIIWriter(c.out)
	}
	return c
}

// Flush writes what waits.
func (c *Commands) Flush() error { return c.out.Flush() }

// Command writes one.
func (c *Commands) Command(e *traffic.Event, who traffic.Who) error {
	args := shownArgs(e, c.Redact, c.NoValues)
	c.line.Reset()
	if c.Screen.TTY {
		c.aligned(e, who, args)
	} else {
		c.separated(e, who, args)
	}
	c.line.WriteByte('\n')
	_, err := io.WriteString(c.Screen.Out, c.line.String())
	return err
}

// shownArgs are the arguments with credentials masked, and without values where those are not wanted.
func shownArgs(e *traffic.Event, redact func(string) string, noValues bool) []string {
	texts := e.Texts()
	args := make([]string, len(texts))
	for i, text := range texts {
		args[i] = redact(string(text))
	}
	if !noValues {
		return args
	}
	keys := e.Keys()
	for i := e.Words(); i < len(args); i++ {
		if len(keys) > 0 && keys[0] == i {
			keys = keys[1:]
			continue
		}
		args[i] = hidden
	}
	return args
}

// hidden stands for a value that is not wanted, and in package snapshot for what is secret.
const hidden = "***"

// separated is time, server, client, its name, its user, database, command, arguments: a column each.
func (c *Commands) separated(e *traffic.Event, who traffic.Who, args []string) {
	c.line.WriteString(strconv.FormatInt(e.Time/1e6, 10) + "." + strconv.FormatInt(1e6+e.Time%1e6, 10)[1:])
	for _, column := range []string{c.node(e), string(e.Client), who.Name, who.User} {
		c.line.WriteString("\t" + c.Screen.Data(c.Redact(column)))
	}
	c.line.WriteString("\t")
	if e.DB >= 0 {
		c.line.WriteString(strconv.Itoa(e.DB))
	}
	for i, arg := range args {
		if i < e.Words() {
			arg = strings.ToUpper(arg)
		}
		c.line.WriteString("\t" + c.Screen.Data(arg))
	}
	if e.Cut {
		c.line.WriteString("…")
	}
}

const (
	clientCells = 21 // «255.255.255.255:65535»
	// longestArgument is how much of one eyes are shown, in characters.
	longestArgument = 128
)

// aligned is one line of the screen's width.
func (c *Commands) aligned(e *traffic.Event, who traffic.Who, args []string) {
	s := c.Screen
	client := c.Redact(string(e.Client))
	if who.Name != "" {
		client = c.Redact(who.Name)
	}
	c.line.WriteString(c.paint(term.Dim, e.At().In(c.Location).Format("15:04:05.000")) + "  ")
	if len(c.Nodes) > 1 {
		c.line.WriteString(c.paint(term.Dim, c.column(s.Data(c.node(e)), clientCells)) + "  ")
	}
	c.line.WriteString(c.column(s.Data(client), clientCells) + "  ")
	if e.DB > 0 {
		c.line.WriteString(c.paint(term.Dim, "db"+strconv.Itoa(e.DB)) + "  ")
	}
	name := e.Name()
	c.line.WriteString(c.paint(term.Command, s.Data(name)))
	for _, arg := range args[min(e.Words(), len(args)):] {
		c.line.WriteString(" " + c.word(arg))
	}
	if e.Cut {
		c.line.WriteString("…")
	}
	whole := c.line.String()
	c.line.Reset()
	c.line.WriteString(c.cut(whole, s.Cells()))
}

func (c *Commands) node(e *traffic.Event) string {
	if e.Node < len(c.Nodes) {
		return c.Nodes[e.Node]
	}
	return ""
}

// word is an argument for eyes, in quotes where it would not be seen as one word.
func (c *Commands) word(arg string) string {
	length := len(arg)
	if length > longestArgument {
		arg = strings.ToValidUTF8(arg[:longestArgument], "")
	}
	shown := c.Screen.Data(arg)
	if arg == "" || shown != arg || strings.ContainsAny(arg, ` "`) {
		shown = `"` + c.Screen.Data(strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(arg)) + `"`
	}
	if length > longestArgument {
		shown += "…"
	}
	return shown
}

// column is text in that many cells.
func (c *Commands) column(text string, cells int) string {
	text = c.cut(text, cells)
	return text + strings.Repeat(" ", max(cells-term.Columns(text), 0))
}

// cut shortens text to that many cells, also where «…» becomes three dots.
func (c *Commands) cut(text string, cells int) string {
	if c.Screen.ASCII && term.Columns(text) > cells {
		return term.ToASCII(term.Cut(text, cells-2))
	}
	return term.Cut(text, cells)
}

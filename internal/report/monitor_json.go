package report

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/monitor/traffic"
)

// MonitorSchema names the JSON documents of `monitor`: a line for each command, and one for the sum.
const MonitorSchema = "olymp-cache/monitor/v1"

// CommandLines writes the commands of MONITOR as JSON, one document a line.
type CommandLines struct {
	Nodes    []string
	Redact   func(string) string
	NoValues bool

	out *bufio.Writer
}

// NewCommandLines writes to w.
func NewCommandLines(w io.Writer) *CommandLines {
	return &CommandLines{out: bufio.NewWriterSize(w, 1<<16)}
}

type jsonCommand struct {
	Schema  string         `json:"schema"`
	Type    string         `json:"type"`
	At      string         `json:"at"`
	Node    string         `json:"node"`
	Client  traffic.Text   `json:"client"`
	Name    traffic.Text   `json:"client_name"`
	User    traffic.Text   `json:"user"`
	DB      *int           `json:"db"`
	Command traffic.Text   `json:"command"`
	Args    []traffic.Text `json:"args"`
	Keys    []traffic.Text `json:"keys"`
	Cut     bool           `json:"cut"`
}

// Command writes one.
func (l *CommandLines) Command(e *traffic.Event, who traffic.Who) error {
	doc := jsonCommand{
		Schema: MonitorSchema, Type: "command", At: e.At().UTC().Format("2006-01-02T15:04:05.000000Z07:00"),
		Client: traffic.Text(l.Redact(string(e.Client))), Name: traffic.Text(l.Redact(who.Name)), User: traffic.Text(l.Redact(who.User)),
		Command: traffic.Text(e.Name()), Args: []traffic.Text{}, Keys: []traffic.Text{}, Cut: e.Cut,
	}
	if e.Node < len(l.Nodes) {
		doc.Node = l.Nodes[e.Node]
	}
	if e.DB >= 0 {
		doc.DB = &e.DB
	}
	args := shownArgs(e, l.Redact, l.NoValues)
	for _, arg := range args[min(e.Words(), len(args)):] {
		doc.Args = append(doc.Args, traffic.Text(arg))
	}
	for _, i := range e.Keys() {
		doc.Keys = append(doc.Keys, traffic.Text(args[i]))
	}
	return writeJSONLine(l.out, doc)
}

// Flush writes what waits.
func (l *CommandLines) Flush() error { return l.out.Flush() }

// writeJSONLine is WriteJSON in one line.
func writeJSONLine(w io.Writer, doc any) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(doc); err != nil {
		return err
	}
	_, err := io.WriteString(w, plainJSON(b.String()))
	return err
}

type jsonMonitor struct {
	Schema       string     `json:"schema"`
	Type         string     `json:"type"`
	Version      string     `json:"version"`
	Target       Target     `json:"target"`
	StartedAt    string     `json:"started_at"`
	WindowS      float64    `json:"window_s"`
	ElapsedS     float64    `json:"elapsed_s"`
	Ended        string     `json:"ended"`
	LostNode     string     `json:"lost_node,omitempty"`
	LostCause    string     `json:"lost_cause,omitempty"`
	Commands     uint64     `json:"commands"`
	Wanted       uint64     `json:"wanted"`
	PerSecond    float64    `json:"per_second"`
	DroppedLines uint64     `json:"dropped_lines"`
	Unreadable   uint64     `json:"unreadable_lines"`
	Unattributed uint64     `json:"unattributed"`
	KeysTold     bool       `json:"key_positions_from_server"`
	Hits         *int64     `json:"keyspace_hits,omitempty"`
	Misses       *int64     `json:"keyspace_misses,omitempty"`
	HitRate      *float64   `json:"hit_rate,omitempty"`
	Nodes        []jsonNode `json:"nodes"`
	Top          *jsonTop   `json:"top,omitempty"`
	CommandsSent int        `json:"commands_sent"`
}

type jsonNode struct {
	Addr     string  `json:"address"`
	Commands *uint64 `json:"commands,omitempty"`
}

type jsonTop struct {
	KeyUses  uint64   `json:"key_uses"`
	Commands jsonRows `json:"commands"`
	Keys     jsonRows `json:"keys"`
	Prefixes jsonRows `json:"prefixes"`
	Clients  jsonRows `json:"clients"`
}

// jsonRows are the most frequent; what is not among them occurred at most missed_at_most times each.
type jsonRows struct {
	Rows   []jsonRow `json:"rows"`
	Missed uint64    `json:"missed_at_most"`
}

type jsonRow struct {
	Name  traffic.Text `json:"name"`
	Count uint64       `json:"count"`
	Error uint64       `json:"count_too_high_by_at_most"`
	Share float64      `json:"share"`
}

// MonitorJSON writes the sum as one document of schema olymp-cache/monitor/v1.
func MonitorJSON(w io.Writer, m *Monitor) error { return WriteJSON(w, monitorDocument(m)) }

// Summary writes the sum as the last line.
func (l *CommandLines) Summary(m *Monitor) error {
	if err := writeJSONLine(l.out, monitorDocument(m)); err != nil {
		return err
	}
	return l.out.Flush()
}

func monitorDocument(m *Monitor) jsonMonitor {
	doc := jsonMonitor{
		Schema: MonitorSchema, Type: "summary", Version: m.Version, Target: m.Target, StartedAt: m.Started.UTC().Format(time.RFC3339),
		WindowS: m.Window.Seconds(), ElapsedS: m.Elapsed.Seconds(), Ended: m.Ended, LostNode: m.LostNode, LostCause: m.LostCause,
		Commands: m.Seen, Wanted: m.Wanted, PerSecond: m.perSecond(), DroppedLines: m.Dropped, Unreadable: m.Unreadable,
		Unattributed: m.Nameless, KeysTold: m.KeysTold, Hits: m.Hits, Misses: m.Misses, Nodes: []jsonNode{}, CommandsSent: m.CommandsSent,
	}
	if rate, ok := m.hitRate(); ok {
		doc.HitRate = &rate
	}
	for i, addr := range m.Nodes {
		n := jsonNode{Addr: addr}
		if m.Tally != nil {
			n.Commands = &m.Tally.Nodes[i]
		}
		doc.Nodes = append(doc.Nodes, n)
	}
	if t := m.Tally; t != nil {
		doc.Top = &jsonTop{
			KeyUses: t.KeyUses, Commands: m.jsonRows(t.Commands, t.Total).upper(), Keys: m.jsonRows(t.Keys, t.KeyUses),
			Prefixes: m.jsonRows(t.Families, t.KeyUses), Clients: m.jsonRows(t.Clients, t.Total),
		}
	}
	return doc
}

// mostJSONRows is how many rows a table has for programs.
const mostJSONRows = 100

func (m *Monitor) jsonRows(top *traffic.Top, of uint64) jsonRows {
	rows := jsonRows{Rows: []jsonRow{}, Missed: top.Missed()}
	for _, c := range top.First(mostJSONRows) {
		rows.Rows = append(rows.Rows, jsonRow{
			Name: traffic.Text(m.Redact(c.Text)), Count: c.Count, Error: c.Error, Share: float64(c.Count) / float64(max(of, 1)),
		})
	}
	return rows
}

// upper writes the names of commands as those of single ones are written.
func (r jsonRows) upper() jsonRows {
	for i := range r.Rows {
		r.Rows[i].Name = traffic.Text(strings.ToUpper(string(r.Rows[i].Name)))
	}
	return r
}

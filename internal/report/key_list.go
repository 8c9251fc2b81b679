package report

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"strconv"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/keyspace/profile"
)

// KeyListSchema names the JSON document of `keys`, KeyCountSchema that of `keys --count`.
const (
	KeyListSchema  = "olymp-cache/keys/v1"
	KeyCountSchema = "olymp-cache/keys-count/v1"
)

// KeyList is what `keys` was asked, and how its list came about. The keys themselves go through a KeyWriter, one by one.
type KeyList struct {
	Version       string
	Target        Target
	Pattern, Type string // what it was limited to; "" for all
	NoTTL         bool   // only keys that never expire
	MinBytes      int64  // only keys of at least so many bytes
	Order         string // "" as read, else "key", "ttl" or "size"

	// From here on what is known at the end.
	Partial      string // why it ended early: "interrupted", "failed"; "" where it did not
	KeysTotal    int64  // of the database, as DBSIZE says
	Shown        int64
	More         int64 // keys beyond the limit
	AtLeast      bool  // there may be more than More
	Estimated    bool  // sizes are estimated from lengths
	Hidden       int64 // keys that the user may not read
	Refused      []RefusedAsk
	CommandsSent int
	Duration     time.Duration
}

// Limited tells whether not every key was wanted.
func (k *KeyList) Limited() bool { return k.Pattern != "" || k.Type != "" || k.NoTTL || k.MinBytes > 0 }

// KeyWriter shows keys while they come.
type KeyWriter interface {
	Key(r profile.Record) error
	Page() error // what came so far is to be seen now
	End(k *KeyList) error
}

// streamBuffer is how much is gathered before it is written, in bytes; a page is written in any case.
const streamBuffer = 64 << 10

type jsonListed struct {
	jsonKey
	Type  *string `json:"type"`
	TTLMS *int64  `json:"ttl_ms"`
	Bytes *int64  `json:"bytes"`
}

// appendJSON appends a value in one line.
func appendJSON(b *bytes.Buffer, value any) error {
	var line bytes.Buffer
	e := json.NewEncoder(&line)
	e.SetEscapeHTML(false)
	if err := e.Encode(value); err != nil {
		return err
	}
	b.WriteString(plainJSON(string(bytes.TrimRight(line.Bytes(), "\n"))))
	return nil
}

// appendKey appends a key as one JSON object.
func appendKey(b *bytes.Buffer, r profile.Record) error {
	k := jsonListed{jsonKey: keyJSON(string(r.Name)), TTLMS: ttlJSON(r.TTL)}
	if r.Type != "" {
		k.Type = &r.Type
	}
	if r.Bytes >= 0 {
		k.Bytes = &r.Bytes
	}
	return appendJSON(b, k)
}

// KeyNDJSON writes one JSON object a line.
type KeyNDJSON struct{ buffered }

// NewKeyNDJSON writes to w.
func NewKeyNDJSON(w io.Writer) *KeyNDJSON { return &KeyNDJSON{newBuffered(w)} }

// Key writes one key.
func (n *KeyNDJSON) Key(r profile.Record) error {
	if err := appendKey(&n.line, r); err != nil {
		return err
	}
	n.line.WriteByte('\n')
	return n.write()
}

// End writes nothing more: a line is a key.
func (n *KeyNDJSON) End(*KeyList) error { return n.Page() }

// buffered gathers lines.
type buffered struct {
	out  *bufio.Writer
	line bytes.Buffer
}

func newBuffered(w io.Writer) buffered { return buffered{out: bufio.NewWriterSize(w, streamBuffer)} }

// write passes the line on and empties it.
func (b *buffered) write() error {
	_, err := b.line.WriteTo(b.out)
	b.line.Reset()
	return err
}

// Page lets what was written be seen.
func (b *buffered) Page() error { return b.out.Flush() }

type jsonListHead struct {
	Schema   string  `json:"schema"`
	Version  string  `json:"version"`
	Target   Target  `json:"target"`
	Pattern  string  `json:"pattern"`
	Type     string  `json:"type"`
	NoTTL    bool    `json:"no_ttl"`
	MinBytes int64   `json:"min_bytes"`
	Sort     *string `json:"sort"`
}

type jsonListFoot struct {
	Count          int64        `json:"count"`
	More           int64        `json:"more"`
	MoreExact      bool         `json:"more_exact"`
	Complete       bool         `json:"complete"`
	Partial        *string      `json:"partial"`
	KeysTotal      int64        `json:"keys_total"`
	EstimatedSizes bool         `json:"estimated_sizes"`
	HiddenKeys     int64        `json:"hidden_keys"`
	Refused        []RefusedAsk `json:"refused"`
	CommandsSent   int          `json:"commands_sent"`
	DurationMS     float64      `json:"duration_ms"`
}

// KeyJSON writes one document, schema olymp-cache/keys/v1, while its keys come: its length is not bounded by memory.
type KeyJSON struct {
	buffered
	about *KeyList
	begun bool
	keys  int64
}

// NewKeyJSON writes to w; about says what was asked. Nothing is written before the first key or the end.
func NewKeyJSON(w io.Writer, about *KeyList) *KeyJSON {
	return &KeyJSON{buffered: newBuffered(w), about: about}
}

// Key writes one key.
func (j *KeyJSON) Key(r profile.Record) error {
	if err := j.begin(); err != nil {
		return err
	}
	if j.keys > 0 {
		j.line.WriteByte(',')
	}
	j.keys++
	j.line.WriteString("\n    ")
	if err := appendKey(&j.line, r); err != nil {
		return err
	}
	return j.write()
}

// begin writes what stands before the keys, once.
func (j *KeyJSON) begin() error {
	if j.begun {
		return nil
	}
	j.begun = true
	k := j.about
	head := jsonListHead{
		Schema: KeyListSchema, Version: k.Version, Target: k.Target, Pattern: k.Pattern, Type: k.Type, NoTTL: k.NoTTL, MinBytes: k.MinBytes,
	}
	if k.Order != "" {
		head.Sort = &k.Order
	}
	var doc bytes.Buffer
	if err := WriteJSON(&doc, head); err != nil {
		return err
	}
	j.line.Write(bytes.TrimSuffix(doc.Bytes(), []byte("\n}\n")))
	j.line.WriteString(",\n  \"keys\": [")
	return j.write()
}

// End writes what stands behind the keys.
func (j *KeyJSON) End(k *KeyList) error {
	if err := j.begin(); err != nil {
		return err
	}
	foot := jsonListFoot{
		Count: k.Shown, More: k.More, MoreExact: !k.AtLeast && k.Partial == "", Complete: k.More == 0 && k.Partial == "",
		KeysTotal: k.KeysTotal, EstimatedSizes: k.Estimated, HiddenKeys: k.Hidden, Refused: append([]RefusedAsk{}, k.Refused...),
		CommandsSent: k.CommandsSent, DurationMS: finding.Millis(k.Duration),
	}
	if k.Partial != "" {
		foot.Partial = &k.Partial
	}
	var doc bytes.Buffer
	if err := WriteJSON(&doc, foot); err != nil {
		return err
	}
	if j.keys > 0 {
		j.line.WriteString("\n  ")
	}
	j.line.WriteString("],\n")
	j.line.Write(bytes.TrimPrefix(doc.Bytes(), []byte("{\n")))
	if err := j.write(); err != nil {
		return err
	}
	return j.Page()
}

// KeyCSV writes a table with a heading. A name is its bytes, passed through data.
type KeyCSV struct {
	out   *csv.Writer
	data  func(string) string
	begun bool
}

// NewKeyCSV writes to w; data makes names safe where somebody looks at them.
func NewKeyCSV(w io.Writer, data func(string) string) *KeyCSV {
	return &KeyCSV{out: csv.NewWriter(w), data: data}
}

func (c *KeyCSV) begin() error {
	if c.begun {
		return nil
	}
	c.begun = true
	return c.out.Write([]string{"key", "type", "ttl_ms", "bytes"})
}

// Key writes one row. The time to live is empty where there is none, as any cell is whose value could not be asked.
func (c *KeyCSV) Key(r profile.Record) error {
	if err := c.begin(); err != nil {
		return err
	}
	number := func(n int64) string {
		if n < 0 {
			return ""
		}
		return strconv.FormatInt(n, 10)
	}
	return c.out.Write([]string{c.data(string(r.Name)), c.data(r.Type), number(r.TTL), number(r.Bytes)})
}

// Page lets what was written be seen.
func (c *KeyCSV) Page() error {
	c.out.Flush()
	return c.out.Error()
}

// End writes the heading where there was no key.
func (c *KeyCSV) End(*KeyList) error {
	if err := c.begin(); err != nil {
		return err
	}
	return c.Page()
}

type jsonKeyCount struct {
	Schema       string  `json:"schema"`
	Version      string  `json:"version"`
	Target       Target  `json:"target"`
	Pattern      string  `json:"pattern"`
	Type         string  `json:"type"`
	NoTTL        bool    `json:"no_ttl"`
	MinBytes     int64   `json:"min_bytes"`
	Count        int64   `json:"count"`
	Method       string  `json:"method"`
	HiddenKeys   int64   `json:"hidden_keys"`
	CommandsSent int     `json:"commands_sent"`
	DurationMS   float64 `json:"duration_ms"`
}

// Ways in which keys are counted.
const (
	CountedDBSize = "dbsize" // by the server, which counts what has expired and is not yet removed too
	CountedScan   = "scan"   // one by one
)

// KeyCountJSON writes the number of keys as schema olymp-cache/keys-count/v1.
func KeyCountJSON(w io.Writer, k *KeyList, method string) error {
	return WriteJSON(w, jsonKeyCount{
		Schema: KeyCountSchema, Version: k.Version, Target: k.Target, Pattern: k.Pattern, Type: k.Type, NoTTL: k.NoTTL,
		MinBytes: k.MinBytes, Count: k.Shown, Method: method, HiddenKeys: k.Hidden, CommandsSent: k.CommandsSent,
		DurationMS: finding.Millis(k.Duration),
	})
}

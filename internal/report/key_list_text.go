package report

import (
	"bufio"
	"math"
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/keyspace/profile"
	"github.com/olympiades-ia/olymp-cache/internal/term"
)

// KeyTable writes keys for people, page by page as they come: how wide the columns are is settled by the first page.
type KeyTable struct {
	t       *Text
	out     *bufio.Writer
	columns []column // their cells are those of the page
	settled bool     // how wide they are
}

// How wide the columns are, at least, in cells: for what later pages may bring.
const (
	usualName = 30
	leastName = 12 // where the screen is narrow
	leastType = 9  // ReJSON-RL
	leastTTL  = 11 // 23 h 59 min
	leastSize = 8
)

// NewKeyTable writes to t's stream.
func NewKeyTable(t *Text) *KeyTable {
	table := &KeyTable{t: t, out: bufio.NewWriterSize(t.Screen.Out, streamBuffer)}
	t.Screen.Out = table.out
	cat := t.Words.C
	table.columns = []column{
		t.newColumn(true, cat.T("column.key")), t.newColumn(true, cat.T("column.type")),
		t.newColumn(false, cat.T("column.ttl")), t.newColumn(false, cat.T("column.size")),
	}
	return table
}

// cell is a text as the stream can show it.
func (k *KeyTable) cell(text string) string {
	if k.t.Screen.ASCII {
		return term.ToASCII(text)
	}
	return text
}

// Key takes one key.
func (k *KeyTable) Key(r profile.Record) error {
	size := "?"
	if r.Bytes >= 0 {
		size = k.t.Words.C.Bytes(r.Bytes)
	}
	for i, text := range []string{k.t.keyName(string(r.Name)), k.t.typeName(r.Type), k.t.ttlText(r.TTL), size} {
		k.columns[i].cells = append(k.columns[i].cells, k.cell(text))
	}
	return nil
}

// Page writes the rows that have come since the last page.
func (k *KeyTable) Page() error {
	rows := len(k.columns[0].cells)
	if rows == 1 {
		return k.t.err
	}
	first := !k.settled
	if first {
		k.settle()
	}
	for row := range rows {
		if row > 0 || first && !k.t.Quiet {
			k.t.row(k.columns, row)
		}
	}
	for i := range k.columns {
		k.columns[i].cells = k.columns[i].cells[:1]
	}
	if k.t.err == nil {
		k.t.err = k.out.Flush()
	}
	return k.t.err
}

// settle fits the columns to the rows that are there. What is longer later on is cut.
func (k *KeyTable) settle() {
	k.settled = true
	total := -len(gap)
	for i, least := range []int{usualName, leastType, leastTTL, leastSize} {
		c := &k.columns[i]
		c.width = max(c.width, least)
		for _, text := range c.cells {
			c.width = max(c.width, term.Columns(text))
		}
		total += c.width + len(gap)
	}
	if room := k.t.Screen.Cells() - 3; k.t.Screen.TTY && total > room {
		k.columns[0].width = max(k.columns[0].width-(total-room), leastName)
	}
}

// End says how many keys were shown, how many were not, and how to see those.
func (k *KeyTable) End(l *KeyList) error {
	if err := k.Page(); err != nil {
		return err
	}
	t, cat := k.t, k.t.Words.C
	if !t.Quiet {
		if l.Shown > 0 {
			t.line()
		}
		t.listNotes(l)
		sym := term.SymOK
		if l.Partial != "" {
			sym = term.SymWarn
		}
		aside := cat.N("check.sent", l.CommandsSent, "n", cat.Int(int64(l.CommandsSent)), "took", cat.Duration(l.Duration))
		t.itemAside(sym, term.Plain, t.Words.Data(l.Target.Display)+cat.T("colon")+t.Words.KeysShown(l), aside)
		if hint := t.Words.KeysHint(l); hint != "" {
			t.item(term.SymHint, term.Plain, hint)
		}
	}
	if t.err == nil {
		t.err = k.out.Flush()
	}
	return t.err
}

// listNotes are what one must know to read the list right.
func (t *Text) listNotes(l *KeyList) {
	for _, note := range t.Words.KeyNotes(l) {
		t.item(term.SymInfo, term.Plain, note)
	}
}

// KeyNotes are what one must know to read a list right, a line each.
func (w Words) KeyNotes(l *KeyList) []string {
	var all []string
	if l.Estimated {
		all = append(all, w.C.T("stats.lengths"))
	}
	for _, r := range l.Refused {
		all = append(all, w.C.T("stats.refused", "command", r.Command, "reply", w.Data(r.Reply)))
	}
	if l.Hidden > 0 {
		all = append(all, w.C.N("stats.hidden", counted(l.Hidden), "n", w.C.Int(l.Hidden)))
	}
	return all
}

// KeysShown is how many keys there were; why there were none, where there were none.
func (w Words) KeysShown(l *KeyList) string {
	switch {
	case l.Shown > 0:
		return w.C.N("keys.shown", counted(l.Shown), "n", w.C.Int(l.Shown))
	case l.KeysTotal == 0:
		return w.C.T("keys.empty")
	case l.Limited():
		return w.C.N("keys.no-match", counted(l.KeysTotal), "n", w.C.Int(l.KeysTotal))
	}
	return w.C.T("keys.none")
}

// KeysHint is how to see more: how many keys were left out, or what a pattern without a wildcard means; "" where there is no more.
func (w Words) KeysHint(l *KeyList) string {
	n := w.C.Int(l.More)
	switch {
	case l.Shown == 0 && l.KeysTotal > 0 && l.Pattern != "" && !strings.ContainsAny(l.Pattern, `*?[\`):
		return w.C.T("keys.literal", "pattern", w.Data("*"+l.Pattern+"*"))
	case l.More == 0:
		return ""
	case l.AtLeast && l.More == 1:
		return w.C.T("keys.more-some")
	case l.AtLeast:
		return w.C.N("keys.more-least", counted(l.More), "n", n)
	}
	return w.C.N("keys.more", counted(l.More), "n", n)
}

// counted is a number as the rules of plurals take it.
func counted(n int64) int { return int(min(n, math.MaxInt32)) }

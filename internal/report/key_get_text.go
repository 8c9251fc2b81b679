package report

import (
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/keyspace/profile"
	"github.com/olympiades-ia/olymp-cache/internal/keyspace/value"
	"github.com/olympiades-ia/olymp-cache/internal/term"
)

const (
	// mostHex is how many bytes are shown as hex: 32 lines.
	mostHex = 512
	// mostInLine is how many bytes of an element that is no text are shown in its line.
	mostInLine = 64
	// widestField is up to which width the values of a hash stand in one column, in cells.
	widestField = 32
)

// KeyValue writes one key for people: what it is, then what it holds, whole words at the margin so that it can be copied.
func (t *Text) KeyValue(k *KeyValue) {
	cat, v := t.Words.C, k.Value
	view := value.Look(v.String, v.Cut, k.MaxBytes, true)
	if !t.Quiet {
		t.item(term.SymBook, term.Title, t.Words.Data(v.Key))
		t.facts(v, view)
	}
	hidden := v.Unread || view.Format == value.HyperLogLog // what was said of it is all there is to say
	if !t.Quiet && !hidden {
		t.line()
	}
	switch {
	case hidden:
	case v.String != nil:
		t.content(view)
	default:
		t.elements(v)
	}
	if t.Quiet {
		return
	}
	t.line()
	for _, r := range v.Refused {
		t.item(term.SymInfo, term.Plain, cat.T("stats.refused", "command", r.Command, "reply", t.Words.Data(strings.TrimSpace(r.Reply))))
	}
	t.warnings(v, view)
	aside := cat.N("check.sent", k.CommandsSent, "n", cat.Int(int64(k.CommandsSent)), "took", cat.Duration(k.Duration))
	t.itemAside(term.SymOK, term.Plain, t.Words.Data(k.Target.Display), aside)
	if hint := t.cutHint(v, view); hint != "" {
		t.item(term.SymHint, term.Plain, hint)
	}
}

// facts are the lines under the name.
func (t *Text) facts(v *value.Value, view value.View) {
	cat := t.Words.C
	fact := func(id, text string) { t.line("   ", t.wrap(cat.T(id)+cat.T("colon")+text, 3)) }
	kind := t.typeName(v.Type)
	if v.Encoding != "" {
		kind += " (" + t.Words.Data(v.Encoding) + ")"
	}
	fact("get.type", kind)
	fact("get.ttl", t.expiry(v.TTL))
	if v.Bytes >= 0 {
		fact("get.memory", cat.Bytes(v.Bytes))
	}
	switch {
	case v.Length < 0:
	case v.String != nil:
		fact("get.length", cat.Bytes(v.Length))
	default:
		fact("get.elements", cat.Int(v.Length))
	}
	if v.String != nil {
		fact("get.content", t.formatName(view))
	}
	if v.Distinct >= 0 {
		fact("get.distinct", cat.Int(v.Distinct))
	}
}

// expiry is when a key expires.
func (t *Text) expiry(ms int64) string {
	switch {
	case ms == profile.NoExpiry:
		return t.Words.C.T("get.never")
	case ms < 0:
		return "?"
	}
	return t.Words.C.T("get.expires-in", "left", t.ttlText(ms))
}

// formatName is «gzip → JSON».
func (t *Text) formatName(view value.View) string {
	arrow := " → "
	if t.Screen.ASCII {
		arrow = " > "
	}
	name := string(view.Format)
	if id := "format." + name; t.Words.C.Has(id) {
		name = t.Words.C.T(id)
	}
	return strings.Join(append(append([]string{}, view.Packed...), name), arrow)
}

// content writes a string as what it was found to be.
func (t *Text) content(view value.View) {
	switch {
	case view.Format == value.Empty:
		t.line(t.paint(term.Dim, t.Words.C.T("get.empty")))
	case view.Text != "":
		for line := range strings.Lines(view.Text) {
			t.verbatim(strings.TrimRight(line, "\r\n"))
		}
	default:
		shown := view.Bytes[:min(len(view.Bytes), mostHex)]
		for line := range strings.Lines(hex.Dump(shown)) {
			t.line(strings.TrimRight(line, "\n"))
		}
		if more := len(view.Bytes) - len(shown); more > 0 {
			t.line(t.paint(term.Dim, t.Words.C.T("get.more-bytes", "bytes", t.Words.C.Bytes(int64(more)))))
		}
	}
}

// verbatim writes a line of a value, its blanks at the end included.
func (t *Text) verbatim(line string) {
	if t.err == nil {
		_, t.err = t.Screen.Out.Write([]byte(t.data(line) + "\n"))
	}
}

// data is foreign text; a tab stays one.
func (t *Text) data(text string) string {
	parts := strings.Split(text, "\t")
	for i := range parts {
		parts[i] = t.Words.Data(parts[i])
	}
	return strings.Join(parts, "\t")
}

// elements writes a collection, one element a line.
func (t *Text) elements(v *value.Value) {
	width := 0
	for _, e := range v.Elements {
		width = max(width, term.Columns(t.label(v.Type, 0, e)))
	}
	width = min(width, widestField)
	if v.Type == "list" {
		width = len(strconv.Itoa(max(len(v.Elements)-1, 0)))
	}
	for i, e := range v.Elements {
		label, text := t.label(v.Type, i, e), t.inLine(e.Value, e.Cut)
		if v.Type == "stream" {
			t.line(label)
			for _, p := range e.Pairs {
				t.verbatimAfter("   "+t.Words.Data(p.Field)+t.Words.C.T("colon"), t.inLine(p.Value, e.Cut))
			}
			continue
		}
		blank := strings.Repeat(" ", max(0, width-term.Columns(label)))
		switch {
		case label == "":
			t.verbatimAfter("", text)
		case v.Type == "hash":
			t.verbatimAfter(t.paint(term.Command, label)+blank+"  ", text)
		default: // numbers
			t.verbatimAfter(blank+t.paint(term.Dim, label)+"  ", text)
		}
	}
	if len(v.Elements) == 0 {
		t.line(t.paint(term.Dim, t.Words.C.T("get.no-elements")))
	}
}

// label is what stands before an element: its place, field, score or id.
func (t *Text) label(kind string, i int, e value.Element) string {
	switch kind {
	case "list":
		return strconv.Itoa(i)
	case "hash":
		return t.Words.Data(e.Field)
	case "zset":
		return scoreText(e.Score)
	case "stream":
		return t.Words.Data(e.ID)
	}
	return ""
}

// verbatimAfter writes what is made safe already.
func (t *Text) verbatimAfter(before, text string) {
	if t.err == nil {
		_, t.err = t.Screen.Out.Write([]byte(before + text + "\n"))
	}
}

// inLine is an element in one line: text as it is, what is packed or no text after the name of its format.
func (t *Text) inLine(s string, cut bool) string {
	view := value.Look([]byte(s), cut, int64(len(s))+mostHex, false)
	more := ""
	if view.Cut {
		more = "…"
	}
	plain := len(view.Packed) == 0 && (view.Format == value.Text || view.Format == value.JSON)
	switch {
	case s == "":
		return t.paint(term.Dim, `""`) + more
	case plain:
		return t.Words.Data(s) + more
	case view.Text != "":
		return t.paint(term.Dim, "["+t.formatName(view)+"] ") + t.Words.Data(view.Text) + more
	}
	shown := s[:min(len(s), mostInLine)]
	if len(shown) < len(s) {
		more = "… (" + t.Words.C.Bytes(int64(len(s))) + ")"
	}
	return t.paint(term.Dim, "["+t.formatName(view)+"] ") + t.Words.Data(shown) + more
}

// warnings are what one must know of the value.
func (t *Text) warnings(v *value.Value, view value.View) {
	cat := t.Words.C
	switch {
	case v.Unread && v.Cut:
		t.item(term.SymInfo, term.Plain, cat.T("get.too-large"))
	case v.Unread:
		t.item(term.SymInfo, term.Plain, cat.T("get.unknown-type", "type", t.Words.Data(v.Type)))
	case view.Format == value.Pickle:
		t.item(term.SymInfo, term.Plain, cat.T("get.pickle"))
	case view.Format == value.Damaged:
		t.item(term.SymWarn, term.Warn, cat.T("get.damaged"))
	}
}

// cutHint says what is missing and how to have it; "" where nothing is.
func (t *Text) cutHint(v *value.Value, view value.View) string {
	cat := t.Words.C
	switch {
	case v.Unread:
		return ""
	case v.String != nil && v.Cut:
		return cat.T("get.cut", "shown", cat.Bytes(int64(len(v.String))), "length", cat.Bytes(max(v.Length, int64(len(v.String)))))
	case v.String != nil && view.Cut:
		return cat.T("get.unpacked-cut", "shown", cat.Bytes(int64(len(view.Bytes))))
	case v.Cut:
		return cat.N("get.elements-cut", len(v.Elements), "n", cat.Int(int64(len(v.Elements))), "length", cat.Int(v.Length))
	}
	return ""
}

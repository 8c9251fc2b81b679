package report_test

import (
	"bytes"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/i18n"
	"github.com/olympiades-ia/olymp-cache/internal/keyspace/profile"
	"github.com/olympiades-ia/olymp-cache/internal/keyspace/value"
	"github.com/olympiades-ia/olymp-cache/internal/report"
	"github.com/olympiades-ia/olymp-cache/internal/term"
)

// badName is a name that no terminal should be given.
const badName = "bad\n\x00\xff\x1b[2J\u202e"

func keyRecords() []profile.Record {
	return []profile.Record{
		{Name: []byte("vitrine_cache"), Type: "string", TTL: 280_000, Bytes: 1536},
		{Name: []byte("session:" + strings.Repeat("0123456789abcdef", 8)), Type: "hash", TTL: profile.NoExpiry, Bytes: 12 << 20},
		{Name: []byte(badName), Type: "ReJSON-RL", TTL: 12, Bytes: 0},
		{Name: []byte("clé:été"), Type: "", TTL: profile.Unknown, Bytes: profile.Unknown},
		{Name: []byte("eternal"), Type: "zset", TTL: math.MaxInt64, Bytes: math.MaxInt64},
	}
}

func keyList() *report.KeyList {
	return &report.KeyList{
		Version: "1.0", Target: report.Target{URL: "redis://localhost:6379/0", Display: "localhost:6379/0"}, KeysTotal: 12345,
		CommandsSent: 98, Duration: 3600 * time.Microsecond,
	}
}

func textOn(cat *i18n.Catalog, screen term.Screen, b *bytes.Buffer, quiet bool) *report.Text {
	screen.Out = b
	if screen.ASCII {
		screen.Out = term.ASCIIWriter(b)
	}
	return &report.Text{Screen: screen, Words: report.Words{C: cat, Data: screen.Data}, Quiet: quiet}
}

// table shows pages of keys as they would come.
func table(t *testing.T, cat *i18n.Catalog, screen term.Screen, quiet bool, l *report.KeyList, pages ...[]profile.Record) string {
	t.Helper()
	var b bytes.Buffer
	w := report.NewKeyTable(textOn(cat, screen, &b, quiet))
	for _, page := range pages {
		for _, r := range page {
			if err := w.Key(r); err != nil {
				t.Fatal(err)
			}
		}
		before := b.Len()
		if err := w.Page(); err != nil {
			t.Fatal(err)
		}
		if len(page) > 0 && b.Len() == before {
			t.Error("a page was not shown when it came")
		}
		l.Shown += int64(len(page))
	}
	if err := w.End(l); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestKeyTable(t *testing.T) {
	t.Parallel()
	all := keyRecords()
	for _, cat := range languages() {
		lang := string(cat.Lang())
		var whole strings.Builder
		show := func(title string, screen term.Screen, quiet bool, l *report.KeyList, pages ...[]profile.Record) {
			whole.WriteString("## " + title + "\n" + table(t, cat, screen, quiet, l, pages...))
		}
		more := keyList()
		more.More = 12340
		show("two pages", term.Screen{TTY: true, Width: 80}, false, more, all[:1], nil, all[1:])
		least := keyList()
		least.More, least.AtLeast, least.Pattern, least.Estimated, least.Hidden = 7, true, "*", true, 1
		least.Refused = []report.RefusedAsk{{Command: "PTTL", Reply: "NOPERM \x1b"}}
		show("narrow", term.Screen{TTY: true, Width: 50}, false, least, all)
		show("ascii", term.Screen{TTY: true, Width: 80, ASCII: true}, false, keyList(), all)
		show("quiet", term.Screen{TTY: true, Width: 80}, true, keyList(), all[:1])
		none := keyList()
		none.Pattern = "vitrine"
		show("no match", term.Screen{TTY: true, Width: 80}, false, none)
		empty := keyList()
		empty.KeysTotal = 0
		show("empty", term.Screen{TTY: true, Width: 80}, false, empty)
		stopped := keyList()
		stopped.Partial = "interrupted"
		show("interrupted", term.Screen{TTY: true, Width: 80}, false, stopped, all[:1])
		golden(t, "keys_"+lang, whole.String())
	}
}

// TestKeyTableFits: no line is wider than the screen, whatever comes after the first page.
func TestKeyTableFits(t *testing.T) {
	t.Parallel()
	for _, cat := range languages() {
		for _, width := range []int{40, 80, 120} {
			out := table(t, cat, term.Screen{TTY: true, Width: width}, false, keyList(), keyRecords()[:1], keyRecords())
			for line := range strings.Lines(out) {
				if n := term.Columns(strings.TrimRight(line, "\n")); n > width {
					t.Errorf("%d cells on a screen of %d: %q", n, width, line)
				}
			}
		}
	}
}

func keyValues() map[string]*value.Value {
	unknown := func(v value.Value) *value.Value {
		v.Distinct = value.Unknown
		return &v
	}
	return map[string]*value.Value{
		"json": unknown(value.Value{
			Key: "vitrine_cache", Type: "string", Encoding: "raw", TTL: 280_000, Bytes: 1536, Length: 30,
			String: []byte(`{"nom":"IA Bénin","n":12345678901234567890}`),
		}),
		"cut": unknown(value.Value{
			Key: badName, Type: "string", Encoding: "raw", TTL: value.Unknown, Bytes: value.Unknown, Length: 9 << 20,
			String: []byte(
				"ligne 1\r\nligne\t2 \x1b[31m \u202e",
			), Cut: true, Refused: []value.Refusal{{Command: "PTTL", Reply: "NOPERM \x1b"}},
		}),
		"binary":  unknown(value.Value{Key: "b", Type: "string", TTL: -1, Length: 600, String: bytes.Repeat([]byte{0, 0xff, 'a'}, 200)}),
		"pickle":  unknown(value.Value{Key: "p", Type: "string", TTL: -1, Length: 4, String: []byte("\x80\x04N.")}),
		"damaged": unknown(value.Value{Key: "d", Type: "string", TTL: -1, Length: 4, String: []byte("\x1f\x8b\x08\x00")}),
		"empty":   unknown(value.Value{Key: "e", Type: "string", TTL: -1, String: []byte{}}),
		"hll":     {Key: "hll", Type: "string", TTL: -1, Length: 8, String: []byte("HYLL\x01\x00\x00\x00"), Distinct: 1006},
		"hash": unknown(value.Value{Key: "h", Type: "hash", Encoding: "listpack", TTL: -1, Length: 5, Cut: true, Elements: []value.Element{
			{Field: "nom", Value: "Ada"},
			{Field: "f\x1b", Value: "v\n\x1b[2J"},
			{Field: strings.Repeat("long", 12), Value: `{"a": 1}`},
			{Field: "b", Value: "\x00\xff" + strings.Repeat("\x01", 100), Cut: true},
		}}),
		"list": unknown(value.Value{Key: "l", Type: "list", TTL: -1, Length: 11, Elements: []value.Element{
			{Value: "a"}, {}, {Value: "\x81\xa1a\x01"}, {}, {}, {}, {}, {}, {}, {}, {Value: "z"},
		}}),
		"set": unknown(value.Value{Key: "s", Type: "set", TTL: -1, Length: 1, Elements: []value.Element{{Value: "été"}}}),
		"zset": unknown(value.Value{Key: "z", Type: "zset", TTL: -1, Length: 4, Elements: []value.Element{
			{
				Value: "a",
				Score: math.Inf(-1),
			}, {Value: "b", Score: 0.1}, {Value: "c", Score: 1700000000123}, {Value: "d", Score: math.Inf(1)},
		}}),
		"stream": unknown(value.Value{Key: "x", Type: "stream", TTL: -1, Length: 1, Elements: []value.Element{
			{ID: "1-1", Pairs: []value.Pair{{Field: "b\x1b", Value: "1"}, {Field: "a", Value: "2\n"}}},
		}}),
		"no elements": unknown(value.Value{Key: "x", Type: "stream", TTL: -1}),
		"module":      unknown(value.Value{Key: "m", Type: "TSDB-TYPE", TTL: -1, Length: value.Unknown, Unread: true}),
		"too large":   unknown(value.Value{Key: "m", Type: "ReJSON-RL", TTL: -1, Length: value.Unknown, Unread: true, Cut: true}),
	}
}

func shown(v *value.Value) *report.KeyValue {
	l := keyList()
	return &report.KeyValue{Version: l.Version, Target: l.Target, Value: v, MaxBytes: 1 << 16, CommandsSent: 8, Duration: time.Millisecond}
}

func TestKeyValueText(t *testing.T) {
	t.Parallel()
	values := keyValues()
	for _, cat := range languages() {
		var whole bytes.Buffer
		for _, name := range []string{
			"json", "cut", "binary", "pickle", "damaged", "empty", "hll", "hash", "list", "set", "zset", "stream", "no elements",
			"module", "too large",
		} {
			whole.WriteString("## " + name + "\n")
			r := textOn(cat, term.Screen{TTY: true, Width: 80}, &whole, false)
			r.KeyValue(shown(values[name]))
			if err := r.Err(); err != nil {
				t.Fatal(err)
			}
		}
		golden(t, "key_get_"+string(cat.Lang()), whole.String())
	}
}

// TestKeysAreHarmless: nothing of a name or a value reaches a terminal that it could act on.
func TestKeysAreHarmless(t *testing.T) {
	t.Parallel()
	for _, cat := range languages() {
		for _, screen := range []term.Screen{{TTY: true, Width: 80}, {}, {ASCII: true}} {
			var all bytes.Buffer
			for _, v := range keyValues() {
				r := textOn(cat, screen, &all, false)
				r.KeyValue(shown(v))
			}
			all.WriteString(table(t, cat, screen, false, keyList(), keyRecords()))
			for _, bad := range []string{"\x1b", "\x00", "\xff", "\u202e", "\r"} {
				if strings.Contains(strings.ToValidUTF8(all.String(), "\xff"), bad) {
					t.Errorf("%q came through", bad)
				}
			}
		}
	}
}

// TestKeysSayThatTheyCannotWrite: a full disk or a closed pipe is an error of every form.
func TestKeysSayThatTheyCannotWrite(t *testing.T) {
	t.Parallel()
	broken := errors.New("no space left")
	for name, w := range map[string]report.KeyWriter{
		"lines":  report.NewKeyLines(&failing{err: broken}, false),
		"null":   report.NewKeyLines(&failing{err: broken}, true),
		"json":   report.NewKeyJSON(&failing{err: broken}, keyList()),
		"ndjson": report.NewKeyNDJSON(&failing{err: broken}),
		"csv":    report.NewKeyCSV(&failing{err: broken}, func(s string) string { return s }),
		"table": report.NewKeyTable(&report.Text{
			Screen: term.Screen{Out: &failing{err: broken}}, Words: report.Words{C: languages()[0], Data: term.Escape},
		}),
	} {
		if err := w.Key(keyRecords()[0]); err != nil {
			t.Errorf("%s: %v before anything was written", name, err)
		}
		if err := w.Page(); !errors.Is(err, broken) {
			t.Errorf("%s: a page gave %v", name, err)
		}
		if err := w.End(keyList()); !errors.Is(err, broken) {
			t.Errorf("%s: the end gave %v", name, err)
		}
	}
}

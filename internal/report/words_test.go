package report

import (
	"strings"
	"testing"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/i18n"
)

func TestDropUnfilled(t *testing.T) {
	t.Parallel()
	all := func(clause string) bool { return !strings.Contains(clause, "{") }
	for _, tc := range []struct{ in, want string }{
		{"", ""},
		{"no clause", "no clause"},
		{"a [[ (b)]] c", "a  (b) c"},
		{"a[[ ({b})]].", "a."},
		{"[[{a}]][[b]][[{c}]]", "b"},
		{"{a} stays", "{a} stays"}, // outside a clause a hole is seen
		{"[[a]]{b}[[{c}]]", "a{b}"},
		{"a [[b", "a [[b"},
		{"a]] b", "a]] b"},
		{"[[]]", ""},
		{"[[a[[b]]c]]", "a[[bc]]"}, // clauses do not nest
		{"[a] {b} [[", "[a] {b} [["},
	} {
		if got := dropUnfilled(tc.in, all); got != tc.want {
			t.Errorf("dropUnfilled(%q) = %q, want %q", tc.in, got, tc.want)
		}
	}
}

func TestFillIn(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		template string
		pairs    []any
		want     string
	}{
		{"{a} and {b}", []any{"a", "1", "b", 2}, "1 and 2"},
		{"{a}[[, {b}]].", []any{"a", "1"}, "1."},
		{"{a}[[, {b}]].", []any{"a", "1", "b", ""}, "1, ."},
		{"[[{a} {b}]]x", []any{"a", "1"}, "x"},
		// Values are data, whatever they look like.
		{"[[{a}]]", []any{"a", "{b}", "b", "no"}, "{b}"},
		{"{a}[[{b}]]", []any{"a", "[[{x}", "b", "]]"}, "[[{x}]]"},
		{"[[{a}]] {b}", []any{"a", "]] [[{", "b", "}]]"}, "]] [[{ }]]"},
		{"{a}{a}", []any{"a", "1", "a", "2"}, "11"}, // the first evidence of a name counts, as in Finding.Value
		{"{a}", nil, "{a}"},
	} {
		if got := fillIn(tc.template, tc.pairs); got != tc.want {
			t.Errorf("fillIn(%q, %q) = %q, want %q", tc.template, tc.pairs, got, tc.want)
		}
	}
}

// FuzzFillIn: a value comes out whole, and nothing of a template's clauses does.
func FuzzFillIn(f *testing.F) {
	f.Add("v", "w")
	f.Add("]]", "[[{a}")
	f.Add("{b}", "{c}")
	f.Fuzz(func(t *testing.T, a, b string) {
		got := fillIn("<{a}>[[, <{b}>]][[, <{c}>]].", []any{"a", a, "b", b})
		if want := "<" + a + ">, <" + b + ">."; got != want {
			t.Errorf("a=%q b=%q gave %q", a, b, got)
		}
	})
}

// FuzzDropUnfilled: without known clauses nothing between brackets is left; with all known only brackets go.
func FuzzDropUnfilled(f *testing.F) {
	f.Add("a[[ ({b})]].")
	f.Add("[[a[[b]]]]")
	f.Fuzz(func(t *testing.T, s string) {
		kept := dropUnfilled(s, func(string) bool { return true })
		cut := dropUnfilled(s, func(string) bool { return false })
		if len(cut) > len(kept) || len(kept) > len(s) || (len(s)-len(kept))%4 != 0 {
			t.Errorf("%q: all kept %q, all cut %q", s, kept, cut)
		}
		if !strings.Contains(s, "[[") && kept != s {
			t.Errorf("%q became %q", s, kept)
		}
	})
}

func TestValues(t *testing.T) {
	t.Parallel()
	w := Words{C: i18n.New(i18n.English), Data: func(s string) string { return "<" + s + ">" }}
	for _, tc := range []struct {
		e    finding.Evidence
		want string
	}{
		{finding.Evidence{Name: "host", Value: "h"}, "<h>"},
		{finding.Evidence{Name: "reason", Value: "utf-16"}, "it is UTF-16; it must be UTF-8"},
		{finding.Evidence{Name: "reason", Value: "something new"}, "<something new>"},
		{finding.Evidence{Name: "host", Value: "utf-16"}, "<utf-16>"},
		{finding.Evidence{Name: "port", Value: 26379}, "26379"},
		{finding.Evidence{Name: "elements", Value: 150000, Unit: finding.Count}, "150,000"},
		{finding.Evidence{Name: "size_bytes", Value: int64(1536), Unit: "bytes"}, "1.5\u00a0KB"},
		{finding.Evidence{Name: "took_ms", Value: 12.34, Unit: "ms"}, "12.3\u00a0ms"},
		{finding.Evidence{Name: "ttl_s", Value: 59.9, Unit: "s"}, "60\u00a0s"},
		{finding.Evidence{Name: "ttl_s", Value: -1.0, Unit: "s"}, "-1\u00a0s"},
		{finding.Evidence{Name: "speed_up", Value: 3.14}, "3.1"},
		{finding.Evidence{Name: "speed_up", Value: 31.4}, "31"},
		{finding.Evidence{Name: "share", Value: 0.824, Unit: "ratio"}, "82%"},
		{finding.Evidence{Name: "share", Value: 0.013, Unit: "ratio"}, "1.3%"},
		{finding.Evidence{Name: "uptime_s", Value: 90000.0, Unit: "s"}, "1\u00a0d\u00a01\u00a0h"},
		{finding.Evidence{Name: "tls", Value: true}, "<true>"},
	} {
		if got := w.Value(tc.e); got != tc.want {
			t.Errorf("%+v reads %q, want %q", tc.e, got, tc.want)
		}
	}
}

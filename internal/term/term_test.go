package term

import (
	"bytes"
	"errors"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestEscape(t *testing.T) {
	for _, tc := range []struct{ in, want, ascii string }{
		{"vitrine:Bénin 1", "vitrine:Bénin 1", `vitrine:B\u00e9nin 1`},
		{"a\nb\tc\x00", `a\nb\tc\x00`, `a\nb\tc\x00`},
		{"\x1b[31mred\x1b]0;title\a", `\x1b[31mred\x1b]0;title\a`, `\x1b[31mred\x1b]0;title\a`},
		{"\xff\xfeok", `\xff\xfeok`, `\xff\xfeok`},
		{"\u009b31m", `\u009b31m`, `\u009b31m`},          // CSI as one C1 character
		{"abc\u202edef", `abc\u202edef`, `abc\u202edef`}, // text written backwards
		{"zero\u200bwidth\ufeff", `zero\u200bwidth\ufeff`, `zero\u200bwidth\ufeff`},
		{"\u2028", `\u2028`, `\u2028`},
		{"日本", "日本", `\u65e5\u672c`},
		{"🚀", "🚀", `\U0001f680`},
	} {
		if got := Escape(tc.in); got != tc.want {
			t.Errorf("Escape(%q) = %q, want %q", tc.in, got, tc.want)
		}
		if got := EscapeASCII(tc.in); got != tc.ascii {
			t.Errorf("EscapeASCII(%q) = %q, want %q", tc.in, got, tc.ascii)
		}
	}
}

func FuzzEscape(f *testing.F) {
	f.Add("clé\x1b[2J\xc3")
	f.Fuzz(func(t *testing.T, s string) {
		got := Escape(s)
		if !utf8.ValidString(got) || strings.ContainsFunc(got, func(r rune) bool { return r < 0x20 || r >= 0x7f && r <= 0x9f }) {
			t.Errorf("Escape(%q) = %q is not safe", s, got)
		}
		for _, c := range []byte(EscapeASCII(s)) {
			if c < 0x20 || c >= 0x7f {
				t.Errorf("EscapeASCII(%q) holds %#x", s, c)
			}
		}
	})
}

func TestToASCII(t *testing.T) {
	if got, want := ToASCII("«\u00a0Clé\u00a0» déjà créée… à 80 % — œuvre 日"), `"Cle" deja creee... a 80 % - oeuvre ?`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	var b bytes.Buffer
	if n, err := ASCIIWriter(&b).Write([]byte("é")); n != 2 || err != nil || b.String() != "e" {
		t.Errorf("n=%d err=%v out=%q", n, err, b.String())
	}
}

func TestWantColor(t *testing.T) {
	for _, tc := range []struct {
		name string
		mode ColorMode
		tty  bool
		env  map[string]string
		want bool
	}{
		{"terminal", ColorAuto, true, nil, true},
		{"pipe", ColorAuto, false, nil, false},
		{"NO_COLOR", ColorAuto, true, map[string]string{"NO_COLOR": "1"}, false},
		{"NO_COLOR with any text", ColorAuto, true, map[string]string{"NO_COLOR": "false"}, false},
		{"empty NO_COLOR does not count", ColorAuto, true, map[string]string{"NO_COLOR": ""}, true},
		{"NO_COLOR beats CLICOLOR_FORCE", ColorAuto, true, map[string]string{"NO_COLOR": "1", "CLICOLOR_FORCE": "1"}, false},
		{"forced on a pipe", ColorAuto, false, map[string]string{"CLICOLOR_FORCE": "1"}, true},
		{"force 0", ColorAuto, false, map[string]string{"CLICOLOR_FORCE": "0"}, false},
		{"dumb", ColorAuto, true, map[string]string{"TERM": "dumb"}, false},
		{"flag beats NO_COLOR", ColorAlways, false, map[string]string{"NO_COLOR": "1"}, true},
		{"never", ColorNever, true, map[string]string{"CLICOLOR_FORCE": "1"}, false},
	} {
		if got := WantColor(tc.mode, tc.tty, func(n string) string { return tc.env[n] }); got != tc.want {
			t.Errorf("%s: got %v", tc.name, got)
		}
	}
}

func TestUTF8Locale(t *testing.T) {
	for _, tc := range []struct {
		env  map[string]string
		goos string
		want bool
	}{
		{map[string]string{"LANG": "fr_FR.UTF-8"}, "linux", true},
		{map[string]string{"LANG": "C.utf8"}, "linux", true},
		{map[string]string{"LANG": "fr_FR.ISO-8859-1"}, "linux", false},
		{map[string]string{"LANG": "en_US.UTF-8", "LC_ALL": "C"}, "linux", false},
		{nil, "linux", false},
		{nil, "darwin", true},
		{nil, "windows", true},
	} {
		if got := utf8Locale(func(n string) string { return tc.env[n] }, tc.goos); got != tc.want {
			t.Errorf("%v on %s: got %v", tc.env, tc.goos, got)
		}
	}
}

func TestScreen(t *testing.T) {
	plain := Screen{}
	if got := plain.Paint(Bad, "x"); got != "x" {
		t.Errorf("no colour gave %q", got)
	}
	if got := (Screen{Color: true}).Paint(Bad, "x"); !strings.Contains(got, "\x1b[") || !strings.Contains(got, "x") {
		t.Errorf("colour gave %q", got)
	}
	if got := (Screen{Width: 200}).Rule(); len(got) != 60 {
		t.Errorf("the rule of a wide screen has %d cells", len(got))
	}
	if got := (Screen{Width: 40}).Rule(); len(got) != 40 {
		t.Errorf("the rule of a narrow screen has %d cells", len(got))
	}
	text := strings.Repeat("mot ", 30)
	if got := (Screen{Width: 40}).Wrap(text, 3); got != text {
		t.Error("a pipe's text was wrapped")
	}
	for line := range strings.Lines((Screen{Width: 40, TTY: true}).Wrap(text, 3)) {
		if Columns(strings.TrimRight(line, "\n")) > 40 {
			t.Errorf("too wide: %q", line)
		}
	}
}

func TestEverySymbolHasBothForms(t *testing.T) {
	for sym := SymTube; sym <= SymHint; sym++ {
		g := sym.glyph()
		if g.utf8 == "" || g.ascii == "" || ToASCII(g.ascii) != g.ascii {
			t.Errorf("symbol %d: %+v", sym, g)
		}
	}
}

func TestBar(t *testing.T) {
	for _, tc := range []struct {
		ratio float64
		want  string
		ascii string
	}{{0, "", ""}, {0.001, "▏", "|"}, {0.5, "█████", "#####"}, {1, "██████████", "##########"}, {7, "██████████", "##########"}} {
		if got := (Screen{}).Bar(tc.ratio, 10); got != tc.want {
			t.Errorf("%v: got %q", tc.ratio, got)
		}
		if got := (Screen{ASCII: true}).Bar(tc.ratio, 10); got != tc.ascii {
			t.Errorf("%v: got %q", tc.ratio, got)
		}
	}
}

func TestFit(t *testing.T) {
	for _, tc := range []struct {
		text  string
		cells int
		right bool
		ascii bool
		want  string
	}{
		{"abc", 5, false, false, "abc  "},
		{"abc", 5, true, false, "  abc"},
		{"abcdef", 4, false, false, "abc…"},
		{"abcdef", 5, false, true, "ab..."},
		{"été…", 6, false, true, "ete..."},
		{"abcdef", 1, false, false, "a"},
		{"abcdef", 2, false, true, "ab"},
		{"日本語", 4, false, false, "日… "},
		{"abc", 0, false, false, ""},
		{"abc", -3, false, false, ""},
	} {
		if got := (Screen{ASCII: tc.ascii}).Fit(tc.text, tc.cells, tc.right); got != tc.want {
			t.Errorf("%q in %d: got %q, want %q", tc.text, tc.cells, got, tc.want)
		}
	}
}

func TestCurve(t *testing.T) {
	nan := math.NaN()
	for _, tc := range []struct {
		values []float64
		cells  int
		rows   int
		ascii  bool
		want   []string
	}{
		{[]float64{0, 0.5, 1}, 3, 1, false, []string{"▁▄█"}},
		{[]float64{0, 0.5, 1}, 5, 1, false, []string{"  ▁▄█"}},
		{[]float64{0, 0.5, 1}, 2, 1, false, []string{"▄█"}},
		{[]float64{1, nan, 0.001, 7, -1}, 5, 1, false, []string{"█ ▁█▁"}},
		{[]float64{0.25, 0.75, 1}, 3, 2, false, []string{" ▄█", "▄██"}},
		{[]float64{0, 0.5, 1}, 3, 1, true, []string{"_=#"}},
		{nil, 3, 1, false, []string{"   "}},
	} {
		got := (Screen{ASCII: tc.ascii}).Curve(tc.values, tc.cells, tc.rows)
		if !slices.Equal(got, tc.want) {
			t.Errorf("%v in %d×%d: got %q, want %q", tc.values, tc.cells, tc.rows, got, tc.want)
		}
	}
}

func TestWidthOfAPipe(t *testing.T) {
	if got := WidthOf(&bytes.Buffer{}, func(string) string { return "132" }); got != 132 {
		t.Errorf("COLUMNS=132 gave %d", got)
	}
	if got := WidthOf(&bytes.Buffer{}, func(string) string { return "wide" }); got != PlainWidth {
		t.Errorf("COLUMNS=wide gave %d", got)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(r.Close(), w.Close()); err != nil {
			t.Error(err)
		}
	})
	if IsTerminal(w) || IsTerminal(&bytes.Buffer{}) {
		t.Error("a pipe is no terminal")
	}
}

package resp_test

import (
	"errors"
	"testing"

	"github.com/olympiades-ia/olymp-cache/internal/resp"
)

func TestQuote(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"plain":       `"plain"`,
		"a\nb\x00":    `"a\nb\x00"`,
		"\x1b[2J":     `"\x1b[2J"`,
		"é":           `"\xc3\xa9"`, // redis-cli knows ASCII only
		`say "yes\no`: `"say \"yes\\no"`,
		"\t\r\a\b":    `"\t\r\a\b"`,
		"":            `""`,
	} {
		if got := string(resp.Quote(nil, []byte(name))); got != want {
			t.Errorf("%q is written %s, want %s", name, got, want)
		}
	}
}

func TestPlain(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"vitrine_cache": true, "clé:été": true, "a b": true, `it"s`: true, `back\slash`: true,
		"": false, `"quoted"`: false, "a\n": false, "\x00": false, "\xff": false, "\u009b31m": false, "\u2028": false,
	} {
		if got := resp.Plain([]byte(name)); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
}

func TestUnquote(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`plain`: "plain", `"a\x00\n"`: "a\x00\n", `'it\'s \n'`: `it's \n`, `"\xZZ"`: "xZZ", `""`: "", `a"b`: `a"b`, `"\q"`: "q",
	} {
		if got, err := resp.Unquote(text); err != nil || got != want {
			t.Errorf("%s is read as %q (%v), want %q", text, got, err, want)
		}
	}
	for _, text := range []string{`"open`, `"open\"`, `"a"b`, `'`, `"\`} {
		if got, err := resp.Unquote(text); !errors.Is(err, resp.ErrQuoted) {
			t.Errorf("%s is read as %q (%v)", text, got, err)
		}
	}
}

func FuzzQuote(f *testing.F) {
	f.Add([]byte("a\x00\n\"\\"))
	f.Fuzz(func(t *testing.T, name []byte) {
		quoted := resp.Quote(nil, name)
		back, err := resp.Unquote(string(quoted))
		if err != nil || back != string(name) {
			t.Errorf("%q became %s and then %q (%v)", name, quoted, back, err)
		}
		if !resp.Plain(quoted[1:len(quoted)-1]) && len(name) > 0 && quoted[1] != '"' {
			t.Errorf("%s is not plain", quoted)
		}
	})
}

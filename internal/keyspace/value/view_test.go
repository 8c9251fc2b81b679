package value_test

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/olympiades-ia/olymp-cache/internal/keyspace/value"
)

func pack(t testing.TB, open func(io.Writer) io.WriteCloser, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := open(&out)
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func gzipped(t testing.TB, s string) string {
	return string(pack(t, func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }, []byte(s)))
}

func zlibbed(t testing.TB, s string) string {
	return string(pack(t, func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) }, []byte(s)))
}

func TestLook(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		in     string
		format value.Format
		packed []string
		text   string
	}{
		"nothing":            {"", value.Empty, nil, ""},
		"a word":             {"bonjour", value.Text, nil, "bonjour"},
		"a number":           {"42", value.Text, nil, "42"},
		"coloured":           {"\x1b[31mrouge", value.Text, nil, "\x1b[31mrouge"},
		"an object":          {`{"b":1,"a":[]}`, value.JSON, nil, "{\n  \"b\": 1,\n  \"a\": []\n}"},
		"a long number":      {`[12345678901234567890.10, 1E400]`, value.JSON, nil, "[\n  12345678901234567890.10,\n  1E400\n]"},
		"broken JSON":        {`{"a":`, value.Text, nil, `{"a":`},
		"gzip":               {gzipped(t, `[1]`), value.JSON, []string{"gzip"}, "[\n  1\n]"},
		"zlib":               {zlibbed(t, "été"), value.Text, []string{"zlib"}, "été"},
		"zlib in gzip":       {gzipped(t, zlibbed(t, "x")), value.Text, []string{"gzip", "zlib"}, "x"},
		"a text like zlib":   {"x^2 + y^2 = z^2", value.Text, nil, "x^2 + y^2 = z^2"},
		"damaged gzip":       {"\x1f\x8b\x08\x00nonsense", value.Damaged, nil, ""},
		"pickle 4":           {"\x80\x04\x95\x0c\x00\x00\x00\x00\x00\x00\x00\x8c\x05hello\x94.", value.Pickle, nil, ""},
		"pickle 2":           {"\x80\x02}q\x00X\x01\x00\x00\x00aq\x01K\x01s.", value.Pickle, nil, ""},
		"pickle 0":           {"(dp0\nVa\np1\nI1\ns.", value.Pickle, nil, ""},
		"a pickle that runs": {"cos\nsystem\n(S'id'\ntR.", value.Pickle, nil, ""},
		"a poem":             {"chat\nnoir\nsur le toit.", value.Text, nil, "chat\nnoir\nsur le toit."},
		"pickle in zlib":     {zlibbed(t, "\x80\x03]q\x00."), value.Pickle, []string{"zlib"}, ""},
		"msgpack": {
			"\x82\xa1a\x01\xa1b\x92\xc3\xc0", value.MessagePack, nil,
			"{\n  \"a\": 1,\n  \"b\": [\n    true,\n    null\n  ]\n}",
		},
		"not quite msgpack": {"\x82\xa1a\x01\xa1b\x92\xc3\xc0\xff", value.Binary, nil, ""},
		"php":               {`a:1:{s:1:"a";i:1;}`, value.PHP, nil, `a:1:{s:1:"a";i:1;}`},
		"a php object":      {`O:8:"stdClass":0:{}`, value.PHP, nil, `O:8:"stdClass":0:{}`},
		"not php":           {`a:b`, value.Text, nil, `a:b`},
		"java":              {"\xac\xed\x00\x05sr", value.Java, nil, ""},
		"hyperloglog":       {"HYLL\x01\x00\x00\x00", value.HyperLogLog, nil, ""},
		"zstd":              {"\x28\xb5\x2f\xfd\x00", "zstd", nil, ""},
		"png":               {"\x89PNG\r\n\x1a\n", "png", nil, ""},
		"bytes":             {"\x00\x01\xfe", value.Binary, nil, ""},
		"a zip's letters":   {"PKK", value.Text, nil, "PKK"},
		"BZh as text":       {"BZh is a word", value.Text, nil, "BZh is a word"},
	} {
		v := value.Look([]byte(c.in), false, 1<<20, true)
		if v.Format != c.format || !slices.Equal(v.Packed, c.packed) || v.Text != c.text || v.Cut {
			t.Errorf("%s: %s %v %q cut=%v, want %s %v %q", name, v.Format, v.Packed, v.Text, v.Cut, c.format, c.packed, c.text)
		}
	}
}

// TestLookAtABeginning: what was cut is still recognised, and a half letter at its end is left out.
func TestLookAtABeginning(t *testing.T) {
	t.Parallel()
	if v := value.Look([]byte("cl\xc3"), true, 0, true); v.Format != value.Text || v.Text != "cl" {
		t.Errorf("half a letter: %+v", v)
	}
	if v := value.Look([]byte("cl\xc3"), false, 0, true); v.Format != value.Binary {
		t.Errorf("half a letter of a whole value: %+v", v)
	}
	if v := value.Look([]byte("\x1f\x8b\x08\x00\x00"), true, 0, true); v.Format != value.Gzip {
		t.Errorf("the head of a gzip: %+v", v)
	}
	packed := gzipped(t, strings.Repeat("0123456789abcdef ", 50)+randomText(9000))
	v := value.Look([]byte(packed[:len(packed)/2]), true, 0, true)
	if v.Format != value.Text || !v.Cut || !strings.HasPrefix(v.Text, "0123456789abcdef 0123") {
		t.Errorf("half a gzip: %s %v cut=%v %.20q", v.Format, v.Packed, v.Cut, v.Text)
	}
}

// randomText is text that hardly packs.
func randomText(n int) string {
	var b strings.Builder
	for i, x := 0, uint32(1); i < n; i++ {
		x = x*1664525 + 1013904223
		b.WriteByte("abcdefghijklmnopqrstuvwxyzABCDEF"[x>>27])
	}
	return b.String()
}

// TestLookIsBounded: neither a packed nor a nested value makes more of itself than it may.
func TestLookIsBounded(t *testing.T) {
	t.Parallel()
	bomb := gzipped(t, gzipped(t, strings.Repeat("0", 200<<20)))
	if v := value.Look([]byte(bomb), false, 64<<10, true); len(v.Bytes) > 64<<10 || !v.Cut {
		t.Errorf("a bomb became %d bytes, cut=%v", len(v.Bytes), v.Cut)
	}
	deep := strings.Repeat("[", 9000) + strings.Repeat("]", 9000)
	if v := value.Look([]byte(deep), false, 0, true); v.Format != value.JSON || len(v.Text) > 10*len(deep)+1<<17 {
		t.Errorf("nested brackets became %s of %d bytes", v.Format, len(v.Text))
	}
	nested := strings.Repeat("\x91", 200_000) + "\xc0"
	if v := value.Look([]byte(nested), false, 0, true); v.Format != value.Binary {
		t.Errorf("nested arrays became %s", v.Format)
	}
	announced := "\xdd\xff\xff\xff\xff\xc0"
	if v := value.Look([]byte(announced), false, 0, true); v.Format != value.Binary {
		t.Errorf("four thousand million elements that are not there became %s", v.Format)
	}
}

func FuzzLook(f *testing.F) {
	for _, seed := range []string{
		`{"a":[1,2,{"b":"c"}]}`, gzipped(f, "x"), zlibbed(f, "[1]"), "\x82\xa1a\x01\xa1b\x92\xc3\xc0",
		"\x80\x04.", "HYLL", "a:1:{}", "\xc7\x05\xff12345",
	} {
		f.Add([]byte(seed), true)
	}
	f.Fuzz(func(t *testing.T, b []byte, cut bool) {
		const most = 1 << 16
		v := value.Look(b, cut, most, true)
		if len(v.Packed) > 0 && len(v.Bytes) > most {
			t.Errorf("%d bytes were unpacked", len(v.Bytes))
		}
		if len(v.Text) > 64*len(v.Bytes)+1<<17 {
			t.Errorf("%d bytes became a text of %d", len(v.Bytes), len(v.Text))
		}
		if (v.Format == value.JSON || v.Format == value.MessagePack) && !json.Valid([]byte(v.Text)) {
			t.Errorf("%q is no JSON", v.Text)
		}
	})
}

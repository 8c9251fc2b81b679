package traffic

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// shown is an event in one line, its bytes quoted.
func shown(e *Event) string {
	s := fmt.Sprintf("%d db%d %s", e.Time, e.DB, e.Client)
	for _, arg := range e.Args {
		s += fmt.Sprintf(" %q", arg)
	}
	if e.Cut {
		s += " cut"
	}
	return s
}

func TestParse(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		`1339518083.107412 [0 127.0.0.1:60866] "keys" "*"`:      `1339518083107412 db0 127.0.0.1:60866 "keys" "*"`,
		`1339518083.107412 [15 [::1]:60866] "ping"`:             `1339518083107412 db15 [::1]:60866 "ping"`,
		`1339518083.107412 [0 lua] "set" "k" "1"`:               `1339518083107412 db0 lua "set" "k" "1"`,
		`1339518083.107412 [0 unix:/tmp/a b] c.sock] "get" "k"`: `1339518083107412 db0 unix:/tmp/a b] c.sock "get" "k"`,
		`1339518083.1 [0 1.2.3.4:5] "get" "k"`:                  `1339518083100000 db0 1.2.3.4:5 "get" "k"`,
		`1339518083 [9 1.2.3.4:5] "get" "k"`:                    `1339518083000000 db9 1.2.3.4:5 "get" "k"`,
		`1.0 [0 a:1] "set" "" "a\"b\\c\n\r\t\a\b\x00\xff\x1B"`:  `1000000 db0 a:1 "set" "" "a\"b\\c\n\r\t\a\b\x00\xff\x1b"`,
		`1.0 [0 a:1] "set" "] \"x" "[0 b] \\"`:                  `1000000 db0 a:1 "set" "] \"x" "[0 b] \\"`,
		`1.0 [0 a:1] "set" "é" "\q\xzz"`:                        `1000000 db0 a:1 "set" "é" "qxzz"`,
		`1.0 [a:1] "get"`:                                       `1000000 db-1 a:1 "get"`,
	} {
		var e Event
		if err := e.parse([]byte(line), false); err != nil || shown(&e) != want {
			t.Errorf("%s\n gives %s (%v),\n want  %s", line, shown(&e), err, want)
		}
	}
	for _, line := range []string{
		"", "OK", `1.0 [0 a:1]`, `1.0 [0 a:1] get`, `x [0 a:1] "get"`, `1.x [0 a:1] "get"`, `1.0 [0 a:1] "get`, `1.0 [0 a:1] "get" k`,
		`1.0 [0 a:1] "get""k"`, `99999999999999999999.0 [0 a:1] "get"`, `1.0 [0 a:1] "get" `, `1.0 [0 a:1] "\`,
	} {
		var e Event
		if err := e.parse([]byte(line), false); err == nil {
			t.Errorf("%s was read as %s", line, shown(&e))
		}
	}
	for line, want := range map[string]string{
		`1.0 [0 a:1] "set" "k" "val`: `1000000 db0 a:1 "set" "k" "val" cut`, `1.0 [0 a:1] "set" "k" `: `1000000 db0 a:1 "set" "k" cut`,
		`1.0 [0 a:1] "set" "k" "v\x0`: `1000000 db0 a:1 "set" "k" "v" cut`, `1.0 [0 a:1] "set" "k`: `1000000 db0 a:1 "set" "k" cut`,
	} {
		var e Event
		if err := e.parse([]byte(line), true); err != nil || shown(&e) != want {
			t.Errorf("cut: %s\n gives %s (%v),\n want  %s", line, shown(&e), err, want)
		}
	}
}

func TestReader(t *testing.T) {
	t.Parallel()
	block := "+1.0 [0 a:1] \"GET\" \"k\"\r\n-ERR x\r\n+OK\r\n\r\n+2.0 [1 b:2] \"set\" \"k\" \"v\"\n+3.0 [0 c:3] \"DEL\" \"x\"\r\n"
	var got []string
	var r Reader
	unreadable := r.Read([]byte(block), 4, false, func(e *Event) bool {
		got = append(got, fmt.Sprint(e.Name(), " ", e.Keys(), " ", e.Node, " ", string(e.Client)))
		return len(got) < 2
	})
	if diff := cmp.Diff([]string{"GET [1] 4 a:1", "SET [1] 4 b:2"}, got); diff != "" || unreadable != 3 {
		t.Errorf("%d unreadable lines, %s", unreadable, diff)
	}
}

// quote writes an argument as sdscatrepr of Redis does.
func quote(arg []byte) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range arg {
		switch {
		case c == '\\' || c == '"':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c >= 0x20 && c < 0x7f:
			b.WriteByte(c)
		case strings.IndexByte("\n\r\t\a\b", c) >= 0:
			b.WriteString(map[byte]string{'\n': `\n`, '\r': `\r`, '\t': `\t`, '\a': `\a`, '\b': `\b`}[c])
		default:
			fmt.Fprintf(&b, `\x%02x`, c)
		}
	}
	return b.String() + `"`
}

// FuzzArguments: any bytes come back as they were sent.
func FuzzArguments(f *testing.F) {
	f.Add([]byte("SET"), []byte("k\"\\\x00"), []byte("\r\n\a\b\t\xff"))
	f.Add([]byte(""), []byte("] \""), []byte("\\x41"))
	f.Fuzz(func(t *testing.T, a, b, c []byte) {
		line := "1339518083.107412 [3 10.0.0.1:5] " + quote(a) + " " + quote(b) + " " + quote(c)
		var e Event
		if err := e.parse([]byte(line), false); err != nil {
			t.Fatal(err)
		}
		want := [][]byte{a, b, c}
		if len(e.Args) != len(want) || string(e.Client) != "10.0.0.1:5" || e.DB != 3 {
			t.Fatalf("%q gives %s", line, shown(&e))
		}
		for i := range want {
			if !bytes.Equal(e.Args[i], want[i]) {
				t.Fatalf("argument %d is %q, want %q", i, e.Args[i], want[i])
			}
		}
		for at := range len(line) { // cut anywhere it is an event or none, and never more than there was
			if err := e.parse([]byte(line[:at]), true); err == nil && len(e.Args) > len(want) {
				t.Fatalf("%q has %d arguments", line[:at], len(e.Args))
			}
		}
	})
}

// FuzzLine: nothing that a server may write breaks the reader.
func FuzzLine(f *testing.F) {
	for _, line := range []string{
		"+1.0 [0 a:1] \"GET\" \"k\"\r\n", "+1.0 [0 lua] \"x\\", "-ERR\r\n", "+1.0 [] \"\"", "+1 [\" \"] \"\\x", "\n\n",
	} {
		f.Add([]byte(line), true)
		f.Add([]byte(line), false)
	}
	f.Fuzz(func(t *testing.T, block []byte, cut bool) {
		var r Reader
		lines := 0
		unreadable := r.Read(bytes.Clone(block), 0, cut, func(e *Event) bool {
			lines++
			e.Texts()
			for _, i := range e.Keys() {
				if i <= 0 || i >= len(e.Args) {
					t.Fatalf("a key at %d of %d arguments", i, len(e.Args))
				}
			}
			return true
		})
		if all := bytes.Count(append(bytes.TrimSuffix(block, []byte("\n")), '\n'), []byte("\n")); len(block) > 0 &&
			lines+unreadable != all {
			t.Fatalf("%d lines and %d unreadable ones of %d", lines, unreadable, all)
		}
	})
}

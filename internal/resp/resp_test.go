package resp

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func reading(s string) *Reader { return NewReader(strings.NewReader(s), 0) }

func TestReplies(t *testing.T) {
	r := reading(":42\r\n:-2\r\n$-1\r\n_\r\n+string\r\n*2\r\n$1\r\n0\r\n*1\r\n$5\r\na\r\nb\x00\r\n")
	if n, err := r.Int(); n != 42 || err != nil {
		t.Errorf("Int() = %d, %v", n, err)
	}
	if n, ok, err := r.IntOrNil(); n != -2 || !ok || err != nil {
		t.Errorf("IntOrNil() = %d, %t, %v", n, ok, err)
	}
	for range 2 {
		if _, ok, err := r.IntOrNil(); ok || err != nil {
			t.Errorf("IntOrNil() of nil = %t, %v", ok, err)
		}
	}
	if s, err := r.Status(); string(s) != "string" || err != nil {
		t.Errorf("Status() = %q, %v", s, err)
	}
	if n, err := r.Array(); n != 2 || err != nil {
		t.Errorf("Array() = %d, %v", n, err)
	}
	if s, ok, err := r.Bulk(nil); string(s) != "0" || !ok || err != nil {
		t.Errorf("Bulk() = %q, %t, %v", s, ok, err)
	}
	if n, err := r.Array(); n != 1 || err != nil {
		t.Errorf("Array() = %d, %v", n, err)
	}
	if s, ok, err := r.Bulk([]byte("x")); string(s) != "xa\r\nb\x00" || !ok || err != nil {
		t.Errorf("Bulk() = %q, %t, %v", s, ok, err)
	}
	if _, err := r.Int(); !errors.Is(err, io.EOF) {
		t.Errorf("at the end: %v", err)
	}
}

// TestErrorsDoNotDerail: after an error reply, a push or a reply of another kind the next reply is still read right.
func TestErrorsDoNotDerail(t *testing.T) {
	for name, first := range map[string]string{
		"error":       "-NOPERM this user has no permissions\r\n",
		"bulk error":  "!5\r\nSORRY\r\n",
		"another one": "*2\r\n$3\r\nabc\r\n%1\r\n+a\r\n:1\r\n",
		"nested":      "*1\r\n*1\r\n-ERR inside\r\n",
	} {
		r := reading(first + ">2\r\n+invalidate\r\n*1\r\n$1\r\nk\r\n|1\r\n+ttl\r\n:5\r\n:7\r\n")
		_, err := r.Int()
		if err == nil {
			t.Errorf("%s: no error", name)
		}
		var no Error
		if wanted := strings.Contains(name, "error"); errors.As(err, &no) != wanted {
			t.Errorf("%s: %v", name, err)
		}
		if n, err := r.Int(); n != 7 || err != nil {
			t.Errorf("%s: then %d, %v", name, n, err)
		}
	}
}

func TestImpossible(t *testing.T) {
	for _, s := range []string{
		"$99999999999\r\n", "*99999999\r\n", "HTTP/1.1 400\r\n", ":1\n", "$5\r\nabcdefgh\r\n", "$-2\r\n", ":" + strings.Repeat("1", 1<<17),
	} {
		for what, read := range readers() {
			if err := read(reading(s)); err == nil {
				t.Errorf("%s of %.20q: no error", what, s)
			}
		}
	}
	for _, s := range []string{":1x\r\n", ":\r\n", ":-\r\n", ":9223372036854775808\r\n"} {
		if n, err := reading(s).Int(); !errors.Is(err, ErrProtocol) {
			t.Errorf("Int of %q = %d, %v", s, n, err)
		}
	}
	if err := reading(strings.Repeat("*1\r\n", 100) + ":1\r\n").Skip(); !errors.Is(err, ErrProtocol) {
		t.Errorf("Skip of a deep reply: %v", err)
	}
}

// readers are all that can be asked of a Reader.
func readers() map[string]func(*Reader) error {
	return map[string]func(*Reader) error{
		"Int":      func(r *Reader) error { _, err := r.Int(); return err },
		"IntOrNil": func(r *Reader) error { _, _, err := r.IntOrNil(); return err },
		"Status":   func(r *Reader) error { _, err := r.Status(); return err },
		"Array":    func(r *Reader) error { _, err := r.Array(); return err },
		"Bulk":     func(r *Reader) error { _, _, err := r.Bulk(nil); return err },
		"Skip":     (*Reader).Skip,
	}
}

// TestLongValue: a value larger than the buffer, byte by byte.
func TestLongValue(t *testing.T) {
	want := bytes.Repeat([]byte("0123456789"), 20_000)
	wire := append(Argument(nil, want), ":1\r\n"...)
	r := NewReader(iotest.OneByteReader(bytes.NewReader(wire)), 0)
	got, ok, err := r.Bulk(nil)
	if !ok || err != nil || !bytes.Equal(got, want) {
		t.Errorf("Bulk() = %d bytes, %t, %v", len(got), ok, err)
	}
	if n, err := r.Int(); n != 1 || err != nil {
		t.Errorf("then %d, %v", n, err)
	}
}

func TestCommand(t *testing.T) {
	got := Command(nil, "SET", "a b\r\n\x00", "")
	if want := "*3\r\n$3\r\nSET\r\n$6\r\na b\r\n\x00\r\n$0\r\n\r\n"; string(got) != want {
		t.Errorf("Command() = %q, want %q", got, want)
	}
}

func FuzzReader(f *testing.F) {
	for _, s := range []string{
		":1\r\n", "$3\r\nabc\r\n", "*2\r\n:1\r\n$-1\r\n", "-ERR x\r\n", ">1\r\n:1\r\n+OK\r\n", "!3\r\nERR\r\n", "%1\r\n+a\r\n,1.5\r\n",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for what, read := range readers() {
			r := reading(s)
			for n := 0; ; n++ {
				err := read(r)
				var no Error
				if err != nil && !errors.As(err, &no) && !errors.Is(err, ErrProtocol) {
					break
				}
				if n > len(s) {
					t.Fatalf("%s reads more replies from %q than it has bytes", what, s)
				}
			}
		}
	})
}

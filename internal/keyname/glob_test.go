package keyname

import (
	"strings"
	"testing"
)

func TestGlob(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pattern, key string
		want         bool
	}{
		{"", "", true},
		{"", "a", false},
		{"*", "", true},
		{"*", "a\x00\xff", true},
		{"user:*", "user:1", true},
		{"user:*", "users:1", false},
		{"*:cart", "user:1:cart", true},
		{"*a*b*", "xaxxbx", true},
		{"*a*b*", "xbxxax", false},
		{"h?llo", "hello", true},
		{"h?llo", "hllo", false},
		{"h??lo", "h\xc3\xa9lo", true},
		{"h[ae]llo", "hallo", true},
		{"h[ae]llo", "hillo", false},
		{"h[^e]llo", "hallo", true},
		{"h[^e]llo", "hello", false},
		{"h[a-c]llo", "hbllo", true},
		{"h[c-a]llo", "hbllo", true},
		{"h[a-c]llo", "hdllo", false},
		{`h\*llo`, "h*llo", true},
		{`h\*llo`, "hello", false},
		{`[\]]`, "]", true},
		{"a/b*", "a/b/c", true},
		{"GET", "get", false},
		{"[a-]", "-", false},
		{"[a-]", "_", true},
		{"**a**", "bab", true},
		{"a*", "a", true},
		{"a?", "a", false},
	} {
		if got := Match(c.pattern, []byte(c.key)); got != c.want {
			t.Errorf("%q fits %q: %v", c.pattern, c.key, got)
		}
	}
	for pattern, good := range map[string]bool{
		"a*": true, "[ab]": true, `\[`: true, "[": false, "a[b": false, `a\`: false, `[a\]`: false, "]": true, "[]": false, "": false,
	} {
		if (Check(pattern) == nil) != good {
			t.Errorf("%q is good: %v", pattern, !good)
		}
	}
	long := strings.Repeat("*a", 200) + "b"
	if Match(long, []byte(strings.Repeat("a", 5000))) { // in a blink, or this test times out
		t.Error("there is no b")
	}
}

func FuzzGlob(f *testing.F) {
	f.Add("[a-", []byte("x"))
	f.Add("*\\", []byte(""))
	f.Fuzz(func(_ *testing.T, pattern string, key []byte) {
		if Check(pattern) == nil {
			Match(pattern, key)
		}
		Match(pattern, key)
	})
}

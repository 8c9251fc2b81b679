package redisconn

import (
	"errors"
	"strings"
	"testing"
)

// TestLengths follows replies in pieces of every size.
func TestLengths(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		stream string
		err    error
	}{
		"ordinary replies":      {"+PONG\r\n:12\r\n$3\r\nabc\r\n$-1\r\n*2\r\n$1\r\na\r\n:1\r\n-ERR *99999999999\r\n%1\r\n+k\r\n,1.5\r\n", nil},
		"a value full of signs": {"$30\r\n*9223372036854775807\r\n$99999999\r\n+OK\r\n", nil},
		"an impossible value":   {"$9223372036854775807\r\n", errTooLong},
		"beyond a number":       {"$99999999999999999999999999\r\n", errTooLong},
		"an impossible array":   {"*2\r\n+a\r\n*2000000000\r\n", errTooLong},
		"an impossible map":     {"%9223372036854775807\r\n", errTooLong},
		"after a long value":    {"$3\r\nabc\r\n*9223372036854775807\r\n", errTooLong},
		"the longest value":     {"$1073741824\r\n", nil},
		"no RESP":               {"* OK IMAP4rev1 ready *9999999999\r\n", nil},
		"HTTP":                  {"HTTP/1.1 400 Bad Request\r\n\r\n*9999999999\r\n", errTooLong},
	} {
		for size := 1; size <= len(c.stream); size++ {
			var l lengths
			var err error
			for at := 0; at < len(c.stream) && err == nil; at += size {
				err = l.check([]byte(c.stream[at:min(at+size, len(c.stream))]))
			}
			if !errors.Is(err, c.err) {
				t.Errorf("%s, %d bytes at a time: %v", name, size, err)
			}
		}
	}
}

func FuzzLengths(f *testing.F) {
	f.Add("*2\r\n$1\r\na\r\n:1\r\n", 3)
	f.Fuzz(func(t *testing.T, stream string, at int) {
		var whole, parts lengths
		at = max(0, min(at, len(stream)))
		want := whole.check([]byte(stream))
		got := parts.check([]byte(stream[:at]))
		if got == nil {
			got = parts.check([]byte(stream[at:]))
		}
		if !errors.Is(got, want) {
			t.Errorf("whole: %v, in two: %v", want, got)
		}
		if strings.Count(stream, "\n") == 0 && want != nil {
			t.Error("an unfinished header was judged")
		}
	})
}

package redistest

import (
	"bufio"
	"strings"
	"testing"
)

func TestRewrite(t *testing.T) {
	t.Parallel()
	s := Start(t)
	addr := Rewrite(t, s.Addr(), func(cmd []string, reply string) string {
		if !strings.EqualFold(cmd[0], "INFO") {
			return reply
		}
		return EditText(reply, func(text string) string {
			return strings.Replace(text, "role:master", "role:pretender", 1)
		})
	})
	c, err := dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	for _, cmd := range [][]string{{"SET", "k", "v"}, {"GET", "k"}, {"INFO", "replication"}, {"CONFIG", "GET", "save"}, {"WRONG"}} {
		want, wantErr := s.Do(cmd...)
		got, gotErr := c.do(cmd...)
		if cmd[0] == "INFO" {
			want = strings.Replace(want, "role:master", "role:pretender", 1)
		}
		if got != want || (gotErr == nil) != (wantErr == nil) {
			t.Errorf("%q: %q, %v; the server says %q, %v", cmd, got, gotErr, want, wantErr)
		}
	}
}

func TestRawReply(t *testing.T) {
	t.Parallel()
	for _, reply := range []string{
		"+OK\r\n", "-ERR no\r\n", ":7\r\n", "$-1\r\n", "$3\r\na\r\n\r\n", "*0\r\n", "*-1\r\n", "*2\r\n:1\r\n*1\r\n$1\r\nx\r\n",
		"%1\r\n+k\r\n~1\r\n#t\r\n", "_\r\n", ",1.5\r\n", "=7\r\ntxt:abc\r\n", ">2\r\n+a\r\n+b\r\n", "|1\r\n+k\r\n+v\r\n:3\r\n",
	} {
		got, err := rawReply(bufio.NewReader(strings.NewReader(reply + "+next\r\n")))
		if err != nil || got != reply {
			t.Errorf("%q is read as %q, %v", reply, got, err)
		}
	}
	for _, reply := range []string{"", "\r\n", "?x\r\n", "$x\r\n", "$9\r\nabc\r\n", "*1\r\n"} {
		if got, err := rawReply(bufio.NewReader(strings.NewReader(reply))); err == nil {
			t.Errorf("%q is read as %q", reply, got)
		}
	}
	if got := EditText("=7\r\ntxt:abc\r\n", func(s string) string { return s + "d" }); got != "=8\r\ntxt:abcd\r\n" {
		t.Errorf("a verbatim string becomes %q", got)
	}
	if got := EditText(":7\r\n", strings.ToUpper); got != ":7\r\n" {
		t.Errorf("a number becomes %q", got)
	}
}

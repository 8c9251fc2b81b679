package facts_test

import (
	"strings"
	"testing"

	"github.com/olympiades-ia/olymp-cache/internal/facts"
	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

// TestCommandTable: the keys are where the server itself finds them.
func TestCommandTable(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	table := facts.CommandTable(t.Context(), open(t, s.URL()))
	if table.Status != snapshot.OK || len(table.Value) < 200 {
		t.Fatalf("%d commands: %+v", len(table.Value), table)
	}
	for _, line := range []string{
		"GET k", "MSET a 1 b 2", "MGET a b c", "EVAL s 2 a b x", "EVALSHA s 1 a", "FCALL f 2 a b c", "XREAD COUNT 1 STREAMS a b 0 0",
		"XREADGROUP GROUP g c STREAMS a b > >", "ZUNIONSTORE d 2 a b", "ZUNION 2 a b", "SINTERCARD 2 a b LIMIT 1", "LMPOP 2 a b LEFT",
		"BITOP AND d a b", "OBJECT ENCODING k", "MEMORY USAGE k", "XGROUP CREATE k g 0", "XINFO STREAM k", "SORT k",
		"GEORADIUS k 1 1 1 m STORE d", "MIGRATE h 1 k 0 9", "BLPOP a b 0", "RENAME a b", "COPY a b", "PFCOUNT a b", "HSET k f v",
		"LMOVE a b LEFT LEFT",
		"ZRANGESTORE d a 0 1", "SDIFFSTORE d a b", "SET k v EX 1", "TOUCH a b", "PFMERGE d a b", "DEL a", "BZMPOP 0 2 a b MIN",
	} {
		words := strings.Fields(line)
		at := func(i int) string {
			if i < 0 || i >= len(words) {
				return ""
			}
			return strings.ToLower(words[i])
		}
		var got []string
		for _, i := range table.Value.KeysAt(nil, len(words), at) {
			got = append(got, words[i])
		}
		want, err := s.Do(append([]string{"COMMAND", "GETKEYS"}, words...)...)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		// Left out: SORT … STORE, whose second key the table calls unknown.
		if all := strings.Join(got, "\n"); all != want {
			t.Errorf("the keys of %s are %q, the server says %q", line, all, want)
		}
	}
}

func TestClients(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	conn := open(t, s.URL())
	clients := facts.Clients(t.Context(), conn)
	if len(clients) != 1 || clients[0].Own == 0 || clients[0].List.Value.Total == 0 {
		t.Fatalf("%+v", clients)
	}
	for _, limit := range []struct {
		set  string
		want bool
	}{{"normal 0 0 0", false}, {"normal 1048576 0 0", true}, {"normal 0 1048576 5", true}} {
		if _, err := s.Do("CONFIG", "SET", "client-output-buffer-limit", limit.set); err != nil {
			t.Fatal(err)
		}
		if got := facts.ClientLimit(t.Context(), conn); got.Status != snapshot.OK || got.Value != limit.want {
			t.Errorf("%s: %+v", limit.set, got)
		}
	}
}

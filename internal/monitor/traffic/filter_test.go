package traffic

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
)

func line(client, args string) []byte {
	quoted := `"` + strings.Join(strings.Fields(args), `" "`) + `"`
	return []byte("+1.0 [0 " + client + "] " + quoted + "\r\n")
}

// commands is a table with CONFIG as one with subcommands.
func commands(t *testing.T) snapshot.Commands {
	t.Helper()
	none := []any{}
	row := func(name string, first, last, step int64, subs ...any) []any {
		return []any{name, int64(-1), none, first, last, step, none, none, none, subs}
	}
	c, err := snapshot.ParseCommands([]any{
		row(
			"get",
			1,
			1,
			1,
		), row("mget", 1, -1, 1), row("flushall", 0, 0, 0), row("config", 0, 0, 0, row("config|set", 0, 0, 0), row("config|get", 0, 0, 0)),
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestMatcher(t *testing.T) {
	t.Parallel()
	whole := commands(t)
	of := func(client []byte) (Who, bool) {
		if string(client) == "10.0.0.9:1" {
			return Who{}, false
		}
		return map[string]Who{"10.0.0.1:5": {Name: "worker", User: "app"}}[string(client)], true
	}
	for _, c := range []struct {
		filter       Filter
		client, args string
		want         bool
	}{
		{Filter{}, "10.0.0.1:5", "get k", true},
		{Filter{Commands: []string{"GET", "flushall"}}, "10.0.0.1:5", "get k", true},
		{Filter{Commands: []string{"get"}}, "10.0.0.1:5", "MGET k", false},
		{Filter{Commands: []string{"config"}}, "10.0.0.1:5", "CONFIG SET a b", true},
		{Filter{Commands: []string{"config set"}}, "10.0.0.1:5", "CONFIG SET a b", true},
		{Filter{Commands: []string{"Config|Set"}}, "10.0.0.1:5", "config get a", false},
		{Filter{Match: []string{"user:*", "x"}}, "10.0.0.1:5", "mget a user:1", true},
		{Filter{Match: []string{"user:*"}}, "10.0.0.1:5", "config get user:1", false},
		{Filter{Clients: []string{"10.0.0.1"}}, "10.0.0.1:5", "get k", true},
		{Filter{Clients: []string{"10.0.0.2"}}, "10.0.0.1:5", "get k", false},
		{Filter{Clients: []string{"10.0.0.0/24"}}, "10.0.0.1:5", "get k", true},
		{Filter{Clients: []string{"10.0.0.1:5"}}, "10.0.0.1:5", "get k", true},
		{Filter{Clients: []string{"10.0.0.1:6"}}, "10.0.0.1:5", "get k", false},
		{Filter{Clients: []string{"10.0.0.1"}}, "[::ffff:10.0.0.1]:5", "get k", true},
		{Filter{Clients: []string{"::1"}}, "[::1]:5", "get k", true},
		{Filter{Clients: []string{"[::1]"}}, "[::1]:5", "get k", true},
		{Filter{Clients: []string{"[::1]:5"}}, "[::1]:5", "get k", true},
		{Filter{Clients: []string{"fe80::/10"}}, "[fe80::1%eth0]:5", "get k", true},
		{Filter{Clients: []string{"lua"}}, "lua", "get k", true},
		{Filter{Clients: []string{"/tmp/s"}}, "unix:/tmp/s", "get k", true},
		{Filter{Clients: []string{"unix:/tmp/s"}}, "unix:/tmp/s", "get k", true},
		{Filter{Clients: []string{"worker"}}, "10.0.0.1:5", "get k", true},
		{Filter{Clients: []string{"app"}}, "10.0.0.1:5", "get k", true},
		{Filter{Clients: []string{"worker"}}, "10.0.0.3:5", "get k", false},
		{Filter{Clients: []string{"worker"}}, "10.0.0.9:1", "get k", false},
		{Filter{Clients: []string{"worker"}}, "lua", "get k", false},
		{Filter{Commands: []string{"get"}, Clients: []string{"worker"}}, "10.0.0.1:5", "mget k", false},
	} {
		for _, table := range []snapshot.Commands{whole, nil} {
			m, bad, err := c.filter.Compile()
			if err != nil {
				t.Fatal(bad, err)
			}
			m.Of = of
			r := Reader{Commands: table}
			met := 0
			r.Read(line(c.client, c.args), 0, false, func(e *Event) bool {
				met++
				// MGET's second key is only known to who has the table.
				if got := m.Wants(e); got != c.want && (table != nil || !strings.HasPrefix(c.args, "mget a")) {
					t.Errorf("%+v wants %s of %s: %v (table: %v)", c.filter, c.args, c.client, got, table != nil)
				}
				if again := m.Wants(e); again != c.want && table != nil {
					t.Errorf("%+v wants %s of %s the second time: %v", c.filter, c.args, c.client, again)
				}
				return true
			})
			if met != 1 {
				t.Fatalf("%s was not read", c.args)
			}
			if wantNameless := c.client == "10.0.0.9:1"; (m.Nameless > 0) != wantNameless {
				t.Errorf("%+v: %d nameless", c.filter, m.Nameless)
			}
		}
	}
	if _, bad, err := (Filter{Match: []string{"a*", "[a"}}).Compile(); err == nil || bad != "[a" {
		t.Errorf("the pattern [a was taken: %q %v", bad, err)
	}
}

func TestTally(t *testing.T) {
	t.Parallel()
	tally := NewTally(2, func(client []byte) (Who, bool) {
		return map[string]Who{"10.0.0.1:5": {Name: "worker"}}[string(client)], true
	})
	r := Reader{Commands: commands(t)}
	add := func(e *Event) bool { tally.Add(e); return true }
	for node, lines := range [][]byte{
		append(line("10.0.0.1:5", "GET user:1"), append(line("10.0.0.2:7", "mget user:1 user:2"), line("10.0.0.2:8", "get page")...)...),
		append(line("lua", "CONFIG set a b"), line("unix:/tmp/s", "flushall")...),
	} {
		if bad := r.Read(lines, node, false, add); bad != 0 {
			t.Fatalf("%d lines were not read", bad)
		}
	}
	want := map[string]string{
		"commands": "get=2 config set=1 flushall=1 mget=1", "keys": "user:1=2 page=1 user:2=1", "families": "user:*=3 page=1",
		"clients": "10.0.0.2=2 lua=1 unix:/tmp/s=1 worker (10.0.0.1)=1",
	}
	got := map[string]string{}
	for name, top := range map[string]*Top{
		"commands": tally.Commands, "keys": tally.Keys, "families": tally.Families, "clients": tally.Clients,
	} {
		var words []string
		for _, c := range top.First(9) {
			words = append(words, fmt.Sprint(c.Text, "=", c.Count))
		}
		got[name] = strings.Join(words, " ")
	}
	if diff := cmp.Diff(want, got); diff != "" || tally.Total != 5 || tally.KeyUses != 4 || tally.Nodes[0] != 3 || tally.Nodes[1] != 2 {
		t.Errorf("%d commands, %d keys, nodes %v: %s", tally.Total, tally.KeyUses, tally.Nodes, diff)
	}
}

func BenchmarkTally(b *testing.B) {
	var block []byte
	for i := range 1000 {
		block = append(
			block,
			fmt.Sprintf("+1339518083.107412 [0 127.0.0.1:%d] \"SET\" \"user:%d:cart\" \"VXK\\x00\\x01abc\"\r\n", 40000+i%20, i)...)
	}
	tally, r := NewTally(1, nil), Reader{}
	work := make([]byte, len(block))
	b.SetBytes(int64(len(block)))
	b.ReportAllocs()
	for b.Loop() {
		copy(work, block)
		r.Read(work, 0, false, func(e *Event) bool { tally.Add(e); return true })
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/command")
}

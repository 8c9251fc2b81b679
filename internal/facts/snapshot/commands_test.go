package snapshot_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
)

type list = []any

// spec is one key specification as Redis 7 sends it in RESP2.
func spec(begin, find list, flags ...any) list {
	return list{"flags", flags, "begin_search", begin, "find_keys", find}
}

func index(at int64) list { return list{"type", "index", "spec", list{"index", at}} }

func keyword(word string, from int64) list {
	return list{"type", "keyword", "spec", list{"keyword", word, "startfrom", from}}
}

func keyRange(last, step, limit int64) list {
	return list{"type", "range", "spec", list{"lastkey", last, "keystep", step, "limit", limit}}
}

func keyNumber(number, first, step int64) list {
	return list{"type", "keynum", "spec", list{"keynumidx", number, "firstkey", first, "keystep", step}}
}

// modern is a part of COMMAND as Redis 7.0 tells it, MIGRATE's second form in RESP3.
func modern() list {
	command := func(name string, first, last, step int64, flags list, specs, subs list) list {
		return list{name, int64(-2), flags, first, last, step, list{}, list{}, specs, subs}
	}
	one := list{spec(index(1), keyRange(0, 1, 0), "RO")}
	return list{
		command("get", 1, 1, 1, list{"readonly"}, one, list{}),
		command("mset", 1, -1, 2, list{"write"}, list{spec(index(1), keyRange(-1, 2, 0))}, list{}),
		command("eval", 0, 0, 0, list{"movablekeys"}, list{spec(index(2), keyNumber(0, 1, 1))}, list{}),
		command("xread", 0, 0, 0, list{"movablekeys"}, list{spec(keyword("STREAMS", 1), keyRange(-1, 1, 2))}, list{}),
		command("spublish", 1, 1, 1, list{}, list{spec(index(1), keyRange(0, 1, 0), "not_key")}, list{}),
		command("ping", 0, 0, 0, list{}, list{}, list{}),
		command("auth", 0, 0, 0, list{"skip_monitor"}, list{}, list{}),
		command(
			"zunionstore",
			1,
			1,
			1,
			list{"movablekeys"},
			list{spec(index(1), keyRange(0, 1, 0)), spec(index(2), keyNumber(0, 1, 1))},
			list{},
		),
		command("migrate", 3, 3, 1, list{"movablekeys"}, list{
			spec(index(3), keyRange(0, 1, 0)),
			map[any]any{
				"flags": list{
					"RW",
				}, "begin_search": map[any]any{"type": "keyword", "spec": map[any]any{"keyword": "KEYS", "startfrom": int64(-2)}},
				"find_keys": map[any]any{
					"type": "range",
					"spec": map[any]any{"lastkey": int64(-1), "keystep": int64(1), "limit": int64(0)},
				},
			},
		}, list{}),
		command("config", 0, 0, 0, list{}, list{}, list{command("config|get", 0, 0, 0, list{"admin"}, list{}, list{})}),
		command(
			"object",
			0,
			0,
			0,
			list{},
			list{},
			list{command("object|encoding", 2, 2, 1, list{}, list{spec(index(2), keyRange(0, 1, 0))}, list{})},
		),
		list{"broken"},
		"broken",
	}
}

// old is COMMAND before Redis 7.
func old() list {
	return list{
		list{"get", int64(2), list{"readonly"}, int64(1), int64(1), int64(1)},
		list{"mset", int64(-3), list{"write"}, int64(1), int64(-1), int64(2)},
		list{"eval", int64(-3), list{"movablekeys"}, int64(0), int64(0), int64(0)},
		list{"xread", int64(-3), list{"movablekeys"}, int64(0), int64(0), int64(0)},
		list{"object", int64(-2), list{}, int64(2), int64(2), int64(1)},
		list{"config", int64(-2), list{"admin"}, int64(0), int64(0), int64(0)},
		list{"ping", int64(-1), list{}, int64(0), int64(0), int64(0)},
	}
}

func keysOf(c snapshot.Commands, line string) string {
	args := strings.Fields(line)
	at := func(i int) string {
		if i < 0 || i >= len(args) {
			return ""
		}
		return strings.ToLower(args[i])
	}
	var keys []string
	for _, i := range c.KeysAt(nil, len(args), at) {
		keys = append(keys, args[i])
	}
	return strings.Join(keys, " ")
}

func TestKeysAt(t *testing.T) {
	t.Parallel()
	parse := func(reply any) snapshot.Commands {
		c, err := snapshot.ParseCommands(reply)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	tables := []struct {
		name  string
		table snapshot.Commands
		want  map[string]string
	}{
		{"modern", parse(modern()), map[string]string{
			"GET k": "k", "get": "", "MSET a 1 b 2": "a b", "MSET a 1 b": "a b", "EVAL script 2 k1 k2 x": "k1 k2", "EVAL script 0 x": "",
			"EVAL script 99 k1": "k1", "EVAL script no k": "", "EVAL script -1 k": "", "EVAL script": "",
			"XREAD COUNT 2 STREAMS s1 s2 0 0": "s1 s2", "XREAD COUNT 2": "", "SPUBLISH channel x": "", "PING x": "",
			"ZUNIONSTORE dest 2 a b WEIGHTS 1 2": "dest a b", "MIGRATE h 1 k 0 9": "k", "MIGRATE h 1 k 0 9 KEYS a b": "k a b",
			"CONFIG GET x": "", "OBJECT ENCODING k": "k", "OBJECT HELP": "", "NOSUCH k": "k",
		}},
		{"old", parse(old()), map[string]string{
			"GET k": "k", "MSET a 1 b 2": "a b", "EVAL script 2 k1 k2 x": "k1", "EVAL script 0 x": "", "XREAD STREAMS s 0": "",
			"OBJECT ENCODING k": "k", "CONFIG GET x": "", "PING x": "",
		}},
		{"none", nil, map[string]string{
			"GET k": "k", "MSET a 1 b 2": "a", "EVAL script 1 k": "k", "CONFIG GET x": "", "flushdb async": "", "PING": "", "": "",
		}},
	}
	for _, table := range tables {
		for line, want := range table.want {
			if got := keysOf(table.table, line); got != want {
				t.Errorf("%s: the keys of %q are %q, want %q", table.name, line, got, want)
			}
		}
	}
	c := parse(modern())
	for name, want := range map[string]bool{
		"get": true, "GET": true, "gte": false, "config|get": true, "CONFIG|gte": false, "get|x": true, "object|encoding": true,
	} {
		if c.Has(name) != want {
			t.Errorf("Has(%q) is %v", name, !want)
		}
	}
	for name, want := range map[string]bool{
		"get": false, "auth": true, "config": true, "config|get": true, "object": false, "object|encoding": false, "gte": false,
	} {
		if c.Unseen(name) != want {
			t.Errorf("Unseen(%q) is %v", name, !want)
		}
	}
	for _, reply := range []any{nil, "OK", list{}, list{list{"get"}}, list{list{nil, nil, nil, nil, nil, nil}}} {
		if _, err := snapshot.ParseCommands(reply); err == nil {
			t.Errorf("%v was read as a table of commands", reply)
		}
	}
	if diff := cmp.Diff(true, c.Container("object")); diff != "" || c.Container("get") {
		t.Error("OBJECT has subcommands and GET none")
	}
}

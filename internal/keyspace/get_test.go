package keyspace_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"github.com/olympiades-ia/olymp-cache/internal/keyspace"
	"github.com/olympiades-ia/olymp-cache/internal/keyspace/value"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

func get(t *testing.T, conn *redisconn.Conn, key string, o keyspace.GetOptions) *value.Value {
	t.Helper()
	v, err := keyspace.Get(t.Context(), conn, key, o)
	if err != nil {
		t.Fatalf("%q: %v", key, err)
	}
	return v
}

func TestGet(t *testing.T) {
	conn := open(t, redistest.Start(t).URL())
	ctx, c := t.Context(), conn.Client()
	name := "bin\n\x00\xff"
	must(t, c.Set(ctx, name, "v\x00\xfe", time.Hour).Err())
	must(t, c.Set(ctx, "empty", "", 0).Err())
	must(t, c.HSet(ctx, "h", "f", "v", "\xff", "\x00").Err())
	must(t, c.RPush(ctx, "l", "a", "", "c").Err())
	must(t, c.SAdd(ctx, "s", "m").Err())
	must(t, c.ZAdd(ctx, "z", redis.Z{Score: math.Inf(-1), Member: "low"}, redis.Z{Score: 0.1, Member: "a"}).Err())
	must(t, c.Do(ctx, "XADD", "x", "1-1", "b", "1", "a", "2", "b", "3").Err())
	must(t, c.PFAdd(ctx, "hll", "a", "b", "c").Err())
	for key, want := range map[string]value.Value{
		name:    {Type: "string", Length: 3, String: []byte("v\x00\xfe")},
		"empty": {Type: "string", Length: 0, String: []byte{}},
		"h":     {Type: "hash", Length: 2, Elements: []value.Element{{Field: "f", Value: "v"}, {Field: "\xff", Value: "\x00"}}},
		"l":     {Type: "list", Length: 3, Elements: []value.Element{{Value: "a"}, {Value: ""}, {Value: "c"}}},
		"s":     {Type: "set", Length: 1, Elements: []value.Element{{Value: "m"}}},
		"z":     {Type: "zset", Length: 2, Elements: []value.Element{{Value: "low", Score: math.Inf(-1)}, {Value: "a", Score: 0.1}}},
		// The order of fields, and one that stands twice, are part of an entry.
		"x": {Type: "stream", Length: 1, Elements: []value.Element{{
			ID: "1-1", Pairs: []value.Pair{{Field: "b", Value: "1"}, {Field: "a", Value: "2"}, {Field: "b", Value: "3"}},
		}}},
	} {
		before := conn.CommandsSent()
		got := *get(t, conn, key, keyspace.GetOptions{MaxBytes: 1 << 16, Limit: 100})
		if sent := conn.CommandsSent() - before; sent > 6+1 { // an empty string is asked for once more
			t.Errorf("%q took %d commands", key, sent)
		}
		if got.Bytes <= 0 || got.Encoding == "" || (got.TTL > 0) != (key == name) {
			t.Errorf("%q: %+v", key, got)
		}
		want.Key, want.Distinct = key, value.Unknown
		got.Bytes, got.Encoding, got.TTL = 0, "", 0
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: %s", key, diff)
		}
	}
	if v := get(t, conn, "hll", keyspace.GetOptions{}); v.Distinct != 3 {
		t.Errorf("hll: %d", v.Distinct)
	}
	if v := get(t, conn, "hll", keyspace.GetOptions{ReadOnly: true}); v.Distinct != value.Unknown {
		t.Error("PFCOUNT was sent although it may write")
	}
	if _, err := keyspace.Get(ctx, conn, "nothing", keyspace.GetOptions{}); !errors.Is(err, keyspace.ErrNoKey) {
		t.Errorf("a missing key: %v", err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestGetIsBounded: of large values no more crosses the network than was wanted, by the server's own count.
func TestGetIsBounded(t *testing.T) {
	s := redistest.Start(t)
	conn := open(t, s.URL())
	ctx, c := t.Context(), conn.Client()
	must(t, c.SetRange(ctx, "big", 50<<20, "x").Err())
	_, err := c.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i := range 5000 {
			member := fmt.Sprintf("%05d:%s", i, strings.Repeat("m", 2000))
			p.HSet(ctx, "h", strconv.Itoa(i), member)
			p.RPush(ctx, "l", member)
			p.SAdd(ctx, "s", member)
			p.ZAdd(ctx, "z", redis.Z{Score: float64(i), Member: member})
			p.XAdd(ctx, &redis.XAddArgs{Stream: "x", Values: []any{"f", member}})
		}
		return nil
	})
	must(t, err)
	sent := func() int {
		n, err := strconv.Atoi(s.Info("stats")["total_net_output_bytes"])
		must(t, err)
		return n
	}
	for _, key := range []string{"big", "h", "l", "s", "z", "x"} {
		before := sent()
		v := get(t, conn, key, keyspace.GetOptions{MaxBytes: 64 << 10})
		got := sent() - before
		kept := len(v.String)
		for _, e := range v.Elements {
			kept += len(e.Field) + len(e.Value)
			for _, p := range e.Pairs {
				kept += len(p.Field) + len(p.Value)
			}
		}
		if !v.Cut || kept > 64<<10 || kept < 60<<10 || got > 256<<10 {
			t.Errorf("%s: %d bytes sent, %d kept, cut %v", key, got, kept, v.Cut)
		}
	}
	for _, key := range []string{"h", "l", "s", "z", "x"} {
		if v := get(t, conn, key, keyspace.GetOptions{Limit: 10}); len(v.Elements) != 10 || !v.Cut || v.Length != 5000 {
			t.Errorf("%s: %d elements of %d, cut %v", key, len(v.Elements), v.Length, v.Cut)
		}
		v := get(t, conn, key, keyspace.GetOptions{})
		met := map[string]bool{}
		for _, e := range v.Elements {
			met[e.Value+e.ID] = true
		}
		if len(v.Elements) != 5000 || len(met) != 5000 || v.Cut {
			t.Errorf("%s whole: %d elements, %d of them different, cut %v", key, len(v.Elements), len(met), v.Cut)
		}
	}
}

// TestGetFromModules: a document of the JSON module is read whole or not at all; an unknown type is named.
func TestGetFromModules(t *testing.T) {
	size, kind := "100", "ReJSON-RL"
	fake := redistest.StartFake(t, func(cmd []string) string {
		switch strings.ToUpper(cmd[0]) {
		case "PING":
			return "+PONG\r\n"
		case "TYPE":
			return "+" + kind + "\r\n"
		case "PTTL":
			return ":-1\r\n"
		case "MEMORY":
			return ":" + size + "\r\n"
		case "OBJECT":
			return "$3\r\nraw\r\n"
		case "JSON.GET":
			return "$7\r\n{\"a\":1}\r\n"
		}
		return "-ERR unknown command '" + cmd[0] + "'\r\n"
	})
	conn := open(t, fake.URL())
	o := keyspace.GetOptions{MaxBytes: 1000}
	if v := get(t, conn, "doc", o); string(v.String) != `{"a":1}` || v.Cut || v.Unread {
		t.Errorf("%+v", v)
	}
	size = "1000000"
	if v := get(t, conn, "doc", o); v.String != nil || !v.Cut || !v.Unread {
		t.Errorf("too large: %+v", v)
	}
	if v := get(t, conn, "doc", keyspace.GetOptions{}); string(v.String) != `{"a":1}` {
		t.Errorf("whole: %+v", v)
	}
	kind = "TSDB-TYPE"
	if v := get(t, conn, "series", o); v.Type != kind || !v.Unread || v.Cut {
		t.Errorf("%+v", v)
	}
}

func TestRaw(t *testing.T) {
	conn := open(t, redistest.Start(t).URL())
	ctx, c := t.Context(), conn.Client()
	for _, n := range []int{0, 1, 4<<20 - 1, 4 << 20, 9<<20 + 7} {
		want := bytes.Repeat([]byte("a\x00\xff\n1234567"), n/11+1)[:n]
		must(t, c.Set(ctx, "k", want, 0).Err())
		var got []byte
		must(t, keyspace.Raw(ctx, conn, "k", func(b []byte) error { got = append(got, b...); return nil }))
		if !bytes.Equal(got, want) {
			t.Errorf("%d bytes came back as %d", n, len(got))
		}
	}
	other := open(t, "redis://"+conn.Server().Addr)
	err := keyspace.Raw(ctx, conn, "k", func([]byte) error { return other.Client().Append(ctx, "k", "x").Err() })
	if !errors.Is(err, keyspace.ErrChanged) {
		t.Errorf("a value that grows: %v", err)
	}
	broken := errors.New("the pipe is broken")
	for _, key := range []string{"k", "small"} {
		must(t, c.SetNX(ctx, key, "x", 0).Err())
		if err := keyspace.Raw(ctx, conn, key, func([]byte) error { return broken }); !errors.Is(err, broken) {
			t.Errorf("%s: %v", key, err)
		}
	}
	if err := keyspace.Raw(ctx, conn, "nothing", nil); !errors.Is(err, keyspace.ErrNoKey) {
		t.Errorf("a missing key: %v", err)
	}
	must(t, c.HSet(ctx, "h", "f", "v").Err())
	var no *keyspace.NotStringError
	if err := keyspace.Raw(ctx, conn, "h", nil); !errors.As(err, &no) || no.Type != "hash" {
		t.Errorf("a hash: %v", err)
	}
}

func TestNear(t *testing.T) {
	s := redistest.Start(t)
	conn := open(t, s.URL())
	ctx, c := t.Context(), conn.Client()
	for _, name := range []string{"vitrine_cache", "dev:vitrine_cache", "Vitrine_Cache", "vitrine_cache:v2", "stats", "a*b"} {
		must(t, c.Set(ctx, name, "x", 0).Err())
	}
	_, err := s.Do("EVAL", "redis.call('select',3) redis.call('set','elsewhere','x')", "0")
	must(t, err)
	for key, want := range map[string][]string{
		"vitrine_cach":   {"vitrine_cache", "vitrine_cache:v2", "Vitrine_Cache", "dev:vitrine_cache"},
		"VITRINE_CACHE":  {"Vitrine_Cache", "vitrine_cache", "dev:vitrine_cache", "vitrine_cache:v2"},
		"vitrine_cahce":  {"Vitrine_Cache", "vitrine_cache"},
		"prod:stats":     {"stats"},
		"nothing-at-all": nil,
		"*b":             {"a*b"},
	} {
		got := keyspace.Near(ctx, conn, key).Keys
		slices.Sort(got)
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", key, diff)
		}
	}
	if n := keyspace.Near(ctx, conn, "elsewhere"); !slices.Equal(n.Databases, []int{3}) {
		t.Errorf("%+v", n)
	}
	if n, err := c.Exists(ctx, "stats").Result(); err != nil || n != 1 {
		t.Errorf("the connection was left in another database: %d, %v", n, err)
	}
}

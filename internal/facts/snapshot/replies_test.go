package snapshot

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestLatency reads events; Redis 8 adds fields at the end.
func TestLatency(t *testing.T) {
	t.Parallel()
	reply := []any{
		[]any{"command", int64(1700000000), int64(250), int64(1000)},
		[]any{"evict-del", int64(1700000001), int64(3), int64(4), int64(7), int64(2)},
	}
	want := []LatencyEvent{
		{"command", 1700000000, Millis(250 * time.Millisecond), Millis(time.Second)},
		{"evict-del", 1700000001, Millis(3 * time.Millisecond), Millis(4 * time.Millisecond)},
	}
	got, err := ParseLatency(reply)
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("events, %v (-want +got):\n%s", err, diff)
	}
	for _, bad := range []any{nil, []any{"x"}, []any{[]any{"x", "y", int64(1), int64(2)}}} {
		if _, err := ParseLatency(bad); !errors.Is(err, errShape) {
			t.Errorf("%v is understood", bad)
		}
	}
}

// TestMemoryStats reads both protocols; nested databases are left out.
func TestMemoryStats(t *testing.T) {
	t.Parallel()
	want := MemoryStats{Peak: Some[int64](963776), Fragmentation: Some(7.5), Keys: Some[int64](3)}
	for _, reply := range []any{
		[]any{
			"peak.allocated", int64(963776), "db.0",
			[]any{"overhead.hashtable.main", int64(1)},
			"fragmentation", "7.5", "keys.count", int64(3),
		},
		map[any]any{
			"peak.allocated": int64(963776), "db.0": map[any]any{"x": int64(1)},
			"fragmentation": 7.5, "keys.count": int64(3),
		},
	} {
		if got, err := ParseMemoryStats(reply); err != nil || !cmp.Equal(want, got) {
			t.Errorf("stats %+v, %v", got, err)
		}
	}
}

// TestConfig keeps the wanted parameters, and of passwords the length.
func TestConfig(t *testing.T) {
	t.Parallel()
	for _, reply := range []any{
		[]any{"maxmemory", "10", "requirepass", "geheim", "masterauth", "pw", "appendonly", "yes"},
		map[any]any{"maxmemory": "10", "requirepass": "geheim", "masterauth": "pw", "appendonly": "yes"},
	} {
		c, err := ParseConfig(reply)
		want := Config{Values: map[string]Text{"maxmemory": "10", "appendonly": "yes"}, PasswordLength: Some[int64](6)}
		if diff := cmp.Diff(want, c); err != nil || diff != "" {
			t.Errorf("configuration, %v (-want +got):\n%s", err, diff)
		}
		if on, ok := c.Bool("appendonly"); !on || !ok {
			t.Error("appendonly is not on")
		}
	}
}

// TestClusterMaps reads SLOTS of Redis 6 and SHARDS of Redis 7, both protocols.
func TestClusterMaps(t *testing.T) {
	t.Parallel()
	slots := []any{
		[]any{int64(0), int64(5460), []any{"10.0.0.1", int64(6379), "a", []any{}}, []any{"10.0.0.4", int64(6379), "d"}},
		[]any{int64(6000), int64(16383), []any{nil, int64(6380), "b", map[any]any{"hostname": "h"}}},
		[]any{int64(5461), int64(5500), []any{"10.0.0.1", int64(6379), "a"}},
	}
	got, err := ParseClusterSlots(slots)
	want := []Shard{
		{Slots: []SlotRange{{0, 5460}, {5461, 5500}}, Nodes: []ClusterNode{
			{ID: "a", Host: "10.0.0.1", Port: 6379, Primary: true}, {ID: "d", Host: "10.0.0.4", Port: 6379},
		}},
		{Slots: []SlotRange{{6000, 16383}}, Nodes: []ClusterNode{{ID: "b", Port: 6380, Primary: true}}},
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("slots, %v (-want +got):\n%s", err, diff)
	}
	if diff := cmp.Diff([]SlotRange{{5501, 5999}}, Uncovered(got)); diff != "" {
		t.Errorf("uncovered (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]SlotRange{{0, 16383}}, Uncovered(nil)); diff != "" {
		t.Errorf("uncovered without shards (-want +got):\n%s", diff)
	}
	flat := []any{
		"id", "a", "port", int64(6379), "ip", "10.0.0.1", "endpoint", "?", "role", "master",
		"replication-offset", int64(7), "health", "failed",
	}
	tree := map[any]any{
		"id": "a", "tls-port": int64(6379), "ip": "10.0.0.1", "endpoint": "10.0.0.1", "role": "master",
		"replication-offset": int64(7), "health": "failed",
	}
	wantShards := []Shard{{
		Slots: []SlotRange{{0, 100}},
		Nodes: []ClusterNode{{ID: "a", Host: "10.0.0.1", Port: 6379, Primary: true, Health: "failed", Offset: Some[int64](7)}},
	}}
	for _, reply := range []any{
		[]any{[]any{"slots", []any{int64(0), int64(100)}, "nodes", []any{flat}}},
		[]any{map[any]any{"slots": []any{int64(0), int64(100)}, "nodes": []any{tree}}},
	} {
		shards, err := ParseClusterShards(reply)
		if diff := cmp.Diff(wantShards, shards); err != nil || diff != "" {
			t.Errorf("shards, %v (-want +got):\n%s", err, diff)
		}
	}
	info, err := ParseClusterInfo("cluster_enabled:1\r\ncluster_state:fail\r\ncluster_slots_pfail:3\r\n")
	if err != nil || info.State != "fail" || info.SlotsPFail.Or(0) != 3 || info.Raw[""]["cluster_enabled"] != "1" {
		t.Errorf("cluster info %+v, %v", info, err)
	}
}

// TestOldFiles refuses what is no snapshot.
func TestOldFiles(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, file string }{
		{"no JSON", "hello"},
		{"another format", `{"schema":"olymp-cache/facts/v9"}`},
		{"empty", "{}"},
		{"an unknown status", `{"schema":"` + Schema + `","nodes":[{"info":{"status":"good"}}]}`},
	} {
		if _, err := Decode(strings.NewReader(tc.file)); err == nil {
			t.Errorf("%s is loaded", tc.name)
		}
	}
}

// TestValuesSaved has the small types whose form in JSON is their own.
func TestValuesSaved(t *testing.T) {
	t.Parallel()
	type all struct {
		Text Text         `json:"text"`
		Map  TextMap[int] `json:"map,omitzero"`
		Opt  Opt[float64] `json:"opt,omitzero"`
		Took Millis       `json:"took_ms"`
	}
	for _, tc := range []struct {
		value all
		want  string
	}{
		{all{}, `{"text":"","took_ms":0}`},
		{all{Text: "é", Opt: Some(0.0), Took: Millis(1500 * time.Microsecond)}, `{"text":"é","opt":0,"took_ms":1.500000}`},
		{all{Text: "\xff", Map: TextMap[int]{"\xfe": 1}, Took: -1}, `{"text":"base64:/w==","map":{"base64:/g==":1},"took_ms":-0.000001}`},
		{all{Text: "base64:eA==", Took: math.MaxInt64}, `{"text":"base64:YmFzZTY0OmVBPT0=","took_ms":9223372036854.775807}`},
		{all{Map: TextMap[int]{}, Took: math.MinInt64}, `{"text":"","map":{},"took_ms":-9223372036854.775808}`},
	} {
		b, err := json.Marshal(tc.value)
		if err != nil || string(b) != tc.want {
			t.Errorf("saved as %s, want %s; %v", b, tc.want, err)
		}
		var back all
		if err := json.Unmarshal(b, &back); err != nil || !cmp.Equal(tc.value, back) {
			t.Errorf("loaded %+v from %s, %v", back, b, err)
		}
	}
}

// TestRedact masks what others wrote, and no number and no word of a vocabulary.
func TestRedact(t *testing.T) {
	t.Parallel()
	n := Node{
		Info: Fact[Info]{Value: Info{
			Replication: ReplicationInfo{Role: "master", MasterHost: "master"},
			Errors:      TextMap[int64]{"master": 4, "x": 1},
		}},
		Slowlog: Fact[[]SlowCommand]{Value: []SlowCommand{{Args: []Text{"SET", "a master b"}}}},
	}
	Redact(&n, func(s string) string { return strings.ReplaceAll(s, "master", "***") })
	r := n.Info.Value.Replication
	if r.Role != "master" || r.MasterHost != "***" || n.Slowlog.Value[0].Args[1] != "a *** b" ||
		!cmp.Equal(n.Info.Value.Errors, TextMap[int64]{"***": 4, "x": 1}) {
		t.Errorf("redacted %+v", n)
	}
}

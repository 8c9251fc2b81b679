package snapshot

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestProducts tells the servers apart, and keeps each one's own version.
func TestProducts(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, info, product, version string }{
		{"Redis 6.2", redis62, ProductRedis, "6.2.14"},
		{"Redis 7.0", redis70Replica, ProductRedis, "7.0.15"},
		{"Redis 7.4", redis74, ProductRedis, "7.4.1"},
		{"Redis 8", redis8, ProductRedis, "8.2.1"},
		{"Valkey 8", valkey8, ProductValkey, "8.0.1"},
		{"KeyDB", keydb63, ProductKeyDB, "6.3.4"},
		{"Dragonfly", dragonfly, ProductDragonfly, "1.27.1"},
		{"Upstash", upstash, ProductUnknown, "6.2.6"},
		{"nothing", "", ProductUnknown, ""},
	} {
		for _, text := range []string{tc.info, wire(tc.info)} {
			info := ParseInfo(text)
			if info.Product != tc.product || info.Version != tc.version {
				t.Errorf("%s: %s %s, want %s %s", tc.name, info.Product, info.Version, tc.product, tc.version)
			}
			if info.HasFields() != (tc.info != "") {
				t.Errorf("%s: HasFields is %v", tc.name, info.HasFields())
			}
		}
	}
}

// TestInfoSections compares whole sections of one recording.
func TestInfoSections(t *testing.T) {
	t.Parallel()
	got := ParseInfo(wire(redis62))
	want := Info{
		Product: ProductRedis, Version: "6.2.14",
		Server: ServerInfo{
			RedisVersion: "6.2.14", Mode: "standalone", OS: "Linux 5.15.0-91-generic x86_64", ProcessID: Some[int64](1),
			RunID: "5d6c3f9a40e7d8f1c21b6c0b8f2f8b7c1d0e9f3a", TCPPort: Some[int64](6379),
			ServerTimeUsec: Some[int64](1700000000000000), UptimeSeconds: Some[int64](86400), Hz: Some[int64](10),
			ConfiguredHz: Some[int64](10), Executable: "/data/redis-server",
			ConfigFile: "/usr/local/etc/redis/redis.conf", IOThreadsActive: Some(false),
		},
		Clients: ClientsInfo{
			Connected: Some[int64](12), ClusterLinks: Some[int64](0), Max: Some[int64](10000), Blocked: Some[int64](1),
		},
		Memory: MemoryInfo{
			Used: Some[int64](104857600), RSS: Some[int64](157286400), Peak: Some[int64](209715200), PeakPercent: Some(50.0),
			Lua: Some[int64](37888), Scripts: Some[int64](0), CachedScripts: Some[int64](3), Max: Some[int64](268435456),
			Policy: "allkeys-lru", FragmentationRatio: Some(1.5), ReplicaBuffers: Some[int64](0),
			ClientBuffers: Some[int64](20512), DefragRunning: Some[int64](0),
		},
		Persistence: PersistenceInfo{
			Loading: Some(false), LastSaveStatus: "err", LastSaveSeconds: Some[int64](-1), AOF: Some(true),
			AOFWriteStatus: "ok", AOFCurrentSize: Some[int64](4096),
		},
		Stats: StatsInfo{
			Commands: Some[int64](1234567), Hits: Some[int64](700), Misses: Some[int64](300), Evicted: Some[int64](42),
			Expired: Some[int64](99), Rejected: Some[int64](7),
		},
		Replication: ReplicationInfo{
			Role: "master", ConnectedSlaves: Some[int64](2), Offset: Some[int64](1000),
			Replicas: []Replica{
				{"10.0.0.2", Some[int64](6379), "online", Some[int64](1000), Some[int64](0)},
				{"fd00::3", Some[int64](6380), "wait_bgsave", Some[int64](0), Some[int64](5)},
			},
		},
		CPU:     CPUInfo{System: Some(1.5)},
		Cluster: ClusterSection{Enabled: Some(false)},
		Modules: []Module{{"ReJSON", Some[int64](20407)}},
		Commands: TextMap[CommandStat]{
			"get":  {Some[int64](1000), Some[int64](2500), Some(2.5), Some[int64](1), Some[int64](2)},
			"keys": {Some[int64](3), Some[int64](90000), Some(30000.0), Some[int64](0), Some[int64](0)},
		},
		Errors: TextMap[int64]{"OOM": 5, "WRONGPASS": 2},
		Keyspace: map[int]Keyspace{
			0: {Keys: Some[int64](100), Expires: Some[int64](60), AvgTTL: Some[int64](12345)},
			3: {Keys: Some[int64](1), Expires: Some[int64](0), AvgTTL: Some[int64](0)},
		},
		Raw: TextMap[TextMap[Text]]{
			"server": {"redis_git_sha1": "00000000"}, "memory": {"used_memory_human": "100.00M"},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("parsed INFO (-want +got):\n%s", diff)
	}
}

// TestInfoPeculiarities has what single versions and products do.
func TestInfoPeculiarities(t *testing.T) {
	t.Parallel()
	replica, r74, r8 := ParseInfo(redis70Replica), ParseInfo(redis74), ParseInfo(redis8)
	kdb, df, up := ParseInfo(keydb63), ParseInfo(dragonfly), ParseInfo(upstash)
	for _, tc := range []struct {
		name      string
		got, want any
	}{
		{"loading percent", replica.Persistence.LoadingPercent, Some(25.0)},
		{"loading time left", replica.Persistence.LoadingETASeconds, Some[int64](9)},
		{"primary's host", replica.Replication.MasterHost, Text("primary.internal")},
		{"link", replica.Replication.MasterLink, "down"},
		{"link never up", replica.Replication.LinkDownSeconds, Some[int64](-1)},
		{"percentiles", replica.Latencies["get"], map[string]float64{"p50": 1.003, "p99": 12.031, "p99.9": 100.5}},
		{"nan is not said", r74.Memory.FragmentationRatio, Opt[float64]{}},
		{"nan is kept raw", r74.Raw["memory"]["mem_fragmentation_ratio"], Text("nan")},
		{"inf is not said", r74.Memory.FragRatio, Opt[float64]{}},
		{"refused logins", r74.Stats.AuthFailures, Some[int64](3)},
		{"cluster", r74.Cluster.Enabled, Some(true)},
		{"hash fields that expire", r74.Keyspace[0].SubExpiry, Some[int64](2)},
		{"a limit of zero is said", r8.Memory.Max, Some[int64](0)},
		{"built-in modules", len(r8.Modules), 2},
		{"key sizes are no database", len(r8.Keyspace), 0},
		{"key sizes are kept raw", r8.Raw["keysizes"]["db0_distrib_strings_sizes"], Text("1=2,2=3")},
		{"KeyDB's role", kdb.Replication.Role, "active-replica"},
		{"KeyDB's threads", kdb.Raw["clients"]["thread_0_clients"], Text("1")},
		{"Dragonfly's limit", df.Memory.Max, Some[int64](3435973836)},
		{"Dragonfly's TTL", df.Keyspace[0].AvgTTL, Some[int64](-1)},
		{"Upstash keeps its limit to itself", up.Memory.Max, Opt[int64]{}},
		{"Upstash's own section", up.Raw["data"]["total_data_size"], Text("123")},
		{"Upstash's keys", up.Keyspace[0].Keys, Some[int64](3)},
	} {
		if diff := cmp.Diff(tc.want, tc.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.name, diff)
		}
	}
}

// TestHostileInfo has lines that no server sends, and that a foreign one could.
func TestHostileInfo(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, text string
		want       Info
	}{
		{"numbers of the wrong kind", "used_memory:99999999999999999999\nmaxmemory:-\nloading:maybe", Info{
			Product: ProductUnknown,
			Raw:     TextMap[TextMap[Text]]{"": {"used_memory": "99999999999999999999", "maxmemory": "-", "loading": "maybe"}},
		}},
		{"an error's name", "errorstat_\xff\x1b[31m:count=2", Info{
			Product: ProductUnknown,
			Errors:  TextMap[int64]{"\xff\x1b[31m": 2},
		}},
		{"a database of no number", "dbx:keys=1\ndb-1:keys=2\ndb:keys=3", Info{
			Product: ProductUnknown,
			Raw:     TextMap[TextMap[Text]]{"": {"dbx": "keys=1", "db-1": "keys=2", "db": "keys=3"}},
		}},
		{"twice", "hz:10\nhz:20", Info{Product: ProductUnknown, Server: ServerInfo{Hz: Some[int64](10)}}},
		{"no fields", "# Server\n\nnonsense\n:x\n", Info{Product: ProductUnknown}},
		{"a replica of no number", "slave_x:ip=1\nslavex:ip=2", Info{
			Product: ProductUnknown,
			Raw:     TextMap[TextMap[Text]]{"": {"slave_x": "ip=1", "slavex": "ip=2"}},
		}},
	} {
		if diff := cmp.Diff(tc.want, ParseInfo(tc.text)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.name, diff)
		}
	}
}

// FuzzInfo never fails to parse, and loses nothing when saved.
func FuzzInfo(f *testing.F) {
	for _, seed := range []string{redis62, redis70Replica, redis74, redis8, valkey8, keydb63, dragonfly, upstash} {
		f.Add(seed)
	}
	f.Add("errorstat_\xff:count=1\ndb1:keys=1,expires=\xff\nmodule:name=\xfe")
	f.Fuzz(func(t *testing.T, text string) {
		sameAfterSaving(t, Node{Info: Fact[Info]{Status: OK, Value: ParseInfo(text)}})
	})
}

// sameAfterSaving saves and loads a snapshot with one node and compares.
func sameAfterSaving(t *testing.T, n Node) {
	t.Helper()
	before := Snapshot{Schema: Schema, Nodes: []Node{n}, Totals: Sum([]Node{n})}
	var file bytes.Buffer
	if err := Encode(&file, &before); err != nil {
		t.Fatalf("save: %v", err)
	}
	saved := file.String()
	after, err := Decode(strings.NewReader(saved))
	if err != nil {
		t.Fatalf("load: %v\n%s", err, saved)
	}
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("not what was saved (-saved +loaded):\n%s", diff)
	}
}

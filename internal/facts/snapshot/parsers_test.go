package snapshot

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestClientList reads lines of several versions, and counts beyond the limit.
func TestClientList(t *testing.T) {
	t.Parallel()
	text := strings.Join([]string{
		// Redis 6.2, 7.4, Valkey 8, Dragonfly, a unix socket, IPv6, and names that no server lets in.
		"id=3 addr=10.0.0.5:40298 laddr=127.0.0.1:6379 fd=8 name=api age=400 idle=301 flags=N db=1 sub=0 psub=0 multi=-1 " +
			"qbuf=26 qbuf-free=45024 argv-mem=10 obl=0 oll=2 omem=7 tot-mem=62490 events=r cmd=get user=default redir=-1",
		"id=4 addr=10.0.0.5:40299 laddr=127.0.0.1:6379 fd=9 name= age=1 idle=0 flags=P db=0 sub=1 psub=0 ssub=0 multi=-1 " +
			"watch=0 qbuf=0 qbuf-free=0 argv-mem=0 multi-mem=0 rbs=1024 rbp=0 obl=0 oll=0 omem=0 tot-mem=1928 events=r " +
			"cmd=subscribe user=app redir=-1 resp=3 lib-name=redis-py lib-ver=5.0.1",
		"id=5 addr=[::1]:5000 fd=10 name=x age=2 idle=1 db=0 cmd=client|list",
		"id=6 addr=/run/redis.sock:0 name=s db=0",
		"id=7 addr=1.2.3.4:1 name=evil name \x1b[31m\xff db=zero",
		"", "nonsense",
	}, "\n")
	list, err := ParseClientList(text, 0)
	if err != nil {
		t.Fatal(err)
	}
	want := Client{
		ID: Some[int64](3), Addr: "10.0.0.5:40298", LocalAddr: "127.0.0.1:6379", Name: "api", Age: Some[int64](400),
		Idle: Some[int64](301), Flags: "N", DB: Some[int64](1), Sub: Some[int64](0), PSub: Some[int64](0),
		Multi: Some[int64](-1), QBuf: Some[int64](26), QBufFree: Some[int64](45024), OMem: Some[int64](7), OLL: Some[int64](2),
		TotMem: Some[int64](62490), Cmd: "get", User: "default",
	}
	if diff := cmp.Diff(want, list.Listed[0]); diff != "" {
		t.Errorf("first client (-want +got):\n%s", diff)
	}
	if c := list.Listed[1]; c.LibName != "redis-py" || c.LibVer != "5.0.1" || c.Resp.Or(0) != 3 || c.User != "app" {
		t.Errorf("second client %+v", c)
	}
	if c := list.Listed[4]; c.Name != "evil name \x1b[31m\xff" || c.DB.Known() {
		t.Errorf("hostile client %+v", c)
	}
	counts := ClientList{
		Total:  5,
		ByHost: TextMap[int]{"10.0.0.5": 2, "::1": 1, "/run/redis.sock": 1, "1.2.3.4": 1},
		ByDB:   map[int64]int{0: 3, 1: 1},
		ByName: TextMap[int]{"api": 1, "": 1, "x": 1, "s": 1, "evil name \x1b[31m\xff": 1},
		ByUser: TextMap[int]{"default": 1, "app": 1},
	}
	few, err := ParseClientList(text, 2)
	if err != nil || len(few.Listed) != 2 || !few.Capped() || list.Capped() {
		t.Errorf("%d clients listed, %v", len(few.Listed), err)
	}
	few.Listed = nil
	if diff := cmp.Diff(counts, few); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	if _, err := ParseClientList([]any{"x"}, 0); !errors.Is(err, errShape) {
		t.Errorf("a list is understood: %v", err)
	}
}

// TestSlowlog masks credentials, keeps bytes, cuts what is long.
func TestSlowlog(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", 200)
	entry := func(args ...any) []any {
		return []any{int64(1), int64(1700000000), int64(1500), args, "10.0.0.1:5", "api"}
	}
	many := make([]any, 40)
	for i := range many {
		many[i] = "k"
	}
	for _, tc := range []struct {
		name string
		args []any
		want []Text
		cut  bool
	}{
		{"a key of any bytes", []any{"GET", "k\xff\x00\n"}, []Text{"GET", "k\xff\x00\n"}, false},
		{"AUTH", []any{"auth", "user", "pw"}, []Text{"auth", "***", "***"}, false},
		{"HELLO", []any{"HELLO", "3", "AUTH", "u", "pw"}, []Text{"HELLO", "3", "AUTH", "***", "***"}, false},
		{"CONFIG SET", []any{"CONFIG", "SET", "requirepass", "pw"}, []Text{"CONFIG", "SET", "requirepass", "***"}, false},
		{"CONFIG GET", []any{"CONFIG", "GET", "a", "b"}, []Text{"CONFIG", "GET", "a", "b"}, false},
		{"ACL SETUSER", []any{"ACL", "SETUSER", "app", ">pw"}, []Text{"ACL", "SETUSER", "app", "***"}, false},
		{"SENTINEL SET", []any{"SENTINEL", "SET", "m", "auth-pass", "pw"}, []Text{"SENTINEL", "SET", "m", "auth-pass", "***"}, false},
		{
			"MIGRATE",
			[]any{"MIGRATE", "h", "1", "k", "0", "9", "AUTH", "pw"},
			[]Text{"MIGRATE", "h", "1", "k", "0", "9", "AUTH", "***"},
			false,
		},
		{"long", []any{"SET", long}, []Text{"SET", Text(long[:192])}, true},
		{"many", many, nil, true},
	} {
		log, err := ParseSlowlog([]any{entry(tc.args...)})
		if err != nil || len(log) != 1 {
			t.Fatalf("%s: %v", tc.name, err)
		}
		e := log[0]
		if tc.want == nil {
			tc.want = e.Args
		}
		if diff := cmp.Diff(tc.want, e.Args); diff != "" || e.Cut != tc.cut || len(e.Args) > 32 {
			t.Errorf("%s: cut %v, %d arguments (-want +got):\n%s", tc.name, e.Cut, len(e.Args), diff)
		}
		if e.Took.Duration() != 1500*time.Microsecond || e.Addr != "10.0.0.1:5" || e.ClientName != "api" {
			t.Errorf("%s: %+v", tc.name, e)
		}
	}
	// Redis before 4 has four fields; RESP3 has the same arrays.
	if log, err := ParseSlowlog([]any{[]any{int64(1), int64(2), int64(3), []any{"PING"}}, "odd"}); err != nil || len(log) != 1 {
		t.Errorf("old entry: %v, %v", log, err)
	}
	for _, reply := range []any{nil, "x", []any{"x"}, []any{[]any{int64(1), int64(2), int64(3), "x"}}} {
		if _, err := ParseSlowlog(reply); !errors.Is(err, errShape) {
			t.Errorf("%v is understood: %v", reply, err)
		}
	}
}

// TestACL reads both protocols, and drops hashes.
func TestACL(t *testing.T) {
	t.Parallel()
	resp2 := []any{
		"flags",
		[]any{"on", "sanitize-payload"},
		"passwords",
		[]any{"5e88", "77aa"},
		"commands", "+@all -@dangerous",
		"keys", "~cache:* ~x", "channels", "&*", "selectors",
		[]any{[]any{"commands", "+get"}},
	}
	resp3 := map[any]any{
		"flags": []any{"on"}, "passwords": []any{"5e88", "77aa"}, "commands": "+@all -@dangerous",
		"keys": "~cache:* ~x", "channels": "&*", "selectors": []any{map[any]any{"commands": "+get"}},
	}
	want := User{
		Name: "app", Enabled: true, Passwords: 2, Commands: "+@all -@dangerous", Keys: []Text{"~cache:*", "~x"},
		Channels: []Text{"&*"}, Selectors: 1,
	}
	for _, reply := range []any{resp2, resp3} {
		if u, err := ParseUser(reply, "app"); err != nil || !cmp.Equal(want, u) {
			t.Errorf("user %+v, %v", u, err)
		}
	}
	redis6 := []any{"flags", []any{"on", "allkeys", "nopass"}, "passwords", []any{}, "commands", "+@all", "keys", []any{"*"}}
	if u, err := ParseUser(redis6, "default"); err != nil || !u.NoPass || !cmp.Equal(u.Keys, []Text{"*"}) {
		t.Errorf("user of Redis 6 %+v, %v", u, err)
	}
	users, err := ParseUsers([]any{
		"user default off nopass ~* &* +@all",
		"user app on #5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8 " +
			"~cache:* %R~ro:* resetchannels -@all +get (~s +set)",
	})
	wantUsers := []User{
		{Name: "default", NoPass: true, Keys: []Text{"~*"}, Channels: []Text{"&*"}, Commands: "+@all"},
		{Name: "app", Enabled: true, Passwords: 1, Keys: []Text{"~cache:*", "%R~ro:*"}, Commands: "-@all +get", Selectors: 1},
	}
	if diff := cmp.Diff(wantUsers, users); err != nil || diff != "" {
		t.Errorf("users, %v (-want +got):\n%s", err, diff)
	}
	for _, reply := range []any{nil, []any{}, "x", []any{"odd"}} {
		if _, err := ParseUser(reply, "x"); !errors.Is(err, errShape) {
			t.Errorf("user %v is understood", reply)
		}
	}
	if _, err := ParseUsers([]any{"what"}); !errors.Is(err, errShape) {
		t.Error("a line without a user is understood")
	}
}

// TestACLLog reads both protocols.
func TestACLLog(t *testing.T) {
	t.Parallel()
	client := "id=9 addr=10.0.0.7:1 name=bot db=0 cmd=auth user=default"
	resp2 := []any{[]any{
		"count", int64(2), "reason", "auth", "context", "toplevel", "object", "AUTH", "username", "mallory",
		"age-seconds", "12.5", "client-info", client, "entry-id", int64(0), "timestamp-created", int64(1),
	}}
	resp3 := []any{map[any]any{
		"count": int64(2), "reason": "auth", "context": "toplevel", "object": "AUTH", "username": "mallory",
		"age-seconds": 12.5, "client-info": client,
	}}
	want := []Denial{{
		Count: 2, Reason: "auth", Context: "toplevel", Object: "AUTH", Username: "mallory", AgeSeconds: 12.5,
		Client: Client{ID: Some[int64](9), Addr: "10.0.0.7:1", Name: "bot", DB: Some[int64](0), Cmd: "auth", User: "default"},
	}}
	for _, reply := range []any{resp2, resp3} {
		log, err := ParseACLLog(reply)
		if diff := cmp.Diff(want, log); err != nil || diff != "" {
			t.Errorf("log, %v (-want +got):\n%s", err, diff)
		}
	}
	nan := []any{map[any]any{"age-seconds": math.NaN(), "count": "x"}}
	if log, err := ParseACLLog(nan); err != nil || log[0].AgeSeconds != 0 {
		t.Errorf("an age that is no number: %+v, %v", log, err)
	}
	if _, err := ParseACLLog([]any{"x"}); !errors.Is(err, errShape) {
		t.Error("an entry of text is understood")
	}
}

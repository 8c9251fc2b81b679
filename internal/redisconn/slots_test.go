package redisconn_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

// TestSlots: keys go where the cluster itself says that they belong, and one server has all of them.
func TestSlots(t *testing.T) {
	t.Parallel()
	cluster := redistest.StartCluster(t, 3)
	conn := openURL(t, cluster.URL())
	slots, err := conn.Slots(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	primaries, err := conn.Primaries(t.Context())
	if err != nil || len(primaries) != 3 || len(slots.Addrs) != 3 {
		t.Fatal(primaries, slots.Addrs, err)
	}
	used := map[int]int{}
	for i := range 300 {
		key := fmt.Sprintf("key:%d", i)
		switch i % 7 {
		case 0:
			key = fmt.Sprintf("{user:%d}:cart", i)
		case 1:
			key = fmt.Sprintf("a{}b{%d}", i)
		case 2:
			key = fmt.Sprintf("}{%d", i)
		case 3:
			key = fmt.Sprintf("\x00\xff{\x80%d}{x}", i)
		}
		reply, err := cluster.Nodes[0].Do("CLUSTER", "KEYSLOT", key)
		if err != nil {
			t.Fatal(err)
		}
		want, err := strconv.Atoi(strings.TrimSpace(strings.TrimPrefix(reply, ":")))
		if err != nil || redisconn.Slot([]byte(key)) != want {
			t.Errorf("%q: slot %d, want %d (%v)", key, redisconn.Slot([]byte(key)), want, err)
		}
		used[slots.Server([]byte(key))]++
	}
	if len(used) != 3 || used[-1] > 0 {
		t.Errorf("keys by server: %v", used)
	}
	one, err := openURL(t, redistest.Start(t).URL()).Slots(t.Context())
	if err != nil || len(one.Addrs) != 1 || one.Server([]byte("x")) != 0 {
		t.Error(one, err)
	}
}

func TestWritable(t *testing.T) {
	t.Parallel()
	primary := redistest.Start(t)
	if err := openURL(t, primary.URL()).Writable(); err != nil {
		t.Errorf("a primary: %v", err)
	}
	loading, _ := redistest.StartLoading(t)
	for want, url := range map[string]string{
		"server-readonly": redistest.StartReplica(t, primary).URL(), "server-loading": loading.URL(),
		"proto-sentinel": "redis://" + redistest.StartSentinels(t, primary, 1, "m").Addrs()[0],
	} {
		err := openURL(t, url).Writable()
		if e, ok := redisconn.AsError(err); !ok || e.ID != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func openURL(t *testing.T, url string) *redisconn.Conn {
	t.Helper()
	cfg, err := config.Load(config.Input{URL: url, URLSet: true, LookupEnv: func(string) (string, bool) { return "", false }})
	if err != nil {
		t.Fatal(err)
	}
	conn, err := redisconn.Open(t.Context(), cfg.Target, redisconn.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	return conn
}

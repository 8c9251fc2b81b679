package keyspace_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/keyspace"
	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

// TestRemoveMoved: keys whose slot has gone to another primary since the map was read go all the same, each once.
func TestRemoveMoved(t *testing.T) {
	t.Parallel()
	for _, o := range []keyspace.RemoveOptions{{}, {ExpireIn: time.Minute}} {
		c := redistest.StartCluster(t, 3)
		conn := open(t, c.URL())
		const tag = "{moving}"
		if addr, err := conn.AddrOf(t.Context(), tag); err != nil || addr == "" { // the map is read now
			t.Fatal(addr, err)
		}
		slot, err := c.Nodes[0].Do("CLUSTER", "KEYSLOT", tag)
		if err != nil {
			t.Fatal(err)
		}
		at, err := conn.AddrOf(t.Context(), tag)
		if err != nil {
			t.Fatal(err)
		}
		to := c.Nodes[0]
		if to.Addr() == at {
			to = c.Nodes[1]
		}
		id, err := to.Do("CLUSTER", "MYID")
		if err != nil {
			t.Fatal(err)
		}
		for _, node := range c.Nodes {
			if _, err := node.Do("CLUSTER", "SETSLOT", slot, "NODE", id); err != nil {
				t.Fatal(err)
			}
		}
		var names []string
		for i := range 700 {
			names = append(names, fmt.Sprintf("%s%d", tag, i))
		}
		if _, err := to.Do(append([]string{"MSET"}, strings.Split(strings.Join(names, "\x00v\x00")+"\x00v", "\x00")...)...); err != nil {
			t.Fatal(err)
		}
		got, err := keyspace.Remove(t.Context(), conn, keyspace.Wanted{Names: named(append(names, tag+"gone")...)}, o)
		want := keyspace.Fates{Deleted: 700, Missing: 1}
		if o.ExpireIn > 0 {
			want = keyspace.Fates{Expiring: 700, Missing: 1}
		}
		if err != nil || got != want {
			t.Errorf("%+v, want %+v, %v", got, want, err)
		}
	}
}

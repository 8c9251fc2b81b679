package keyspace_test

import (
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/olympiades-ia/olymp-cache/internal/keyspace"
	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

// TestFlush: one database, or all, of one server or of every primary.
func TestFlush(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	conn := open(t, s.URL()+"/1")
	for db := range 3 {
		if _, err := s.Do("SELECT", strconv.Itoa(db)); err != nil {
			t.Fatal(err)
		}
		other := open(t, fmt.Sprintf("%s/%d", s.URL(), db))
		if err := other.Client().Set(t.Context(), "k", "v", 0).Err(); err != nil {
			t.Fatal(err)
		}
	}
	got, err := keyspace.Flush(t.Context(), conn, false)
	if err != nil || len(got) != 1 || got[0].Before != 1 || got[0].Fate != keyspace.Deleted {
		t.Errorf("%+v, %v", got, err)
	}
	if n := s.Info("keyspace"); n["db0"] == "" || n["db1"] != "" || n["db2"] == "" {
		t.Errorf("left are %v", n)
	}
	if got, err = keyspace.Flush(t.Context(), conn, true); err != nil || got[0].Before != 2 {
		t.Errorf("%+v, %v", got, err)
	}
	if n := s.Info("keyspace"); n["db0"] != "" || n["db2"] != "" {
		t.Errorf("left are %v", n)
	}
	c := redistest.StartCluster(t, 3)
	all := open(t, c.URL())
	fill(t, all, 900)
	got, err = keyspace.Flush(t.Context(), all, false)
	if err != nil || len(got) != 3 || got[0].Before+got[1].Before+got[2].Before != 900 || c.DBSize() != 0 {
		t.Errorf("%+v, %v; %d left", got, err, c.DBSize())
	}
}

// TestFlushOld: before Redis 4 there is no ASYNC, and what is refused is told server by server.
func TestFlushOld(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		flush func(cmd []string) string
		want  keyspace.Fate
		sent  int
	}{
		"no ASYNC": {func(cmd []string) string {
			if len(cmd) > 1 {
				return redistest.ErrorReply("ERR wrong number of arguments for 'flushdb' command")
			}
			return redistest.SimpleReply("OK")
		}, keyspace.Deleted, 2},
		"refused":  {func([]string) string { return redistest.ErrorReply("ERR unknown command 'FLUSHDB'") }, keyspace.Failed, 1},
		"hangs up": {func([]string) string { return "" }, keyspace.Unknown, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var sent atomic.Int32
			conn := open(t, redistest.StartFake(t, func(cmd []string) string {
				switch strings.ToUpper(cmd[0]) {
				case "PING":
					return redistest.SimpleReply("PONG")
				case "INFO":
					return redistest.BulkReply("redis_version:3.2.0\r\nredis_mode:standalone\r\nrole:master\r\n")
				case "ROLE":
					return redistest.ErrorReply("ERR unknown command 'ROLE'")
				case "DBSIZE":
					return ":7\r\n"
				case "FLUSHDB":
					sent.Add(1)
					return tc.flush(cmd)
				}
				return redistest.ErrorReply("ERR unknown command '" + cmd[0] + "'")
			}).URL())
			got, err := keyspace.Flush(t.Context(), conn, false)
			if len(got) != 1 || got[0].Fate != tc.want || got[0].Before != 7 || int(sent.Load()) != tc.sent ||
				(err == nil) != (tc.want == keyspace.Deleted) {
				t.Errorf("%+v after %d commands, %v", got, sent.Load(), err)
			}
		})
	}
}

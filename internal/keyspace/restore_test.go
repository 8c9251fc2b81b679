package keyspace_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/backup"
	"github.com/olympiades-ia/olymp-cache/internal/keyspace"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

// accounts checks that every key of the file has one fate, and that the server holds what is said to have come back.
func accounts(t *testing.T, r *keyspace.Restored, records int64, conn *redisconn.Conn) {
	t.Helper()
	if sum := r.Done + r.Kept + r.Expired + r.Failed + r.Unknown + r.Unsent; sum != r.Matching || r.Matching != records {
		t.Errorf("%+v: the fates make %d, the file holds %d", r, sum, records)
	}
	there, err := keyspace.Count(t.Context(), conn)
	if err != nil {
		t.Fatal(err)
	}
	if there < r.Done+r.Kept || there > r.Done+r.Kept+r.Unknown {
		t.Errorf("%+v: the server holds %d keys", r, there)
	}
}

// TestRestoreEndsEarly: whatever ends a run, each key is accounted for, and running it again finishes.
func TestRestoreEndsEarly(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, debugging())
	proxy := redistest.StartProxy(t, s.Addr())
	conn := open(t, s.URL())
	fill(t, conn, 30_000)
	want := contents(t, conn)
	path, b := keep(t, conn, keyspace.BackupOptions{})
	for name, c := range map[string]struct {
		begin func()
		spoil func(context.CancelFunc)
		end   func()
		id    string // of the error; "" for the end of the run
	}{
		"interrupted": {spoil: func(cancel context.CancelFunc) { cancel() }},
		"reset":       {begin: func() { proxy.ResetAfter(40_000) }, id: "tcp-"},
		"closed":      {begin: func() { proxy.CutAfter(60_000) }, id: "tcp-"},
		"full": {
			begin: func() {
				do(t, s, "CONFIG", "SET", "maxmemory-policy", "noeviction")
				do(t, s, "CONFIG", "SET", "maxmemory", fmt.Sprint(usedMemory(t, s)+2<<20))
			},
			end: func() { do(t, s, "CONFIG", "SET", "maxmemory", "0") }, id: "server-oom",
		},
		"made a replica": {
			spoil: func(context.CancelFunc) { do(t, s, "REPLICAOF", "127.0.0.1", "1") },
			end:   func() { do(t, s, "REPLICAOF", "NO", "ONE") }, id: "server-readonly",
		},
	} {
		t.Run(name, func(t *testing.T) {
			flush(t, conn)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			through := open(t, proxy.URLOf(s))
			if c.begin != nil {
				c.begin()
			}
			p := &keyspace.Progress{}
			done := make(chan struct{})
			go func() {
				defer close(done)
				for p.Keys.Load() < 5000 && ctx.Err() == nil {
					time.Sleep(100 * time.Microsecond)
				}
				if c.spoil != nil {
					c.spoil(cancel)
				}
			}()
			r, err := restore(ctx, through, path, keyspace.RestoreOptions{Progress: p})
			cancel()
			<-done
			proxy.Clear()
			e, named := redisconn.AsError(err)
			switch {
			case err == nil || c.id == "" && !errors.Is(err, context.Canceled):
				t.Fatalf("%v, %+v", err, r)
			case c.id != "" && (!named || !strings.HasPrefix(e.ID, c.id)):
				t.Errorf("%v, want %s", err, c.id)
			}
			accounts(t, r, b.Records, conn)
			if r.Unsent == 0 || r.Done == 0 {
				t.Errorf("it ended too early or too late: %+v", r)
			}
			if c.id != "tcp-" && r.Unknown > 0 {
				t.Errorf("answers were not heard: %+v", r)
			}
			if c.end != nil {
				c.end()
			}
			again := putBack(t, conn, path, keyspace.RestoreOptions{})
			accounts(t, again, b.Records, conn)
			same(t, want, contents(t, conn))
		})
	}
}

func usedMemory(t *testing.T, s *redistest.Server) int64 {
	t.Helper()
	var n int64
	if _, err := fmt.Sscan(s.Info("memory")["used_memory"], &n); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestRestoreExpired: what has expired since does not come back, nor take anything with it.
func TestRestoreExpired(t *testing.T) {
	t.Parallel()
	conn := open(t, redistest.Start(t, debugging()).URL())
	ctx, c := t.Context(), conn.Client()
	for i := range 10 {
		if err := c.Set(ctx, fmt.Sprintf("soon:%d", i), "x", 200*time.Millisecond).Err(); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Set(ctx, "later", "x", time.Hour).Err(); err != nil {
		t.Fatal(err)
	}
	path, _ := keep(t, conn, keyspace.BackupOptions{})
	time.Sleep(300 * time.Millisecond)
	if err := c.Set(ctx, "soon:1", "new", 0).Err(); err != nil {
		t.Fatal(err)
	}
	for _, dry := range []bool{true, false} {
		r := putBack(t, conn, path, keyspace.RestoreOptions{Replace: true, DryRun: dry})
		if *r != (keyspace.Restored{Matching: 11, Done: 1, Expired: 10}) {
			t.Errorf("%+v", r)
		}
	}
	if v := c.Get(ctx, "soon:1").Val(); v != "new" {
		t.Errorf("a key that came after the backup says %q", v)
	}
}

// TestRestoreChooses: a pattern limits it, and a dry run tells what the real one then does.
func TestRestoreChooses(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]string{"one": redistest.Start(t, debugging()).URL(), "cluster": redistest.StartCluster(t, 3, debugging()).URL()} {
		t.Run(name, func(t *testing.T) {
			conn := open(t, url)
			fill(t, conn, 3000)
			path, _ := keep(t, conn, keyspace.BackupOptions{})
			flush(t, conn)
			if err := conn.Client().Set(t.Context(), "user:2", "mine", 0).Err(); err != nil {
				t.Fatal(err)
			}
			want := keyspace.Restored{Matching: 375, Done: 374, Kept: 1}
			for _, dry := range []bool{true, true, false} {
				if r := putBack(t, conn, path, keyspace.RestoreOptions{Pattern: "user:*", DryRun: dry}); *r != want {
					t.Errorf("dry %v: %+v", dry, r)
				}
			}
			if n, err := keyspace.Count(t.Context(), conn); err != nil || n != 375 {
				t.Errorf("%d keys, %v", n, err)
			}
			if v := conn.Client().Get(t.Context(), "user:2").Val(); v != "mine" {
				t.Errorf("the key that was there says %q", v)
			}
		})
	}
}

// TestRestoreRights: a key that the user may not write costs that key alone.
func TestRestoreRights(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, redistest.WithUser("app", "pw", "on ~page:* ~user:* +@all"), debugging())
	admin := open(t, s.URL())
	fill(t, admin, 800)
	path, b := keep(t, admin, keyspace.BackupOptions{})
	flush(t, admin)
	r, err := restore(t.Context(), open(t, s.URLOf("app", "pw", s.Addr())), path, keyspace.RestoreOptions{})
	if err != nil || r.Done != 300 || r.Failed != 500 || r.FailedKey == "" {
		t.Errorf("%+v, %v", r, err)
	}
	accounts(t, r, b.Records, admin)
}

// TestRestoreNewer: payloads of a newer server are told by their version, before anything is sent or by the server's words.
func TestRestoreNewer(t *testing.T) {
	t.Parallel()
	conn := open(t, redistest.Start(t, debugging()).URL())
	if err := conn.Client().Set(t.Context(), "k", "v", 0).Err(); err != nil {
		t.Fatal(err)
	}
	payload := []byte(conn.Client().Dump(t.Context(), "k").Val())
	payload[len(payload)-10] = 99
	var file bytes.Buffer
	w, err := backup.NewWriter(&file, backup.Header{ServerVersion: "42.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 1000 {
		if err := w.Add(backup.Record{Key: fmt.Appendf(nil, "new:%d", i), Kind: backup.Dump, Payload: payload}); err != nil {
			t.Fatal(err)
		}
	}
	held, err := w.Close()
	if err != nil {
		t.Fatal(err)
	}
	var newer *keyspace.VersionError
	if err := keyspace.CheckVersion(conn, backup.Header{ServerVersion: "42.0.1"}, held); conn.Server().Version < "7.9" &&
		(!errors.As(err, &newer) || newer.Theirs != "42.0.1" || newer.Ours != conn.Server().Version) {
		t.Errorf("before: %v", err)
	}
	r, err := keyspace.Restore(t.Context(), conn, &file, keyspace.RestoreOptions{})
	if !errors.As(err, &newer) || newer.Theirs != "42.0.1" || newer.Reply == "" || r.Done != 0 || r.Failed == 0 {
		t.Errorf("by the server: %v, %+v", err, r)
	}
	if n, err := keyspace.Count(t.Context(), conn); err != nil || n != 1 {
		t.Errorf("%d keys, %v", n, err)
	}
}

package keyspace_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/olympiades-ia/olymp-cache/internal/backup"
	"github.com/olympiades-ia/olymp-cache/internal/keyspace"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

// debugging lets DEBUG DIGEST-VALUE be asked: what DUMP says of a set or a hash depends on the order of its table.
func debugging() redistest.Option { return redistest.WithArgs("--enable-debug-command", "yes") }

// kept is a key: a digest of its value, and when it expires.
type kept struct {
	digest  string
	expires time.Duration // Unix time; −1 for never
}

// contents reads every key.
func contents(t *testing.T, conn *redisconn.Conn) map[string]kept {
	t.Helper()
	all := map[string]kept{}
	var mu sync.Mutex
	err := conn.EachPrimary(t.Context(), func(ctx context.Context, c *redis.Client) error {
		keys, err := c.Keys(ctx, "*").Result()
		if err != nil {
			return err
		}
		for _, name := range keys {
			digest, err := c.Do(ctx, "DEBUG", "DIGEST-VALUE", name).StringSlice()
			if err != nil {
				return err
			}
			expires, err := c.PExpireTime(ctx, name).Result()
			if err != nil {
				return err
			}
			mu.Lock()
			all[name] = kept{digest[0], expires}
			mu.Unlock()
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func same(t *testing.T, want, got map[string]kept) {
	t.Helper()
	if len(want) != len(got) || len(want) == 0 {
		t.Errorf("%d keys, want %d", len(got), len(want))
	}
	wrong := 0
	for name, w := range want {
		g, ok := got[name]
		off := (g.expires - w.expires).Abs()
		if !ok || g.digest != w.digest || off > time.Second || (g.expires < 0) != (w.expires < 0) {
			if wrong++; wrong < 5 {
				t.Errorf("%q: there %v, same value %v, %v apart", name, ok, g.digest == w.digest, off)
			}
		}
	}
}

func flush(t *testing.T, conn *redisconn.Conn) {
	t.Helper()
	if err := conn.EachPrimary(t.Context(), func(ctx context.Context, c *redis.Client) error { return c.FlushDB(ctx).Err() }); err != nil {
		t.Fatal(err)
	}
}

// keep backs up to a new file.
func keep(t *testing.T, conn *redisconn.Conn, o keyspace.BackupOptions) (string, *keyspace.Backed) {
	t.Helper()
	o.Path = filepath.Join(t.TempDir(), "keys.backup")
	b, err := keyspace.Backup(t.Context(), conn, o)
	if err != nil {
		t.Fatal(err)
	}
	return o.Path, b
}

func putBack(t *testing.T, conn *redisconn.Conn, path string, o keyspace.RestoreOptions) *keyspace.Restored {
	t.Helper()
	r, err := restore(t.Context(), conn, path, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func restore(ctx context.Context, conn *redisconn.Conn, path string, o keyspace.RestoreOptions) (*keyspace.Restored, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // only read
	return keyspace.Restore(ctx, conn, f, o)
}

// fillMore adds what fill lacks: a time to live on every type, an empty name, large values and hyperloglogs.
func fillMore(t *testing.T, conn *redisconn.Conn) {
	t.Helper()
	ctx, c := t.Context(), conn.Client()
	for i := range 200 {
		name := fmt.Sprintf("more:%d", i)
		var err error
		switch i % 7 {
		case 0:
			err = c.HSet(ctx, name, "f", strings.Repeat("x", i*50)).Err()
		case 1:
			err = c.RPush(ctx, name, "a", i, strings.Repeat("y", i*20)).Err()
		case 2:
			err = c.SAdd(ctx, name, 1, 2, 3, i).Err()
		case 3:
			err = c.ZAdd(ctx, name, redis.Z{Score: 1.5, Member: i}, redis.Z{Score: -2, Member: "m"}).Err()
		case 4:
			err = c.XAdd(ctx, &redis.XAddArgs{Stream: name, Values: []any{"a", i}}).Err()
		case 5:
			err = c.PFAdd(ctx, name, i, "b").Err()
		case 6:
			err = c.Set(ctx, name, strings.Repeat("large", 1000*i), 0).Err()
		}
		if err == nil {
			err = c.PExpire(ctx, name, time.Hour+time.Duration(i)*time.Millisecond).Err()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := c.XGroupCreate(ctx, "more:4", "group", "0").Err(); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{"": "nameless", "huge": strings.Repeat("0123456789abcdef", 1<<20), "empty": ""} {
		if err := c.Set(ctx, name, value, 0).Err(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestBackupRoundTrip: every key of every type comes back as it was, on one server and on three.
func TestBackupRoundTrip(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]string{
		"one": redistest.Start(t, debugging()).URL(), "cluster": redistest.StartCluster(t, 3, debugging()).URL(),
	} {
		t.Run(name, func(t *testing.T) {
			conn := open(t, url)
			fill(t, conn, 6000)
			fillMore(t, conn)
			want := contents(t, conn)
			path, b := keep(t, conn, keyspace.BackupOptions{Header: backup.Header{Target: "redis://h"}})
			if b.Records != int64(len(want)) || b.Gone+b.Hidden != 0 || b.ByValue || b.RDBVersion < 10 {
				t.Errorf("%+v of %d keys", b, len(want))
			}
			flush(t, conn)
			r := putBack(t, conn, path, keyspace.RestoreOptions{})
			if *r != (keyspace.Restored{Matching: b.Records, Done: b.Records}) {
				t.Errorf("%+v", r)
			}
			same(t, want, contents(t, conn))
			// Once more: all is there, and nothing changes.
			if r := putBack(t, conn, path, keyspace.RestoreOptions{}); r.Kept != b.Records {
				t.Errorf("again: %+v", r)
			}
			if err := conn.Client().Set(t.Context(), "huge", "other", 0).Err(); err != nil {
				t.Fatal(err)
			}
			if r := putBack(t, conn, path, keyspace.RestoreOptions{Replace: true}); r.Done != b.Records {
				t.Errorf("replaced: %+v", r)
			}
			same(t, want, contents(t, conn))
		})
	}
}

// TestBackupChooses: filters, patterns and names decide what is in the file.
func TestBackupChooses(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]string{
		"one": redistest.Start(t, debugging()).URL(), "cluster": redistest.StartCluster(t, 3, debugging()).URL(),
	} {
		t.Run(name, func(t *testing.T) {
			conn := open(t, url)
			fill(t, conn, 4000)
			given := []string{"user:2", "not there", "page:0:fr", "bin\n\x00\xff\x1b[31m 7"}
			for i := range 1500 { // more than a page
				given = append(given, fmt.Sprintf("user:%d", 10+8*(i%499)))
			}
			for title, c := range map[string]struct {
				o    keyspace.BackupOptions
				want func(string) bool
			}{
				"patterns": {
					keyspace.BackupOptions{Patterns: []string{"user:*", "rank.*", "user:1*"}},
					func(s string) bool { return strings.HasPrefix(s, "user:") || strings.HasPrefix(s, "rank.") },
				},
				"type":         {keyspace.BackupOptions{Type: "hash"}, func(s string) bool { return strings.HasPrefix(s, "user:") }},
				"never expire": {keyspace.BackupOptions{NoTTL: true}, func(s string) bool { return !strings.HasPrefix(s, "page:") }},
			} {
				want := 0
				for name := range contents(t, conn) {
					if c.want(name) {
						want++
					}
				}
				path, b := keep(t, conn, c.o)
				if b.Records != int64(want) || want == 0 {
					t.Errorf("%s: %d keys, want %d", title, b.Records, want)
				}
				for _, name := range namesIn(t, path) {
					if !c.want(name) {
						t.Errorf("%s: %q is in the file", title, name)
					}
				}
			}
			path, b := keep(t, conn, keyspace.BackupOptions{Names: each(given)})
			if b.Records != int64(len(given)-1) || b.Gone != 1 || len(namesIn(t, path)) != len(given)-1 {
				t.Errorf("names: %+v, want %d", b, len(given)-1)
			}
		})
	}
}

func namesIn(t *testing.T, path string) []string {
	t.Helper()
	var all []string
	for name, err := range backup.Names(path) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(name))
	}
	return all
}

// TestBackupUnderWrites: value and time to live of a key belong together though others write all the while.
func TestBackupUnderWrites(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, debugging())
	conn := open(t, s.URL())
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	const keys = 3000
	// A key that says «long» lives a day, one that says «short» an hour, one that says «ever» for ever.
	put := func(p redis.Pipeliner, i, round int) {
		name := fmt.Sprintf("k%d", i)
		switch round % 3 {
		case 0:
			p.Set(ctx, name, "long", 24*time.Hour)
		case 1:
			p.Set(ctx, name, "short", time.Hour)
		case 2:
			p.Set(ctx, name, "ever", 0)
		}
	}
	writer := open(t, s.URL())
	write := func(round int) {
		_, _ = writer.Client().Pipelined(ctx, func(p redis.Pipeliner) error { // it ends with the test
			for i := range keys {
				put(p, i, round+i)
			}
			return nil
		})
	}
	write(0)
	var wg sync.WaitGroup
	wg.Go(func() {
		for round := 1; ctx.Err() == nil; round++ {
			write(round)
		}
	})
	for range 5 {
		path, b := keep(t, conn, keyspace.BackupOptions{})
		if b.Records != keys {
			t.Errorf("%d keys", b.Records)
		}
		into := open(t, redistest.Start(t, debugging()).URL())
		putBack(t, into, path, keyspace.RestoreOptions{})
		for name := range contents(t, into) {
			value := into.Client().Get(ctx, name).Val()
			rest := into.Client().TTL(ctx, name).Val()
			if value == "long" && rest < 2*time.Hour || value == "short" && (rest < 0 || rest > time.Hour) || value == "ever" && rest >= 0 {
				t.Fatalf("%s says %q and has %v left", name, value, rest)
			}
		}
	}
	cancel()
	wg.Wait()
}

// TestBackupByValue: where DUMP is refused, strings are kept, and anything else ends it with nothing left behind.
func TestBackupByValue(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, redistest.WithUser("app", "pw", "on ~* +@all -dump -restore -pexpiretime -memory"), debugging())
	conn := open(t, s.URLOf("app", "pw", s.Addr()))
	ctx := t.Context()
	for i := range 700 {
		ttl := time.Duration(0)
		if i%2 == 0 {
			ttl = time.Hour + time.Duration(i)*time.Second
		}
		if err := conn.Client().Set(ctx, fmt.Sprintf("k%d\n\xff", i), bytes.Repeat([]byte{byte(i), 0}, i), ttl).Err(); err != nil {
			t.Fatal(err)
		}
	}
	admin := open(t, s.URL())
	want := contents(t, admin)
	path, b := keep(t, conn, keyspace.BackupOptions{})
	if !b.ByValue || b.Records != 700 || b.RDBVersion != 0 {
		t.Errorf("%+v", b)
	}
	flush(t, conn)
	if r := putBack(t, conn, path, keyspace.RestoreOptions{}); r.Done != 700 {
		t.Errorf("%+v", r)
	}
	same(t, want, contents(t, admin))
	if r := putBack(t, conn, path, keyspace.RestoreOptions{}); r.Kept != 700 {
		t.Errorf("again: %+v", r)
	}
	if err := conn.Client().RPush(ctx, "list", "a").Err(); err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	_, err := keyspace.Backup(ctx, conn, keyspace.BackupOptions{Path: filepath.Join(folder, "b")})
	var refused *keyspace.TypeRefusedError
	if !errors.As(err, &refused) || refused.Key != "list" || !strings.Contains(refused.Refusal.Reply, "NOPERM") {
		t.Errorf("%v", err)
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

// TestBackupEnds: what ends early leaves nothing behind.
func TestBackupEnds(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, debugging())
	proxy := redistest.StartProxy(t, s.Addr())
	conn := open(t, s.URL())
	fill(t, conn, 20000)
	for name, spoil := range map[string]func(context.CancelFunc){
		"interrupted": func(cancel context.CancelFunc) { cancel() },
		"cut":         func(context.CancelFunc) { proxy.ResetAfter(100_000) },
	} {
		folder := t.TempDir()
		ctx, cancel := context.WithCancel(t.Context())
		through := open(t, proxy.URLOf(s))
		p := &keyspace.Progress{}
		go func() {
			for p.Keys.Load() == 0 && ctx.Err() == nil {
				time.Sleep(time.Millisecond)
			}
			spoil(cancel)
		}()
		_, err := keyspace.Backup(ctx, through, keyspace.BackupOptions{
			Path: filepath.Join(folder, "b"), Progress: p, Pace: keyspace.Pace{MaxRate: 20000},
		})
		if err == nil {
			t.Errorf("%s: no error", name)
		}
		if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
			t.Errorf("%s: left behind: %v %v", name, left, err)
		}
		proxy.Clear()
		cancel()
	}
	folder := t.TempDir()
	path := filepath.Join(folder, "b")
	if err := os.WriteFile(path, []byte("theirs"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := keyspace.Backup(t.Context(), conn, keyspace.BackupOptions{Path: path}); !errors.Is(err, fs.ErrExist) {
		t.Errorf("over another file: %v", err)
	}
}

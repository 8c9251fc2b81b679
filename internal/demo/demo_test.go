package demo_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/olympiades-ia/olymp-cache/internal/demo"
)

// These tests give the process its own PATH and temporary folder, so that none of them runs in parallel.

func TestReal(t *testing.T) {
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Fatalf("%v; \"make test\" installs one", err)
	}
	temp := ownTemp(t)
	d := start(t)
	if !d.Real {
		t.Error("redis-server is installed and was not used")
	}
	left, err := os.ReadDir(temp)
	if err != nil || len(left) != 1 {
		t.Errorf("%d temporary folders while it runs, %v", len(left), err)
	}
	c := client(t, d)
	pid := infoNumber(t, c, "process_id")
	wantCache(t, d, c)
	wantAPI(t, d, c)
	d.Close()
	wantGone(t, d, temp)
	if p, err := os.FindProcess(pid); err == nil && p.Signal(syscall.Signal(0)) == nil {
		t.Errorf("process %d is still there", pid)
	}
	d.Close() // a second time is harmless
}

func TestEmbedded(t *testing.T) {
	temp := ownTemp(t)
	t.Setenv("PATH", "")
	d := start(t)
	if d.Real {
		t.Error("redis-server was used, without a PATH to it")
	}
	c := client(t, d)
	wantCache(t, d, c)
	wantAPI(t, d, c)
	// Keys go by themselves there too.
	if err := c.Set(t.Context(), "soon", "x", time.Second).Err(); err != nil {
		t.Fatal(err)
	}
	wait(t, "the key to expire", func() bool { return c.Exists(t.Context(), "soon").Val() == 0 })
	d.Close()
	wantGone(t, d, temp)
}

// TestBrokenServer: a redis-server that does not start is no reason to fail.
func TestBrokenServer(t *testing.T) {
	temp := ownTemp(t)
	fakeServer(t, "exit 1")
	d := start(t)
	if d.Real {
		t.Error("a server that ends at once counts as real")
	}
	wantAPI(t, d, client(t, d))
	d.Close()
	wantGone(t, d, temp)
}

// TestInterrupted cancels at several moments of the start: it returns at once and nothing stays.
func TestInterrupted(t *testing.T) {
	for _, tc := range []struct {
		name  string
		path  func(t *testing.T)
		after time.Duration
	}{
		{"before the start", func(*testing.T) {}, 0},
		{"before the start, embedded", func(t *testing.T) { t.Helper(); t.Setenv("PATH", "") }, 0},
		{"while the server starts", func(*testing.T) {}, 5 * time.Millisecond},
		{"a server that never answers", func(t *testing.T) { t.Helper(); fakeServer(t, "exec sleep 60") }, 200 * time.Millisecond},
	} {
		t.Run(tc.name, func(t *testing.T) {
			temp := ownTemp(t)
			tc.path(t)
			stop := errors.New("stopped")
			ctx, cancel := context.WithCancelCause(t.Context())
			defer cancel(nil)
			if tc.after == 0 {
				cancel(stop)
			}
			timer := time.AfterFunc(tc.after, func() { cancel(stop) })
			defer timer.Stop()
			begin := time.Now()
			d, err := demo.Start(ctx)
			if took := time.Since(begin); took > 4*time.Second {
				t.Errorf("it took %v", took)
			}
			if err == nil {
				d.Close() // it was faster
			} else if !errors.Is(err, stop) && !errors.Is(err, context.Canceled) {
				t.Errorf("error %v", err)
			}
			if tc.after == 0 && err == nil {
				t.Error("a cancelled start succeeded")
			}
			wantEmpty(t, temp)
		})
	}
}

// TestCancelAfterStart: cancelling alone stops nothing, as a report may still be under way.
func TestCancelAfterStart(t *testing.T) {
	ownTemp(t)
	ctx, cancel := context.WithCancel(t.Context())
	d, err := demo.Start(ctx)
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	defer d.Close()
	cancel()
	time.Sleep(100 * time.Millisecond)
	if err := client(t, d).Ping(t.Context()).Err(); err != nil {
		t.Errorf("the server went with the context: %v", err)
	}
}

func start(t *testing.T) *demo.Demo {
	t.Helper()
	d, err := demo.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return d
}

// ownTemp gives the test a temporary folder of its own to look into.
func ownTemp(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"TMPDIR", "TEMP", "TMP"} {
		t.Setenv(name, dir)
	}
	return dir
}

// fakeServer puts a redis-server of a shell script first in PATH.
func fakeServer(t *testing.T, script string) {
	t.Helper()
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no shell to write a broken redis-server in")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "redis-server"), []byte("#!"+sh+"\n"+script+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
}

func client(t *testing.T, d *demo.Demo) *redis.Client {
	t.Helper()
	addr := strings.TrimSuffix(strings.TrimPrefix(d.URL, "redis://"), "/0")
	host, _, err := net.SplitHostPort(addr)
	if err != nil || host != "127.0.0.1" || !strings.HasSuffix(d.URL, "/0") {
		t.Fatalf("URL is %q", d.URL)
	}
	c := redis.NewClient(&redis.Options{Addr: addr, DisableIdentity: true, MaxRetries: -1})
	t.Cleanup(func() { _ = c.Close() }) // only read from
	return c
}

func infoNumber(t *testing.T, c *redis.Client, field string) int {
	t.Helper()
	for line := range strings.Lines(c.Info(t.Context()).Val()) {
		if v, ok := strings.CutPrefix(line, field+":"); ok {
			n, err := strconv.Atoi(strings.TrimSpace(v))
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	t.Fatalf("INFO has no %s", field)
	return 0
}

// wantCache looks whether the cache is like the real one, faults included.
func wantCache(t *testing.T, d *demo.Demo, c *redis.Client) {
	t.Helper()
	ctx := t.Context()
	if n := c.DBSize(ctx).Val(); n != int64(d.Keys) || n < 200 {
		t.Errorf("%d keys, %d announced", n, d.Keys)
	}
	if ttl := c.TTL(ctx, "vitrine_cache").Val(); ttl <= 4*time.Minute || ttl > 5*time.Minute {
		t.Errorf("vitrine_cache lives for %v", ttl)
	}
	keys, err := c.Keys(ctx, "*").Result()
	if err != nil {
		t.Fatal(err)
	}
	forever, big, prefixes := 0, 0, map[string]bool{}
	for _, key := range keys {
		if c.TTL(ctx, key).Val() == -1 {
			forever++
		}
		if c.Type(ctx, key).Val() == "string" && c.StrLen(ctx, key).Val() > 1<<20 {
			big++
		}
		prefix, _, _ := strings.Cut(key, ":")
		prefixes[prefix] = true
	}
	if forever < 10 || forever > len(keys)/2 || big != 1 || len(prefixes) < 5 {
		t.Errorf("%d keys without TTL, %d above 1 MB, prefixes %v", forever, big, prefixes)
	}
}

// wantAPI: MISS, then HIT with the same page, and the key is back with its TTL.
func wantAPI(t *testing.T, d *demo.Demo, c *redis.Client) {
	t.Helper()
	if err := c.Del(t.Context(), "vitrine_cache").Err(); err != nil {
		t.Fatal(err)
	}
	first, page, slow := get(t, d.APIURL)
	second, again, _ := get(t, d.APIURL)
	if first != "MISS" || second != "HIT" || !bytes.Equal(page, again) || len(page) < 1000 {
		t.Errorf("X-Cache %s, then %s; pages of %d and %d bytes", first, second, len(page), len(again))
	}
	if slow < 100*time.Millisecond {
		t.Errorf("MISS took %v: the cache has nothing to gain", slow)
	}
	if ttl := c.TTL(t.Context(), "vitrine_cache").Val(); ttl <= 4*time.Minute || ttl > 5*time.Minute {
		t.Errorf("the API's key lives for %v", ttl)
	}
}

func get(t *testing.T, url string) (cache string, body []byte, took time.Duration) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }() // read to its end
	if body, err = io.ReadAll(resp.Body); err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("status %d, %v", resp.StatusCode, err)
	}
	return resp.Header.Get("X-Cache"), body, time.Since(begin)
}

// wantGone: after Close nobody listens and nothing lies about.
func wantGone(t *testing.T, d *demo.Demo, temp string) {
	t.Helper()
	for _, url := range []string{d.URL, d.APIURL} {
		_, addr, _ := strings.Cut(url, "://")
		addr, _, _ = strings.Cut(addr, "/")
		dialer := net.Dialer{Timeout: time.Second}
		if conn, err := dialer.DialContext(t.Context(), "tcp", addr); err == nil {
			t.Errorf("%s still answers", addr)
			_ = conn.Close() // nothing was sent
		}
	}
	wantEmpty(t, temp)
}

func wantEmpty(t *testing.T, dir string) {
	t.Helper()
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 0 {
		t.Errorf("left in the temporary folder: %v, %v", left, err)
	}
}

func wait(t *testing.T, what string, done func() bool) {
	t.Helper()
	for range 100 {
		if done() {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Errorf("waited in vain for %s", what)
}

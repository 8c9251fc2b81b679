package redistest

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// hear connects, says something, and gives what comes back within a moment.
func hear(t *testing.T, addr, say string) (string, error) {
	t.Helper()
	conn, err := connect("tcp", addr, replyWait)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if err := conn.SetDeadline(time.Now().Add(300 * time.Millisecond * slowdown)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, say); err != nil {
		return "", err
	}
	heard, err := io.ReadAll(conn)
	return string(heard), err
}

func TestListeners(t *testing.T) {
	t.Parallel()
	t.Run("silent", func(t *testing.T) {
		t.Parallel()
		if heard, err := hear(t, Silent(t), "PING\r\n"); heard != "" || !isTimeout(err) {
			t.Errorf("heard %q, %v", heard, err)
		}
	})
	t.Run("closer", func(t *testing.T) {
		t.Parallel()
		heard, err := hear(t, Closer(t), "")
		if heard != "" || (err != nil && !errors.Is(err, syscall.ECONNRESET)) {
			t.Errorf("heard %q, %v", heard, err)
		}
	})
	t.Run("banner", func(t *testing.T) {
		t.Parallel()
		const ssh = "SSH-2.0-OpenSSH_9.2\r\n"
		if heard, err := hear(t, Banner(t, ssh), "PING\r\n"); heard != ssh || !isTimeout(err) {
			t.Errorf("heard %q, %v", heard, err)
		}
	})
	t.Run("web server", func(t *testing.T) {
		t.Parallel()
		addr := HTTP(t)
		if heard, _ := hear(t, addr, "PING\r\n"); !strings.HasPrefix(heard, "HTTP/1.1 400 ") {
			t.Errorf("PING gives %q", heard)
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+addr+"/", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if err := resp.Body.Close(); err != nil || resp.StatusCode != http.StatusNotFound {
			t.Errorf("status %s, %v", resp.Status, err)
		}
	})
	t.Run("refused", func(t *testing.T) {
		t.Parallel()
		if _, err := connect("tcp", Refused(t), replyWait); !isRefused(err) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("backlogged", func(t *testing.T) {
		t.Parallel()
		addr := Backlogged(t)
		for range 3 {
			conn, err := connect("tcp", addr, 200*time.Millisecond)
			if !isTimeout(err) {
				t.Errorf("got %v, %v", conn, err)
			}
		}
	})
}

func TestFakeRESP(t *testing.T) {
	t.Parallel()
	const quota = "ERR max requests limit exceeded. Limit: 500000, Usage: 500000."
	answers := func(cmd []string) string {
		switch strings.ToUpper(cmd[0]) {
		case "PING":
			return SimpleReply("PONG")
		case "INFO":
			return BulkReply("redis_version:6.2.6\r\n")
		case "QUIT":
			return ""
		default:
			return ErrorReply(quota)
		}
	}
	fake := StartFake(t, answers)
	c, err := dial("tcp", fake.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if got := mustDo(t, c.do, "PING"); got != "PONG" {
		t.Errorf("PING gives %q", got)
	}
	if got := mustDo(t, c.do, "INFO", "server"); got != "redis_version:6.2.6\r\n" {
		t.Errorf("INFO gives %q", got)
	}
	if _, err := c.do("SET", "a b", "\r\n"); err == nil || err.Error() != quota {
		t.Errorf("SET gives %v", err)
	}
	if _, err := io.WriteString(c, "\r\nget  inline\r\n"); err != nil {
		t.Fatal(err)
	}
	if _, err := c.receive(); err == nil || err.Error() != quota {
		t.Errorf("an inline command gives %v", err)
	}
	if _, err := c.do("QUIT"); !errors.Is(err, io.EOF) {
		t.Errorf("QUIT gives %v", err)
	}
	want := [][]string{{"PING"}, {"INFO", "server"}, {"SET", "a b", "\r\n"}, {"get", "inline"}, {"QUIT"}}
	if got := fake.Commands(); !slices.EqualFunc(got, want, slices.Equal[[]string]) {
		t.Errorf("commands are %q", got)
	}
	if got, err := ask(t, FakeRESP(t, answers), "PING"); got != "PONG" {
		t.Errorf("FakeRESP: %q, %v", got, err)
	}
}

func TestFakeOverTLS(t *testing.T) {
	t.Parallel()
	pong := func([]string) string { return SimpleReply("PONG") }
	fake := StartFake(t, pong, WithTLS(TLSOptions{ClientCertRequired: true}))
	if err := handshake(t, fake.Addr(), "localhost", fake.TLS, true); err != nil {
		t.Error(err)
	}
	if err := handshake(t, fake.Addr(), "localhost", fake.TLS, false); err == nil {
		t.Error("a client without a certificate is let in")
	}
	if fake.URL() != "rediss://"+fake.Addr() {
		t.Errorf("URL is %s", fake.URL())
	}
}

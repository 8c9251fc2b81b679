package redistest

import (
	"errors"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

func TestStart(t *testing.T) {
	t.Parallel()
	s := Start(t, WithDatabases(2), WithArgs("--maxmemory", "64mb"))
	if got := mustDo(t, s.Do, "PING"); got != "PONG" {
		t.Errorf("PING gives %q", got)
	}
	info := s.Info()
	if got := info["process_id"]; got != strconv.Itoa(s.Pid()) {
		t.Errorf("process %s answers, Pid says %d", got, s.Pid())
	}
	if got := info["maxmemory"]; got != "67108864" {
		t.Errorf("maxmemory is %s", got)
	}
	for name, want := range map[string]string{
		"save": "", "appendonly": "no", "bind": "127.0.0.1", "databases": "2", "dir": s.Dir, "requirepass": "",
	} {
		if _, got, _ := strings.Cut(mustDo(t, s.Do, "CONFIG", "GET", name), "\n"); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if want := "redis://127.0.0.1:" + strconv.Itoa(s.Port); s.URL() != want {
		t.Errorf("URL is %s, want %s", s.URL(), want)
	}
	if _, err := s.Do("NO-SUCH-COMMAND"); !strings.HasPrefix(err.Error(), "ERR unknown command") {
		t.Errorf("error is %v", err)
	}
	if got := mustDo(t, s.Do, "GET", "missing"); got != "" {
		t.Errorf("nil is %q", got)
	}
	if !strings.Contains(s.Log(), "Ready to accept connections") {
		t.Errorf("log is %q", s.Log())
	}
}

func TestPasswordOfAnyBytes(t *testing.T) {
	t.Parallel()
	const password = "p@ss/w#rd: \"quoted\" \\back 'é%\n"
	s := Start(t, WithPassword(password), WithUser("reader", "other", "~cache:* +get"))
	mustDo(t, s.Do, "SET", "cache:1", "v")
	if _, err := ask(t, s.Addr(), "PING"); err == nil || !strings.HasPrefix(err.Error(), "NOAUTH ") {
		t.Errorf("without a password: %v", err)
	}
	u, err := url.Parse(s.URL())
	if err != nil {
		t.Fatal("URL does not parse")
	}
	if got, _ := u.User.Password(); got != password || u.User.Username() != "default" {
		t.Errorf("URL carries %q and %q", u.User.Username(), got)
	}
	c, err := dial("tcp", s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	mustDo(t, c.do, "AUTH", "reader", "other")
	if got := mustDo(t, c.do, "GET", "cache:1"); got != "v" {
		t.Errorf("GET gives %q", got)
	}
	if _, err := c.do("GET", "private"); err == nil || !strings.HasPrefix(err.Error(), "NOPERM ") {
		t.Errorf("a key outside the rules: %v", err)
	}
	if _, err := c.do("AUTH", "reader", "wrong"); err == nil || !strings.HasPrefix(err.Error(), "WRONGPASS ") {
		t.Errorf("a wrong password: %v", err)
	}
}

func TestAdminWithoutDefaultUser(t *testing.T) {
	t.Parallel()
	s := Start(t, WithUser("default", "", "off"), WithAdmin("root", "secret"))
	if got := mustDo(t, s.Do, "ACL", "WHOAMI"); got != "root" {
		t.Errorf("Do speaks as %q", got)
	}
	if _, err := ask(t, s.Addr(), "PING"); err == nil || !strings.HasPrefix(err.Error(), "NOAUTH ") {
		t.Errorf("the default user: %v", err)
	}
	if want := "redis://root:secret@" + s.Addr(); s.URL() != want {
		t.Errorf("URL is %s, want %s", s.URL(), want)
	}
}

func TestSocketAndIPv6(t *testing.T) {
	t.Parallel()
	s := Start(t, WithSocket(), WithBind("::1"))
	if len(s.Socket) >= 104 {
		t.Errorf("socket path of %d bytes", len(s.Socket))
	}
	if want := "[::1]:" + strconv.Itoa(s.Port); s.Addr() != want {
		t.Errorf("address is %s, want %s", s.Addr(), want)
	}
	if want := "unix://" + s.Socket; s.SocketURL() != want {
		t.Errorf("socket URL is %s, want %s", s.SocketURL(), want)
	}
	c, err := dial("unix", s.Socket)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	mustDo(t, c.do, "PING")
	if _, err := ask(t, addrOf(s.Port), "PING"); !isRefused(err) {
		t.Errorf("127.0.0.1: %v", err)
	}
}

func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	servers, err := launchAll(t, 12, nil)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[int]bool{}
	for _, s := range servers {
		if seen[s.Port] {
			t.Errorf("port %d twice", s.Port)
		}
		seen[s.Port] = true
		if got := s.Info("server")["process_id"]; got != strconv.Itoa(s.Pid()) {
			t.Errorf("process %s answers, Pid says %d", got, s.Pid())
		}
	}
}

func TestCleanup(t *testing.T) {
	t.Parallel()
	m := &minimalTB{}
	var s *Server
	if failure := m.run(func() { s = Start(m, WithSocket()) }); failure != "" {
		t.Fatal(failure)
	}
	s.Pause()
	m.cleanup()
	if s.Running() {
		t.Error("the server still runs")
	}
	for _, path := range []string{s.Dir, s.Socket} {
		if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestFailureShowsLogWithoutSecrets(t *testing.T) {
	t.Parallel()
	m := &minimalTB{}
	defer m.cleanup()
	failure := m.run(func() { Start(m, WithPassword("hunter2"), WithArgs("--maxmemory-policy", "hunter2")) })
	if !strings.Contains(failure, "FATAL CONFIG FILE ERROR") {
		t.Errorf("failure is %q", failure)
	}
	if strings.Contains(failure, "hunter2") {
		t.Errorf("failure shows the password: %q", failure)
	}
}

func TestMissingBinary(t *testing.T) {
	t.Setenv(binaryVar, "/nonexistent/redis-server")
	m := &minimalTB{}
	defer m.cleanup()
	failure := m.run(func() { Start(m) })
	for _, want := range []string{"/nonexistent/redis-server", "make test", "scripts/ensure-redis.sh", binaryVar} {
		if !strings.Contains(failure, want) {
			t.Errorf("failure %q does not name %q", failure, want)
		}
	}
}

func TestSocketPathIsShort(t *testing.T) {
	long := filepath.Join(t.TempDir(), strings.Repeat("long", 30))
	if err := os.Mkdir(long, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", long)
	path, err := socketPath(t)
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	if err := ln.Close(); err != nil {
		t.Error(err)
	}
	if len(path) >= 104 {
		t.Errorf("path of %d bytes", len(path))
	}
}

package redistest

import (
	"strings"
	"testing"
	"time"
)

// wantError asserts the code of an error reply.
func wantError(t *testing.T, s *Server, code string, args ...string) {
	t.Helper()
	if reply, err := s.Do(args...); err == nil || !strings.HasPrefix(err.Error(), code+" ") {
		t.Errorf("%v: reply %q, error %v, want %s", args, reply, err, code)
	}
}

func TestLoading(t *testing.T) {
	t.Parallel()
	s, finish := StartLoading(t, WithPassword("pw"))
	wantError(t, s, "LOADING", "PING")
	wantError(t, s, "LOADING", "GET", "a")
	if got := s.Info("persistence")["loading"]; got != "1" {
		t.Errorf("loading is %q", got)
	}
	finish()
	if got := mustDo(t, s.Do, "DBSIZE"); got != "60000" {
		t.Errorf("%s keys", got)
	}
}

func TestLoadingInSilence(t *testing.T) {
	t.Parallel()
	s, _ := StartLoading(t, WithArgs("--loading-process-events-interval-bytes", "2097152"))
	c, err := dial("tcp", s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if err := c.send("PING"); err != nil {
		t.Fatal(err)
	}
	if err := c.SetReadDeadline(time.Now().Add(500 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if reply, err := c.receive(); !isTimeout(err) {
		t.Errorf("reply %q, error %v", reply, err)
	}
}

func TestOOM(t *testing.T) {
	t.Parallel()
	s := Start(t)
	leave := s.EnterOOM()
	wantError(t, s, "OOM", "SET", "a", strings.Repeat("x", 1<<15))
	mustDo(t, s.Do, "PING")
	leave()
	mustDo(t, s.Do, "SET", "a", "1")
	if got := mustDo(t, s.Do, "DBSIZE"); got != "1" {
		t.Errorf("%s keys are left", got)
	}
}

func TestMisconf(t *testing.T) {
	t.Parallel()
	s := Start(t)
	mustDo(t, s.Do, "SET", "a", "1")
	leave := s.EnterMisconf()
	wantError(t, s, "MISCONF", "PING")
	wantError(t, s, "MISCONF", "SET", "a", "2")
	if got := mustDo(t, s.Do, "GET", "a"); got != "1" {
		t.Errorf("a is %q", got)
	}
	if got := s.Info("persistence")["rdb_last_bgsave_status"]; got != "err" {
		t.Errorf("status of the last save is %q", got)
	}
	leave()
	mustDo(t, s.Do, "SET", "a", "2")
}

func TestBusy(t *testing.T) {
	t.Parallel()
	s := Start(t, WithPassword("pw"))
	leave := s.EnterBusy()
	wantError(t, s, "BUSY", "PING")
	wantError(t, s, "BUSY", "INFO")
	leave()
	mustDo(t, s.Do, "PING")
}

func TestMaxClients(t *testing.T) {
	t.Parallel()
	s := Start(t)
	leave := s.EnterMaxClients(3)
	wantError(t, s, "ERR max number of clients", "PING")
	leave()
	if got := s.Info("clients")["maxclients"]; got != "10000" {
		t.Errorf("maxclients is %s", got)
	}
}

func TestNoReplicas(t *testing.T) {
	t.Parallel()
	s := Start(t)
	leave := s.EnterNoReplicas()
	wantError(t, s, "NOREPLICAS", "SET", "a", "1")
	mustDo(t, s.Do, "GET", "a")
	leave()
	mustDo(t, s.Do, "SET", "a", "1")
}

func TestMasterDown(t *testing.T) {
	t.Parallel()
	primary, replica := StartMasterDown(t)
	wantError(t, replica, "MASTERDOWN", "GET", "a")
	wantError(t, replica, "MASTERDOWN", "PING")
	primary.Restart()
	eventually(t, replica, "PONG", "PING")
}

func TestProtected(t *testing.T) {
	t.Parallel()
	s, stranger := StartProtected(t)
	if reply, err := ask(t, stranger.Addr(), "PING"); err == nil || !strings.HasPrefix(err.Error(), "DENIED ") {
		t.Errorf("a stranger gets %q, error %v", reply, err)
	}
	mustDo(t, s.Do, "PING")
}

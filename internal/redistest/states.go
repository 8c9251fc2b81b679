package redistest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// StartLoading starts a server that answers LOADING for a minute, as it reads 60,000 keys from an RDB file at 1 ms
// each. finish lets it read the rest at once and waits for it.
//
// The server serves connections once every 1 kB of the file. WithArgs("--loading-process-events-interval-bytes",
// "2097152"), Redis's default, makes it as silent as a real one with small keys is for its first seconds; finish cannot
// reach it then.
func StartLoading(t TB, opts ...Option) (s *Server, finish func()) {
	t.Helper()
	const keys, delay = 60000, 1000 // µs
	s = Start(t, opts...)
	s.must("DEBUG", "POPULATE", strconv.Itoa(keys), "cache", "32")
	s.must("SAVE")
	s.Stop()
	s.set.args = append([]string{
		"--key-load-delay", strconv.Itoa(delay),
		"--loading-process-events-interval-bytes", "1024",
	}, s.set.args...)
	if err := s.boot(s.loading); err != nil {
		t.Fatalf("redistest: start loading: %v", err)
	}
	return s, func() {
		t.Helper()
		s.must("CONFIG", "SET", "key-load-delay", "0")
		if err := poll(bootWait, "data to be loaded", s.ready); err != nil {
			t.Fatalf("redistest: %v", err)
		}
	}
}

// loading tells whether the server has begun to read its data.
func (s *Server) loading() error {
	if !strings.Contains(s.Log(), "RDB age") {
		return errors.New("it does not read its RDB file yet")
	}
	return nil
}

// refuses waits until the server answers a command with the given error code (or first words).
func (s *Server) refuses(code string, args ...string) {
	s.t.Helper()
	err := poll(bootWait, code, func() error {
		reply, err := s.Do(args...)
		if words, said := errors.AsType[ReplyError](err); said && strings.HasPrefix(string(words), code+" ") {
			return nil
		}
		return errors.Join(fmt.Errorf("%s gives %q", args[0], reply), err)
	})
	if err != nil {
		s.t.Fatalf("redistest: %v", err)
	}
}

// EnterOOM fills the memory to its limit, 1 MB above what is used now, under noeviction: writes answer OOM. leave takes
// the limit away and the filling out.
func (s *Server) EnterOOM() (leave func()) {
	s.t.Helper()
	const room, entry = 1 << 20, 16 << 10
	used, err := strconv.Atoi(s.Info("memory")["used_memory"])
	if err != nil {
		s.t.Fatalf("redistest: used_memory: %v", err)
	}
	s.must("CONFIG", "SET", "maxmemory-policy", "noeviction")
	s.must("CONFIG", "SET", "maxmemory", strconv.Itoa(used+room))
	filling := strings.Repeat("x", entry)
	var keys []string
	for i := range 4 * room / entry {
		key := fmt.Sprintf("filling:%d", i)
		if _, err = s.Do("SET", key, filling); err != nil {
			break
		}
		keys = append(keys, key)
	}
	if err == nil || !strings.HasPrefix(err.Error(), "OOM ") {
		s.t.Fatalf("redistest: fill memory: got %v, not OOM", err)
	}
	// A large entry does not fit any more; with the limit well below what is used, neither does the smallest.
	s.must("CONFIG", "SET", "maxmemory", strconv.Itoa(used+room/2))
	return func() {
		s.t.Helper()
		s.must("CONFIG", "SET", "maxmemory", "0")
		s.must(append([]string{"DEL"}, keys...)...)
	}
}

// EnterMisconf makes the server fail to save its RDB file, for root too: a folder stands where dump.rdb should be. It
// then answers MISCONF to writes and to PING. leave removes the folder and saves.
func (s *Server) EnterMisconf() (leave func()) {
	s.t.Helper()
	obstacle := filepath.Join(s.Dir, "dump.rdb")
	err := errors.Join(os.RemoveAll(obstacle), os.MkdirAll(filepath.Join(obstacle, "not-empty"), 0o700))
	if err != nil {
		s.t.Fatalf("redistest: %v", err)
	}
	s.must("CONFIG", "SET", "save", "3600 1000000") // without save points Redis does not care
	s.must("BGSAVE")
	s.refuses("MISCONF", "PING")
	return func() {
		s.t.Helper()
		if err := os.RemoveAll(obstacle); err != nil {
			s.t.Fatalf("redistest: %v", err)
		}
		s.must("BGSAVE")
		err := poll(bootWait, "save to succeed", func() error { _, err := s.Do("PING"); return err })
		if err != nil {
			s.t.Fatalf("redistest: %v", err)
		}
		s.must("CONFIG", "SET", "save", "")
	}
}

// EnterBusy runs a script without end: the server answers BUSY to nearly everything. leave kills the script.
func (s *Server) EnterBusy() (leave func()) {
	s.t.Helper()
	_, threshold, _ := strings.Cut(s.must("CONFIG", "GET", "busy-reply-threshold"), "\n")
	s.must("CONFIG", "SET", "busy-reply-threshold", "50") // ms; the name is of Redis 7.0
	c, err := s.login()
	if err != nil {
		s.t.Fatalf("redistest: %v", err)
	}
	s.t.Cleanup(func() { _ = c.Close() })
	if err := c.send("EVAL", "while true do end", "0"); err != nil {
		s.t.Fatalf("redistest: run script: %v", err)
	}
	s.refuses("BUSY", "PING")
	return func() {
		s.t.Helper()
		s.must("SCRIPT", "KILL")
		if err := poll(bootWait, "script to end", s.ready); err != nil {
			s.t.Fatalf("redistest: %v", err)
		}
		s.must("CONFIG", "SET", "busy-reply-threshold", threshold)
		_ = c.Close()
	}
}

// EnterMaxClients lowers maxclients to n and holds so many connections: every further one, the administrator's too, is
// told so and closed. leave closes those held and puts the limit back.
func (s *Server) EnterMaxClients(n int) (leave func()) {
	s.t.Helper()
	_, limit, _ := strings.Cut(s.must("CONFIG", "GET", "maxclients"), "\n")
	held := &holder{}
	s.t.Cleanup(held.release)
	for range n {
		c, err := s.login()
		if err != nil {
			s.t.Fatalf("redistest: hold a connection: %v", err)
		}
		held.add(c)
		if _, err := c.do("PING"); err != nil {
			s.t.Fatalf("redistest: hold a connection: %v", err)
		}
	}
	s.must("CONFIG", "SET", "maxclients", strconv.Itoa(n))
	s.refuses("ERR max number", "PING")
	return func() {
		s.t.Helper()
		held.release()
		set := func() error { _, err := s.Do("CONFIG", "SET", "maxclients", limit); return err }
		if err := poll(bootWait, "room for a connection", set); err != nil {
			s.t.Fatalf("redistest: %v", err)
		}
	}
}

// EnterNoReplicas demands a replica that is not there: writes answer NOREPLICAS. leave demands none.
func (s *Server) EnterNoReplicas() (leave func()) {
	s.t.Helper()
	s.must("CONFIG", "SET", "min-replicas-to-write", "1")
	s.refuses("NOREPLICAS", "SET", "redistest", "1")
	return func() {
		s.t.Helper()
		s.must("CONFIG", "SET", "min-replicas-to-write", "0")
	}
}

// StartMasterDown starts a primary and a replica that serves no stale data, and stops the primary: the replica answers
// MASTERDOWN. primary.Restart mends it.
func StartMasterDown(t TB, opts ...Option) (primary, replica *Server) {
	t.Helper()
	primary = Start(t, opts...)
	replica = StartReplica(t, primary, WithArgs("--replica-serve-stale-data", "no"))
	primary.Stop()
	replica.refuses("MASTERDOWN", "GET", "redistest")
	return primary, replica
}

// StartProtected starts a server in protected mode, without a password, and a proxy that reaches it from 127.0.0.2.
// Redis takes only 127.0.0.1 and ::1 for the machine itself, so that clients of the proxy get DENIED as strangers do,
// while nothing leaves the loopback interface. Systems without 127.0.0.2 (macOS) cannot do this.
func StartProtected(t TB, opts ...Option) (*Server, *Proxy) {
	t.Helper()
	s := Start(t, slices.Concat(opts, []Option{withConf([]string{"protected-mode", "yes"})})...)
	return s, startProxy(t, s.Addr(), "127.0.0.2")
}

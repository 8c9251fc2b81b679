package redistest

import (
	"bytes"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// through connects to the proxy.
func through(t *testing.T, p *Proxy) *client {
	t.Helper()
	c, err := dial("tcp", p.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func TestProxyIsTransparent(t *testing.T) {
	t.Parallel()
	s := Start(t, WithPassword("pw"))
	p := StartProxy(t, s.Addr())
	if want := "redis://default:pw@" + p.Addr(); p.URLOf(s) != want {
		t.Errorf("URL is %s, want %s", p.URLOf(s), want)
	}
	c := through(t, p)
	mustDo(t, c.do, "AUTH", "pw")
	big := strings.Repeat("x", 3<<20)
	mustDo(t, c.do, "SET", "big", big)
	if mustDo(t, c.do, "GET", "big") != big {
		t.Error("a value of 3 MB changed on its way")
	}
	stats := p.Stats()
	if stats.Accepted != 1 || stats.Open != 1 || stats.FromClients < 3<<20 || stats.FromServer < 3<<20 {
		t.Errorf("counters are %+v", stats)
	}
	if got := mustDo(t, c.do, "QUIT"); got != "OK" {
		t.Errorf("QUIT gives %q", got)
	}
	if _, err := c.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("after QUIT: %v", err)
	}
}

func TestProxyPassesHalfClose(t *testing.T) {
	t.Parallel()
	p := StartProxy(t, serve(t, listen(t), func(conn net.Conn) {
		question, err := io.ReadAll(conn)
		if err == nil {
			_, _ = conn.Write(append(question, "!"...))
		}
	}))
	c := through(t, p)
	if _, err := io.WriteString(c, "hello"); err != nil {
		t.Fatal(err)
	}
	if err := c.Conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(c); string(got) != "hello!" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestProxyPassesReset(t *testing.T) {
	t.Parallel()
	p := StartProxy(t, serve(t, listen(t), func(conn net.Conn) {
		if _, err := conn.Read(make([]byte, 1)); err == nil {
			_ = conn.(*net.TCPConn).SetLinger(0)
		}
	}))
	if _, err := ask(t, p.Addr(), "PING"); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("got %v", err)
	}
}

// A client that goes on writing to a server which has left is told so, as it would be without the proxy.
func TestProxyPassesRefusedBytes(t *testing.T) {
	t.Parallel()
	c := through(t, StartProxy(t, Closer(t)))
	err := poll(bootWait, "the client's bytes to be refused", func() error {
		if err := c.send("PING"); err == nil {
			return errors.New("they are taken")
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestProxyBeforeNobody(t *testing.T) {
	t.Parallel()
	p := StartProxy(t, Refused(t))
	if _, err := ask(t, p.Addr(), "PING"); !errors.Is(err, syscall.ECONNRESET) && !errors.Is(err, io.EOF) {
		t.Errorf("got %v", err)
	}
}

func TestProxyDelay(t *testing.T) {
	t.Parallel()
	const delay, pings, spread = 400 * time.Millisecond, 500, 100
	p := StartProxy(t, Start(t).Addr())
	c := through(t, p)
	mustDo(t, c.do, "PING")
	p.SetDelay(delay)
	start := time.Now()
	mustDo(t, c.do, "PING")
	if took := time.Since(start); took < delay {
		t.Errorf("one PING took %s", took)
	}
	start = time.Now()
	for range pings { // separate writes: each arrives delay/2 after it was sent, not after the one before
		if err := c.send("PING"); err != nil {
			t.Fatal(err)
		}
	}
	for range pings {
		if _, err := c.receive(); err != nil {
			t.Fatal(err)
		}
	}
	if took := time.Since(start); took < delay || took > 10*delay {
		t.Errorf("%d pipelined PINGs took %s", pings, took)
	}
	// A reader that slept instead of stamping would make bytes wait for the ones before them.
	sent, trips := make(chan time.Time, spread), make([]time.Duration, 0, spread)
	go func() {
		defer close(sent)
		for range spread {
			sent <- time.Now()
			if err := c.send("PING"); err != nil {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
	}()
	for at := range sent {
		if _, err := c.receive(); err != nil {
			t.Fatal(err)
		}
		trips = append(trips, time.Since(at))
	}
	slices.Sort(trips)
	if fast, slow := trips[spread/10], trips[spread*9/10]; fast < delay || slow-fast > delay/4 {
		t.Errorf("round trips take %s to %s", fast, slow)
	}
	p.Clear()
	start = time.Now()
	mustDo(t, c.do, "PING")
	if took := time.Since(start); took >= delay {
		t.Errorf("PING took %s after Clear", took)
	}
}

func TestProxyBreaks(t *testing.T) {
	t.Parallel()
	s := Start(t)
	mustDo(t, s.Do, "SET", "a", strings.Repeat("x", 1000))
	for _, c := range []struct {
		name  string
		fault func(*Proxy, int)
		want  func(error) bool
	}{
		{"reset", (*Proxy).ResetAfter, func(err error) bool { return errors.Is(err, syscall.ECONNRESET) }},
		{"cut", (*Proxy).CutAfter, func(err error) bool { return err == nil }}, // ReadAll takes EOF for the end
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			const allowed = 100
			p := StartProxy(t, s.Addr())
			old := through(t, p)
			c.fault(p, allowed)
			p.Clear()
			if got := len(mustDo(t, old.do, "GET", "a")); got != 1000 {
				t.Errorf("open connection: %d bytes after Clear", got)
			}
			c.fault(p, allowed)
			for name, conn := range map[string]*client{"open": old, "new": through(t, p)} {
				if err := conn.SetDeadline(time.Now().Add(replyWait)); err != nil {
					t.Fatal(err)
				}
				if err := conn.send("GET", "a"); err != nil {
					t.Fatal(err)
				}
				got, err := io.ReadAll(conn)
				if !c.want(err) {
					t.Errorf("%s connection: %v", name, err)
				}
				if want := append([]byte("$1000\r\n"), bytes.Repeat([]byte("x"), allowed-7)...); !bytes.Equal(got, want) {
					t.Errorf("%s connection: %d bytes: %q", name, len(got), got)
				}
			}
			p.Clear()
			if got := len(mustDo(t, through(t, p).do, "GET", "a")); got != 1000 {
				t.Errorf("%d bytes after Clear", got)
			}
		})
		t.Run(c.name+" at once", func(t *testing.T) {
			t.Parallel()
			p := StartProxy(t, s.Addr())
			old := through(t, p)
			mustDo(t, old.do, "PING")
			c.fault(p, 0)
			if err := old.SetDeadline(time.Now().Add(replyWait)); err != nil {
				t.Fatal(err)
			}
			if got, err := io.ReadAll(old); len(got) != 0 || !c.want(err) {
				t.Errorf("open connection: %q, %v", got, err)
			}
			fresh, err := dial("tcp", p.Addr()) // a reset may come before connect has returned
			if err == nil {
				defer func() { _ = fresh.Close() }()
				if err = fresh.SetDeadline(time.Now().Add(replyWait)); err != nil {
					t.Fatal(err)
				}
				_, err = io.ReadAll(fresh)
			}
			if !c.want(err) {
				t.Errorf("new connection: %v", err)
			}
		})
	}
}

func TestProxyBlackhole(t *testing.T) {
	t.Parallel()
	p := StartProxy(t, Start(t).Addr())
	old := through(t, p)
	mustDo(t, old.do, "PING")
	p.Blackhole()
	fresh := through(t, p)
	silent := func(name string, c *client) {
		t.Helper()
		if err := c.send("PING"); err != nil {
			t.Errorf("%s connection: %v", name, err)
		}
		if err := c.SetReadDeadline(time.Now().Add(200 * time.Millisecond)); err != nil {
			t.Fatal(err)
		}
		if _, err := c.receive(); !isTimeout(err) {
			t.Errorf("%s connection: %v", name, err)
		}
	}
	silent("open", old)
	silent("new", fresh)
	p.Clear()
	silent("open, cleared,", old)
	mustDo(t, through(t, p).do, "PING")
}

func TestProxyClosesAndRefuses(t *testing.T) {
	t.Parallel()
	p := StartProxy(t, Start(t).Addr())
	old := through(t, p)
	mustDo(t, old.do, "PING")

	p.CloseOnAccept()
	c := through(t, p)
	if err := c.SetDeadline(time.Now().Add(replyWait)); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("closed on accept: %v", err)
	}
	mustDo(t, old.do, "PING")
	p.Clear()

	p.RefuseNew()
	if _, err := connect("tcp", p.Addr(), replyWait); !isRefused(err) {
		t.Errorf("refused: %v", err)
	}
	mustDo(t, old.do, "PING")
	p.Clear()
	mustDo(t, through(t, p).do, "PING")
	if got := p.Stats(); got.Accepted != 3 {
		t.Errorf("counters are %+v", got)
	}
}

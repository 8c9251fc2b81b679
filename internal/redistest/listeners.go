package redistest

import (
	"io"
	"log"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"
)

func addrOf(port int) string { return net.JoinHostPort(loopback, strconv.Itoa(port)) }

// Silent accepts connections and never says a word; it gives its host:port.
func Silent(t TB) string {
	t.Helper()
	return serve(t, listen(t), drain)
}

// Closer accepts connections and closes them at once; it gives its host:port.
func Closer(t TB) string {
	t.Helper()
	return serve(t, listen(t), func(net.Conn) {})
}

// Banner greets every connection with the given bytes, as SSH, SMTP and MySQL do, and says no more; it gives its
// host:port.
func Banner(t TB, banner string) string {
	t.Helper()
	return serve(t, listen(t), func(conn net.Conn) {
		if _, err := io.WriteString(conn, banner); err == nil {
			drain(conn)
		}
	})
}

// HTTP is a web server: 404 for every page, 400 for what is not HTTP; it gives its host:port.
func HTTP(t TB) string {
	t.Helper()
	ln := listen(t)
	srv := &http.Server{
		Handler:           http.NotFoundHandler(),
		ReadHeaderTimeout: time.Minute,
		ErrorLog:          log.New(io.Discard, "", 0),
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = srv.Serve(ln) // ends when closed
	}()
	t.Cleanup(func() {
		if err := srv.Close(); err != nil {
			t.Logf("redistest: close web server: %v", err)
		}
		<-done
	})
	return ln.Addr().String()
}

// Refused is a host:port where nothing listens, and nothing will during the test.
func Refused(t TB) string {
	t.Helper()
	res, err := reserve(false)
	if err != nil {
		t.Fatalf("redistest: %v", err)
	}
	t.Cleanup(func() {
		if err := res.release(); err != nil {
			t.Logf("redistest: release port: %v", err)
		}
	})
	return addrOf(res.port)
}

func listen(t TB) *net.TCPListener {
	t.Helper()
	ln, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.ParseIP(loopback)})
	if err != nil {
		t.Fatalf("redistest: listen: %v", err)
	}
	return ln
}

// serve handles every connection on its own until Cleanup, which closes all that are open, and gives the address.
func serve(t TB, ln net.Listener, handle func(net.Conn)) string {
	var (
		mu     sync.Mutex
		wg     sync.WaitGroup
		conns  = map[net.Conn]struct{}{}
		closed bool
	)
	enter := func(conn net.Conn) bool {
		mu.Lock()
		defer mu.Unlock()
		conns[conn] = struct{}{}
		return !closed
	}
	leave := func(conn net.Conn) {
		mu.Lock()
		defer mu.Unlock()
		delete(conns, conn)
		_ = conn.Close() // may be closed already
	}
	wg.Go(func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return // closed
			}
			wg.Go(func() {
				defer leave(conn)
				if enter(conn) {
					handle(conn)
				}
			})
		}
	})
	t.Cleanup(func() {
		_ = ln.Close()
		mu.Lock()
		closed = true
		for conn := range conns {
			_ = conn.Close()
		}
		mu.Unlock()
		wg.Wait()
	})
	return ln.Addr().String()
}

// drain reads and forgets until the other side leaves.
func drain(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }

// Package redistest starts real redis-server processes for tests and breaks things for real: servers with passwords,
// ACLs and TLS, replicas, Sentinels, clusters, the states in which a server refuses to work, a fault proxy, and
// listeners that are no Redis at all. Everything stays on loopback addresses and unix sockets, and everything is ended
// by the test's Cleanup; on Linux servers also end when the test binary is killed (its temporary folders then remain).
//
// The server is the one OLYMP_TEST_REDIS_SERVER names, else redis-server from PATH. Version 7.0 is the oldest one
// served; Valkey works too.
package redistest

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
)

// binaryVar is the environment variable that names the server to test against.
const binaryVar = "OLYMP_TEST_REDIS_SERVER"

// Server is one running server process. Its methods end the test when they cannot do what they say; they are to be
// called from the test's goroutine, but for Do, URL and the like.
type Server struct {
	Port     int       // the plain port; 0 if there is none (TLS only)
	TLSPort  int       // the TLS port; 0 without TLS
	Socket   string    // path of the unix socket; with TLS there is always one, for the package itself
	Dir      string    // the server's working directory, removed by Cleanup
	Password string    // of the default user; "" for none
	TLS      *TLSFiles // certificates, nil without TLS

	t      TB
	set    settings
	binary string
	res    []*reservation

	mu   sync.Mutex
	proc *process
}

// Start starts a server and waits until it answers. It keeps nothing on disk unless told so by an option.
func Start(t TB, opts ...Option) *Server {
	t.Helper()
	s, err := launch(t, newSettings(opts))
	if err != nil {
		t.Fatalf("redistest: start server: %v", err)
	}
	return s
}

// errPortTaken is a race lost: somebody outside this package bound the port between our look and the server's start.
var errPortTaken = errors.New("port taken")

// launch starts a server. It is Start for several goroutines at once, which must not call Fatalf.
func launch(t TB, set settings) (*Server, error) {
	binary, err := findBinary()
	if err != nil {
		return nil, err
	}
	s := &Server{t: t, set: set, binary: binary, Dir: t.TempDir(), Password: set.password}
	t.Cleanup(s.cleanup)
	if set.tls != nil {
		if s.TLS = set.tlsFiles; s.TLS == nil {
			if s.TLS, err = makeTLS(t.TempDir(), *set.tls); err != nil {
				return nil, err
			}
		}
		s.set.tlsFiles = s.TLS
	}
	// The package's own way in to a TLS server: it works whatever is wrong with the certificates.
	if set.socket || set.tls != nil {
		if s.Socket, err = socketPath(t); err != nil {
			return nil, err
		}
	}
	for range 20 {
		err = s.tryPorts()
		if !errors.Is(err, errPortTaken) {
			break
		}
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

func findBinary() (string, error) {
	name := os.Getenv(binaryVar)
	if name == "" {
		name = "redis-server"
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return "", fmt.Errorf("%w: these tests need a real redis-server; \"make test\" installs one "+
			"(scripts/ensure-redis.sh), or name one in %s", err, binaryVar)
	}
	return path, nil
}

// socketPath makes a folder of its own: the paths of t.TempDir are longer than the 104 bytes a socket's may have.
func socketPath(t TB) (string, error) {
	const room = 80
	base := os.TempDir()
	if len(base) > room {
		base = "/tmp"
	}
	dir, err := os.MkdirTemp(base, "rt")
	if err != nil {
		return "", err
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Logf("redistest: remove socket folder: %v", err)
		}
	})
	return filepath.Join(dir, "s"), nil
}

// tryPorts starts the server on fresh ports.
func (s *Server) tryPorts() error {
	if err := s.releasePorts(); err != nil {
		return err
	}
	var err error
	if s.TLS == nil || s.set.alsoPlain {
		if s.Port, err = s.reserve(s.TLS == nil); err != nil {
			return err
		}
	}
	if s.TLS != nil {
		if s.TLSPort, err = s.reserve(true); err != nil {
			return err
		}
	}
	conf := confFile(s.set.lines(s))
	if err := os.WriteFile(s.confPath(), []byte(conf), 0o600); err != nil {
		return err
	}
	return s.boot(s.ready)
}

// reserve reserves a port; the main one of a cluster node comes with a bus port.
func (s *Server) reserve(main bool) (int, error) {
	r, err := reserve(main && s.set.cluster)
	if err != nil {
		return 0, err
	}
	s.res = append(s.res, r)
	return r.port, nil
}

func (s *Server) releasePorts() error {
	var errs []error
	for _, r := range s.res {
		errs = append(errs, r.release())
	}
	s.res = nil
	return errors.Join(errs...)
}

func (s *Server) confPath() string { return filepath.Join(s.Dir, "server.conf") }

func (s *Server) cleanup() {
	if p := s.process(); p != nil {
		if err := p.kill(); err != nil {
			s.t.Logf("redistest: kill server %d: %v", p.pid(), err)
		} else {
			<-p.done
		}
	}
	if err := s.releasePorts(); err != nil {
		s.t.Logf("redistest: release ports: %v", err)
	}
}

// mainPort is the port that Addr and URL name: the TLS port if there is one.
func (s *Server) mainPort() int {
	if s.TLSPort != 0 {
		return s.TLSPort
	}
	return s.Port
}

// Host is the address the server listens on, 127.0.0.1 unless bound elsewhere.
func (s *Server) Host() string { return s.set.bind[0] }

// Addr is host:port, of the TLS port if there is one.
func (s *Server) Addr() string { return net.JoinHostPort(s.Host(), strconv.Itoa(s.mainPort())) }

// URL is how a client reaches the server, without a database: redis://… or rediss://…, with the default user's password
// (or the administrator of [WithAdmin]) if there is one.
func (s *Server) URL() string {
	admin := s.set.admin
	if admin.password == "" {
		return s.URLOf("", "", s.Addr())
	}
	return s.URLOf(admin.name, admin.password, s.Addr())
}

// URLOf is the URL for other credentials (none if both are empty) or another address that leads here: the same port
// under "localhost", a proxy.
func (s *Server) URLOf(user, password, addr string) string {
	u := url.URL{Scheme: "redis", Host: addr}
	if s.TLSPort != 0 {
		u.Scheme = "rediss"
	}
	if user != "" || password != "" {
		u.User = url.UserPassword(user, password)
	}
	return u.String()
}

// SocketURL is unix://… with credentials if any; the server must have been started with a socket.
func (s *Server) SocketURL() string {
	u := url.URL{Scheme: "unix", Path: s.Socket}
	if s.set.admin.password != "" {
		u.User = url.UserPassword(s.set.admin.name, s.set.admin.password)
	}
	return u.String()
}

// Do sends one command as the administrator, over a connection of its own, and gives the text of its reply: nothing for
// a nil, one line per element for an array. An error reply comes as a [ReplyError].
func (s *Server) Do(args ...string) (string, error) {
	c, err := s.login()
	if err != nil {
		return "", err
	}
	reply, err := c.do(args...)
	if cerr := c.Close(); err == nil && cerr != nil {
		return "", cerr
	}
	return reply, err
}

// must is Do for what cannot fail on a healthy server.
func (s *Server) must(args ...string) string {
	s.t.Helper()
	reply, err := s.Do(args...)
	if err != nil {
		s.t.Fatalf("redistest: %s: %s", strings.ToUpper(args[0]), s.redact(err.Error()))
	}
	return reply
}

// login connects and authenticates as the administrator.
func (s *Server) login() (*client, error) {
	network, addr := "tcp", s.Addr()
	if s.TLS != nil {
		network, addr = "unix", s.Socket
	}
	c, err := dial(network, addr)
	if err != nil {
		return nil, err
	}
	if s.set.admin.password == "" {
		return c, nil
	}
	if _, err := c.do("AUTH", s.set.admin.name, s.set.admin.password); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"time"
)

// server is a redis-server of the bench's own.
type server struct {
	port string
	dir  string
	cmd  *exec.Cmd
}

func (s *server) url() string { return "redis://127.0.0.1:" + s.port + "/0" }

// startServer runs redis-server on a free loopback port and waits until it accepts.
func startServer(ctx context.Context) (*server, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &server{port: strconv.Itoa(l.Addr().(*net.TCPAddr).Port)}
	if err := l.Close(); err != nil {
		return nil, err
	}
	if s.dir, err = os.MkdirTemp("", "olymp-bench-"); err != nil {
		return nil, err
	}
	//nolint:gosec // our own arguments
	s.cmd = exec.CommandContext(context.WithoutCancel(ctx), "redis-server", "--port", s.port, "--bind", "127.0.0.1",
		"--dir", s.dir, "--save", "", "--appendonly", "no")
	if err := s.cmd.Start(); err != nil {
		_ = os.RemoveAll(s.dir) // the start's error is the one to report
		return nil, fmt.Errorf("redis-server: %w (scripts/ensure-redis.sh installs it)", err)
	}
	for range 200 {
		nc, err := (&net.Dialer{}).DialContext(ctx, "tcp", "127.0.0.1:"+s.port)
		if err == nil {
			return s, nc.Close()
		}
		time.Sleep(25 * time.Millisecond)
	}
	s.stop()
	return nil, fmt.Errorf("redis-server did not answer on port %s", s.port)
}

func (s *server) stop() {
	_ = s.cmd.Process.Signal(syscall.SIGTERM) // gone already is as good
	_ = s.cmd.Wait()                          // as above
	_ = os.RemoveAll(s.dir)                   // a temporary folder
}

// Package demo starts a Redis on a free loopback port and fills it like the cache of the Olympiades API, so that the tool
// can be seen at work where there is none.
package demo

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
)

// startWait bounds the start of a redis-server.
const startWait = 10 * time.Second

// Demo is a running server with its cache and its API.
type Demo struct {
	// Real says that the installed redis-server runs; otherwise it is miniredis, inside this process.
	Real   bool
	URL    string // redis://127.0.0.1:PORT/0
	APIURL string // the endpoint that answers with X-Cache
	Keys   int    // how many were put in

	stops []func()
}

// Start brings up the server, its keys and the API. Close stops them; cancelling ctx alone does not.
func Start(ctx context.Context) (*Demo, error) {
	logging.Disable() // while the server starts, the driver would log every refused connection
	d := &Demo{}
	addr, err := d.startServer(ctx)
	if err != nil {
		d.Close()
		return nil, err
	}
	d.URL = "redis://" + addr + "/0"
	client := redis.NewClient(&redis.Options{Addr: addr, DisableIdentity: true, MaxRetries: -1, ContextTimeoutEnabled: true})
	d.stops = append(d.stops, func() { _ = client.Close() }) // the server goes next
	if d.Keys, err = fill(ctx, client, time.Now()); err != nil {
		d.Close()
		return nil, fmt.Errorf("fill the demo cache: %w", err)
	}
	if err := d.startAPI(ctx, client); err != nil {
		d.Close()
		return nil, fmt.Errorf("start the demo API: %w", err)
	}
	return d, nil
}

// Close stops everything, last started first.
func (d *Demo) Close() {
	for i := len(d.stops) - 1; i >= 0; i-- {
		d.stops[i]()
	}
	d.stops = nil
}

func (d *Demo) startServer(ctx context.Context) (addr string, err error) {
	if path, lerr := exec.LookPath("redis-server"); lerr == nil {
		// A port that was free may be taken a moment later; another one will do.
		for range 3 {
			if addr, err = d.startReal(ctx, path); err == nil {
				d.Real = true
				return addr, nil
			}
			if ctx.Err() != nil {
				return "", context.Cause(ctx)
			}
		}
	}
	m := miniredis.NewMiniRedis()
	if merr := m.StartAddr("127.0.0.1:0"); merr != nil {
		return "", fmt.Errorf("start miniredis: %w", errors.Join(merr, err))
	}
	// miniredis stands still in time unless told: its keys would never expire.
	ticker := time.NewTicker(time.Second)
	done := make(chan struct{})
	go func() {
		for {
			select {
			case <-ticker.C:
				m.FastForward(time.Second)
			case <-done:
				return
			}
		}
	}()
	d.stops = append(d.stops, func() { ticker.Stop(); close(done); m.Close() })
	return m.Addr(), nil
}

// startReal runs redis-server on a free port, in a folder of its own, and waits for PONG.
func (d *Demo) startReal(ctx context.Context, path string) (addr string, err error) {
	port, err := freePort(ctx)
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "olymp-cache-demo-")
	if err != nil {
		return "", err
	}
	remove := func() { _ = os.RemoveAll(dir) } // a temporary folder; the system sweeps it too
	//nolint:gosec // the program is what PATH names redis-server, the arguments are ours
	cmd := exec.CommandContext(context.WithoutCancel(ctx), path,
		"--port", strconv.Itoa(port), "--bind", "127.0.0.1", "--dir", dir, "--daemonize", "no",
		"--save", "", "--appendonly", "no", "--maxmemory", "256mb", "--maxmemory-policy", "allkeys-lru", "--loglevel", "warning")
	ownGroup(cmd)
	if err := cmd.Start(); err != nil {
		remove()
		return "", err
	}
	p := &process{cmd: cmd, gone: make(chan struct{})}
	go func() {
		p.err = cmd.Wait()
		close(p.gone)
	}()
	stop := func() { p.terminate(); remove() }
	addr = net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	if err := p.waitForPong(ctx, addr); err != nil {
		stop()
		return "", err
	}
	d.stops = append(d.stops, stop)
	return addr, nil
}

// process is a running redis-server; err is why it ended, once gone is closed.
type process struct {
	cmd  *exec.Cmd
	gone chan struct{}
	err  error
}

// terminate stops the server and waits until it is gone.
func (p *process) terminate() {
	_ = interrupt(p.cmd) // gone already is as good
	select {
	case <-p.gone:
	case <-time.After(3 * time.Second):
		_ = p.cmd.Process.Kill() // as above
		<-p.gone
	}
}

func (p *process) waitForPong(ctx context.Context, addr string) error {
	ctx, cancel := context.WithTimeout(ctx, startWait)
	defer cancel()
	c := redis.NewClient(&redis.Options{Addr: addr, DisableIdentity: true, MaxRetries: -1, DialerRetries: 1, ContextTimeoutEnabled: true})
	defer c.Close() //nolint:errcheck // only PING went over it
	for {
		if c.Ping(ctx).Err() == nil {
			return nil
		}
		select {
		case <-p.gone:
			return fmt.Errorf("redis-server ended at once: %w", p.err)
		case <-ctx.Done():
			return fmt.Errorf("redis-server did not answer: %w", context.Cause(ctx))
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// freePort asks the kernel for one.
func freePort(ctx context.Context) (int, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close() //nolint:errcheck // nothing was accepted
	return l.Addr().(*net.TCPAddr).Port, nil
}

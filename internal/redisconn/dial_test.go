package redisconn

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

// TestDeadAddressDoesNotHoldUp: an address that swallows packets costs its head start, not the time-out.
func TestDeadAddressDoesNotHoldUp(t *testing.T) {
	t.Parallel()
	dead := redistest.Backlogged(t)
	host, port, err := net.SplitHostPort(dead)
	if err != nil {
		t.Fatal(err)
	}
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", net.JoinHostPort("::1", port))
	if err != nil {
		t.Skipf("no IPv6 loopback here: %v", err)
	}
	t.Cleanup(func() { _ = l.Close() })
	d := &dialer{timeout: 10 * time.Second}
	nc, _, took, err := d.connectAny(t.Context(), []string{host, "::1"}, port, "both:"+port)
	if err != nil || took > 5*time.Second || !strings.Contains(nc.RemoteAddr().String(), "::1") {
		t.Fatalf("got %v after %v", err, took)
	}
	_ = nc.Close()
}

// TestAllAddressesShareOneTimeout: many dead addresses take no longer than one, and the time-out is what is told.
func TestAllAddressesShareOneTimeout(t *testing.T) {
	t.Parallel()
	host, port, err := net.SplitHostPort(redistest.Backlogged(t))
	if err != nil {
		t.Fatal(err)
	}
	d := &dialer{timeout: 700 * time.Millisecond}
	start := time.Now()
	_, tries, _, err := d.connectAny(context.Background(), []string{"127.0.0.9", host, host}, port, "many:"+port)
	e, ok := AsError(err)
	if !ok || e.ID != "tcp-timeout" || time.Since(start) > 3*time.Second {
		t.Fatalf("got %v after %v", err, time.Since(start))
	}
	if len(tries) != 3 || tries[0].Duration <= 0 || tries[0].Err == nil {
		t.Errorf("tries are %+v", tries)
	}
}

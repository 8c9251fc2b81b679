package redistest

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"sync"
	"testing"
)

// minimalTB is no more than the interface asks for: what a script engine's adapter would be.
type minimalTB struct {
	mu       sync.Mutex
	cleanups []func()
	failure  string
}

var _ TB = testing.TB(nil)

func (*minimalTB) Helper()             {}
func (*minimalTB) Logf(string, ...any) {}
func (*minimalTB) Name() string        { return "minimal" }

func (m *minimalTB) Cleanup(f func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.cleanups = append(m.cleanups, f)
}

func (m *minimalTB) Fatalf(format string, args ...any) {
	m.failure = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

func (m *minimalTB) TempDir() string {
	dir, err := os.MkdirTemp("", "minimal")
	if err != nil {
		m.Fatalf("%v", err)
	}
	m.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// run runs f as a test would be run, and returns the failure.
func (m *minimalTB) run(f func()) string {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	<-done
	return m.failure
}

func (m *minimalTB) cleanup() {
	slices.Reverse(m.cleanups)
	for _, f := range m.cleanups {
		f()
	}
}

func mustDo(t *testing.T, do func(...string) (string, error), args ...string) string {
	t.Helper()
	reply, err := do(args...)
	if err != nil {
		t.Fatalf("%v: %v", args, err)
	}
	return reply
}

// ask sends one command to any address.
func ask(t *testing.T, addr string, args ...string) (string, error) {
	t.Helper()
	c, err := dial("tcp", addr)
	if err != nil {
		return "", err
	}
	defer func() { _ = c.Close() }()
	return c.do(args...)
}

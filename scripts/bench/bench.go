package main

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"sync"
)

// bencher is what redistest needs of a test: the servers of a benchmark are those of the tests.
type bencher struct {
	mu       sync.Mutex // servers are started side by side
	cleanups []func()
	fatal    error
}

// errFatal is how Fatalf leaves.
var errFatal = errors.New("bench")

// Helper is for tests only.
func (b *bencher) Helper() {}

// Cleanup keeps what is to be done at the end.
func (b *bencher) Cleanup(f func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.cleanups = append(b.cleanups, f)
}

// Fatalf ends the benchmark.
func (b *bencher) Fatalf(format string, args ...any) {
	b.fatal = fmt.Errorf("%w: %s", errFatal, fmt.Sprintf(format, args...))
	runtime.Goexit()
}

// Logf is for tests only.
func (b *bencher) Logf(string, ...any) {}

// Name names the benchmark.
func (b *bencher) Name() string { return "bench" }

// TempDir is a folder that is removed at the end.
func (b *bencher) TempDir() string {
	dir, err := os.MkdirTemp("", "olymp-bench-")
	if err != nil {
		b.Fatalf("%v", err)
	}
	b.Cleanup(func() { _ = os.RemoveAll(dir) }) // a temporary folder
	return dir
}

// run runs f in a goroutine of its own, which Fatalf may end.
func (b *bencher) run(f func() error) error {
	ended := make(chan error, 1)
	go func() {
		var err error
		defer func() { ended <- errors.Join(err, b.fatal) }()
		err = f()
	}()
	return <-ended
}

// end stops what was started, last in, first out.
func (b *bencher) end() {
	for _, f := range slices.Backward(b.cleanups) {
		f()
	}
	b.cleanups = nil
}

package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
)

// bencher is what redistest needs of a test: the servers of a benchmark are those of the tests.
type bencher struct {
	cleanups []func()
}

// errFatal is how Fatalf leaves.
var errFatal = errors.New("bench")

// Helper is for tests only.
func (b *bencher) Helper() {}

// Cleanup keeps what is to be done at the end.
func (b *bencher) Cleanup(f func()) { b.cleanups = append(b.cleanups, f) }

// Fatalf ends the benchmark.
func (b *bencher) Fatalf(format string, args ...any) {
	panic(fmt.Errorf("%w: %s", errFatal, fmt.Sprintf(format, args...)))
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

// end stops what was started, last in, first out.
func (b *bencher) end() {
	for _, f := range slices.Backward(b.cleanups) {
		f()
	}
	b.cleanups = nil
}

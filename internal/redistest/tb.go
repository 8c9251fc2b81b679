package redistest

// TB is what the package needs of a test. [testing.TB] satisfies it, and so does a small adapter around a script
// engine. Fatalf must not return (testing's ends the goroutine), and is only called from the goroutine that called the
// package. Functions given to Cleanup run last in, first out. Cleanup, TempDir and Logf may be called by several
// goroutines at once.
type TB interface {
	Helper()
	Cleanup(func())
	Fatalf(format string, args ...any)
	Logf(format string, args ...any)
	TempDir() string
	Name() string
}

//go:build race

package redistest

// slowdown stretches every wait: the race detector makes a test several times slower.
const slowdown = 3

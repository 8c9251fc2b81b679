//go:build !race

package redistest

// slowdown stretches every wait under the race detector; this build is without it.
const slowdown = 1

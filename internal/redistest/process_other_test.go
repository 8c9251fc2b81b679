//go:build !linux

package redistest

// diesWithParent tells whether the system kills a server whose test binary was killed.
const diesWithParent = false

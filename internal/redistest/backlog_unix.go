//go:build unix

package redistest

import (
	"errors"
	"net"
	"syscall"
)

// shortenBacklog calls listen(2) again with the shortest queue; the net package always asks for the longest.
func shortenBacklog(ln *net.TCPListener) error {
	raw, err := ln.SyscallConn()
	if err != nil {
		return err
	}
	var lerr error
	err = raw.Control(func(fd uintptr) { lerr = syscall.Listen(int(fd), 0) })
	return errors.Join(err, lerr)
}

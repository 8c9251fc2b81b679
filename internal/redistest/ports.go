package redistest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
)

const (
	// firstPort and lastPort bound the ports handed out. Bus ports lie busOffset higher, and all of them lie below the
	// ephemeral ranges (Linux 32768, macOS and Windows 49152): no client socket and no ":0" listener takes a port while
	// its server is stopped.
	firstPort, lastPort = 10240, 22240
	// busOffset is where Redis Cluster puts its bus unless told otherwise, in every version.
	busOffset = 10000
	portTries = 200
)

// reservation holds a TCP port for as long as it is needed, also while nothing listens on it. Test binaries that run at
// the same time agree by a UDP socket on the same number: it needs no file, and the kernel frees it even if the test
// binary is killed.
type reservation struct {
	port  int
	locks []*net.UDPConn
}

// reserve finds a free port; with bus, one whose cluster bus port is free too.
func reserve(bus bool) (*reservation, error) {
	var last error
	for range portTries {
		//nolint:gosec // G404: a port number is no secret
		r := &reservation{port: firstPort + rand.IntN(lastPort-firstPort)}
		last = r.lock(r.port)
		if last == nil && bus {
			last = r.lock(r.port + busOffset)
		}
		if last == nil {
			return r, nil
		}
		last = errors.Join(last, r.release())
	}
	return nil, fmt.Errorf("no free port found in %d tries: %w", portTries, last)
}

func (r *reservation) lock(port int) error {
	ip := net.ParseIP(loopback)
	lock, err := net.ListenUDP("udp4", &net.UDPAddr{IP: ip, Port: port})
	if err != nil {
		return err
	}
	r.locks = append(r.locks, lock)
	ln, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: ip, Port: port})
	if err != nil {
		return err
	}
	return ln.Close()
}

// release lets others have the port.
func (r *reservation) release() error {
	var errs []error
	for _, lock := range r.locks {
		errs = append(errs, lock.Close())
	}
	r.locks = nil
	return errors.Join(errs...)
}

package redistest

import (
	"context"
	"encoding/binary"
	"net"
	"net/netip"
	"strings"
)

// Question types of DNS.
const (
	TypeA    = 1
	TypeNS   = 2
	TypeAAAA = 28
)

// UnknownName is DNS's result code for a name that does not exist (NXDOMAIN).
const UnknownName = 3

// UseResolver makes the program ask a name server of the test's own, over UDP on loopback. answer gives the addresses of a name
// and its result code: 0 is fine, 2 a failure of the server, 3 an unknown name. Tests with it are not parallel, as the
// resolver is one for the whole program.
func UseResolver(t TB, answer func(name string, kind uint16) ([]netip.Addr, byte)) {
	t.Helper()
	server, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatalf("redistest: resolver: %v", err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		buf := make([]byte, 1500)
		for {
			n, from, err := server.ReadFromUDP(buf)
			if err != nil {
				return // closed
			}
			if reply := dnsReply(buf[:n], answer); reply != nil {
				_, _ = server.WriteToUDP(reply, from) // who asked may have left
			}
		}
	}()
	before := net.DefaultResolver
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{Resolver: before}).DialContext(ctx, "udp4", server.LocalAddr().String())
	}}
	t.Cleanup(func() {
		net.DefaultResolver = before
		_ = server.Close()
		<-done
	})
}

// dnsReply answers the one question of a message.
func dnsReply(query []byte, answer func(string, uint16) ([]netip.Addr, byte)) []byte {
	const header = 12
	var labels []string
	at := header
	for at < len(query) && query[at] != 0 {
		end := at + 1 + int(query[at])
		if end > len(query) {
			return nil
		}
		labels = append(labels, string(query[at+1:end]))
		at = end
	}
	if at+5 > len(query) {
		return nil
	}
	kind := binary.BigEndian.Uint16(query[at+1:])
	addresses, code := answer(strings.Join(labels, "."), kind)
	// The query's id, a response with recursion, its question, so many answers, nothing more.
	count := byte(len(addresses)) //nolint:gosec // a handful
	reply := append([]byte{query[0], query[1], 0x81, 0x80 | code, 0, 1, 0, count, 0, 0, 0, 0}, query[header:at+5]...)
	for _, a := range addresses {
		reply = append(reply, 0xc0, header) // the name of the question
		reply = binary.BigEndian.AppendUint16(reply, kind)
		length := byte(a.BitLen() / 8)                      //nolint:gosec // 4 or 16
		reply = append(reply, 0, 1, 0, 0, 0, 60, 0, length) // class IN, a minute
		reply = append(reply, a.AsSlice()...)
	}
	return reply
}

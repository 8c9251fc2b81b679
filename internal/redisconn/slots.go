package redisconn

import (
	"bytes"
	"context"
	"slices"

	"github.com/redis/go-redis/v9"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/resp"
)

// slotCount is how many slots a cluster has (Redis's cluster.h).
const slotCount = 16384

// Slots tells which server has which key, as the cluster told when it was asked.
type Slots struct {
	Addrs []string // of the primaries, in order
	of    []int    // by slot: the place in Addrs, −1 where no server has it; nil where one server has all keys
}

// Slots asks for the map. The error is an *Error or ctx's own.
func (c *Conn) Slots(ctx context.Context) (*Slots, error) {
	if c.cluster == nil {
		return &Slots{Addrs: []string{c.server.Addr}}, nil
	}
	ranges, err := c.slots(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, c.Named(err)
	}
	s := &Slots{of: slices.Repeat([]int{-1}, slotCount)}
	ranges = slices.DeleteFunc(ranges, func(r redis.ClusterSlot) bool {
		return len(r.Nodes) == 0 || r.Start < 0 || r.Start > r.End || r.End >= slotCount
	})
	for _, r := range ranges {
		s.Addrs = append(s.Addrs, r.Nodes[0].Addr) // the primary stands first
	}
	slices.Sort(s.Addrs)
	s.Addrs = slices.Compact(s.Addrs)
	for _, r := range ranges {
		place := slices.Index(s.Addrs, r.Nodes[0].Addr)
		for slot := r.Start; slot <= r.End; slot++ {
			s.of[slot] = place
		}
	}
	if len(s.Addrs) == 0 {
		return nil, c.name(c.server.Addr, errNoSlots, nil)
	}
	return s, nil
}

// errNoSlots is what a cluster without any served slot answers to every command about a key.
const errNoSlots = resp.Error("CLUSTERDOWN Hash slot not served")

// Server is the place in Addrs of the server that has a key; -1 where no server has its slot.
func (s *Slots) Server(key []byte) int {
	if s.of == nil {
		return 0
	}
	return s.of[Slot(key)]
}

// Slot is the slot of a key: of the part between the first «{» and the next «}» where there is something between them, else of all of it
// (keyHashSlot in Redis's cluster.c).
func Slot(key []byte) int {
	if open := bytes.IndexByte(key, '{'); open >= 0 {
		if length := bytes.IndexByte(key[open+1:], '}'); length > 0 {
			key = key[open+1 : open+1+length]
		}
	}
	// CRC-16 XMODEM, half a byte at a time.
	crc := uint16(0)
	for _, c := range key {
		crc = crc<<4 ^ crcNibble[crc>>12^uint16(c>>4)]
		crc = crc<<4 ^ crcNibble[crc>>12^uint16(c&15)]
	}
	return int(crc) % slotCount
}

// crcNibble is the remainder for each half byte, polynomial 0x1021.
var crcNibble = [16]uint16{
	0x0000, 0x1021, 0x2042, 0x3063, 0x4084, 0x50a5, 0x60c6, 0x70e7, 0x8108, 0x9129, 0xa14a, 0xb16b, 0xc18c, 0xd1ad, 0xe1ce, 0xf1ef,
}

// Writable tells whether keys may be written here: the server is no Sentinel, was not known as a replica at the login, and PING was
// answered (a server that loads its data or refuses writes says so there). The error is an *Error.
func (c *Conn) Writable() error {
	s := c.server
	at := []finding.Evidence{{Name: "address", Value: s.Addr}}
	switch {
	case s.IsSentinel:
		return &Error{ID: "proto-sentinel", Step: StepProtocol, Addr: s.Addr, Evidence: at}
	case c.pingErr != nil:
		return c.pingErr
	case s.Role == "replica" && s.Mode != ModeCluster:
		return &Error{ID: "server-readonly", Step: StepCommand, Addr: s.Addr, Evidence: at}
	}
	return nil
}

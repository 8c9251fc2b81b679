// Package backup is the file that holds keys: one zstd stream with a header, one record a key, and a trailer. It is written beside
// its place and gets its name when it is whole, and nothing is believed of one that is read before all its checksums agreed.
//
// Inside the zstd stream, numbers are unsigned varints and sums are 8 bytes, little endian:
//
//	magic                                                        «olymp-cache/backup» and a line feed
//	length, header in JSON                            sum
//	kind, length, expiry, length, key, payload        sum        for each key; expiry in Unix ms, 0 for none
//	'e', records, bytes of keys and payloads          sum
//
// Each sum is the CRC-64 (ECMA) of all data that stands before it, other sums left out, so that no record can be lost, doubled or moved.
package backup

import (
	"errors"
	"fmt"
	"hash/crc64"
)

const (
	// magic is what the stream begins with.
	magic = "olymp-cache/backup\n"
	// Format is the version that is written, and the newest that is read.
	Format = 1

	longestHeader  = 64 << 10
	longestKey     = 512 << 20 // as Redis has it
	longestPayload = 1 << 30   // twice Redis's own limit for a value, 512 MB

	sumSize    = 8
	trailerTag = 'e'
)

// Header says where a backup comes from.
type Header struct {
	Format        int    `json:"format"`
	ToolVersion   string `json:"tool_version"`
	Product       string `json:"server"`         // "redis", "valkey", … or "unknown"
	ServerVersion string `json:"server_version"` // "" where the server did not tell
	Target        string `json:"target"`         // the URL, masked
	DB            int    `json:"db"`
	Mode          string `json:"mode"`
	CreatedMS     int64  `json:"created_ms"` // Unix time
	Pattern       string `json:"pattern,omitempty"`
	Type          string `json:"type,omitempty"`
}

// Kind is what a payload is.
type Kind byte

// The kinds.
const (
	Dump  Kind = 'd' // what DUMP answers, for RESTORE
	Value Kind = 'v' // a string as GET answers it, where DUMP is refused
)

// Record is one key. Its bytes are valid until the next record is read.
type Record struct {
	Key       []byte
	ExpiresAt int64 // Unix time in ms; 0 for a key that never expires
	Kind      Kind
	Payload   []byte
}

// Summary is how much a backup holds.
type Summary struct {
	Records    int64
	Bytes      int64 // of keys and payloads
	RDBVersion int   // the newest of the DUMP payloads'; 0 where there are none
}

// rdbTail is what a DUMP payload ends in: the version of its format in 2 bytes, little endian, and a checksum in 8 (createDumpPayload
// in Redis's cluster.c).
const rdbTail = 10

// saw takes a key and the end of its payload into account.
func (s *Summary) saw(kind Kind, key, payload int, tail []byte) {
	s.Records++
	s.Bytes += int64(key) + int64(payload)
	if kind == Dump && len(tail) >= rdbTail {
		tail = tail[len(tail)-rdbTail:]
		s.RDBVersion = max(s.RDBVersion, int(tail[0])|int(tail[1])<<8)
	}
}

// Fault is why a file is no backup that can be used.
type Fault string

// The faults.
const (
	Empty     Fault = "empty"     // no byte in it
	Foreign   Fault = "foreign"   // another program's file
	Truncated Fault = "truncated" // it ends before its trailer
	Altered   Fault = "altered"   // what it says and its sums disagree
	Newer     Fault = "newer"     // made by a newer version of this program
)

// FormatError is a file that must not be used.
type FormatError struct {
	Fault  Fault
	Record int64 // how many records were read and right before
	Err    error // what was seen; may be nil
}

func (e *FormatError) Error() string {
	s := fmt.Sprintf("backup %s after %d records", e.Fault, e.Record)
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap gives the cause.
func (e *FormatError) Unwrap() error { return e.Err }

// errSum is a checksum that disagrees.
var errSum = errors.New("the checksum disagrees")

// sums makes the table of the checksum; the package hash/crc64 keeps one of its own for this polynomial.
func sums() *crc64.Table { return crc64.MakeTable(crc64.ECMA) }

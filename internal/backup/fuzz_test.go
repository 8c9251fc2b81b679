package backup_test

import (
	"bytes"
	"errors"
	"hash/crc64"
	"testing"

	"github.com/olympiades-ia/olymp-cache/internal/backup"
)

func sum(b []byte) uint64 { return crc64.Checksum(b, crc64.MakeTable(crc64.ECMA)) }

// FuzzFile: any bytes are read to an end or refused, and what is taken can be written and read again.
func FuzzFile(f *testing.F) {
	whole := write(f, records(20))
	f.Add(whole)
	f.Add(whole[:len(whole)/2])
	f.Add([]byte(nil))
	f.Fuzz(func(t *testing.T, file []byte) { check(t, file) })
}

// FuzzInside: the same behind a right compression, which would hide what is inside from most changes.
func FuzzInside(f *testing.F) {
	f.Add(unpack(f, write(f, records(5))))
	f.Add(begin(`{"format":1}`))
	f.Fuzz(func(t *testing.T, plain []byte) { check(t, pack(t, plain)) })
}

func check(t *testing.T, file []byte) {
	_, all, err := read(bytes.NewReader(file))
	var bad *backup.FormatError
	if err != nil {
		if !errors.As(err, &bad) {
			t.Fatalf("an error without a name: %v", err)
		}
		return
	}
	if _, again, err := read(bytes.NewReader(write(t, all))); err != nil || len(again) != len(all) {
		t.Fatalf("%d records became %d: %v", len(all), len(again), err)
	}
}

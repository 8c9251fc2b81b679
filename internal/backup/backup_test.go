package backup_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"github.com/olympiades-ia/olymp-cache/internal/backup"
)

var header = backup.Header{
	ToolVersion: "1.2", Product: "redis", ServerVersion: "7.0.15", Target: "redis://h:6379/0", Mode: "standalone", CreatedMS: 1,
}

// records are some keys, a name that is no text and an empty one among them.
func records(n int) []backup.Record {
	random := rand.New(rand.NewPCG(1, uint64(n)))
	all := make([]backup.Record, n)
	for i := range all {
		payload := make([]byte, random.IntN(300))
		for j := range payload {
			payload[j] = byte(random.UintN(256))
		}
		all[i] = backup.Record{Key: fmt.Appendf(nil, "key\n\x00\xff:%d", i), Kind: backup.Dump, Payload: payload}
		if i%3 == 0 {
			all[i].ExpiresAt = int64(1_700_000_000_000 + i)
		}
		if i%5 == 0 {
			all[i].Kind = backup.Value
		}
	}
	if n > 1 {
		all[0].Key, all[1].Payload = []byte{}, []byte{}
	}
	return all
}

func write(t testing.TB, all []backup.Record) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := backup.NewWriter(&b, header)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range all {
		if err := w.Add(r); err != nil {
			t.Fatal(err)
		}
	}
	total, err := w.Close()
	if err != nil || total.Records != int64(len(all)) {
		t.Fatal(total, err)
	}
	return b.Bytes()
}

// read reads all that a file gives before its end or its fault.
func read(from io.Reader) (h backup.Header, all []backup.Record, err error) {
	r, err := backup.NewReader(from)
	if err != nil {
		return h, nil, err
	}
	defer r.Close()
	for {
		rec, err := r.Next()
		if errors.Is(err, io.EOF) {
			return r.Header, all, nil
		}
		if err != nil {
			return r.Header, all, err
		}
		rec.Key, rec.Payload = bytes.Clone(rec.Key), bytes.Clone(rec.Payload)
		all = append(all, rec)
	}
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 2, 5000} {
		want := records(n)
		file := write(t, want)
		h, got, err := read(bytes.NewReader(file))
		if err != nil {
			t.Fatalf("%d records: %v", n, err)
		}
		wantHeader := header
		wantHeader.Format = backup.Format
		if diff := cmp.Diff(wantHeader, h); diff != "" {
			t.Error(diff)
		}
		if len(want) != len(got) {
			t.Fatalf("%d records, want %d", len(got), len(want))
		}
		for i := range want {
			if !bytes.Equal(want[i].Key, got[i].Key) || !bytes.Equal(want[i].Payload, got[i].Payload) ||
				want[i].ExpiresAt != got[i].ExpiresAt || want[i].Kind != got[i].Kind {
				t.Fatalf("record %d differs", i)
			}
		}
		var names int
		if _, total, err := backup.Verify(bytes.NewReader(file), func(r backup.Record) error {
			if !bytes.Equal(r.Key, want[names].Key) {
				return fmt.Errorf("name %d differs", names)
			}
			names++
			return nil
		}); err != nil || total.Records != int64(n) || names != n {
			t.Errorf("verified %d of %d: %v", names, n, err)
		}
	}
}

func TestOtherFiles(t *testing.T) {
	t.Parallel()
	whole := write(t, records(50))
	for name, c := range map[string]struct {
		file []byte
		want backup.Fault
	}{
		"empty":           {nil, backup.Empty},
		"two bytes":       {whole[:2], backup.Truncated},
		"text":            {[]byte("REDIS0011\xfa"), backup.Foreign},
		"one byte":        {[]byte("x"), backup.Foreign},
		"other zstd":      {pack(t, []byte(strings.Repeat("somebody else's", 99))), backup.Foreign},
		"empty zstd":      {pack(t, nil), backup.Truncated},
		"behind it":       {append(bytes.Clone(whole), "more"...), backup.Altered},
		"twice":           {append(bytes.Clone(whole), whole...), backup.Altered},
		"huge header":     {pack(t, binary.AppendUvarint([]byte(magic), 1<<40)), backup.Altered},
		"longest header":  {pack(t, binary.AppendUvarint([]byte(magic), 64<<10)), backup.Truncated},
		"endless number":  {pack(t, append([]byte(magic), bytes.Repeat([]byte{0xff}, 20)...)), backup.Altered},
		"half its bytes":  {whole[:len(whole)/2], backup.Truncated},
		"last byte gone":  {whole[:len(whole)-1], backup.Truncated},
		"newer":           {pack(t, begin(`{"format":2}`)), backup.Newer},
		"no format":       {pack(t, begin(`{}`)), backup.Altered},
		"header no JSON":  {pack(t, begin(`{"format":`)), backup.Altered},
		"without trailer": {pack(t, begin(`{"format":1}`)), backup.Truncated},
	} {
		_, _, err := read(bytes.NewReader(c.file))
		var bad *backup.FormatError
		if !errors.As(err, &bad) || bad.Fault != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

// TestEveryBit: no bit of a backup can be another, and no byte be missing at the end.
func TestEveryBit(t *testing.T) {
	t.Parallel()
	want := []backup.Record{
		{Key: []byte("a"), Kind: backup.Dump, Payload: []byte("first, first, first, first")},
		{Key: []byte("b"), Kind: backup.Value, ExpiresAt: 1_700_000_000_000, Payload: []byte("second")},
	}
	whole := write(t, want)
	for i := range whole {
		for bit := range 8 {
			changed := bytes.Clone(whole)
			changed[i] ^= 1 << bit
			if _, got, err := read(bytes.NewReader(changed)); err == nil {
				// The frame's header has bits that say nothing (RFC 8878: unused bit); what is read must be the same then.
				if len(got) != len(want) {
					t.Fatalf("byte %d, bit %d: taken for a backup of %d records", i, bit, len(got))
				}
				for k := range got {
					if !bytes.Equal(got[k].Payload, want[k].Payload) || !bytes.Equal(got[k].Key, want[k].Key) {
						t.Fatalf("byte %d, bit %d: other records were read", i, bit)
					}
				}
			}
		}
		if _, _, err := read(bytes.NewReader(whole[:i])); err == nil {
			t.Fatalf("cut at %d of %d: taken for a backup", i, len(whole))
		}
	}
}

// TestRecordsCannotMove: a record left out, doubled or in another place is seen though it is right by itself.
func TestRecordsCannotMove(t *testing.T) {
	t.Parallel()
	plain := unpack(t, write(t, []backup.Record{
		{Key: []byte("aaaa"), Kind: backup.Dump, Payload: []byte("1111")}, {Key: []byte("bbbb"), Kind: backup.Dump, Payload: []byte("2222")},
	}))
	const record = 4 + 4 + 4 + 8
	first := bytes.Index(plain, []byte("aaaa")) - 4
	a, b := plain[first:first+record], plain[first+record:first+2*record]
	start, end := plain[:first], plain[first+2*record:]
	for name, parts := range map[string][][]byte{
		"left out": {start, b, end}, "the last left out": {start, a, end}, "doubled": {start, a, a, b, end}, "moved": {start, b, a, end},
		"all left out": {start, end},
	} {
		_, _, err := read(bytes.NewReader(pack(t, bytes.Join(parts, nil))))
		var bad *backup.FormatError
		if !errors.As(err, &bad) || bad.Fault != backup.Altered {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, got, err := read(bytes.NewReader(pack(t, bytes.Join([][]byte{start, a, b, end}, nil)))); err != nil || len(got) != 2 {
		t.Errorf("the test takes records apart in the wrong places: %v", err)
	}
}

// TestAnnouncedLengths: a length that is only announced makes no room.
func TestAnnouncedLengths(t *testing.T) {
	record := []byte{'d'}
	record = binary.AppendUvarint(record, 4)
	record = binary.AppendUvarint(record, 0)
	record = binary.AppendUvarint(record, 1<<30)
	file := pack(t, append(begin(`{"format":1}`), append(record, "keyxvalue"...)...))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, _, err := read(bytes.NewReader(file))
	runtime.ReadMemStats(&after)
	var bad *backup.FormatError
	if !errors.As(err, &bad) || bad.Fault != backup.Truncated {
		t.Errorf("%v, want truncated", err)
	}
	if took := after.TotalAlloc - before.TotalAlloc; took > 32<<20 {
		t.Errorf("%d MB were taken for 9 bytes", took>>20)
	}
}

// TestRDBVersion: the newest version of the payloads is known before any of them is used.
func TestRDBVersion(t *testing.T) {
	t.Parallel()
	dump := func(version byte, value int) backup.Record {
		return backup.Record{Key: []byte("k"), Kind: backup.Dump, Payload: append(make([]byte, value), version, 0, 1, 2, 3, 4, 5, 6, 7, 8)}
	}
	file := write(t, []backup.Record{dump(9, 3), dump(11, 200_000), {Key: []byte("v"), Kind: backup.Value, Payload: dump(99, 1).Payload}, dump(10, 1)})
	_, total, err := backup.Verify(bytes.NewReader(file), nil)
	if err != nil || total.RDBVersion != 11 {
		t.Errorf("version %d, want 11: %v", total.RDBVersion, err)
	}
}

type failing struct{ after *bytes.Reader }

var errDisk = errors.New("input/output error")

func (f failing) Read(p []byte) (int, error) {
	n, err := f.after.Read(p)
	if errors.Is(err, io.EOF) {
		err = errDisk
	}
	return n, err
}

// TestDiskFails: a disk that cannot be read is not called a wrong file.
func TestDiskFails(t *testing.T) {
	t.Parallel()
	whole := write(t, records(5000))
	for _, n := range []int{0, 3, 20, len(whole) / 2, len(whole)} {
		_, _, err := read(failing{bytes.NewReader(whole[:n])})
		if !errors.Is(err, errDisk) {
			t.Errorf("after %d bytes: %v", n, err)
		}
	}
}

type full struct{ left int }

func (f *full) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return 0, errDisk
	}
	return len(p), nil
}

// TestDiskFull: no byte that could not be written is lost without a word.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	all := records(5000)
	size := len(write(t, all))
	for _, left := range []int{0, 10, size / 2, size - 1} {
		w, err := backup.NewWriter(&full{left}, header)
		for i := 0; err == nil && i < len(all); i++ {
			err = w.Add(all[i])
		}
		if err == nil {
			_, err = w.Close()
		}
		if !errors.Is(err, errDisk) {
			t.Errorf("with room for %d of %d bytes: %v", left, size, err)
		}
	}
}

const magic = "olymp-cache/backup\n"

// begin is the inside of a file up to its first record.
func begin(header string) []byte {
	b := binary.AppendUvarint([]byte(magic), uint64(len(header)))
	return binary.LittleEndian.AppendUint64(append(b, header...), sum(append(b, header...)))
}

func pack(t testing.TB, plain []byte) []byte {
	t.Helper()
	z, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close() //nolint:errcheck // nothing is open
	return z.EncodeAll(plain, nil)
}

func unpack(t testing.TB, file []byte) []byte {
	t.Helper()
	z, err := zstd.NewReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	plain, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

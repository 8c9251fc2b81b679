package backup

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc64"
	"io"
	"math"
	"slices"

	"github.com/klauspost/compress/zstd"
)

const (
	// readAhead is how much of the stream is unpacked at once, in bytes.
	readAhead = 64 << 10
	// widestWindow is how much memory a file may ask for; ours ask for window.
	widestWindow = 8 * window
)

// Reader reads a backup from its beginning to its end. It stops at the first byte that is wrong, so what it has given before may be
// believed, but whether the backup is whole is known at io.EOF only.
type Reader struct {
	Header Header

	file  *source
	zip   *zstd.Decoder
	in    *bufio.Reader
	table *crc64.Table
	sum   uint64
	head  []byte
	key   []byte
	room  []byte
	total Summary
	err   error // that ended it
}

// source tells a disk that fails from a file that is wrong.
type source struct {
	io.Reader
	failed error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		s.failed = err
	}
	return n, err
}

// zstdMagic is what every zstd stream begins with (RFC 8878, 3.1.1).
const zstdMagic = "\x28\xb5\x2f\xfd"

// NewReader reads the header. The error is a *FormatError or that of the file. Close it.
func NewReader(from io.Reader) (*Reader, error) {
	r := &Reader{file: &source{Reader: from}, table: sums()}
	file := bufio.NewReaderSize(r.file, readAhead)
	begins, err := file.Peek(len(zstdMagic))
	switch {
	case r.file.failed != nil:
		return nil, r.file.failed
	case len(begins) == 0:
		return nil, &FormatError{Fault: Empty}
	case string(begins) != zstdMagic[:len(begins)]:
		return nil, &FormatError{Fault: Foreign}
	case err != nil:
		return nil, &FormatError{Fault: Truncated}
	}
	r.zip, err = zstd.NewReader(file, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxWindow(widestWindow))
	if err != nil {
		return nil, err
	}
	r.in = bufio.NewReaderSize(r.zip, readAhead)
	if err := r.readHeader(); err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

// Close frees what the reader holds; the file stays open.
func (r *Reader) Close() { r.zip.Close() }

// Total is how much was read so far.
func (r *Reader) Total() Summary { return r.total }

func (r *Reader) readHeader() error {
	r.head = r.head[:0]
	for range len(magic) {
		if _, err := r.byte(); err != nil {
			return r.broken(err)
		}
	}
	if string(r.head) != magic {
		return &FormatError{Fault: Foreign}
	}
	n, err := r.number(longestHeader)
	if err != nil {
		return r.broken(err)
	}
	r.add(r.head)
	text, err := r.take(nil, n)
	if err == nil {
		err = r.checkSum()
	}
	if err != nil {
		return r.broken(err)
	}
	// A newer format may say more, but says its number the same way.
	if err := json.Unmarshal(text, &r.Header); err != nil {
		return &FormatError{Fault: Altered, Err: err}
	}
	switch {
	case r.Header.Format > Format:
		return &FormatError{Fault: Newer, Err: fmt.Errorf("format %d", r.Header.Format)}
	case r.Header.Format < 1:
		return &FormatError{Fault: Altered, Err: fmt.Errorf("format %d", r.Header.Format)}
	}
	return nil
}

// Next reads the next key; io.EOF after the last of a backup that is whole and right.
func (r *Reader) Next() (Record, error) { return r.next(true) }

// NextName is Next without the payload, which is checked and forgotten.
func (r *Reader) NextName() (Record, error) { return r.next(false) }

func (r *Reader) next(payload bool) (Record, error) {
	if r.err != nil {
		return Record{}, r.err
	}
	rec, err := r.record(payload)
	switch {
	case errors.Is(err, errEnd):
		r.err = r.end()
	case err != nil:
		r.err = r.broken(err)
	default:
		return rec, nil
	}
	return Record{}, r.err
}

// errEnd is the trailer in the place of a record.
var errEnd = errors.New("trailer")

func (r *Reader) record(payload bool) (Record, error) {
	r.head = r.head[:0]
	kind, err := r.byte()
	switch {
	case err != nil:
		return Record{}, err
	case kind == trailerTag:
		return Record{}, errEnd
	case Kind(kind) != Dump && Kind(kind) != Value:
		return Record{}, fmt.Errorf("a record of kind %q", kind)
	}
	keyLen, err := r.number(longestKey)
	if err != nil {
		return Record{}, err
	}
	expires, err := r.number(math.MaxInt64)
	if err != nil {
		return Record{}, err
	}
	length, err := r.number(longestPayload)
	if err != nil {
		return Record{}, err
	}
	r.add(r.head)
	if r.key, err = r.take(r.key[:0], keyLen); err != nil {
		return Record{}, err
	}
	rec := Record{Key: r.key, ExpiresAt: int64(expires), Kind: Kind(kind)} //nolint:gosec // bounded above
	var tail []byte
	if payload {
		r.room, err = r.take(r.room[:0], length)
		rec.Payload, tail = r.room, r.room
	} else {
		tail, err = r.skip(length)
	}
	if err == nil {
		err = r.checkSum()
	}
	if err == nil {
		r.total.saw(rec.Kind, len(rec.Key), int(length), tail) //nolint:gosec // bounded above
	}
	return rec, err
}

// end reads the trailer and wants nothing behind it.
func (r *Reader) end() error {
	records, err := r.number(math.MaxInt64)
	if err != nil {
		return r.broken(err)
	}
	bytes, err := r.number(math.MaxInt64)
	if err != nil {
		return r.broken(err)
	}
	r.add(r.head)
	if err := r.checkSum(); err != nil {
		return r.broken(err)
	}
	if int64(records) != r.total.Records || int64(bytes) != r.total.Bytes { //nolint:gosec // bounded above
		return r.broken(errors.New("the trailer counts otherwise"))
	}
	switch _, err := r.in.ReadByte(); {
	case errors.Is(err, io.EOF) && r.file.failed == nil:
		return io.EOF
	case err == nil:
		return r.broken(errors.New("something stands behind the trailer"))
	default:
		return r.broken(err)
	}
}

// broken names what is wrong with the file.
func (r *Reader) broken(err error) error {
	if r.file.failed != nil {
		return r.file.failed
	}
	fault := Altered
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		fault, err = Truncated, nil
	}
	return &FormatError{Fault: fault, Record: r.total.Records, Err: err}
}

// byte reads one byte of a head.
func (r *Reader) byte() (byte, error) {
	c, err := r.in.ReadByte()
	if err == nil {
		r.head = append(r.head, c)
	}
	return c, err
}

// number reads a number of a head, most at the most.
func (r *Reader) number(most uint64) (uint64, error) {
	var n uint64
	for shift := uint(0); shift < 64; shift += 7 {
		c, err := r.byte()
		if err != nil {
			return 0, err
		}
		if shift == 63 && c > 1 {
			break
		}
		n |= uint64(c&0x7f) << shift
		if c < 0x80 {
			if n > most {
				break
			}
			return n, nil
		}
	}
	return 0, errors.New("a number that is too large")
}

// take reads n bytes behind buf. Room is made as they come: an announced length is not yet a present one. When a quarter is here,
// the rest is believed, so that a large value is not copied over and over.
func (r *Reader) take(buf []byte, n uint64) ([]byte, error) {
	left := n
	err := r.pieces(n, func(piece []byte) {
		if left <= n-n/4 {
			buf = slices.Grow(buf, int(left)) //nolint:gosec // bounded by the callers
		}
		buf = append(buf, piece...)
		left -= uint64(len(piece))
	})
	return buf, err
}

// skip passes over n bytes and gives the last of them.
func (r *Reader) skip(n uint64) (tail []byte, err error) {
	tail = r.room[:0]
	err = r.pieces(n, func(piece []byte) {
		tail = append(tail, piece[max(len(piece)-rdbTail, 0):]...)
		tail = append(tail[:0], tail[max(len(tail)-rdbTail, 0):]...)
	})
	r.room = tail
	return tail, err
}

// pieces passes n bytes on as they come, and adds them to the sum.
func (r *Reader) pieces(n uint64, to func([]byte)) error {
	for n > 0 {
		piece, err := r.in.Peek(int(min(n, readAhead))) //nolint:gosec // bounded
		if len(piece) == 0 {
			return err
		}
		r.add(piece)
		to(piece)
		n -= uint64(len(piece))
		if _, err := r.in.Discard(len(piece)); err != nil {
			return err
		}
	}
	return nil
}

func (r *Reader) add(p []byte) { r.sum = crc64.Update(r.sum, r.table, p) }

// checkSum reads a sum and compares it with that of all so far.
func (r *Reader) checkSum() error {
	want := r.sum
	got, err := r.in.Peek(sumSize)
	if err != nil {
		return err
	}
	if binary.LittleEndian.Uint64(got) != want {
		return errSum
	}
	_, err = r.in.Discard(sumSize)
	return err
}

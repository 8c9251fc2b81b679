package backup

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc64"
	"io"

	"github.com/klauspost/compress/zstd"
)

// window is how far back the compression looks, in bytes: what a reader must keep in memory.
const window = 1 << 20

// Writer writes a backup.
type Writer struct {
	zip   *zstd.Encoder
	table *crc64.Table
	sum   uint64
	head  []byte
	total Summary
}

// NewWriter begins a backup with its header, whose Format it sets.
func NewWriter(to io.Writer, h Header) (*Writer, error) {
	// Two at a time: one block is compressed while the next is filled.
	zip, err := zstd.NewWriter(to, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(2),
		zstd.WithWindowSize(window), zstd.WithLowerEncoderMem(true))
	if err != nil {
		return nil, err
	}
	h.Format = Format
	text, err := json.Marshal(h)
	if err != nil {
		return nil, err
	}
	if len(text) > longestHeader {
		return nil, fmt.Errorf("a header of %d bytes", len(text))
	}
	w := &Writer{zip: zip, table: sums()}
	w.head = append(w.head, magic...)
	w.head = binary.AppendUvarint(w.head, uint64(len(text)))
	return w, w.write(w.head, text)
}

// Add writes one key.
func (w *Writer) Add(r Record) error {
	w.head = append(w.head[:0], byte(r.Kind))
	w.head = binary.AppendUvarint(w.head, uint64(len(r.Key)))
	w.head = binary.AppendUvarint(w.head, uint64(max(r.ExpiresAt, 0)))
	w.head = binary.AppendUvarint(w.head, uint64(len(r.Payload)))
	w.total.saw(r.Kind, len(r.Key), len(r.Payload), r.Payload)
	return w.write(w.head, r.Key, r.Payload)
}

// Close writes the trailer and ends the stream.
func (w *Writer) Close() (Summary, error) {
	w.head = append(w.head[:0], trailerTag)
	w.head = binary.AppendUvarint(w.head, uint64(w.total.Records)) //nolint:gosec // counted up from 0
	w.head = binary.AppendUvarint(w.head, uint64(w.total.Bytes))   //nolint:gosec // as above
	if err := w.write(w.head); err != nil {
		w.drop()
		return w.total, err
	}
	return w.total, w.zip.Close()
}

// Total is what was written so far.
func (w *Writer) Total() Summary { return w.total }

// drop ends the stream without its trailer.
func (w *Writer) drop() { _ = w.zip.Close() } // the file is thrown away

// write writes parts and the sum of all so far.
func (w *Writer) write(parts ...[]byte) error {
	for _, p := range parts {
		w.sum = crc64.Update(w.sum, w.table, p)
		if _, err := w.zip.Write(p); err != nil {
			return err
		}
	}
	var sum [sumSize]byte
	binary.LittleEndian.PutUint64(sum[:], w.sum)
	_, err := w.zip.Write(sum[:])
	return err
}

package value

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/json"
	"errors"
	"io"
	"unicode/utf8"
)

// View is what the bytes of a value are found to be.
type View struct {
	Packed []string // how they were packed and are unpacked here, from the outside in: "gzip", "zlib"
	Format Format
	Bytes  []byte // unpacked
	Cut    bool   // there are more of them
	Text   string // for people, not yet escaped; "" where the bytes are no text
}

const (
	// mostLayers is how often what was unpacked is unpacked again.
	mostLayers = 3
	// widest is how many times larger than its source an indented document may be: thousands of nested brackets would fill the memory with
	// blanks.
	widest = 8
	// roomToIndent is what it may be in any case, in bytes.
	roomToIndent = 64 << 10
)

// Look finds out what bytes are. cut tells that they are the beginning of something longer; at most most bytes are unpacked, 0 for all;
// indent sets out JSON and what is shown as JSON over several lines.
func Look(b []byte, cut bool, most int64, indent bool) View {
	v := View{Bytes: b, Cut: cut}
	for len(v.Packed) < mostLayers {
		name, inner, more, ok := unpack(v.Bytes, v.Cut, most)
		if !ok {
			break
		}
		v.Packed, v.Bytes, v.Cut = append(v.Packed, name), inner, more
	}
	v.Format, v.Text = recognise(v.Bytes, v.Cut)
	switch v.Format {
	case JSON:
		v.Text = setOut(v.Bytes, indent)
	case MessagePack:
		v.Text = setOut([]byte(v.Text), indent)
	}
	return v
}

// unpack undoes one packing. What is damaged is not unpacked; what is cut, as far as it goes.
func unpack(b []byte, cut bool, most int64) (name string, inner []byte, more, ok bool) {
	var (
		r   io.ReadCloser
		err error
	)
	switch {
	case bytes.HasPrefix(b, []byte{0x1f, 0x8b, 8}):
		name = "gzip"
		r, err = gzip.NewReader(bytes.NewReader(b))
	case isZlib(b):
		name = "zlib"
		r, err = zlib.NewReader(bytes.NewReader(b))
	default:
		return "", nil, false, false
	}
	if err != nil {
		return "", nil, false, false
	}
	defer r.Close() //nolint:errcheck // a reader of memory
	limited := io.Reader(r)
	if most > 0 {
		limited = io.LimitReader(r, most+1)
	}
	inner, err = io.ReadAll(limited)
	switch {
	case most > 0 && int64(len(inner)) > most:
		return name, inner[:most], true, true
	case err == nil:
		return name, inner, false, true
	}
	return name, inner, true, cut && len(inner) > 0 && errors.Is(err, io.ErrUnexpectedEOF)
}

// isZlib knows the two bytes of a zlib header (RFC 1950): deflate, a window of 32 kB at most, a sum that fits, no preset dictionary.
func isZlib(b []byte) bool {
	return len(b) > 6 && b[0]&0x0f == 8 && b[0]>>4 <= 7 && (int(b[0])<<8|int(b[1]))%31 == 0 && b[1]&0x20 == 0
}

// setOut writes JSON over several lines or in one. Numbers and strings stay as they are written, to the letter.
func setOut(b []byte, indent bool) string {
	var out bytes.Buffer
	var err error
	if indent && indented(b) <= widest*len(b)+roomToIndent {
		err = json.Indent(&out, bytes.TrimSpace(b), "", "  ")
	} else {
		err = json.Compact(&out, b)
	}
	if err != nil {
		return string(b)
	}
	return out.String()
}

// indented is how long a document will be, at most.
func indented(b []byte) int {
	size, depth, inString := len(b), 0, false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			depth++
			size += 1 + 2*depth
		case c == '}' || c == ']':
			depth--
			size += 1 + 2*depth
		case c == ',':
			size += 1 + 2*depth
		case c == ':':
			size++
		}
	}
	return size
}

// isText tells whether bytes are text for people: UTF-8 without control characters but those of lines, tabs and colours. Where they were
// cut, the last letter may be half.
func isText(b []byte, cut bool) bool {
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			return cut && len(b)-i < utf8.UTFMax && !utf8.FullRune(b[i:])
		case r == '\n', r == '\r', r == '\t', r == '\x1b', r == '\f':
		case r < 0x20, r == 0x7f:
			return false
		}
		i += n
	}
	return true
}

// Whole is text without the half letter that a cut may leave at its end.
func Whole(b []byte) []byte {
	for back := 1; back < utf8.UTFMax && back <= len(b); back++ {
		if tail := b[len(b)-back:]; utf8.RuneStart(tail[0]) {
			if !utf8.FullRune(tail) {
				return b[:len(b)-back]
			}
			break
		}
	}
	return b
}

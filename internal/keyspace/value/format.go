package value

import (
	"bytes"
	"encoding/json"
	"regexp"
	"sync"

	"github.com/tinylib/msgp/msgp"
)

// Format is what unpacked bytes are.
type Format string

// The formats. Those after Binary are named by their first bytes and shown as bytes.
const (
	Empty       Format = "empty"
	Text        Format = "text"
	JSON        Format = "json"
	MessagePack Format = "msgpack" // shown as JSON
	PHP         Format = "php"     // serialize(): text that PHP makes objects of
	Binary      Format = "binary"
	HyperLogLog Format = "hyperloglog"
	Pickle      Format = "pickle" // runs code when it is loaded: never done
	Java        Format = "java"
	Igbinary    Format = "igbinary"
	Damaged     Format = "damaged" // gzip that cannot be unpacked
	Gzip        Format = "gzip"    // of which there is too little to unpack
)

// magics are first bytes that nothing else has.
var magics = []struct {
	start  string
	format Format
}{
	{"HYLL", HyperLogLog},
	{"\xac\xed\x00\x05", Java},
	{"\x00\x00\x00\x02\x14", Igbinary}, // version 2 of it, and an array
	{"\x00\x00\x00\x02\x17", Igbinary}, // or an object
	{"\x28\xb5\x2f\xfd", "zstd"},
	{"\x04\x22\x4d\x18", "lz4"},
	{"\xff\x06\x00\x00sNaPpY", "snappy"},
	{"BZh", "bzip2"},
	{"\xfd7zXZ\x00", "xz"},
	{"\x89PNG\r\n\x1a\n", "png"},
	{"\xff\xd8\xff", "jpeg"},
	{"GIF8", "gif"},
	{"%PDF-", "pdf"},
	{"PK\x03\x04", "zip"},
	{"SQLite format 3\x00", "sqlite"},
	{"\x1f\x8b\x08", Gzip},
}

// php is the beginning of what serialize() writes: an array, an object, a string and so on.
var php = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:a:\d+:\{|[OCE]:\d+:"|s:\d+:"|i:-?\d+;$|b:[01];$|d:[-\d.E+]+;$|N;$)`)
})

// textPickle is the beginning of a pickle of protocol 0 or 1, which is text: a mark and a container, or a class to call.
var textPickle = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:\(?c[A-Za-z_][\w.]*\n\w+\n(?:p\d+\n|\()|\((?:dp|lp|tp)\d*\n|\(i[A-Za-z_][\w.]*\n)`)
})

// recognise finds the format of bytes that are not packed, and their text.
func recognise(b []byte, cut bool) (Format, string) {
	if len(b) == 0 {
		return Empty, ""
	}
	for _, m := range magics {
		if bytes.HasPrefix(b, []byte(m.start)) && (m.start[0] < 0x20 || m.start[0] >= 0x7f || !isText(b, cut) || m.format == HyperLogLog) {
			if m.format == Gzip && !cut {
				return Damaged, ""
			}
			return m.format, ""
		}
	}
	if isPickle(b, cut) {
		return Pickle, ""
	}
	if isText(b, cut) {
		text := b
		if cut {
			text = Whole(b)
		}
		switch {
		case isDocument(b):
			return JSON, ""
		case php().Match(b):
			return PHP, string(text)
		}
		return Text, string(text)
	}
	if text, ok := messagePack(b); ok {
		return MessagePack, text
	}
	return Binary, ""
}

// isPickle knows Python's pickles: protocols 2 to 5 by their opening, older ones by what they begin and end with.
func isPickle(b []byte, cut bool) bool {
	ends := cut || b[len(b)-1] == '.'
	if len(b) > 2 && b[0] == 0x80 && b[1] >= 2 && b[1] <= 5 {
		return ends
	}
	return ends && textPickle().Match(b)
}

// isDocument tells JSON objects and arrays; a number or a word alone is text as well.
func isDocument(b []byte) bool {
	t := bytes.TrimLeft(b, " \t\r\n")
	return len(t) > 0 && (t[0] == '{' || t[0] == '[') && json.Valid(b)
}

// mostPacked is how long a MessagePack value may be that is shown: its text is several times as long.
const mostPacked = 8 << 20

// messagePack reads bytes as MessagePack and gives them as JSON. Any byte is a number in MessagePack: only a map or an array that ends
// where the bytes end is taken for one.
func messagePack(b []byte) (text string, ok bool) {
	switch kind := msgp.NextType(b); {
	case kind != msgp.MapType && kind != msgp.ArrayType, len(b) > mostPacked, !shallow(b):
		return "", false
	}
	rest, err := msgp.Skip(b)
	if err != nil || len(rest) > 0 {
		return "", false
	}
	var out bytes.Buffer
	if rest, err = msgp.UnmarshalAsJSON(&out, b); err != nil || len(rest) > 0 || !json.Valid(out.Bytes()) {
		return "", false
	}
	return out.String(), true
}

// mostNested is how many containers may open in a row. The library's own bound, 100 000, is deep enough to make a short value costly.
const mostNested = 512

// shallow refuses what opens one container after the other.
func shallow(b []byte) bool {
	row := 0
	for _, c := range b {
		if c >= 0x80 && c <= 0x9f || c >= 0xdc && c <= 0xdf {
			if row++; row > mostNested {
				return false
			}
		} else if c > 4 { // the lengths of the longer forms
			row = 0
		}
	}
	return true
}

package report

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"math"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/keyspace/value"
)

// KeyGetSchema names the JSON document of `keys get`.
const KeyGetSchema = "olymp-cache/keys-get/v1"

// KeyValue is the result of `keys get`.
type KeyValue struct {
	Version      string
	Target       Target
	Value        *value.Value
	MaxBytes     int64 // of the value at most, unpacked or not; 0 for no bound
	CommandsSent int
	Duration     time.Duration
}

// jsonBytes is a value that is bytes: as text or, where it is no valid UTF-8, as base64.
type jsonBytes struct {
	Value  *string `json:"value,omitempty"`
	Base64 *string `json:"value_base64,omitempty"`
}

type jsonField struct {
	Field  string `json:"field"`
	Base64 string `json:"field_base64,omitempty"` // set where the name is no valid UTF-8
}

type jsonKeyGet struct {
	Schema  string `json:"schema"`
	Version string `json:"version"`
	Target  Target `json:"target"`
	jsonKey
	Type     string   `json:"type"`
	TTLMS    *int64   `json:"ttl_ms"`
	Bytes    *int64   `json:"bytes"`
	Encoding *string  `json:"encoding"`
	Length   *int64   `json:"length"`
	Format   *string  `json:"format"`
	Packed   []string `json:"packed,omitempty"`
	Distinct *int64   `json:"distinct,omitempty"`
	jsonBytes
	Unpacked     *jsonBytes    `json:"unpacked,omitempty"`
	Elements     []jsonElement `json:"elements,omitempty"`
	Truncated    bool          `json:"truncated"`
	Unread       bool          `json:"unread"`
	Refused      []RefusedAsk  `json:"refused"`
	CommandsSent int           `json:"commands_sent"`
	DurationMS   float64       `json:"duration_ms"`
}

type jsonElement struct {
	ID string `json:"id,omitempty"`
	*jsonField
	*jsonBytes
	Score     any        `json:"score,omitempty"`
	Fields    []jsonPair `json:"fields,omitempty"`
	Truncated bool       `json:"truncated,omitempty"`
}

type jsonPair struct {
	jsonField
	jsonBytes
}

// bytesJSON is a value; of one that was cut, the half letter at its end is left out.
func bytesJSON(b []byte, cut bool) jsonBytes {
	if text := value.Whole(b); cut && utf8.Valid(text) {
		b = text
	}
	if utf8.Valid(b) {
		s := string(b)
		return jsonBytes{Value: &s}
	}
	s := base64.StdEncoding.EncodeToString(b)
	return jsonBytes{Base64: &s}
}

func fieldJSON(s string) jsonField {
	n := nameJSON(s)
	return jsonField{Field: n.Name, Base64: n.Base64}
}

// known is nil for what could not be asked.
func known(n int64) *int64 {
	if n < 0 {
		return nil
	}
	return &n
}

// KeyValueJSON writes one key as schema olymp-cache/keys-get/v1: the bytes that are stored, and what they are when unpacked.
func KeyValueJSON(w io.Writer, k *KeyValue) error {
	v := k.Value
	doc := jsonKeyGet{
		Schema: KeyGetSchema, Version: k.Version, Target: k.Target, jsonKey: keyJSON(v.Key), Type: v.Type, TTLMS: ttlJSON(v.TTL),
		Bytes: known(v.Bytes), Length: known(v.Length), Distinct: known(v.Distinct), Truncated: v.Cut, Unread: v.Unread, Refused: []RefusedAsk{},
		CommandsSent: k.CommandsSent, DurationMS: finding.Millis(k.Duration),
	}
	if v.Encoding != "" {
		doc.Encoding = &v.Encoding
	}
	for _, r := range v.Refused {
		doc.Refused = append(doc.Refused, RefusedAsk(r))
	}
	if v.String != nil {
		view := value.Look(v.String, v.Cut, k.MaxBytes, false)
		format := string(view.Format)
		doc.Format, doc.Packed, doc.jsonBytes = &format, view.Packed, bytesJSON(v.String, v.Cut)
		if len(view.Packed) > 0 {
			inner := bytesJSON(view.Bytes, view.Cut)
			doc.Unpacked, doc.Truncated = &inner, doc.Truncated || view.Cut
		}
	}
	for _, e := range v.Elements {
		doc.Elements = append(doc.Elements, elementJSON(v.Type, e))
	}
	return WriteJSON(w, doc)
}

func elementJSON(kind string, e value.Element) jsonElement {
	out := jsonElement{ID: e.ID, Truncated: e.Cut}
	if kind == "stream" {
		for _, p := range e.Pairs {
			out.Fields = append(out.Fields, jsonPair{jsonField: fieldJSON(p.Field), jsonBytes: bytesJSON([]byte(p.Value), e.Cut)})
		}
		return out
	}
	b := bytesJSON([]byte(e.Value), e.Cut)
	out.jsonBytes = &b
	switch kind {
	case "hash":
		f := fieldJSON(e.Field)
		out.jsonField = &f
	case "zset":
		out.Score = json.Number(scoreText(e.Score))
		if math.IsInf(e.Score, 0) {
			out.Score = scoreText(e.Score) // JSON has no such number
		}
	}
	return out
}

// scoreText is a score as Redis writes it: as short as it can be without losing a bit.
func scoreText(f float64) string {
	switch {
	case math.IsInf(f, 1):
		return "inf"
	case math.IsInf(f, -1):
		return "-inf"
	case math.Abs(f) < 1e17 && f == math.Trunc(f):
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	return strconv.FormatFloat(f, 'g', -1, 64)
}

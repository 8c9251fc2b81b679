package report

import (
	"encoding/base64"
	"encoding/csv"
	"io"
	"math"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/keyspace/profile"
)

// KeyStatsSchema names the JSON document of `keys stats`.
const KeyStatsSchema = "olymp-cache/keys-stats/v1"

// Ways in which a profile is made.
const (
	MethodExact  = "exact"      // every key was read
	MethodSample = "sample"     // random places of the keyspace
	MethodRandom = "random-key" // random keys, where cursors tell no places
)

// KeyStats is the result of `keys stats`.
type KeyStats struct {
	Version       string
	Target        Target
	Pattern, Type string // what it was limited to; "" for all
	Method        string
	Partial       string // why it ended early: "budget", "max-time", "interrupted", "failed"; "" where it did not
	KeysTotal     int64  // of the database, as DBSIZE says
	Profile       *profile.Profile
	Estimated     bool                 // sizes are estimated from lengths
	Hidden        int64                // keys that the user may not read
	Refused       []RefusedAsk         // questions that the server does not answer
	ValueSizes    []profile.ValueSizes // as the server counts them itself; none where it does not
	CommandsSent  int
	Duration      time.Duration
}

// RefusedAsk is a command that the server did not answer, and its words.
type RefusedAsk struct {
	Command string `json:"command"`
	Reply   string `json:"reply"`
}

type jsonKeyStats struct {
	Schema         string           `json:"schema"`
	Version        string           `json:"version"`
	Target         Target           `json:"target"`
	Pattern        string           `json:"pattern"`
	Type           string           `json:"type"`
	Method         string           `json:"method"`
	Partial        *string          `json:"partial"`
	KeysTotal      int64            `json:"keys_total"`
	KeysSeen       int64            `json:"keys_seen"`
	Total          jsonFamily       `json:"total"`
	Prefixes       []jsonFamily     `json:"prefixes"`
	Types          []jsonFamily     `json:"types"`
	TTLs           []jsonBand       `json:"ttl"`
	Sizes          []jsonBand       `json:"sizes"`
	Biggest        []jsonBig        `json:"biggest"`
	ValueSizes     []jsonValueSizes `json:"value_sizes"`
	UnmetBytes     int64            `json:"unmet_bytes"`
	EstimatedSizes bool             `json:"estimated_sizes"`
	HiddenKeys     int64            `json:"hidden_keys"`
	Refused        []RefusedAsk     `json:"refused"`
	CommandsSent   int              `json:"commands_sent"`
	DurationMS     float64          `json:"duration_ms"`
}

// jsonValueSizes is a histogram of the server's own.
type jsonValueSizes struct {
	Type string    `json:"type"`
	Unit string    `json:"unit"`
	Bins []jsonBin `json:"bins"`
}

type jsonBin struct {
	From int64 `json:"from"`
	To   int64 `json:"to"`
	Keys int64 `json:"keys"`
}

// jsonName is a name that is bytes: as text, and whole where it is no text.
type jsonName struct {
	Name   string `json:"name"`
	Base64 string `json:"name_base64,omitempty"` // set where the name is no valid UTF-8
}

type jsonFamily struct {
	jsonName
	jsonNumbers
}

type jsonNumbers struct {
	Keys         jsonEstimate `json:"keys"`
	Bytes        jsonEstimate `json:"bytes"`
	Share        float64      `json:"bytes_share"`
	NoTTL        jsonEstimate `json:"keys_without_ttl"`
	AverageTTLMS *int64       `json:"average_ttl_ms"`
}

type jsonEstimate struct {
	Value int64 `json:"value"`
	Low   int64 `json:"low"`
	High  int64 `json:"high"`
}

type jsonBand struct {
	Band string `json:"band"`
	From *int64 `json:"from"`
	To   *int64 `json:"to"`
	jsonNumbers
}

type jsonBig struct {
	jsonKey
	Type  string `json:"type"`
	Bytes int64  `json:"bytes"`
	TTLMS *int64 `json:"ttl_ms"`
}

// jsonKey is the name of a key, which is bytes.
type jsonKey struct {
	Key    string `json:"key"`
	Base64 string `json:"key_base64,omitempty"` // set where the name is no valid UTF-8
}

func nameJSON(s string) jsonName {
	n := jsonName{Name: s}
	if !utf8.ValidString(s) {
		n.Base64 = base64.StdEncoding.EncodeToString([]byte(s))
	}
	return n
}

func keyJSON(s string) jsonKey {
	n := nameJSON(s)
	return jsonKey{Key: n.Name, Base64: n.Base64}
}

// KeyStatsJSON writes the profile as schema olymp-cache/keys-stats/v1: base units, nothing left out.
func KeyStatsJSON(w io.Writer, k *KeyStats) error {
	p := k.Profile
	whole := p.Total.Bytes.Value
	doc := jsonKeyStats{
		Schema: KeyStatsSchema, Version: k.Version, Target: k.Target, Pattern: k.Pattern, Type: k.Type, Method: k.Method,
		KeysTotal: k.KeysTotal, KeysSeen: p.Seen, Total: rowJSON(p.Total, whole), Prefixes: rowsJSON(p.Families, whole),
		Types: rowsJSON(p.Types, whole), TTLs: bandsJSON(profile.TTLBands, p.TTLs, whole), Sizes: bandsJSON(profile.SizeBands, p.Sizes, whole),
		Biggest: []jsonBig{}, ValueSizes: valueSizesJSON(k.ValueSizes), UnmetBytes: rounded(p.Unmet),
		EstimatedSizes: k.Estimated, HiddenKeys: k.Hidden, Refused: []RefusedAsk{}, CommandsSent: k.CommandsSent, DurationMS: finding.Millis(k.Duration),
	}
	if k.Partial != "" {
		doc.Partial = &k.Partial
	}
	doc.Refused = append(doc.Refused, k.Refused...)
	for _, b := range p.Biggest {
		doc.Biggest = append(doc.Biggest, jsonBig{jsonKey: keyJSON(b.Name), Type: b.Type, Bytes: b.Bytes, TTLMS: ttlJSON(b.TTL)})
	}
	return WriteJSON(w, doc)
}

func valueSizesJSON(all []profile.ValueSizes) []jsonValueSizes {
	out := make([]jsonValueSizes, len(all))
	for i, v := range all {
		out[i] = jsonValueSizes{Type: v.Type, Unit: "bytes", Bins: make([]jsonBin, len(v.Bins))}
		if v.Elements {
			out[i].Unit = "elements"
		}
		for k, b := range v.Bins {
			out[i].Bins[k] = jsonBin(b)
		}
	}
	return out
}

// ttlJSON is a time to live in milliseconds; null for a key that never expires or could not be asked.
func ttlJSON(ms int64) *int64 {
	if ms < 0 {
		return nil
	}
	return &ms
}

func rowsJSON(rows []profile.Row, whole float64) []jsonFamily {
	out := make([]jsonFamily, len(rows))
	for i, r := range rows {
		out[i] = rowJSON(r, whole)
	}
	return out
}

func rowJSON(r profile.Row, whole float64) jsonFamily {
	return jsonFamily{jsonName: nameJSON(r.Name), jsonNumbers: numbersJSON(r, whole)}
}

func numbersJSON(r profile.Row, whole float64) jsonNumbers {
	n := jsonNumbers{Keys: estimateJSON(r.Keys), Bytes: estimateJSON(r.Bytes), Share: shareOf(r, whole), NoTTL: estimateJSON(r.NoTTL)}
	if ms, ok := r.Tally.AverageTTL(); ok {
		n.AverageTTLMS = &ms
	}
	return n
}

func shareOf(r profile.Row, whole float64) float64 {
	if whole <= 0 {
		return 0
	}
	return r.Bytes.Value / whole
}

func estimateJSON(e profile.Estimate) jsonEstimate {
	return jsonEstimate{Value: rounded(e.Value), Low: int64(math.Floor(e.Low)), High: int64(math.Ceil(e.High))}
}

func rounded(f float64) int64 { return int64(math.Round(f)) }

func bandsJSON(bands []profile.Band, rows []profile.Row, whole float64) []jsonBand {
	out := make([]jsonBand, len(rows))
	for i, r := range rows {
		out[i] = jsonBand{Band: r.Name, jsonNumbers: numbersJSON(r, whole)}
		for _, b := range bands {
			if b.ID != r.Name || b.Low == profile.NoExpiry {
				continue
			}
			out[i].From = &b.Low
			if b.High > 0 {
				out[i].To = &b.High
			}
		}
	}
	return out
}

// KeyStatsCSV writes all tables under one heading, the table in the first column. Names are bytes, as they are.
func KeyStatsCSV(w io.Writer, k *KeyStats) error {
	c := csv.NewWriter(w)
	heading := []string{
		"table", "name", "keys", "keys_low", "keys_high", "bytes", "bytes_low", "bytes_high", "bytes_share", "keys_without_ttl",
		"average_ttl_ms",
	}
	if err := c.Write(heading); err != nil {
		return err
	}
	p := k.Profile
	for _, table := range []struct {
		name string
		rows []profile.Row
	}{
		{"total", []profile.Row{p.Total}},
		{"prefix", p.Families},
		{"type", p.Types},
		{"ttl", p.TTLs},
		{"size", p.Sizes},
	} {
		for _, r := range table.rows {
			n := numbersJSON(r, p.Total.Bytes.Value)
			ttl := ""
			if n.AverageTTLMS != nil {
				ttl = strconv.FormatInt(*n.AverageTTLMS, 10)
			}
			cells := []string{table.name, r.Name}
			for _, v := range []int64{n.Keys.Value, n.Keys.Low, n.Keys.High, n.Bytes.Value, n.Bytes.Low, n.Bytes.High} {
				cells = append(cells, strconv.FormatInt(v, 10))
			}
			cells = append(cells, strconv.FormatFloat(n.Share, 'f', 6, 64), strconv.FormatInt(n.NoTTL.Value, 10), ttl)
			if err := c.Write(cells); err != nil {
				return err
			}
		}
	}
	for _, v := range k.ValueSizes {
		for _, b := range v.Bins {
			cells := make([]string, len(heading))
			cells[0], cells[1], cells[2] = "value_size", v.Type+" "+strconv.FormatInt(b.From, 10), strconv.FormatInt(b.Keys, 10)
			if err := c.Write(cells); err != nil {
				return err
			}
		}
	}
	c.Flush()
	return c.Error()
}

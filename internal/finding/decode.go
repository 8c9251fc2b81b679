package finding

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
)

// ErrWord is a word in a file that is none of ours.
var ErrWord = errors.New("unknown word")

// UnmarshalText reads the word back, from evidence that was saved.
func (s *Severity) UnmarshalText(text []byte) error {
	for _, known := range []Severity{Unknown, Info, Warning, Critical} {
		if known.String() == string(text) {
			*s = known
			return nil
		}
	}
	return fmt.Errorf("reading a severity: %w", ErrWord)
}

// UnmarshalText reads the word back; «skip» is Skip, as a step that was not run is written so too.
func (s *Status) UnmarshalText(text []byte) error {
	for _, known := range []Status{OK, Warn, Fail, Skip} {
		if known.String() == string(text) {
			*s = known
			return nil
		}
	}
	return fmt.Errorf("reading a status: %w", ErrWord)
}

// UnmarshalJSON reads evidence back with its numbers as they were: whole ones as int64, durations and ratios as float64.
func (e *Evidence) UnmarshalJSON(b []byte) error {
	var raw struct {
		Name   string `json:"name"`
		Value  any    `json:"value"`
		Unit   string `json:"unit"`
		Source string `json:"source"`
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	if err := d.Decode(&raw); err != nil {
		return err
	}
	*e = Evidence{Name: raw.Name, Value: raw.Value, Unit: raw.Unit, Source: raw.Source}
	switch v := raw.Value.(type) {
	case json.Number:
		whole, err := v.Int64()
		if err == nil && e.Unit != "ms" && e.Unit != "s" && e.Unit != "ratio" {
			e.Value = whole
			return nil
		}
		f, err := v.Float64()
		if err != nil || math.IsInf(f, 0) {
			return fmt.Errorf("reading %q: not a number", e.Name)
		}
		e.Value = f
	case string, bool, nil:
	default:
		return fmt.Errorf("reading %q: neither text nor number", e.Name)
	}
	return nil
}

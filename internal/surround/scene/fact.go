package scene

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// Status is how a question to the surroundings ended. The zero value is NotAsked, so that a forgotten question never
// looks like a good answer.
type Status uint8

// The outcomes.
const (
	NotAsked Status = iota // left out: offline, another operating system, or nothing to ask about
	OK                     // the value is what was seen
	Missing                // the program, file, daemon or init system is not there
	Denied                 // it is there and this user may not look
	Failed                 // it answered with an error, or with something that cannot be read
	TimedOut               // it did not answer within the deadline
)

var statusWords = []string{"not-asked", "ok", "missing", "denied", "failed", "timed-out"}

// errStatus is a word that is none of the statuses.
var errStatus = errors.New("unknown status")

// String is the word of the JSON contract.
func (s Status) String() string {
	if int(s) < len(statusWords) {
		return statusWords[s]
	}
	return statusWords[NotAsked]
}

// MarshalText makes JSON show the word.
func (s Status) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the word back, for evidence that was saved.
func (s *Status) UnmarshalText(text []byte) error {
	i := slices.Index(statusWords, string(text))
	if i < 0 {
		return fmt.Errorf("reading a fact: %w", errStatus)
	}
	*s = Status(i) //nolint:gosec // an index of a table of six
	return nil
}

// Fact is one thing that was looked at: how that went, where, and what was seen.
type Fact[T any] struct {
	Status Status `json:"status"`
	Source string `json:"source,omitempty"` // the command or file, as an operator would type it: "docker ps -a"
	Words  string `json:"words,omitempty"`  // what came back instead of a value: foreign text, masked, at most 300 bytes
	Value  T      `json:"value"`            // meaningful for OK only
}

// Get is the value, and whether it was seen.
func (f Fact[T]) Get() (T, bool) { return f.Value, f.Status == OK }

// MarshalJSON leaves the value out where nothing was seen: a zero would look like an observation.
func (f Fact[T]) MarshalJSON() ([]byte, error) {
	shown := struct {
		Status Status `json:"status"`
		Source string `json:"source,omitempty"`
		Words  string `json:"words,omitempty"`
		Value  *T     `json:"value,omitempty"`
	}{Status: f.Status, Source: f.Source, Words: f.Words}
	if f.Status == OK {
		shown.Value = &f.Value
	}
	return json.Marshal(shown)
}

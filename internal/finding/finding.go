// Package finding says what one finding is: an id, a severity, the evidence and what to type. It carries data and no
// sentences: the words come from the catalogue by id, at the edge. Gatherers (config) and rules (findings) share it.
package finding

import (
	"strings"
	"time"
)

// Severity is how bad a finding is. The zero value is Unknown, never «fine».
type Severity uint8

// The severities, from not judged to what fails a run.
const (
	Unknown Severity = iota
	Info
	Warning
	Critical
)

// String is the word scripts match on; it is never translated.
func (s Severity) String() string {
	switch s {
	case Info:
		return "info"
	case Warning:
		return "warning"
	case Critical:
		return "critical"
	default:
		return "unknown"
	}
}

// MarshalText makes JSON show the word.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Count is the unit of a number of things.
const Count = "count"

// Evidence is one observed fact behind a finding. Value must already be free of secrets.
type Evidence struct {
	Name   string `json:"name"`             // English key, stable, as in the JSON output: "host", "line", "used_bytes"
	Value  any    `json:"value"`            // string, bool, int, int64 or float64, in base units
	Unit   string `json:"unit,omitempty"`   // "bytes", "ms", "s", "ratio", Count or ""
	Source string `json:"source,omitempty"` // where it was seen: "REDIS_URL", ".env:3", "INFO memory"
}

// PasswordInURL stands in a shell command where the password of a URL goes, before the host. The variable holds it as URLs have
// it, percent-encoded.
const PasswordInURL = `"$REDIS_PASSWORD"@`

// PasswordVariable stands in a shell command where a password goes. The variable holds it as it is.
const PasswordVariable = `"$REDIS_PASSWORD"`

// PasswordOfCLI stands before redis-cli in a shell command where its password goes.
const PasswordOfCLI = `REDISCLI_AUTH=` + PasswordVariable + ` `

// Fix is one thing the operator can do.
type Fix struct {
	ID      string `json:"id"`                // the catalogue's message for the title is "fix." + ID
	Command string `json:"command,omitempty"` // a shell command or a line to put in a file, ready to paste, secrets masked
}

// Finding is one thing that is wrong or worth knowing.
type Finding struct {
	ID       string     `json:"id"` // forever: scripts match on it
	Severity Severity   `json:"severity"`
	Subject  string     `json:"subject,omitempty"` // what it is about (a variable, a file, a host); empty means the target
	Evidence []Evidence `json:"evidence,omitempty"`
	Fixes    []Fix      `json:"fixes,omitempty"`
}

// Value looks up the evidence of that name; nil when there is none.
func (f Finding) Value(name string) any {
	for _, e := range f.Evidence {
		if e.Name == name {
			return e.Value
		}
	}
	return nil
}

// Category is the family of an id: its first word, spelled out.
func Category(id string) string {
	head, _, _ := strings.Cut(id, "-")
	if head == "proto" {
		return "protocol"
	}
	return head
}

// Millis is a duration in the unit of evidence, milliseconds, to the microsecond.
func Millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

package finding

import "time"

// Status is how a step went. The zero value is NotRun: a forgotten step never looks like a good one.
type Status uint8

// The outcomes.
const (
	NotRun Status = iota
	OK
	Warn
	Fail
	Skip
)

// String is the word of the JSON contract.
func (s Status) String() string {
	switch s {
	case OK:
		return "ok"
	case Warn:
		return "warn"
	case Fail:
		return "fail"
	default:
		return "skip"
	}
}

// MarshalText makes JSON show the word.
func (s Status) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Step is one thing that was tried.
type Step struct {
	Name     string        `json:"name"` // "connect", "ping", "set"…: English, stable
	Status   Status        `json:"status"`
	Duration time.Duration `json:"duration_ns"`
	Evidence []Evidence    `json:"evidence,omitempty"`
	Problem  *Finding      `json:"problem,omitempty"` // what went wrong, for Fail and Warn
	Reason   string        `json:"reason,omitempty"`  // why it was not run, for Skip: "earlier-failure", "interrupted", "read-only"
}

// Value looks up the evidence of that name; nil when there is none.
func (s Step) Value(name string) any { return Finding{Evidence: s.Evidence}.Value(name) }

// Latency is how long one command took over many rounds.
type Latency struct {
	Command            string // "PING"
	Rounds             int64
	P50, P95, P99, Max time.Duration
	Threshold          time.Duration // of the alert on P99
	Buckets            []Bucket      // from fast to slow, without gaps
}

// Bucket counts the rounds that took up to a time.
type Bucket struct {
	UpTo  time.Duration
	Count int64
}

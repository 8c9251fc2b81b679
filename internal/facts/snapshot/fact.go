package snapshot

import (
	"encoding"
	"fmt"
	"strings"
)

// Status is what became of a question. Its zero value is NotAsked: a forgotten question never looks like an answer.
type Status uint8

// The statuses, as JSON names them: "not-asked", "ok", "denied", "unsupported", "failed".
const (
	NotAsked    Status = iota
	OK                 // answered and understood
	Denied             // this user may not ask (NOPERM, NOAUTH)
	Unsupported        // the server does not know the command, or its provider switched it off
	Failed             // any other error: LOADING, BUSY, a lost connection, an answer of an unknown shape
)

var statusNames = [...]string{"not-asked", "ok", "denied", "unsupported", "failed"}

var (
	_ encoding.TextMarshaler   = Status(0)
	_ encoding.TextUnmarshaler = (*Status)(nil)
)

// String is the name in JSON.
func (s Status) String() string {
	if int(s) >= len(statusNames) {
		return fmt.Sprintf("status-%d", uint8(s))
	}
	return statusNames[s]
}

// MarshalText writes the name.
func (s Status) MarshalText() ([]byte, error) {
	if int(s) >= len(statusNames) {
		return nil, fmt.Errorf("unknown status %d", uint8(s))
	}
	return []byte(statusNames[s]), nil
}

// UnmarshalText reads the name.
func (s *Status) UnmarshalText(text []byte) error {
	for i, name := range statusNames {
		if name == string(text) {
			*s = Status(i)
			return nil
		}
	}
	return fmt.Errorf("unknown status %q", text)
}

// Fact is one question to a server and what became of it. Value counts only when Status is OK.
type Fact[T any] struct {
	Status Status `json:"status"`
	Value  T      `json:"value,omitzero"`
	Source string `json:"source,omitzero"` // the question: "CONFIG GET maxmemory"
	Cause  string `json:"cause,omitzero"`  // a finding's id where Status is not OK: "auth-no-permission", "tcp-closed"
	Reply  Text   `json:"reply,omitzero"`  // the server's words where it refused: redacted, at most MaxReply bytes
}

// MaxReply is how many bytes of a refusal are kept.
const MaxReply = 256

// CauseInterrupted is the cause, no finding's id, of a question during which the run was ended.
const CauseInterrupted = "interrupted"

// Unreached tells whether a question failed because the server was not there, not because of what was asked.
func (f Fact[T]) Unreached() bool {
	if f.Status != Failed {
		return false
	}
	for _, kind := range []string{"tcp-", "tls-", "dns-"} {
		if strings.HasPrefix(f.Cause, kind) {
			return true
		}
	}
	return f.Cause == CauseInterrupted || f.Cause == "server-cluster-unreachable"
}

// Known tells whether there is a value to judge.
func (f Fact[T]) Known() bool { return f.Status == OK }

// Get gives the value if there is one.
func (f Fact[T]) Get() (T, bool) {
	var none T
	if f.Status != OK {
		return none, false
	}
	return f.Value, true
}

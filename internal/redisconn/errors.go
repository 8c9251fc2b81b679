package redisconn

import (
	"errors"
	"fmt"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
)

// Step is the rung of the ladder where something failed.
type Step string

// The rungs, in order.
const (
	StepDNS      Step = "dns"
	StepTCP      Step = "tcp"
	StepTLS      Step = "tls"
	StepProtocol Step = "protocol"
	StepAuth     Step = "auth"
	StepSelect   Step = "select"
	StepCommand  Step = "command"
)

// Error is a failure with a name: the id of the finding it is, where it happened, and the server's own words. Its text
// holds no secret.
type Error struct {
	ID    string // a finding's id: "tcp-refused", "auth-wrong", "server-loading"
	Step  Step
	Addr  string // host:port or socket path; of the node that failed, which on a cluster is not always the target
	Reply string // what the server said, redacted; empty when it said nothing
	// Evidence is what else was seen: certificate names and dates, first bytes of a foreign protocol.
	Evidence []finding.Evidence
	Err      error // the cause for errors.Is; its text is not shown
}

// Error names the id, the place and the server's words, in English for logs; people get the catalogue's sentences.
func (e *Error) Error() string {
	s := e.ID
	if e.Addr != "" {
		s += " (" + e.Addr + ")"
	}
	if e.Reply != "" {
		s += ": " + e.Reply
	}
	return s
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Finding is the error as a finding.
func (e *Error) Finding() finding.Finding {
	f := finding.Finding{ID: e.ID, Severity: finding.Critical, Subject: e.Addr}
	f.Evidence = append(f.Evidence,
		finding.Evidence{Name: "address", Value: e.Addr},
		finding.Evidence{Name: "step", Value: string(e.Step)})
	if e.Reply != "" {
		f.Evidence = append(f.Evidence, finding.Evidence{Name: "reply", Value: e.Reply, Source: "server"})
	}
	f.Evidence = append(f.Evidence, e.Evidence...)
	return f
}

// Unreachable tells failures to reach Redis or to log in (exit 3) from answers of a Redis that was reached (exit 1).
func (e *Error) Unreachable() bool { return e.Step != StepCommand }

// AsError finds the named failure in an error chain.
func AsError(err error) (*Error, bool) {
	var e *Error
	ok := errors.As(err, &e)
	return e, ok
}

// lastWordsError is a write that failed although the server had already said why; see conn.Write.
type lastWordsError struct {
	words string // one RESP error line without its «-»
	err   error
}

func (e *lastWordsError) Error() string {
	return fmt.Sprintf("%v, after the server said: %s", e.err, e.words)
}
func (e *lastWordsError) Unwrap() error { return e.err }

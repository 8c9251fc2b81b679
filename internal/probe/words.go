package probe

import (
	"context"
	"errors"
	"net"
	"unicode/utf8"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/probe/trace"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
)

// maxSaid is how much of a foreign text is kept, in bytes.
const maxSaid = 96

// said is foreign text as the trace keeps it: free of our secrets, which a hostile or broken server may echo, then cut, in this
// order, so that no part of a secret is left at the end. Control characters stay: whoever shows it escapes them.
func (c *climb) said(text string) string {
	text = c.target.Redact(text)
	if len(text) <= maxSaid {
		return text
	}
	end := maxSaid
	for end > maxSaid-utf8.UTFMax && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end]
}

// words are an error's.
func (c *climb) words(err error) string {
	if err == nil {
		return ""
	}
	return c.said(redisconn.ErrorText(c.target.Redact, err))
}

// finding is a named failure with what the server said of it cut to size.
func (c *climb) finding(e *redisconn.Error) finding.Finding {
	f := e.Finding()
	for i, seen := range f.Evidence {
		switch seen.Name {
		case "reply", "first_bytes", "protocol", "certificate_names", "issuer", "known", "announced":
			if text, ok := seen.Value.(string); ok {
				f.Evidence[i].Value = c.said(text)
			}
		}
	}
	return f
}

// named is the failure under its name. Attempt names all; anything else would be a connection that was lost.
func named(err error, addr string) *redisconn.Error {
	if e, ok := redisconn.AsError(err); ok {
		return e
	}
	return &redisconn.Error{ID: "tcp-closed", Step: redisconn.StepProtocol, Addr: addr, Err: err}
}

// connectProblem sorts how a connection failed to come about.
func connectProblem(err error) trace.Problem {
	if err == nil {
		return ""
	}
	switch redisconn.ConnectID(err) {
	case "tcp-refused":
		return trace.Refused
	case "tcp-timeout":
		return trace.Timeout
	case "tcp-closed":
		return trace.Closed
	default:
		return trace.Unreachable
	}
}

// readProblem sorts why nothing came over a connection.
func readProblem(err error) trace.Problem {
	switch {
	case redisconn.IsTimeout(err):
		return trace.Timeout
	case redisconn.IsClosed(err):
		return trace.Closed
	default:
		return trace.Other
	}
}

// handshakeProblem sorts how a handshake failed.
func handshakeProblem(err error) trace.Problem {
	if err == nil {
		return ""
	}
	switch id := redisconn.HandshakeID(err); {
	case id == "tls-not-supported":
		return trace.NotTLS
	case id == "tcp-silent":
		return trace.Timeout
	case id == "tcp-closed":
		return trace.Closed
	case redisconn.IsAlert(err):
		return trace.Alert
	default:
		return trace.Other
	}
}

// lookupProblem sorts how a lookup failed; ended tells that we gave it up.
func lookupProblem(err error, ended bool) (problem trace.Problem, server string) {
	var (
		dns  *net.DNSError
		none *net.AddrError
	)
	switch {
	case err == nil:
		return "", ""
	case errors.As(err, &none): // there are addresses, of the other family
		return trace.NotFound, ""
	case !errors.As(err, &dns):
		return trace.ResolverBad, ""
	case dns.IsNotFound:
		return trace.NotFound, dns.Server
	case dns.IsTimeout, ended, errors.Is(err, context.DeadlineExceeded):
		return trace.Timeout, dns.Server
	}
	return trace.ResolverBad, dns.Server
}

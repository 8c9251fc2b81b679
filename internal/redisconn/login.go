package redisconn

import (
	"errors"
	"strings"

	"github.com/redis/go-redis/v9"
)

// name turns an error of the driver into a named one.
func (c *Conn) name(addr string, err error, first []byte) *Error {
	if e, ok := AsError(err); ok {
		return e
	}
	var last *lastWordsError
	if errors.As(err, &last) {
		return c.replied(addr, last.words, StepCommand, err)
	}
	var reply redis.Error
	if errors.As(err, &reply) {
		return c.replied(addr, reply.Error(), StepCommand, err)
	}
	switch {
	case clientCertificateWanted(err.Error()):
		return &Error{ID: "tls-client-cert-required", Step: StepTLS, Addr: addr, Err: err}
	case c.dialer.tls == nil && isTLSAlert(first):
		return &Error{ID: "tls-required", Step: StepTLS, Addr: addr, Err: err}
	case len(first) > 0 && !startsRESP(first[0]):
		return foreign(addr, c.shown(first), err)
	case IsTimeout(err):
		return &Error{ID: "tcp-silent", Step: StepProtocol, Addr: addr, Err: err}
	case IsClosed(err):
		return &Error{ID: "tcp-closed", Step: StepProtocol, Addr: addr, Err: err}
	case strings.Contains(err.Error(), "cluster has no nodes"):
		return &Error{ID: "server-cluster-down", Step: StepCommand, Addr: addr, Err: err}
	case len(first) > 0:
		return foreign(addr, c.shown(first), err)
	}
	return &Error{ID: "tcp-closed", Step: StepProtocol, Addr: addr, Err: err}
}

func (c *Conn) replied(addr, reply string, step Step, err error) *Error {
	reply = c.target.Redact(WithoutArguments(reply))
	return &Error{ID: ReplyID(reply), Step: step, Addr: addr, Reply: reply, Err: err}
}

// shown is what may be shown of the first bytes.
func (c *Conn) shown(first []byte) []byte {
	said := c.target.Redact(string(first))
	return []byte(said[:min(len(said), shownBytes)])
}

// isTLSAlert tells the record with which some TLS servers answer clear text: alert, TLS 1.x.
func isTLSAlert(first []byte) bool { return len(first) > 1 && first[0] == 0x15 && first[1] == 0x03 }

// startsRESP tells the type bytes of RESP 2 and 3.
func startsRESP(b byte) bool { return strings.IndexByte("+-:$*_,#!=(%~>|", b) >= 0 }

// loginError names what ended a connection before HELLO, AUTH and SELECT were all accepted.
func (c *Conn) loginError(addr string, err error, first []byte) *Error {
	e := c.firstError(addr, err, first)
	if e.Step == StepCommand {
		e.Step = StepAuth
		if name, _ := c.watch.lastFailure(); name == "select" {
			e.Step = StepSelect
		}
	}
	if e.Step == StepAuth && e.ID == "server-unknown-command" {
		e.ID = "auth-user-unsupported"
	}
	return e
}

// firstError names the first failure of a connection. The driver drops HELLO's refusal and goes on; where the server then
// hung up, as with maxclients, that refusal was the reason.
func (c *Conn) firstError(addr string, err error, first []byte) *Error {
	e := c.name(addr, err, first)
	_, refused := c.watch.lastFailure()
	var reply redis.Error
	if e.Step == StepCommand || !errors.As(refused, &reply) {
		return e
	}
	why := c.replied(addr, reply.Error(), StepAuth, err)
	switch why.ID {
	case "server-unknown-command", "auth-required": // an old server: no reason to hang up
		return e
	case "server-error": // a proxy that has no server to pass it on to
		why.Step = StepProtocol
	}
	return why
}

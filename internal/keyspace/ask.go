package keyspace

import (
	"context"
	"errors"
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/keyspace/profile"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
	"github.com/olympiades-ia/olymp-cache/internal/resp"
)

// questions are what is asked about each key. A question that a server refuses is not asked again.
type questions struct {
	kind, size, ttl bool
	lengths         bool // MEMORY USAGE is not to be had: sizes are estimated from lengths, which differ by type
}

// each is how many commands are sent for one key.
func (q questions) each() int {
	n := 0
	for _, asked := range []bool{q.kind, q.size, q.ttl} {
		if asked {
			n++
		}
	}
	return n
}

// what names the commands, for --verbose.
func (q questions) what() string {
	var all []string
	if q.size {
		all = append(all, "MEMORY USAGE")
	}
	if q.kind {
		all = append(all, "TYPE")
	}
	if q.ttl {
		all = append(all, "PTTL")
	}
	return strings.Join(all, ", ")
}

// write appends the commands for one key.
func (q questions) write(b []byte, name []byte) []byte {
	if q.size {
		b = append(b, "*3\r\n$6\r\nMEMORY\r\n$5\r\nUSAGE\r\n"...)
		b = resp.Argument(b, name)
	}
	if q.kind {
		b = append(b, "*2\r\n$4\r\nTYPE\r\n"...)
		b = resp.Argument(b, name)
	}
	if q.ttl {
		b = append(b, "*2\r\n$4\r\nPTTL\r\n"...)
		b = resp.Argument(b, name)
	}
	return b
}

// answers reads what was said about one key. ok is false where the key is gone.
type answers struct {
	asked questions
	kinds map[string]string // types met: one string each
	// refused is the first refusal of a command that is not refused always: a key that the user may not read.
	refused error
	hidden  int64 // such keys
}

// noKind is what TYPE says of a key that is not there, noTTL what PTTL says.
const (
	noKind = "none"
	noTTL  = -2
)

func (a *answers) read(r *resp.Reader) (rec profile.Record, ok bool, err error) {
	rec = profile.Record{Bytes: profile.Unknown, TTL: profile.Unknown}
	gone, hidden := false, false
	pass := func(err error) error {
		var no resp.Error
		if !errors.As(err, &no) {
			return err
		}
		hidden = true
		if a.refused == nil {
			a.refused = no
		}
		return nil
	}
	if a.asked.size {
		n, there, err := r.IntOrNil()
		if err := pass(err); err != nil {
			return rec, false, err
		}
		switch {
		case there:
			rec.Bytes = n
		case !hidden:
			gone = true
		}
	}
	if a.asked.kind {
		kind, err := r.Status()
		if err := pass(err); err != nil {
			return rec, false, err
		}
		known, met := a.kinds[string(kind)]
		if !met && err == nil {
			known = string(kind)
			a.kinds[known] = known
		}
		rec.Type = known
		gone = gone || known == noKind
	}
	if a.asked.ttl {
		n, err := r.Int()
		if err := pass(err); err != nil {
			return rec, false, err
		}
		switch {
		case err != nil:
		case n == noTTL:
			gone = true
		default:
			rec.TTL = max(n, profile.NoExpiry)
		}
	}
	if hidden {
		a.hidden++
	}
	return rec, !gone, nil
}

// settleQuestions finds out which questions a server answers, with the first key there is.
func settleQuestions(ctx context.Context, pipe *redisconn.Pipe, q questions, name []byte) (questions, []Refusal, error) {
	var refused []Refusal
	ask := func(what string, command []byte) (bool, error) {
		if err := pipe.Write(command); err != nil {
			return false, pipe.Named(ctx, err)
		}
		if err := pipe.Expect(); err != nil {
			return false, pipe.Named(ctx, err)
		}
		err := pipe.Replies.Skip()
		pipe.Sent(1, what, 0)
		var no resp.Error
		if !errors.As(err, &no) {
			return err == nil, pipe.Named(ctx, err)
		}
		e, _ := redisconn.AsError(pipe.Named(ctx, no))
		switch e.ID {
		case "auth-no-permission", "server-unknown-command", "server-error":
			if strings.Contains(e.Reply, "one of the keys") {
				return true, nil // the command is allowed, this key is not
			}
			refused = append(refused, Refusal{Command: what, Reply: e.Reply, ID: e.ID})
			return false, nil
		}
		return false, e
	}
	for _, one := range []struct {
		what   string
		wanted *bool
		only   questions
	}{
		{"MEMORY USAGE", &q.size, questions{size: true}},
		{"TYPE", &q.kind, questions{kind: true}},
		{"PTTL", &q.ttl, questions{ttl: true}},
	} {
		if !*one.wanted {
			continue
		}
		ok, err := ask(one.what, one.only.write(nil, name))
		if err != nil {
			return q, refused, err
		}
		*one.wanted = ok
	}
	return q, refused, nil
}

// Refusal is a command that the server did not answer, and its words.
type Refusal struct {
	Command string
	Reply   string // redacted
	ID      string // of the finding that it is
}

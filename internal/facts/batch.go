package facts

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
)

// Causes of facts that are no finding's id.
const (
	causeShape       = "unexpected-reply" // answered, but in a shape that no known version gives
	causeInterrupted = "interrupted"      // the run was ended while asking
)

// batch is one pipeline: questions, and where their answers go. A refused question leaves the others alone; a lost
// connection fails all that were not answered yet.
type batch struct {
	conn   *redisconn.Conn
	client *redis.Client
	pipe   redis.Pipeliner
	settle []func()
}

func newBatch(conn *redisconn.Conn, client *redis.Client) *batch {
	return &batch{conn: conn, client: client, pipe: client.Pipeline()}
}

// ask puts a question in the pipeline. parse is given the reply as the driver decodes it.
func ask[T any](ctx context.Context, b *batch, into *snapshot.Fact[T], parse func(any) (T, error), args ...string) {
	words := make([]any, len(args))
	for i, a := range args {
		words[i] = a
	}
	cmd := b.pipe.Do(ctx, words...)
	// ACL GETUSER names the user, which may be a password that was written in the wrong place.
	source := strings.ToValidUTF8(b.conn.Target().Redact(strings.Join(args, " ")), "\uFFFD")
	b.settle = append(b.settle, func() { *into = settle(b.conn, source, cmd, parse) })
}

// run sends the pipeline and settles all its facts.
func (b *batch) run(ctx context.Context) {
	if len(b.settle) == 0 {
		return
	}
	_, _ = b.pipe.Exec(ctx) // each command carries its own error, also that of a connection that was lost
	for _, f := range b.settle {
		f()
	}
}

// fail settles all facts with the failure of an earlier question, and sends nothing.
func (b *batch) fail(status snapshot.Status, cause string, reply snapshot.Text) {
	for _, cmd := range b.pipe.Cmds() {
		cmd.SetErr(&notSentError{status: status, cause: cause, reply: reply})
	}
	for _, f := range b.settle {
		f()
	}
}

// notSentError stands for a question that was not worth sending any more.
type notSentError struct {
	status snapshot.Status
	cause  string
	reply  snapshot.Text
}

func (e *notSentError) Error() string { return fmt.Sprintf("not sent: %s", e.cause) }

// settle turns an answer into a fact.
func settle[T any](conn *redisconn.Conn, source string, cmd *redis.Cmd, parse func(any) (T, error)) snapshot.Fact[T] {
	f := snapshot.Fact[T]{Source: source}
	reply, err := cmd.Result()
	if errors.Is(err, redis.Nil) {
		reply, err = nil, nil
	}
	if err != nil {
		f.Status, f.Cause, f.Reply = Refusal(conn, err)
		return f
	}
	value, err := parse(reply)
	if err != nil {
		f.Status, f.Cause = snapshot.Failed, causeShape
		return f
	}
	snapshot.Redact(&value, conn.Target().Redact)
	f.Status, f.Value = snapshot.OK, value
	return f
}

// Refusal sorts an error by what it says of the question, as the parts of a fact.
func Refusal(conn *redisconn.Conn, err error) (status snapshot.Status, cause string, reply snapshot.Text) {
	var unsent *notSentError
	if errors.As(err, &unsent) {
		return unsent.status, unsent.cause, unsent.reply
	}
	if errors.Is(err, context.Canceled) {
		return snapshot.Failed, causeInterrupted, ""
	}
	e, ok := redisconn.AsError(conn.Named(err))
	if !ok {
		return snapshot.Failed, causeShape, ""
	}
	words, _ := snapshot.Text(e.Reply).Cut(snapshot.MaxReply)
	return statusOf(e), e.ID, words
}

// statusOf tells a question that this user may not ask from one that nobody may.
func statusOf(e *redisconn.Error) snapshot.Status {
	switch e.ID {
	case "auth-no-permission", "auth-required":
		return snapshot.Denied
	case "server-unknown-command":
		return snapshot.Unsupported
	case "server-error":
	default:
		return snapshot.Failed
	}
	low := strings.ToLower(e.Reply)
	for _, tell := range unsupportedTells {
		if strings.Contains(low, tell) {
			return snapshot.Unsupported
		}
	}
	return snapshot.Failed
}

// unsupportedTells are how servers and providers say that a command or one of its forms is not to be had.
var unsupportedTells = []string{
	"unknown command",           // proxies that write it without «ERR» first
	"unknown subcommand",        // Redis 6 and 7; Dragonfly: «ERR Unknown subcommand or wrong number of arguments for 'X'»
	"wrong number of arguments", // a form that came later
	"syntax error",
	"not supported", "unsupported",
	"disabled",      // «This instance has cluster support disabled»; «ERR CONFIG is disabled»
	"not allowed",   // Redis Cloud, Aiven
	"not available", // Upstash: «ERR Command is not available: 'SLOWLOG'»
	"not implemented",
	"restricted",
}

// unreachable tells whether a fact failed because the server was not there, not because of what was asked.
func unreachable[T any](f snapshot.Fact[T]) bool {
	return f.Status == snapshot.Failed && (strings.HasPrefix(f.Cause, "tcp-") || strings.HasPrefix(f.Cause, "tls-") ||
		strings.HasPrefix(f.Cause, "dns-") || f.Cause == causeInterrupted || f.Cause == "server-cluster-unreachable")
}

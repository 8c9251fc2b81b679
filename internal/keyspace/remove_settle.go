package keyspace

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
	"github.com/olympiades-ia/olymp-cache/internal/resp"
)

// ErrRoleUnknown is a server that does not say whether it is a primary.
var ErrRoleUnknown = errors.New("the server does not tell its role")

// errRole is a server that is no primary.
var errRole = errors.New("not a primary")

// openRemover opens the connection to one server and finds out how keys go there, with a name that no key has.
func (d *removal) openRemover(ctx context.Context, addr string) (*remover, error) {
	life := context.WithoutCancel(ctx)
	pipe, err := d.conn.Pipe(life, addr)
	if err != nil {
		return nil, err
	}
	r := &remover{run: d, pipe: pipe, life: life}
	err = mustBePrimary(life, d.conn, pipe)
	if err == nil {
		err = r.settle()
	}
	if err == nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		pipe.Close()
		return nil, err
	}
	cluster := d.conn.IsCluster()
	r.each.Store(cluster || d.o.Each != nil || d.o.ExpireIn > 0)
	return r, nil
}

// settle finds the command that this user may delete with. It is sent for a key that is not there, and so changes nothing.
func (r *remover) settle() error {
	name := nobodysKey()
	try := func(command []byte, what string) error {
		no, err := r.refusal(command, what)
		switch {
		case err != nil:
			return err
		case no == "" || hasMoved(no) || strings.Contains(no, "one of the keys"): // the command is allowed, this key is not
			return nil
		}
		return r.pipe.Named(r.life, resp.Error(no))
	}
	if r.run.o.ExpireIn > 0 {
		r.command = "PEXPIRE"
		err := try(expire(nil, name, 1000, "LT"), "PEXPIRE … LT")
		if e, ok := redisconn.AsError(err); ok && e.ID == "server-error" {
			r.old = true // Redis before 7.0 knows three arguments
			err = try(expire(nil, name, 1000), "PEXPIRE")
		}
		return err
	}
	r.command = "UNLINK"
	err := try(resp.Command(nil, "UNLINK", string(name)), "UNLINK")
	if e, ok := redisconn.AsError(err); ok && (e.ID == "server-unknown-command" || e.ID == noPermission) {
		r.command = "DEL"
		if derr := try(resp.Command(nil, "DEL", string(name)), "DEL"); derr == nil {
			return nil
		}
	}
	return err
}

// refusal sends one command and gives the words it was refused with; "" where it was not.
func (r *remover) refusal(command []byte, what string) (words string, err error) {
	return refusal(r.life, r.pipe, command, what)
}

func refusal(ctx context.Context, pipe *redisconn.Pipe, command []byte, what string) (words string, err error) {
	start := time.Now()
	if err = pipe.Write(command); err == nil {
		err = pipe.Expect()
	}
	if err == nil {
		err = pipe.Replies.Skip()
	}
	pipe.Sent(1, what, time.Since(start))
	var no resp.Error
	if errors.As(err, &no) {
		return string(no), nil
	}
	return "", pipe.Named(ctx, err)
}

// nobodysKey is a name that no key has.
func nobodysKey() []byte {
	nonce := make([]byte, 8)
	_, _ = rand.Read(nonce) // never fails (Go 1.24)
	return []byte(redisconn.TestKeyPrefix + hex.EncodeToString(nonce))
}

// mustBePrimary refuses a server that is not known to be a primary: a replica may take deletions (replica-read-only no) and then
// differs from its primary, and behind a failover nobody else tells.
func mustBePrimary(ctx context.Context, conn *redisconn.Conn, pipe *redisconn.Pipe) error {
	role, err := roleOf(ctx, pipe)
	if err != nil {
		return err
	}
	if role == "" { // refused: what the server said as we logged in must do
		role = conn.Server().Role
	}
	switch role {
	case "master", "active-replica": // KeyDB's active replica takes writes
		return nil
	case "sentinel":
		return &redisconn.Error{ID: "proto-sentinel", Step: redisconn.StepCommand, Addr: pipe.Addr(), Err: errRole}
	case "":
		return ErrRoleUnknown
	}
	return NotPrimary(pipe.Addr())
}

// NotPrimary is the refusal to write to a replica.
func NotPrimary(addr string) error {
	return &redisconn.Error{
		ID: "server-readonly", Step: redisconn.StepCommand, Addr: addr, Err: errRole,
		Evidence: []finding.Evidence{{Name: "role", Value: "replica", Source: "ROLE"}},
	}
}

// roleOf asks a server for its role; "" where it does not tell.
func roleOf(ctx context.Context, pipe *redisconn.Pipe) (string, error) {
	start := time.Now()
	err := pipe.Write(resp.Command(nil, "ROLE"))
	if err == nil {
		err = pipe.Expect()
	}
	role := ""
	if err == nil {
		role, err = firstOf(pipe.Replies)
	}
	pipe.Sent(1, "ROLE", time.Since(start))
	var no resp.Error
	switch {
	case err == nil:
		return role, nil
	case !errors.As(err, &no):
		return "", pipe.Named(ctx, err)
	}
	text, err := info(ctx, pipe, "replication")
	return infoField(text, "role"), err
}

// firstOf reads an array and gives its first element.
func firstOf(in *resp.Reader) (string, error) {
	n, err := in.Array()
	if err != nil || n == 0 {
		return "", err
	}
	first, _, err := in.Bulk(nil)
	for i := 1; i < n && err == nil; i++ {
		err = in.Skip()
	}
	return string(first), err
}

// info asks for a section of INFO; it is empty where that is refused.
func info(ctx context.Context, pipe *redisconn.Pipe, section string) (string, error) {
	start := time.Now()
	err := pipe.Write(resp.Command(nil, "INFO", section))
	if err == nil {
		err = pipe.Expect()
	}
	var text []byte
	if err == nil {
		text, _, err = pipe.Replies.Bulk(nil)
	}
	pipe.Sent(1, "INFO "+section, time.Since(start))
	var no resp.Error
	if errors.As(err, &no) {
		return "", nil
	}
	return strings.TrimPrefix(string(text), "txt:"), pipe.Named(ctx, err)
}

// infoField reads one line of INFO.
func infoField(text, name string) string {
	for line := range strings.Lines(text) {
		if v, ok := strings.CutPrefix(line, name+":"); ok {
			return strings.TrimRight(v, "\r\n")
		}
	}
	return ""
}

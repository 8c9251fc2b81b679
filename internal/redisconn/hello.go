package redisconn

import (
	"bytes"
	"context"
	"net"
	"strings"
)

// withoutHello answers HELLO itself, as a server before Redis 6 would, and never sends it: twemproxy and other proxies hang up
// on a command that they do not know (twitter/twemproxy#113), and the driver begins every connection with HELLO
// (redis/go-redis#2616).
type withoutHello struct {
	net.Conn
	answer []byte // what is still to be read of our own words
}

// Write takes everything but HELLO to the server. The driver writes it alone, in one piece, as its first command.
func (w *withoutHello) Write(p []byte) (int, error) {
	_, command, _ := bytes.Cut(p, []byte("\r\n"))
	if len(command) >= len(helloWord) && bytes.EqualFold(command[:len(helloWord)], []byte(helloWord)) {
		w.answer = []byte("-ERR unknown command 'HELLO'\r\n")
		return len(p), nil
	}
	return w.Conn.Write(p)
}

// helloWord is HELLO as the wire has it.
const helloWord = "$5\r\nhello\r\n"

// Read gives our own words first.
func (w *withoutHello) Read(p []byte) (int, error) {
	if len(w.answer) > 0 {
		n := copy(p, w.answer)
		w.answer = w.answer[n:]
		return n, nil
	}
	return w.Conn.Read(p)
}

// connect dials, logs in and sends PING, once more without HELLO where the server hung up on that without a word.
func (c *Conn) connect(ctx context.Context, network, addr string) error {
	err := c.connectOnce(ctx, network, addr)
	e, named := AsError(err)
	name, _ := c.watch.lastFailure()
	if !named || e.ID != "tcp-closed" || e.Step != StepProtocol || name != "hello" || ctx.Err() != nil {
		return err
	}
	ways, timing, restore := len(c.ways), c.timing, c.watch.loginSoFar()
	c.watch.forgetLogin()
	c.dialer.noHello = true
	again := c.connectOnce(ctx, network, addr)
	if e, named := AsError(again); again == nil || named && strings.HasPrefix(e.ID, "auth-") && e.ID != "auth-user-unsupported" {
		return again
	}
	restore() // it is of no use without HELLO either
	c.dialer.noHello, c.ways, c.timing = false, c.ways[:ways], timing
	return err
}

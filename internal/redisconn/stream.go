package redisconn

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// Stream is a connection of its own on which the server, after one command, talks without being asked: MONITOR. It is read as
// the bytes come. The driver's own MONITOR hands out lines one by one over a channel and stops reading while nobody takes them,
// until the server, whose output buffer then grows, hangs up.
type Stream struct {
	net.Conn
	Addr   string
	client *redis.Client // whose only connection it is
}

// Close hangs up.
func (s *Stream) Close() error { return s.client.Close() }

// errNoStream is an answer that is neither OK nor an error.
var errNoStream = errors.New("no stream begins like this")

// longestAnswer bounds the line that a command for a stream is answered with, in bytes.
const longestAnswer = 4096

// Stream opens a connection to the server of node, logged in as all others, sends the command and waits for its «OK». It
// ends with ctx. The error is an *Error or ctx's cause.
func (c *Conn) Stream(ctx context.Context, node *redis.Client, command string) (*Stream, error) {
	s, err := c.openStream(ctx, node, command)
	if cause := context.Cause(ctx); err != nil && cause != nil {
		return nil, cause
	}
	return s, err
}

func (c *Conn) openStream(ctx context.Context, node *redis.Client, command string) (*Stream, error) {
	network, addr := node.Options().Network, node.Options().Addr
	if c.cluster != nil {
		addr = c.withHost(addr)
	}
	var wire *conn
	options := c.clientOptions(ctx, network, addr, nil)
	options.DB, options.PoolSize = node.Options().DB, 1
	options.Dialer = func(dctx context.Context, network, addr string) (net.Conn, error) {
		nc, _, err := c.dialer.dial(dctx, network, addr)
		if err != nil {
			return nil, err
		}
		nc.closeWith(ctx)
		wire = nc
		return nc, nil
	}
	s := &Stream{Addr: addr, client: redis.NewClient(options)}
	s.client.AddHook(c.watch)
	// The driver logs in, and has no further use for the connection: it lies idle in a pool that is never asked again. A redis.Conn would
	// say that better, but makes the binary 0.3 MB larger.
	if err := s.client.Ping(ctx).Err(); err != nil {
		// As in Open: a server that refuses PING, as one that is loading, may well stream.
		e := c.name(addr, err, nil)
		if e.notLetIn() {
			e.Step = StepAuth
		}
		if e.Step != StepCommand || wire == nil {
			_ = s.Close() // the first error is the one to report
			return nil, e
		}
	}
	s.Conn = wire.Conn // below what follows replies: a stream has none
	start := time.Now()
	answer, err := c.sendAlone(s.Conn, command)
	var named *Error
	switch {
	case err != nil:
		named = c.name(addr, err, nil)
	case answer == "+OK":
	case strings.HasPrefix(answer, "-"):
		err = errors.New(answer[1:])
		named = c.replied(addr, answer[1:], StepCommand, err)
	default:
		err = errNoStream
		named = foreign(addr, c.shown([]byte(answer)), err)
	}
	c.watch.saw(redis.NewStatusCmd(ctx, command), time.Since(start), err)
	if named != nil {
		_ = s.Close() // as above
		return nil, named
	}
	return s, nil
}

// sendAlone sends a command without arguments and reads the line it is answered with, and not a byte of what follows.
func (c *Conn) sendAlone(nc net.Conn, command string) (string, error) {
	if err := nc.SetDeadline(time.Now().Add(c.opts.Timeout)); err != nil {
		return "", err
	}
	if _, err := fmt.Fprintf(nc, "*1\r\n$%d\r\n%s\r\n", len(command), command); err != nil { // in one write
		return "", err
	}
	var line []byte
	for one := make([]byte, 1); len(line) < longestAnswer; {
		n, err := nc.Read(one)
		if err != nil {
			return "", err
		}
		if n == 0 || one[0] == '\r' {
			continue
		}
		if one[0] == '\n' {
			break
		}
		line = append(line, one[0])
	}
	return string(line), nc.SetDeadline(time.Time{})
}

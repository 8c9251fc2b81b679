package redistest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"
)

// ReplyError is an error reply in the server's own words, such as "LOADING Redis is loading the dataset in memory".
type ReplyError string

// Error gives the words, without the leading dash.
func (e ReplyError) Error() string { return string(e) }

// maxBulk is Redis's own limit for one string (proto-max-bulk-len).
const maxBulk = 512 << 20

// client speaks just enough RESP2 to drive a server under test without the code under test.
type client struct {
	net.Conn
	in *bufio.Reader
}

func dial(network, addr string) (*client, error) {
	conn, err := connect(network, addr, replyWait)
	if err != nil {
		return nil, err
	}
	return &client{Conn: conn, in: bufio.NewReader(conn)}, nil
}

func connect(network, addr string, limit time.Duration) (net.Conn, error) {
	dialer := net.Dialer{Timeout: limit}
	return dialer.DialContext(context.Background(), network, addr)
}

// do sends one command and gives its reply as text (see text). A server that refuses a connection says why and closes
// it: the words are read even if the command could not be written any more.
func (c *client) do(args ...string) (string, error) {
	if err := c.SetDeadline(time.Now().Add(replyWait)); err != nil {
		return "", err
	}
	werr := c.send(args...)
	reply, err := c.receive()
	if err == nil {
		return reply, nil
	}
	if _, said := errors.AsType[ReplyError](err); said {
		return "", err
	}
	return "", errors.Join(werr, err)
}

func (c *client) send(args ...string) error {
	_, err := c.Write(command(args))
	return err
}

// command is args as a RESP array of bulk strings.
func command(args []string) []byte {
	buf := fmt.Appendf(nil, "*%d\r\n", len(args))
	for _, arg := range args {
		buf = fmt.Appendf(buf, "$%d\r\n%s\r\n", len(arg), arg)
	}
	return buf
}

// receive reads one reply as text, as redis-cli --raw shows it: a nil is empty, an array has one line per element.
func (c *client) receive() (string, error) {
	line, err := readLine(c.in)
	if err != nil {
		return "", err
	}
	if line == "" {
		return "", errors.New("empty reply line")
	}
	switch rest := line[1:]; line[0] {
	case '+', ':':
		return rest, nil
	case '-':
		return "", ReplyError(rest)
	case '$':
		return readBulk(c.in, rest)
	case '*':
		return c.receiveArray(rest)
	default:
		return "", fmt.Errorf("not a RESP2 reply: %q", line)
	}
}

func (c *client) receiveArray(count string) (string, error) {
	n, err := strconv.Atoi(count)
	if err != nil {
		return "", fmt.Errorf("array of %q elements: %w", count, err)
	}
	var elements []string
	for range n {
		element, err := c.receive()
		if err != nil {
			return "", err
		}
		elements = append(elements, element)
	}
	return strings.Join(elements, "\n"), nil
}

func readLine(in *bufio.Reader) (string, error) {
	line, err := in.ReadString('\n')
	if err != nil {
		return "", err
	}
	return strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r"), nil
}

// readBulk reads the body of a bulk string of the given length; -1 is nil and gives "".
func readBulk(in *bufio.Reader, length string) (string, error) {
	n, err := strconv.Atoi(length)
	if err != nil {
		return "", fmt.Errorf("bulk string of length %q: %w", length, err)
	}
	if n < 0 {
		return "", nil
	}
	if n > maxBulk {
		return "", fmt.Errorf("bulk string of %d bytes", n)
	}
	body := make([]byte, n+2)
	if _, err := io.ReadFull(in, body); err != nil {
		return "", err
	}
	return string(body[:n]), nil
}

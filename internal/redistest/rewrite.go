package redistest

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"
)

// Rewrite starts a proxy in front of a server that answers all as the server does, but for the replies that change gives
// back otherwise: for what cannot be brought about on one machine (swap, a connection that has been idle for an hour), told
// in the words of the real server. change gets a command and its raw reply, as RESP 2 or 3 has it, of one connection at a
// time; see EditText. It gives host:port.
func Rewrite(t TB, upstream string, change func(cmd []string, reply string) string) string {
	t.Helper()
	return serve(t, listen(t), func(conn net.Conn) {
		server, err := connect("tcp", upstream, replyWait)
		if err != nil {
			return
		}
		defer func() { _ = server.Close() }()
		in, replies := bufio.NewReader(conn), bufio.NewReader(server)
		for {
			cmd, err := readCommand(in)
			if err != nil {
				return
			}
			if len(cmd) == 0 {
				continue
			}
			if err := server.SetDeadline(time.Now().Add(replyWait)); err != nil {
				return
			}
			if _, err := server.Write(command(cmd)); err != nil {
				return
			}
			reply, err := rawReply(replies)
			if err != nil {
				return
			}
			if _, err := io.WriteString(conn, change(cmd, reply)); err != nil {
				return
			}
		}
	})
}

// EditText changes the text of a raw bulk or verbatim string, as INFO and CLIENT LIST answer; other replies stay.
func EditText(reply string, edit func(text string) string) string {
	head, body, ok := strings.Cut(reply, "\r\n")
	if !ok || head == "" || head[0] != '$' && head[0] != '=' || !strings.HasSuffix(body, "\r\n") {
		return reply
	}
	body = strings.TrimSuffix(body, "\r\n")
	const format = len("txt:") // of a verbatim string
	if head[0] == '=' && len(body) >= format {
		body = body[:format] + edit(body[format:])
	} else {
		body = edit(body)
	}
	return fmt.Sprintf("%c%d\r\n%s\r\n", head[0], len(body), body)
}

// rawReply reads one reply of RESP 2 or 3 as it stands.
func rawReply(in *bufio.Reader) (string, error) {
	line, err := in.ReadString('\n')
	if err != nil {
		return "", err
	}
	if len(line) < 3 {
		return "", fmt.Errorf("reply line %q", line)
	}
	kind, rest := line[0], strings.TrimSuffix(line[1:], "\r\n")
	switch kind {
	case '+', '-', ':', '_', '#', ',', '(':
		return line, nil
	case '$', '=', '*', '~', '>', '%', '!', '|':
	default:
		return "", fmt.Errorf("not a RESP reply: %q", line)
	}
	n, err := strconv.Atoi(rest)
	if err != nil || n > maxBulk {
		return "", fmt.Errorf("reply of %q elements: %w", rest, err)
	}
	if strings.IndexByte("$=!", kind) >= 0 {
		if n < 0 {
			return line, nil
		}
		body := make([]byte, n+2)
		_, err := io.ReadFull(in, body)
		return line + string(body), err
	}
	if kind == '%' || kind == '|' {
		n *= 2
	}
	if kind == '|' {
		n++ // the reply that the attribute is about
	}
	var b strings.Builder
	b.WriteString(line)
	for range n {
		element, err := rawReply(in)
		if err != nil {
			return "", err
		}
		b.WriteString(element)
	}
	return b.String(), nil
}

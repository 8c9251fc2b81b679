package cli_test

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

// disguise makes a real server look like a product, or a release, that is not installed here.
type disguise struct {
	info   [][2]string                 // of INFO: patterns of lines, and what stands there instead
	hello  string                      // the raw answer to HELLO, "" for the server's own
	refuse func(words []string) string // the raw answer to a command, "" for the server's own, hangUp to close the connection
}

const hangUp = "hang up"

// behind starts a proxy that puts the disguise on a server, and gives its host:port.
func (g disguise) behind(t *testing.T, s *redistest.Server) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ln.Close() })
	go func() {
		for {
			client, err := ln.Accept()
			if err != nil {
				return // the test is over
			}
			go g.serve(client, s.Addr())
		}
	}()
	return ln.Addr().String()
}

// serve answers one client until one side hangs up.
func (g disguise) serve(client net.Conn, addr string) {
	defer client.Close() //nolint:errcheck // a test's connection
	server, err := net.Dial("tcp", addr)
	if err != nil {
		return
	}
	defer server.Close() //nolint:errcheck // as above
	asked, answered := bufio.NewReader(client), bufio.NewReader(server)
	for {
		raw, words, err := readRESP(asked)
		if err != nil {
			return
		}
		reply := ""
		if g.refuse != nil {
			reply = g.refuse(words)
		}
		switch reply {
		case hangUp:
			return
		case "":
			if _, err := server.Write(raw); err != nil {
				return
			}
			said, _, err := readRESP(answered)
			if err != nil {
				return
			}
			reply = g.dress(strings.ToUpper(words[0]), string(said))
		}
		if _, err := io.WriteString(client, reply); err != nil {
			return
		}
	}
}

// dress changes what the server says of itself.
func (g disguise) dress(command, reply string) string {
	switch {
	case command == "HELLO" && g.hello != "" && reply[0] == '%':
		return g.hello
	case command != "INFO" || reply[0] != '$' && reply[0] != '=':
		return reply
	}
	_, text, _ := strings.Cut(reply, "\r\n")
	if reply[0] == '=' {
		text = text[len("txt:"):]
	}
	for _, change := range g.info {
		text = regexp.MustCompile(change[0]).ReplaceAllString(text, change[1])
	}
	return redistest.BulkReply(strings.TrimSuffix(text, "\r\n"))
}

// readRESP reads one value: the bytes, and the words where it is a command.
func readRESP(in *bufio.Reader) (raw []byte, words []string, err error) {
	line, err := in.ReadBytes('\n')
	if err != nil {
		return nil, nil, err
	}
	if line[0] != '*' && line[0] != '$' && line[0] != '=' && line[0] != '%' && line[0] != '~' && line[0] != '>' {
		return line, strings.Fields(string(line)), nil // +, -, :, or an inline command
	}
	n, err := strconv.Atoi(string(bytes.TrimSpace(line[1:])))
	if err != nil || n < 0 {
		return line, nil, err
	}
	raw = line
	if line[0] == '$' || line[0] == '=' {
		word := make([]byte, n+len("\r\n"))
		_, err := io.ReadFull(in, word)
		return append(raw, word...), []string{string(word[:n])}, err
	}
	if line[0] == '%' {
		n *= 2
	}
	for range n {
		part, inside, err := readRESP(in)
		if err != nil {
			return nil, nil, err
		}
		raw, words = append(raw, part...), append(words, inside...)
	}
	return raw, words, nil
}

// says is HELLO's answer of a product.
func says(server, version string) string {
	var b strings.Builder
	b.WriteString("%7\r\n")
	for _, pair := range [][2]string{{"server", server}, {"version", version}, {"mode", "standalone"}, {"role", "master"}} {
		b.WriteString(redistest.BulkReply(pair[0]) + redistest.BulkReply(pair[1]))
	}
	b.WriteString(redistest.BulkReply("proto") + ":3\r\n" + redistest.BulkReply("id") + ":5\r\n")
	return b.String() + redistest.BulkReply("modules") + "*0\r\n"
}

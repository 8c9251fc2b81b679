package redistest

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Fake is a server that answers what a test tells it to: the exact words of a provider or a version that cannot be
// started here.
type Fake struct {
	TLS *TLSFiles // certificates, nil without TLS

	addr    string
	turn    sync.Mutex // held during a call of answers
	answers func(cmd []string) string

	mu       sync.Mutex // guards commands; free during answers, which may ask for Commands
	commands [][]string
}

// FakeRESP starts a fake server and gives its host:port; see StartFake.
func FakeRESP(t TB, answers func(cmd []string) string) string {
	t.Helper()
	return StartFake(t, answers).Addr()
}

// StartFake starts a fake server. answers gets a command and its arguments as sent (arrays and inline commands are
// understood) and returns the raw reply, with its \r\n, or "" to close the connection. It is called by one connection
// at a time. Of the options only those for TLS count.
func StartFake(t TB, answers func(cmd []string) string, opts ...Option) *Fake {
	t.Helper()
	f := &Fake{answers: answers}
	set := newSettings(opts)
	var ln net.Listener = listen(t)
	if set.tls != nil {
		if f.TLS = set.tlsFiles; f.TLS == nil {
			f.TLS = NewTLS(t, *set.tls)
		}
		conf, err := f.TLS.serverConfig(*set.tls)
		if err != nil {
			t.Fatalf("redistest: start fake server: %v", err)
		}
		ln = tls.NewListener(ln, conf)
	}
	f.addr = serve(t, ln, f.talk)
	return f
}

// Addr is host:port.
func (f *Fake) Addr() string { return f.addr }

// URL is redis://… or rediss://…, without credentials.
func (f *Fake) URL() string {
	if f.TLS != nil {
		return "rediss://" + f.addr
	}
	return "redis://" + f.addr
}

// Commands is what was received so far, of all connections in the order of arrival.
func (f *Fake) Commands() [][]string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.commands)
}

func (f *Fake) talk(conn net.Conn) {
	in := bufio.NewReader(conn)
	for {
		cmd, err := readCommand(in)
		if err != nil {
			return
		}
		if len(cmd) == 0 {
			continue // a blank line, as redis-server ignores it
		}
		reply := f.answer(cmd)
		if reply == "" {
			return
		}
		if _, err := io.WriteString(conn, reply); err != nil {
			return
		}
	}
}

func (f *Fake) answer(cmd []string) string {
	f.turn.Lock()
	defer f.turn.Unlock()
	f.mu.Lock()
	f.commands = append(f.commands, cmd)
	f.mu.Unlock()
	return f.answers(cmd)
}

// readCommand reads an array of bulk strings, or an inline command.
func readCommand(in *bufio.Reader) ([]string, error) {
	line, err := readLine(in)
	if err != nil {
		return nil, err
	}
	if !strings.HasPrefix(line, "*") {
		return strings.Fields(line), nil
	}
	n, err := strconv.Atoi(line[1:])
	if err != nil {
		return nil, fmt.Errorf("command of %q words: %w", line[1:], err)
	}
	var cmd []string
	for range n {
		length, err := readLine(in)
		if err != nil {
			return nil, err
		}
		if !strings.HasPrefix(length, "$") {
			return nil, fmt.Errorf("not a bulk string: %q", length)
		}
		word, err := readBulk(in, length[1:])
		if err != nil {
			return nil, err
		}
		cmd = append(cmd, word)
	}
	return cmd, nil
}

// SimpleReply is a raw simple string, such as OK.
func SimpleReply(text string) string { return "+" + text + "\r\n" }

// ErrorReply is a raw error reply; words begin with the code, such as "ERR max requests limit exceeded".
func ErrorReply(words string) string { return "-" + words + "\r\n" }

// BulkReply is a raw bulk string, as INFO answers.
func BulkReply(text string) string { return fmt.Sprintf("$%d\r\n%s\r\n", len(text), text) }

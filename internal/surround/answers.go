package surround

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	// sourceAnswers names the question: what an inline PING in clear draws from a port of this machine.
	sourceAnswers = "PING on loopback"
	// answerWait is the deadline of each step: loopback answers in microseconds or not at all.
	answerWait = 500 * time.Millisecond
	// maxPorts bounds how many ports are tried.
	maxPorts = 32
	// maxReply is what is read of an answer.
	maxReply = 512
)

// wellKnownPorts are Redis, a second one or TLS, the first cluster node, a cluster bus or a tunnel, Sentinel.
var wellKnownPorts = []int{6379, 6380, 7000, 16379, 26379}

// loopbacks are the only hosts that are ever tried.
var loopbacks = []string{"127.0.0.1", "::1"}

// firstPorts are the ports that need no other source to be known.
func (l *look) firstPorts() []int {
	ports := slices.DeleteFunc(slices.Concat(l.Ports, wellKnownPorts), func(port int) bool { return !validPort(port) })
	slices.Sort(ports)
	ports = slices.Compact(ports)
	return ports[:min(len(ports), maxPorts)]
}

func validPort(port int) bool { return port > 0 && port <= 65535 }

// answers tries all ports on both families at once. Its order is that of ports.
func (l *look) answers(ctx context.Context, ports []int) []Answer {
	ctx, cancel := context.WithTimeout(ctx, l.Timeout)
	defer cancel()
	found := make([]Answer, len(ports)*len(loopbacks))
	var all sync.WaitGroup
	for i := range found {
		all.Go(func() { found[i] = l.ask(ctx, loopbacks[i%len(loopbacks)], ports[i/len(loopbacks)]) })
	}
	all.Wait()
	return found
}

func (l *look) ask(ctx context.Context, address string, port int) Answer {
	answer := Answer{Address: address, Port: port}
	conn, err := dialLoopback(ctx, address, port)
	if err != nil {
		answer.Kind = dialKind(err)
		return answer
	}
	defer func() { _ = conn.Close() }()
	// The write may fail and an answer wait all the same: a server that is full says so and hangs up.
	_, _ = conn.Write([]byte("PING\r\n"))
	reply, err := readLine(conn)
	answer.Kind = replyKind(reply, err)
	switch {
	case answer.Kind == AnswerClosed && speaksTLS(ctx, address, port):
		answer.Kind = AnswerTLS
	case answer.Kind != AnswerTLS:
		line, _, _ := strings.Cut(strings.TrimSpace(string(reply)), "\n")
		answer.Text = l.clean(line)
	}
	return answer
}

func dialLoopback(ctx context.Context, address string, port int) (net.Conn, error) {
	dialer := net.Dialer{Timeout: answerWait}
	conn, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(address, strconv.Itoa(port)))
	if err != nil {
		return nil, err
	}
	if err := conn.SetDeadline(time.Now().Add(answerWait)); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

// windowsRefused is WSAECONNREFUSED, which package syscall does not count as ECONNREFUSED.
const windowsRefused = syscall.Errno(10061)

func dialKind(err error) AnswerKind {
	var timeout net.Error
	switch {
	case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, windowsRefused):
		return AnswerRefused
	case errors.As(err, &timeout) && timeout.Timeout(), errors.Is(err, context.Canceled):
		return AnswerTimeout
	default:
		return AnswerUnreachable
	}
}

// readLine reads up to a line end, maxReply bytes or an error, whatever comes first.
func readLine(r io.Reader) ([]byte, error) {
	line := make([]byte, 0, maxReply)
	for len(line) < maxReply {
		n, err := r.Read(line[len(line):maxReply])
		line = line[:len(line)+n]
		if err != nil || bytes.IndexByte(line, '\n') >= 0 {
			return line, err
		}
	}
	return line, nil
}

// replyKind sorts the first bytes of an answer; err is what ended the reading.
func replyKind(reply []byte, err error) AnswerKind {
	var timeout net.Error
	switch {
	case len(reply) == 0 && errors.As(err, &timeout) && timeout.Timeout():
		return AnswerSilent
	case len(reply) == 0:
		return AnswerClosed
	case bytes.HasPrefix(reply, []byte("+PONG")):
		return AnswerPong
	case bytes.HasPrefix(reply, []byte("-NOAUTH")), bytes.HasPrefix(reply, []byte("-ERR operation not permitted")):
		return AnswerAuth // the second is Redis before 6
	case bytes.HasPrefix(reply, []byte("-DENIED")):
		return AnswerDenied
	case reply[0] == '-':
		return AnswerError
	case len(reply) >= 3 && (reply[0] == 0x15 || reply[0] == 0x16) && reply[1] == 3: // a TLS alert or handshake record
		return AnswerTLS
	default:
		return AnswerOther
	}
}

// speaksTLS tells a server that hung up on clear text because it wants TLS: redis-server resets, others just close.
func speaksTLS(ctx context.Context, address string, port int) bool {
	conn, err := dialLoopback(ctx, address, port)
	if err != nil {
		return false
	}
	defer func() { _ = conn.Close() }()
	//nolint:gosec // only whether it is TLS is asked; nothing is sent through it
	err = tls.Client(conn, &tls.Config{InsecureSkipVerify: true, ServerName: "localhost"}).HandshakeContext(ctx)
	var alert tls.AlertError
	var remote *net.OpError
	return err == nil || errors.As(err, &alert) || errors.As(err, &remote) && remote.Op == "remote error"
}

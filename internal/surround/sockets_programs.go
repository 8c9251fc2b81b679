package surround

import (
	"context"
	"net/netip"
	"strconv"
	"strings"
)

// The programs that list sockets where there is no /proc/net/tcp.
const (
	sourceLsof    = "lsof -nP -iTCP -sTCP:LISTEN"
	sourceNetstat = "netstat -ano"
)

// listedSockets asks lsof, or netstat on Windows.
func (l *look) listedSockets(ctx context.Context) Fact[[]Socket] {
	source, parse := l.socketSource(), parseLsof
	if source == sourceNetstat {
		parse = parseNetstat
	}
	command := strings.Fields(source)
	path, err := l.LookPath(command[0])
	if err != nil {
		return unseen[[]Socket](Missing, source, "")
	}
	args := command[1:]
	if source == sourceLsof {
		args = append(args, "-Fpcn") // one field a line, for programs
	}
	out := l.run(ctx, false, path, args...)
	sockets := parse(out.stdout)
	// lsof exits with 1 both for «nothing found» and for «not everything could be seen».
	if out.err != nil || len(sockets) == 0 && strings.TrimSpace(out.stdout+out.stderr) != "" {
		return unseen[[]Socket](out.status(), source, l.clean(out.words()))
	}
	for i := range sockets {
		sockets[i].Process = l.name(sockets[i].Process)
	}
	return seen(source, inOrder(sockets))
}

// parseLsof reads lsof -F: p1234, credis-server, f6, n127.0.0.1:6379.
func parseLsof(text string) []Socket {
	sockets := []Socket{}
	var process Socket
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if line == "" {
			continue
		}
		switch field := line[1:]; line[0] {
		case 'p':
			pid, err := strconv.Atoi(field)
			if err != nil {
				pid = 0
			}
			process = Socket{PID: max(0, pid)}
		case 'c':
			process.Process = field
		case 'n':
			if address, port, ok := splitEndpoint(field); ok {
				sockets = append(sockets, Socket{Address: address, Port: port, PID: process.PID, Process: process.Process})
			}
		}
	}
	return sockets
}

// parseNetstat reads netstat -ano of Windows. The state is translated there (LISTENING, ABHÖREN), so listeners are
// told by their foreign address, which has port 0.
func parseNetstat(text string) []Socket {
	sockets := []Socket{}
	for line := range strings.Lines(text) {
		fields := strings.Fields(line) // TCP  0.0.0.0:6379  0.0.0.0:0  LISTENING  1234
		if len(fields) < 5 || fields[0] != "TCP" || fields[2] != "0.0.0.0:0" && fields[2] != "[::]:0" {
			continue
		}
		pid, err := strconv.Atoi(fields[len(fields)-1]) // the translated state may be two words
		address, port, ok := splitEndpoint(fields[1])
		if err == nil && ok {
			sockets = append(sockets, Socket{Address: address, Port: port, PID: max(0, pid)})
		}
	}
	return sockets
}

// splitEndpoint reads 127.0.0.1:6379, [::1]:6379 and *:6379, which is every address of one family or both.
func splitEndpoint(text string) (address string, port int, ok bool) {
	if every, found := strings.CutPrefix(text, "*:"); found {
		text = "0.0.0.0:" + every
	}
	at, err := netip.ParseAddrPort(text)
	if err != nil || at.Port() == 0 {
		return "", 0, false
	}
	return at.Addr().Unmap().WithZone("").String(), int(at.Port()), true
}

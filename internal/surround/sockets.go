package surround

import (
	"cmp"
	"context"
	"encoding/binary"
	"encoding/hex"
	"io/fs"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/sorting"
)

const (
	// maxSockets bounds how many listeners are kept.
	maxSockets = 512
	// stateListen is TCP_LISTEN of the kernel's net/tcp_states.h.
	stateListen = "0A"
)

func (l *look) sockets(ctx context.Context) Fact[[]Socket] {
	switch l.goos {
	case "linux":
		return l.kernelSockets(ctx)
	case "darwin", "freebsd", "windows":
		return l.listedSockets(ctx)
	default:
		return Fact[[]Socket]{}
	}
}

// socketSource is where the sockets of this system are read.
func (l *look) socketSource() string {
	switch l.goos {
	case "darwin", "freebsd":
		return sourceLsof
	case "windows":
		return sourceNetstat
	default:
		return "/proc/net/tcp"
	}
}

func (l *look) kernelSockets(ctx context.Context) Fact[[]Socket] {
	found := map[string]Socket{}
	var firstErr error
	read := 0
	for _, path := range []string{"proc/net/tcp", "proc/net/tcp6"} {
		// Listening sockets stand first, so what is beyond maxFile is connections.
		text, err := l.read(path)
		if err != nil {
			if firstErr == nil {
				firstErr = err
			}
			continue
		}
		rows, ok := parseTCPTable(text, binary.NativeEndian)
		if ok {
			read++
		}
		for inode, socket := range rows {
			if len(found) < maxSockets {
				found[inode] = socket
			}
		}
	}
	if read == 0 { // without IPv6 there is no tcp6: one of the two is enough
		if firstErr == nil {
			return unseen[[]Socket](Failed, "/proc/net/tcp", "")
		}
		return unseen[[]Socket](statusOf(firstErr), "/proc/net/tcp", l.clean(firstErr.Error()))
	}
	l.owners(ctx, found)
	sockets := make([]Socket, 0, len(found))
	for _, socket := range found {
		sockets = append(sockets, socket)
	}
	return seen("/proc/net/tcp", inOrder(sockets))
}

// inOrder sorts by port, then address, and drops what is listed twice: one socket shared by several workers.
func inOrder(sockets []Socket) []Socket {
	sorting.By(sockets, func(a, b Socket) int {
		return cmp.Or(cmp.Compare(a.Port, b.Port), cmp.Compare(a.Address, b.Address), cmp.Compare(a.PID, b.PID))
	})
	sockets = slices.CompactFunc(sockets, func(a, b Socket) bool { return a.Port == b.Port && a.Address == b.Address })
	return sockets[:min(len(sockets), maxSockets)]
}

// parseTCPTable reads the listening rows of /proc/net/tcp or tcp6, by inode; false where the text is no such table. The
// kernel prints addresses as words in its own byte order.
func parseTCPTable(text string, order binary.ByteOrder) (map[string]Socket, bool) {
	head, rows, _ := strings.Cut(text, "\n")
	if !strings.Contains(head, "local_address") {
		return nil, false
	}
	found := map[string]Socket{}
	for line := range strings.Lines(rows) {
		fields := strings.Fields(line) // sl local_address rem_address st queues timer retrnsmt uid timeout inode …
		if len(fields) < 10 || fields[3] != stateListen || !strings.HasSuffix(line, "\n") {
			continue
		}
		address, port, ok := parseEndpoint(fields[1], order)
		inode := fields[9]
		if _, err := strconv.ParseUint(inode, 10, 64); err == nil && ok {
			found[inode] = Socket{Address: address, Port: port}
		}
	}
	return found, true
}

// parseEndpoint reads "0100007F:18EB".
func parseEndpoint(text string, order binary.ByteOrder) (address string, port int, ok bool) {
	host, service, _ := strings.Cut(text, ":")
	raw, err := hex.DecodeString(host)
	if err != nil || len(raw) != 4 && len(raw) != 16 {
		return "", 0, false
	}
	number, err := strconv.ParseUint(service, 16, 16)
	if err != nil || number == 0 {
		return "", 0, false
	}
	for word := 0; word < len(raw); word += 4 {
		// The text shows each word as a number: most significant digit first, whatever lies first in memory.
		order.PutUint32(raw[word:], binary.BigEndian.Uint32(raw[word:]))
	}
	ip, _ := netip.AddrFromSlice(raw)
	return ip.Unmap().String(), int(number), true
}

// owners finds the processes of sockets through their open files, as far as this user may see and ctx lasts.
func (l *look) owners(ctx context.Context, sockets map[string]Socket) {
	processes, err := fs.ReadDir(l.FS, "proc")
	if err != nil {
		return // no process is named: PID 0 says so
	}
	missing := len(sockets)
	for _, process := range processes {
		pid, err := strconv.Atoi(process.Name())
		if err != nil {
			continue
		}
		if missing == 0 || ctx.Err() != nil {
			return
		}
		files := "proc/" + process.Name() + "/fd"
		open, err := fs.ReadDir(l.FS, files)
		if err != nil {
			continue // another user's, or gone
		}
		for _, file := range open {
			link, err := fs.ReadLink(l.FS, files+"/"+file.Name())
			if err != nil {
				continue
			}
			inode, isSocket := strings.CutPrefix(link, "socket:[")
			inode = strings.TrimSuffix(inode, "]")
			socket, wanted := sockets[inode]
			if !isSocket || !wanted || socket.PID != 0 {
				continue
			}
			socket.PID, socket.Process, socket.Stopped = pid, l.processName(process.Name()), l.processStopped(process.Name())
			sockets[inode] = socket
			missing--
		}
	}
}

func (l *look) processName(pid string) string {
	name, err := l.read("proc/" + pid + "/comm")
	if err != nil {
		return "" // it ended meanwhile
	}
	return l.name(strings.TrimSpace(name))
}

// processStopped reads the state behind the name, which may itself hold blanks and brackets (proc_pid_stat(5)). T is a
// signal's stop, t a debugger's, which SIGCONT does not end.
func (l *look) processStopped(pid string) bool {
	text, err := l.read("proc/" + pid + "/stat")
	if err != nil {
		return false // it ended meanwhile
	}
	state := strings.Fields(text[strings.LastIndexByte(text, ')')+1:])
	return len(state) > 0 && state[0] == "T"
}

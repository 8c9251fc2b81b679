package surround

import (
	"encoding/binary"
	"errors"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"runtime"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

const (
	tcpHead = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
	tcpRows = `   0: 0100007F:18EB 00000000:0000 0A 00000000:00000000 00:00000000 00000000   112        0 511300 1 00000000 100 0 0 10 0
   1: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 511301 1 00000000 100 0 0 10 0
   2: 0100007F:A070 0100007F:18EB 06 00000000:00000000 03:00000D87 00000000     0        0 0 3 00000000
`
	// In tcp6 the columns that are not read are shortened here.
	tcp6Rows = `   0: 00000000000000000000000001000000:18EB 0:0000 0A 0:0 00:0 0 112 0 511302 1 0 100 0 0 10 0
   1: 0000000000000000FFFF00000100007F:2328 0:0000 0A 0:0 00:0 0 0 0 511303 1 0 100 0 0 10 0
`
)

func file(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }

func link(target string) *fstest.MapFile {
	return &fstest.MapFile{Data: []byte(target), Mode: fs.ModeSymlink}
}

func TestKernelSockets(t *testing.T) {
	t.Parallel()
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		t.Skip("recorded on a little-endian machine")
	}
	l := newLook(Options{FS: fstest.MapFS{
		"proc/net/tcp": file(tcpHead + tcpRows), "proc/net/tcp6": file(tcpHead + tcp6Rows),
		"proc/812/comm": file("redis-server\n"), "proc/812/fd/3": link("/dev/null"), "proc/812/fd/6": link("socket:[511300]"),
		"proc/812/fd/7": link("socket:[511302]"), "proc/813/fd/7": link("socket:[511302]"),
		"proc/812/stat": file("812 (a) T (redis-server)) S 1 812 812 0 -1 4194560"),
		"proc/814/fd/3": link("socket:[511303]"), "proc/814/comm": file("valkey-server\n"), "proc/814/stat": file("814 (valkey-server) T 1 814"),
		"proc/self/fd/1": link("x"),
	}})
	got := l.kernelSockets(t.Context())
	want := seen("/proc/net/tcp", []Socket{
		{Address: "0.0.0.0", Port: 80},
		{Address: "127.0.0.1", Port: 6379, PID: 812, Process: "redis-server"},
		{Address: "::1", Port: 6379, PID: 812, Process: "redis-server"},
		{Address: "127.0.0.1", Port: 9000, PID: 814, Process: "valkey-server", Stopped: true},
	})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestOwnSocket finds a real listener of this process.
func TestOwnSocket(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("reads /proc")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	port := int(netip.MustParseAddrPort(listener.Addr().String()).Port())
	for _, socket := range newLook(Options{}).kernelSockets(t.Context()).Value {
		if socket.Port == port && socket.Address == "127.0.0.1" && socket.PID == os.Getpid() && socket.Process != "" {
			return
		}
	}
	t.Errorf("port %d of this process was not found", port)
}

func TestSocketsTroubles(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		root fs.FS
		want Status
	}{
		"no proc":  {fstest.MapFS{}, Missing},
		"garbage":  {fstest.MapFS{"proc/net/tcp": file("hello"), "proc/net/tcp6": file("")}, Failed},
		"denied":   {brokenFS{fs.ErrPermission}, Denied},
		"broken":   {brokenFS{errors.New("i/o")}, Failed},
		"tcp only": {fstest.MapFS{"proc/net/tcp": file(tcpHead)}, OK},
	} {
		if got := newLook(Options{FS: c.root}).kernelSockets(t.Context()); got.Status != c.want {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// brokenFS answers every question with its error.
type brokenFS struct{ err error }

func (b brokenFS) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: b.err}
}

func TestListedSockets(t *testing.T) {
	t.Parallel()
	f := play(t)
	f.write("lsof.-nP.out", "p812\ncredis-server\nf6\nn127.0.0.1:6379\nf7\nn[::1]:6379\np900\ncnode\nf20\nn*:3000\nn*:*\nnrubbish\n\n")
	f.write("lsof.-nP.code", "1")
	f.write("netstat.-ano.out", "\r\nConnexions actives\r\n\r\n  Proto  Adresse locale  Adresse distante  Etat\r\n"+
		"  TCP    0.0.0.0:6379           0.0.0.0:0              À l'écoute       1234\r\n"+
		"  TCP    127.0.0.1:6379         127.0.0.1:50000        ESTABLISHED     1234\r\n"+
		"  TCP    [::1]:6380             [::]:0                 LISTENING       99\r\n"+
		"  UDP    0.0.0.0:123            *:*                                    77\r\n")
	for goos, want := range map[string][]Socket{
		"darwin": {
			{Address: "0.0.0.0", Port: 3000, PID: 900, Process: "node"},
			{Address: "127.0.0.1", Port: 6379, PID: 812, Process: "redis-server"},
			{Address: "::1", Port: 6379, PID: 812, Process: "redis-server"},
		},
		"windows": {{Address: "0.0.0.0", Port: 6379, PID: 1234}, {Address: "::1", Port: 6380, PID: 99}},
	} {
		l := newLook(f.options())
		l.goos = goos
		got := l.sockets(t.Context())
		if diff := cmp.Diff(want, got.Value); diff != "" || got.Status != OK || got.Source != l.socketSource() {
			t.Errorf("%s: %+v\n%s", goos, got, diff)
		}
	}
	l := newLook(play(t).options())
	l.goos = "darwin"
	if got := l.sockets(t.Context()); got.Status != Missing {
		t.Errorf("without lsof: %+v", got)
	}
	l.goos = "plan9"
	if got := l.sockets(t.Context()); got.Status != NotAsked {
		t.Errorf("elsewhere: %+v", got)
	}
}

func FuzzParseTCPTable(f *testing.F) {
	f.Add(tcpHead + tcpRows)
	f.Add(tcpHead + tcp6Rows)
	f.Fuzz(func(t *testing.T, text string) {
		rows, _ := parseTCPTable(text, binary.LittleEndian)
		for inode, socket := range rows {
			if _, err := netip.ParseAddr(socket.Address); err != nil || !validPort(socket.Port) || inode == "" {
				t.Errorf("%q: %+v", inode, socket)
			}
		}
		for _, socket := range append(parseLsof(text), parseNetstat(text)...) {
			if !validPort(socket.Port) || socket.PID < 0 {
				t.Errorf("%+v", socket)
			}
		}
	})
}

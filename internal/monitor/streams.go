package monitor

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/olympiades-ia/olymp-cache/internal/monitor/traffic"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
	"github.com/olympiades-ia/olymp-cache/internal/sorting"
)

// openStreams sends MONITOR to every server that holds keys.
func (r *run) openStreams(ctx context.Context) error {
	var mu sync.Mutex
	err := r.conn.EachPrimary(ctx, func(ctx context.Context, node *redis.Client) error {
		s, err := r.conn.Stream(ctx, node, "MONITOR")
		if err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		r.streams = append(r.streams, s)
		return nil
	})
	if err == nil && len(r.streams) == 0 {
		err = r.conn.Named(errNoPrimary)
	}
	if err != nil {
		r.closeStreams()
		if context.Cause(ctx) != nil {
			return context.Cause(ctx)
		}
		if e, ok := redisconn.AsError(err); ok && refusesMonitor(e) {
			return &RefusedError{e}
		}
		return r.conn.Named(err)
	}
	sorting.By(r.streams, func(a, b *redisconn.Stream) int { return cmp.Compare(a.Addr, b.Addr) })
	for _, s := range r.streams {
		r.result.Nodes = append(r.result.Nodes, s.Addr)
	}
	return nil
}

// errNoPrimary is a cluster none of whose primaries could be found.
var errNoPrimary = errors.New("cluster has no nodes")

// refusesMonitor tells a refusal of the command from a server that is not able to serve anybody just now.
func refusesMonitor(e *redisconn.Error) bool {
	switch e.ID {
	case "auth-no-permission", "server-unknown-command", "server-error":
		return e.Step == redisconn.StepCommand
	}
	return false
}

// closeStreams hangs up; more than once is no harm.
func (r *run) closeStreams() {
	for _, s := range r.streams {
		_ = s.Close() // what was read is read
	}
}

// block is what was read in one go: whole lines, or the beginning of one that is longer than a block.
type block struct {
	node int
	data []byte
	cut  bool
}

const (
	// blockSize bounds what is read in one go, and with it a line, in bytes.
	blockSize = 256 << 10
	// mostBlocks bounds what waits to be shown, to 32 MB: some seconds of a busy server.
	mostBlocks = 128
)

// intake is where the readers of all servers put their blocks.
type intake struct {
	filled chan block
	free   chan []byte
	mu     sync.Mutex
	made   int
}

func newIntake() *intake {
	// There are never more blocks than places, so that no reader ever waits.
	return &intake{filled: make(chan block, mostBlocks), free: make(chan []byte, mostBlocks)}
}

// take is an empty block, or nil where all are in use.
func (in *intake) take() []byte {
	select {
	case b := <-in.free:
		return b
	default:
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.made == mostBlocks {
		return nil
	}
	in.made++
	return make([]byte, blockSize)
}

// give takes a block back.
func (in *intake) give(b []byte) { in.free <- b[:blockSize] }

// ending is how the reading of one server ended.
type ending struct {
	node int
	at   time.Time
	err  error
}

// lines reads a stream until it fails: by the deadline that was set, as we hung up, or as the server did.
type lines struct {
	stream  *redisconn.Stream
	node    int
	in      *intake
	dropped uint64 // lines that there was no block for

	spare    []byte // read into where there is none
	rest     []byte // the beginning of a line whose end is still to come
	skipping bool   // in a line that was longer than a block
}

func (l *lines) read() error {
	for {
		buf := l.in.take()
		lost := buf == nil
		if lost {
			if l.spare == nil {
				l.spare = make([]byte, blockSize)
			}
			buf = l.spare
		}
		n := copy(buf, l.rest)
		got, err := l.stream.Read(buf[n:])
		data, cut := l.cutOff(buf[:n+got])
		switch {
		case lost:
			l.count(data, cut)
		case len(data) > 0:
			l.in.filled <- block{l.node, data, cut}
		default:
			l.in.give(buf)
		}
		if err != nil {
			return err
		}
		if got < smallRead {
			time.Sleep(gatherFor)
		}
	}
}

const (
	// smallRead is what was read before there was much, in bytes. Waiting for more then costs the server nothing, as it all fits into
	// the socket's buffers, and saves most of the system calls: on a busy server they would take as much CPU as Redis itself.
	smallRead = 16 << 10
	gatherFor = time.Millisecond
)

// cutOff keeps what follows the last line for the next time, and gives the whole lines: as they stand at the beginning of the
// block, even where something before them had to go.
func (l *lines) cutOff(data []byte) (whole []byte, cut bool) {
	full := len(data) == blockSize
	if l.skipping {
		i := bytes.IndexByte(data, '\n')
		if i < 0 {
			l.rest = l.rest[:0]
			return nil, false
		}
		l.skipping = false
		data = data[:copy(data, data[i+1:])]
		full = false
	}
	last := bytes.LastIndexByte(data, '\n')
	if last < 0 && full {
		l.skipping = true
		l.rest = l.rest[:0]
		return data, true
	}
	l.rest = append(l.rest[:0], data[last+1:]...)
	return data[:last+1], false
}

func (l *lines) count(data []byte, cut bool) {
	if cut {
		l.dropped++
		return
	}
	l.dropped += traffic.Lines(data)
}

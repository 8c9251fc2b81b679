package redisconn

import (
	"errors"
	"math"
)

// errTooLong is a reply that announces more than any server sends. The driver makes room for what is announced before it
// reads it: a single hostile line would end the program.
var errTooLong = errors.New("the reply announces an impossible length")

const (
	// longestBulk is the longest single value: twice proto-max-bulk-len's default, 512 MB (redis.conf).
	longestBulk = 1 << 30
	// mostElements is the most elements of one array, map or set: far above a page of SCAN and a full CLIENT LIST.
	mostElements = 1 << 22
)

// lengths follows a stream of RESP and refuses impossible lengths. It reads headers only: what is inside of an array is
// again a header, and the bytes of a value are skipped.
type lengths struct {
	kind   byte  // of the header that is being read; 0 between headers
	length int64 // its digits so far; −1 where it has none
	skip   int64 // bytes of a value that are still to come, its line end included
	off    bool  // no RESP, or in a form that has no lengths: nothing to follow
	broken bool  // an impossible length was seen: nothing that follows can be trusted
}

// check takes the next bytes.
func (l *lengths) check(p []byte) error {
	if l.broken {
		return errTooLong
	}
	for len(p) > 0 && !l.off {
		if l.skip > 0 {
			n := min(l.skip, int64(len(p)))
			l.skip -= n
			p = p[n:]
			continue
		}
		c := p[0]
		p = p[1:]
		switch {
		case l.kind == 0:
			l.kind, l.length = c, -1
		case c == '\n':
			if err := l.settle(); err != nil {
				return err
			}
		default:
			l.digit(c)
		}
	}
	return nil
}

// digit adds to the number of a header that has one.
func (l *lengths) digit(c byte) {
	switch {
	case !l.counts() && !l.measures(), c == '\r', l.length == -1 && c == '-':
	case c < '0' || c > '9':
		l.off = true // «$?» streams in pieces, and «* OK» is another protocol
	case l.length > math.MaxInt64/10-10:
	default:
		l.length = max(l.length, 0)*10 + int64(c-'0')
	}
}

// counts tells a header of elements, measures one of bytes.
func (l *lengths) counts() bool {
	return l.kind == '*' || l.kind == '%' || l.kind == '~' || l.kind == '>' || l.kind == '|'
}

func (l *lengths) measures() bool { return l.kind == '$' || l.kind == '=' || l.kind == '!' }

// settle is reached at the end of a header.
func (l *lengths) settle() error {
	switch {
	case l.counts() && l.length > mostElements, l.measures() && l.length > longestBulk:
		l.broken = true
		return errTooLong
	case l.measures() && l.length >= 0:
		l.skip = l.length + int64(len("\r\n"))
	}
	l.kind = 0
	return nil
}

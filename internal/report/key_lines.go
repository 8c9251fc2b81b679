package report

import (
	"io"

	"github.com/olympiades-ia/olymp-cache/internal/keyspace/profile"
	"github.com/olympiades-ia/olymp-cache/internal/resp"
)

// KeyLines writes names for programs: one a line, quoted as redis-cli does where a name would break the line or is no text.
type KeyLines struct {
	buffered
	null   bool
	Quoted int64 // names that were quoted
}

// NewKeyLines writes to w. With null, names are their bytes, each followed by a NUL; a name may hold NULs itself, and only xargs -0
// and its like know no better.
func NewKeyLines(w io.Writer, null bool) *KeyLines {
	return &KeyLines{buffered: newBuffered(w), null: null}
}

// Key writes one name.
func (l *KeyLines) Key(r profile.Record) error {
	switch {
	case l.null:
		l.line.Write(r.Name)
		l.line.WriteByte(0)
		return l.write()
	case resp.Plain(r.Name):
		l.line.Write(r.Name)
	default:
		l.Quoted++
		l.line.Write(resp.Quote(nil, r.Name))
	}
	l.line.WriteByte('\n')
	return l.write()
}

// End writes nothing more: a line is a key.
func (l *KeyLines) End(*KeyList) error { return l.Page() }

package keyspace

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/keyspace/profile"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
	"github.com/olympiades-ia/olymp-cache/internal/resp"
)

// Filter is which keys are meant. Its zero value means all.
type Filter struct {
	Pattern string // Redis's glob; "" for all
	Type    string // as TYPE says; "" for any
}

// startCursor is where a walk begins and ends (SCAN's own convention).
const startCursor = "0"

const (
	// pageKeys is how many keys the server visits for one page: half a millisecond of its time, measured on Redis 7.0.
	pageKeys = 500
	// farPageKeys is the most it visits for one page, where the way to it is long: 2 ms, which the slow log (10 ms) does not notice.
	farPageKeys = 2000
)

// pageFor is how many keys one page visits: more where the round trip is long, fewer where the run is to go slowly.
func pageFor(trip time.Duration, pace Pace) int {
	count := min(pageKeys+pageKeys*int(trip/time.Millisecond), farPageKeys)
	if pace.Gentle {
		count = gentlePage
	}
	if pace.MaxRate > 0 {
		count = int(min(int64(count), max(pace.MaxRate/10, 1))) // a tenth of a second's worth
	}
	if pace.Budget > 0 {
		count = min(count, budgetPage)
	}
	return count
}

// budgetPage is a page where commands are counted, so that the budget is not one page.
const budgetPage = 100

// page is one answer of SCAN, and what was asked about its keys.
type page struct {
	names
	from string // the cursor that this page was asked with
	next string // the cursor of the page after it; startCursor at the end

	out     []byte           // the questions about its keys
	records []profile.Record // the answers; their names are those of the page
}

// walker reads the names of one server page by page.
type walker struct {
	pipe   *redisconn.Pipe
	filter Filter
	count  int
	noType bool // the server's SCAN knows no TYPE (before Redis 6): names of other types come too
	recent *recent
	buf    []byte
}

// next reads the page at a cursor. Names that were just met are left out.
func (w *walker) next(ctx context.Context, cursor string, into *page) error {
	into.reset()
	into.from = cursor
	start := time.Now()
	err := w.ask(cursor)
	if err == nil {
		err = w.read(into)
	}
	var no resp.Error
	if errors.As(err, &no) && w.filter.Type != "" && !w.noType && redisconn.ReplyID(string(no)) == "server-error" {
		w.noType = true
		return w.next(ctx, cursor, into)
	}
	if err != nil {
		return w.pipe.Named(ctx, err)
	}
	w.pipe.Sent(1, "SCAN "+cursor+" COUNT "+strconv.Itoa(w.count), time.Since(start))
	return nil
}

func (w *walker) ask(cursor string) error {
	n := 4
	if w.filter.Pattern != "" {
		n += 2
	}
	if w.filter.Type != "" && !w.noType {
		n += 2
	}
	b := resp.Head(w.buf[:0], n)
	b = resp.Argument(b, "SCAN")
	b = resp.Argument(b, cursor)
	b = resp.Argument(b, "COUNT")
	b = resp.Argument(b, strconv.Itoa(w.count))
	if w.filter.Pattern != "" {
		b = resp.Argument(b, "MATCH")
		b = resp.Argument(b, w.filter.Pattern)
	}
	if w.filter.Type != "" && !w.noType {
		b = resp.Argument(b, "TYPE")
		b = resp.Argument(b, w.filter.Type)
	}
	w.buf = b
	return w.pipe.Write(b)
}

// read reads one answer of SCAN.
func (w *walker) read(into *page) error {
	if err := w.pipe.Expect(); err != nil {
		return err
	}
	next, err := readPage(w.pipe.Replies, &into.names, w.recent)
	into.next = next
	return err
}

// readPage appends the names of an answer of SCAN, and gives the cursor in it. seen, if not nil, leaves out those met lately.
func readPage(r *resp.Reader, into *names, seen *recent) (cursor string, err error) {
	n, err := r.Array()
	if err != nil {
		return "", err
	}
	if n != 2 {
		return "", fmt.Errorf("%w: SCAN's has %d parts", resp.ErrProtocol, n)
	}
	var room [24]byte
	text, _, err := r.Bulk(room[:0])
	if err != nil {
		return "", err
	}
	cursor = string(text)
	keys, err := r.Array()
	if err != nil {
		return "", err
	}
	for range keys {
		b, ok, err := r.Bulk(into.bytes)
		if err != nil {
			return "", err
		}
		if !ok {
			continue
		}
		into.bytes = b
		into.ends = append(into.ends, len(b))
		if seen != nil && seen.met(into.At(into.Len()-1)) {
			into.drop()
		}
	}
	return cursor, nil
}

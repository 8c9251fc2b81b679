package keyspace

import (
	"context"
	"errors"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/keyname"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
	"github.com/olympiades-ia/olymp-cache/internal/resp"
)

// place is a page of a round: its names, before they are asked about.
type place struct {
	page
	met   int    // names, those that are not meant included
	first string // of them
}

// round asks one server for so many more places, and about the keys of the last ones, in one go.
func (s *sampleRun) round(ctx context.Context, n *sampledNode, pages int, last []place) ([]place, error) {
	if err := s.settle(ctx, n, last); err != nil {
		return nil, err
	}
	keys := 0
	var out []byte
	for range pages {
		out = n.placeCommand(out)
	}
	for i := range last {
		keys += last[i].Len()
		for k := range last[i].Len() {
			out = n.read.asked.write(out, last[i].At(k))
		}
	}
	if err := s.limits.spend(ctx, pages+keys*n.read.perKey(), keys); err != nil {
		return nil, err
	}
	if err := n.pipe.Write(out); err != nil {
		return nil, n.pipe.Named(ctx, err)
	}
	start := time.Now()
	if err := n.pipe.Expect(); err != nil {
		return nil, n.pipe.Named(ctx, err)
	}
	next := make([]place, pages)
	for i := range next {
		if err := s.readPlace(n, &next[i]); err != nil {
			return nil, n.pipe.Named(ctx, err)
		}
	}
	n.pipe.Sent(pages, n.placeName(), time.Since(start))
	for i := range last {
		p := &last[i]
		if err := n.read.read(ctx, n.answers, &p.page); err != nil {
			return nil, err
		}
		if n.read.asked.lengths {
			if err := n.read.measure(ctx, &p.page); err != nil {
				return nil, err
			}
		}
		n.pages = append(n.pages, drawn{met: p.met, records: p.records})
	}
	return next, nil
}

// settle finds out which questions a server answers, once there is a key to ask about.
func (s *sampleRun) settle(ctx context.Context, n *sampledNode, last []place) error {
	for i := range last {
		if n.settled || last[i].Len() == 0 {
			continue
		}
		asked, refused, err := settleQuestions(ctx, n.pipe, n.read.asked, last[i].At(0))
		if err != nil {
			return err
		}
		n.read.asked, n.read.refused, n.settled = asked, refused, true
		n.read.asked.lengths = !asked.size && asked.kind
	}
	if n.answers == nil || n.answers.asked != n.read.asked {
		n.answers = &answers{kinds: map[string]string{}, asked: n.read.asked}
	}
	return nil
}

// placeCommand asks for one random place.
func (n *sampledNode) placeCommand(out []byte) []byte {
	if n.random {
		return resp.Command(out, "RANDOMKEY")
	}
	//nolint:gosec // a sample wants chance, not secrecy
	cursor := strconv.FormatUint(rand.Uint64(), 10)
	return resp.Command(out, "SCAN", cursor, "COUNT", strconv.Itoa(samplePage))
}

func (n *sampledNode) placeName() string {
	if n.random {
		return "RANDOMKEY"
	}
	return "SCAN (random) COUNT " + strconv.Itoa(samplePage)
}

// readPlace reads one place and keeps the names that are meant. A server that refuses a cursor gives none.
func (s *sampleRun) readPlace(n *sampledNode, p *place) error {
	if n.random {
		b, ok, err := n.pipe.Replies.Bulk(nil)
		if err != nil {
			return err
		}
		if ok {
			p.bytes, p.ends = b, []int{len(b)}
		}
	} else if _, err := readPage(n.pipe.Replies, &p.names, nil); err != nil {
		var no resp.Error
		if errors.As(err, &no) && redisconn.ReplyID(string(no)) == "server-error" {
			return nil
		}
		return err
	}
	p.met = p.Len()
	if p.met > 0 {
		p.first = string(p.At(0))
	}
	p.keep(func(name []byte) bool { return s.o.Filter.Pattern == "" || keyname.Match(s.o.Filter.Pattern, name) })
	return nil
}

// keep leaves out the names that are not wanted.
func (n *names) keep(wanted func([]byte) bool) {
	bytes, ends := n.bytes[:0], n.ends[:0]
	start := 0
	for _, end := range n.ends {
		if name := n.bytes[start:end]; wanted(name) {
			bytes = append(bytes, name...)
			ends = append(ends, len(bytes))
		}
		start = end
	}
	n.bytes, n.ends = bytes, ends
}

// opaque tells cursors that are no places: most answers are empty or the same one again.
func opaque(places []place, keys int64) bool {
	if keys < 10*roundPages {
		return false // the same keys are met again anyway
	}
	firsts := map[string]bool{}
	for _, p := range places {
		if p.first != "" {
			firsts[p.first] = true
		}
	}
	return len(firsts) < len(places)/2
}

// tableBytes is what a key costs in the server's tables beside what its memory report counts as data: an entry and an object
// (MEMORY STATS, overhead.hashtable.main).
const tableBytes = 48

// told is what a server tells of the keys of the database in INFO; zero where it does not.
type told struct {
	used  float64 // bytes that it uses for them; 0 also where other databases have keys too
	stale float64 // keys that have expired and are still to be reclaimed, as its running average has it (Redis 5 to 8)
}

// hear reads INFO. Where that is refused, the sample has to speak for itself.
func hear(ctx context.Context, p *redisconn.Pipe, db int, keys int64) (told, error) {
	start := time.Now()
	text, err := infoText(p)
	p.Sent(1, "INFO", time.Since(start))
	var no resp.Error
	if errors.As(err, &no) {
		return told{}, nil
	}
	if err != nil {
		return told{}, p.Named(ctx, err)
	}
	return readTold(text, db, keys), nil
}

func readTold(text string, db int, keys int64) told {
	databases, dataset, share, expires := 0, 0.0, 0.0, 0.0
	number := func(s string) float64 {
		n, err := strconv.ParseFloat(s, 64)
		if err != nil {
			return 0 // as if it had not been told
		}
		return n
	}
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		switch {
		case name == "used_memory_dataset":
			dataset = number(value)
		case name == "expired_stale_perc":
			share = number(value) / 100
		case strings.HasPrefix(value, "keys="):
			databases++
			if _, rest, ok := strings.Cut(value, "expires="); ok && name == "db"+strconv.Itoa(db) {
				rest, _, _ = strings.Cut(rest, ",")
				expires = number(rest)
			}
		}
	}
	t := told{stale: share * expires}
	if databases == 1 && dataset > 0 {
		t.used = dataset + tableBytes*float64(keys)
	}
	return t
}

func infoText(p *redisconn.Pipe) (string, error) {
	if err := p.Write([]byte("*1\r\n$4\r\nINFO\r\n")); err != nil {
		return "", err
	}
	if err := p.Expect(); err != nil {
		return "", err
	}
	b, _, err := p.Replies.Bulk(nil)
	return string(b), err
}

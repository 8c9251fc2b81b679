package keyspace

import (
	"context"
	"fmt"

	"github.com/olympiades-ia/olymp-cache/internal/keyspace/value"
	"github.com/olympiades-ia/olymp-cache/internal/resp"
)

// mostPerPage is how many elements are asked for at a time.
const mostPerPage = 1000

// count asks how many elements there are.
func (g *getting) count(ctx context.Context) (err error) {
	v := g.v
	switch v.Type {
	case "hash":
		v.Length, err = g.c.HLen(ctx, v.Key).Result()
	case "list":
		v.Length, err = g.c.LLen(ctx, v.Key).Result()
	case "set":
		v.Length, err = g.c.SCard(ctx, v.Key).Result()
	case "zset":
		v.Length, err = g.c.ZCard(ctx, v.Key).Result()
	case "stream":
		v.Length, err = g.c.XLen(ctx, v.Key).Result()
	}
	if err == nil && v.Length == 0 && v.Type != "stream" {
		return ErrNoKey // gone since it was described: only streams can be empty
	}
	return err
}

// page is how many elements are asked for next: no more than are wanted, and no more than there is room for if they are as large as the
// average.
func (g *getting) page() int64 {
	n := int64(mostPerPage)
	if g.o.Limit > 0 {
		n = min(n, g.o.Limit-int64(len(g.v.Elements)))
	}
	if g.o.MaxBytes > 0 && g.v.Bytes > g.o.MaxBytes && g.v.Length > 0 {
		average := max(g.v.Bytes/g.v.Length, 1)
		n = min(n, (g.o.MaxBytes-g.kept)/average+1)
	}
	return max(n, 1)
}

// full tells whether no more elements are wanted.
func (g *getting) full() bool {
	return g.o.Limit > 0 && int64(len(g.v.Elements)) >= g.o.Limit || g.o.MaxBytes > 0 && g.kept >= g.o.MaxBytes
}

// keep takes an element, or as much of it as there is room for.
func (g *getting) keep(e value.Element) {
	if g.full() {
		g.v.Cut = true
		return
	}
	fit := func(s string) string {
		if room := g.o.MaxBytes - g.kept; g.o.MaxBytes > 0 && int64(len(s)) > room {
			s, e.Cut, g.v.Cut = s[:max(room, 0)], true, true
		}
		g.kept += int64(len(s))
		return s
	}
	e.Field, e.Value = fit(e.Field), fit(e.Value)
	for i := range e.Pairs {
		e.Pairs[i] = value.Pair{Field: fit(e.Pairs[i].Field), Value: fit(e.Pairs[i].Value)}
	}
	g.v.Elements = append(g.v.Elements, e)
}

// scanned reads pages of a cursor; SCAN and its like may give an element twice. Small collections come whole, whatever was asked for.
func (g *getting) scanned(width int, scan func(cursor uint64, count int64) ([]string, uint64, error)) error {
	met := map[string]bool{}
	for cursor := uint64(0); ; {
		page, next, err := scan(cursor, g.page())
		if err != nil {
			return err
		}
		for i := 0; i+width <= len(page); i += width {
			if met[page[i]] {
				continue
			}
			met[page[i]] = true
			e := value.Element{Value: page[i]}
			if width > 1 {
				e = value.Element{Field: page[i], Value: page[i+1]}
			}
			g.keep(e)
		}
		if next == 0 {
			return nil
		}
		if g.full() {
			g.v.Cut = g.v.Cut || int64(len(g.v.Elements)) < g.v.Length
			return nil
		}
		cursor = next
	}
}

func (g *getting) hash(ctx context.Context) error {
	return g.scanned(2, func(cursor uint64, count int64) ([]string, uint64, error) {
		return g.c.HScan(ctx, g.v.Key, cursor, "", count).Result()
	})
}

func (g *getting) set(ctx context.Context) error {
	return g.scanned(1, func(cursor uint64, count int64) ([]string, uint64, error) {
		return g.c.SScan(ctx, g.v.Key, cursor, "", count).Result()
	})
}

func (g *getting) list(ctx context.Context) error {
	for !g.full() {
		start, n := int64(len(g.v.Elements)), g.page()
		page, err := g.c.LRange(ctx, g.v.Key, start, start+n-1).Result()
		if err != nil {
			return err
		}
		for _, s := range page {
			g.keep(value.Element{Value: s})
		}
		if int64(len(page)) < n {
			return nil
		}
	}
	return nil
}

func (g *getting) sorted(ctx context.Context) error {
	for !g.full() {
		start, n := int64(len(g.v.Elements)), g.page()
		page, err := g.c.ZRangeWithScores(ctx, g.v.Key, start, start+n-1).Result()
		if err != nil {
			return err
		}
		for _, z := range page {
			member, _ := z.Member.(string) // the driver reads members as strings
			g.keep(value.Element{Value: member, Score: z.Score})
		}
		if int64(len(page)) < n {
			return nil
		}
	}
	return nil
}

// stream reads entries, the oldest first.
func (g *getting) stream(ctx context.Context) error {
	from := "-"
	for !g.full() {
		n := g.page()
		// The first of a further page is the last of the one before. The driver's own XRANGE loses the order of fields.
		page, err := g.c.Do(ctx, "XRANGE", g.v.Key, from, "+", "COUNT", n+1).Slice()
		if err != nil {
			return err
		}
		for _, reply := range page {
			e, err := entry(reply)
			if err != nil {
				return err
			}
			if e.ID != from {
				g.keep(e)
				from = e.ID
			}
		}
		if int64(len(page)) <= n {
			return nil
		}
	}
	return nil
}

// entry reads one entry of a stream: its id and a flat list of fields and values.
func entry(reply any) (value.Element, error) {
	parts, _ := reply.([]any)
	if len(parts) != 2 {
		return value.Element{}, fmt.Errorf("%w: an entry of %d parts", resp.ErrProtocol, len(parts))
	}
	id, ok := parts[0].(string)
	flat, _ := parts[1].([]any)
	if !ok || len(flat)%2 != 0 {
		return value.Element{}, fmt.Errorf("%w: an entry of %d fields and values", resp.ErrProtocol, len(flat))
	}
	e := value.Element{ID: id}
	for i := 0; i < len(flat); i += 2 {
		field, isField := flat[i].(string)
		v, isValue := flat[i+1].(string)
		if !isField || !isValue {
			return value.Element{}, fmt.Errorf("%w: a field that is no string", resp.ErrProtocol)
		}
		e.Pairs = append(e.Pairs, value.Pair{Field: field, Value: v})
	}
	return e, nil
}

package keyspace

import (
	"context"
	"errors"
	"slices"

	"github.com/olympiades-ia/olymp-cache/internal/keyspace/profile"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
)

// PlanOptions are how a plan is made.
type PlanOptions struct {
	Most     int64     // keys to look at: with one more the plan is Over and ends; 0 for no bound
	Facts    bool      // types, times to live and sizes are wanted; without, the keys are only counted
	Prints   bool      // what each key looks like is wanted, for RemoveOptions.Unchanged
	Sample   int       // how many keys are named
	Progress *Progress // may be nil
}

// Plan is what would be removed.
type Plan struct {
	Keys    int64
	Missing int64 // names that no key has
	Kept    int64 // names whose keys do not pass the filters
	Bytes   int64 // of the keys whose size is known
	Unsized int64 // keys whose size is not
	NoTTL   int64 // keys that never expire
	MinTTL  int64 // the least and the most that keys have left, in milliseconds; profile.Unknown where none is known
	MaxTTL  int64
	Sample  []PlannedKey
	Over    bool      // there are more keys than PlanOptions.Most
	Refused []Refusal // questions that the server does not answer
	Prints  *Prints
}

// PlannedKey is one key of a plan; what is not known of it is profile.Unknown or "".
type PlannedKey struct {
	Name, Type string
	TTL, Bytes int64
}

// Plans looks at what would be removed and changes nothing. Names are gone through again by Remove.
func Plans(ctx context.Context, conn *redisconn.Conn, w Wanted, o PlanOptions) (*Plan, error) {
	m := &planner{conn: conn, w: w, o: o, plan: &Plan{MinTTL: profile.Unknown, MaxTTL: profile.Unknown}, pipes: map[string]*redisconn.Pipe{}}
	defer m.close()
	if o.Prints {
		m.plan.Prints = newPrints()
	}
	err := m.names(ctx)
	for i := 0; i < len(w.Patterns) && err == nil && !m.plan.Over; i++ {
		err = m.pattern(ctx, i)
	}
	if errors.Is(err, ErrEnough) {
		err = nil
	}
	if err == nil && !m.plan.Over {
		err = m.keepPrints(ctx)
	}
	return m.plan, err
}

type planner struct {
	conn  *redisconn.Conn
	w     Wanted
	o     PlanOptions
	plan  *Plan
	pipes map[string]*redisconn.Pipe
	wait  map[string]*names // keys whose prints are still to be taken, by server
}

func (m *planner) close() {
	for _, p := range m.pipes {
		p.Close()
	}
}

// names looks at the keys that were named.
func (m *planner) names(ctx context.Context) error {
	if m.w.Names == nil {
		return nil
	}
	l := newNameLooker(m.conn, m.w)
	defer l.close()
	// Whether a key is there must be asked by something: TYPE is the cheapest.
	l.asked.kind = true
	l.asked.size, l.asked.ttl = l.asked.size || m.o.Facts, l.asked.ttl || m.o.Facts
	err := l.each(ctx, func(_ string, found []nameFound) error {
		for i := range found {
			switch f := &found[i]; f.fate {
			case Missing:
				m.plan.Missing++
			case Kept:
				m.plan.Kept++
			default:
				if err := m.add(ctx, &f.rec); err != nil {
					return err
				}
			}
		}
		if m.o.Progress != nil {
			m.o.Progress.Keys.Add(int64(len(found)))
		}
		return nil
	})
	m.plan.Refused = append(m.plan.Refused, l.refused...)
	return err
}

// pattern looks at what a pattern matches.
func (m *planner) pattern(ctx context.Context, i int) error {
	l, err := List(ctx, m.conn, ListOptions{
		Filter: Filter{Pattern: m.w.Patterns[i], Type: m.w.Type}, NoTTL: m.w.NoTTL, MinBytes: m.w.MinBytes, Facts: m.o.Facts,
		Progress: m.o.Progress,
	}, func(rec profile.Record) error {
		if matchedBefore(m.w.Patterns[:i], rec.Name) {
			return nil
		}
		return m.add(ctx, &rec)
	})
	if l != nil {
		if rerr := refusedFilter(l.Refused, m.w); rerr != nil {
			return rerr
		}
		if len(m.plan.Refused) == 0 {
			m.plan.Refused = slices.Clone(l.Refused)
		}
	}
	return err
}

// add counts one key.
func (m *planner) add(ctx context.Context, rec *profile.Record) error {
	p := m.plan
	if m.o.Most > 0 && p.Keys == m.o.Most {
		p.Over = true
		return ErrEnough
	}
	p.Keys++
	if rec.Bytes == profile.Unknown {
		p.Unsized++
	} else {
		p.Bytes += rec.Bytes
	}
	switch {
	case rec.TTL == profile.NoExpiry:
		p.NoTTL++
	case rec.TTL >= 0:
		if p.MinTTL == profile.Unknown || rec.TTL < p.MinTTL {
			p.MinTTL = rec.TTL
		}
		p.MaxTTL = max(p.MaxTTL, rec.TTL)
	}
	if len(p.Sample) < m.o.Sample {
		p.Sample = append(p.Sample, PlannedKey{Name: string(rec.Name), Type: rec.Type, TTL: rec.TTL, Bytes: rec.Bytes})
	}
	if !m.o.Prints {
		return nil
	}
	addr, err := m.conn.AddrOf(ctx, string(rec.Name))
	if err != nil {
		return m.conn.Named(err)
	}
	if m.wait == nil {
		m.wait = map[string]*names{}
	}
	all := m.wait[addr]
	if all == nil {
		all = &names{}
		m.wait[addr] = all
	}
	all.bytes = append(all.bytes, rec.Name...)
	all.ends = append(all.ends, len(all.bytes))
	if all.Len() < batchKeys {
		return nil
	}
	return m.keep(ctx, addr, all)
}

// keep takes the prints of a server's waiting keys.
func (m *planner) keep(ctx context.Context, addr string, all *names) error {
	pipe := m.pipes[addr]
	if pipe == nil {
		var err error
		if pipe, err = m.conn.Pipe(ctx, addr); err != nil {
			return err
		}
		m.pipes[addr] = pipe
	}
	defer all.reset()
	return m.plan.Prints.keep(ctx, pipe, all)
}

func (m *planner) keepPrints(ctx context.Context) error {
	for addr, all := range m.wait {
		if err := m.keep(ctx, addr, all); err != nil {
			return err
		}
	}
	return nil
}

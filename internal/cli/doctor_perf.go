package cli

import (
	"math"

	"github.com/olympiades-ia/olymp-cache/internal/evidence"
	"github.com/olympiades-ia/olymp-cache/internal/report"
)

// fewestLookups is how many lookups a hit rate needs to mean anything, as in doctor's rule.
const fewestLookups = 1000

// perfOf are the numbers that a monitoring plugin passes on, as far as the server told them.
func perfOf(e *evidence.Evidence) []report.Perf {
	var out []report.Perf
	number := func(v float64) *float64 { return &v }
	if p, ok := e.Pings.Get(); ok {
		out = append(out, report.Perf{
			Name: "ping_p99", Value: float64(p.P99.Duration().Microseconds()) / 1000, Unit: "ms",
			Warn: number(float64(e.Settings.AlertP99.Microseconds()) / 1000), Min: number(0),
		})
	}
	if e.Server == nil {
		return out
	}
	t := e.Server.Totals
	if used, ok := t.Used.Get(); ok {
		p := report.Perf{Name: "used_memory", Value: float64(used), Unit: "B", Min: number(0)}
		if limit, ok := t.MaxMemory.Get(); ok && limit > 0 {
			p.Warn, p.Max = number(float64(limit)*e.Settings.AlertMemory), number(float64(limit))
		}
		out = append(out, p)
	}
	if n, ok := t.Clients.Get(); ok {
		out = append(out, report.Perf{
			Name: "connected_clients", Value: float64(n), Warn: number(float64(e.Settings.AlertClients)), Min: number(0),
		})
	}
	hits, ok1 := t.Hits.Get()
	misses, ok2 := t.Misses.Get()
	if ok1 && ok2 && hits+misses >= fewestLookups {
		out = append(out, report.Perf{
			Name: "hit_rate", Value: math.Round(10000*float64(hits)/float64(hits+misses)) / 100, Unit: "%",
			Warn: number(100 * e.Settings.AlertHitRate), Below: true, Min: number(0), Max: number(100),
		})
	}
	return out
}

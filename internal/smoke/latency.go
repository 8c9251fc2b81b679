package smoke

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
)

// The recorder's range and precision: one microsecond to ten minutes, three significant digits.
const (
	slowest = 10 * time.Minute
	digits  = 3
)

// latency runs rounds of PING, SET and GET, one after the other as a web request would, and records each command alone.
func (r *run) latency(ctx context.Context, s *finding.Step) {
	type timed struct {
		name string
		do   func() error
		hist *hdrhistogram.Histogram
	}
	c := r.conn.Client()
	commands := []timed{{name: "PING", do: func() error { return r.conn.Seed().Ping(ctx).Err() }}}
	if !r.opts.ReadOnly {
		commands = append(commands,
			timed{name: "SET", do: func() error { return c.Set(ctx, r.key, r.value, KeyTTL).Err() }},
			timed{name: "GET", do: func() error { return c.Get(ctx, r.key).Err() }})
	}
	for i := range commands {
		commands[i].hist = hdrhistogram.New(1, slowest.Microseconds(), digits)
	}
	done := 0
	for done < r.opts.Count {
		for _, cmd := range commands {
			start := time.Now()
			err := cmd.do()
			took := time.Since(start)
			if err != nil {
				r.fail(s, err)
				break
			}
			if err := cmd.hist.RecordValue(max(took.Microseconds(), 1)); err != nil {
				r.fail(s, err) // beyond ten minutes: no deadline of ours lets that happen
				break
			}
		}
		if s.Status == finding.Fail {
			break
		}
		done++
		if r.opts.OnRound != nil {
			r.opts.OnRound(done, r.opts.Count)
		}
	}
	s.Evidence = append(s.Evidence,
		finding.Evidence{Name: "rounds", Value: int64(done), Unit: finding.Count},
		finding.Evidence{Name: "of", Value: int64(r.opts.Count), Unit: finding.Count})
	for _, cmd := range commands {
		if cmd.hist.TotalCount() > 0 {
			r.res.Latency = append(r.res.Latency, summary(cmd.name, cmd.hist, r.opts.AlertP99))
		}
	}
	r.judgeLatency(s)
}

// judgeLatency compares the slowest P99 with the alert's threshold: a warning, as the cache works.
func (r *run) judgeLatency(s *finding.Step) {
	if s.Status != finding.OK || r.opts.AlertP99 <= 0 || len(r.res.Latency) == 0 {
		return
	}
	slow := slices.MaxFunc(r.res.Latency, func(a, b finding.Latency) int { return cmp.Compare(a.P99, b.P99) })
	if slow.P99 <= r.opts.AlertP99 {
		return
	}
	s.Status = finding.Warn
	s.Problem = &finding.Finding{ID: "latency-high", Severity: finding.Warning, Evidence: []finding.Evidence{
		{Name: "command", Value: slow.Command},
		{Name: "p99_ms", Value: finding.Millis(slow.P99), Unit: "ms"},
		{Name: "threshold_ms", Value: finding.Millis(slow.Threshold), Unit: "ms"},
	}}
}

func summary(name string, h *hdrhistogram.Histogram, threshold time.Duration) finding.Latency {
	at := func(q float64) time.Duration { return time.Duration(h.ValueAtQuantile(q)) * time.Microsecond }
	return finding.Latency{
		Command: name, Rounds: h.TotalCount(),
		P50: at(50), P95: at(95), P99: at(99), Max: time.Duration(h.Max()) * time.Microsecond,
		Threshold: threshold, Buckets: buckets(h),
	}
}

// buckets groups the rounds by doubling times, the coarsest view that still shows two humps.
func buckets(h *hdrhistogram.Histogram) []finding.Bucket {
	var out []finding.Bucket
	upTo := int64(1)
	for _, bar := range h.Distribution() {
		if bar.Count == 0 {
			continue
		}
		for bar.From >= upTo {
			upTo *= 2
			if len(out) > 0 {
				out = append(out, finding.Bucket{UpTo: time.Duration(upTo) * time.Microsecond})
			}
		}
		if len(out) == 0 {
			out = append(out, finding.Bucket{UpTo: time.Duration(upTo) * time.Microsecond})
		}
		out[len(out)-1].Count += bar.Count
	}
	return out
}

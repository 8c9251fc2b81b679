package dashboard

import (
	"math"
	"strings"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/term"
	"github.com/olympiades-ia/olymp-cache/internal/watch"
)

// curve is one line of numbers over time.
type curve struct {
	section string // of `info`, which --section takes
	alert   string // the id of the alert that watches it, if one does
	label   string // of the catalogue
	value   string // now
	limit   string // the alert's threshold
	of      func(*watch.Point) snapshot.Opt[float64]
	top     float64 // what fills the whole height; 0: the highest value that is seen
}

// allCurves are those that the sections ask for.
func (b *Board) allCurves() []curve {
	cat, s := b.Cat, &b.State
	all := []curve{
		{section: "stats", label: "watch.ops", of: func(p *watch.Point) snapshot.Opt[float64] { return p.Ops }},
		{
			section: "stats", alert: "cache-hit-rate-low", label: "watch.hits", top: 1,
			of: func(p *watch.Point) snapshot.Opt[float64] { return p.HitRate },
		},
		{
			section: "memory", alert: "memory-high", label: "watch.memory",
			of: func(p *watch.Point) snapshot.Opt[float64] { return p.Used },
		},
		{
			section: "clients", alert: "clients-high", label: "watch.clients",
			of: func(p *watch.Point) snapshot.Opt[float64] { return p.Clients },
		},
		{
			section: "latency", alert: "latency-high", label: "watch.ping",
			of: func(p *watch.Point) snapshot.Opt[float64] { return p.Ping },
		},
	}
	for i := range all {
		all[i].value = cat.T("watch.none")
	}
	all[0].value = b.perSecond(s.Rates.Ops)
	if rate, ok := s.Rates.HitRate.Get(); ok {
		all[1].value = cat.Percent(rate, 1)
	}
	b.amounts(&all[2], &all[3], &all[4])
	shown := all[:0]
	for _, c := range all {
		if b.shows(c.section) {
			shown = append(shown, c)
		}
	}
	return shown
}

// amounts are the values that the last look told as they are.
func (b *Board) amounts(memory, clients, ping *curve) {
	e := b.State.Evidence
	if e == nil || b.State.Failure != nil {
		return
	}
	cat, t := b.Cat, &e.Server.Totals
	if used, ok := t.Used.Get(); ok {
		memory.value = cat.Bytes(used)
		if limit, ok := t.MaxMemory.Get(); ok && limit > 0 && t.Unlimited == 0 {
			memory.value += " " + cat.Percent(float64(used)/float64(limit), 0)
			memory.top = float64(limit)
		}
	}
	if n, ok := t.Clients.Get(); ok {
		clients.value = cat.Int(n)
	}
	if p, ok := e.Pings.Get(); ok && p.Rounds > 0 {
		ping.value = cat.Duration(p.P99.Duration())
	} else if e.Pings.Status == snapshot.Denied || e.Pings.Status == snapshot.Unsupported {
		ping.value = b.Cat.T("watch.refused")
	}
}

func (b *Board) perSecond(o snapshot.Opt[float64]) string {
	n, ok := o.Get()
	if !ok {
		return b.Cat.T("watch.none")
	}
	return b.Cat.T("watch.per-second", "n", b.number(n))
}

// number is whole, but for small ones.
func (b *Board) number(n float64) string {
	if n > 0 && n < 10 {
		return b.Cat.Float(n, 1)
	}
	return b.Cat.Int(int64(math.Round(n)))
}

// curves are the lines of all of them: label, value, curve, threshold. Where there is room each has several rows.
func (b *Board) curves(room int) []string {
	all := b.allCurves()
	rows := 1
	if b.height() >= wantedHeight && len(all) > 0 {
		rows = min(max(room/2/len(all), 1), mostRows)
	}
	labels, values, limits := 0, 0, 0
	for i := range all {
		c := &all[i]
		c.limit = b.threshold(c)
		labels = max(labels, term.Columns(b.plain(b.Cat.T(c.label))))
		values = max(values, term.Columns(b.plain(c.value)))
		limits = max(limits, term.Columns(b.plain(c.limit)))
	}
	const mark, gap = 2, 1
	cells := b.width() - mark - labels - gap - values - gap - gap - limits
	if cells < 10 { // the threshold gives way
		cells, limits = cells+limits+gap, 0
	}
	var lines []string
	for i := range all {
		lines = append(lines, b.draw(&all[i], []int{mark, labels, values, max(cells, 0), limits}, rows)...)
	}
	return lines[:min(len(lines), room)]
}

// draw is one curve; the text stands in its last row, where the curve's ground is.
func (b *Board) draw(c *curve, widths []int, rows int) []string {
	role := alertRole(b.alert(c.alert))
	drawn := b.Screen.Curve(b.heights(c), widths[3], rows)
	lines := make([]string, rows)
	for r := range lines {
		label, value, limit, sign := "", "", "", ""
		if r == rows-1 {
			label, value, limit, sign = b.Cat.T(c.label), c.value, c.limit, b.mark(role)
		}
		line := b.Screen.Paint(role, b.Screen.Fit(strings.TrimSpace(sign), widths[0], false)) +
			b.Screen.Paint(term.Dim, b.Screen.Fit(label, widths[1], false)) + " " +
			b.Screen.Paint(valueRole(role), b.Screen.Fit(value, widths[2], true)) + " " + b.Screen.Paint(role, drawn[r])
		if widths[4] > 0 {
			line += " " + b.Screen.Paint(term.Dim, b.Screen.Fit(limit, widths[4], false))
		}
		lines[r] = strings.TrimRight(line, " ")
	}
	return lines
}

func valueRole(role term.Role) term.Role {
	if role == term.Command {
		return term.Title
	}
	return role
}

// heights are a curve's values from 0 to 1, NaN where there is none.
func (b *Board) heights(c *curve) []float64 {
	points := b.State.Points
	values := make([]float64, len(points))
	top := c.top
	for i := range points {
		v, ok := c.of(&points[i]).Get()
		if !ok {
			v = math.NaN()
		}
		values[i] = v
		if c.top == 0 && ok {
			top = max(top, v)
		}
	}
	for i := range values {
		values[i] /= max(top, math.SmallestNonzeroFloat64)
	}
	return values
}

// threshold is from where on the alert goes off.
func (b *Board) threshold(c *curve) string {
	a := b.alert(c.alert)
	if a == nil {
		return ""
	}
	if c.alert == "memory-high" && a.Value.Value == nil && b.State.Evidence.Server.Totals.Unlimited > 0 {
		return b.Cat.T("alert.memory-high.none")
	}
	sign := "≤ "
	if c.alert == "cache-hit-rate-low" {
		sign = "≥ "
	}
	if ms, ok := a.Threshold.Value.(float64); ok && a.Threshold.Unit == "ms" {
		return sign + b.Cat.Duration(time.Duration(ms*float64(time.Millisecond)))
	}
	if n, ok := a.Threshold.Value.(int); ok {
		return sign + b.Cat.Int(int64(n))
	}
	return sign + b.words().Value(a.Threshold)
}

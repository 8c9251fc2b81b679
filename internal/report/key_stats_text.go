package report

import (
	"math"
	"strings"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/keyspace/profile"
	"github.com/olympiades-ia/olymp-cache/internal/term"
)

const (
	// mostFamilies is how many prefixes text shows; the other formats have them all.
	mostFamilies = 20
	// shareCells is how long the bars are.
	shareCells = 10
)

// KeyStats writes the profile for people: what fills the database, the largest first.
func (t *Text) KeyStats(k *KeyStats) {
	cat, p := t.Words.C, k.Profile
	if t.Quiet {
		t.line(t.keyStatsTotal(k))
		return
	}
	t.item(term.SymChart, term.Title, cat.T("stats.title")+cat.T("colon")+t.Words.Data(k.Target.URL))
	t.line("   ", t.paint(term.Dim, t.wrap(cat.T("test.source")+cat.T("colon")+t.source(k.Target.Source), 3)))
	t.line("   ", t.wrap(t.keyStatsTotal(k), 3))
	t.line("   ", t.paint(term.Dim, t.wrap(t.howSure(k), 3)))
	t.line()
	switch {
	case p.Total.Tally.Keys > 0:
		t.statsTables(k)
	case k.KeysTotal == 0:
		t.item(term.SymInfo, term.Plain, cat.T("keys.empty"))
	case k.Partial == "":
		t.item(term.SymInfo, term.Plain, cat.N("keys.no-match", int(min(k.KeysTotal, math.MaxInt32)), "n", cat.Int(k.KeysTotal)))
	}
	t.statsNotes(k)
	aside := cat.N("check.sent", k.CommandsSent, "n", cat.Int(int64(k.CommandsSent)), "took", cat.Duration(k.Duration))
	sym := term.SymOK
	if k.Partial != "" {
		sym = term.SymWarn
	}
	t.itemAside(sym, term.Plain, t.Words.Data(k.Target.Display), aside)
}

func (t *Text) statsTables(k *KeyStats) {
	cat, p := t.Words.C, k.Profile
	families := p.Families[:min(len(p.Families), mostFamilies)]
	t.rows("stats.prefixes", "column.prefix", families, k, whole, t.keyName)
	if more := len(p.Families) - len(families); more > 0 {
		t.line("   ", t.paint(term.Dim, cat.N("stats.more-prefixes", more, "n", cat.Int(int64(more)))))
	}
	t.line()
	t.rows("stats.types", "column.type", p.Types, k, whole, t.typeName)
	t.line()
	t.rows("stats.ttl", "column.ttl", p.TTLs, k, short, func(id string) string { return cat.T("ttl-band." + id) })
	t.line()
	t.rows("stats.sizes", "column.size", p.Sizes, k, short, func(id string) string { return cat.T("size-band." + id) })
	t.line()
	t.valueSizes(k.ValueSizes)
	if len(p.Biggest) == 0 {
		return
	}
	title := "stats.biggest"
	if p.Sampled || k.Partial != "" {
		title = "stats.biggest-seen"
	}
	t.line(t.paint(term.Title, cat.T(title)))
	var name, kind, bytes, ttl []string
	for _, b := range p.Biggest {
		name = append(name, t.keyName(b.Name))
		kind = append(kind, t.typeName(b.Type))
		bytes = append(bytes, cat.Bytes(b.Bytes))
		ttl = append(ttl, t.ttlText(b.TTL))
	}
	t.table([]column{
		t.newColumn(true, cat.T("column.key"), name...), t.newColumn(true, cat.T("column.type"), kind...),
		t.newColumn(false, cat.T("column.size"), bytes...), t.newColumn(false, cat.T("column.ttl"), ttl...),
	})
	t.line()
}

// valueSizes is what the server counts itself: of each type the middle, the 99th percentile and the largest.
func (t *Text) valueSizes(all []profile.ValueSizes) {
	if len(all) == 0 {
		return
	}
	cat := t.Words.C
	var kind, keys, median, p99, largest []string
	for _, v := range all {
		kind = append(kind, t.Words.Data(v.Type))
		keys = append(keys, cat.Int(v.Keys()))
		for share, column := range map[float64]*[]string{0.5: &median, 0.99: &p99, 1: &largest} {
			*column = append(*column, t.binText(v, v.At(share)))
		}
	}
	t.line(t.paint(term.Title, cat.T("stats.value-sizes")))
	t.table([]column{
		t.newColumn(true, cat.T("column.type"), kind...), t.newColumn(false, cat.T("column.keys"), keys...),
		t.newColumn(false, cat.T("column.median"), median...), t.newColumn(false, cat.T("column.p99"), p99...),
		t.newColumn(false, cat.T("column.largest"), largest...),
	})
	t.line()
}

// binText is a range of sizes: «1,0 – 2,0 ko» or «8 – 15».
func (t *Text) binText(v profile.ValueSizes, b profile.Bin) string {
	if v.Elements {
		if b.To-b.From <= 1 {
			return t.Words.C.N("stats.elements", int(b.From), "n", t.Words.C.Int(b.From))
		}
		return t.Words.C.N("stats.elements", 2, "n", t.Words.C.Int(b.From)+"–"+t.Words.C.Int(b.To-1))
	}
	return t.Words.C.Bytes(b.From) + "–" + t.Words.C.Bytes(b.To)
}

// keyName is a name as it may be shown; one that is empty is seen as well.
func (t *Text) keyName(name string) string {
	if name == "" {
		return `""`
	}
	return t.Words.Data(name)
}

// typeName is a type as TYPE has it; a word of ours where it could not be asked.
func (t *Text) typeName(kind string) string {
	if kind == "" || kind == profile.UnknownBand {
		return t.Words.C.T("stats.unknown")
	}
	return t.Words.Data(kind)
}

// ttlText is a time to live for people.
func (t *Text) ttlText(ms int64) string {
	switch {
	case ms == profile.NoExpiry:
		return t.Words.C.T("ttl.none")
	case ms < 0:
		return "?"
	case ms < 1000:
		return t.Words.C.Duration(time.Duration(ms) * time.Millisecond)
	case ms > math.MaxInt64/int64(time.Millisecond):
		ms = math.MaxInt64 / int64(time.Millisecond) // 292 years: longer than anybody waits
	}
	return t.Words.C.Span(time.Duration(ms) * time.Millisecond)
}

// width is which columns a table of the profile has.
type width bool

const (
	whole width = true
	short width = false // without those on time to live
)

// rows is one table of the profile.
func (t *Text) rows(title, heading string, rows []profile.Row, k *KeyStats, w width, name func(string) string) {
	cat := t.Words.C
	all := k.Profile.Total.Bytes.Value
	var first, keys, bytes, share, bar, noTTL, ttl []string
	for _, r := range rows {
		first = append(first, name(r.Name))
		keys = append(keys, t.estimate(r.Keys, t.count(r.Keys)))
		bytes = append(bytes, t.estimate(r.Bytes, cat.Bytes))
		share = append(share, cat.Percent(shareOf(r, all), 0))
		bar = append(bar, t.Screen.Bar(shareOf(r, all), shareCells))
		noTTL = append(noTTL, t.roughly(r.NoTTL))
		average := ""
		if ms, ok := r.Tally.AverageTTL(); ok {
			average = t.ttlText(ms)
		}
		ttl = append(ttl, average)
	}
	columns := []column{
		t.newColumn(true, cat.T(heading), first...), t.newColumn(false, cat.T("column.keys"), keys...),
		t.newColumn(false, cat.T("column.used_bytes"), bytes...), t.newColumn(false, cat.T("column.share"), share...),
	}
	if !t.Screen.TTY || t.Screen.Cells() >= 100 {
		columns = append(columns, t.newColumn(true, "", bar...))
	}
	if w == whole {
		columns = append(columns,
			t.newColumn(false, cat.T("column.no_ttl"), noTTL...), t.newColumn(false, cat.T("column.mean_ttl"), ttl...))
	}
	t.line(t.paint(term.Title, cat.T(title)))
	t.table(columns)
}

// estimate is a number and, of a sample, how far the truth may be.
func (t *Text) estimate(e profile.Estimate, write func(int64) string) string {
	text := write(rounded(e.Value))
	if e.Low == e.High {
		return text
	}
	if e.Value <= 0 || e.High > 2*e.Value {
		return text + " (≤" + "\u00a0" + write(int64(math.Ceil(e.High))) + ")"
	}
	off := max(e.High-e.Value, e.Value-e.Low) / e.Value
	decimals := 0
	if off < 0.0995 {
		decimals = 1
	}
	return text + " ±" + t.Words.C.Percent(off, decimals)
}

// roughly is an estimate without its interval, which stands beside it already.
func (t *Text) roughly(e profile.Estimate) string { return t.count(e)(rounded(e.Value)) }

// count writes what was counted to the last digit, and what is estimated with the digits that mean something: «809 M».
func (t *Text) count(e profile.Estimate) func(int64) string {
	if e.Low == e.High {
		return t.Words.C.Int
	}
	return func(n int64) string {
		v, letter := float64(n), ""
		for _, next := range []string{"k", "M", "G", "T"} {
			if v < 999.5 || letter == "" && v < 9999.5 {
				break
			}
			v, letter = v/1000, "\u00a0"+next
		}
		decimals := 0
		if v < 99.95 && letter != "" {
			decimals = 1
		}
		return t.Words.C.Float(v, decimals) + letter
	}
}

// keyStatsTotal is the first line: how many keys, how many bytes.
func (t *Text) keyStatsTotal(k *KeyStats) string {
	cat, p := t.Words.C, k.Profile
	limited := ""
	if k.Pattern != "" {
		limited += cat.T("stats.matching", "pattern", t.Words.Data(k.Pattern))
	}
	if k.Type != "" {
		limited += cat.T("stats.of-type", "type", t.Words.Data(k.Type))
	}
	n := rounded(p.Total.Keys.Value)
	return cat.N("stats.total", int(min(n, math.MaxInt32)), "keys", t.estimate(p.Total.Keys, cat.Int), "bytes",
		t.estimate(p.Total.Bytes, cat.Bytes), "limited", limited, "no_ttl", t.estimate(p.Total.NoTTL, cat.Int))
}

// howSure says how the numbers came about.
func (t *Text) howSure(k *KeyStats) string {
	cat := t.Words.C
	seen := cat.Int(k.Profile.Seen)
	switch {
	case k.Method == MethodSample:
		return cat.T("stats.sampled", "seen", seen)
	case k.Method == MethodRandom:
		return cat.T("stats.sampled-random", "seen", seen)
	case k.Partial != "":
		return cat.T("stats.read-part", "seen", seen, "total", cat.Int(k.KeysTotal))
	}
	return cat.T("stats.read-all", "seen", seen)
}

// statsNotes are what one must know to read the numbers right.
func (t *Text) statsNotes(k *KeyStats) {
	cat, p := t.Words.C, k.Profile
	note := func(sym term.Symbol, role term.Role, text string) { t.item(sym, role, text) }
	if k.Partial != "" {
		note(term.SymWarn, term.Warn, cat.T("stats.partial."+k.Partial))
	}
	if p.Unmet > 0 {
		note(term.SymWarn, term.Warn, cat.T("stats.unmet", "bytes", cat.Bytes(rounded(p.Unmet))))
	}
	if k.Estimated {
		note(term.SymInfo, term.Plain, cat.T("stats.lengths"))
	}
	for _, r := range k.Refused {
		note(term.SymInfo, term.Plain, cat.T("stats.refused", "command", r.Command, "reply", t.Words.Data(strings.TrimSpace(r.Reply))))
	}
	if k.Hidden > 0 {
		note(term.SymInfo, term.Plain, cat.N("stats.hidden", int(min(k.Hidden, math.MaxInt32)), "n", cat.Int(k.Hidden)))
	}
	if p.Folded {
		note(term.SymInfo, term.Plain, cat.T("stats.folded"))
	}
}

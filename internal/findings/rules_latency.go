package findings

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/evidence"
	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/probe/trace"
)

const (
	// recent is how old a slow command or a spike may be to be worth a warning.
	recent = 24 * time.Hour
	// slow is from when on a single command is worth a warning: every other client waits meanwhile. The server's own
	// threshold (slowlog-log-slower-than, 10 ms) is for its log.
	slow = 50 * time.Millisecond
	// often is how many recent entries of the log are worth a warning even if each is shorter, and slowish how long they
	// have to be: a server may log all its commands (slowlog-log-slower-than 0).
	often   = 10
	slowish = 10 * time.Millisecond
	// enoughPings is how many round trips a p99 needs: of fewer, it is the one slowest answer, which proves nothing. One in
	// ten then has to be late.
	enoughPings = 100
	// bigBytes and bigElements make a key big: reading or deleting it blocks the server for everybody.
	bigBytes    = 10 * mega
	bigElements = 100_000
)

var latencyRules = []rule{
	{[]string{"latency-high"}, judgePing},
	{[]string{"latency-slowlog"}, judgeSlowlog},
	{[]string{"latency-big-key"}, judgeBigKey},
	{spikeIDs, judgeSpikes},
}

func judgePing(v *view) outcome {
	const id = "latency-high"
	times, ok := v.Pings.Get()
	if !ok {
		return skipFact(v.Pings, id)
	}
	late := times.P99
	if times.Rounds < enoughPings {
		late = max(times.P50, times.P90)
	}
	switch limit := v.Settings.AlertP99; {
	case late.Duration() > limit:
	case times.Max.Duration() > limit && times.Rounds < enoughPings:
		return skip(ReasonTooLittleData, "PING × "+strconv.FormatInt(times.Rounds, 10), id)
	default:
		return fine()
	}
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	seen := []finding.Evidence{
		ev("command", "PING", ""), evUnit("p99_ms", ms(times.P99.Duration()), "ms", "PING"),
		evUnit("p50_ms", ms(times.P50.Duration()), "ms", "PING"), evUnit("max_ms", ms(times.Max.Duration()), "ms", "PING"),
		evUnit("threshold_ms", ms(v.Settings.AlertP99), "ms", "OLYMP_CACHE_ALERT_P99"), ev("rounds", times.Rounds, "PING"),
	}
	for _, rung := range []string{trace.DNS, trace.TCP, trace.TLS} {
		if s := v.Trace.Step(rung); s != nil && s.Duration > 0 {
			seen = append(seen, evUnit(rung+"_ms", ms(s.Duration), "ms", ""))
		}
	}
	return one(id, warning, seen...)
}

func judgeSlowlog(v *view) outcome {
	const id = "latency-slowlog"
	var joined outcome
	for i := range v.nodes() {
		n := &v.nodes()[i]
		entries, ok := n.Slowlog.Get()
		if !ok {
			joined = joined.and(skipFact(n.Slowlog, id))
			continue
		}
		now := v.nowOf(n)
		var worst *snapshot.SlowCommand
		count := 0
		for j := range entries {
			e := &entries[j]
			if now-e.Time > int64(recent/time.Second) || e.Took.Duration() < slowish || len(e.Args) == 0 || isServersOwn(string(e.Args[0])) {
				continue
			}
			count++
			if worst == nil || e.Took > worst.Took {
				worst = e
			}
		}
		if worst == nil || worst.Took.Duration() < slow && count < often {
			continue
		}
		joined = joined.and(v.on(n, id, warning, slowEvidence(worst, count, now)...))
	}
	return joined.worstOfEach()
}

func judgeBigKey(v *view) outcome {
	const id = "latency-big-key"
	o, counted := v.bigByHistogram(id)
	if len(o.found) > 0 {
		return o
	}
	o = v.sampled(func(k *evidence.Keys) outcome { return biggestOf(k, id) }, sizesOf, id)
	if counted && len(o.found) == 0 {
		return fine() // all keys were counted: what of the sample was refused adds nothing
	}
	return o
}

// biggestOf is the biggest key of the sample, where it is too big.
func biggestOf(keys *evidence.Keys, id string) outcome {
	var biggest *evidence.Key
	for i := range keys.Asked {
		k := &keys.Asked[i]
		if k.Bytes.Or(0) <= bigBytes && k.Elements.Or(0) <= bigElements {
			continue
		}
		if biggest == nil || k.Bytes.Or(0) > biggest.Bytes.Or(0) {
			biggest = k
		}
	}
	if biggest == nil {
		return fine()
	}
	seen := []finding.Evidence{ev("key", string(biggest.Name), "SCAN")}
	seen = append(seen, number("key_bytes", biggest.Bytes, "bytes", "MEMORY USAGE")...)
	seen = append(seen, number("elements", biggest.Elements, "count", biggest.Type)...)
	return one(id, warning, seen...)
}

// bigByHistogram reads INFO keysizes of Redis 8, which counts all keys by size without a scan: a field is
// «db0_distrib_strings_sizes» and its value «1=3,2K=1,16M=1», powers of two that a size is at least. counted tells that every
// server counts.
func (v *view) bigByHistogram(id string) (o outcome, counted bool) {
	counted = len(v.nodes()) > 0
	for i := range v.nodes() {
		n := &v.nodes()[i]
		inf, ok := n.Info.Get()
		sizes := inf.Raw["keysizes"]
		if counted = counted && ok && len(sizes) > 0; !ok {
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(sizes)) {
			if kind, count := bigOnes(string(name), string(sizes[name])); count > 0 {
				return v.on(n, id, warning, evCount("count", count, "INFO keysizes"), ev("type", kind, "INFO keysizes")), true
			}
		}
	}
	return fine(), counted
}

// bigOnes is how many keys of a type are big, by one field of INFO keysizes.
func bigOnes(name, value string) (kind string, count int64) {
	_, kind, _ = strings.Cut(name, "_distrib_")
	limit := float64(bigBytes)
	kind, isBytes := strings.CutSuffix(kind, "_sizes")
	if !isBytes {
		var isItems bool
		if kind, isItems = strings.CutSuffix(kind, "_items"); !isItems {
			return "", 0
		}
		limit = bigElements
	}
	for bin := range strings.SplitSeq(value, ",") {
		size, number, _ := strings.Cut(bin, "=")
		if n, err := strconv.ParseInt(number, 10, 64); err == nil && binSize(size) > limit {
			count += n
		}
	}
	return kind, count
}

// binSize reads «16M», with the binary prefixes that Redis writes.
func binSize(s string) float64 {
	factor := 1.0
	for i, prefix := range "KMGTPE" {
		if rest, ok := strings.CutSuffix(s, string(prefix)); ok {
			s = rest
			for range i + 1 {
				factor *= 1024
			}
		}
	}
	n, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return 0
	}
	return n * factor
}

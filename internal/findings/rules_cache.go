package findings

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/provider"
)

const (
	// windowLookups and totalLookups are how many lookups a hit rate needs to mean anything: in a window, and since the start.
	windowLookups = 100
	totalLookups  = 1000
	// evictedShare is the share of a cache's keys that were evicted since the start above which it may be too small.
	evictedShare = 0.01
	// foreverShare is the share of keys without TTL above which memory only grows.
	foreverShare = 0.2
	// foreverKeys is how many such keys there must be before that counts.
	foreverKeys = 10
)

var cacheRules = slices.Concat([]rule{
	{[]string{"cache-hit-rate-low"}, judgeHitRate},
	{[]string{"cache-evicting"}, judgeEvicting},
	{[]string{"cache-no-ttl"}, judgeNoTTL},
	{[]string{"cache-other-db"}, judgeOtherDB},
	{[]string{"cache-many-dbs"}, judgeManyDBs},
	{[]string{"cache-keys-command"}, judgeKeysCommand},
	{[]string{"cache-flush-seen"}, judgeFlush},
}, groupRules, apiRules)

// lookups are hits and misses, and over which time: of the window if it saw enough, else since the start.
type lookups struct {
	hits, misses int64
	seconds      float64
	window       bool
}

func (l lookups) rate() float64 { return float64(l.hits) / float64(max(l.hits+l.misses, 1)) }

// tooFew is the outcome of a rule that wants more lookups: a server that has just started will have them.
func (l lookups) tooFew(id string) outcome {
	count := "keyspace_hits + keyspace_misses = " + strconv.FormatInt(l.hits+l.misses, 10)
	if l.seconds > 0 && l.seconds < freshSeconds {
		return skip(ReasonShortUptime, "INFO stats: "+count+"; INFO server: uptime_in_seconds "+strconv.FormatFloat(l.seconds, 'f', 0, 64), id)
	}
	return skip(ReasonTooLittleData, "INFO stats: "+count, id)
}

// lookups are those that a hit rate may be judged by; told is whether the server counts them at all.
func (v *view) lookups() (l lookups, enough, told bool) {
	if w := v.Window; w != nil {
		hits, ok1 := w.Total.Hits.Get()
		misses, ok2 := w.Total.Misses.Get()
		if ok1 && ok2 && hits+misses >= windowLookups {
			return lookups{hits, misses, w.Elapsed.Duration().Seconds(), true}, true, true
		}
	}
	t := &v.Server.Totals
	if len(v.nodes()) > 0 && t.Nodes == 0 {
		sum := snapshot.Sum(v.nodes())
		t = &sum
	}
	hits, ok1 := t.Hits.Get()
	misses, ok2 := t.Misses.Get()
	if !ok1 || !ok2 {
		return l, false, false
	}
	l = lookups{hits: hits, misses: misses}
	for i := range v.nodes() {
		l.seconds = max(l.seconds, float64(v.nodes()[i].Info.Value.Server.UptimeSeconds.Or(0)))
	}
	return l, hits+misses-v.ownLookups() >= totalLookups, true
}

// lookupsPerRun is how many lookups one run of doctor makes at most: names that intruders leave, TTLs of a sample.
const lookupsPerRun = 30

// ownLookups is an upper bound of the lookups that runs of ours made since the start: a cache that nobody uses but a monitor
// has no hit rate. Each run asks once who it is, which applications do not.
func (v *view) ownLookups() int64 {
	runs, _, _, _ := v.called("acl|whoami")
	return runs * lookupsPerRun
}

func (l lookups) evidence() []finding.Evidence {
	return []finding.Evidence{
		evUnit("hit_rate", l.rate(), "ratio", "INFO stats"), evCount("hits", l.hits, "INFO stats"), evCount("misses", l.misses, "INFO stats"),
		evUnit("over_s", l.seconds, "s", "INFO stats"), ev("window", l.window, ""),
	}
}

// untold is the skip of a rule whose numbers no INFO told.
func (v *view) untold(field string, ids ...string) outcome {
	for i := range v.nodes() {
		if f := v.nodes()[i].Info; !f.Known() {
			return skipFact(f, ids...)
		}
	}
	return skip(ReasonUnsupported, field, ids...)
}

func judgeHitRate(v *view) outcome {
	const id = "cache-hit-rate-low"
	l, enough, told := v.lookups()
	switch {
	case !told:
		return v.untold("INFO stats: keyspace_hits", id)
	case !enough:
		return l.tooFew(id)
	case l.rate() >= v.Settings.AlertHitRate:
		return fine()
	}
	return one(id, warning, append(l.evidence(), evUnit("threshold", v.Settings.AlertHitRate, "ratio", "OLYMP_CACHE_ALERT_HIT_RATE"))...)
}

// judgeEvicting: making room is what a cache does when it is full. It is a trouble when what is evicted is missed.
func judgeEvicting(v *view) outcome {
	const id = "cache-evicting"
	sum := snapshot.Sum(v.nodes())
	evicted, ok := sum.Evicted.Get()
	if !ok {
		return v.untold("INFO stats: evicted_keys", id)
	}
	now := int64(0)
	if v.Window != nil {
		now = v.Window.Total.Evicted.Or(0)
	}
	if now == 0 && float64(evicted) <= evictedShare*float64(evicted+sum.Keys) {
		return fine()
	}
	l, enough, told := v.lookups()
	switch {
	case !told:
		return v.untold("INFO stats: keyspace_hits", id)
	case !enough:
		return l.tooFew(id)
	}
	if l.rate() >= v.Settings.AlertHitRate {
		return fine()
	}
	// Those since the start were counted before the window.
	seen := append(l.evidence(), evCount("evicted", evicted+now, "INFO stats"), evCount("keys", sum.Keys, "INFO keyspace"))
	if limit, ok := sum.MaxMemory.Get(); ok && limit > 0 {
		seen = append(seen, evUnit("limit_bytes", limit, "bytes", "INFO memory"))
	}
	return one(id, warning, seen...)
}

// databases are the keys of each database, over all nodes; none where no INFO was told.
func (v *view) databases() (map[int]snapshot.Keyspace, bool) {
	sum := snapshot.Sum(v.nodes())
	return sum.Databases, sum.Nodes > 0
}

func judgeNoTTL(v *view) outcome {
	const id = "cache-no-ttl"
	all, ok := v.databases()
	if !ok {
		return v.untold("INFO keyspace", id)
	}
	db := all[v.Target.DB]
	keys, expires := db.Keys.Or(0), db.Expires.Or(0)
	if keys-expires < foreverKeys {
		return fine() // a counter, a lock, what a queue remembers
	}
	share := 1 - float64(expires)/float64(keys)
	if share <= foreverShare {
		return fine()
	}
	seen := []finding.Evidence{
		evCount("keys", keys, "INFO keyspace"), evCount("without_ttl", keys-expires, "INFO keyspace"),
		evUnit("share", share, "ratio", "INFO keyspace"),
	}
	if sample, ok := v.Keys.Get(); ok {
		names := ""
		for _, p := range sample.Prefixes {
			if p.Asked > 0 && p.WithTTL < p.Asked {
				if names != "" {
					names += ", "
				}
				names += string(p.Name)
			}
		}
		if names != "" {
			seen = append(seen, ev("prefixes", names, "SCAN"))
		}
	}
	return one(id, warning, seen...)
}

func judgeManyDBs(v *view) outcome {
	const id = "cache-many-dbs"
	all, ok := v.databases()
	if !ok {
		return v.untold("INFO keyspace", id)
	}
	names := ""
	used := 0
	for _, db := range slices.Sorted(maps.Keys(all)) {
		if all[db].Keys.Or(0) > 0 {
			used++
			if names != "" {
				names += ", "
			}
			names += strconv.Itoa(db)
		}
	}
	if used < 2 {
		return fine()
	}
	seen := []finding.Evidence{ev("databases", names, "INFO keyspace")}
	if p, ok := provider.Lookup(v.Target.Provider); ok && p.OneDatabase {
		seen = append(seen, ev("provider", p.Name, ""))
	}
	return one(id, info, seen...)
}

// called sums commandstats of one command, its subcommands left out.
func (v *view) called(command string) (calls int64, usec int64, uptime float64, told bool) {
	for i := range v.nodes() {
		inf, ok := v.nodes()[i].Info.Get()
		if !ok || len(inf.Commands) == 0 {
			continue
		}
		told = true
		stat := inf.Commands[snapshot.Text(command)]
		calls += stat.Calls.Or(0)
		usec += stat.Usec.Or(0)
		uptime = max(uptime, float64(inf.Server.UptimeSeconds.Or(0)))
	}
	return calls, usec, uptime, told
}

func judgeKeysCommand(v *view) outcome {
	const id = "cache-keys-command"
	calls, usec, uptime, told := v.called("keys")
	switch {
	case !told:
		return v.untold("INFO commandstats", id)
	case calls == 0:
		return fine()
	}
	severity, each := warning, time.Duration(usec/calls)*time.Microsecond
	if hours := int64(uptime) / int64(time.Hour/time.Second); calls < hours && each < slow {
		severity = info // somebody looked once
	}
	return one(id, severity, evCount("calls", calls, "INFO commandstats"), evUnit("uptime_s", uptime, "s", "INFO server"),
		evUnit("each_ms", float64(usec)/float64(calls)/1000, "ms", "INFO commandstats"))
}

func judgeFlush(v *view) outcome {
	const id = "cache-flush-seen"
	dbs, _, uptime, told := v.called("flushdb")
	all, _, _, _ := v.called("flushall")
	switch {
	case !told:
		return v.untold("INFO commandstats", id)
	case dbs+all == 0:
		return fine()
	}
	return one(id, info, evCount("flushdb", dbs, "INFO commandstats"), evCount("flushall", all, "INFO commandstats"),
		evCount("calls", dbs+all, "INFO commandstats"), evUnit("uptime_s", uptime, "s", "INFO server"))
}

package findings

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/sorting"
)

var serverRules = []rule{
	{[]string{"server-loading"}, judgeLoading},
	{[]string{"server-masterdown"}, judgeReplicaLink},
	{[]string{"server-noreplicas"}, judgeGoodReplicas},
	{[]string{"server-cluster-down", "server-cluster-node-down", "server-cluster-unreachable"}, judgeCluster},
	{[]string{"server-errors-seen"}, judgeErrorsSeen},
	{[]string{"server-old-version"}, judgeOldVersion},
	{[]string{"server-restarted"}, judgeRestarted},
}

// judgeLoading: INFO answers while all else is refused. A replica that loads what its primary sent goes on answering with
// what it has (async_loading), and that is a word of its own.
func judgeLoading(v *view) outcome {
	const id = "server-loading"
	return v.eachInfo(func(n *snapshot.Node, i *snapshot.Info) outcome {
		if !i.Persistence.Loading.Or(false) {
			return fine()
		}
		return v.on(n, id, critical, append(loadingEvidence(i), v.of(n).home(i)...)...)
	}, id)
}

// brokenLink is how long a link to the primary may be down before it is more than a restart of the primary, in seconds.
const brokenLink = 10

// judgeReplicaLink: a replica that has lost its primary answers with what gets older and older.
func judgeReplicaLink(v *view) outcome {
	const id = "server-masterdown"
	return v.eachInfo(func(n *snapshot.Node, i *snapshot.Info) outcome {
		r := &i.Replication
		neverLinked := r.LinkDownSeconds.Or(0) < 0 && i.Server.UptimeSeconds.Or(0) > brokenLink
		if r.Role != "slave" || r.MasterLink != "down" || r.MasterSyncing.Or(false) ||
			r.LinkDownSeconds.Or(0) < brokenLink && !neverLinked {
			return fine()
		}
		return v.on(n, id, warning, linkEvidence(i)...)
	}, id)
}

// judgeGoodReplicas: INFO counts good replicas only where min-replicas-to-write wants some.
func judgeGoodReplicas(v *view) outcome {
	const id = "server-noreplicas"
	return v.eachInfo(func(n *snapshot.Node, i *snapshot.Info) outcome {
		good, counted := i.Replication.GoodSlaves.Get()
		if i.Replication.Role != "master" || !counted {
			return fine()
		}
		wanted, ok := n.Config.Value.Int("min-replicas-to-write")
		if !n.Config.Known() || !ok {
			return skipFact(n.Setting("min-replicas-to-write"), id)
		}
		if good >= wanted {
			return fine()
		}
		return v.on(n, id, critical, goodReplicas(n, i)...)
	}, id)
}

// applicationErrors are refusals that an application runs into while this connection is fine, and how many are worth a
// word: a diagnosis of a server in that state causes one or two itself. NOPERM, ERR and unknown commands are left out, as
// our own questions cause them; MOVED and ASK, as they are how a cluster works; NOAUTH and WRONGPASS have their own finding.
var applicationErrors = map[snapshot.Text]int64{
	"OOM": 5, "MISCONF": 5, "READONLY": 5, "NOREPLICAS": 5, "MASTERDOWN": 5, "CLUSTERDOWN": 5, "CROSSSLOT": 5, "BUSY": 5,
	"LOADING": 100, // every restart causes some
}

// judgeErrorsSeen counts since the start. Fewer than one an hour were a trouble of the past: worth knowing, no warning.
func judgeErrorsSeen(v *view) outcome {
	const id = "server-errors-seen"
	counts := map[snapshot.Text]int64{}
	var uptime int64
	counted := false
	o := v.eachInfo(func(_ *snapshot.Node, i *snapshot.Info) outcome {
		if !i.Stats.ErrorReplies.Known() { // as old as errorstats: Redis 6.2
			return skip(ReasonUnsupported, "INFO errorstats", id)
		}
		counted = true
		uptime = max(uptime, i.Server.UptimeSeconds.Or(0))
		for name := range applicationErrors {
			counts[name] += i.Errors[name]
		}
		return fine()
	}, id)
	if !counted {
		return o
	}
	now := replyWord(v.Trace.Failure) // said once already
	maps.DeleteFunc(counts, func(name snapshot.Text, n int64) bool { return n < applicationErrors[name] || string(name) == now })
	if len(counts) == 0 {
		return fine()
	}
	names := slices.Collect(maps.Keys(counts))
	sorting.By(names, func(a, b snapshot.Text) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	var total int64
	words := make([]string, 0, len(names))
	for _, name := range names {
		total += counts[name]
		words = append(words, string(name)+" "+strconv.FormatInt(counts[name], 10))
	}
	severity := warning
	if hours := uptime / int64(time.Hour/time.Second); total < hours {
		severity = info
	}
	return one(id, severity, ev("errors", strings.Join(words, ", "), "INFO errorstats"), ev("error", string(names[0]), "INFO errorstats"),
		ev("count", total, "INFO errorstats"), evUnit("uptime_s", float64(uptime), "s", "INFO server"))
}

// freshSeconds is how long after its start a server's counters, cache and memory say little.
const freshSeconds = 600

// judgeRestarted: a cache that started anew was empty, and whoever restarted it may do so again.
func judgeRestarted(v *view) outcome {
	const id = "server-restarted"
	return v.eachInfo(func(n *snapshot.Node, i *snapshot.Info) outcome {
		up, ok := i.Server.UptimeSeconds.Get()
		switch {
		case !ok:
			return skip(ReasonUnsupported, "INFO server", id)
		case up >= freshSeconds:
			return fine()
		}
		seen := []finding.Evidence{evUnit("uptime_s", float64(up), "s", "INFO server")}
		if c, ok := v.of(n).container(i); ok && c.RestartCount > 0 {
			seen = append(seen, ev("restarts", c.RestartCount, "docker inspect"))
		}
		return v.on(n, id, info, append(seen, v.of(n).home(i)...)...)
	}, id)
}

package findings

import (
	"slices"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/evidence"
	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
)

// rule judges one row of the catalogue, or a few that share their evidence. It is a pure function: same view, same outcome.
type rule struct {
	ids   []string // all that it may find or skip
	judge func(*view) outcome
}

// outcome is what became of a rule. Neither found nor skipped means: looked at, and fine.
type outcome struct {
	found   []finding.Finding
	skipped []Skipped
}

// Skipped is a rule that could not be judged. It is never silently good.
type Skipped struct {
	ID     string `json:"id"`
	Reason string `json:"reason"` // one of the Reason constants
	Detail string `json:"detail"` // the question that was refused and the server's words; may be empty
}

// The reasons.
const (
	ReasonUnreachable   = "unreachable" // Redis was not reached
	ReasonRefused       = "refused"     // the server refused the question; Detail says which
	ReasonUnsupported   = "unsupported" // the server does not know the question or does not tell the value
	ReasonTooLittleData = "too-little-data"
	ReasonShortUptime   = "short-uptime"    // the server has not run for long enough to tell; Detail says for how long
	ReasonUnknown       = "unknown-release" // nothing is known here of this release; Detail says which it is
	ReasonPackaged      = "packaged"        // distributions mend this release without raising its number; Detail says which it is
	ReasonOffline       = "offline"         // --offline
	ReasonReadOnly      = "read-only"       // --read-only
	ReasonNotAsked      = "not-asked"       // this kind of machine or target has nothing to look at
)

// all are the rules that judge a Redis that was reached, in the catalogue's order.
var all = slices.Concat(
	networkRules, authRules, serverRules, memoryRules, clientRules, latencyRules, cacheRules, persistenceRules, securityRules,
)

// one is the outcome of a single finding; its fixes are added by its id.
func one(id string, severity finding.Severity, seen ...finding.Evidence) outcome {
	return outcome{found: []finding.Finding{{ID: id, Severity: severity, Evidence: seen}}}
}

// fine is the outcome of a rule that looked and found nothing.
func fine() outcome { return outcome{} }

// skip is the outcome of a rule that could not look.
func skip(reason, detail string, ids ...string) outcome {
	var o outcome
	for _, id := range ids {
		o.skipped = append(o.skipped, Skipped{ID: id, Reason: reason, Detail: detail})
	}
	return o
}

// skipFact is skip for a fact that is not known, with the server's words.
func skipFact[T any](f snapshot.Fact[T], ids ...string) outcome {
	reason := ReasonRefused
	switch f.Status {
	case snapshot.NotAsked:
		reason = ReasonNotAsked
	case snapshot.Unsupported:
		reason = ReasonUnsupported
	}
	detail := f.Source
	if f.Reply != "" {
		detail += ": " + string(f.Reply)
	}
	return skip(reason, detail, ids...)
}

// and joins outcomes.
func (o outcome) and(more ...outcome) outcome {
	for _, m := range more {
		o.found = append(o.found, m.found...)
		o.skipped = append(o.skipped, m.skipped...)
	}
	return o
}

// ev is one piece of evidence without a unit.
func ev(name string, value any, source string) finding.Evidence {
	return finding.Evidence{Name: name, Value: value, Source: source}
}

// evCount is a number of things, for people with its thousands apart: a port or a line has none.
func evCount[T int | int64](name string, n T, source string) finding.Evidence {
	return finding.Evidence{Name: name, Value: n, Unit: finding.Count, Source: source}
}

// evUnit is one piece of evidence with its unit: "bytes", "ms", "s" or "ratio".
func evUnit(name string, value any, unit, source string) finding.Evidence {
	return finding.Evidence{Name: name, Value: value, Unit: unit, Source: source}
}

// view is the evidence with the questions that many rules ask of it.
type view struct {
	*evidence.Evidence
}

// nodes are the servers that answered: one, or the primaries of a cluster.
func (v *view) nodes() []snapshot.Node {
	if v.Server == nil {
		return nil
	}
	return v.Server.Nodes
}

// nowOf is the time of the server's own clock, which its logs are written by, as Unix seconds; ours where it does not tell.
func (v *view) nowOf(n *snapshot.Node) int64 {
	if usec, ok := n.Info.Value.Server.ServerTimeUsec.Get(); ok && n.Info.Known() {
		return usec / int64(time.Second/time.Microsecond)
	}
	return v.Server.Time.Unix()
}

// windowOf is what happened at one server between two samples; nothing is known of it where there was no window.
func (v *view) windowOf(n *snapshot.Node) snapshot.Delta {
	if v.Window == nil {
		return snapshot.Delta{}
	}
	for _, w := range v.Window.Nodes {
		if w.Addr == n.Addr && w.Change == snapshot.Unchanged {
			return w.Delta
		}
	}
	return snapshot.Delta{}
}

// eachInfo runs f on every node whose INFO is known and joins the outcomes. For a node whose INFO is not known the ids are
// skipped: half a cluster that is well says nothing of the other half.
func (v *view) eachInfo(f func(n *snapshot.Node, i *snapshot.Info) outcome, ids ...string) outcome {
	if len(v.nodes()) == 0 {
		return skip(ReasonUnreachable, "", ids...)
	}
	var joined outcome
	for i := range v.nodes() {
		n := &v.nodes()[i]
		if inf, ok := n.Info.Get(); ok {
			joined = joined.and(f(n, &inf))
			continue
		}
		untold := n.Info
		if len(v.nodes()) > 1 {
			untold.Source = n.Addr + " " + untold.Source
		}
		joined = joined.and(skipFact(untold, ids...))
	}
	return joined.worstOfEach()
}

// eachNode runs f on every server that answered and joins the outcomes.
func (v *view) eachNode(f func(n *snapshot.Node) outcome, ids ...string) outcome {
	if len(v.nodes()) == 0 {
		return skip(ReasonUnreachable, "", ids...)
	}
	var joined outcome
	for i := range v.nodes() {
		joined = joined.and(f(&v.nodes()[i]))
	}
	return joined.worstOfEach()
}

// worstOfEach keeps one finding of each id, the most severe of all nodes, and one skip.
func (o outcome) worstOfEach() outcome {
	worst := map[string]int{}
	var found []finding.Finding
	for _, f := range o.found {
		at, again := worst[f.ID]
		switch {
		case !again:
			worst[f.ID] = len(found)
			found = append(found, f)
		case f.Severity > found[at].Severity:
			found[at] = f
		}
	}
	o.found = found
	seen := map[string]bool{}
	o.skipped = slices.DeleteFunc(o.skipped, func(s Skipped) bool {
		again := seen[s.ID]
		seen[s.ID] = true
		return again
	})
	return o
}

// managed tells a provider's service: some settings are then the provider's business.
func (v *view) managed() bool { return v.Target.Provider != "" && v.Target.Provider != "railway" }

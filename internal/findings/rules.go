package findings

import (
	"slices"

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
	ReasonShortUptime   = "short-uptime"
	ReasonOffline       = "offline"   // --offline
	ReasonReadOnly      = "read-only" // --read-only
	ReasonNotAsked      = "not-asked" // this kind of machine or target has nothing to look at
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

// eachInfo runs f on every node whose INFO is known and joins the outcomes; where INFO is known of none, the ids are skipped.
// Of a cluster's nodes that show the same finding, the first is kept.
func (v *view) eachInfo(f func(n *snapshot.Node, i *snapshot.Info) outcome, ids ...string) outcome {
	var joined outcome
	known := false
	for i := range v.nodes() {
		n := &v.nodes()[i]
		inf, ok := n.Info.Get()
		if !ok {
			continue
		}
		known = true
		joined = joined.and(f(n, &inf))
	}
	if !known {
		if len(v.nodes()) == 0 {
			return skip(ReasonUnreachable, "", ids...)
		}
		return skipFact(v.nodes()[0].Info, ids...)
	}
	return joined.firstOfEach()
}

// firstOfEach keeps one finding and one skip of each id.
func (o outcome) firstOfEach() outcome {
	seen := map[string]bool{}
	o.found = slices.DeleteFunc(o.found, func(f finding.Finding) bool {
		again := seen[f.ID]
		seen[f.ID] = true
		return again
	})
	o.skipped = slices.DeleteFunc(o.skipped, func(s Skipped) bool {
		again := seen[s.ID]
		seen[s.ID] = true
		return again
	})
	return o
}

// managed tells a provider's service: some settings are then the provider's business.
func (v *view) managed() bool { return v.Target.Provider != "" && v.Target.Provider != "railway" }

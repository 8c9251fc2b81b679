package findings

import (
	"cmp"
	"slices"

	"github.com/olympiades-ia/olymp-cache/internal/evidence"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/probe/trace"
	"github.com/olympiades-ia/olymp-cache/internal/sorting"
)

// Status is the verdict of a diagnosis.
type Status string

// The verdicts, as the JSON contract has them.
const (
	StatusOK          Status = "ok"
	StatusWarning     Status = "warning"
	StatusCritical    Status = "critical"
	StatusUnreachable Status = "unreachable"
)

// Verdict is a diagnosis that was judged.
type Verdict struct {
	Status   Status
	Steps    []finding.Step    // all rungs, in order
	Findings []finding.Finding // what to fix first stands first; with fixes
	Skipped  []Skipped         // in the catalogue's order
	// Misconfigured tells that the configuration alone was trouble enough: nothing was contacted.
	Misconfigured bool

	repeated []finding.Finding // what another finding says already, with the same fix; shown where that one is not wanted
}

// RootCause is the first finding's id where the status is unreachable or critical, else "".
func (v Verdict) RootCause() string {
	if (v.Status == StatusUnreachable || v.Status == StatusCritical) && len(v.Findings) > 0 {
		return v.Findings[0].ID
	}
	return ""
}

// Judge finds what is wrong, the cause before its signs, and what to type. It is pure: the same evidence gives the same
// verdict on every machine.
func Judge(e *evidence.Evidence) Verdict {
	v := &view{e}
	var joined outcome
	joined.found = append(joined.found, e.Config...)
	var root *finding.Finding
	if e.Trace.Failure != nil {
		cause := v.cause()
		root = &cause
	}
	joined = joined.and(v.tolerated())
	for _, r := range all {
		if e.Server == nil {
			joined = joined.and(skip(ReasonUnreachable, "", r.ids...))
			continue
		}
		joined = joined.and(r.judge(v))
	}
	joined = joined.and(v.around())
	out := Verdict{Skipped: joined.skipped}
	for _, f := range joined.found {
		if root != nil && f.ID == root.ID {
			if root.Subject == "" || finding.Category(f.ID) == "config" {
				// The configuration's own words know file and line, the cause how bad it is here and what showed it.
				joint := with(f, root.Evidence...)
				joint.Severity = max(f.Severity, root.Severity)
				root = &joint
			}
			continue
		}
		out.Findings = append(out.Findings, f)
	}
	out.dropRepeated(root)
	sortFindings(out.Findings)
	if root != nil {
		out.Findings = slices.Insert(out.Findings, 0, *root)
	}
	for _, all := range [][]finding.Finding{out.Findings, out.repeated} {
		for i, f := range all {
			all[i] = Advised(f, v.advisedTarget())
		}
	}
	sorting.By(out.Skipped, func(a, b Skipped) int { return cmp.Compare(rank(a.ID), rank(b.ID)) })
	out.Steps = v.steps(root, out.Findings)
	out.Status = out.status(e.Trace.Failure)
	out.Misconfigured = e.Trace.Failure != nil && e.Trace.Failure.Rung == trace.Config
	return out
}

// sortFindings puts the worst first, then the catalogue's order.
func sortFindings(all []finding.Finding) {
	sorting.By(all, func(a, b finding.Finding) int {
		return cmp.Or(cmp.Compare(b.Severity, a.Severity), cmp.Compare(rank(a.ID), rank(b.ID)))
	})
}

func (v Verdict) status(failure *trace.Failure) Status {
	if failure != nil && failure.Unreachable {
		return StatusUnreachable
	}
	worst := finding.Unknown
	for _, f := range v.Findings {
		worst = max(worst, f.Severity)
	}
	switch worst {
	case finding.Critical:
		return StatusCritical
	case finding.Warning:
		return StatusWarning
	}
	return StatusOK
}

// Wanted tells an id that --only names, if it names anything, and that --skip does not; both take ids and categories.
func Wanted(id string, only, drop []string) bool {
	named := func(words []string) bool {
		return slices.Contains(words, id) || slices.Contains(words, finding.Category(id))
	}
	return (len(only) == 0 || named(only)) && !named(drop)
}

// Filter keeps what --only names, all if it names nothing, and drops what --skip names; both take ids and categories. The
// cause of an unreachable Redis stays whatever they say: without Redis nothing else was looked at.
func (v Verdict) Filter(only, drop []string) Verdict {
	keep := func(id string, root bool) bool { return root || Wanted(id, only, drop) }
	out := v
	out.Findings, out.Skipped = nil, nil
	for i, f := range v.Findings {
		if keep(f.ID, i == 0 && v.Status == StatusUnreachable) {
			out.Findings = append(out.Findings, f)
		}
	}
	for _, f := range v.repeated {
		if keep(f.ID, false) && !slices.ContainsFunc(out.Findings, func(said finding.Finding) bool { return repeats(said.ID, f.ID) }) {
			out.Findings = append(out.Findings, f)
			sortFindings(out.Findings)
		}
	}
	for _, s := range v.Skipped {
		if keep(s.ID, false) {
			out.Skipped = append(out.Skipped, s)
		}
	}
	if v.Status != StatusUnreachable {
		out.Status = out.status(nil)
	}
	return out
}

// cause is the most specific finding that the evidence proves behind the failure.
func (v *view) cause() finding.Finding { return v.refined(v.Trace.Failure.Finding) }

// refined is what a sign means, as far as the evidence proves it; the sign itself where it proves no more.
func (v *view) refined(raw finding.Finding) finding.Finding {
	for _, refine := range []func(*view, finding.Finding) (finding.Finding, bool){
		refineConfig, refineSentinel, refineDNS, refineTCP, refineTLS, refineProtocol, refineAuth, refineServer,
	} {
		if better, ok := refine(v, raw); ok {
			return better
		}
	}
	return raw
}

// tolerated are refusals that did not end the climb, each id once, and the throw-away key where it could not be removed.
func (v *view) tolerated() outcome {
	var o outcome
	for i := range v.Trace.Steps {
		s := &v.Trace.Steps[i]
		if s.Status != finding.Fail && s.Problem != nil {
			o.found = append(o.found, v.refined(*s.Problem))
		}
		if s.Name == trace.Write && v.Trace.Write != nil && v.Trace.Write.Left {
			o.found = append(o.found, finding.Finding{ID: "write-key-left", Severity: warning, Evidence: s.Evidence})
		}
	}
	return o.worstOfEach()
}

// dropRepeated takes out the findings that say again what another one, or the root cause, says.
func (v *Verdict) dropRepeated(root *finding.Finding) {
	said := slices.Clone(v.Findings)
	if root != nil {
		said = append(said, *root)
	}
	v.Findings = slices.DeleteFunc(v.Findings, func(f finding.Finding) bool {
		again := slices.ContainsFunc(said, func(by finding.Finding) bool { return repeats(by.ID, f.ID) })
		if again {
			v.repeated = append(v.repeated, f)
		}
		return again
	})
}

// repeats tells a finding that only says again what another one says.
func repeats(by, id string) bool { return slices.Contains(repeating, [2]string{by, id}) }

// repeating are pairs of a finding and another that would only repeat it: the same trouble, mended by the same fix.
var repeating = [][2]string{
	{"server-oom", "memory-high"},
	{"server-oom", "memory-noeviction"},
	{"server-oom", "memory-volatile-no-ttl"},
	{"server-oom-volatile", "memory-high"},
	{"server-oom-volatile", "memory-volatile-no-ttl"},
	{"server-misconf", "persistence-failing"},
	{"memory-high", "memory-noeviction"},
}

// around judges what stands around, whether or not Redis was reached.
func (v *view) around() outcome {
	var joined outcome
	for _, r := range aroundRules {
		joined = joined.and(r.judge(v))
	}
	return joined
}

// steps are the rungs of the ladder, each as bad as the worst finding that is about it.
func (v *view) steps(root *finding.Finding, found []finding.Finding) []finding.Step {
	out := make([]finding.Step, 0, len(trace.Rungs))
	for _, name := range trace.Rungs {
		s := finding.Step{Name: name, Status: finding.Skip, Reason: "earlier-failure"}
		if seen := v.Trace.Step(name); seen != nil {
			s = *seen
		}
		if root != nil && v.Trace.Failure.Rung == name {
			s.Status, s.Problem, s.Reason = finding.Fail, &found[0], ""
			if root.ID != v.Trace.Failure.Finding.ID && rungOf(root.ID) == trace.Config { // the sign stands here, the cause there
				sign := InContext(v.Trace.Failure.Finding, v.advisedTarget())
				s.Problem = &sign
			}
		}
		if s.Status != finding.Fail && s.Problem != nil {
			sign := InContext(v.refined(*s.Problem), v.advisedTarget())
			s.Problem = &sign
		}
		for i := range found {
			f := &found[i]
			if s.Status != finding.OK || f.Severity < finding.Warning || rungOf(f.ID) != name || i == 0 && root != nil && v.passed(name) {
				continue
			}
			s.Status, s.Problem = finding.Warn, f
			if f.Severity == finding.Critical {
				s.Status = finding.Fail
			}
		}
		out = append(out, s)
	}
	return out
}

// passed tells a rung below the one that broke: the root cause is not to be seen there.
func (v *view) passed(name string) bool {
	return slices.Index(trace.Rungs, name) < slices.Index(trace.Rungs, v.Trace.Failure.Rung)
}

// rungOf is the rung that a finding is about; "" for those that are about the cache and not the way to it.
func rungOf(id string) string {
	switch category := finding.Category(id); category {
	case trace.Config, trace.DNS, trace.TCP, trace.TLS, trace.Protocol, trace.Auth, trace.Write:
		return category
	case "server", "sentinel":
		return trace.State
	}
	return ""
}

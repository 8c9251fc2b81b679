package report

import (
	"slices"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/sorting"
)

// DoctorSchema names the JSON document of a diagnosis.
const DoctorSchema = "olymp-cache/doctor/v1"

// Diagnosis is the result of `doctor`.
type Diagnosis struct {
	Version   string
	Target    Target
	Status    string // "ok", "warning", "critical", "unreachable" or "interrupted"
	RootCause string // an id, or ""
	// Misconfigured tells that the configuration cannot be used: nothing was contacted.
	Misconfigured bool
	Steps         []finding.Step
	Findings      []finding.Finding // what to fix first stands first; with fixes
	Skipped       []SkippedRule
	Compared      *Comparison        // nil: nothing to compare with
	Window        []finding.Evidence // rates of --window
	Perf          []Perf             // for monitoring plugins
	FailOn        finding.Severity   // from where on a finding fails the run
	Verbose       bool               // text: everything in full
	LoadedFrom    string             // the file of --load, or ""
	InFull        string             // text: the command that shows all of it
	CommandsSent  int
	Started       time.Time
	Duration      time.Duration
}

// SkippedRule is a rule that could not be judged, and why.
type SkippedRule struct {
	ID     string `json:"id"`
	Reason string `json:"reason"`
	Detail string `json:"detail"` // the question that was refused and the server's words; may be empty
}

// Comparison is what changed since an earlier diagnosis, as ids.
type Comparison struct {
	New   []string `json:"new"`
	Gone  []string `json:"gone"`
	Worse []string `json:"worse"`
	// OtherTarget is the masked URL of the earlier diagnosis where that was of another target: nothing is compared then.
	OtherTarget string `json:"other_target,omitempty"`
}

// Perf is one number with its limits, as monitoring plugins pass it on; nil limits are left out.
type Perf struct {
	Name                 string
	Value                float64
	Unit                 string // "ms", "B", "%" or ""
	Warn, Crit, Min, Max *float64
	Below                bool // the alert goes off below Warn: the plugins' range «70:»
}

// verdicts of a diagnosis, as the JSON contract has them.
const (
	diagnosisOK          = "ok"
	diagnosisWarning     = "warning"
	diagnosisCritical    = "critical"
	diagnosisUnreachable = "unreachable"
	diagnosisInterrupted = "interrupted"
)

// broken tells a diagnosis that has a root cause.
func (d *Diagnosis) broken() bool {
	return d.Status == diagnosisCritical || d.Status == diagnosisUnreachable
}

// worst is the most severe finding; nil where there is none.
func (d *Diagnosis) worst() *finding.Finding {
	if len(d.Findings) == 0 {
		return nil
	}
	f := slices.MaxFunc(d.Findings, func(a, b finding.Finding) int { return int(a.Severity) - int(b.Severity) })
	if d.RootCause != "" {
		f = d.Findings[0]
	}
	return &f
}

// refused is how many rules could not be judged because this user may not ask.
func (d *Diagnosis) refused() int {
	n := 0
	for _, s := range d.Skipped {
		if s.Reason == "refused" {
			n++
		}
	}
	return n
}

// count is how many findings are that severe.
func (d *Diagnosis) count(s finding.Severity) int {
	n := 0
	for _, f := range d.Findings {
		if f.Severity == s {
			n++
		}
	}
	return n
}

// notReached are the steps behind the one that broke, and those that were not needed: a reader has no use for a line each.
func notReached(s finding.Step) bool {
	return s.Status != finding.OK && s.Status != finding.Warn && s.Status != finding.Fail && s.Reason == "earlier-failure"
}

func notNeeded(s finding.Step) bool { return s.Status == finding.Skip && s.Reason == "not-needed" }

// reasonsOf counts the skipped rules by reason, most frequent first.
func (d *Diagnosis) reasonsOf() []reasonCount {
	var all []reasonCount
	for _, s := range d.Skipped {
		i := slices.IndexFunc(all, func(c reasonCount) bool { return c.reason == s.Reason })
		if i < 0 {
			all = append(all, reasonCount{s.Reason, 0})
			i = len(all) - 1
		}
		all[i].n++
	}
	sorting.By(all, func(a, b reasonCount) int { return b.n - a.n })
	return all
}

type reasonCount struct {
	reason string
	n      int
}

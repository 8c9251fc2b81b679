package report

import (
	"io"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
)

type jsonDiagnosis struct {
	Schema       string         `json:"schema"`
	Version      string         `json:"version"`
	Target       Target         `json:"target"`
	Status       string         `json:"status"`
	RootCause    *string        `json:"root_cause"`
	Steps        []jsonRung     `json:"steps"`
	Findings     []jsonFinding  `json:"findings"`
	Skipped      []SkippedRule  `json:"skipped"`
	Compared     *Comparison    `json:"compared"`
	Window       map[string]any `json:"window,omitempty"`
	CommandsSent int            `json:"commands_sent"`
	DurationMS   float64        `json:"duration_ms"`
}

// jsonRung is a step of the contract, with what was seen there.
type jsonRung struct {
	Name       string         `json:"name"`
	Status     finding.Status `json:"status"`
	DurationMS float64        `json:"duration_ms"`
	Detail     string         `json:"detail"` // the id of what went wrong, or why it was not tried
	Evidence   map[string]any `json:"evidence"`
}

// DiagnosisJSON writes the diagnosis as schema olymp-cache/doctor/v1.
func DiagnosisJSON(w io.Writer, words Words, d *Diagnosis) error {
	words.Data = func(s string) string { return s } // JSON's own escapes make foreign bytes safe
	doc := jsonDiagnosis{
		Schema: DoctorSchema, Version: d.Version, Target: d.Target, Status: d.Status, Steps: []jsonRung{}, Findings: []jsonFinding{},
		Skipped: append([]SkippedRule{}, d.Skipped...), CommandsSent: d.CommandsSent, DurationMS: finding.Millis(d.Duration),
	}
	if len(d.Window) > 0 {
		doc.Window = evidenceMap(d.Window)
	}
	if d.RootCause != "" {
		doc.RootCause = &d.RootCause
	}
	for _, s := range d.Steps {
		doc.Steps = append(doc.Steps, jsonRung{
			Name: s.Name, Status: s.Status, DurationMS: finding.Millis(s.Duration), Detail: detail(s), Evidence: evidenceMap(s.Evidence),
		})
	}
	for _, f := range d.Findings {
		doc.Findings = append(doc.Findings, words.jsonFinding(f))
	}
	if c := d.Compared; c != nil {
		doc.Compared = &Comparison{
			New: append([]string{}, c.New...), Gone: append([]string{}, c.Gone...), Worse: append([]string{}, c.Worse...),
			OtherTarget: c.OtherTarget,
		}
	}
	return WriteJSON(w, doc)
}

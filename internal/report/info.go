package report

import (
	"io"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
)

// InfoSchema names the JSON document of `info`.
const InfoSchema = "olymp-cache/info/v1"

// Info is the result of `info`.
type Info struct {
	Version      string
	Target       Target
	Alerts       []Alert
	Sections     []Section
	CommandsSent int
	Started      time.Time
	Duration     time.Duration
}

// Alert is one of the recommended alerts with its value and threshold.
type Alert struct {
	ID        string
	Value     finding.Evidence
	Threshold finding.Evidence
	State     finding.Severity // Info: fine; Unknown: could not be judged
	Reason    string           // why not
	Detail    string
}

// Section is one part of the numbers. Reason is empty, or why there are none: "refused", "unsupported", "not-asked".
type Section struct {
	Name   string
	Reason string
	Detail string
	Values []finding.Evidence
	Tables []Table
}

// Table is a list of rows whose cells have the same names.
type Table struct {
	Name string
	Rows [][]finding.Evidence
}

type jsonInfo struct {
	Schema       string         `json:"schema"`
	Version      string         `json:"version"`
	Target       Target         `json:"target"`
	TakenAt      string         `json:"taken_at"`
	Alerts       []jsonAlert    `json:"alerts"`
	Sections     map[string]any `json:"sections"`
	Refused      []SkippedRule  `json:"refused"`
	CommandsSent int            `json:"commands_sent"`
	DurationMS   float64        `json:"duration_ms"`
}

type jsonAlert struct {
	ID        string `json:"id"`
	State     string `json:"state"`
	Value     any    `json:"value"`
	Threshold any    `json:"threshold"`
	Unit      string `json:"unit"`
	Reason    string `json:"reason"`
}

// InfoJSON writes the numbers as schema olymp-cache/info/v1: base units, nothing translated, nothing left out.
func InfoJSON(w io.Writer, i *Info) error { return WriteJSON(w, infoDocument(i)) }

func infoDocument(i *Info) jsonInfo {
	doc := jsonInfo{
		Schema: InfoSchema, Version: i.Version, Target: i.Target, TakenAt: i.Started.UTC().Format(time.RFC3339),
		Alerts: []jsonAlert{}, Sections: map[string]any{}, Refused: []SkippedRule{}, CommandsSent: i.CommandsSent,
		DurationMS: finding.Millis(i.Duration),
	}
	for _, a := range i.Alerts {
		doc.Alerts = append(doc.Alerts, jsonAlert{
			ID: a.ID, State: alertState(a.State), Value: a.Value.Value, Threshold: a.Threshold.Value, Unit: a.Value.Unit, Reason: a.Reason,
		})
	}
	for _, s := range i.Sections {
		if s.Reason != "" {
			doc.Refused = append(doc.Refused, SkippedRule{ID: s.Name, Reason: s.Reason, Detail: s.Detail})
		}
		values := evidenceMap(s.Values)
		for _, t := range s.Tables {
			rows := make([]map[string]any, len(t.Rows))
			for k, cells := range t.Rows {
				rows[k] = evidenceMap(cells)
			}
			values[t.Name] = rows
		}
		doc.Sections[s.Name] = values
	}
	return doc
}

// alertState is the word for scripts.
func alertState(s finding.Severity) string {
	switch s {
	case finding.Info:
		return "ok"
	case finding.Warning, finding.Critical:
		return s.String()
	}
	return "unknown"
}

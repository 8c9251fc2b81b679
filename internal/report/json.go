package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
)

type jsonCheck struct {
	Schema       string        `json:"schema"`
	Version      string        `json:"version"`
	Target       Target        `json:"target"`
	Enabled      bool          `json:"enabled"`
	Status       State         `json:"status"`
	RootCause    *string       `json:"root_cause"`
	Steps        []jsonStep    `json:"steps"`
	Findings     []jsonFinding `json:"findings"`
	Latency      []jsonLatency `json:"latency,omitempty"`
	CommandsSent int           `json:"commands_sent"`
	DurationMS   float64       `json:"duration_ms"`
}

type jsonStep struct {
	Name       string         `json:"name"`
	Status     finding.Status `json:"status"`
	DurationMS float64        `json:"duration_ms"`
	Detail     string         `json:"detail"`
	Evidence   map[string]any `json:"evidence"`
}

type jsonFinding struct {
	ID       string           `json:"id"`
	Severity finding.Severity `json:"severity"`
	Category string           `json:"category"`
	Title    string           `json:"title"`
	Cause    string           `json:"cause"`
	Evidence map[string]any   `json:"evidence"`
	Fixes    []jsonFix        `json:"fixes"`
	Docs     string           `json:"docs"`
}

type jsonFix struct {
	Title   string `json:"title"`
	Command string `json:"command"`
}

type jsonLatency struct {
	Command     string       `json:"command"`
	Rounds      int64        `json:"rounds"`
	P50MS       float64      `json:"p50_ms"`
	P95MS       float64      `json:"p95_ms"`
	P99MS       float64      `json:"p99_ms"`
	MaxMS       float64      `json:"max_ms"`
	ThresholdMS float64      `json:"threshold_ms"`
	Histogram   []jsonBucket `json:"histogram"`
}

type jsonBucket struct {
	UpToMS float64 `json:"up_to_ms"`
	Count  int64   `json:"count"`
}

// JSON writes the check as schema olymp-cache/COMMAND/v1. Its titles follow the language, nothing else does.
func JSON(w io.Writer, words Words, c *Check) error {
	words.Data = func(s string) string { return s } // JSON's own escapes make foreign bytes safe
	doc := jsonCheck{
		Schema: "olymp-cache/" + c.Command + "/v1", Version: c.Version, Target: c.Target, Enabled: c.Enabled,
		Status: c.State, Steps: []jsonStep{}, Findings: []jsonFinding{},
		CommandsSent: c.CommandsSent, DurationMS: finding.Millis(c.Duration),
	}
	if id := c.RootCause(); id != "" {
		doc.RootCause = &id
	}
	for _, s := range c.Steps {
		doc.Steps = append(doc.Steps, jsonStep{
			Name: s.Name, Status: s.Status, DurationMS: finding.Millis(s.Duration), Detail: detail(s), Evidence: evidenceMap(s.Evidence),
		})
	}
	for _, f := range c.Findings {
		doc.Findings = append(doc.Findings, words.jsonFinding(f))
	}
	for _, l := range c.Latency {
		doc.Latency = append(doc.Latency, latencyJSON(l))
	}
	return WriteJSON(w, doc)
}

// pages is where the pages of the findings are, by language.
const pages = "https://github.com/olympiades-ia/olymp-cache/blob/main/docs/findings/"

func (w Words) jsonFinding(f finding.Finding) jsonFinding {
	j := jsonFinding{
		ID: f.ID, Severity: f.Severity, Category: finding.Category(f.ID), Title: w.Title(f), Cause: w.Cause(f),
		Evidence: evidenceMap(f.Evidence), Fixes: []jsonFix{}, Docs: pages + string(w.C.Lang()) + "/" + f.ID + ".md",
	}
	for _, x := range f.Fixes {
		j.Fixes = append(j.Fixes, jsonFix{Title: w.Fix(f, x), Command: x.Command})
	}
	return j
}

// detail is a step in a word: the id of what went wrong, or why it was not run.
func detail(s finding.Step) string {
	if s.Problem != nil {
		return s.Problem.ID
	}
	return s.Reason
}

func evidenceMap(all []finding.Evidence) map[string]any {
	m := make(map[string]any, len(all))
	for _, e := range all {
		m[e.Name] = e.Value
	}
	return m
}

func latencyJSON(l finding.Latency) jsonLatency {
	j := jsonLatency{
		Command: l.Command, Rounds: l.Rounds, P50MS: finding.Millis(l.P50), P95MS: finding.Millis(l.P95), P99MS: finding.Millis(l.P99),
		MaxMS: finding.Millis(l.Max), ThresholdMS: finding.Millis(l.Threshold), Histogram: []jsonBucket{},
	}
	for _, b := range l.Buckets {
		j.Histogram = append(j.Histogram, jsonBucket{UpToMS: float64(b.UpTo) / float64(time.Millisecond), Count: b.Count})
	}
	return j
}

// WriteJSON writes one indented document and a line end. HTML's letters stay readable; what a terminal could act on or an
// eye could miss (C1 controls, direction marks), which JSON allows raw, is written as \uXXXX.
func WriteJSON(w io.Writer, doc any) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(doc); err != nil {
		return err
	}
	_, err := io.WriteString(w, plainJSON(b.String()))
	return err
}

// plainJSON escapes what is not printable. Outside its strings a document is ASCII, so that nothing else is touched.
func plainJSON(doc string) string {
	hidden := func(r rune) bool {
		// The blanks of French typography are the catalogue's own.
		return r >= 0x7f && !strconv.IsPrint(r) && r != '\u00a0' && r != '\u202f'
	}
	if strings.IndexFunc(doc, hidden) < 0 {
		return doc
	}
	var b strings.Builder
	for _, r := range doc {
		if !hidden(r) {
			b.WriteRune(r)
			continue
		}
		for _, unit := range utf16.AppendRune(nil, r) {
			fmt.Fprintf(&b, `\u%04x`, unit)
		}
	}
	return b.String()
}

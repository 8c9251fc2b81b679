package report

import (
	"io"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
)

// InvalidateSchema names the JSON document of `invalidate`.
const InvalidateSchema = "olymp-cache/invalidate/v1"

// Removal is the result of `invalidate`.
type Removal struct {
	Version      string
	Target       Target
	Selection    Selection
	DryRun       bool
	ExpireIn     time.Duration // 0 where keys are deleted
	Plan         *RemovalPlan  // nil where none was made
	Counts       RemovalCounts
	Keys         []KeyFate // of a few keys that were named
	Partial      string    // why it ended early: "interrupted", "failed", "max-keys"; "" where it did not
	Verified     []finding.Step
	Backup       *BackupFile // made before; nil for none
	CommandsSent int
	Duration     time.Duration
}

// BackupFile is a backup that was made before anything was deleted.
type BackupFile struct {
	File  string `json:"file"`
	Keys  int64  `json:"keys"`
	Bytes int64  `json:"bytes"`
}

// Selection is which keys were meant.
type Selection struct {
	Names    int      `json:"names"` // how many were named; −1 for a stream that was not counted
	Patterns []string `json:"patterns"`
	Groups   []string `json:"groups"`
	Type     string   `json:"type"`
	NoTTL    bool     `json:"no_ttl"`
	MinBytes int64    `json:"min_bytes"`
}

// RemovalCounts counts keys by what became of them.
type RemovalCounts struct {
	Deleted  int64 `json:"deleted"`
	Expiring int64 `json:"expiring"`
	Missing  int64 `json:"missing"`
	Kept     int64 `json:"kept"`
	Failed   int64 `json:"failed"`
	Unknown  int64 `json:"unknown"`
}

// KeyFate is one key and what became of it.
type KeyFate struct{ Name, Fate string }

// RemovalPlan is what would go. Numbers below 0 are unknown.
type RemovalPlan struct {
	Keys, Missing, Kept int64
	Bytes               int64
	Unsized             int64 // keys whose size is not known
	NoTTL               int64
	MinTTL, MaxTTL      int64 // milliseconds
	Sample              []PlannedKey
	Refused             []RefusedAsk
}

// PlannedKey is one key of a plan; sizes and times below 0 are unknown, and −1 milliseconds stands for no expiry.
type PlannedKey struct {
	Name, Type string
	TTL, Bytes int64
}

type jsonRemoval struct {
	Schema     string    `json:"schema"`
	Version    string    `json:"version"`
	Target     Target    `json:"target"`
	Selection  Selection `json:"selection"`
	DryRun     bool      `json:"dry_run"`
	ExpireInMS int64     `json:"expire_in_ms"`
	Plan       *jsonPlan `json:"plan"`
	RemovalCounts
	Keys         []jsonFate  `json:"keys"`
	Partial      *string     `json:"partial"`
	Verified     []jsonStep  `json:"verified"`
	Backup       *BackupFile `json:"backup"`
	CommandsSent int         `json:"commands_sent"`
	DurationMS   float64     `json:"duration_ms"`
}

type jsonPlan struct {
	Keys     int64         `json:"keys"`
	Missing  int64         `json:"missing"`
	Kept     int64         `json:"kept"`
	Bytes    int64         `json:"bytes"`
	Unsized  int64         `json:"keys_of_unknown_size"`
	NoTTL    int64         `json:"keys_without_ttl"`
	MinTTLMS *int64        `json:"min_ttl_ms"`
	MaxTTLMS *int64        `json:"max_ttl_ms"`
	Sample   []jsonPlanned `json:"sample"`
	Refused  []RefusedAsk  `json:"refused"`
}

type jsonPlanned struct {
	jsonKey
	Type  string `json:"type"`
	TTLMS *int64 `json:"ttl_ms"`
	Bytes *int64 `json:"bytes"`
}

type jsonFate struct {
	jsonKey
	Result string `json:"result"`
}

// RemovalJSON writes schema olymp-cache/invalidate/v1.
func RemovalJSON(w io.Writer, r *Removal) error {
	doc := jsonRemoval{
		Schema: InvalidateSchema, Version: r.Version, Target: r.Target, Selection: r.Selection, DryRun: r.DryRun,
		ExpireInMS: r.ExpireIn.Milliseconds(), Plan: planJSON(r.Plan), RemovalCounts: r.Counts, Keys: []jsonFate{}, Verified: []jsonStep{},
		Backup: r.Backup, CommandsSent: r.CommandsSent, DurationMS: finding.Millis(r.Duration),
	}
	doc.Selection.Patterns = append([]string{}, r.Selection.Patterns...)
	doc.Selection.Groups = append([]string{}, r.Selection.Groups...)
	if r.Partial != "" {
		doc.Partial = &r.Partial
	}
	for _, k := range r.Keys {
		doc.Keys = append(doc.Keys, jsonFate{jsonKey: keyJSON(k.Name), Result: k.Fate})
	}
	for _, s := range r.Verified {
		doc.Verified = append(doc.Verified, jsonStep{
			Name: s.Name, Status: s.Status, DurationMS: finding.Millis(s.Duration), Evidence: evidenceMap(s.Evidence),
		})
	}
	return WriteJSON(w, doc)
}

func planJSON(p *RemovalPlan) *jsonPlan {
	if p == nil {
		return nil
	}
	doc := &jsonPlan{
		Keys: p.Keys, Missing: p.Missing, Kept: p.Kept, Bytes: p.Bytes, Unsized: p.Unsized, NoTTL: p.NoTTL, MinTTLMS: ttlJSON(p.MinTTL),
		MaxTTLMS: ttlJSON(p.MaxTTL), Sample: []jsonPlanned{}, Refused: append([]RefusedAsk{}, p.Refused...),
	}
	for _, k := range p.Sample {
		doc.Sample = append(doc.Sample, jsonPlanned{jsonKey: keyJSON(k.Name), Type: k.Type, TTLMS: ttlJSON(k.TTL), Bytes: ttlJSON(k.Bytes)})
	}
	return doc
}

// FateLine writes one key of --report.
func FateLine(w io.Writer, name []byte, fate string) error {
	return WriteJSONLine(w, jsonFate{jsonKey: keyJSON(string(name)), Result: fate})
}

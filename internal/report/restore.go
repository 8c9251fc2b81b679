package report

import (
	"io"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
)

// RestoreSchema names the JSON document of `restore`.
const RestoreSchema = "olymp-cache/restore/v1"

// Restore is what a backup is, and what became of its keys.
type Restore struct {
	Version     string
	Target      Target
	File        string
	Origin      RestoreOrigin
	InFile      int64 // keys
	Bytes       int64 // of keys and values
	DryRun      bool
	Replace     bool
	Pattern     string // "" for all
	Partial     string // why it ended early: "interrupted" or "failed"; "" where it did not
	Keys        RestoreKeys
	FirstFailed string // a key that was refused
	Sent        int    // commands
	Duration    time.Duration
}

// RestoreOrigin is where a backup comes from.
type RestoreOrigin struct {
	URL           string    `json:"url"` // masked
	DB            int       `json:"db"`
	Mode          string    `json:"mode"`
	Server        string    `json:"server"`
	ServerVersion string    `json:"server_version"`
	RDBVersion    int       `json:"rdb_version"` // of the payloads; 0 where there are none
	ToolVersion   string    `json:"tool_version"`
	Created       time.Time `json:"created"`
}

// RestoreKeys counts keys by what became of them; in a dry run, what would.
type RestoreKeys struct {
	Matching int64 `json:"matching"`
	Done     int64 `json:"restored"`
	Kept     int64 `json:"kept"`
	Expired  int64 `json:"expired"`
	Failed   int64 `json:"failed"`
	Unknown  int64 `json:"unknown"`
	Unsent   int64 `json:"not_sent"`
}

// elsewhere tells a target that is not where the backup comes from.
func (r *Restore) elsewhere() bool { return r.Origin.URL != r.Target.URL }

type jsonRestore struct {
	Schema       string        `json:"schema"`
	Version      string        `json:"version"`
	Target       Target        `json:"target"`
	File         string        `json:"file"`
	Origin       RestoreOrigin `json:"origin"`
	SameTarget   bool          `json:"same_target"`
	InFile       int64         `json:"keys_in_file"`
	Bytes        int64         `json:"bytes_in_file"`
	DryRun       bool          `json:"dry_run"`
	Replace      bool          `json:"replace"`
	Pattern      string        `json:"pattern"`
	Partial      *string       `json:"partial"`
	Keys         RestoreKeys   `json:"keys"`
	FirstFailed  *jsonKey      `json:"first_failed"`
	CommandsSent int           `json:"commands_sent"`
	DurationMS   float64       `json:"duration_ms"`
}

// RestoreJSON writes the result as schema olymp-cache/restore/v1.
func RestoreJSON(w io.Writer, r *Restore) error {
	doc := jsonRestore{
		Schema: RestoreSchema, Version: r.Version, Target: r.Target, File: r.File, Origin: r.Origin, SameTarget: !r.elsewhere(),
		InFile: r.InFile, Bytes: r.Bytes, DryRun: r.DryRun, Replace: r.Replace, Pattern: r.Pattern, Keys: r.Keys,
		CommandsSent: r.Sent, DurationMS: finding.Millis(r.Duration),
	}
	doc.Origin.Created = doc.Origin.Created.UTC()
	if r.Partial != "" {
		doc.Partial = &r.Partial
	}
	if r.Keys.Failed > 0 {
		key := keyJSON(r.FirstFailed)
		doc.FirstFailed = &key
	}
	return WriteJSON(w, doc)
}

package report

import (
	"io"
	"strings"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/term"
)

// FlushSchema names the JSON document of `flush`.
const FlushSchema = "olymp-cache/flush/v1"

// Flush is the result of `flush`.
type Flush struct {
	Version      string
	Target       Target
	All          bool // every database
	DryRun       bool
	Keys, NoTTL  int64 // before; below 0 where the server does not tell
	Servers      []FlushedServer
	Reclaimed    *Reclaimed  // of --expired; nil without
	Partial      string      // "interrupted" or "failed"; "" where it went to its end
	Backup       *BackupFile // made before; nil for none
	CommandsSent int
	Duration     time.Duration
}

// FlushedServer is what became of one primary.
type FlushedServer struct {
	Addr   string `json:"address"`
	Keys   int64  `json:"keys"`   // before
	Result string `json:"result"` // "flushed", "failed", "unknown" or "untouched"
	Reply  string `json:"reply"`  // why it was not flushed, in the server's words
}

// Reclaimed is what a pass over expired keys has brought.
type Reclaimed struct {
	Before, After int64 // After is below 0 where the pass did not come to its end
	Expired       int64 // below 0 where the server does not count
}

type jsonFlush struct {
	Schema       string          `json:"schema"`
	Version      string          `json:"version"`
	Target       Target          `json:"target"`
	All          bool            `json:"all"`
	DryRun       bool            `json:"dry_run"`
	Keys         *int64          `json:"keys"`
	NoTTL        *int64          `json:"keys_without_ttl"`
	Servers      []FlushedServer `json:"servers"`
	Reclaimed    *jsonReclaimed  `json:"reclaimed"`
	Partial      *string         `json:"partial"`
	Backup       *BackupFile     `json:"backup"`
	CommandsSent int             `json:"commands_sent"`
	DurationMS   float64         `json:"duration_ms"`
}

type jsonReclaimed struct {
	Before  int64  `json:"keys_before"`
	After   *int64 `json:"keys_after"`
	Expired *int64 `json:"expired_keys"`
}

// FlushJSON writes schema olymp-cache/flush/v1.
func FlushJSON(w io.Writer, f *Flush) error {
	doc := jsonFlush{
		Schema: FlushSchema, Version: f.Version, Target: f.Target, All: f.All, DryRun: f.DryRun, Keys: ttlJSON(f.Keys), NoTTL: ttlJSON(f.NoTTL),
		Servers: append([]FlushedServer{}, f.Servers...), Backup: f.Backup, CommandsSent: f.CommandsSent, DurationMS: finding.Millis(f.Duration),
	}
	if r := f.Reclaimed; r != nil {
		doc.Reclaimed = &jsonReclaimed{Before: r.Before, After: ttlJSON(r.After), Expired: ttlJSON(r.Expired)}
	}
	if f.Partial != "" {
		doc.Partial = &f.Partial
	}
	return WriteJSON(w, doc)
}

// FlushPlan shows what would go.
func (t *Text) FlushPlan(s *Standing, all bool, sample []string) {
	id := "flush.plan"
	if all {
		id = "flush.plan-all"
	}
	t.heading(term.SymBroom, id, s)
	t.Standing(s)
	if len(sample) > 0 {
		names := make([]string, len(sample))
		for i, n := range sample {
			names[i] = t.Words.Data(n)
		}
		t.bullet(t.Words.C.T("flush.sample", "names", strings.Join(names, ", ")))
	}
	t.line()
}

// Flush shows what was emptied.
func (t *Text) Flush(f *Flush) {
	cat := t.Words.C
	if f.Reclaimed != nil {
		t.reclaimed(f)
		return
	}
	var keys int64
	whole := true
	for _, s := range f.Servers {
		if s.Result != "flushed" {
			whole = false
			continue
		}
		keys += s.Keys
	}
	if !whole || len(f.Servers) > 1 && !t.Quiet {
		for _, s := range f.Servers {
			t.flushed(&s)
		}
	}
	if whole {
		t.item(term.SymOK, term.Good, cat.N("flush.done", plural(keys), "n", cat.Int(keys), "target", t.Words.Data(f.Target.Display)))
	} else {
		t.item(term.SymFail, term.Bad, cat.T("flush.partial.failed"))
	}
}

// reclaimed is the result of --expired.
func (t *Text) reclaimed(f *Flush) {
	cat, r := t.Words.C, f.Reclaimed
	if f.Partial != "" {
		t.item(term.SymWarn, term.Warn, cat.T("flush.partial.reclaim"))
		return
	}
	gone := max(r.Before-r.After, 0)
	if r.Expired >= 0 {
		gone = r.Expired
	}
	t.item(term.SymOK, term.Good,
		cat.N("flush.reclaimed", plural(gone), "n", cat.Int(gone), "before", cat.Int(r.Before), "after", cat.Int(r.After)))
}

// flushed is the line of one server.
func (t *Text) flushed(s *FlushedServer) {
	sym, role := term.SymFail, term.Bad
	switch s.Result {
	case "flushed":
		sym, role = term.SymOK, term.Good
	case "untouched":
		sym, role = term.SymSkip, term.Plain
	}
	cat := t.Words.C
	text := t.Words.Data(s.Addr) + cat.T("colon") + cat.N("flush."+s.Result, plural(s.Keys), "n", cat.Int(s.Keys))
	if s.Reply != "" {
		text += cat.T("colon") + t.Words.Data(s.Reply)
	}
	t.item(sym, role, text)
}

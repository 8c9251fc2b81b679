// Package evidence is all that one diagnosis saw, as values: what doctor judges, and what --save keeps for a second
// opinion. It has no opinion, reaches nothing, and holds no secret.
package evidence

import (
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/probe/trace"
	"github.com/olympiades-ia/olymp-cache/internal/surround/scene"
)

// Schema names the file format.
const Schema = "olymp-cache/evidence/v1"

// Evidence is one diagnosis before it is judged.
type Evidence struct {
	Schema       string        `json:"schema"`
	Version      string        `json:"version"` // of the program
	Taken        time.Time     `json:"taken"`
	Duration     time.Duration `json:"duration_ns"`
	CommandsSent int           `json:"commands_sent"`
	ReadOnly     bool          `json:"read_only"`    // no write was tried
	Offline      bool          `json:"offline"`      // no local program was run
	NamesHashed  bool          `json:"names_hashed"` // key names are replaced; see Hash

	Target   Target            `json:"target"`
	Settings Settings          `json:"settings"`
	Config   []finding.Finding `json:"config,omitempty"` // what reading the configuration noticed

	Trace  trace.Trace        `json:"trace"`
	Around scene.Surroundings `json:"around"`

	Server *snapshot.Snapshot                `json:"server,omitempty"` // nil: not reached
	Window *snapshot.Window                  `json:"window,omitempty"` // nil: no --window
	Pings  snapshot.Fact[snapshot.PingTimes] `json:"pings"`
	Keys   snapshot.Fact[Keys]               `json:"keys"`
	API    []finding.Step                    `json:"api,omitempty"` // the steps of `test --api`; none where no API is configured
}

// Settings are what the operator set that a rule looks at.
type Settings struct {
	Enabled      bool                `json:"enabled"`
	AlertMemory  float64             `json:"alert_memory"` // ratio
	AlertClients int                 `json:"alert_clients"`
	AlertHitRate float64             `json:"alert_hit_rate"` // ratio
	AlertP99     time.Duration       `json:"alert_p99_ns"`
	Groups       map[string][]string `json:"groups,omitempty"` // name to key patterns
	APIURL       string              `json:"api_url,omitempty"`
}

// Keys is a small sample of the keyspace, so that a cause can name prefixes: names are spread over prefixes, not over keys,
// and nothing is said of shares. Shares come from INFO keyspace, which counts all.
type Keys struct {
	DB      int   `json:"db"`
	Total   int64 `json:"total"`   // DBSIZE
	Scanned int   `json:"scanned"` // names that were read
	// Asked are the keys of which TTL and size were asked, one or a few of each prefix.
	Asked []Key `json:"asked,omitempty"`
	// Prefixes are the most frequent among the scanned names, most frequent first; ids in them are folded to «*».
	Prefixes []Prefix `json:"prefixes,omitempty"`
	// Groups are the operator's groups: does one of its literal keys exist, and what ends with that name?
	Groups []Group `json:"groups,omitempty"`
	// Suspicious are names that intruders leave behind (backup1…4, crackit) whose value looks like a crontab or a key.
	Suspicious []snapshot.Text `json:"suspicious,omitempty"`
	// TTLs and Sizes are how many keys told their time to live and their size, or why none did.
	TTLs  snapshot.Fact[int] `json:"ttls,omitzero"`
	Sizes snapshot.Fact[int] `json:"sizes,omitzero"`
}

// Key is one key of the sample.
type Key struct {
	Name     snapshot.Text       `json:"name"`
	Prefix   snapshot.Text       `json:"prefix"`
	Type     string              `json:"type,omitempty"`
	TTL      snapshot.Opt[int64] `json:"ttl_ms,omitzero"` // −1: never expires; unknown: not asked, or gone meanwhile
	Bytes    snapshot.Opt[int64] `json:"bytes,omitzero"`
	Elements snapshot.Opt[int64] `json:"elements,omitzero"` // asked for large ones only
}

// Prefix is one family of names.
type Prefix struct {
	Name     snapshot.Text `json:"name"`
	Count    int           `json:"count"`     // among the scanned
	Asked    int           `json:"asked"`     // of which the TTL was asked
	WithTTL  int           `json:"with_ttl"`  // of those
	LargestB int64         `json:"largest_b"` // of those, bytes
}

// Group is one of the operator's groups as it stands on the server.
type Group struct {
	Name   string              `json:"name"`
	Key    snapshot.Text       `json:"key"` // its literal key
	Exists bool                `json:"exists"`
	TTL    snapshot.Opt[int64] `json:"ttl_ms,omitzero"`
	Bytes  snapshot.Opt[int64] `json:"bytes,omitzero"`
	Alike  []snapshot.Text     `json:"alike,omitempty"` // keys that end with that name: another prefix
	Lookup snapshot.Fact[bool] `json:"lookup,omitzero"` // Exists, or why nobody knows
}

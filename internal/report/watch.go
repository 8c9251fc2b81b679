package report

import (
	"io"
	"time"
)

// WatchSchema names the JSON line of `info --watch`.
const WatchSchema = "olymp-cache/info-watch/v1"

// WatchLine is one interval of `info --watch`. Times are in seconds or, by name, milliseconds; what is not known is nil.
type WatchLine struct {
	Info     *Info     // alerts and sections as `info` has them; none of them where the server could not be asked
	Taken    time.Time // when the interval ended
	Problem  string    // a finding's id; "" where the server answered
	Change   string    // "restarted" or "stats-reset": why there are no rates
	Interval *float64
	Rates    WatchRates
	Commands []WatchCommand // those called in the interval, by others than us
	Errors   []WatchError   // those met in the interval
	Slowlog  []WatchSlow    // those logged in the interval
}

// WatchRates are what happened a second.
type WatchRates struct {
	Ops         *float64 `json:"ops_per_s"` // without our own
	Lookups     *float64 `json:"lookups_per_s"`
	HitRate     *float64 `json:"hit_rate"`
	In          *float64 `json:"in_bytes_per_s"`
	Out         *float64 `json:"out_bytes_per_s"`
	Expired     *float64 `json:"expired_per_s"`
	Evicted     *float64 `json:"evicted_per_s"`
	Connections *float64 `json:"connections_per_s"`
	Errors      *float64 `json:"errors_per_s"`
}

// WatchCommand is one command in an interval.
type WatchCommand struct {
	Command   string   `json:"command"`
	Calls     float64  `json:"calls_per_s"`
	MeanMS    *float64 `json:"mean_ms"`
	TimeShare float64  `json:"time_share"`
	Failed    float64  `json:"failed_per_s"`
}

// WatchError is one kind of error in an interval.
type WatchError struct {
	Error string `json:"error"`
	Count int64  `json:"count"`
}

// WatchSlow is one slow command.
type WatchSlow struct {
	UnixS   int64    `json:"unix_s"`
	TookMS  float64  `json:"took_ms"`
	Args    []string `json:"args"` // cut, secrets masked
	Client  string   `json:"client"`
	Node    string   `json:"node"` // "" where there is one server
	Partial bool     `json:"partial"`
}

type jsonWatch struct {
	Schema       string         `json:"schema"`
	Version      string         `json:"version"`
	Target       Target         `json:"target"`
	TakenAt      string         `json:"taken_at"`
	Status       string         `json:"status"`
	Problem      *string        `json:"problem"`
	Change       string         `json:"change"`
	IntervalS    *float64       `json:"interval_s"`
	Rates        WatchRates     `json:"rates"`
	Alerts       []jsonAlert    `json:"alerts"`
	Sections     map[string]any `json:"sections"`
	Refused      []SkippedRule  `json:"refused"`
	Commands     []WatchCommand `json:"commands"`
	Errors       []WatchError   `json:"errors"`
	Slowlog      []WatchSlow    `json:"slowlog"`
	CommandsSent int            `json:"commands_sent"`
}

// WatchJSON writes one interval as a line of schema olymp-cache/info-watch/v1.
func WatchJSON(w io.Writer, l *WatchLine) error {
	info := infoDocument(l.Info)
	doc := jsonWatch{
		Schema: WatchSchema, Version: info.Version, Target: info.Target, TakenAt: l.Taken.UTC().Format("2006-01-02T15:04:05.000Z07:00"),
		Status: "ok", Change: l.Change, IntervalS: l.Interval, Rates: l.Rates, Alerts: info.Alerts, Sections: info.Sections,
		Refused: info.Refused, Commands: orNone(l.Commands), Errors: orNone(l.Errors), Slowlog: orNone(l.Slowlog),
		CommandsSent: info.CommandsSent,
	}
	if l.Problem != "" {
		doc.Status, doc.Problem = "unreachable", &l.Problem
	}
	return WriteJSONLine(w, doc)
}

// orNone makes an empty list of none: JSON's null would be one more case for its readers.
func orNone[T any](all []T) []T {
	if all == nil {
		return []T{}
	}
	return all
}

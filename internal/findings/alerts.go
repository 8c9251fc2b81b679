package findings

import (
	"slices"

	"github.com/olympiades-ia/olymp-cache/internal/evidence"
	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
)

// Alert is one of the four that the operators' guide recommends, whether or not it goes off. The rule that judges it is the
// one of doctor's finding of the same id.
type Alert struct {
	ID        string
	Value     finding.Evidence   // what is watched, the worst of all servers; no Value where it is not known
	Threshold finding.Evidence   // from where on it goes off
	State     finding.Severity   // Info: fine; Warning or Critical: goes off; Unknown: could not be judged
	Reason    string             // why it could not be judged, one of the Reason constants
	Detail    string             // the question that was refused, in the server's words
	Seen      []finding.Evidence // of the finding, where it goes off
}

// Alerts judges the four, in the order of the guide.
func Alerts(e *evidence.Evidence) []Alert {
	v := &view{e}
	s := &e.Settings
	all := []Alert{
		{
			ID: "memory-high", Value: evUnit("share", v.memoryShare(), "ratio", "INFO memory"),
			Threshold: evUnit("threshold", s.AlertMemory, "ratio", "OLYMP_CACHE_ALERT_MEMORY"),
		},
		{
			ID: "clients-high", Value: ev("clients", v.mostClients(), "INFO clients"),
			Threshold: ev("threshold", s.AlertClients, "OLYMP_CACHE_ALERT_CLIENTS"),
		},
		{
			ID: "cache-hit-rate-low", Value: evUnit("hit_rate", v.hitRate(), "ratio", "INFO stats"),
			Threshold: evUnit("threshold", s.AlertHitRate, "ratio", "OLYMP_CACHE_ALERT_HIT_RATE"),
		},
		{
			ID: "latency-high", Value: evUnit("p99_ms", v.pingP99(), "ms", "PING"),
			Threshold: evUnit("threshold_ms", float64(s.AlertP99.Microseconds())/1000, "ms", "OLYMP_CACHE_ALERT_P99"),
		},
	}
	judges := []func(*view) outcome{judgeMemoryHigh, judgeClientsHigh, judgeHitRate, judgePing}
	for i := range all {
		all[i].settle(judges[i](v))
	}
	return all
}

// settle takes over what the rule said.
func (a *Alert) settle(o outcome) {
	a.State = info
	if i := slices.IndexFunc(o.skipped, func(s Skipped) bool { return s.ID == a.ID }); i >= 0 && len(o.found) == 0 {
		a.State, a.Reason, a.Detail = finding.Unknown, o.skipped[i].Reason, o.skipped[i].Detail
	}
	for _, f := range o.found {
		if f.Severity > a.State {
			a.State, a.Seen = f.Severity, f.Evidence
		}
	}
}

// memoryShare is the fullest server's; nil where none has a limit or tells it.
func (v *view) memoryShare() any {
	return v.worst(func(_ *snapshot.Node, i *snapshot.Info) (float64, bool) {
		used, limit, _, ok := limits(i)
		return float64(used) / float64(max(limit, 1)), ok && limit > 0
	})
}

func (v *view) mostClients() any {
	n, ok := v.worst(func(_ *snapshot.Node, i *snapshot.Info) (float64, bool) {
		n, ok := i.Clients.Connected.Get()
		return float64(n), ok
	}).(float64)
	if !ok {
		return nil
	}
	return int64(n)
}

// worst is the largest value of all servers; nil where none tells it.
func (v *view) worst(value func(*snapshot.Node, *snapshot.Info) (float64, bool)) any {
	var worst any
	nodes := v.nodes()
	for k := range nodes {
		i, ok := nodes[k].Info.Get()
		if !ok {
			continue
		}
		if n, ok := value(&nodes[k], &i); ok && (worst == nil || n > worst.(float64)) { //nolint:forcetypeassert // only numbers are stored
			worst = n
		}
	}
	return worst
}

// hitRate is the one that is judged: of the window if it saw enough, else since the start; nil without a single lookup.
func (v *view) hitRate() any {
	l, _, told := v.lookups()
	if !told || l.hits+l.misses == 0 {
		return nil
	}
	return l.rate()
}

func (v *view) pingP99() any {
	p, ok := v.Pings.Get()
	if !ok {
		return nil
	}
	return float64(p.P99.Duration().Microseconds()) / 1000
}

package findings

import (
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/probe/trace"
)

// refineSentinel: the Sentinel answers, and the primary that it names cannot be reached. It may know that itself; else what it
// announces means something only where it stands.
func refineSentinel(v *view, raw finding.Finding) (finding.Finding, bool) {
	rung := rungOf(raw.ID)
	if v.Target.Network != config.NetworkSentinel || v.asked() || rung != trace.DNS && rung != trace.TCP ||
		v.Trace.Failure.Rung != trace.DNS && v.Trace.Failure.Rung != trace.TCP {
		return finding.Finding{}, false
	}
	const source = "SENTINEL MASTER"
	f := with(raw, ev("announced", raw.Subject, source), ev("announced_master", v.Target.Master, source), ev("cause", raw.ID, "tcp"))
	f.ID = "server-cluster-unreachable"
	if where, private := v.privateAddress(); private {
		f = with(f, ev("private_address", where, "dns"))
	}
	w := v.Trace.Watched
	if w == nil || !strings.Contains(w.Flags, "down") && !strings.Contains(w.Flags, "disconnected") {
		return f, true
	}
	f.ID = "sentinel-master-down"
	if w.Sentinel != "" {
		f = with(f, ev("asked_sentinel", w.Sentinel, source))
	}
	return with(f, ev("flags", w.Flags, source), ev("replicas", w.Replicas, source), ev("sentinels", w.Sentinels, source),
		ev("quorum", w.Quorum, source)), true
}

// ofSentinel is evidence that the refused login was that to a Sentinel, which has a password of its own.
func (v *view) ofSentinel(raw finding.Finding) []finding.Evidence {
	if v.Target.Network != config.NetworkSentinel || !v.asked() {
		return nil
	}
	return []finding.Evidence{ev("sentinel_address", raw.Subject, "REDIS_URL")}
}

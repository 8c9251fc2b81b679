package findings

import (
	"github.com/olympiades-ia/olymp-cache/internal/finding"
)

// refineProtocol adds who has the port where another protocol answered, and where Redis is instead.
func refineProtocol(v *view, raw finding.Finding) (finding.Finding, bool) {
	if raw.ID != "proto-http" && raw.ID != "proto-other" {
		return finding.Finding{}, false
	}
	var seen []finding.Evidence
	if words := v.Trace.Clear; words != nil && words.First != "" {
		if words.Protocol != "" && raw.ID == "proto-other" {
			seen = append(seen, ev("protocol", words.Protocol, "PING"))
		}
		seen = append(seen, ev("first_bytes", words.First, "PING"))
	}
	if v.onLoopback() {
		seen = append(seen, v.owner(v.port())...)
		if found, ok := v.redisHere(v.port()); ok && v.overTCP() {
			seen = append(seen, foundAt(found, v.Around.Answers.Source)...)
		}
	}
	return with(raw, seen...), true
}

package findings

import (
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
)

// judgeCluster: a cluster that answers here may still have slots that nobody serves, or nodes that cannot be reached.
func judgeCluster(v *view) outcome {
	const down, nodeDown, unreachable = "server-cluster-down", "server-cluster-node-down", "server-cluster-unreachable"
	if v.Server.Mode != "cluster" {
		return fine()
	}
	return v.judgeSlots(down, nodeDown).and(v.judgeNodesReached(unreachable))
}

// judgeSlots: a node that failed leaves the cluster whole where a replica has taken over, or it was a replica. The reserve is gone.
func (v *view) judgeSlots(down, nodeDown string) outcome {
	seen := v.clusterEvidence()
	known := false
	broken := false
	for i := range v.nodes() {
		n := &v.nodes()[i]
		state, ok := n.ClusterInfo.Get()
		known = known || ok || n.Shards.Known()
		broken = broken || ok && state.State == "fail"
	}
	f := finding.Finding{Evidence: seen}
	switch {
	case !known && len(v.nodes()) > 0:
		return skipFact(v.nodes()[0].ClusterInfo, down, nodeDown)
	case broken, f.Value("slots_missing") != nil, f.Value("slots_failing") != nil:
		return one(down, critical, seen...)
	case f.Value("failed_nodes") != nil:
		return one(nodeDown, warning, seen...)
	}
	return fine()
}

// shownNodes is how many nodes or ranges of slots a sentence names.
const shownNodes = 4

// clusterEvidence is what the nodes say of slots and of each other.
func (v *view) clusterEvidence() []finding.Evidence {
	var (
		seen   []finding.Evidence
		failed []string
		gaps   []snapshot.SlotRange
		state  string
		failQ  int64
	)
	for i := range v.nodes() {
		n := &v.nodes()[i]
		if c, ok := n.ClusterInfo.Get(); ok {
			if c.State == "fail" || state == "" {
				state = c.State
			}
			failQ = max(failQ, c.SlotsFail.Or(0))
		}
		shards, ok := n.Shards.Get()
		if !ok {
			continue
		}
		if g := snapshot.Uncovered(shards); slots(g) > slots(gaps) {
			gaps = g
		}
		for _, s := range shards {
			for _, node := range s.Nodes {
				at := net.JoinHostPort(string(node.Host), strconv.FormatInt(node.Port, 10))
				if (node.Health == "failed" || node.Health == "fail") && !slices.Contains(failed, at) {
					failed = append(failed, at)
				}
			}
		}
	}
	if state != "" {
		seen = append(seen, ev("state", state, "CLUSTER INFO"))
	}
	if n := slots(gaps); n > 0 {
		seen = append(seen, ev("slots_missing", n, "CLUSTER SHARDS"), ev("slots", rangesOf(gaps), "CLUSTER SHARDS"))
	}
	if failQ > 0 {
		seen = append(seen, ev("slots_failing", failQ, "CLUSTER INFO"))
	}
	if len(failed) > 0 {
		seen = append(seen, ev("failed_nodes", shortList(failed), "CLUSTER SHARDS"))
	}
	return seen
}

func slots(ranges []snapshot.SlotRange) int64 {
	var n int64
	for _, r := range ranges {
		n += r.Last - r.First + 1
	}
	return n
}

// rangesOf writes «0, 5461-10922, …».
func rangesOf(ranges []snapshot.SlotRange) string {
	words := make([]string, 0, len(ranges))
	for _, r := range ranges {
		word := strconv.FormatInt(r.First, 10)
		if r.Last > r.First {
			word += "-" + strconv.FormatInt(r.Last, 10)
		}
		words = append(words, word)
	}
	return shortList(words)
}

func shortList(words []string) string {
	if len(words) > shownNodes {
		return strings.Join(words[:shownNodes], ", ") + ", …"
	}
	return strings.Join(words, ", ")
}

// judgeNodesReached: the seed answers and the primaries that it names do not, from here.
func (v *view) judgeNodesReached(id string) outcome {
	p := v.Server.Primaries
	if p.Known() {
		return fine()
	}
	if !strings.HasPrefix(p.Cause, "tcp-") && !strings.HasPrefix(p.Cause, "dns-") {
		return skipFact(p, id)
	}
	var announced []string
	for i := range v.nodes() {
		for _, s := range v.nodes()[i].Shards.Value {
			for _, node := range s.Nodes {
				at := net.JoinHostPort(string(node.Host), strconv.FormatInt(node.Port, 10))
				if node.Primary && at != v.nodes()[i].Addr && !slices.Contains(announced, at) {
					announced = append(announced, at)
				}
			}
		}
	}
	seen := []finding.Evidence{ev("cause", p.Cause, p.Source)}
	if len(announced) > 0 {
		seen = append(seen, ev("announced", shortList(announced), "CLUSTER SHARDS"))
	}
	return one(id, critical, seen...)
}

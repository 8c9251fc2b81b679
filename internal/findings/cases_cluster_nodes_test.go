package findings_test

import (
	"slices"
	"testing"

	"github.com/olympiades-ia/olymp-cache/internal/evidence"
	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/findings"
)

// twice is the healthy server twice, as two primaries.
func twice(t *testing.T, second ...string) *evidence.Evidence {
	t.Helper()
	e := healthy(t, "used_memory:90000000", "maxmemory:100000000")
	n := e.Server.Nodes[0]
	n.Addr, n.Info.Value = "127.0.0.1:7001", infoWith(second...)
	e.Server.Nodes = append(e.Server.Nodes, n)
	return e
}

// TestWorstNode: of a cluster's nodes the one that is worst off is the one to mend, wherever it stands in the list.
func TestWorstNode(t *testing.T) {
	t.Parallel()
	e := twice(t, "used_memory:99000000", "maxmemory:100000000", "maxmemory_policy:noeviction")
	v := findings.Judge(e)
	i := slices.IndexFunc(v.Findings, func(f finding.Finding) bool { return f.ID == "memory-high" })
	if i < 0 || v.Findings[i].Severity != finding.Critical || v.Findings[i].Subject != "127.0.0.1:7001" {
		t.Errorf("found %+v", v.Findings)
	}
}

// TestUnreadNode: a node that told nothing is not well, it is not judged.
func TestUnreadNode(t *testing.T) {
	t.Parallel()
	e := twice(t)
	e.Server.Nodes[1].Info = snapshot.Fact[snapshot.Info]{Status: snapshot.Failed, Source: "INFO everything", Cause: "tcp-timeout"}
	v := findings.Judge(e)
	i := slices.IndexFunc(v.Skipped, func(s findings.Skipped) bool { return s.ID == "memory-no-limit" })
	if i < 0 || v.Skipped[i].Detail != "127.0.0.1:7001 INFO everything" {
		t.Errorf("skipped %+v", v.Skipped)
	}
}

// TestKeySizesInOrder: the same evidence gives the same verdict, also where a map is behind it.
func TestKeySizesInOrder(t *testing.T) {
	t.Parallel()
	e := healthy(t)
	e.Server.Nodes[0].Info.Value.Raw = snapshot.TextMap[snapshot.TextMap[snapshot.Text]]{"keysizes": {
		"db0_distrib_strings_sizes": "16M=1", "db0_distrib_sets_items": "1M=5", "db0_distrib_zsets_items": "1M=2",
	}}
	for range 20 {
		v := findings.Judge(e)
		i := slices.IndexFunc(v.Findings, func(f finding.Finding) bool { return f.ID == "latency-big-key" })
		if i < 0 || v.Findings[i].Value("type") != "sets" {
			t.Fatalf("found %+v", v.Findings)
		}
	}
}

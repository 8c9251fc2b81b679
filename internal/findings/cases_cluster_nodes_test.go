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

// TestLoginsOfEachNode: each node has users and a log of its own, and one that does not tell is no reason to pass over the others.
func TestLoginsOfEachNode(t *testing.T) {
	t.Parallel()
	e := twice(t)
	e.Server.Nodes[0].ACLLog = refused[[]snapshot.Denial]("ACL LOG 10", "NOPERM no")
	second := &e.Server.Nodes[1]
	second.Users = known("ACL LIST", append(slices.Clone(second.Users.Value), snapshot.User{Name: "app", Passwords: 1}))
	second.ACLLog = known("ACL LOG 10", []snapshot.Denial{{Count: 12, Reason: "auth", Username: "app"}})
	second.Self.Value.NoPass = true
	v := findings.Judge(e)
	for _, id := range []string{"auth-user-disabled", "auth-not-configured", "auth-failures-seen"} {
		i := slices.IndexFunc(v.Findings, func(f finding.Finding) bool { return f.ID == id })
		if i < 0 || id != "auth-failures-seen" && v.Findings[i].Subject != second.Addr {
			t.Errorf("%s: %+v", id, v.Findings)
		}
	}
	if !slices.ContainsFunc(v.Skipped, func(s findings.Skipped) bool {
		return s.ID == "auth-user-disabled" && s.Detail == "ACL LOG 10: NOPERM no"
	}) {
		t.Errorf("skipped %+v", v.Skipped)
	}
}

// TestStrangersAreMasked: a name that is no user's may be a password in the wrong place.
func TestStrangersAreMasked(t *testing.T) {
	t.Parallel()
	for name, want := range map[snapshot.Text]string{"S3cretTyped": "***", "default": "default", "app": "app"} {
		e := healthy(t, "errorstat_WRONGPASS:count=3")
		n := &e.Server.Nodes[0]
		n.Users.Value = append(n.Users.Value, snapshot.User{Name: "app", Enabled: true, Passwords: 1})
		n.ACLLog.Value = []snapshot.Denial{{Count: 3, Reason: "auth", Username: name, Client: snapshot.Client{Addr: "10.0.0.9:4711"}}}
		if f := judged(t, e, "auth-failures-seen"); f.Value("last_user") != want {
			t.Errorf("%s is shown as %v", name, f.Value("last_user"))
		}
	}
}

// TestRejectedOfEachNode: one node was full; the other counts handshakes that failed, as its clients were never many.
func TestRejectedOfEachNode(t *testing.T) {
	t.Parallel()
	e := twice(t, "rejected_connections:7", "total_connections_received:50000", "maxclients:100")
	e.Server.Nodes[0].Info.Value = infoWith("rejected_connections:3", "total_connections_received:40", "maxclients:10000")
	e.Target.TLS = true
	v := findings.Judge(e)
	i := slices.IndexFunc(v.Findings, func(f finding.Finding) bool { return f.ID == "clients-rejected" })
	if i < 0 || v.Findings[i].Subject != "127.0.0.1:7001" || v.Findings[i].Value("rejected") != int64(7) {
		t.Errorf("found %+v", v.Findings)
	}
	e.Server.Nodes = e.Server.Nodes[:1]
	v = findings.Judge(e)
	if slices.ContainsFunc(v.Findings, func(f finding.Finding) bool { return f.ID == "clients-rejected" }) ||
		!slices.ContainsFunc(v.Skipped, func(s findings.Skipped) bool {
			return s.ID == "clients-rejected" && s.Reason == findings.ReasonTooLittleData
		}) {
		t.Errorf("handshakes that failed are taken for clients: %+v, skipped %+v", v.Findings, v.Skipped)
	}
	e.Target.TLS = false
	if f := judged(t, e, "clients-rejected"); f.Severity != finding.Warning {
		t.Errorf("without TLS: %+v", f)
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

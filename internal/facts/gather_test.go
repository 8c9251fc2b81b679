package facts_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/facts"
	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

// open connects to url, and closes at the test's end.
func open(t *testing.T, url string) *redisconn.Conn {
	t.Helper()
	return openWithin(t, url, 3*time.Second)
}

// openWithin is open with a limit for each network step.
func openWithin(t *testing.T, url string, limit time.Duration) *redisconn.Conn {
	t.Helper()
	unset := func(string) (string, bool) { return "", false }
	loaded, err := config.Load(config.Input{URL: url, URLSet: true, LookupEnv: unset})
	if err != nil {
		t.Fatalf("load configuration: %v", err)
	}
	conn, err := redisconn.Open(t.Context(), loaded.Target, redisconn.Options{Timeout: limit})
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(conn.Close)
	return conn
}

func do(t *testing.T, s *redistest.Server, command string) {
	t.Helper()
	if _, err := s.Do(strings.Fields(command)...); err != nil {
		t.Fatalf("%s: %v", command, err)
	}
}

// statuses is what became of each question.
func statuses(n *snapshot.Node) map[string]snapshot.Status {
	return map[string]snapshot.Status{
		"info": n.Info.Status, "dbsize": n.Keys.Status, "slowlog": n.Slowlog.Status, "clients": n.Clients.Status,
		"config": n.Config.Status, "memory": n.Memory.Status, "latency": n.Latency.Status, "whoami": n.WhoAmI.Status,
		"self": n.Self.Status, "users": n.Users.Status, "acllog": n.ACLLog.Status, "cluster": n.ClusterInfo.Status,
		"shards": n.Shards.Status,
	}
}

// allBut is every question OK, those of a cluster not asked, and the exceptions.
func allBut(status snapshot.Status, names ...string) map[string]snapshot.Status {
	want := map[string]snapshot.Status{}
	for name := range statuses(&snapshot.Node{}) {
		want[name] = snapshot.OK
	}
	want["cluster"], want["shards"] = snapshot.NotAsked, snapshot.NotAsked
	for _, name := range names {
		want[name] = status
	}
	return want
}

// checkStatuses compares them on the first node.
func checkStatuses(t *testing.T, s *snapshot.Snapshot, want map[string]snapshot.Status) {
	t.Helper()
	if diff := cmp.Diff(want, statuses(&s.Nodes[0])); diff != "" {
		t.Errorf("statuses (-want +got):\n%s", diff)
	}
}

// checkSaved saves and loads a snapshot, compares, and looks for secrets in the file.
func checkSaved(t *testing.T, s *snapshot.Snapshot, secrets ...string) {
	t.Helper()
	var file bytes.Buffer
	if err := snapshot.Encode(&file, s); err != nil {
		t.Fatalf("save: %v", err)
	}
	for _, secret := range secrets {
		if bytes.Contains(file.Bytes(), []byte(secret)) {
			t.Errorf("the saved snapshot holds the secret %q", secret)
		}
	}
	loaded, err := snapshot.Decode(&file)
	if err != nil {
		t.Fatalf("load: %v", err)
	}
	if diff := cmp.Diff(*s, loaded); diff != "" {
		t.Errorf("not what was saved (-saved +loaded):\n%s", diff)
	}
}

// TestStandalone compares every number with the same server's own INFO.
func TestStandalone(t *testing.T) {
	t.Parallel()
	const password = "correct horse battery"
	s := redistest.Start(t, redistest.WithPassword(password), redistest.WithArgs("--maxmemory", "64mb",
		"--maxmemory-policy", "allkeys-lru", "--slowlog-log-slower-than", "0", "--latency-monitor-threshold", "1",
		"--maxclients", "123"))
	for i := range 5 {
		do(t, s, fmt.Sprintf("SET key:%d v EX 1000", i))
	}
	do(t, s, "SET forever v")
	do(t, s, "GET key:1")
	do(t, s, "GET nothing")
	if _, err := s.Do("SET", "odd\xff\x1b[31m", "v"); err != nil {
		t.Fatal(err)
	}
	if reply, err := s.Do("NOSUCHCOMMAND"); err == nil {
		t.Fatalf("an unknown command was answered %q", reply)
	}
	do(t, s, "DEBUG SLEEP 0.02")

	conn := open(t, s.URL())
	before := conn.CommandsSent()
	got := facts.Gather(t.Context(), conn, facts.Options{})
	checkStatuses(t, &got, allBut(snapshot.OK))
	checkSaved(t, &got, password)
	if sent := conn.CommandsSent() - before; sent != got.Commands || sent != 11 {
		t.Errorf("%d commands sent, %d counted, want 11", sent, got.Commands)
	}
	n := got.Nodes[0]
	own, info := s.Info("everything"), n.Info.Value
	for name, value := range map[string]snapshot.Opt[int64]{
		"tcp_port": info.Server.TCPPort, "process_id": info.Server.ProcessID, "maxclients": info.Clients.Max,
		"maxmemory": info.Memory.Max, "keyspace_hits": info.Stats.Hits, "keyspace_misses": info.Stats.Misses,
		"evicted_keys": info.Stats.Evicted, "expired_keys": info.Stats.Expired,
		"total_system_memory":  info.Memory.TotalSystem,
		"rejected_connections": info.Stats.Rejected, "total_error_replies": info.Stats.ErrorReplies,
		"used_memory_startup": info.Memory.Startup, "rdb_last_save_time": info.Persistence.LastSave,
		"hz": info.Server.Hz, "repl_backlog_size": info.Replication.BacklogSize,
	} {
		if number, ok := value.Get(); !ok || strconv.FormatInt(number, 10) != own[name] {
			t.Errorf("%s is %d (known: %v), INFO says %s", name, number, ok, own[name])
		}
	}
	if string(info.Server.RunID) != own["run_id"] || info.Memory.Policy != own["maxmemory_policy"] ||
		info.Replication.Role != own["role"] || info.Version != own["redis_version"] || info.Errors["ERR"] < 1 {
		t.Errorf("run_id %s, policy %s, role %s, version %s, errors %v differ from INFO %v",
			info.Server.RunID, info.Memory.Policy, info.Replication.Role, info.Version, info.Errors, own)
	}
	if k := info.Keyspace[0]; k.Keys.Or(0) != 7 || k.Expires.Or(0) != 5 || n.Keys.Value != 7 || got.Totals.Keys != 7 {
		t.Errorf("keyspace %v, DBSIZE %d, total %d, want 7 keys of which 5 expire", k, n.Keys.Value, got.Totals.Keys)
	}
	if calls := info.Commands["get"].Calls; calls.Or(0) != 2 {
		t.Errorf("GET was called %v times, want 2", calls)
	}
	checkDetails(t, &n, conn)
}

// checkDetails looks at the answers besides INFO.
func checkDetails(t *testing.T, n *snapshot.Node, conn *redisconn.Conn) {
	t.Helper()
	for name, want := range map[string]snapshot.Text{
		"maxmemory": "67108864", "maxclients": "123", "maxmemory-policy": "allkeys-lru", "databases": "16", "save": "",
		"latency-monitor-threshold": "1", "slowlog-log-slower-than": "0", "bind": "127.0.0.1", "protected-mode": "yes",
	} {
		if f := n.Setting(name); f.Value != want || !f.Known() || f.Source != "CONFIG GET "+name {
			t.Errorf("setting %s is %+v, want %q", name, f, want)
		}
	}
	if f := n.Setting("no-such-thing"); f.Status != snapshot.Unsupported {
		t.Errorf("a parameter that there is not: %+v", f)
	}
	if length := n.Config.Value.PasswordLength; length.Or(0) != int64(len(conn.Target().Password.Reveal())) {
		t.Errorf("the password has %v bytes", length)
	}
	var slow strings.Builder
	for _, e := range n.Slowlog.Value {
		fmt.Fprintf(&slow, "%q\n", e.Args)
	}
	if !strings.Contains(slow.String(), `"odd\xff\x1b[31m"`) || !strings.Contains(slow.String(), `"***"`) {
		t.Errorf("the slow log has not the odd key or a masked secret: %s", slow.String())
	}
	if len(n.Latency.Value) == 0 || n.Latency.Value[0].Name != "command" ||
		n.Latency.Value[0].Max.Duration() < 20*time.Millisecond {
		t.Errorf("latency events %+v, want the DEBUG SLEEP of 20 ms", n.Latency.Value)
	}
	c := n.Clients.Value
	if c.Total != 1 || c.ByHost["127.0.0.1"] != 1 || c.ByDB[0] != 1 ||
		c.Listed[0].Cmd != "client|list" || c.ByUser["default"] != 1 {
		t.Errorf("clients %+v, want us alone", c)
	}
	if m := n.Memory.Value; m.Keys.Or(0) != 7 || m.Peak.Or(0) < m.Startup.Or(1<<60) || !m.Fragmentation.Known() {
		t.Errorf("memory stats %+v", m)
	}
	if n.WhoAmI.Value != "default" || !n.Self.Value.Enabled || n.Self.Value.Passwords != 1 || n.Self.Value.NoPass ||
		n.Self.Value.Commands != "+@all" || len(n.Users.Value) != 1 || n.Users.Value[0].Passwords != 1 {
		t.Errorf("user %s %+v, users %+v", n.WhoAmI.Value, n.Self.Value, n.Users.Value)
	}
}

// TestRestrictedUser may not look at the server: what is refused is Denied, the rest is there.
func TestRestrictedUser(t *testing.T) {
	t.Parallel()
	const password = "only-for-the-app"
	s := redistest.Start(t, redistest.WithUser("app", password, "~* &* +@all -@dangerous"))
	do(t, s, "SET k v")
	got := facts.Gather(t.Context(), open(t, s.URLOf("app", password, s.Addr())), facts.Options{})
	checkStatuses(t, &got, allBut(snapshot.Denied,
		"info", "slowlog", "clients", "config", "latency", "self", "users", "acllog"))
	checkSaved(t, &got, password)
	n := got.Nodes[0]
	if n.Keys.Value != 1 || n.WhoAmI.Value != "app" || got.Totals.Missing != 1 || got.Totals.Nodes != 0 {
		t.Errorf("keys %d, user %s, totals %+v", n.Keys.Value, n.WhoAmI.Value, got.Totals)
	}
	if f := n.Setting("maxmemory"); f.Status != snapshot.Denied || f.Source != "CONFIG GET maxmemory" ||
		f.Cause != "auth-no-permission" || !strings.HasPrefix(string(f.Reply), "NOPERM") {
		t.Errorf("the refusal is %+v", f)
	}
	// The default user sees what the app was refused.
	admin := facts.Gather(t.Context(), open(t, s.URL()), facts.Options{})
	log := admin.Nodes[0].ACLLog.Value
	if len(log) != 8 || log[len(log)-1].Username != "app" || log[0].Reason != "command" || log[0].Client.User != "app" {
		t.Errorf("ACL LOG %+v, want the app's eight refusals", log)
	}
	checkSaved(t, &admin, password)
}

// TestPasswordAsUser: what was refused as a user's name may be a password; known users are shown.
func TestPasswordAsUser(t *testing.T) {
	t.Parallel()
	const typed = "S3cretInTheWrongPlace"
	s := redistest.Start(t, redistest.WithUser("app", "only-for-the-app", "~* +@all"))
	for _, user := range []string{typed, "app"} {
		if _, err := s.Do("AUTH", user, "wrong"); err == nil {
			t.Fatal("the login was accepted")
		}
	}
	got := facts.Gather(t.Context(), open(t, s.URL()), facts.Options{})
	var names []string
	for _, d := range got.Nodes[0].ACLLog.Value {
		names = append(names, string(d.Username))
	}
	slices.Sort(names)
	if !slices.Equal(names, []string{"***", "app"}) {
		t.Errorf("ACL LOG names %q", names)
	}
	checkSaved(t, &got, typed)
}

// TestRenamedCommand is a provider that switched CONFIG off.
func TestRenamedCommand(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, redistest.WithArgs("--rename-command", "CONFIG", ""))
	got := facts.Gather(t.Context(), open(t, s.URL()), facts.Options{})
	checkStatuses(t, &got, allBut(snapshot.Unsupported, "config"))
	if cause := got.Nodes[0].Config.Cause; cause != "server-unknown-command" {
		t.Errorf("cause %s", cause)
	}
}

// TestReplica and its primary see each other.
func TestReplica(t *testing.T) {
	t.Parallel()
	primary := redistest.Start(t)
	replica := redistest.StartReplica(t, primary)
	up := facts.Gather(t.Context(), open(t, primary.URL()), facts.Options{})
	down := facts.Gather(t.Context(), open(t, replica.URL()), facts.Options{})
	r := up.Nodes[0].Info.Value.Replication
	if len(r.Replicas) != 1 || r.Replicas[0].Port.Or(0) != int64(replica.Port) || r.Replicas[0].State != "online" ||
		r.Replicas[0].Host != "127.0.0.1" || !r.Replicas[0].Lag.Known() {
		t.Errorf("replicas %+v, want one on port %d", r.Replicas, replica.Port)
	}
	m := down.Nodes[0].Info.Value.Replication
	if down.Mode != "replica" || m.Role != "slave" || m.MasterPort.Or(0) != int64(primary.Port) || m.MasterLink != "up" ||
		m.MasterHost != "127.0.0.1" || m.ReplicationID != r.ReplicationID {
		t.Errorf("mode %s, replication %+v", down.Mode, m)
	}
}

// TestCluster has one node for each primary, and sums.
func TestCluster(t *testing.T) {
	t.Parallel()
	c := redistest.StartCluster(t, 3)
	for i := range 30 {
		if _, err := c.Do("SET", fmt.Sprintf("key:%d", i), "v"); err != nil {
			t.Fatal(err)
		}
	}
	got := facts.Gather(t.Context(), open(t, c.URL()), facts.Options{})
	if len(got.Nodes) != 3 || got.Mode != "cluster" || got.Primaries.Value != 3 || got.Totals.Nodes != 3 {
		t.Fatalf("%d nodes, mode %s, primaries %+v", len(got.Nodes), got.Mode, got.Primaries)
	}
	if got.Totals.Keys != int64(c.DBSize()) || got.Totals.Keys != 30 || got.Totals.Unlimited != 3 {
		t.Errorf("totals %+v, want 30 keys", got.Totals)
	}
	var used int64
	for i := range got.Nodes {
		n := &got.Nodes[i]
		used += n.Info.Value.Memory.Used.Or(0)
		want := allBut(snapshot.OK, "cluster", "shards")
		if diff := cmp.Diff(want, statuses(n)); diff != "" {
			t.Errorf("%s: statuses (-want +got):\n%s", n.Addr, diff)
		}
		info := n.ClusterInfo.Value
		if info.State != "ok" || info.SlotsOK.Or(0) != 16384 || info.KnownNodes.Or(0) != 3 || info.SlotsFail.Or(1) != 0 {
			t.Errorf("%s: cluster info %+v", n.Addr, info)
		}
		if gaps := snapshot.Uncovered(n.Shards.Value); len(n.Shards.Value) != 3 || len(gaps) != 0 ||
			n.Shards.Value[0].Nodes[0].Health != "online" || !n.Shards.Value[0].Nodes[0].Primary {
			t.Errorf("%s: shards %+v, uncovered %v", n.Addr, n.Shards.Value, gaps)
		}
	}
	if got.Totals.Used.Or(0) != used || used == 0 {
		t.Errorf("total memory %v, want %d", got.Totals.Used, used)
	}
	checkSaved(t, &got)
}

// TestMisplacedPassword is redis://SECRET:password@host: the user's name is no secret to the server, but is one to us
// where it is the password as well.
func TestMisplacedPassword(t *testing.T) {
	t.Parallel()
	const secret = "pasted-twice-by-mistake"
	s := redistest.Start(t, redistest.WithUser(secret, secret, "~* &* +@all"))
	got := facts.Gather(t.Context(), open(t, s.URLOf(secret, secret, s.Addr())), facts.Options{})
	checkStatuses(t, &got, allBut(snapshot.OK))
	checkSaved(t, &got, secret)
	if n := got.Nodes[0]; n.Self.Source != "ACL GETUSER "+config.Mask || n.WhoAmI.Value != config.Mask {
		t.Errorf("source %q, user %q", n.Self.Source, n.WhoAmI.Value)
	}
}

// TestInterrupted is a run that was ended: everything is Failed, nothing hangs.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	conn := open(t, redistest.Start(t).URL())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	got := facts.Gather(ctx, conn, facts.Options{})
	for name, status := range statuses(&got.Nodes[0]) {
		if status == snapshot.OK || status == snapshot.NotAsked && name != "cluster" && name != "shards" {
			t.Errorf("%s is %s", name, status)
		}
	}
}

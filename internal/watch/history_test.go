package watch_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/olympiades-ia/olymp-cache/internal/evidence"
	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/watch"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func fresh() *watch.History {
	return watch.New(&evidence.Evidence{
		Settings: evidence.Settings{AlertMemory: 0.8, AlertClients: 1000, AlertHitRate: 0.7, AlertP99: 100 * time.Millisecond},
	})
}

// beat is a look after that many seconds at a server. Each look adds one to the server's count of commands, as its INFO is one.
func beat(second float64, info string) watch.Beat {
	at := start.Add(time.Duration(second * float64(time.Second)))
	node := watch.Node{Time: at, Node: snapshot.Node{Addr: "h:1"}}
	node.Info = snapshot.Fact[snapshot.Info]{Status: snapshot.OK, Source: "INFO", Value: snapshot.ParseInfo(info)}
	node.Slowlog = snapshot.Fact[[]snapshot.SlowCommand]{Status: snapshot.OK, Source: "SLOWLOG GET"}
	return watch.Beat{Time: at, Nodes: []watch.Node{node}, Ping: snapshot.Fact[time.Duration]{Status: snapshot.OK}}
}

func info(run string, uptime, commands, hits, misses int, more string) string {
	return fmt.Sprintf("# Server\r\nredis_version:7.0.15\r\nrun_id:%s\r\nuptime_in_seconds:%d\r\n# Clients\r\nconnected_clients:7\r\n"+
		"# Memory\r\nused_memory:1000\r\nmaxmemory:4000\r\n# Stats\r\ntotal_commands_processed:%d\r\nkeyspace_hits:%d\r\n"+
		"keyspace_misses:%d\r\ntotal_error_replies:0\r\n%s", run, uptime, commands, hits, misses, more)
}

func lost(second float64) watch.Beat {
	return watch.Beat{
		Time:    start.Add(time.Duration(second * float64(time.Second))),
		Failure: &finding.Finding{ID: "tcp-refused", Severity: finding.Critical, Subject: "h:1"},
	}
}

// kinds are the events, oldest first.
func kinds(s watch.State) []string {
	var all []string
	for i := len(s.Events) - 1; i >= 0; i-- {
		all = append(all, s.Events[i].Kind)
	}
	return all
}

func TestRates(t *testing.T) {
	h := fresh()
	h.Add(beat(0, info("a", 10, 1000, 100, 100, "")))
	if s := h.State(); s.Rates.Elapsed != 0 || s.Rates.Ops.Known() || len(s.Points) != 1 || s.Points[0].Ops.Known() {
		t.Errorf("the first look has rates: %+v", s.Rates)
	}
	b := beat(2, info("a", 12, 1210, 190, 110, ""))
	b.OwnTotal, b.Pings = 10, []time.Duration{time.Millisecond, 3 * time.Millisecond}
	h.Add(b)
	s := h.State()
	if s.Rates.Ops.Or(-1) != 100 || s.Rates.HitRate.Or(-1) != 0.9 || s.Rates.Lookups.Or(-1) != 50 || s.Rates.Errors.Or(-1) != 0 {
		t.Errorf("rates %+v", s.Rates)
	}
	want := watch.Point{
		Ops: snapshot.Some(100.0), HitRate: snapshot.Some(0.9), Used: snapshot.Some(1000.0), Clients: snapshot.Some(7.0),
		Ping: snapshot.Some(3.0),
	}
	if diff := cmp.Diff(want, s.Points[1]); diff != "" {
		t.Error(diff)
	}
	if a := s.Alerts[2]; a.ID != "cache-hit-rate-low" || a.State != finding.Info {
		t.Errorf("the hit rate is judged as %+v", a)
	}
}

// TestOwnCommandsNeverGoBelowNothing: a count that is off by one must not show negative rates.
func TestOwnCommandsNeverGoBelowNothing(t *testing.T) {
	h := fresh()
	h.Add(beat(0, info("a", 10, 1000, 0, 0, "# Commandstats\r\ncmdstat_ping:calls=5,usec=50\r\n")))
	b := beat(1, info("a", 11, 1003, 0, 0, "# Commandstats\r\ncmdstat_ping:calls=7,usec=70\r\n"))
	b.OwnTotal, b.Own = 4, map[string]int64{"ping": 3, "info": 1}
	h.Add(b)
	if s := h.State(); s.Rates.Ops.Or(-1) != 0 || len(s.Commands) != 0 {
		t.Errorf("%v/s, commands %+v", s.Rates.Ops, s.Commands)
	}
}

func TestRestart(t *testing.T) {
	h := fresh()
	for second := range 5 {
		h.Add(beat(float64(second), info("a", 100+second, 1000*second, 100*second, 0, "# Errorstats\r\nerrorstat_OOM:count=4\r\n")))
	}
	h.Add(lost(5))
	h.Add(lost(6))
	s := h.State()
	if s.Failure == nil || s.Since != start.Add(5*time.Second) || s.Rates.Ops.Known() || s.Evidence == nil || s.Points[6].Used.Known() {
		t.Errorf("while it is gone: %+v since %v", s.Failure, s.Since)
	}
	// After the restart the counters are lower, and nothing may be made of that.
	h.Add(beat(7, info("b", 1, 3, 0, 2, "")))
	s = h.State()
	if s.Failure != nil || s.Change != snapshot.Restarted || s.Rates.Ops.Known() || s.Points[7].Ops.Known() {
		t.Errorf("after the restart: change %q, rates %+v", s.Change, s.Rates)
	}
	h.Add(beat(8, info("b", 2, 54, 0, 2, "")))
	s = h.State()
	if s.Rates.Ops.Or(-1) != 50 || s.Change != snapshot.Unchanged {
		t.Errorf("one later: %+v", s.Rates)
	}
	if diff := cmp.Diff([]string{watch.Lost, watch.Back, watch.Restarted}, kinds(s)); diff != "" {
		t.Error(diff)
	}
}

// TestBlip: a connection that was lost while the server went on gives the rate over the whole gap.
func TestBlip(t *testing.T) {
	h := fresh()
	h.Add(beat(0, info("a", 10, 1000, 0, 0, "")))
	h.Add(lost(1))
	h.Add(beat(4, info("a", 14, 1401, 0, 0, "")))
	if s := h.State(); s.Rates.Ops.Or(-1) != 100 || s.Rates.Elapsed != 4*time.Second {
		t.Errorf("rates %+v", s.Rates)
	}
}

func TestStatsReset(t *testing.T) {
	h := fresh()
	h.Add(beat(0, info("a", 10, 1000, 10, 0, "")))
	h.Add(beat(1, info("a", 11, 2, 0, 0, "")))
	if s := h.State(); s.Change != snapshot.StatsReset || s.Rates.Ops.Known() || !cmp.Equal(kinds(s), []string{watch.Reset}) {
		t.Errorf("change %q, rates %+v, events %v", s.Change, s.Rates, kinds(s))
	}
}

func TestCommands(t *testing.T) {
	stats := func(get, set int) string {
		return fmt.Sprintf("# Commandstats\r\ncmdstat_get:calls=%d,usec=%d,failed_calls=%d\r\ncmdstat_set:calls=%d,usec=%d\r\n",
			get, get*10, get/10, set, set*30)
	}
	h := fresh()
	h.Add(beat(0, info("a", 10, 0, 0, 0, stats(1000, 1000))))
	h.Add(beat(2, info("a", 12, 0, 0, 0, stats(1300, 1100))))
	s := h.State()
	want := []watch.Command{
		{Name: "get", PerSecond: 150, Calls: 300, Mean: snapshot.Some(0.01), Share: 0.5, Failed: 15},
		{Name: "set", PerSecond: 50, Calls: 100, Mean: snapshot.Some(0.03), Share: 0.5},
	}
	if diff := cmp.Diff(want, s.Commands); diff != "" {
		t.Error(diff)
	}
	for by, first := range map[watch.Order]string{
		watch.ByRate: "get", watch.ByShare: "get", watch.ByMean: "set", watch.ByFailed: "get", watch.ByCalls: "get",
	} {
		watch.SortCommands(s.Commands, by)
		if s.Commands[0].Name != first {
			t.Errorf("order %d begins with %s", by, s.Commands[0].Name)
		}
	}
	h.Add(beat(3, info("a", 13, 0, 0, 0, stats(1300, 1100))))
	if s := h.State(); len(s.Commands) != 2 || s.Commands[0].PerSecond != 0 || s.Commands[0].Calls != 300 || s.Commands[0].Mean.Known() {
		t.Errorf("when nothing is called any more: %+v", s.Commands)
	}
}

func TestErrors(t *testing.T) {
	stats := func(wrong, perm int) string {
		return fmt.Sprintf("# Errorstats\r\nerrorstat_WRONGTYPE:count=%d\r\nerrorstat_NOPERM:count=%d\r\n", wrong, perm)
	}
	h := fresh()
	h.Add(beat(0, info("a", 10, 0, 0, 0, stats(5, 1))))
	b := beat(1, info("a", 11, 0, 0, 0, stats(8, 2)))
	b.OwnErrors = map[string]int64{"NOPERM": 1}
	h.Add(b)
	s := h.State()
	want := []watch.ErrorCount{{Name: "WRONGTYPE", New: 3, Since: 3, Total: 8}, {Name: "NOPERM", Total: 2}}
	if diff := cmp.Diff(want, s.Errors); diff != "" {
		t.Error(diff)
	}
	if s.Rates.Errors.Or(-1) != 3 || len(s.Events) != 1 || s.Events[0].Name != "WRONGTYPE" || s.Events[0].Count != 3 {
		t.Errorf("%v/s, events %+v", s.Rates.Errors, s.Events)
	}
}

func TestSlowlog(t *testing.T) {
	with := func(b watch.Beat, ids ...int64) watch.Beat {
		for _, id := range ids {
			b.Nodes[0].Slowlog.Value = append(b.Nodes[0].Slowlog.Value, snapshot.SlowCommand{ID: id, Time: b.Time.Unix()})
		}
		return b
	}
	h := fresh()
	h.Add(with(beat(0, info("a", 10, 0, 0, 0, "")), 7, 6))
	if s := h.State(); len(s.Slow) != 2 || s.Slow[0].New || len(s.Fresh) != 0 {
		t.Errorf("what was there before: %+v", s.Slow)
	}
	h.Add(with(beat(1, info("a", 11, 0, 0, 0, "")), 8, 7, 6))
	if s := h.State(); len(s.Slow) != 3 || s.Slow[0].ID != 8 || !s.Slow[0].New || len(s.Fresh) != 1 {
		t.Errorf("one came: %+v", s.Slow)
	}
	h.Add(with(beat(2, info("b", 1, 0, 0, 0, "")), 0)) // restarted: ids begin anew
	if s := h.State(); len(s.Slow) != 4 || !s.Slow[0].New || s.Slow[0].ID != 0 {
		t.Errorf("after a restart: %+v", s.Slow)
	}
	refused := beat(3, info("b", 2, 0, 0, 0, ""))
	refused.Nodes[0].Slowlog = snapshot.Fact[[]snapshot.SlowCommand]{Status: snapshot.Denied, Source: "SLOWLOG GET 16", Reply: "NOPERM"}
	h.Add(refused)
	if s := h.State(); s.Slowlog.Status != snapshot.Denied || s.Slowlog.Reply != "NOPERM" || len(s.Fresh) != 0 {
		t.Errorf("refused: %+v", s.Slowlog)
	}
}

// TestAlertsBeginAndEnd: PING is late in many rounds, then no more.
func TestAlertsBeginAndEnd(t *testing.T) {
	h := fresh()
	add := func(second int, took time.Duration) {
		b := beat(float64(second), info("a", 10+second, 0, 0, 0, ""))
		for range 10 {
			b.Pings = append(b.Pings, took)
		}
		h.Add(b)
	}
	for second := range 12 {
		add(second, 300*time.Millisecond)
	}
	if s := h.State(); s.Alerts[3].State != finding.Warning || !cmp.Equal(kinds(s), []string{watch.AlertOn}) {
		t.Errorf("all late: %+v, events %v", s.Alerts[3], kinds(s))
	}
	for second := 12; second < 24; second++ {
		add(second, time.Millisecond)
	}
	if s := h.State(); s.Alerts[3].State != finding.Info || !cmp.Equal(kinds(s), []string{watch.AlertOn, watch.AlertOff}) {
		t.Errorf("in time again: %+v, events %v", s.Alerts[3], kinds(s))
	}
}

// TestOneLateAnswerIsNoAlert: of the few PINGs of the first seconds one that is late is no share of anything.
func TestOneLateAnswerIsNoAlert(t *testing.T) {
	h := fresh()
	b := beat(0, info("a", 10, 0, 0, 0, ""))
	b.Pings = []time.Duration{time.Millisecond, time.Second, time.Millisecond}
	h.Add(b)
	if a := h.State().Alerts[3]; a.State != finding.Unknown || a.Reason != "too-little-data" {
		t.Errorf("%+v", a)
	}
}

// TestHitRateIsJudgedOverHalfAMinute: forty lookups a second are too few for one second and enough for several.
func TestHitRateIsJudgedOverHalfAMinute(t *testing.T) {
	h := fresh()
	for second := range 100 { // bad for the first half, good for the second
		misses := 40 * min(second, 50)
		h.Add(beat(float64(second), info("a", 10+second, 0, 40*max(second-50, 0), misses, "")))
		a := h.State().Alerts[2]
		switch {
		case second >= 3 && second <= 50 && (a.State != finding.Warning || a.Value.Value != 0.0):
			t.Fatalf("second %d: %+v", second, a)
		case second >= 81 && (a.State != finding.Info || a.Value.Value != 1.0):
			t.Fatalf("second %d: %+v", second, a)
		}
	}
}

// TestBounded: a week of looks holds no more than an hour of them.
func TestBounded(t *testing.T) {
	h := fresh()
	for second := range 3000 {
		b := beat(float64(second), info("a", 10+second, 0, 0, 0, fmt.Sprintf("# Errorstats\r\nerrorstat_X:count=%d\r\n", second)))
		b.Pings = []time.Duration{time.Millisecond}
		b.Nodes[0].Slowlog.Value = []snapshot.SlowCommand{{ID: int64(second)}}
		h.Add(b)
	}
	s := h.State()
	if len(s.Points) != 400 || len(s.Events) != 200 || len(s.Slow) != 100 || s.Evidence.Pings.Value.Rounds != 120 {
		t.Errorf("%d points, %d events, %d slow commands, %d rounds", len(s.Points), len(s.Events), len(s.Slow), s.Evidence.Pings.Value.Rounds)
	}
}

// TestStateStandsStill: what a pause shows does not change under it.
func TestStateStandsStill(t *testing.T) {
	h := fresh()
	for second := range 5 {
		h.Add(beat(float64(second), info("a", 10+second, second*100, 0, 0, "")))
	}
	s := h.State()
	before := fmt.Sprintf("%+v", s.Points)
	for second := 5; second < 500; second++ {
		h.Add(beat(float64(second), info("a", 10+second, second*100, 0, 0, "")))
	}
	if after := fmt.Sprintf("%+v", s.Points); after != before || len(s.Points) != 5 {
		t.Error("the curves of a state have changed")
	}
}

// TestCluster adds up what can be compared: a node that restarts is left out for one interval.
func TestCluster(t *testing.T) {
	two := func(second float64, runB string, a, b int) watch.Beat {
		both := beat(second, info("a", 10+int(second), a, 0, 0, "# Keyspace\r\ndb0:keys=5,expires=1\r\n"))
		other := beat(second, info(runB, 10+int(second), b, 0, 0, "# Keyspace\r\ndb0:keys=7,expires=1\r\n"))
		other.Nodes[0].Addr = "h:2"
		both.Nodes = append(both.Nodes, other.Nodes[0])
		return both
	}
	h := fresh()
	h.Add(two(0, "b", 0, 0))
	h.Add(two(1, "b", 101, 51))
	if s := h.State(); s.Rates.Ops.Or(-1) != 150 || s.Evidence.Server.Totals.Keys != 12 || s.Points[1].Used.Or(0) != 2000 {
		t.Errorf("%+v", s.Rates)
	}
	h.Add(two(2, "c", 202, 3))
	s := h.State()
	if s.Rates.Ops.Or(-1) != 100 || s.Change != snapshot.Restarted || s.Events[0].Name != "h:2" {
		t.Errorf("%+v, %q", s.Rates, s.Change)
	}
	silent := two(3, "c", 303, 3)
	silent.Nodes[1].Info = snapshot.Fact[snapshot.Info]{Status: snapshot.Failed, Cause: "tcp-refused"}
	h.Add(silent)
	if s := h.State(); s.Rates.Ops.Or(-1) != 100 || s.Points[3].Used.Or(0) != 1000 {
		t.Errorf("with a silent node: %+v, %+v", s.Rates, s.Points[3])
	}
}

package diagnosis_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/olympiades-ia/olymp-cache/internal/diagnosis"
	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
	"github.com/olympiades-ia/olymp-cache/internal/redistest"
	"github.com/olympiades-ia/olymp-cache/internal/watch"
)

// follow watches a server for that long and gives the state after each look to see, which may be nil, and to its caller.
func follow(t *testing.T, url string, interval, length time.Duration, see func(watch.State)) []watch.State {
	t.Helper()
	cfg := load(t, url)
	w, err := diagnosis.NewWatcher(t.Context(), cfg, options(), interval)
	if err != nil {
		t.Fatal(err)
	}
	history := watch.New(diagnosis.Fresh(cfg, options()))
	var all []watch.State
	err = w.Run(t.Context(), length, func(b watch.Beat) {
		history.Add(b)
		all = append(all, history.State())
		if see != nil {
			see(all[len(all)-1])
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestWatchRates: what a known load does is told within five percent, and none of it is ours.
func TestWatchRates(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, redistest.WithArgs("--slowlog-log-slower-than", "20000"))
	client := redis.NewClient(&redis.Options{
		Addr: s.Addr(), DisableIdentity: true, // whose commands a Redis 7.0 answers with errors
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	})
	t.Cleanup(func() { _ = client.Close() })
	const hits, misses, wrong = 600, 200, 20
	loaded := false
	states := follow(t, s.URL(), 300*time.Millisecond, 1500*time.Millisecond, func(watch.State) {
		if loaded {
			return
		}
		loaded = true // between the first and the second look: the load is exactly known
		if err := client.Set(t.Context(), "page", "x", 0).Err(); err != nil {
			t.Error(err)
		}
		for range hits {
			client.Get(t.Context(), "page")
		}
		for range misses {
			client.Get(t.Context(), "missing")
		}
		for range wrong {
			client.LPush(t.Context(), "page", "x")
		}
		client.Do(t.Context(), "DEBUG", "SLEEP", "0.05")
	})
	var ops, lookups, found, errs float64
	calls := map[string]float64{}
	for _, one := range states {
		seconds := one.Rates.Elapsed.Seconds()
		ops += one.Rates.Ops.Or(0) * seconds
		lookups += one.Rates.Lookups.Or(0) * seconds
		found += one.Rates.HitRate.Or(0) * one.Rates.Lookups.Or(0) * seconds
		errs += one.Rates.Errors.Or(0) * seconds
		for _, c := range one.Commands {
			calls[c.Name] += c.PerSecond * seconds
		}
	}
	// LPUSH of a wrong type is a lookup too, and a hit. HELLO, SET and DEBUG are commands.
	near := func(what string, got, want float64) {
		if math.Abs(got-want) > want/20 {
			t.Errorf("%s: %.1f, want %.0f", what, got, want)
		}
	}
	near("commands", ops, hits+misses+wrong+3)
	near("lookups", lookups, hits+misses)
	near("hits", found, hits)
	near("errors", errs, wrong)
	near("calls of get", calls["get"], hits+misses)
	near("calls of lpush", calls["lpush"], wrong)
	for _, ours := range []string{"ping", "slowlog|get"} {
		if calls[ours] > 0 {
			t.Errorf("our own %s counts %v times", ours, calls[ours])
		}
	}
	last := states[len(states)-1]
	if len(states) != 6 || len(last.Slow) != 1 || !last.Slow[0].New || last.Slow[0].Args[0] != "DEBUG" {
		t.Errorf("%d looks, slow log %+v", len(states), last.Slow)
	}
	if n := last.Evidence.Pings.Value.Rounds; n != 5 {
		t.Errorf("%d PINGs in five intervals", n)
	}
}

// TestWatchCosts at most five commands a second, by the server's own count, and one connection.
func TestWatchCosts(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	count := func() (commands, conns int) {
		stats := s.Info("stats")
		commands, err1 := strconv.Atoi(stats["total_commands_processed"])
		conns, err2 := strconv.Atoi(stats["total_connections_received"])
		if err := errors.Join(err1, err2); err != nil {
			t.Fatal(err)
		}
		return commands, conns
	}
	for _, interval := range []time.Duration{time.Second, 500 * time.Millisecond} {
		const seconds = 4
		looks, before, conns, commands, connsAfter := 0, 0, 0, 0, 0
		follow(t, s.URL(), interval, seconds*time.Second, func(watch.State) {
			switch looks++; looks {
			case 1:
				before, conns = count()
			case 1 + int(seconds*time.Second/interval):
				commands, connsAfter = count()
			}
		})
		commands, connsAfter = commands-before-1, connsAfter-conns-1 // the first count itself
		if commands > 5*seconds || commands < 2*seconds || connsAfter != 0 {
			t.Errorf("every %v: %d commands in %d s, %d more connections", interval, commands, seconds, connsAfter)
		}
	}
}

// TestWatchSurvivesARestart and says so; the counters of the new process are nothing to subtract the old ones from.
func TestWatchSurvivesARestart(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, redistest.WithPassword(password))
	looks := 0
	states := follow(t, s.URL(), 100*time.Millisecond, 5*time.Second, func(watch.State) {
		if looks++; looks == 5 {
			s.Restart()
		}
	})
	var seen []string
	for _, one := range states {
		switch {
		case one.Failure != nil:
			seen = append(seen, "gone")
		case one.Change != snapshot.Unchanged:
			seen = append(seen, string(one.Change))
		case one.Rates.Ops.Known():
			seen = append(seen, "rates")
		}
		if one.Rates.Ops.Or(0) < 0 || one.Rates.Ops.Or(0) > 100 {
			t.Errorf("%v commands a second", one.Rates.Ops)
		}
	}
	seen = slices.Compact(seen)
	if !slices.Equal(seen, []string{"rates", "gone", "restarted", "rates"}) {
		t.Errorf("seen: %v", seen)
	}
}

// TestWatchAsksWhatIsRefusedOnce: each refusal counts among the errors that are watched.
func TestWatchAsksWhatIsRefusedOnce(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, redistest.WithUser("app", password, "+ping +hello +info"))
	states := follow(t, s.URLOf("app", password, s.Addr()), 100*time.Millisecond, 2500*time.Millisecond, nil)
	last := states[len(states)-1]
	if last.Slowlog.Status != snapshot.Denied || !last.Rates.Ops.Known() || last.Rates.Errors.Or(-1) != 0 {
		t.Errorf("slow log %+v, rates %+v", last.Slowlog, last.Rates)
	}
	if len(last.Errors) != 1 || last.Errors[0].Total != 1 || last.Errors[0].Since != 0 || len(last.Events) != 0 {
		t.Errorf("errors %+v, events %+v", last.Errors, last.Events)
	}
	mute := redistest.Start(t, redistest.WithUser("app", password, "+ping +hello"))
	states = follow(t, mute.URLOf("app", password, mute.Addr()), 100*time.Millisecond, time.Second, nil)
	last = states[len(states)-1]
	if f := last.Evidence.Server.Nodes[0].Info; f.Status != snapshot.Denied || !last.Evidence.Pings.Known() {
		t.Errorf("INFO %+v, PING %+v", f, last.Evidence.Pings)
	}
	if got := mute.Info("errorstats")["errorstat_NOPERM"]; got != "count=2" { // INFO, SLOWLOG
		t.Errorf("refusals: %s", got)
	}
}

// TestWatchACluster adds up its primaries, and goes on when one of them dies.
func TestWatchACluster(t *testing.T) {
	t.Parallel()
	c := redistest.StartCluster(t, 3)
	for k := range 30 {
		if _, err := c.Do("SET", "key:"+strconv.Itoa(k), "x"); err != nil {
			t.Fatal(err)
		}
	}
	looks := 0
	states := follow(t, c.URL(), 300*time.Millisecond, 3*time.Second, func(watch.State) {
		if looks++; looks == 4 {
			c.Nodes[2].Kill()
		}
	})
	if first := states[2]; first.Evidence.Server.Totals.Keys != 30 || len(first.Evidence.Server.Nodes) != 3 || !first.Rates.Ops.Known() {
		t.Errorf("three primaries: %+v", first.Evidence.Server.Totals)
	}
	last := states[len(states)-1]
	totals, now := &last.Evidence.Server.Totals, last.Points[len(last.Points)-1]
	if last.Failure != nil || totals.Missing != 1 || !last.Rates.Ops.Known() || now.Clients.Or(0) < 2 {
		t.Errorf("one is dead: failure %+v, totals %+v, rates %+v", last.Failure, totals, last.Rates)
	}
}

// TestWatchFollowsAFailover: the Sentinels are asked again where their primary has become a replica.
func TestWatchFollowsAFailover(t *testing.T) {
	t.Parallel()
	primary := redistest.Start(t)
	redistest.StartReplica(t, primary)
	trio := redistest.StartSentinels(t, primary, 3, "vitrine")
	cfg := load(t, trio.URL())
	w, err := diagnosis.NewWatcher(t.Context(), cfg, options(), 100*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	promoted := make(chan string, 1)
	go func() { promoted <- trio.Failover() }()
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	want, there := "", false
	err = w.Run(ctx, 0, func(b watch.Beat) {
		select {
		case want = <-promoted:
		default:
		}
		if want != "" && b.Failure == nil && b.Nodes[0].Addr == want && b.Nodes[0].Info.Value.Replication.Role == "master" {
			there = true
			stop()
		}
	})
	if !there || !errors.Is(err, context.Canceled) {
		t.Errorf("the new primary is %q, the run ended with %v", want, err)
	}
}

// TestWatchEnds when it is told to, with the cause, also while a server does not answer.
func TestWatchEnds(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	w, err := diagnosis.NewWatcher(t.Context(), load(t, s.URL()), options(), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancelCause(t.Context())
	reason := errors.New("enough")
	start := time.Now()
	looks := 0
	err = w.Run(ctx, 0, func(watch.Beat) {
		switch looks++; looks {
		case 1:
			w.SetInterval(50 * time.Millisecond) // of an hour's wait
		case 3:
			stop(reason)
		}
	})
	if !errors.Is(err, reason) || looks != 3 || time.Since(start) > 20*time.Second {
		t.Errorf("%v after %d looks", err, looks)
	}

	for _, length := range []time.Duration{500 * time.Millisecond, 0} {
		opts := options()
		opts.Conn.Timeout = time.Minute
		w, err = diagnosis.NewWatcher(t.Context(), load(t, s.URL()), opts, 100*time.Millisecond)
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancelCause(t.Context())
		start, paused := time.Now(), false
		err = w.Run(ctx, length, func(watch.Beat) {
			if paused {
				return
			}
			paused = true
			s.Pause()
			if length == 0 {
				time.AfterFunc(500*time.Millisecond, func() { stop(reason) })
			}
		})
		s.Resume()
		stop(nil)
		if took := time.Since(start); took > 20*time.Second || length == 0 && !errors.Is(err, reason) || length > 0 && err != nil {
			t.Errorf("a silent server, %v: ended after %v with %v", length, took, err)
		}
	}
}

// TestWatcherNeedsAServer: a first connection that fails is the caller's to explain.
func TestWatcherNeedsAServer(t *testing.T) {
	t.Parallel()
	_, err := diagnosis.NewWatcher(t.Context(), load(t, "redis://"+redistest.Refused(t)), options(), time.Second)
	if e, ok := redisconn.AsError(err); !ok || e.ID != "tcp-refused" {
		t.Errorf("%v", err)
	}
}

package smoke_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/redistest"
	"github.com/olympiades-ia/olymp-cache/internal/smoke"
)

func TestLatency(t *testing.T) {
	t.Parallel()
	const rounds = 50
	s := redistest.Start(t)
	var ticks []int
	res := test(t, s.URL(), smoke.Options{Count: rounds, AlertP99: time.Minute, OnRound: func(done, of int) {
		if of != rounds {
			t.Errorf("round %d of %d", done, of)
		}
		ticks = append(ticks, done)
	}})
	wantSteps(t, res, "connect ok, ping ok, set ok, get ok, ttl ok, latency ok, del ok")
	if len(ticks) != rounds || !slices.IsSorted(ticks) || ticks[0] != 1 {
		t.Errorf("OnRound saw %v", ticks)
	}
	var names []string
	for _, l := range res.Latency {
		names = append(names, l.Command)
		sum := int64(0)
		for i, b := range l.Buckets {
			sum += b.Count
			if i > 0 && b.UpTo != 2*l.Buckets[i-1].UpTo {
				t.Errorf("%s: bucket of %v after one of %v", l.Command, b.UpTo, l.Buckets[i-1].UpTo)
			}
		}
		if l.Rounds != rounds || sum != rounds || l.Buckets[0].Count == 0 || l.Buckets[len(l.Buckets)-1].Count == 0 {
			t.Errorf("%s: %d rounds, %d in the buckets %v", l.Command, l.Rounds, sum, l.Buckets)
		}
		if l.P50 <= 0 || l.P50 > l.P95 || l.P95 > l.P99 || l.P99 > l.Max || l.Threshold != time.Minute {
			t.Errorf("%+v", l)
		}
		if l.Max > l.Buckets[len(l.Buckets)-1].UpTo {
			t.Errorf("%s: max %v is beyond the last bucket %v", l.Command, l.Max, l.Buckets[len(l.Buckets)-1].UpTo)
		}
	}
	if got := strings.Join(names, " "); got != "PING SET GET" {
		t.Errorf("measured %s", got)
	}
	wantNoKeys(t, s)
}

// TestLatencyAlert: a P99 above the threshold warns about the slowest command; the test itself has not failed.
func TestLatencyAlert(t *testing.T) {
	t.Parallel()
	f := newFake(t, map[string]string{})
	f.slow = "SET"
	res := test(t, f.URL(), smoke.Options{Count: 3, AlertP99: time.Nanosecond})
	wantSteps(t, res, "connect ok, ping ok, set ok, get ok, ttl ok, latency warn latency-high, del ok")
	if res.Failed() {
		t.Error("an alert counts as a failure")
	}
	if got := step(t, res, "latency").Problem; got.Value("command") != "SET" || got.Severity != finding.Warning {
		t.Errorf("problem %+v", got)
	}
	res = test(t, f.URL(), smoke.Options{Count: 3})
	wantSteps(t, res, "connect ok, ping ok, set ok, get ok, ttl ok, latency ok, del ok") // no threshold, no alert
}

// TestLatencyStopsAtAnError: what was measured is kept, the key goes.
func TestLatencyStopsAtAnError(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ reply, id string }{
		{redistest.ErrorReply("ERR max requests limit exceeded"), "server-quota-requests"},
		{"$-1\r\n", "write-vanished"},
	} {
		f := newFake(t, map[string]string{})
		f.late = tc.reply // at the fifth GET: one of the step, three rounds, and this one
		ticks := 0
		res := test(t, f.URL(), smoke.Options{Count: 1000, OnRound: func(int, int) { ticks++ }})
		wantSteps(t, res, "connect ok, ping ok, set ok, get ok, ttl ok, latency fail "+tc.id+", del ok")
		if ticks != 3 || len(res.Latency) != 3 || res.Latency[0].Rounds != 4 || res.Latency[2].Rounds != 3 {
			t.Errorf("%s: %d rounds done, latency %+v", tc.id, ticks, res.Latency)
		}
	}
}

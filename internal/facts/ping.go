package facts

import (
	"context"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
)

// The recorder's range and precision: one microsecond to ten minutes, three significant digits.
const (
	slowestPing = 10 * time.Minute
	pingDigits  = 3
)

// PingLatency sends n PINGs one after the other to the server that the target names. The first failure ends it: the
// fact is then Failed, and its value holds the rounds before.
func PingLatency(ctx context.Context, conn *redisconn.Conn, n int) snapshot.Fact[snapshot.PingTimes] {
	f := snapshot.Fact[snapshot.PingTimes]{Source: "PING"}
	if n <= 0 {
		return f
	}
	f.Status = snapshot.OK
	times := hdrhistogram.New(1, slowestPing.Microseconds(), pingDigits)
	for range n {
		start := time.Now()
		err := conn.Seed().Ping(ctx).Err()
		took := time.Since(start)
		if err != nil {
			f.Status, f.Cause, f.Reply = Refusal(conn, err)
			break
		}
		// No deadline of ours lets a PING take longer than the recorder's range; if so, it counts as the longest.
		_ = times.RecordValue(min(max(took.Microseconds(), 1), slowestPing.Microseconds()))
	}
	at := func(q float64) snapshot.Millis {
		return snapshot.Millis(time.Duration(times.ValueAtQuantile(q)) * time.Microsecond)
	}
	f.Value = snapshot.PingTimes{Rounds: times.TotalCount(), P50: at(50), P90: at(90), P99: at(99), Max: at(100)}
	return f
}

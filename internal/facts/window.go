package facts

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
)

// Window samples INFO, waits d, samples again and gives the difference. When ctx ends during the wait, the second
// sample is Failed.
func Window(ctx context.Context, conn *redisconn.Conn, d time.Duration) snapshot.Window {
	return Until(ctx, conn, Sample(ctx, conn), d)
}

// Until is the rest of a window whose first sample is taken: it waits d, if there is time left, and samples again.
func Until(ctx context.Context, conn *redisconn.Conn, before snapshot.Sample, d time.Duration) snapshot.Window {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
	return snapshot.Between(before, Sample(ctx, conn))
}

// Sample reads INFO of every primary: one command and one round trip each.
func Sample(ctx context.Context, conn *redisconn.Conn) snapshot.Sample {
	nodes, _ := eachNode(ctx, conn, func(ctx context.Context, client *redis.Client) snapshot.NodeSample {
		s := sampleNode(ctx, conn, client)
		if s.Info.Cause == "tcp-closed" {
			// The connection was idle since the last sample: one more dial tells a restart from a server that is gone.
			s = sampleNode(ctx, conn, client)
		}
		return s
	})
	return snapshot.Sample{Nodes: nodes}
}

func sampleNode(ctx context.Context, conn *redisconn.Conn, client *redis.Client) snapshot.NodeSample {
	s := snapshot.NodeSample{Addr: conn.NodeAddr(client)}
	b := newBatch(conn, client)
	ask(ctx, b, &s.Info, parseInfo, "INFO")
	b.run(ctx)
	s.Time = time.Now() // with the monotonic clock, which Between relies on
	return s
}

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/redistest"
	"github.com/olympiades-ia/olymp-cache/internal/resp"
)

const (
	// rounds is how often each long run is measured.
	rounds = 3
	// farTrip is the round trip of the far server.
	farTrip = 20 * time.Millisecond
	// bystanding is how long a bystander alone is watched.
	bystanding = 3 * time.Second
)

// keyspace measures `keys stats` on a large keyspace of mixed types.
//
//nolint:contextcheck // servers end with the benchmark's Cleanup, as with a test's
func (t table) keyspace(ctx context.Context, b *bencher, o options) error {
	server := redistest.Start(b)
	if err := fill(ctx, server.Addr(), o.keys); err != nil {
		return err
	}
	port := fmt.Sprint(server.Port)
	count := fmt.Sprintf("%d M keys", o.keys/1_000_000)
	stats := func(url string, more ...string) []string {
		return append([]string{o.binary, "keys", "stats", "-o", "json", "--url", url}, more...)
	}
	var memkeys, exact, sampled, wallOverCPU []float64
	var last, sample run
	for range rounds {
		theirs, err := timed(ctx, []string{"redis-cli", "-p", port, "--memkeys"})
		if err != nil {
			return err
		}
		before, err := cpu(server)
		if err != nil {
			return err
		}
		if last, err = timed(ctx, stats(server.URL(), "--exact")); err != nil {
			return err
		}
		after, err := cpu(server)
		if err != nil {
			return err
		}
		wallOverCPU = append(wallOverCPU, last.took.Seconds()/(after-before))
		if sample, err = timed(ctx, stats(server.URL())); err != nil {
			return err
		}
		memkeys = append(memkeys, theirs.took.Seconds())
		exact = append(exact, last.took.Seconds())
		sampled = append(sampled, sample.took.Seconds())
	}
	theirs := median(memkeys)
	t.ratio("keys stats --exact ÷ --memkeys, "+count, secs(median(exact)), secs(theirs), median(exact)/theirs, 0.13)
	t.ratio("the same ÷ CPU time of the server", secs(median(exact)), "", median(wallOverCPU), 1.15)
	t.ratio("keys stats (sample) ÷ --memkeys, "+count, secs(median(sampled)), secs(theirs), median(sampled)/theirs, 0.01)
	t.most("peak memory of --exact", fmt.Sprintf("%.0f MB", float64(last.rss)/1e6), "64 MB", last.rss <= 64<<20)
	if err := t.precision(last, sample); err != nil {
		return err
	}
	proxy := redistest.StartProxy(b, server.Addr())
	proxy.SetDelay(farTrip)
	far, err := timed(ctx, stats("redis://"+proxy.Addr()))
	if err != nil {
		return err
	}
	t.most(fmt.Sprintf("sample of a server %v away", farTrip), inS(far.took), "1 s", far.took <= time.Second)
	if far, err = timed(ctx, stats("redis://"+proxy.Addr(), "--exact")); err != nil {
		return err
	}
	t.ratio(fmt.Sprintf("--exact %v away ÷ on loopback", farTrip), inS(far.took), secs(median(exact)), far.took.Seconds()/median(exact), 5)
	return t.bystander(ctx, server, stats(server.URL(), "--exact", "--gentle", "--max-time", "20s"))
}

func secs(s float64) string { return fmt.Sprintf("%.3f s", s) }

// precision compares a sample with the truth.
func (t table) precision(exact, sample run) error {
	type doc struct {
		Total struct {
			Bytes struct{ Value, Low, High float64 }
		}
	}
	var truth, guess doc
	if err := json.Unmarshal(exact.stdout, &truth); err != nil {
		return err
	}
	if err := json.Unmarshal(sample.stdout, &guess); err != nil {
		return err
	}
	v, g := truth.Total.Bytes.Value, guess.Total.Bytes
	t.printf("| error of a sample of all bytes; its stated margin | %.2f %% | %.2f %% | | | |\n", 100*(g.Value-v)/v, 50*(g.High-g.Low)/g.Value)
	return nil
}

// bystander compares another client's latency alone and beside a run.
func (t table) bystander(ctx context.Context, server *redistest.Server, command []string) error {
	alone, err := watchGets(ctx, server.Addr(), time.After(bystanding))
	if err != nil {
		return err
	}
	done := make(chan time.Time)
	failed := make(chan error, 1)
	go func() {
		_, err := timed(ctx, command)
		failed <- err
		close(done)
	}()
	beside, err := watchGets(ctx, server.Addr(), done)
	if err == nil {
		err = <-failed
	}
	t.ratio("p99 of another client's GETs during --exact --gentle ÷ alone", inMS(beside), inMS(alone), float64(beside)/float64(alone), 2)
	return err
}

// watchGets sends GETs one after the other, with a little rest, and gives the p99 of their times.
func watchGets(ctx context.Context, addr string, end <-chan time.Time) (time.Duration, error) {
	nc, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return 0, err
	}
	defer nc.Close() //nolint:errcheck // only read from
	replies := resp.NewReader(nc, 0)
	var all []time.Duration
	for i := 0; ; i++ {
		select {
		case <-end:
			slices.Sort(all)
			return all[len(all)*99/100], nil
		default:
		}
		start := time.Now()
		if _, err := nc.Write(resp.Command(nil, "GET", "page:"+strconv.Itoa(i))); err != nil {
			return 0, err
		}
		if err := replies.Skip(); err != nil {
			return 0, err
		}
		all = append(all, time.Since(start))
		time.Sleep(200 * time.Microsecond)
	}
}

// cpu is the CPU time of a server so far, in seconds.
func cpu(s *redistest.Server) (float64, error) {
	sum := 0.0
	info := s.Info("cpu")
	for _, name := range []string{"used_cpu_sys", "used_cpu_user"} {
		v, err := strconv.ParseFloat(info[name], 64)
		if err != nil {
			return 0, fmt.Errorf("INFO cpu: %s: %w", name, err)
		}
		sum += v
	}
	return sum, nil
}

// fill writes n keys of mixed types and sizes, half of them with a time to live.
func fill(ctx context.Context, addr string, n int) error {
	nc, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	defer nc.Close() //nolint:errcheck // all replies were read
	failed := make(chan error, 1)
	go func() {
		replies := resp.NewReader(nc, 1<<16)
		for range n {
			if err := replies.Skip(); err != nil {
				failed <- err
				return
			}
		}
		failed <- nil
	}()
	w := bufio.NewWriterSize(nc, 1<<16)
	rng := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same keys each time
	var b []byte
	for i := range n {
		b = resp.Command(b[:0], command(rng, i)...)
		if _, err := w.Write(b); err != nil {
			return err
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return <-failed
}

// command writes the i-th key.
func command(rng *rand.Rand, i int) []string {
	id := strconv.Itoa(i)
	switch i % 10 {
	case 0, 1, 2, 3, 4:
		ttl := strconv.Itoa(3600 + rng.IntN(86400))
		return []string{"SET", "page:" + id, strings.Repeat("x", 100+rng.IntN(500)), "EX", ttl}
	case 5, 6:
		return []string{"SET", fmt.Sprintf("session:%016x", rng.Uint64()), strings.Repeat("s", 100)}
	case 7:
		return []string{"HSET", "user:" + id, "name", "n" + id, "mail", id + "@example.org"}
	case 8:
		list := []string{"RPUSH", "queue:" + id + ":jobs"}
		for k := range 1 + rng.IntN(20) {
			list = append(list, "job"+strconv.Itoa(k))
		}
		return list
	}
	set := []string{"ZADD", "rank:" + id}
	for k := range 8 {
		set = append(set, strconv.Itoa(k), "m"+strconv.Itoa(k))
	}
	return set
}

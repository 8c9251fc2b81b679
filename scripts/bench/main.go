// Command bench measures whole runs of olymp-cache beside redis-cli, turn by turn on the same machine and the same server,
// and prints their ratios: absolute times are noise on shared machines. `make bench` runs it.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

func main() {
	o := options{}
	flag.StringVar(&o.binary, "binary", "bin/olymp-cache", "the binary to measure")
	flag.IntVar(&o.runs, "runs", 50, "measured runs of each short command")
	flag.IntVar(&o.keys, "keys", 1_000_000, "keys of the large keyspace; 0 leaves it out")
	flag.Parse()
	if os.Getenv("BENCH_FULL") == "1" {
		o.keys = 10_000_000
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := bench(ctx, o, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		stop()
		os.Exit(1) //nolint:gocritic // stop was called
	}
}

type options struct {
	binary     string
	runs, keys int
}

// table is where results go as they come.
type table struct{ w io.Writer }

func (t table) head() {
	t.printf("| what | olymp-cache | beside | ratio | reach | |\n|---|---:|---:|---:|---:|---|\n")
}

// printf writes to a terminal or a file of the operator's; there is nobody to tell if that fails.
func (t table) printf(format string, args ...any) { _, _ = fmt.Fprintf(t.w, format, args...) }

// ratio is one row: ours, theirs and their ratio against what is to be reached.
func (t table) ratio(what, ours, theirs string, ratio, reach float64) {
	t.printf("| %s | %s | %s | %.3f | ≤ %g | %s |\n", what, ours, theirs, ratio, reach, verdict(ratio <= reach))
}

// most is one row of a number that has a bound of its own.
func (t table) most(what, ours, bound string, ok bool) {
	t.printf("| %s | %s | | | ≤ %s | %s |\n", what, ours, bound, verdict(ok))
}

func verdict(ok bool) string {
	if ok {
		return "reached"
	}
	return "**missed**"
}

func bench(ctx context.Context, o options, w io.Writer) error {
	b := &bencher{}
	defer b.end()
	return b.run(func() error { return measure(ctx, b, o, table{w}) })
}

//nolint:contextcheck // servers end with the benchmark's Cleanup, as with a test's
func measure(ctx context.Context, b *bencher, o options, t table) error {
	t.head()
	server := redistest.Start(b)
	if err := t.short(ctx, o, server); err != nil {
		return err
	}
	if o.keys > 0 {
		if err := t.keyspace(ctx, b, o); err != nil {
			return err
		}
	}
	t.printf("\nShort commands: medians of %d runs each, in turn, after one warm-up.\n", o.runs)
	return nil
}

// short measures the start, the smoke test and the binary.
func (t table) short(ctx context.Context, o options, server *redistest.Server) error {
	for _, r := range []struct {
		what         string
		ours, theirs []string
		reach        float64
	}{
		{"start: --version", []string{o.binary, "--version"}, []string{"redis-cli", "--version"}, 1.2},
		{
			"smoke test: test -q ÷ ping",
			[]string{o.binary, "test", "-q", "--url", server.URL()},
			[]string{"redis-cli", "-p", fmt.Sprint(server.Port), "ping"},
			3,
		},
	} {
		ours, theirs, ratio, err := compare(ctx, r.ours, r.theirs, o.runs)
		if err != nil {
			return err
		}
		t.ratio(r.what, inMS(ours), inMS(theirs), ratio, r.reach)
	}
	info, err := os.Stat(o.binary)
	if err != nil {
		return err
	}
	size := float64(info.Size()) / 1e6
	t.most("binary", fmt.Sprintf("%.2f MB", size), "14 MB", size <= 14)
	return nil
}

func inMS(d time.Duration) string { return fmt.Sprintf("%.2f ms", float64(d.Microseconds())/1000) }

func inS(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }

// compare runs both in turn, so that a machine that slows down slows both, and gives medians and the median of the ratios
// pair by pair.
func compare(ctx context.Context, ours, theirs []string, runs int) (a, b time.Duration, ratio float64, err error) {
	var as, bs []time.Duration
	var ratios []float64
	for i := range runs + 1 {
		x, err := timed(ctx, ours)
		if err != nil {
			return 0, 0, 0, err
		}
		y, err := timed(ctx, theirs)
		if err != nil {
			return 0, 0, 0, err
		}
		if i == 0 {
			continue // the warm-up
		}
		as, bs, ratios = append(as, x.took), append(bs, y.took), append(ratios, float64(x.took)/float64(y.took))
	}
	return median(as), median(bs), median(ratios), nil
}

// run is one process that ended.
type run struct {
	took   time.Duration
	rss    int64 // the most memory it had, in bytes
	stdout []byte
}

func timed(ctx context.Context, command []string) (run, error) {
	cmd := exec.CommandContext(ctx, command[0], command[1:]...) //nolint:gosec // the commands of the tables
	start := time.Now()
	out, err := cmd.Output()
	r := run{took: time.Since(start), stdout: out}
	if err != nil {
		return r, fmt.Errorf("%v: %w\n%s", command, err, out)
	}
	r.rss = peakMemory(cmd.ProcessState)
	return r, nil
}

func median[T time.Duration | float64](all []T) T {
	slices.Sort(all)
	n := len(all)
	if n%2 == 1 {
		return all[n/2]
	}
	return (all[n/2-1] + all[n/2]) / 2
}

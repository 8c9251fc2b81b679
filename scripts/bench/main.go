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
)

// row is one comparison: our command over theirs.
type row struct {
	what   string
	ours   []string
	theirs []string
	reach  float64 // the ratio of docs' performance targets
}

func main() {
	binary := flag.String("binary", "bin/olymp-cache", "the binary to measure")
	runs := flag.Int("runs", 50, "measured runs of each command")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := bench(ctx, *binary, *runs, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		stop()
		os.Exit(1) //nolint:gocritic // stop was called
	}
}

func bench(ctx context.Context, binary string, runs int, w io.Writer) error {
	server, err := startServer(ctx)
	if err != nil {
		return err
	}
	defer server.stop()
	rows := []row{
		{"start: --version", []string{binary, "--version"}, []string{"redis-cli", "--version"}, 1.2},
		{
			"smoke test: test -q ÷ ping",
			[]string{binary, "test", "-q", "--url", server.url()},
			[]string{"redis-cli", "-p", server.port, "ping"},
			3,
		},
	}
	info, err := os.Stat(binary)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(w, "| what | olymp-cache | redis-cli | ratio | reach | |\n|---|---:|---:|---:|---:|---|\n"); err != nil {
		return err
	}
	for _, r := range rows {
		ours, theirs, ratio, err := compare(ctx, r, runs)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "| %s | %.2f ms | %.2f ms | %.2f | ≤ %.2f | %s |\n", r.what, ms(ours), ms(theirs), ratio, r.reach,
			verdict(ratio <= r.reach)); err != nil {
			return err
		}
	}
	size := float64(info.Size()) / 1e6
	_, err = fmt.Fprintf(w, "| binary | %.2f MB | | | ≤ 14 MB | %s |\n\nMedians of %d runs each, in turn, after one warm-up.\n",
		size, verdict(size <= 14), runs)
	return err
}

func verdict(ok bool) string {
	if ok {
		return "reached"
	}
	return "**missed**"
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// compare runs both in turn, so that a machine that slows down slows both, and gives medians and the median of the ratios
// pair by pair.
func compare(ctx context.Context, r row, runs int) (ours, theirs time.Duration, ratio float64, err error) {
	var a, b []time.Duration
	var ratios []float64
	for i := range runs + 1 {
		x, err := timed(ctx, r.ours)
		if err != nil {
			return 0, 0, 0, err
		}
		y, err := timed(ctx, r.theirs)
		if err != nil {
			return 0, 0, 0, err
		}
		if i == 0 {
			continue // the warm-up
		}
		a, b, ratios = append(a, x), append(b, y), append(ratios, float64(x)/float64(y))
	}
	return median(a), median(b), median(ratios), nil
}

func timed(ctx context.Context, command []string) (time.Duration, error) {
	cmd := exec.CommandContext(ctx, command[0], command[1:]...) //nolint:gosec // the commands of the table above
	start := time.Now()
	out, err := cmd.CombinedOutput()
	took := time.Since(start)
	if err != nil {
		return 0, fmt.Errorf("%v: %w\n%s", command, err, out)
	}
	return took, nil
}

func median[T time.Duration | float64](all []T) T {
	slices.Sort(all)
	n := len(all)
	if n%2 == 1 {
		return all[n/2]
	}
	return (all[n/2-1] + all[n/2]) / 2
}

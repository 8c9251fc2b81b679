package traffic_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/olympiades-ia/olymp-cache/internal/monitor/traffic"
)

func TestTopIsExactWithRoomForAll(t *testing.T) {
	t.Parallel()
	top := traffic.NewTop(3)
	for _, text := range []string{"b", "a", "c", "a", "b", "a"} {
		top.Add([]byte(text))
	}
	want := []traffic.Count{{Text: "a", Count: 3}, {Text: "b", Count: 2}}
	if diff := cmp.Diff(want, top.First(2)); diff != "" || len(top.First(9)) != 3 {
		t.Error(diff)
	}
	top.Add([]byte("d"))
	last := top.First(9)[2]
	if last.Text != "d" || last.Count != 2 || last.Error != 1 || top.Len() != 3 || top.Missed() != 2 {
		t.Errorf("a newcomer has %+v, missed %d", last, top.Missed())
	}
}

// TestTopKeepsItsPromises: on a skewed stream of far more texts than places, no count is too low or too high by more than it
// says, and nobody who must be among the first is missing.
func TestTopKeepsItsPromises(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a test wants the same numbers every time
	zipf := rand.NewZipf(random, 1.2, 1, 50_000)
	top, truth := traffic.NewTop(500), map[string]uint64{}
	for range 200_000 {
		text := fmt.Sprint("key:", zipf.Uint64())
		truth[text]++
		top.Add([]byte(text))
	}
	if len(truth) < 5000 {
		t.Fatalf("only %d different texts", len(truth))
	}
	seen, total := map[string]bool{}, uint64(0)
	for _, c := range top.First(500) {
		seen[c.Text] = true
		total += c.Count
		if c.Count < truth[c.Text] || c.Count-c.Error > truth[c.Text] {
			t.Errorf("%s: %d less up to %d, in truth %d", c.Text, c.Count, c.Error, truth[c.Text])
		}
	}
	if total != 200_000 {
		t.Errorf("the counts are %d together", total)
	}
	for text, n := range truth {
		if n > top.Missed() && !seen[text] {
			t.Errorf("%s occurred %d times and is not among them; at most %d may be missed", text, n, top.Missed())
		}
	}
	if first := top.First(10); first[0].Text != "key:0" || first[0].Error != 0 {
		t.Errorf("the first are %v", first)
	}
}

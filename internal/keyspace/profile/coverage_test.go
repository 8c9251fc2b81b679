package profile

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// population draws keyspaces with known truths; a page is pageKeys neighbours of a random place, as SCAN has them.
type population struct {
	name string
	size func(rng *rand.Rand, i int) (family string, bytes int64)
}

const (
	populationKeys = 50_000
	pageKeys       = 10
)

func populations() []population {
	return []population{
		{"uniform", func(rng *rand.Rand, _ int) (string, int64) { return "page", 200 + rng.Int64N(100) }},
		{"two families", func(rng *rand.Rand, i int) (string, int64) {
			if i%3 == 0 {
				return "session", 120
			}
			return "page", 4_000 + rng.Int64N(4_000)
		}},
		{"1 % of the keys hold 90 % of the bytes", func(rng *rand.Rand, i int) (string, int64) {
			if i%100 == 0 {
				return "blob", 80_000 + rng.Int64N(20_000)
			}
			return "page", 100
		}},
		{"log-normal", func(rng *rand.Rand, _ int) (string, int64) {
			return "page", int64(100 + math.Exp(4+2*rng.NormFloat64()))
		}},
		{"one key in 2000 is huge", func(_ *rand.Rand, i int) (string, int64) {
			if i%2000 == 7 {
				return "dump", 5_000_000
			}
			return "page", 150
		}},
		{"one key in 20000 is huge", func(_ *rand.Rand, i int) (string, int64) {
			if i%20000 == 7 {
				return "dump", 50_000_000
			}
			return "page", 150
		}},
	}
}

// TestIntervalsHold draws many samples of keyspaces that are even and badly skewed: the stated interval must hold the truth in
// 93 of 100, for the sum and for each family that the sample met.
func TestIntervalsHold(t *testing.T) {
	const runs = 100
	for _, p := range populations() {
		t.Run(p.name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same keys each time
			keys := make([]Record, populationKeys)
			truth := map[string]Tally{}
			total := Tally{}
			for i := range keys {
				family, bytes := p.size(rng, i)
				r := Record{Name: fmt.Appendf(nil, "%s:%d", family, i), Type: "string", Bytes: bytes, TTL: NoExpiry}
				if i%4 == 0 {
					r.TTL = 1000
				}
				sum := truth[family+":*"]
				sum.count(r)
				truth[family+":*"] = sum
				total.count(r)
				keys[i] = r
			}
			rng.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
			held, asked := map[string]int{}, map[string]int{}
			check := func(what string, e Estimate, true_ int64) {
				asked[what]++
				if e.Low <= float64(true_) && float64(true_) <= e.High {
					held[what]++
				}
			}
			for range runs {
				s := NewSample(Options{Top: 3})
				h := s.Stratum(int64(len(keys)), 0)
				for range 1000 {
					at := rng.IntN(len(keys) - pageKeys)
					s.Page(h, pageKeys, keys[at:at+pageKeys])
				}
				got := s.Profile(float64(total.Bytes) * 1.05)
				check("total bytes", got.Total.Bytes, total.Bytes)
				check("total without TTL", got.Total.NoTTL, total.NoTTL)
				for _, row := range got.Families {
					check(row.Name+" keys", row.Keys, truth[row.Name].Keys)
					check(row.Name+" bytes", row.Bytes, truth[row.Name].Bytes)
					check(row.Name+" without TTL", row.NoTTL, truth[row.Name].NoTTL)
				}
			}
			for what, n := range asked {
				if share := float64(held[what]) / float64(n); share < 0.93 {
					t.Errorf("%s: the interval holds in %.1f %% of %d samples", what, 100*share, n)
				} else {
					t.Logf("%s: %.1f %%", what, 100*share)
				}
			}
		})
	}
}

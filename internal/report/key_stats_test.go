package report_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/keyspace/profile"
	"github.com/olympiades-ia/olymp-cache/internal/report"
	"github.com/olympiades-ia/olymp-cache/internal/term"
)

// statsRecords are keys of several families, one with a name that no terminal should be given.
func statsRecords() []profile.Record {
	var all []profile.Record
	for i := range 400 {
		all = append(all, profile.Record{
			Name: fmt.Appendf(nil, "page:%d:fr", i), Type: "string", Bytes: int64(500 + i%300), TTL: int64(i%10) * 60_000,
		})
	}
	for i := range 90 {
		all = append(all, profile.Record{Name: fmt.Appendf(nil, "session:%016x", i*7919), Type: "hash", Bytes: 120, TTL: profile.NoExpiry})
	}
	return append(
		all,
		profile.Record{Name: []byte("vitrine_cache"), Type: "string", Bytes: 3 << 20, TTL: 240_000},
		profile.Record{Name: []byte("evil\x1b[2J:\u202e"), Type: "list", Bytes: 90, TTL: profile.NoExpiry},
		profile.Record{Name: []byte("secret:of:others"), Type: "", Bytes: profile.Unknown, TTL: profile.Unknown},
	)
}

func keyStats(method string, p *profile.Profile) *report.KeyStats {
	return &report.KeyStats{
		Version: "1.0", Target: report.Target{URL: "redis://localhost:6379/0", Source: "env", Display: "localhost:6379/0"},
		Method: method, KeysTotal: 493, Profile: p, CommandsSent: 1500, Duration: 12300 * time.Microsecond,
	}
}

// statsSamples are a full reading, a sample of a large keyspace, a part, and nothing at all.
func statsSamples() map[string]*report.KeyStats {
	b := profile.NewBuilder(profile.Options{Top: 3})
	for _, r := range statsRecords() {
		b.Add(r)
	}
	exact := keyStats(report.MethodExact, b.Profile())
	exact.ValueSizes = []profile.ValueSizes{
		{Type: "hash", Elements: true, Bins: []profile.Bin{{From: 1, To: 2, Keys: 80}, {From: 8, To: 16, Keys: 10}}},
		{Type: "string", Bins: []profile.Bin{{From: 512, To: 1 << 10, Keys: 400}, {From: 2 << 20, To: 4 << 20, Keys: 1}}},
	}
	s := profile.NewSample(profile.Options{Top: 3})
	h := s.Stratum(1_000_000_000, 3_000_000)
	for i, r := range statsRecords() {
		s.Page(h, 1, []profile.Record{r})
		if i%40 == 0 {
			s.Page(h, 0, nil)
		}
	}
	sample := keyStats(report.MethodSample, s.Profile(9e12))
	sample.KeysTotal, sample.Hidden, sample.Estimated = 1_000_000_000, 3, true
	part := keyStats(report.MethodExact, profile.NewBuilder(profile.Options{}).Profile())
	part.Partial, part.Pattern, part.Type = "budget", "page:*\x1b", "string"
	part.Refused = []report.RefusedAsk{{Command: "MEMORY USAGE", Reply: "NOPERM \x1b[31mno"}}
	return map[string]*report.KeyStats{"exact": exact, "sample": sample, "part": part}
}

func TestKeyStats(t *testing.T) {
	t.Parallel()
	for name, k := range statsSamples() {
		for _, cat := range languages() {
			var whole strings.Builder
			for title, screen := range map[string]term.Screen{"pipe": {}} {
				var b bytes.Buffer
				textOn(cat, screen, &b, false).KeyStats(k)
				whole.WriteString("## " + title + "\n" + b.String())
			}
			for _, screen := range []term.Screen{{TTY: true, Width: 80}, {TTY: true, Width: 60, ASCII: true}, {TTY: true, Width: 200}} {
				var b bytes.Buffer
				textOn(cat, screen, &b, false).KeyStats(k)
				fmt.Fprintf(&whole, "## %d columns\n%s", screen.Width, b.String())
				for line := range strings.Lines(b.String()) {
					if n := term.Columns(strings.TrimRight(line, "\n")); n > screen.Width {
						t.Errorf("%s, %s: %d cells on a screen of %d: %q", name, cat.Lang(), n, screen.Width, line)
					}
				}
			}
			if strings.ContainsAny(whole.String(), "\x1b\u202e") {
				t.Errorf("%s: a name reaches the terminal as it is", name)
			}
			golden(t, "key_stats_"+name+"_"+string(cat.Lang()), whole.String())
		}
		var csv, json bytes.Buffer
		if err := report.KeyStatsCSV(&csv, k); err != nil {
			t.Fatal(err)
		}
		if err := report.KeyStatsJSON(&json, k); err != nil {
			t.Fatal(err)
		}
		golden(t, "key_stats_"+name+"_csv", csv.String())
		golden(t, "key_stats_"+name+"_json", json.String())
	}
}

package report_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/report"
)

func exposed(t *testing.T, all []finding.Metric) string {
	t.Helper()
	var b strings.Builder
	if err := report.Prometheus(&b, all); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestPrometheusHostile: whatever a server calls its commands and errors, the official parser reads it, and gives it back.
func TestPrometheusHostile(t *testing.T) {
	t.Parallel()
	names := map[string]string{ // and how they are shown
		"get":                  "get",
		`quote"s`:              `quote"s`,
		`back\slash`:           `back\slash`,
		"new\nline} 1\nevil 2": `new\nline} 1\nevil 2`,
		"esc\x1b[31m":          `esc\x1b[31m`,
		"not\xffutf8":          `not\xffutf8`,
		"not\xfeutf8":          `not\xfeutf8`,
		"\u202eright":          `\u202eright`,
		"clé ✓ 鍵":              "clé ✓ 鍵",
		"{a=\"b\",c='d'}":      "{a=\"b\",c='d'}",
		" # HELP x":            " # HELP x",
		"":                     "",
	}
	m := finding.Metric{Name: "redis_commands_total", Counter: true, Help: "Calls of a command"}
	for name := range names {
		m.Samples = append(m.Samples, finding.Sample{Labels: [][2]string{{"node", "h:1"}, {"cmd", name}}, Value: float64(len(name))})
	}
	text := exposed(t, []finding.Metric{m})
	if lines := strings.Count(text, "\n"); lines != len(names)+2 {
		t.Errorf("%d lines for %d names:\n%s", lines, len(names), text)
	}
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	var got, want []string
	for _, one := range families["redis_commands_total"].GetMetric() {
		got = append(got, one.GetLabel()[1].GetValue())
	}
	for _, shown := range names {
		want = append(want, shown)
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" || len(families) != 1 {
		t.Errorf("%d families, labels (-want +got):\n%s", len(families), diff)
	}
}

// TestPrometheusOnce: two of a name that look alike once they are escaped are one series, as readers refuse a second.
func TestPrometheusOnce(t *testing.T) {
	t.Parallel()
	got := exposed(t, []finding.Metric{
		{Name: "empty", Help: "Nothing"},
		{Name: "a_total", Counter: true, Help: "Something", Samples: []finding.Sample{
			{Labels: [][2]string{{"cmd", "x\n"}}, Value: 1}, {Labels: [][2]string{{"cmd", `x\n`}}, Value: 2}, {Value: math.Inf(1)},
		}},
	})
	want := "# HELP a_total Something\n# TYPE a_total counter\na_total{cmd=\"x\\\\n\"} 1\na_total +Inf\n"
	if got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestAlertMetrics: base units, no state where there is none, and names that Prometheus's own linter likes.
func TestAlertMetrics(t *testing.T) {
	t.Parallel()
	text := exposed(t, report.AlertMetrics([]report.Alert{
		{ID: "memory-high", Value: sized("share", 0.97, "ratio"), Threshold: sized("threshold", 0.8, "ratio"), State: finding.Critical},
		{ID: "clients-high", Value: sized("clients", int64(1200), ""), Threshold: sized("threshold", 1000, ""), State: finding.Warning},
		{ID: "cache-hit-rate-low", Threshold: sized("threshold", 0.7, "ratio"), State: finding.Unknown, Reason: "too-little-data"},
		{ID: "latency-high", Value: sized("p99_ms", 1.5, "ms"), Threshold: sized("threshold_ms", 100.0, "ms"), State: finding.Info},
	}))
	for _, line := range []string{
		`olymp_cache_alert{alert="memory-high"} 2`, `olymp_cache_alert{alert="clients-high"} 1`, `olymp_cache_alert{alert="latency-high"} 0`,
		`olymp_cache_alert_value{alert="clients-high"} 1200`, `olymp_cache_alert_value{alert="latency-high"} 0.0015`,
		`olymp_cache_alert_threshold{alert="cache-hit-rate-low"} 0.7`, `olymp_cache_alert_threshold{alert="latency-high"} 0.1`,
	} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("no line %s in\n%s", line, text)
		}
	}
	if strings.Contains(text, `olymp_cache_alert{alert="cache-hit-rate-low"}`) ||
		strings.Contains(text, `alert_value{alert="cache-hit-rate-low"}`) {
		t.Errorf("an alert that was not judged has a state or value:\n%s", text)
	}
	problems, err := promlint.New(strings.NewReader(text)).Lint()
	if err != nil || len(problems) != 0 {
		t.Errorf("%v: %v", err, problems)
	}
}

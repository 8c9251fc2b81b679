package report

import (
	"io"
	"strconv"
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/term"
)

// Prometheus writes metrics in the text format 0.0.4 (prometheus.io, «Exposition formats»). A family without samples is left
// out, and so is a series that is there already: readers refuse the whole file for one.
func Prometheus(w io.Writer, all []finding.Metric) error {
	var b strings.Builder
	written := map[string]bool{}
	for _, m := range all {
		if len(m.Samples) == 0 {
			continue
		}
		kind := "gauge"
		if m.Counter {
			kind = "counter"
		}
		b.WriteString("# HELP " + m.Name + " " + m.Help + "\n# TYPE " + m.Name + " " + kind + "\n")
		for _, s := range m.Samples {
			if name := series(m.Name, s.Labels); !written[name] {
				written[name] = true
				b.WriteString(name + " " + strconv.FormatFloat(s.Value, 'g', -1, 64) + "\n")
			}
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// series is a name with its labels. Their values come from servers: what is not printable is shown escaped.
func series(name string, labels [][2]string) string {
	if len(labels) == 0 {
		return name
	}
	pairs := make([]string, len(labels))
	for i, l := range labels {
		pairs[i] = l[0] + `="` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(term.Escape(l[1])) + `"`
	}
	return name + "{" + strings.Join(pairs, ",") + "}"
}

// AlertMetrics are the alerts as numbers: the value, the threshold, and whether it goes off.
func AlertMetrics(all []Alert) []finding.Metric {
	state := finding.Metric{
		Name: "olymp_cache_alert", Help: "Whether an alert goes off: 0 no, 1 warning, 2 critical; left out where it could not be judged",
	}
	value := finding.Metric{Name: "olymp_cache_alert_value", Help: "What an alert watches, in base units"}
	limit := finding.Metric{Name: "olymp_cache_alert_threshold", Help: "From where on an alert goes off, in base units"}
	for _, a := range all {
		label := [][2]string{{"alert", a.ID}}
		switch a.State {
		case finding.Info, finding.Warning, finding.Critical:
			state.Samples = append(state.Samples, finding.Sample{Labels: label, Value: float64(a.State - finding.Info)})
		case finding.Unknown:
		}
		if v, ok := baseUnit(a.Value); ok {
			value.Samples = append(value.Samples, finding.Sample{Labels: label, Value: v})
		}
		if v, ok := baseUnit(a.Threshold); ok {
			limit.Samples = append(limit.Samples, finding.Sample{Labels: label, Value: v})
		}
	}
	return []finding.Metric{state, value, limit}
}

// baseUnit is a number in Prometheus's base units: seconds and not milliseconds.
func baseUnit(e finding.Evidence) (float64, bool) {
	var v float64
	switch n := e.Value.(type) {
	case float64:
		v = n
	case int64:
		v = float64(n)
	case int:
		v = float64(n)
	default:
		return 0, false
	}
	if e.Unit == "ms" {
		v /= 1000
	}
	return v, true
}

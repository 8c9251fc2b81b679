package report

import (
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/term"
)

// Nagios writes the one line of a monitoring plugin: the state, the worst finding, and behind a bar the numbers
// (monitoring-plugins.org, «Plugin Output for Nagios»).
func Nagios(w io.Writer, words Words, d *Diagnosis) error {
	// The bar starts the numbers, a line end starts another field: neither may come from outside.
	clean := func(s string) string {
		return strings.Join(strings.Fields(strings.ReplaceAll(term.Escape(s), "|", "¦")), " ")
	}
	words.Data = clean
	text := words.verdict(d)
	if f := d.worst(); f != nil && d.Status != diagnosisOK {
		text = words.Title(*f) + " [" + f.ID + "]"
		if n := len(d.Findings) - 1; n > 0 && d.broken() {
			text += " " + words.C.N("doctor.and-others", n, "n", words.C.Int(int64(n)))
		}
	}
	var numbers []string
	for _, p := range d.Perf {
		numbers = append(numbers, p.String())
	}
	// Of the catalogue's own letters only the blanks that do not break are too much for a log.
	line := "REDIS " + nagiosState(d) + " - " + strings.NewReplacer("\u00a0", " ", "\u202f", " ", "|", "¦").Replace(text)
	if len(numbers) > 0 {
		line += " | " + strings.Join(numbers, " ")
	}
	_, err := io.WriteString(w, line+"\n")
	return err
}

// nagiosState is the plugin's own word.
func nagiosState(d *Diagnosis) string {
	switch {
	case d.Status == diagnosisInterrupted, d.Misconfigured:
		return "UNKNOWN" // nothing was contacted
	case d.broken():
		return "CRITICAL"
	case d.Status == diagnosisWarning:
		return "WARNING"
	}
	return "OK"
}

// perfScale cuts the noise of floating point behind the fourth decimal: 0.8 of a limit is no 2516582.4000000004.
const perfScale = 1e4

// String is 'label'=value[unit];[warn];[crit];[min];[max], without the empty end.
func (p Perf) String() string {
	number := func(f *float64) string {
		if f == nil {
			return ""
		}
		return strconv.FormatFloat(math.Round(*f*perfScale)/perfScale, 'f', -1, 64)
	}
	warn := number(p.Warn)
	if p.Below {
		warn += ":"
	}
	s := p.Name + "=" + number(&p.Value) + p.Unit + ";" + warn + ";" + number(p.Crit) + ";" + number(p.Min) + ";" + number(p.Max)
	return strings.TrimRight(s, ";")
}

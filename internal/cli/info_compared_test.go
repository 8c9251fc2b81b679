package cli_test

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
)

// compared holds a document against what the server said, and remembers which numbers were looked at.
type compared struct {
	t             *testing.T
	before, after rawInfo
	doc           infoDoc
	seen          map[string]bool
}

// value finds section.name, or section.table.row.name.
func (w *compared) value(path string) any {
	w.seen[path] = true
	part := strings.Split(path, ".")
	if len(part) == 2 {
		return w.doc.Sections[part[0]][part[1]]
	}
	for _, by := range []string{"event", "db", "error", "command"} {
		if row, ok := w.doc.rows(part[0], part[1], by)[part[2]]; ok {
			return row[part[3]]
		}
	}
	return nil
}

func (w *compared) get(path string) float64 {
	w.t.Helper()
	n, ok := w.value(path).(float64)
	if !ok {
		w.t.Errorf("%s is %v, no number", path, w.value(path))
	}
	return n
}

func (w *compared) word(path, want string) {
	w.t.Helper()
	if got := fmt.Sprint(w.value(path)); got != want {
		w.t.Errorf("%s is %q, want %q", path, got, want)
	}
}

func (w *compared) same(path string, want float64) { w.t.Helper(); w.near(path, want, 0) }

// near allows a share of the value.
func (w *compared) near(path string, want, share float64) {
	w.t.Helper()
	if got := w.get(path); math.Abs(got-want) > share*math.Abs(want) {
		w.t.Errorf("%s is %v, want %v", path, got, want)
	}
}

func (w *compared) within(path string, least, most float64) {
	w.t.Helper()
	if got := w.get(path); got < least || got > most {
		w.t.Errorf("%s is %v, want %v to %v", path, got, least, most)
	}
}

// between is a field that only our own questions moved, or time; slack is for what the server rounds.
func (w *compared) between(path, field string, slack float64) {
	w.t.Helper()
	w.within(path, w.before.number(w.t, field)-slack, w.after.number(w.t, field)+slack)
}

// table compares rows; further cells are compared elsewhere.
func (w *compared) table(section, table, by string, want map[string]map[string]float64, elsewhere ...string) {
	w.t.Helper()
	rows := w.doc.rows(section, table, by)
	if len(rows) != len(want) {
		w.t.Errorf("%s.%s has the rows %v, want %v", section, table, slices.Sorted(maps.Keys(rows)), slices.Sorted(maps.Keys(want)))
	}
	for key, cells := range want {
		if got := len(rows[key]); got != len(cells)+1+len(elsewhere) {
			w.t.Errorf("%s.%s.%s has %d cells: %v", section, table, key, got, rows[key])
		}
		for name, value := range cells {
			w.near(strings.Join([]string{section, table, key, name}, "."), value, 1e-9)
		}
	}
	w.seen[section+"."+table] = true
}

// commands compares commandstats: those of others are the same before and after, ours lie between.
func (w *compared) commands() {
	w.t.Helper()
	rows := w.doc.rows("commands", "commands", "command")
	var shares float64
	for name, row := range rows {
		field := "cmdstat_" + name
		path := "commands.commands." + name + "."
		calls, _ := row["calls"].(float64)
		first := 0.0
		if w.before[field] != "" {
			first = w.before.part(w.t, field, "calls")
		}
		w.within(path+"calls", first, w.after.part(w.t, field, "calls"))
		w.same(path+"failed", w.after.part(w.t, field, "failed_calls")+w.after.part(w.t, field, "rejected_calls"))
		if w.before[field] == w.after[field] && calls > 0 {
			w.near(path+"mean_ms", w.before.part(w.t, field, "usec")/calls/1000, 1e-9)
		}
		share, _ := row["time_share"].(float64)
		shares += share
	}
	if math.Abs(shares-1) > 1e-6 {
		w.t.Errorf("the commands' shares of the time sum up to %v", shares)
	}
	for field := range w.before {
		if name, ok := strings.CutPrefix(field, "cmdstat_"); ok && rows[name] == nil {
			w.t.Errorf("%s is missing from the commands", name)
		}
	}
	w.seen["commands.commands"] = true
}

// allSeen wants every number of the document to have been compared.
func (w *compared) allSeen() {
	w.t.Helper()
	for section, values := range w.doc.Sections {
		for name := range values {
			if !w.seen[section+"."+name] {
				w.t.Errorf("%s.%s = %v was compared with nothing", section, name, values[name])
			}
		}
	}
	for _, name := range []string{
		"server", "memory", "clients", "stats", "latency", "persistence", "replication", "keyspace", "errors", "commands",
	} {
		if w.doc.Sections[name] == nil {
			w.t.Errorf("there is no section %s", name)
		}
	}
}

package vitals

import (
	"cmp"
	"maps"
	"slices"

	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/sorting"
)

func (v view) errors() Section {
	return v.fromInfo(Errors, func(s *Section, all []*snapshot.Info) {
		counts := map[string]int64{}
		var total int64
		if !slices.ContainsFunc(all, countsErrors) {
			return
		}
		for _, i := range all {
			for name, n := range i.Errors {
				counts[string(name)] += n
				total += n
			}
		}
		s.add("total", total, finding.Count)
		t := Table{Name: "errors"}
		for _, name := range byCount(counts) {
			t.Rows = append(t.Rows, row(cell("error", name, ""), cell("count", counts[name], finding.Count)))
		}
		if len(t.Rows) > 0 {
			s.Tables = []Table{t}
		}
	})
}

// countsErrors tells a server that counts error replies, as Redis does since 6.2, from one that says nothing of them.
func countsErrors(i *snapshot.Info) bool { return len(i.Errors) > 0 || i.Stats.ErrorReplies.Known() }

// byCount orders names by their counts, the highest first, then by name.
func byCount(counts map[string]int64) []string {
	names := slices.Collect(maps.Keys(counts))
	sorting.By(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	return names
}

func (v view) commands() Section {
	return v.fromInfo(Commands, func(s *Section, all []*snapshot.Info) {
		calls, usec, failed := map[string]int64{}, map[string]int64{}, map[string]int64{}
		var busy int64
		for _, i := range all {
			for name, c := range i.Commands {
				calls[string(name)] += c.Calls.Or(0)
				usec[string(name)] += c.Usec.Or(0)
				failed[string(name)] += c.Failed.Or(0) + c.Rejected.Or(0)
				busy += c.Usec.Or(0)
			}
		}
		t := Table{Name: "commands"}
		for _, name := range byCount(calls) {
			mean := any(nil)
			if calls[name] > 0 {
				mean = float64(usec[name]) / float64(calls[name]) / 1000
			}
			t.Rows = append(t.Rows, row(cell("command", name, ""), cell("calls", calls[name], finding.Count), cell("mean_ms", mean, "ms"),
				cell("time_share", share(usec[name], busy), "ratio"), cell("failed", failed[name], finding.Count)))
		}
		if len(t.Rows) > 0 {
			s.Tables = []Table{t}
		}
	})
}

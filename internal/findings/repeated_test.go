package findings_test

import (
	"slices"
	"testing"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/findings"
	"github.com/olympiades-ia/olymp-cache/internal/probe/trace"
)

// TestRepeated: what only repeats another finding is left out, and shown where that one was not asked for.
func TestRepeated(t *testing.T) {
	t.Parallel()
	full := changed(lines("maxmemory_policy:noeviction"), failed(trace.Write, "server-oom", oom))(t)
	v := findings.Judge(full)
	for _, tc := range []struct {
		name             string
		only, drop, want []string
	}{
		{"all", nil, nil, []string{"server-oom"}},
		{"memory only", []string{"memory"}, nil, []string{"memory-noeviction"}},
		{"that one only", []string{"memory-noeviction"}, nil, []string{"memory-noeviction"}},
		{"without the cause", nil, []string{"server"}, []string{"memory-noeviction"}},
		{"both", []string{"server", "memory"}, nil, []string{"server-oom"}},
	} {
		got := v.Filter(tc.only, tc.drop)
		var ids []string
		for _, f := range got.Findings {
			if f.Severity > finding.Info {
				ids = append(ids, f.ID)
			}
			if f.ID == "memory-noeviction" && (len(f.Fixes) == 0 || f.Value("url") == nil) {
				t.Errorf("%s: %s has no fix", tc.name, f.ID)
			}
		}
		if !slices.Equal(ids, tc.want) {
			t.Errorf("%s: %q, want %q", tc.name, ids, tc.want)
		}
	}
	if got := v.Filter([]string{"memory"}, nil); got.Status != findings.StatusWarning {
		t.Errorf("status %s", got.Status)
	}
}

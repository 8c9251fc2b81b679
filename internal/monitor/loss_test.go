package monitor

import (
	"testing"

	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
)

// TestRestartIsSeen: that a server is another process says why it hung up, without a further question.
func TestRestartIsSeen(t *testing.T) {
	t.Parallel()
	r := &run{result: &Result{Lost: &Loss{Addr: "10.0.0.2:1"}}}
	window := snapshot.Window{Nodes: []snapshot.NodeWindow{{Addr: "10.0.0.1:1"}, {Addr: "10.0.0.2:1", Change: snapshot.Restarted}}}
	if err := r.explainLoss(t.Context(), window, snapshot.Sample{}); err != nil || r.result.Lost.Cause != "restarted" {
		t.Errorf("%v %+v", err, r.result.Lost)
	}
}

package diagnosis

import (
	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/evidence"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/probe/trace"
)

// Misconfigured is the evidence where the configuration alone is trouble enough: nothing was contacted.
func Misconfigured(bad *config.Error, opts Options) *evidence.Evidence {
	e := &evidence.Evidence{
		Schema: evidence.Schema, Version: opts.Version, Taken: opts.Now(), ReadOnly: opts.ReadOnly, Offline: opts.Offline,
		Target: evidence.TargetOf(bad.Target), Config: bad.Findings, Settings: evidence.Settings{Enabled: true},
	}
	first := bad.Findings[0]
	e.Trace = trace.Trace{
		Steps:   []finding.Step{{Name: trace.Config, Status: finding.Fail, Problem: &first}},
		Failure: &trace.Failure{Rung: trace.Config, Finding: first},
	}
	return e
}

// Package report shows what was found: text for people, JSON, JUnit, GitHub and Markdown for machines, all from the same
// values. It decides nothing.
package report

import (
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
)

// Target is what was tested, as the JSON contract has it. Nothing in it is secret.
type Target struct {
	URL           string `json:"url"`
	Source        string `json:"source"`
	Host          string `json:"host"`
	Port          int    `json:"port"`
	DB            int    `json:"db"`
	TLS           bool   `json:"tls"`
	Provider      string `json:"provider"`
	Mode          string `json:"mode"`
	Server        string `json:"server"`
	ServerVersion string `json:"server_version"`
	// Display is how a person names the target, localhost:6379/0.
	Display string `json:"-"`
}

// State is the verdict of a check.
type State string

// The verdicts.
const (
	StateOK          State = "ok"
	StateFailed      State = "failed"
	StateUnreachable State = "unreachable"
	StateDisabled    State = "disabled"    // REDIS_ENABLED=false: nothing was tested
	StateInterrupted State = "interrupted" // Ctrl-C or SIGTERM
)

// Check is the result of a command that goes through steps and gives a verdict.
type Check struct {
	Command      string // "test"
	Version      string
	Target       Target
	Enabled      bool // REDIS_ENABLED
	State        State
	Steps        []finding.Step
	Findings     []finding.Finding // the root cause first
	Latency      []finding.Latency
	CommandsSent int
	Started      time.Time
	Duration     time.Duration
}

// RootCause is the id of the first finding of a check that did not pass, or "".
func (c *Check) RootCause() string {
	if (c.State == StateFailed || c.State == StateUnreachable) && len(c.Findings) > 0 {
		return c.Findings[0].ID
	}
	return ""
}

// failed is the verdict on a check that did not pass.
func (w Words) failed(c *Check) string {
	target := w.Data(c.Target.Display)
	if c.State == StateFailed {
		return w.C.T(c.Command+"."+string(c.State), "target", target)
	}
	var cause *finding.Finding
	if len(c.Findings) > 0 {
		cause = &c.Findings[0]
	}
	return w.Unreached(cause, target)
}

// warning is the first finding to worry about of a check that passed; nil where all is well.
func (c *Check) warning() *finding.Finding {
	for i := range c.Findings {
		if c.Findings[i].Severity >= finding.Warning {
			return &c.Findings[i]
		}
	}
	return nil
}

// passed is the message of a check that passed, in a line.
func (c *Check) passed() string {
	if c.warning() != nil {
		return c.Command + ".warned"
	}
	return c.Command + ".passed.short"
}

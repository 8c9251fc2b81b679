package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/term"
)

// The subset of JUnit's XML that CI systems read (github.com/testmoapp/junitxml describes it).
type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Skipped  int          `xml:"skipped,attr"`
	Time     string       `xml:"time,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name       string          `xml:"name,attr"`
	Tests      int             `xml:"tests,attr"`
	Failures   int             `xml:"failures,attr"`
	Skipped    int             `xml:"skipped,attr"`
	Time       string          `xml:"time,attr"`
	Timestamp  string          `xml:"timestamp,attr"`
	Properties []junitProperty `xml:"properties>property"`
	Cases      []junitCase     `xml:"testcase"`
}

type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type junitCase struct {
	Name      string        `xml:"name,attr"`
	Class     string        `xml:"classname,attr"`
	Time      string        `xml:"time,attr"`
	Failure   *junitFailure `xml:"failure"`
	Skipped   *junitSkipped `xml:"skipped"`
	SystemOut string        `xml:"system-out,omitempty"`
}

type junitFailure struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",chardata"`
}

type junitSkipped struct {
	Message string `xml:"message,attr"`
}

// JUnit writes the check as one test suite with a case a step.
func JUnit(w io.Writer, words Words, c *Check) error {
	words.Data = term.Escape // XML 1.0 cannot hold control characters at all
	suite := junitSuite{
		Name: "olymp-cache " + c.Command, Time: seconds(c.Duration), Timestamp: c.Started.UTC().Format("2006-01-02T15:04:05"),
		Properties: []junitProperty{
			{"target", words.Data(c.Target.URL)},
			{"source", words.Data(c.Target.Source)},
			{"status", string(c.State)},
			{"version", c.Version},
		},
	}
	for _, s := range c.Steps {
		k := junitCase{Name: s.Name, Class: "olymp-cache." + c.Command, Time: seconds(s.Duration)}
		switch s.Status {
		case finding.Fail:
			suite.Failures++
			k.Failure = &junitFailure{Type: "failure"}
			if s.Problem != nil {
				k.Failure = &junitFailure{Message: words.Title(*s.Problem), Type: s.Problem.ID, Text: words.paragraph(c.full(*s.Problem))}
			}
		case finding.Warn:
			if s.Problem != nil {
				k.SystemOut = words.Title(*s.Problem)
			}
		case finding.OK:
		default:
			suite.Skipped++
			k.Skipped = &junitSkipped{Message: s.Reason}
		}
		suite.Cases = append(suite.Cases, k)
	}
	if c.State == StateDisabled {
		suite.Skipped++
		suite.Cases = append(suite.Cases, junitCase{
			Name: "enabled", Class: "olymp-cache." + c.Command, Time: "0.000", Skipped: &junitSkipped{Message: "config-disabled"},
		})
	}
	suite.Tests = len(suite.Cases)
	return suite.write(w)
}

// write writes the suite as a report of its own.
func (suite *junitSuite) write(w io.Writer) error {
	all := junitSuites{
		Name: suite.Name, Tests: suite.Tests, Failures: suite.Failures, Skipped: suite.Skipped, Time: suite.Time,
		Suites: []junitSuite{*suite},
	}
	out, err := xml.MarshalIndent(all, "", "  ")
	if err != nil {
		return fmt.Errorf("junit: %w", err)
	}
	_, err = io.WriteString(w, xml.Header+string(out)+"\n")
	return err
}

// full is the finding of that id with its fixes, which steps do not carry.
func (c *Check) full(f finding.Finding) finding.Finding {
	for _, g := range c.Findings {
		if g.ID == f.ID {
			return g
		}
	}
	return f
}

// paragraph is a finding as plain lines: cause, the server's words, fixes.
func (w Words) paragraph(f finding.Finding) string {
	lines := []string{w.Cause(f)}
	if reply, ok := f.Value("reply").(string); ok {
		lines = append(lines, w.C.T("finding.reply", "reply", w.Data(reply)))
	}
	for _, x := range f.Fixes {
		lines = append(lines, "- "+w.Fix(f, x))
		for cmd := range strings.Lines(x.Command) {
			lines = append(lines, "    "+w.Data(strings.TrimRight(cmd, "\n")))
		}
	}
	return strings.Join(lines, "\n")
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.6f", d.Seconds()) }

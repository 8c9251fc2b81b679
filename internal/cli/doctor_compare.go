package cli

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/evidence"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/findings"
	"github.com/olympiades-ia/olymp-cache/internal/report"
)

// earlier is what an earlier run found, and where.
type earlier struct {
	url      string // masked; "" where no target could be read
	findings map[string]finding.Severity
}

// maxReport bounds what is read of a report, in bytes.
const maxReport = 64 << 20

// previous are the findings of an earlier run: of a file of --save, judged anew, or of a report of `-o json`. The file is
// read once, as it may be a pipe.
func (a *app) previous(name string) (*earlier, error) {
	if name == "" {
		return nil, nil //nolint:nilnil // nothing to compare with is no failure
	}
	f, err := os.Open(a.path(name))
	if err != nil {
		return nil, a.fileError(name, err)
	}
	defer f.Close() //nolint:errcheck // only read
	raw, err := io.ReadAll(io.LimitReader(f, maxReport))
	if err != nil {
		return nil, a.fileError(name, err)
	}
	var document struct {
		Schema string `json:"schema"`
		Target struct {
			URL string `json:"url"`
		} `json:"target"`
		Findings []struct {
			ID       string           `json:"id"`
			Severity finding.Severity `json:"severity"`
		} `json:"findings"`
	}
	if err := json.Unmarshal(raw, &document); err == nil && document.Schema == report.DoctorSchema {
		seen := map[string]finding.Severity{}
		for _, f := range document.Findings {
			seen[f.ID] = max(seen[f.ID], f.Severity)
		}
		return &earlier{document.Target.URL, seen}, nil
	}
	e, err := evidence.Decode(bytes.NewReader(raw))
	if err != nil {
		return nil, a.fileError(name, err)
	}
	return &earlier{e.Target.URL, severities(findings.Judge(e).Findings)}, nil
}

func severities(all []finding.Finding) map[string]finding.Severity {
	seen := map[string]finding.Severity{}
	for _, f := range all {
		seen[f.ID] = max(seen[f.ID], f.Severity)
	}
	return seen
}

// compare tells what is new, what is gone and what is worse than before on the target at url. What could not be judged this
// time is not gone, and of two servers neither has changed.
func compare(before *earlier, url string, now findings.Verdict, o doctorOptions) *report.Comparison {
	c := &report.Comparison{}
	if before.url != "" && url != "" && place(before.url) != place(url) {
		c.OtherTarget = before.url
		return c
	}
	seen, unjudged := severities(now.Findings), map[string]bool{}
	for _, s := range now.Skipped {
		unjudged[s.ID] = true
	}
	for _, entry := range findings.Catalogue() {
		was, is := before.findings[entry.ID], seen[entry.ID]
		switch {
		case !findings.Wanted(entry.ID, o.only, o.skip):
		case was == finding.Unknown && is != finding.Unknown:
			c.New = append(c.New, entry.ID)
		case was != finding.Unknown && is == finding.Unknown && !unjudged[entry.ID]:
			c.Gone = append(c.Gone, entry.ID)
		case is > was:
			c.Worse = append(c.Worse, entry.ID)
		}
	}
	return c
}

// place is where a masked URL leads, whoever logs in and whether encrypted or not.
func place(url string) string {
	_, rest, _ := strings.Cut(url, "://")
	authority, _, _ := strings.Cut(rest, "/")
	return strings.ToLower(rest[strings.LastIndexByte(authority, '@')+1:])
}

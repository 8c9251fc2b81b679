package cli_test

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/cli"
)

// diagnosed is what a test reads of `doctor -o json`.
type diagnosed struct {
	Schema    string  `json:"schema"`
	Status    string  `json:"status"`
	RootCause *string `json:"root_cause"`
	Target    struct {
		Mode   string `json:"mode"`
		Server string `json:"server"`
	} `json:"target"`
	Steps []struct {
		Name   string `json:"name"`
		Status string `json:"status"`
	} `json:"steps"`
	Findings []struct {
		ID       string         `json:"id"`
		Severity string         `json:"severity"`
		Title    string         `json:"title"`
		Cause    string         `json:"cause"`
		Evidence map[string]any `json:"evidence"`
		Fixes    []struct {
			Title   string `json:"title"`
			Command string `json:"command"`
		} `json:"fixes"`
	} `json:"findings"`
	Skipped []struct {
		ID     string `json:"id"`
		Reason string `json:"reason"`
	} `json:"skipped"`
	CommandsSent int `json:"commands_sent"`

	saved string // the file with its evidence
}

// ids are those of the findings, in order.
func (d diagnosed) ids() []string {
	var all []string
	for _, f := range d.Findings {
		all = append(all, f.ID)
	}
	return all
}

// loud are the ids that are no mere information.
func (d diagnosed) loud() []string {
	var all []string
	for _, f := range d.Findings {
		if f.Severity != "info" {
			all = append(all, f.ID)
		}
	}
	return all
}

func (d diagnosed) root() string {
	if d.RootCause == nil {
		return ""
	}
	return *d.RootCause
}

// commands are what to type for a finding.
func (d diagnosed) commands(id string) []string {
	var all []string
	for _, f := range d.Findings {
		for _, x := range f.Fixes {
			if f.ID == id && x.Command != "" {
				all = append(all, x.Command)
			}
		}
	}
	return all
}

// place is where a run happens.
type place struct {
	env  map[string]string
	dir  string
	args []string // beside those of the run
}

// run runs one command line and gives its streams and exit code.
func (p place) run(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, diag locked
	code = cli.Run(t.Context(), cli.Env{
		Args: append(args, p.args...), Stdin: strings.NewReader(""), Stdout: &out, Stderr: &diag, Now: time.Now, Dir: p.dir,
		LookupEnv: func(name string) (string, bool) {
			if v, ok := p.env[name]; ok {
				return v, true
			}
			if name == "LANG" {
				return "C.UTF-8", true
			}
			return "", false
		},
	})
	return out.String(), diag.String(), code
}

// doctor runs `doctor -o json`, checks what holds for every run of it, and reads it.
func (p place) doctor(t *testing.T, more ...string) (diagnosed, int) {
	t.Helper()
	saved := filepath.Join(t.TempDir(), "evidence.json")
	if !slices.Contains(more, "--save") && !slices.Contains(more, "--load") {
		more = append(more, "--save", saved)
	}
	out, diag, code := p.run(t, append([]string{"doctor", "-o", "json"}, more...)...)
	d := diagnosed{saved: saved}
	if err := json.Unmarshal([]byte(out), &d); err != nil {
		t.Fatalf("doctor -o json: %v; exit code %d, stdout %q, stderr %q", err, code, out, diag)
	}
	if err := matchSchema(filepath.Join("..", "..", "docs", "schema", "doctor.schema.json"), []byte(out)); err != nil {
		t.Errorf("doctor -o json does not follow its schema: %v\n%s", err, out)
	}
	if !slices.Contains(more, "--load") {
		noteRaised(d)
	}
	if strings.Contains(out, "{") && strings.Contains(out, "[[") {
		t.Errorf("a sentence has an unfilled clause: %s", out)
	}
	if d.root() != "" && (len(d.Findings) == 0 || d.Findings[0].ID != d.root()) {
		t.Errorf("the root cause %q is not the first of %q", d.root(), d.ids())
	}
	return d, code
}

// wantTidy renders the text report again, of the same evidence: it fits a terminal of so many lines, and nothing raw reaches it.
func (d diagnosed) wantTidy(t *testing.T, lines int, secrets ...string) {
	t.Helper()
	for _, lang := range []string{"fr", "en"} {
		out, diag, _ := place{}.run(t, "doctor", "--lang", lang, "--load", d.saved)
		wantTidyText(t, out, diag, lines, secrets...)
	}
}

// wantTidy does the same with a run of its own, in which names are not hashed and progress is shown.
func (p place) wantTidy(t *testing.T, lines int, secrets ...string) {
	t.Helper()
	out, diag, _ := p.run(t, "doctor")
	wantTidyText(t, out, diag, lines, secrets...)
}

func wantTidyText(t *testing.T, out, diag string, lines int, secrets ...string) {
	t.Helper()
	if n := strings.Count(out, "\n"); n > lines || n < 3 {
		t.Errorf("the report has %d lines:\n%s%s", n, out, diag)
	}
	for _, text := range []string{out, diag} {
		if i := strings.IndexFunc(text, func(r rune) bool { return r != '\n' && (r < 0x20 || r == 0x7f || (r >= 0x80 && r < 0xa0)) }); i >= 0 {
			t.Errorf("a control character is in the report: %q", text[max(0, i-20):min(len(text), i+20)])
		}
		for _, s := range secrets {
			if strings.Contains(text, s) {
				t.Errorf("the secret %q is in the report:\n%s", s, text)
			}
		}
	}
}

// at is a run on a URL.
func at(url string, more ...string) place {
	return place{env: map[string]string{"REDIS_URL": url}, args: more}
}

// wantRoot diagnoses and wants that root cause, within the contract's ten seconds.
func wantRoot(t *testing.T, p place, root string, code int) diagnosed {
	t.Helper()
	start := time.Now()
	d, got := p.doctor(t)
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("it took %v", took)
	}
	if d.root() != root || got != code {
		t.Errorf("root cause %q (%s), exit code %d, want %q and %d; found %q", d.root(), d.Status, got, root, code, d.ids())
	}
	return d
}

// wantFound diagnoses and wants these findings, at that status.
func wantFound(t *testing.T, p place, status string, ids ...string) diagnosed {
	t.Helper()
	d, _ := p.doctor(t)
	if d.Status != status {
		t.Errorf("status %q, want %q; found %q", d.Status, status, d.ids())
	}
	for _, id := range ids {
		if !slices.Contains(d.ids(), id) {
			t.Errorf("%s was not found; found %q", id, d.ids())
		}
	}
	return d
}

package architecture

import "testing"

func ours(path string) string { return module + "/" + path }

// TestViolationsRefuses shows every rule refusing a made-up bad import: a guard never seen failing guards nothing.
func TestViolationsRefuses(t *testing.T) {
	t.Parallel()
	for name, bad := range map[string]struct {
		pkg, imported string
	}{
		"a gatherer imports the commands":         {"internal/probe", ours("internal/cli")},
		"the report imports the commands":         {"internal/report", ours("internal/cli")},
		"main imports more than the commands":     {"cmd/olymp-cache", ours("internal/config")},
		"main imports more than os":               {"cmd/olymp-cache", "fmt"},
		"main imports a library":                  {"cmd/olymp-cache", "github.com/spf13/cobra"},
		"the report imports the driver":           {"internal/report", "github.com/redis/go-redis/v9"},
		"the report imports a part of the driver": {"internal/report", "github.com/redis/go-redis/v9/maintnotifications"},
		"the report imports a gatherer":           {"internal/report", ours("internal/smoke")},
		"the report imports the settings":         {"internal/report", ours("internal/config")},
		"the report dials":                        {"internal/report", "net/http"},
		"the rules import the driver":             {"internal/findings", "github.com/redis/go-redis/v9"},
		"the rules import a gatherer":             {"internal/findings", ours("internal/facts")},
		"the rules import below a gatherer":       {"internal/findings", ours("internal/facts/info")},
		"the rules read files":                    {"internal/findings", "os"},
		"the rules run programs":                  {"internal/findings", "os/exec"},
		"a finding knows a room above it":         {"internal/finding", ours("internal/report")},
		"a finding imports the driver":            {"internal/finding", "github.com/redis/go-redis/v9"},
		"the catalogue knows a gatherer":          {"internal/i18n", ours("internal/redisconn")},
		"the catalogue imports the driver":        {"internal/i18n", "github.com/redis/go-redis/v9"},
		"the look knows a gatherer":               {"internal/term", ours("internal/probe")},
		"the look imports the driver":             {"internal/term", "github.com/redis/go-redis/v9"},
		"the settings import the driver":          {"internal/config", "github.com/redis/go-redis/v9"},
		"the settings import a gatherer":          {"internal/config", ours("internal/redisconn")},
		"the pages read files":                    {"internal/explain", "os"},
		"the pages import a gatherer":             {"internal/explain", ours("internal/facts")},
		"test support outside of a test":          {"internal/smoke", ours("internal/redistest")},
		"the metrics' parser outside of a test":   {"internal/report", "github.com/prometheus/common/expfmt"},
		"the demo outside of the commands":        {"internal/smoke", ours("internal/demo")},
		"a package imports a main":                {"internal/cli", ours("cmd/gen-docs")},
		"text templates":                          {"internal/cli", "text/template"},
		"html templates":                          {"cmd/gen-docs", "html/template"},
		"a vague name":                            {"internal/utils", "fmt"},
		"a vague name further up":                 {"internal/common/clock", "fmt"},
	} {
		if found := violations(bad.pkg, []string{"strings", bad.imported}); len(found) == 0 {
			t.Errorf("%s: %s may import %s, and must not", name, bad.pkg, bad.imported)
		}
	}
	if found := testViolations("internal/probe", []string{ours("internal/cli")}); len(found) != 1 {
		t.Errorf("the tests of a gatherer may import the commands: %q", found)
	}
}

// TestViolationsAllows shows that the walls have their doors.
func TestViolationsAllows(t *testing.T) {
	t.Parallel()
	for pkg, imports := range map[string][]string{
		"cmd/olymp-cache":    {"os", ours("internal/cli")},
		"cmd/gen-docs":       {"os", "fmt", ours("internal/cli"), ours("internal/i18n")},
		"internal/cli":       {ours("internal/demo"), ours("internal/report"), "github.com/spf13/cobra"},
		"internal/config":    {"os", "net/url", "github.com/joho/godotenv"},
		"internal/finding":   {"time", "strings"},
		"internal/findings":  {ours("internal/finding"), "net/netip", "slices"},
		"internal/redisconn": {"net", ours("internal/config"), ours("internal/finding"), "github.com/redis/go-redis/v9"},
		"internal/report":    {"io", "net/netip", ours("internal/finding"), ours("internal/i18n"), ours("internal/term")},
		"internal/smoke":     {"net/http", ours("internal/redisconn"), ours("internal/finding")},
	} {
		if found := violations(pkg, imports); len(found) != 0 {
			t.Errorf("%s: %q", pkg, found)
		}
	}
	for _, pkg := range []string{"cmd/olymp-cache", "internal/cli"} {
		if found := testViolations(pkg, []string{ours("internal/cli"), ours("internal/redistest"), "github.com/prometheus/common/expfmt"}); len(
			found,
		) != 0 {
			t.Errorf("tests of %s: %q", pkg, found)
		}
	}
}

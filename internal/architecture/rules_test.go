package architecture

import (
	"fmt"
	"slices"
	"strings"
)

// module is the import path every package of this repository starts with.
const module = "github.com/olympiades-ia/olymp-cache"

// client is the Redis driver, whose subpackages count as itself.
const client = "github.com/redis/go-redis"

// command is the one binary that ships.
const command = "cmd/olymp-cache"

// gatherers are the packages that reach out: to a server, its machine or its keys.
var gatherers = []string{
	"internal/demo", "internal/facts", "internal/keyspace", "internal/probe", "internal/redisconn", "internal/redistest",
	"internal/diagnosis", "internal/monitor", "internal/setup", "internal/smoke", "internal/surround",
}

// values are the packages of pure values that lie below a gatherer: what it saw, which rules and reports may know.
var values = []string{
	"internal/facts/snapshot", "internal/keyspace/profile", "internal/keyspace/value", "internal/monitor/traffic",
	"internal/probe/trace", "internal/surround/scene",
}

// reach is what a pure function has no use for: the network and other programs. Package net is not among them: it also
// joins hosts and ports.
var reach = []string{"crypto/tls", "net/http", "os/exec"}

// rule says what one package must not import, or all that it may import of this module.
type rule struct {
	deny []string // import paths, of this module without its prefix; subpackages included, but for the standard library
	only []string // where not nil, the packages of this module that are allowed: all others are refused
}

// rules holds the walls of single packages; those of all packages are in violations.
var rules = map[string]rule{
	command:             {only: []string{"internal/cli"}},
	"internal/backup":   {deny: slices.Concat([]string{client}, reach, gatherers), only: []string{}},
	"internal/config":   {deny: append([]string{client}, gatherers...)},
	"internal/evidence": {deny: slices.Concat([]string{client}, reach, gatherers)},
	"internal/explain": {
		deny: slices.Concat([]string{client, "os"}, reach, gatherers),
		only: []string{"internal/finding", "internal/findings", "internal/i18n", "internal/report"},
	},
	"internal/finding":        {deny: append([]string{client}, reach...), only: []string{}},
	"internal/findings":       {deny: slices.Concat([]string{client, "os"}, reach, gatherers)},
	"internal/i18n":           {deny: append([]string{client}, reach...), only: []string{"internal/packed"}},
	"internal/facts/snapshot": {deny: append([]string{client}, reach...), only: []string{}},
	"internal/monitor/traffic": {
		deny: slices.Concat([]string{client, "os"}, reach), only: []string{"internal/facts/snapshot", "internal/keyname"},
	},
	"internal/keyname": {deny: append([]string{client}, reach...), only: []string{}},
	"internal/keyspace/profile": {
		deny: slices.Concat([]string{client, "os"}, reach, gatherers), only: []string{"internal/keyname"},
	},
	"internal/keyspace/value": {deny: slices.Concat([]string{client, "os"}, reach, gatherers), only: []string{}},
	sorting:                   {deny: append([]string{client, "os"}, reach...), only: []string{}},
	"internal/resp":           {deny: append([]string{client}, reach...), only: []string{}},
	"internal/probe/trace":    {deny: append([]string{client}, reach...), only: []string{"internal/finding"}},
	"internal/surround/scene": {deny: append([]string{client}, reach...), only: []string{}},
	"internal/report": {
		deny: append([]string{client}, reach...),
		only: []string{
			"internal/finding", "internal/i18n", "internal/keyspace/profile", "internal/keyspace/value", "internal/monitor/traffic",
			"internal/resp", "internal/term",
		},
	},
	"internal/vitals": {
		deny: slices.Concat([]string{client, "os"}, reach, gatherers),
		only: []string{"internal/evidence", "internal/facts/snapshot", "internal/finding"},
	},
	"internal/watch": {
		deny: slices.Concat([]string{client, "os"}, reach, gatherers),
		only: []string{
			"internal/evidence", "internal/facts/snapshot", "internal/finding", "internal/findings", "internal/probe/trace", "internal/vitals",
		},
	},
	"internal/dashboard": {
		deny: slices.Concat([]string{client, "os"}, reach, gatherers),
		only: []string{
			"internal/facts/snapshot", "internal/finding", "internal/findings", "internal/i18n", "internal/report", "internal/term",
			"internal/vitals", "internal/watch",
		},
	},
	"internal/term": {deny: append([]string{client}, reach...), only: []string{"internal/i18n"}},
}

// sorting is what slices.SortFunc would be in less code: all may use it.
const sorting = "internal/sorting"

// vagueNames are the package names under which anything could be put.
var vagueNames = []string{"common", "helper", "helpers", "manager", "misc", "util", "utils"}

// templates double the binary: with one of them reached, the linker keeps every exported method of go-redis.
var templates = []string{"html/template", "text/template"}

// violations lists, one sentence each, what is wrong with the package pkg (a path under the module root, such as
// "internal/report") importing imports (as written in its files, tests left out).
func violations(pkg string, imports []string) []string {
	found := vagueName(pkg)
	for _, imported := range imports {
		path, ours := strings.CutPrefix(imported, module+"/")
		refuse := func(reason string) { found = append(found, fmt.Sprintf("%s imports %s: %s", pkg, path, reason)) }
		switch {
		case slices.Contains(templates, path):
			refuse("a template engine doubles the binary")
		case path == "internal/cli" && !strings.HasPrefix(pkg, "cmd/"):
			refuse("only a main imports the commands")
		case path == "internal/redistest" && pkg != "scripts/bench" || covers("github.com/prometheus", path):
			refuse("test support belongs to _test.go files")
		case path == "internal/demo" && pkg != "internal/cli":
			refuse("only the commands import the demo")
		case ours && strings.HasPrefix(path, "cmd/"):
			refuse("a main is the end of the line")
		}
		if wall, ok := rules[pkg]; ok {
			denied := slices.ContainsFunc(wall.deny, func(denied string) bool { return covers(denied, path) })
			if denied && !slices.Contains(values, path) {
				refuse("it must not reach that far")
			} else if ours && wall.only != nil && path != sorting && !slices.Contains(wall.only, path) {
				refuse("not one of the packages it may know")
			}
		}
		if pkg == command && !ours && path != "os" {
			refuse("main calls the commands and exits, nothing else")
		}
	}
	return found
}

// testViolations is violations for the _test.go files of pkg, which may start servers and reach anything but the
// commands of another package.
func testViolations(pkg string, imports []string) []string {
	var found []string
	for _, imported := range imports {
		path := strings.TrimPrefix(imported, module+"/")
		if path == "internal/cli" && pkg != "internal/cli" && !strings.HasPrefix(pkg, "cmd/") {
			found = append(found, fmt.Sprintf("the tests of %s import %s: only its own tests and a main do", pkg, path))
		}
	}
	return found
}

func vagueName(pkg string) []string {
	for element := range strings.SplitSeq(pkg, "/") {
		if slices.Contains(vagueNames, element) {
			return []string{fmt.Sprintf("%s: %q says nothing about what is in it", pkg, element)}
		}
	}
	return nil
}

// covers tells whether denying one path denies the other: itself, and what is below it outside the standard library.
func covers(denied, path string) bool {
	return path == denied || (strings.Contains(denied, ".") || strings.HasPrefix(denied, "internal/")) &&
		strings.HasPrefix(path, denied+"/")
}

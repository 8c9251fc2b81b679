package cli_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sync"
	"testing"

	"github.com/olympiades-ia/olymp-cache/internal/findings"
)

// raised are the ids that doctor found in the runs of this package's tests.
var raised struct {
	sync.Mutex
	ids map[string]bool
}

// noteRaised remembers what a run of doctor found.
func noteRaised(d diagnosed) {
	raised.Lock()
	defer raised.Unlock()
	if raised.ids == nil {
		raised.ids = map[string]bool{}
	}
	for _, id := range d.ids() {
		raised.ids[id] = true
	}
}

// wholeCatalogue runs the tests and then wants every id of the catalogue to have been found on something real by one of
// them, or to have its reason in docs/decisions.
type wholeCatalogue struct{ m *testing.M }

func (w wholeCatalogue) Run() int {
	defer quickEngine()()
	code := w.m.Run()
	if code != 0 || !everyTestRan() {
		return code
	}
	excused, err := notProduced()
	if err != nil {
		failRun("%v", err)
		return 1
	}
	for _, e := range findings.Catalogue() {
		switch {
		case !raised.ids[e.ID] && !excused[e.ID]:
			failRun("no test makes doctor find %s, and %s does not say why", e.ID, notProducedFile)
			code = 1
		case raised.ids[e.ID] && excused[e.ID]:
			failRun("%s says that %s cannot be made; a test made it", notProducedFile, e.ID)
			code = 1
		}
		delete(excused, e.ID)
	}
	for _, id := range slices.Sorted(maps.Keys(excused)) {
		failRun("%s names %s, which the catalogue does not have", notProducedFile, id)
		code = 1
	}
	return code
}

// failRun says why the run as a whole failed, where go test shows it.
func failRun(format string, args ...any) { fmt.Fprintf(os.Stderr, "FAIL: "+format+"\n", args...) }

// everyTestRan tells a run of all tests in which none was left out: as part of `go test -short` or -run nothing can be said
// of the catalogue, and neither where a privilege or a program was missing.
func everyTestRan() bool {
	for _, name := range []string{"test.run", "test.skip", "test.list", "test.fuzz", "test.bench"} {
		if f := flag.Lookup(name); f != nil && f.Value.String() != "" {
			return false
		}
	}
	return os.Getenv("CI") != "" // a contributor's machine may lack an engine or root
}

const notProducedFile = "docs/decisions/0005-findings-not-produced.md"

// notProduced are the ids with a reason: lines like "- `id`: why".
func notProduced() (map[string]bool, error) {
	text, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(notProducedFile)))
	if err != nil {
		return nil, err
	}
	ids := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^- `([a-z0-9-]+)`: ").FindAllSubmatch(text, -1) {
		ids[string(m[1])] = true
	}
	return ids, nil
}

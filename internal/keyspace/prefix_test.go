package keyspace

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPrefixOf(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"vitrine_cache": "vitrine_cache", "user:1:cart": "user:*", "page12": "page*", "a/b/c": "a/*", ":x": ":x", "x:": "x:", "": "",
		"u9:1": "u*:*", "12345": "*", "a\x00b": "a\x00b",
	} {
		if got := prefixOf(name); got != want {
			t.Errorf("prefixOf(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestPick(t *testing.T) {
	t.Parallel()
	names := []string{"s:1", "s:2", "s:3", "alone", "p:1", "p:2"}
	if diff := cmp.Diff([]string{"alone", "p:1", "s:1", "p:2"}, pick(names, 4)); diff != "" {
		t.Errorf("the rare ones are not first:\n%s", diff)
	}
	if got := pick(names, 99); len(got) != len(names) {
		t.Errorf("of %d names %d were picked", len(names), len(got))
	}
	if got := pick(nil, 3); got != nil {
		t.Errorf("%q was picked of nothing", got)
	}
}

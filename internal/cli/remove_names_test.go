package cli

import (
	"errors"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// TestNamesFrom: names on stdin are bytes between ends, and nothing else splits or changes them.
func TestNamesFrom(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		in   string
		null bool
		want []string
	}{
		{"", false, nil},
		{"a\nb\n", false, []string{"a", "b"}},
		{"a\n\n\nb", false, []string{"a", "b"}},
		{"a b\t\r\n\xff\x00\n", false, []string{"a b\t\r", "\xff\x00"}},
		{"a\nb\x00 \x00\x00c", true, []string{"a\nb", " ", "c"}},
		{strings.Repeat("n", longestName-1) + "\nx", false, []string{strings.Repeat("n", longestName-1), "x"}},
	} {
		// However the stream is cut into reads.
		all, err := collect(namesFrom(iotest.HalfReader(strings.NewReader(tc.in)), tc.null))
		var got []string
		for _, name := range all {
			got = append(got, string(name))
		}
		if diff := cmp.Diff(tc.want, got); diff != "" || err != nil {
			t.Errorf("%.20q: %s %v", tc.in, diff, err)
		}
	}
	if _, err := collect(namesFrom(strings.NewReader(strings.Repeat("n", longestName+1)), false)); !errors.Is(err, errLongName) {
		t.Errorf("an endless name: %v", err)
	}
	broken := errors.New("broken")
	if _, err := collect(namesFrom(iotest.ErrReader(broken), false)); !errors.Is(err, broken) {
		t.Errorf("a broken stream: %v", err)
	}
}

func TestLooksLikeData(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		keys, forever int64
		want          bool
	}{
		{0, 0, false}, {9, 9, false}, {10, 10, true}, {100, 10, false}, {99, 10, true}, {1_000_000, 1000, false}, {1_000_000, 1001, true},
	} {
		if got := looksLikeData(tc.keys, tc.forever); got != tc.want {
			t.Errorf("%d of %d: %v", tc.forever, tc.keys, got)
		}
	}
}

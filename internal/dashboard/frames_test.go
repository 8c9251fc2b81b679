package dashboard_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/olympiades-ia/olymp-cache/internal/dashboard"
	"github.com/olympiades-ia/olymp-cache/internal/i18n"
	"github.com/olympiades-ia/olymp-cache/internal/term"
	"github.com/olympiades-ia/olymp-cache/internal/watch"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(path, []byte(got+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; go test ./internal/dashboard -update writes it", err)
	}
	if diff := cmp.Diff(string(want), got+"\n"); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

// sizes are the smallest that the dashboard is made for, the usual one and a large one.
var sizes = [][2]int{{60, 15}, {80, 24}, {200, 60}}

func TestFrames(t *testing.T) {
	t.Parallel()
	for _, lang := range []i18n.Lang{i18n.French, i18n.English} {
		for _, size := range sizes {
			golden(t, fmt.Sprintf("busy_%dx%d_%s", size[0], size[1], lang), board(lang, busy(), size[0], size[1]).Frame())
		}
		for name, state := range map[string]watch.State{"calm": calm(), "gone": gone(), "mute": mute(), "cluster": cluster(), "start": {}} {
			golden(t, name+"_"+string(lang), board(lang, state, 80, 24).Frame())
		}
		help := board(lang, calm(), 60, 15)
		help.Help = true
		golden(t, "help_"+string(lang), help.Frame())
		plain := board(lang, busy(), 80, 24)
		plain.Screen.ASCII = true
		golden(t, "ascii_"+string(lang), plain.Frame())
	}
	colour := board(i18n.French, busy(), 80, 24)
	colour.Screen.Color = true
	golden(t, "colour_fr", colour.Frame())
	some := board(i18n.English, busy(), 80, 24)
	some.Shows = func(section string) bool { return section == "memory" || section == "keyspace" }
	golden(t, "sections_en", some.Frame())
}

// TestEveryFrameFits: at any size, in any language, with or without colours, a frame has as many lines as the screen and none
// that is too wide; foreign text cannot act on the terminal.
func TestEveryFrameFits(t *testing.T) {
	t.Parallel()
	states := map[string]watch.State{
		"busy": busy(), "calm": calm(), "gone": gone(), "mute": mute(), "cluster": cluster(), "start": {},
	}
	for name, state := range states {
		for _, lang := range []i18n.Lang{i18n.French, i18n.English} {
			for width := 40; width <= 220; width += 9 {
				for _, height := range []int{8, 9, 12, 15, 24, 29, 30, 43, 70} {
					for look := range 8 {
						b := board(lang, state, width, height)
						b.Screen.ASCII, b.Screen.Color, b.Help = look&1 != 0, look&2 != 0, look&4 != 0
						b.Target = "a-host-with-a-long-name.in-a-deep-subdomain.of-an-organisation.example.org:6379/15"
						fits(t, fmt.Sprintf("%s %s %dx%d look %d", name, lang, width, height, look), b)
					}
				}
			}
		}
	}
}

func fits(t *testing.T, name string, b *dashboard.Board) {
	t.Helper()
	frame := b.Frame()
	lines := strings.Split(frame, "\n")
	if len(lines) != b.Height {
		t.Fatalf("%s: %d lines", name, len(lines))
	}
	for _, line := range lines {
		if term.Columns(line) > b.Width {
			t.Fatalf("%s: %d cells: %q", name, term.Columns(line), line)
		}
		if b.Screen.ASCII && term.ToASCII(line) != line {
			t.Fatalf("%s: not ASCII: %q", name, line)
		}
	}
	if !b.Screen.Color && strings.ContainsAny(frame, "\x1b\a") {
		t.Fatalf("%s: a control character: %q", name, frame)
	}
}

// TestTinyScreens are cut and break nothing.
func TestTinyScreens(t *testing.T) {
	t.Parallel()
	for height := range 8 {
		b := board(i18n.French, busy(), 5, height)
		if got := b.Frame(); height > 0 && strings.Count(got, "\n") != height-1 {
			t.Errorf("height %d: %q", height, got)
		}
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	b := board(i18n.French, calm(), 80, 24)
	for _, step := range []struct {
		key    string
		action dashboard.Action
		holds  func() bool
	}{
		{"p", dashboard.Nothing, func() bool { return b.Paused }},
		{"space", dashboard.Resume, func() bool { return !b.Paused }},
		{"+", dashboard.NewInterval, func() bool { return b.Interval.String() == "2s" }},
		{"-", dashboard.NewInterval, func() bool { return b.Interval.String() == "1s" }},
		{"-", dashboard.NewInterval, func() bool { return b.Interval.String() == "500ms" }},
		{"s", dashboard.Nothing, func() bool { return b.Order == watch.ByShare }},
		{"?", dashboard.Nothing, func() bool { return b.Help }},
		{"esc", dashboard.Nothing, func() bool { return !b.Help }},
		{"esc", dashboard.Nothing, func() bool { return true }},
		{"x", dashboard.Nothing, func() bool { return true }},
		{"q", dashboard.Quit, func() bool { return true }},
		{"ctrl+c", dashboard.Interrupt, func() bool { return true }},
		{"ctrl+z", dashboard.Suspend, func() bool { return true }},
	} {
		if got := b.Key(step.key); got != step.action || !step.holds() {
			t.Errorf("%s: action %d, board paused %v help %v order %d interval %v", step.key, got, b.Paused, b.Help, b.Order, b.Interval)
		}
	}
	for range 20 {
		b.Key("-")
	}
	if b.Interval.String() != "100ms" || b.Key("-") != dashboard.Nothing {
		t.Errorf("the shortest interval is %v", b.Interval)
	}
	for range int(watch.Orders) - 1 {
		b.Key("s")
	}
	if b.Order != watch.ByRate {
		t.Errorf("the orders do not come round: %d", b.Order)
	}
}

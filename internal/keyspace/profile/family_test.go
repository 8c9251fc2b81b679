package profile

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// families of names, counted.
func familiesOf(o Options, names ...string) map[string]int64 {
	b := NewBuilder(o)
	for _, n := range names {
		b.Add(Record{Name: []byte(n), Bytes: 1, TTL: NoExpiry})
	}
	got := map[string]int64{}
	for _, r := range b.Profile().Families {
		got[r.Name] += r.Tally.Keys
	}
	return got
}

func TestFamilies(t *testing.T) {
	for _, c := range []struct {
		what  string
		o     Options
		names []string
		want  map[string]int64
	}{
		{"identifiers", Options{}, []string{"user:123:cart", "user:9:cart", "user:9"}, map[string]int64{"user:*:cart": 2, "user:*": 1}},
		{"a name and what begins with it", Options{}, []string{"user", "user:1", "user:"}, map[string]int64{"user": 1, "user:*": 1, "user:": 1}},
		{"separators", Options{}, []string{"a/1", "a.1", "a|1"}, map[string]int64{"a/*": 1, "a.*": 1, "a|*": 1}},
		{"one's own separator", Options{Naming: Naming{Separators: "#"}}, []string{"a#1", "a:b#2"}, map[string]int64{"a#*": 1, "a:b#*": 1}},
		{"depth", Options{Naming: Naming{Depth: 1}}, []string{"a:b:c", "a:d", "a", "e:1"}, map[string]int64{"a:*": 2, "a": 1, "e:*": 1}},
		{"depth 2", Options{Naming: Naming{Depth: 2}}, []string{"a:b:c", "a:b:d:e", "a:b"}, map[string]int64{"a:b:*": 2, "a:b": 1}},
		{"very deep", Options{}, []string{strings.Repeat("x:", 30) + "y"}, map[string]int64{strings.Repeat("x:", deepest) + "*": 1}},
		{"no name", Options{}, []string{""}, map[string]int64{"": 1}},
	} {
		if diff := cmp.Diff(c.want, familiesOf(c.o, c.names...)); diff != "" {
			t.Errorf("%s\n%s", c.what, diff)
		}
	}
}

// TestNamesOfPeople: identifiers that look like words are known by each being there once.
func TestNamesOfPeople(t *testing.T) {
	var names []string
	for i := range 300 {
		name := "abcdefghij"[i%10:i%10+1] + strings.Repeat("o", 1+i/10)
		names = append(names, "session:"+name, "profil:"+name+":nom", "profil:"+name+":ville")
	}
	names = append(names, "config:site", "config:menu", "config:menu")
	want := map[string]int64{"session:*": 300, "profil:*:nom": 300, "profil:*:ville": 300, "config:site": 1, "config:menu": 2}
	if diff := cmp.Diff(want, familiesOf(Options{}, names...)); diff != "" {
		t.Error(diff)
	}
}

// TestBoundedMemory: however names differ, the tree stays small and nothing is lost.
func TestBoundedMemory(t *testing.T) {
	word := func(n int) string {
		s := ""
		for ; n > 0; n /= 20 {
			s += string(rune('a' + n%20))
		}
		return "w" + s
	}
	for what, name := range map[string]func(i int) string{
		"one level":    func(i int) string { return word(i) },
		"two levels":   func(i int) string { return word(i/700) + ":" + word(i%700) },
		"three levels": func(i int) string { return word(i%90) + ":" + word(i/90%90) + "/" + word(i/8100) },
		"deep":         func(i int) string { return strings.Join(strings.Split(fmt.Sprintf("%b", i), ""), "x.") },
	} {
		b := NewBuilder(Options{})
		const keys = 100_000
		for i := range keys {
			b.Add(Record{Name: []byte(name(i)), Bytes: int64(i), TTL: 5})
		}
		if n := count(b.families.root); n > 2*mostNodes || n != b.families.nodes {
			t.Errorf("%s: %d nodes, counted %d", what, n, b.families.nodes)
		}
		p := b.Profile()
		var sum Tally
		for _, r := range p.Families {
			sum.add(r.Tally)
		}
		if diff := cmp.Diff(p.Total.Tally, sum); diff != "" || sum.Keys != keys {
			t.Errorf("%s: %d keys\n%s", what, sum.Keys, diff)
		}
	}
}

// TestResume: a run in two halves, the first of which went through JSON, sums up to the same.
func TestResume(t *testing.T) {
	records := make([]Record, 0, 4000)
	for i := range cap(records) {
		records = append(records, Record{
			Name: fmt.Appendf(nil, "user:%d:\xff%c", i, 'a'+i%26), Type: "hash", Bytes: int64(i * 7 % 5000), TTL: int64(i%3 - 1),
		})
	}
	o := Options{Top: 5, Naming: Naming{Separators: ":"}}
	whole, half := NewBuilder(o), NewBuilder(o)
	for i, r := range records {
		whole.Add(r)
		if i < 1500 {
			half.Add(r)
		}
	}
	text, err := json.Marshal(half.State())
	if err != nil {
		t.Fatal(err)
	}
	var state State
	if err := json.Unmarshal(text, &state); err != nil {
		t.Fatal(err)
	}
	again, ok := Resume(state)
	if !ok {
		t.Fatal("the state is refused")
	}
	for _, r := range records[1500:] {
		again.Add(r)
	}
	if diff := cmp.Diff(whole.Profile(), again.Profile()); diff != "" {
		t.Error(diff)
	}
}

func FuzzResume(f *testing.F) {
	b := NewBuilder(Options{Top: 2})
	b.Add(Record{Name: []byte("user:1"), Type: "string", Bytes: 3})
	text, err := json.Marshal(b.State())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Fuzz(func(_ *testing.T, text []byte) {
		var s State
		if json.Unmarshal(text, &s) != nil {
			return
		}
		if b, ok := Resume(s); ok {
			b.Add(Record{Name: []byte("user:1:x"), Type: "string"})
			b.Profile()
		}
	})
}

func TestBands(t *testing.T) {
	for ttl, want := range map[int64]string{
		NoExpiry: "none", 0: "lt_1m", 59_999: "lt_1m", 60_000: "lt_5m", 299_999: "lt_5m", 300_000: "lt_1h", 1 << 60: "ge_7d",
	} {
		if got := TTLBands[bandOf(TTLBands, ttl)].ID; got != want {
			t.Errorf("TTL %d: %s, want %s", ttl, got, want)
		}
	}
	for size, want := range map[int64]string{0: "lt_128b", 127: "lt_128b", 128: "lt_1kb", 1023: "lt_1kb", 10 << 20: "ge_10mb"} {
		if got := SizeBands[bandOf(SizeBands, size)].ID; got != want {
			t.Errorf("size %d: %s, want %s", size, got, want)
		}
	}
	if bandOf(TTLBands, Unknown) != -1 || bandOf(SizeBands, Unknown) != -1 {
		t.Error("what is unknown is in a band")
	}
}

// TestBiggest: the order of reading makes no difference.
func TestBiggest(t *testing.T) {
	sizes := []int64{5, 3, 9, 9, 1, 7, 9, Unknown}
	var want []BigKey
	for start := range sizes {
		b := NewBuilder(Options{Top: 4})
		for i := range sizes {
			k := (start + i) % len(sizes)
			b.Add(Record{Name: fmt.Appendf(nil, "k%d", k), Type: "string", Bytes: sizes[k], TTL: NoExpiry})
		}
		got := b.Profile().Biggest
		if want == nil {
			want = got
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("from %d\n%s", start, diff)
		}
	}
	var names []string
	for _, k := range want {
		names = append(names, k.Name)
	}
	if !slices.Equal(names, []string{"k2", "k3", "k6", "k5"}) {
		t.Errorf("%v", names)
	}
}

// TestUnmet: memory that the sample does not explain is told, and the interval reaches as far.
func TestUnmet(t *testing.T) {
	sample := func(used float64) *Profile {
		s := NewSample(Options{})
		h := s.Stratum(1_000_000, 0)
		for i := range 200 {
			var keys []Record
			for k := range 10 {
				keys = append(keys, Record{Name: fmt.Appendf(nil, "page:%d", i*10+k), Bytes: 100, TTL: NoExpiry})
			}
			s.Page(h, len(keys), keys)
		}
		return s.Profile(used)
	}
	if p := sample(110e6); p.Unmet != 0 || p.Total.Bytes.High > 101e6 {
		t.Errorf("explained: %+v, unmet %.0f", p.Total.Bytes, p.Unmet)
	}
	if p := sample(900e6); p.Unmet != 800e6 || p.Total.Bytes.High != 900e6 {
		t.Errorf("not explained: %+v, unmet %.0f", p.Total.Bytes, p.Unmet)
	}
	if p := sample(0); p.Unmet != 0 {
		t.Errorf("not told: unmet %.0f", p.Unmet)
	}
}

func FuzzFamilies(f *testing.F) {
	f.Add("user:1:cart\nuser:2", ":", 2)
	f.Add("\x00:\xff\n::\n:", ":/", 0)
	f.Fuzz(func(t *testing.T, text, separators string, depth int) {
		b := NewBuilder(Options{Naming: Naming{Separators: separators, Depth: depth}, Top: 2})
		names := strings.Split(text, "\n")
		for _, n := range names {
			b.Add(Record{Name: []byte(n), Bytes: 1})
		}
		p := b.Profile()
		var sum int64
		for _, r := range p.Families {
			sum += r.Tally.Keys
		}
		if sum != int64(len(names)) || p.Total.Tally.Keys != sum {
			t.Errorf("%d names, %d in families", len(names), sum)
		}
	})
}

package profile

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReadKeySizes(t *testing.T) {
	one := "# Keysizes\r\ndb0_distrib_strings_sizes:0=2,1=1,8=3,1K=31,512M=1\r\ndb0_distrib_lists_items:1=5\r\n" +
		"db1_distrib_strings_sizes:8=100\r\ndb0_distrib_new_things:8=1\r\ndb0:keys=1,expires=0\r\n"
	two := "db0_distrib_strings_sizes:8=4,4K=1\r\ndb0_distrib_zsets_items:\r\ndb0_distrib_sets_items:x=1,3=1,8=y\r\n"
	want := []ValueSizes{
		{Type: "list", Elements: true, Bins: []Bin{{1, 2, 5}}},
		{Type: "string", Bins: []Bin{{0, 1, 2}, {1, 2, 1}, {8, 16, 7}, {1 << 10, 1 << 11, 31}, {4 << 10, 8 << 10, 1}, {512 << 20, 1 << 30, 1}}},
	}
	if diff := cmp.Diff(want, ReadKeySizes(0, one, two)); diff != "" {
		t.Error(diff)
	}
	if got := ReadKeySizes(0, "# Server\r\nredis_version:7.0.15\r\n"); got != nil {
		t.Errorf("a server without keysizes: %v", got)
	}
}

func FuzzReadKeySizes(f *testing.F) {
	f.Add("db0_distrib_strings_sizes:0=2,1=1,8=3,1K=31")
	f.Fuzz(func(t *testing.T, text string) {
		for _, v := range ReadKeySizes(0, text) {
			for i, b := range v.Bins {
				if b.To <= b.From || b.Keys <= 0 || i > 0 && b.From < v.Bins[i-1].To {
					t.Errorf("%+v of %q", v, text)
				}
			}
		}
	})
}

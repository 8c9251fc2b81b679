package cli

import "testing"

func TestSize(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{
		"0": 0, "100": 100, "1k": 1000, "1kb": 1024, "1KB": 1024, "64ko": 65536, "1m": 1e6, "1MB": 1 << 20, "1 Mo": 1 << 20,
		"1,5MB": 3 << 19, "1.5mb": 3 << 19, "2g": 2e9, "2GB": 2 << 30, "1GiB": 1 << 30, "12\u00a0o": 12,
	} {
		var v sizeValue
		if err := v.Set(text); err != nil || int64(v) != want {
			t.Errorf("%q is %d (%v), want %d", text, v, err, want)
		}
	}
	for _, text := range []string{"", "mb", "-1", "1tb", "1 m b x", "nan", "inf", "1e400", "99999999999gb", "1,2,3"} {
		var v sizeValue
		if err := v.Set(text); err == nil {
			t.Errorf("%q was taken for %d", text, v)
		}
	}
}

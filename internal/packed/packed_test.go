package packed_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/olympiades-ia/olymp-cache/internal/packed"
)

func TestFiles(t *testing.T) {
	t.Parallel()
	all := map[string]string{"a/b.1": "é\n", "c": ""}
	raw, err := packed.Files(all)
	if err != nil {
		t.Fatal(err)
	}
	got, err := packed.UnpackFiles(raw)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(all, got); diff != "" {
		t.Error(diff)
	}
	for _, bad := range [][]byte{nil, []byte("no gzip"), raw[:len(raw)-3]} {
		if _, err := packed.UnpackFiles(bad); err == nil {
			t.Errorf("%q was unpacked", bad)
		}
	}
}

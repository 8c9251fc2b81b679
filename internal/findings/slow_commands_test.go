package findings

import (
	"strings"
	"testing"

	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
)

func TestKeyOf(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"GET page": "page", "KEYS *": "*", "del a b": "a", "EVAL return(ARGV[1]) 0 s3cret": "", "EVAL script 2 k1 k2 s3cret": "k1",
		"EVAL script":      "",
		"evalsha 0f1e 1 k": "k", "SCAN 0": "", "EXEC": "", "ZUNION 2 a b": "a", "OBJECT ENCODING k": "k", "PUBLISH news s3cret": "",
	} {
		var args []snapshot.Text
		for word := range strings.FieldsSeq(line) {
			args = append(args, snapshot.Text(word))
		}
		if got := keyOf(args); got != want {
			t.Errorf("keyOf(%s) = %q, want %q", line, got, want)
		}
	}
}

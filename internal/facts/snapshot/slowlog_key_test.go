package snapshot_test

import (
	"strings"
	"testing"

	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
)

func TestSlowKey(t *testing.T) {
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
		e := snapshot.SlowCommand{Args: args}
		if got := string(e.Key()); got != want {
			t.Errorf("the key of %s is %q, want %q", line, got, want)
		}
	}
}

func TestDropValues(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"SET session:1 s3cret": "SET session:1 ***", "HSET user:1 password s3cret": "HSET user:1 *** ***",
		"PUBLISH news s3cret":             "PUBLISH *** ***",
		"EVAL return(ARGV[1]) 1 k s3cret": "EVAL *** 1 k ***", "OBJECT ENCODING k": "OBJECT ENCODING k", "CONFIG SET x ***": "CONFIG SET *** ***",
		"EVAL return(ARGV[1]) 0 s3cret": "EVAL *** *** ***", "EXEC": "EXEC",
	} {
		var e snapshot.SlowCommand
		for word := range strings.FieldsSeq(line) {
			e.Args = append(e.Args, snapshot.Text(word))
		}
		e.DropValues()
		var got []string
		for _, arg := range e.Args {
			got = append(got, string(arg))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s becomes %q, want %q", line, got, want)
		}
	}
}

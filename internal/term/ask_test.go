package term_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/olympiades-ia/olymp-cache/internal/term"
)

func TestConfirm(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]bool{
		"o\n": true, "OUI\n": true, "y\n": true, " Yes \r\n": true, "yes": true,
		"\n": false, "": false, "n\n": false, "non\n": false, "oui oui\n": false, "\x1b[A\n": false, "ye\n": false,
		strings.Repeat("y", 5000) + "\n": false,
	} {
		var out bytes.Buffer
		got, err := term.Confirm(t.Context(), strings.NewReader(answer), &out, "Sure?")
		if got != want || err != nil || !strings.HasPrefix(out.String(), "Sure?") {
			t.Errorf("%.20q: %v, %v, %q", answer, got, err, out.String())
		}
	}
	// What follows the line is left to the next question.
	in := strings.NewReader("yes\nno\n")
	first, _ := term.Confirm(t.Context(), in, io.Discard, "?")
	second, _ := term.Confirm(t.Context(), in, io.Discard, "?")
	if !first || second {
		t.Errorf("two answers: %v, %v", first, second)
	}
}

var errBroken = errors.New("broken")

type broken struct{}

func (broken) Read([]byte) (int, error)  { return 0, errBroken }
func (broken) Write([]byte) (int, error) { return 0, errBroken }

func TestConfirmFails(t *testing.T) {
	t.Parallel()
	if yes, err := term.Confirm(t.Context(), broken{}, io.Discard, "?"); yes || !errors.Is(err, errBroken) {
		t.Error(yes, err)
	}
	if yes, err := term.Confirm(t.Context(), strings.NewReader("y\n"), broken{}, "?"); yes || !errors.Is(err, errBroken) {
		t.Error(yes, err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	silent, hold := io.Pipe()
	defer hold.Close() //nolint:errcheck // it cannot fail
	cancel(errBroken)
	if yes, err := term.Confirm(ctx, silent, io.Discard, "?"); yes || !errors.Is(err, errBroken) {
		t.Error(yes, err)
	}
}

package term

import (
	"context"
	"errors"
	"io"
	"strings"
)

// Confirm asks on out and reads one line from in. Only o, oui, y and yes, in any case, mean yes; anything else, an empty line and the
// end of the input mean no. When ctx ends, so does the wait, with its cause.
func Confirm(ctx context.Context, in io.Reader, out io.Writer, question string) (bool, error) {
	answer, err := Typed(ctx, in, out, question)
	if errors.Is(err, ErrNoAnswer) {
		return false, nil
	}
	switch strings.ToLower(answer) {
	case "o", "oui", "y", "yes":
		return err == nil, err
	}
	return false, err
}

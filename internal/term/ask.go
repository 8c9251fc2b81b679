package term

import (
	"context"
	"errors"
	"io"
	"strings"
)

// longestYes bounds what is read of an answer, in bytes.
const longestYes = 1024

// Confirm asks on out and reads one line from in. Only o, oui, y and yes, in any case, mean yes; anything else, an empty line and the
// end of the input mean no. When ctx ends, so does the wait, with its cause.
func Confirm(ctx context.Context, in io.Reader, out io.Writer, question string) (bool, error) {
	if _, err := io.WriteString(out, question+" "); err != nil {
		return false, err
	}
	type answer struct {
		line string
		err  error
	}
	answered := make(chan answer, 1) // a reader that nobody waits for any more can still end
	go func() {
		line, err := readAnswer(in)
		answered <- answer{line, err}
	}()
	select {
	case <-ctx.Done():
		_, _ = io.WriteString(out, "\n") // the line of the question is left
		return false, context.Cause(ctx)
	case a := <-answered:
		switch strings.ToLower(strings.TrimSpace(a.line)) {
		case "o", "oui", "y", "yes":
			return a.err == nil, a.err
		}
		return false, a.err
	}
}

// readAnswer reads up to the end of a line and no further. The end of the input ends the line.
func readAnswer(in io.Reader) (string, error) {
	var line []byte
	var one [1]byte
	for len(line) < longestYes {
		n, err := in.Read(one[:])
		if n > 0 {
			if one[0] == '\n' {
				break
			}
			line = append(line, one[0])
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return "", err
		}
	}
	return string(line), nil
}

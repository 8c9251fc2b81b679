package term

import (
	"context"
	"errors"
	"io"
	"strings"
)

// longestAnswer bounds what is read of a line, in bytes.
const longestAnswer = 4096

// ErrNoAnswer is a stream that ended before a line did: Ctrl-D, or nobody there.
var ErrNoAnswer = errors.New("no answer")

// Typed asks on out and reads one line from in, without the blanks around it. The end of ctx, by Ctrl-C, is its error.
func Typed(ctx context.Context, in io.Reader, out io.Writer, question string) (string, error) {
	if _, err := io.WriteString(out, question+" "); err != nil {
		return "", err
	}
	type answer struct {
		line string
		err  error
	}
	typed := make(chan answer, 1)
	go func() { // a read of a terminal cannot be called off: it is left behind
		line, err := readLine(in)
		typed <- answer{line, err}
	}()
	select {
	case a := <-typed:
		if a.err != nil {
			_, _ = io.WriteString(out, "\n") // the cursor stands behind the question; what matters is the missing answer
		}
		return a.line, a.err
	case <-ctx.Done():
		_, _ = io.WriteString(out, "\n") // as above
		return "", context.Cause(ctx)
	}
}

// readLine reads byte by byte: what stands behind the line is not ours.
func readLine(in io.Reader) (string, error) {
	var b strings.Builder
	one := make([]byte, 1)
	for {
		n, err := in.Read(one)
		switch {
		case n == 1 && one[0] == '\n':
			return strings.TrimSpace(b.String()), nil
		case n == 1 && b.Len() == longestAnswer:
			return "", ErrNoAnswer
		case n == 1:
			b.WriteByte(one[0])
		case errors.Is(err, io.EOF) && b.Len() > 0:
			return strings.TrimSpace(b.String()), nil
		case errors.Is(err, io.EOF):
			return "", ErrNoAnswer
		case err != nil:
			return "", err
		}
	}
}

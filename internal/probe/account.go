package probe

import (
	"bufio"
	"io"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/probe/trace"
)

// accountWords bounds what is read of ACL GETUSER: its flags come first.
const accountWords = 64

// account asks, as whoever was let in, what became of the user who was not.
func (c *climb) account(nc net.Conn) trace.Account {
	ask := []string{"ACL", "GETUSER", c.target.Username}
	start := time.Now()
	_, err := io.WriteString(nc, encode(ask))
	var words []string
	if err == nil {
		words, err = flatReply(bufio.NewReader(nc))
	}
	c.event("command", shown(ask), start, err)
	switch {
	case err != nil:
		return ""
	case len(words) == 0:
		return trace.AccountMissing
	}
	for i, w := range words {
		if w != "flags" {
			continue
		}
		for _, flag := range words[i+1:] {
			switch flag {
			case "on":
				return trace.AccountOn
			case "off":
				return trace.AccountOff
			}
		}
	}
	return ""
}

// flatReply reads the first words of a RESP 2 reply, arrays in arrays as one list. No words is nil; an error reply is an error.
func flatReply(in *bufio.Reader) ([]string, error) {
	var words []string
	for left := 1; left > 0 && len(words) < accountWords; left-- {
		line, err := in.ReadString('\n')
		line = strings.TrimRight(line, "\r\n")
		if err != nil || len(line) < 2 {
			return words, io.ErrUnexpectedEOF
		}
		n, err := strconv.Atoi(line[1:])
		switch {
		case err != nil || line[0] != '*' && line[0] != '$':
			return words, io.ErrUnexpectedEOF
		case n < 0:
			continue
		case line[0] == '*':
			left += min(n, accountWords)
			continue
		}
		word := make([]byte, min(n, lineBytes)+len("\r\n"))
		if _, err := io.ReadFull(in, word); err != nil || n > lineBytes {
			return words, io.ErrUnexpectedEOF
		}
		words = append(words, string(word[:n]))
	}
	return words, nil
}

package redisconn

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// Event is one thing that was done on the wire, for --verbose. Nothing in it is secret.
type Event struct {
	Kind     string // "dns", "tcp", "tls" or "command"
	Detail   string // the address, or the command with its arguments
	Duration time.Duration
	Err      string // what went wrong, redacted; empty when nothing did
}

// ErrorText is the text of an error as it may be shown. The driver quotes what it cannot parse, which hides a secret with a quote
// or a control character in it from the mask: what is quoted is unquoted first.
func ErrorText(redact func(string) string, err error) string {
	text := WithoutArguments(err.Error())
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, `"`)
		b.WriteString(before)
		if !found {
			return redact(b.String())
		}
		b.WriteByte('"')
		if quoted, err := strconv.QuotedPrefix(`"` + rest); err == nil {
			if plain, err := strconv.Unquote(quoted); err == nil {
				b.WriteString(plain + `"`)
				text = rest[len(quoted)-1:]
				continue
			}
		}
		if plain, err := strconv.Unquote(`"` + rest + `"`); err == nil {
			rest = plain // the end of the quotation was cut off
		}
		text = rest
	}
}

// maxShownArgument is how many bytes of one argument a trace line shows.
const maxShownArgument = 64

// commandText is a command as --verbose shows it: credentials masked, long values cut.
func commandText(cmd redis.Cmder) string {
	args := cmd.Args()
	shown := make([]string, 0, len(args))
	for i, a := range args {
		text := fmt.Sprint(a)
		if len(text) > maxShownArgument {
			text = fmt.Sprintf("%s… (%d bytes)", text[:maxShownArgument], len(text))
		}
		switch {
		case i == 0:
			text = strings.ToUpper(text)
		case secretArgument(args, i):
			text = "***"
		}
		shown = append(shown, text)
	}
	return strings.Join(shown, " ")
}

// secretArgument tells whether argument i is a credential or may hold one.
func secretArgument(args []any, i int) bool {
	word := func(n int) string {
		if n >= len(args) {
			return ""
		}
		return strings.ToLower(fmt.Sprint(args[n]))
	}
	switch word(0) {
	case "auth":
		return true
	case "hello": // HELLO 3 AUTH user password
		return i >= 3 && word(i-1) != "setname"
	case "config", "acl":
		return i >= 3 && (word(1) == "set" || word(1) == "setuser")
	case "migrate":
		return i >= 5
	}
	return false
}

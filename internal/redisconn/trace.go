package redisconn

import (
	"fmt"
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

package snapshot

import "strings"

// keyPlace is where a command's first key stands, of those where that is not right behind its name; 0 for none at all. What
// stands there instead may be a value or a whole script, which is nobody's business.
var keyPlace = map[string]int{
	"eval": 3, "eval_ro": 3, "evalsha": 3, "evalsha_ro": 3, "fcall": 3, "fcall_ro": 3, // behind the script and the number of keys
	"zunion": 2, "zinter": 2, "zdiff": 2, "zintercard": 2, "sintercard": 2, "lmpop": 2, "zmpop": 2, // behind their number
	"bitop": 2, "object": 2, "xinfo": 2, "xgroup": 2, // behind a word
	"scan": 0, "exec": 0, "multi": 0, "dbsize": 0, "randomkey": 0, "echo": 0, "ping": 0, "publish": 0, "spublish": 0, "xread": 0,
	"xreadgroup": 0, "migrate": 0, "select": 0, "wait": 0,
}

// firstKey is where the first key stands among the n arguments of a command, which at gives in lower case; 0 where there is none.
func firstKey(n int, at func(int) string) int {
	if n == 0 {
		return 0
	}
	place, special := keyPlace[at(0)]
	if !special {
		place = 1
	}
	if place >= n || place == 3 && at(2) == "0" {
		return 0
	}
	return place
}

// keyAt is where the first key stands that the command names; 0 where it names none.
func (e *SlowCommand) keyAt() int {
	return firstKey(len(e.Args), func(i int) string { return strings.ToLower(string(e.Args[i])) })
}

// Key is the first key that the command names, empty where it names none.
func (e *SlowCommand) Key() Text {
	if at := e.keyAt(); at > 0 {
		return e.Args[at]
	}
	return ""
}

// DropValues masks what the command wrote and whole scripts: its name, its first key and short words of commands stay.
func (e *SlowCommand) DropValues() {
	key := e.keyAt()
	for i := range e.Args {
		word := i > 0 && i == key-1 && wordOnly(string(e.Args[i]))
		if i > 0 && i != key && !word {
			e.Args[i] = masked
		}
	}
}

// longestWord is how long a subcommand or a count may be.
const longestWord = 12

// wordOnly tells a subcommand or a number from a script.
func wordOnly(s string) bool {
	return len(s) <= longestWord && strings.IndexFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9')
	}) < 0
}

package traffic

import (
	"bytes"
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
)

// Reader turns blocks of MONITOR's lines into events. The zero value knows no command's keys but by general rules.
type Reader struct {
	Commands snapshot.Commands // of the server; nil where it does not tell

	event Event
	words map[string]string // what was written of commands and subcommands, to its lower case
}

// mostWords bounds the spellings that are kept: a server knows some 400 commands.
const mostWords = 4096

// Read gives every line of a block to see, until that gives false. A cut block is one line whose end is missing. The block's bytes
// are changed, and the event is only good during the call. The result is how many lines are none of MONITOR's.
func (r *Reader) Read(block []byte, node int, cut bool, see func(*Event) bool) (unreadable int) {
	for len(block) > 0 {
		line, rest, _ := bytes.Cut(block, []byte("\n"))
		block = rest
		line = bytes.TrimSuffix(line, []byte("\r"))
		if len(line) == 0 || line[0] != '+' || r.event.parse(line[1:], cut) != nil {
			unreadable++
			continue
		}
		r.event.Node = node
		r.complete(&r.event)
		if !see(&r.event) {
			break
		}
	}
	return unreadable
}

// complete names the command and finds its keys.
func (r *Reader) complete(e *Event) {
	e.name, e.sub = r.word(e.Args[0]), ""
	if len(e.Args) > 1 && r.Commands.Container(e.name) {
		e.sub = r.word(e.Args[1])
	}
	e.keys = r.Commands.KeysAt(e.keys[:0], len(e.Args), func(i int) string {
		switch {
		case i == 0:
			return e.name
		case i < 0 || i >= len(e.Args):
			return ""
		}
		return r.word(e.Args[i])
	})
}

// longestWord is longer than any word of a command.
const longestWord = 32

// word is an argument in lower case; "" for what is no word but a value.
func (r *Reader) word(arg []byte) string {
	if len(arg) > longestWord {
		return ""
	}
	if word, ok := r.words[string(arg)]; ok { // which makes no copy
		return word
	}
	word := strings.ToLower(string(arg))
	if r.words == nil {
		r.words = map[string]string{}
	}
	if len(r.words) < mostWords {
		r.words[string(arg)] = word
	}
	return word
}

package snapshot

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Commands is the server's own table of its commands, as COMMAND tells it, by name in lower case.
type Commands map[string]*CommandInfo

// CommandInfo tells where the keys of a command stand among its arguments.
type CommandInfo struct {
	first, last, step int // of the first range of keys; 0 for none. A negative last counts from the end
	specs             []keySpec
	specified         bool // the server tells specifications: they say it all
	movable           bool // not all keys are where first, last and step say
	unseen            bool // MONITOR does not show it
	subs              Commands
}

// keySpec finds one range of keys, as key specifications of Redis 7 describe it: where the search begins, and what it finds.
type keySpec struct {
	keyword      string // begins behind this word; "" means at pos
	pos          int    // of the first key; with a keyword, where to start looking for it, negative from the end
	counted      bool   // a number of keys is told by an argument
	last, step   int    // of a range
	limit        int    // of a range up to the end: 2 is its first half
	number, from int    // of a counted one: where the number stands and where the keys start, both from the beginning
}

// ParseCommands reads COMMAND, in both protocols, from Redis 2.8 on.
func ParseCommands(reply any) (Commands, error) {
	list, ok := reply.([]any)
	if !ok {
		return nil, fmt.Errorf("command: %w", errShape)
	}
	all := make(Commands, len(list))
	for _, element := range list {
		if name, info, ok := parseCommand(element); ok {
			all[name] = info
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("command: %w", errShape)
	}
	return all, nil
}

// Places of the fields in one element of COMMAND; key specifications and subcommands are there since Redis 7.
const (
	commandName, commandFlags, commandFirst, commandLast, commandStep, commandSpecs, commandSubs = 0, 2, 3, 4, 5, 8, 9
)

func parseCommand(reply any) (string, *CommandInfo, bool) {
	fields, ok := reply.([]any)
	if !ok || len(fields) <= commandStep {
		return "", nil, false
	}
	name, ok := textOf(fields[commandName])
	first, ok1 := intOf(fields[commandFirst])
	last, ok2 := intOf(fields[commandLast])
	step, ok3 := intOf(fields[commandStep])
	if !ok || !ok1 || !ok2 || !ok3 || name == "" {
		return "", nil, false
	}
	info := &CommandInfo{first: int(first), last: int(last), step: int(step)}
	info.movable = hasWord(fields[commandFlags], "movablekeys")
	info.unseen = hasWord(fields[commandFlags], "admin") || hasWord(fields[commandFlags], "skip_monitor")
	if len(fields) > commandSpecs {
		info.parseSpecs(fields[commandSpecs])
	}
	if len(fields) > commandSubs {
		info.parseSubs(fields[commandSubs])
	}
	return strings.ToLower(name), info, true
}

func hasWord(list any, word string) bool {
	words, _ := list.([]any)
	for _, w := range words {
		if text, ok := textOf(w); ok && strings.EqualFold(text, word) {
			return true
		}
	}
	return false
}

func (c *CommandInfo) parseSubs(reply any) {
	subs, _ := reply.([]any)
	for _, element := range subs {
		name, info, ok := parseCommand(element)
		if _, sub, split := strings.Cut(name, "|"); ok && split {
			put(&c.subs, sub, info)
		}
	}
}

func (c *CommandInfo) parseSpecs(reply any) {
	list, _ := reply.([]any)
	c.specified = len(list) > 0
	for _, element := range list {
		spec := fieldsOf(element)
		if hasWord(spec["flags"], "not_key") {
			continue // a channel that only routes like a key
		}
		begin, find := fieldsOf(spec["begin_search"]), fieldsOf(spec["find_keys"])
		at, how := fieldsOf(begin["spec"]), fieldsOf(find["spec"])
		var k keySpec
		switch begin["type"] {
		case "index":
			k.pos = numberOf(at["index"])
		case "keyword":
			word, _ := textOf(at["keyword"])
			k.keyword, k.pos = strings.ToLower(word), numberOf(at["startfrom"])
		default:
			continue
		}
		switch find["type"] {
		case "range":
			k.last, k.step, k.limit = numberOf(how["lastkey"]), numberOf(how["keystep"]), numberOf(how["limit"])
		case "keynum":
			k.counted = true
			k.number, k.from, k.step = numberOf(how["keynumidx"]), numberOf(how["firstkey"]), numberOf(how["keystep"])
		default:
			continue
		}
		c.specs = append(c.specs, k)
	}
}

// fieldsOf is a map of either protocol; empty where it is none.
func fieldsOf(reply any) map[string]any {
	pairs, _ := mapOf(reply)
	fields := make(map[string]any, len(pairs))
	for _, p := range pairs {
		fields[p.name] = p.value
	}
	return fields
}

func numberOf(reply any) int {
	n, _ := intOf(reply) // 0 where it is not told
	return int(n)
}

// Has tells whether the server knows a command, written as «get» or «config|set».
func (c Commands) Has(name string) bool {
	name, sub, split := strings.Cut(strings.ToLower(name), "|")
	info, ok := c[name]
	if !ok || !split {
		return ok
	}
	_, ok = info.subs[sub]
	return ok || info.subs == nil // before Redis 7 subcommands are not told
}

// Unseen tells a command, written as for Has, that MONITOR never shows: Redis leaves out those of administration (CONFIG, ACL,
// DEBUG, CLIENT KILL) and of the login.
func (c Commands) Unseen(name string) bool {
	name, sub, split := strings.Cut(strings.ToLower(name), "|")
	info, ok := c[name]
	if !ok {
		return false
	}
	if split && info.subs != nil {
		info, ok = info.subs[sub]
		return ok && info.unseen
	}
	if len(info.subs) == 0 {
		return info.unseen
	}
	for name, sub := range info.subs {
		if !sub.unseen && name != "help" {
			return false
		}
	}
	return true
}

// Container tells a command that is nothing without its subcommand, such as CONFIG or OBJECT. Redis tells so since version 7.
func (c Commands) Container(name string) bool {
	info, ok := c[name]
	return ok && info.subs != nil
}

// KeysAt appends to places where the keys stand among the n arguments of a command, its name included; at gives an argument in
// lower case. A command that the table does not have, or that has keys elsewhere than the table can tell, gives its first key.
func (c Commands) KeysAt(places []int, n int, at func(int) string) []int {
	if n == 0 {
		return places
	}
	info, ok := c[at(0)]
	if ok && info.subs != nil {
		info, ok = info.subs[at(1)]
	}
	switch {
	case ok && info.specified:
		for i := range info.specs {
			places = info.specs[i].places(places, n, at)
		}
		return places
	case ok && info.first > 0 && !info.movable:
		last := info.last
		if last < 0 {
			last += n
		}
		return span(places, info.first, last, info.step, n)
	case ok && !info.movable:
		return places
	}
	if first := firstKey(n, at); first > 0 && !slices.Contains(keyless, at(0)) {
		places = append(places, first)
	}
	return places
}

// keyless are the commands with arguments but without keys that servers know which keep COMMAND to themselves; keyPlace has more.
var keyless = []string{
	"acl", "auth", "bgsave", "client", "cluster", "command", "config", "debug", "failover", "flushall", "flushdb", "function", "hello", "info",
	"keys", "latency", "lolwut", "memory", "module", "psubscribe", "psync", "pubsub", "punsubscribe", "replconf", "replicaof", "script",
	"sentinel", "shutdown", "slaveof", "slowlog", "ssubscribe", "subscribe", "sunsubscribe", "swapdb", "unsubscribe",
}

// span appends first, first+step, … up to last, as far as there are arguments.
func span(places []int, first, last, step, n int) []int {
	for i := first; first > 0 && i <= last && i < n; i += max(step, 1) {
		places = append(places, i)
	}
	return places
}

func (k *keySpec) places(places []int, n int, at func(int) string) []int {
	first := k.pos
	if k.keyword != "" {
		if first = k.behind(n, at); first < 0 {
			return places
		}
	}
	if k.counted {
		count, err := strconv.Atoi(at(first + k.number))
		if first+k.number >= n || err != nil || count < 0 {
			return places
		}
		first += k.from
		return span(places, first, first+(min(count, n)-1)*max(k.step, 1), k.step, n)
	}
	last := first + k.last
	switch {
	case k.last < 0 && k.limit > 1:
		last = first + (n-first)/k.limit + k.last
	case k.last < 0:
		last = n + k.last
	}
	return span(places, first, last, k.step, n)
}

// behind is the place behind the keyword, or −1.
func (k *keySpec) behind(n int, at func(int) string) int {
	if k.pos < 0 {
		for i := n + k.pos; i > 0; i-- {
			if at(i) == k.keyword {
				return i + 1
			}
		}
		return -1
	}
	for i := k.pos; i < n; i++ {
		if at(i) == k.keyword {
			return i + 1
		}
	}
	return -1
}

package findings

import (
	"slices"
	"strings"
)

// dangerous are commands that a cache's application never needs and that empty, slow down or take over a server, with the
// categories that ACL rules give and take them by (ACL CAT, Redis 7).
var dangerous = []struct {
	command    string
	categories []string
}{
	{"flushall", []string{"keyspace", "write", "slow", "dangerous"}},
	{"flushdb", []string{"keyspace", "write", "slow", "dangerous"}},
	{"keys", []string{"keyspace", "read", "slow", "dangerous"}},
	{"config", []string{"admin", "slow", "dangerous"}},
	{"debug", []string{"admin", "slow", "dangerous"}},
	{"replicaof", []string{"admin", "slow", "dangerous"}},
	{"shutdown", []string{"admin", "slow", "dangerous"}},
}

// may tells whether ACL rules such as «-@all +@read +set -@dangerous» let a command run: the last rule that names it or one
// of its categories counts. Of CONFIG it is SET that matters.
func may(rules, command string, categories []string) bool {
	allowed := false
	for rule := range strings.FieldsSeq(strings.ToLower(rules)) {
		switch rule {
		case "allcommands":
			rule = "+@all"
		case "nocommands":
			rule = "-@all"
		}
		name := rule[1:]
		category, isCategory := strings.CutPrefix(name, "@")
		if name == command || name == command+"|set" || isCategory && (category == "all" || slices.Contains(categories, category)) {
			allowed = rule[0] == '+'
		}
	}
	return allowed
}

// dangerousFor are the commands of that list that the rules allow, as people write them.
func dangerousFor(rules string) []string {
	var all []string
	for _, d := range dangerous {
		if may(rules, d.command, d.categories) {
			all = append(all, strings.ToUpper(d.command))
		}
	}
	return all
}

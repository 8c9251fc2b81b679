package snapshot

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// User is an ACL user without its password hashes.
type User struct {
	Name      Text   `json:"name,omitzero"` // not part of ACL GETUSER's own answer
	Enabled   bool   `json:"enabled"`
	NoPass    bool   `json:"nopass"`            // any password is accepted
	Passwords int    `json:"passwords"`         // how many there are
	Commands  Text   `json:"commands,omitzero"` // «+@all -@dangerous»
	Keys      []Text `json:"keys,omitzero"`     // patterns; with «~» since Redis 7
	Channels  []Text `json:"channels,omitzero"`
	Selectors int    `json:"selectors,omitzero"` // further rule sets, since Redis 7
}

// ParseUser reads ACL GETUSER.
func ParseUser(reply any, name Text) (User, error) {
	pairs, ok := mapOf(reply)
	if !ok || len(pairs) == 0 {
		return User{}, fmt.Errorf("ACL user: %w", errShape)
	}
	u := User{Name: name}
	for _, p := range pairs {
		switch p.name {
		case "flags":
			for _, flag := range textsOf(p.value) {
				u.flag(string(flag))
			}
		case "passwords":
			u.Passwords = len(textsOf(p.value))
		case "commands":
			commands, _ := textOf(p.value) // "" where it is not text
			u.Commands = Text(commands)
		case "keys":
			u.Keys = patterns(textsOf(p.value))
		case "channels":
			u.Channels = patterns(textsOf(p.value))
		case "selectors":
			if list, ok := p.value.([]any); ok {
				u.Selectors = len(list)
			}
		}
	}
	return u, nil
}

// patterns splits what Redis 7 writes as one text.
func patterns(texts []Text) []Text {
	var all []Text
	for _, t := range texts {
		for field := range strings.FieldsSeq(string(t)) {
			all = append(all, Text(field))
		}
	}
	return all
}

func (u *User) flag(flag string) {
	switch flag {
	case "on":
		u.Enabled = true
	case "nopass":
		u.NoPass = true
	case "allkeys":
		// Redis 6 says the same in «keys».
	}
}

// ParseUsers reads ACL LIST: one line of rules for each user.
func ParseUsers(reply any) ([]User, error) {
	list, ok := reply.([]any)
	if !ok {
		return nil, fmt.Errorf("ACL list: %w", errShape)
	}
	users := make([]User, 0, len(list))
	for _, line := range textsOf(list) {
		fields := strings.Fields(string(line))
		if len(fields) < 2 || fields[0] != "user" {
			return nil, fmt.Errorf("ACL list: %w", errShape)
		}
		users = append(users, parseRules(Text(fields[1]), fields[2:]))
	}
	return users, nil
}

func parseRules(name Text, rules []string) User {
	u := User{Name: name}
	var commands []string
	depth := 0
	for _, rule := range rules {
		if strings.HasPrefix(rule, "(") { // a selector: rules of its own, counted only
			u.Selectors++
			depth++
		}
		if depth > 0 {
			if strings.HasSuffix(rule, ")") {
				depth--
			}
			continue
		}
		switch {
		case strings.HasPrefix(rule, "#"), strings.HasPrefix(rule, ">"):
			u.Passwords++
		case strings.HasPrefix(rule, "+"), strings.HasPrefix(rule, "-"), rule == "allcommands", rule == "nocommands":
			commands = append(commands, rule)
		case strings.HasPrefix(rule, "~"), strings.HasPrefix(rule, "%"), rule == "allkeys":
			u.Keys = append(u.Keys, Text(rule))
		case strings.HasPrefix(rule, "&"), rule == "allchannels":
			u.Channels = append(u.Channels, Text(rule))
		default:
			u.flag(rule)
		}
	}
	u.Commands = Text(strings.Join(commands, " "))
	return u
}

// Denial is one entry of ACL LOG: a failed login or a refused command, newest first.
type Denial struct {
	Count      int64   `json:"count"`
	Reason     string  `json:"reason,omitzero"`  // «auth», «command», «key», «channel»
	Context    string  `json:"context,omitzero"` // «toplevel», «multi», «lua», «module»
	Object     Text    `json:"object,omitzero"`  // the command, key or channel
	Username   Text    `json:"username,omitzero"`
	AgeSeconds float64 `json:"age_s"`
	Client     Client  `json:"client,omitzero"`
}

// ParseACLLog reads ACL LOG.
func ParseACLLog(reply any) ([]Denial, error) {
	list, ok := reply.([]any)
	if !ok {
		return nil, fmt.Errorf("ACL log: %w", errShape)
	}
	log := make([]Denial, 0, len(list))
	for _, element := range list {
		values, err := valuesOf(element)
		if err != nil {
			return nil, fmt.Errorf("ACL log: %w", err)
		}
		object, _ := Text(values["object"]).Cut(maxArgument) // a key may be long
		name, _ := Text(values["username"]).Cut(maxArgument)
		d := Denial{Reason: word(values["reason"]), Context: word(values["context"]), Object: object, Username: name}
		if n, err := strconv.ParseInt(values["count"], 10, 64); err == nil {
			d.Count = n
		}
		if age, err := strconv.ParseFloat(values["age-seconds"], 64); err == nil && !math.IsNaN(age) && !math.IsInf(age, 0) {
			d.AgeSeconds = age
		}
		if c, ok := parseClient(values["client-info"]); ok {
			d.Client = c
		}
		log = append(log, d)
	}
	return log, nil
}

package config

import (
	"net"
	"slices"
	"strconv"
	"strings"
)

// placeholderHost stands in a proposal where the host is not known, or may not be shown.
const placeholderHost = "HOST"

// anyHost is the proposal where nothing of what was written can be used.
const anyHost = placeholderHost + ":6379/0"

// maskedRest is user:password@host:port/db with all that may be secret masked, for a proposal.
func maskedRest(rest string) string {
	at := strings.LastIndexByte(rest, '@')
	if at < 0 {
		return plainTail(rest, false)
	}
	before, behind := rest[:at], rest[at+1:]
	if address(before) && !address(behind) {
		return ":" + Mask + "@" + before // host:port@password, the wrong way round
	}
	user, password, colon := strings.Cut(before, ":")
	if name, _, _ := strings.Cut(behind, ":"); colon && portNumber(password) && name == behind && !hostLike(behind, false) {
		return user + ":" + Mask + "@" + anyHost // host:port@password too, perhaps
	}
	if !colon || !plainName(user) || address(before) {
		user = ""
	}
	return user + ":" + Mask + "@" + plainTail(behind, true)
}

// plainTail is host:port/db if it is nothing but that; else the part of it that is, with the place for the rest. Where no
// login stood before it, what looks like a host may be a password: only what must be a host is then shown.
func plainTail(s string, login bool) string {
	if ip := net.ParseIP(s); ip != nil && ip.To4() == nil {
		return "[" + s + "]:6379"
	}
	end := strings.IndexFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune(".-_:/[]", r))
	})
	if end >= 0 {
		s = s[:end]
	}
	if inner, behind, ok := strings.Cut(strings.TrimPrefix(s, "["), "]"); strings.HasPrefix(s, "[") {
		port, _, _ := strings.Cut(strings.TrimPrefix(behind, ":"), "/")
		if !ok || net.ParseIP(inner) == nil || behind != "" && !strings.HasPrefix(behind, "/") && !portNumber(port) {
			return anyHost
		}
		return s
	}
	head, db, _ := strings.Cut(s, "/")
	host, port, _ := strings.Cut(head, ":")
	port, more, third := strings.Cut(port, ":")
	switch {
	case third && more != "" && portNumber(port) && hostLike(host, true):
		return ":" + Mask + "@" + host + ":" + port // host:port:password
	case third, port != "" && !portNumber(port):
		if !plainName(host) || third {
			host = ""
		}
		return host + ":" + Mask + "@" + anyHost // user:password without a host, more likely than a port
	case portNumber(host) && port == "":
		host, port = "localhost", host
	case host == "" && port != "":
		host = "localhost"
	case !hostLike(host, login || port != ""):
		return anyHost
	}
	if port != "" {
		host += ":" + port
	}
	if db != "" && strings.Trim(db, "0123456789") == "" {
		host += "/" + db
	}
	return host
}

// address tells what can only be a host and its port: a password may look like a word.
func address(s string) bool {
	host, port, ok := strings.Cut(s, ":")
	return ok && portNumber(port) && (hostLike(host, false) && host != "" || net.ParseIP(host) != nil)
}

func portNumber(s string) bool {
	n, err := strconv.Atoi(s)
	return err == nil && n > 0 && n <= 65535 && strings.Trim(s, "0123456789") == ""
}

// hostWords are names of one word that hosts have.
var hostWords = []string{"localhost", "host", "redis", "valkey", "keydb", "dragonfly", "cache", "db", "server"}

// hostLike tells a host that may be shown. A name of one word may be a password, unless its place says that it is a host.
func hostLike(s string, sure bool) bool {
	if sure || slices.Contains(hostWords, strings.ToLower(s)) || net.ParseIP(s) != nil || strings.HasPrefix(s, "[") {
		return plainName(strings.Trim(s, "[]")) || net.ParseIP(strings.Trim(s, "[]")) != nil
	}
	i := strings.LastIndexByte(strings.TrimSuffix(s, "."), '.')
	if i < 1 || !plainName(s) || strings.ToLower(s) != s {
		return false
	}
	top := strings.TrimSuffix(s[i+1:], ".")
	return len(top) >= 2 && len(top) <= 10 && strings.Trim(top, "abcdefghijklmnopqrstuvwxyz") == ""
}

// plainName tells a user name that may be shown.
func plainName(s string) bool {
	return s != "" && len(s) <= 253 && strings.IndexFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._-", r))
	}) < 0
}

// maxPart is how much of an offending part is shown, in bytes.
const maxPart = 60

func plainWord(s string) string {
	if len(s) > maxPart {
		return strings.ToValidUTF8(s[:maxPart], "") + "…"
	}
	return s
}

// harmless shows a value that can be no secret: a number with its unit, or a short word without digits.
func harmless(s string) string {
	letters := strings.IndexFunc(s, func(r rune) bool { return !(r >= 'a' && r <= 'z' || r >= 0xe0 && r <= 0xff) }) < 0
	number := strings.TrimRight(s, "abcdefghijklmnopqrstuvwxyz% ")
	switch {
	case letters && len(s) <= 10, s != "" && strings.Trim(number, "0123456789.,+-/") == "" && len(s) <= 24 && len(s)-len(number) <= 4:
		return s
	}
	return Mask
}

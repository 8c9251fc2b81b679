package config

import (
	"encoding/base64"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
)

// commandLine tells a line of a shell, of a .env or YAML file, or an object, where the URL alone belongs.
func commandLine(s string) bool {
	low := strings.ToLower(s)
	if strings.Contains(low, "redis-cli ") || strings.HasPrefix(low, "export ") || strings.HasPrefix(low, "set ") ||
		strings.HasPrefix(low, "redis_url:") {
		return true
	}
	if name, _, ok := strings.Cut(s, "="); ok && validName(name) && strings.ToUpper(name) == name {
		return true // NAME=value
	}
	if scheme, _, ok := strings.Cut(s, "://"); ok {
		return strings.ContainsAny(scheme, " \"'({[<«") && !placeholder(scheme)
	}
	return (strings.ContainsAny(s, " \t") || strings.HasPrefix(s, "{")) && !placeholder(s) && !dotNet(low)
}

// pasted is a whole line where the URL alone belongs.
func pasted(s string) *finding.Finding {
	corrected := "redis://" + anyHost
	if found := embedded(s); found != "" {
		corrected = found
		if strings.Contains(s, "--tls") {
			corrected = strings.Replace(corrected, "redis://", "rediss://", 1)
		}
	} else if host := optionAfter(s, "-h"); host != "" {
		port, login := optionAfter(s, "-p"), ""
		if port == "" {
			port = "6379"
		}
		if optionAfter(s, "-a") != "" || optionAfter(s, "--pass") != "" || strings.Contains(s, "REDISCLI_AUTH=") {
			login = ":" + Mask + "@"
		}
		corrected = "redis://" + login + plainTail(host+":"+port, true)
		if strings.Contains(s, "--tls") {
			corrected = strings.Replace(corrected, "redis://", "rediss://", 1)
		}
	} else if name, value, ok := strings.Cut(s, "="); ok && !strings.ContainsAny(s, " \t{") && !secretName(name) {
		corrected = "redis://" + maskedRest(value)
	}
	return critical("config-url-pasted-line", ev("corrected", corrected))
}

// embedded is the Redis URL in a line, masked. It ends behind its last «@» only, as its password may hold anything.
func embedded(s string) string {
	at := strings.Index(s, "://")
	if at < 0 {
		return ""
	}
	start := strings.LastIndexFunc(s[:at], func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '+')
	}) + 1
	if start > 0 {
		_, n := utf8.DecodeRuneInString(s[start-1:])
		start += n - 1
	}
	scheme := strings.ToLower(s[start:at])
	if scheme == "" { // redis ://
		if words := strings.Fields(s[:at]); len(words) > 0 {
			scheme = strings.ToLower(words[len(words)-1])
		}
	}
	if !knownScheme(scheme) {
		return ""
	}
	from := max(at+3, strings.LastIndexByte(s, '@')+1)
	end := strings.IndexAny(s[from:]+" ", " \t'\"<>()]}»`,;") + from
	return scheme + "://" + maskedRest(s[at+3:end])
}

func optionAfter(s, name string) string {
	words := strings.Fields(s)
	for i, w := range words {
		if w == name && i+1 < len(words) {
			return words[i+1]
		}
	}
	return ""
}

// brokenScheme mends redis:/host, redis//host, redis;//host and redis:host, but leaves a host that is called redis, as in
// redis:6379.
func brokenScheme(s, low string) string {
	for _, scheme := range []string{"rediss", "redis", "valkeys", "valkey", "unix"} {
		if !strings.HasPrefix(low, scheme) || strings.HasPrefix(low, scheme+"://") {
			continue
		}
		rest := strings.TrimLeft(s[len(scheme):], ":;：/\\ ")
		marks := s[len(scheme) : len(s)-len(rest)]
		if strings.HasSuffix(marks, "/:") || strings.HasSuffix(marks, "\\:") {
			rest = ":" + rest // the colon before a password
		}
		number, _, _ := strings.Cut(rest, "/")
		switch {
		case rest == "", !strings.ContainsAny(marks, ":：\\") && !strings.Contains(marks, "//"):
			return ""
		case marks == ":" && strings.Trim(number, "0123456789") == "":
			return ""
		case scheme == "unix" && !plainName(strings.ReplaceAll(rest, "/", "")):
			return "unix:///PATH"
		case scheme == "unix":
			return "unix:///" + rest
		}
		return scheme + "://" + maskedRest(rest)
	}
	return ""
}

// decoded is a URL that was encoded as a whole: base64, as Kubernetes shows secrets, or percent-encoding.
func decoded(s string) (plain, how string) {
	known := func(text string) bool {
		scheme, _, ok := strings.Cut(text, "://")
		return ok && knownScheme(scheme)
	}
	if strings.Contains(strings.ToLower(s), "%3a%2f%2f") {
		if text, err := url.PathUnescape(s); err == nil && known(text) {
			return text, "percent-encoded"
		}
	}
	for _, enc := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
		if text, err := enc.DecodeString(s); err == nil && utf8.Valid(text) && known(strings.TrimLeft(string(text), "\"' \n")) {
			return strings.Trim(string(text), "\"' \r\n"), "base64"
		}
	}
	return "", ""
}

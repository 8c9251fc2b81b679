package config

import (
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
)

// mistake recognises values that no client could use, before anything is parsed: what stands there instead of a URL, and
// the form that would do. Only masked text is shown.
func mistake(s string) *finding.Finding {
	low := strings.ToLower(s)
	switch {
	case s == "":
		return critical("config-url-no-scheme", ev("corrected", DefaultURL))
	case strings.HasPrefix(low, "redis-cli "), strings.HasPrefix(low, "redis_url="), strings.HasPrefix(low, "export "),
		strings.HasPrefix(low, "set "), strings.HasPrefix(low, "redis_url:"):
		return pasted(s, "command")
	case oneSlash(low):
		return pasted(s, "one-slash")
	case dotNet(low):
		return connectionString(s)
	}
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok {
		if placeholder(s) {
			return critical("config-url-placeholder", ev("part", "url"), ev("value", variable(s)))
		}
		return critical("config-url-no-scheme", ev("corrected", "redis://"+maskedRest(strings.TrimPrefix(s, "//"))))
	}
	switch strings.ToLower(scheme) {
	case "redis", "rediss", "valkey", "valkeys", "unix", "redis+unix", "redis+socket",
		"redis+sentinel", "rediss+sentinel", "redis-sentinel", "rediss-sentinel":
		return nil
	case "http", "https":
		host, _, _ := strings.Cut(strings.TrimPrefix(rest[strings.LastIndexByte(rest, '@')+1:], "/"), "/")
		host, _, _ = strings.Cut(host, ":")
		if strings.HasSuffix(strings.ToLower(host), ".upstash.io") {
			return critical("config-url-rest-endpoint", ev("corrected", "rediss://default:"+Mask+"@"+plainTail(host)+":6379"))
		}
	}
	if placeholder(scheme) {
		return critical("config-url-placeholder", ev("part", "scheme"), ev("value", variable(scheme)))
	}
	proposal := "redis://"
	if low := strings.ToLower(scheme); low == "https" || strings.Contains(low, "tls") || strings.Contains(low, "ssl") {
		proposal = "rediss://"
	}
	return critical("config-url-scheme", ev("scheme", schemeName(scheme)), ev("corrected", proposal+maskedRest(rest)))
}

func critical(id string, seen ...finding.Evidence) *finding.Finding {
	return &finding.Finding{ID: id, Severity: finding.Critical, Evidence: seen}
}

// oneSlash tells redis:/host and redis:host, but not a host that is called redis, as in redis:6379.
func oneSlash(low string) bool {
	for _, scheme := range []string{"redis:", "rediss:"} {
		rest, ok := strings.CutPrefix(low, scheme)
		if ok && !strings.HasPrefix(rest, "//") && rest != "" && (rest[0] < '0' || rest[0] > '9') {
			return true
		}
	}
	return false
}

// pasted is a whole line, or nearly a URL, where the URL alone belongs.
func pasted(s, how string) *finding.Finding {
	if how == "one-slash" {
		scheme, rest, _ := strings.Cut(s, ":")
		return critical("config-url-pasted-line", ev("corrected", strings.ToLower(scheme)+"://"+maskedRest(strings.TrimLeft(rest, "/"))))
	}
	corrected := "redis://HOST:6379/0"
	if at := strings.Index(s, "://"); at > 0 {
		start := strings.LastIndexAny(s[:at], " \t='\":") + 1
		end := strings.IndexAny(s[at:]+" ", " \t'\"") + at
		corrected = strings.ToLower(s[start:at]) + "://" + maskedRest(s[at+3:end])
		if strings.Contains(s, "--tls") {
			corrected = strings.Replace(corrected, "redis://", "rediss://", 1)
		}
	} else if host := optionAfter(s, "-h"); host != "" {
		port := optionAfter(s, "-p")
		if port == "" {
			port = "6379"
		}
		corrected = "redis://" + plainTail(host+":"+port)
	}
	return critical("config-url-pasted-line", ev("corrected", corrected))
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

// dotNet tells StackExchange.Redis's host:6380,password=…,ssl=True.
func dotNet(low string) bool {
	if strings.Contains(low, "://") || !strings.Contains(low, ",") {
		return false
	}
	for _, key := range []string{"password=", "ssl=", "abortconnect=", "user=", "defaultdatabase=", "connecttimeout="} {
		if strings.Contains(low, ","+key) || strings.Contains(low, ", "+key) {
			return true
		}
	}
	return false
}

func connectionString(s string) *finding.Finding {
	parts := strings.Split(s, ",")
	scheme, user := "redis", ""
	for _, part := range parts[1:] {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch strings.ToLower(name) {
		case "ssl":
			if strings.EqualFold(value, "true") {
				scheme = "rediss"
			}
		case "user":
			if plainName(value) {
				user = value
			}
		}
	}
	return critical("config-url-connection-string", ev("corrected", scheme+"://"+user+":"+Mask+"@"+plainTail(strings.TrimSpace(parts[0]))))
}

// placeholder tells text that was meant to be replaced.
func placeholder(s string) bool {
	low := strings.ToLower(s)
	switch low {
	case "undefined", "none", "null", "nil", "your-password", "your_password", "yourpassword", "votre_mot_de_passe",
		"votre-mot-de-passe", "votre_mot_de_passe_fort", "mot_de_passe":
		return true
	}
	if s == "" {
		return false
	}
	switch {
	case strings.Contains(s, "${"), strings.Contains(s, "{{"), strings.Contains(s, "<") && strings.Contains(s, ">"),
		strings.HasPrefix(s, "[") && strings.HasSuffix(s, "]") && strings.ContainsAny(low, "ghijklmnopqrstuvwxyz_- "),
		strings.Trim(s, "*") == "" || strings.Trim(s, "•●…") == "":
		return true
	case strings.HasPrefix(s, "$") && validName(s[1:]) && strings.ToUpper(s) == s:
		return true
	}
	return manyX(low)
}

// variable is $NAME or ${NAME} if the text is nothing but that; more of it could be a secret.
func variable(s string) string {
	name := strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(s, "$"), "{"), "}")
	if strings.HasPrefix(s, "$") && validName(name) && strings.ToUpper(name) == name {
		return s
	}
	return Mask
}

// schemeName is a scheme that may be shown: letters, as all real ones.
func schemeName(s string) string {
	if len(s) <= 20 && strings.Trim(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz+-.") == "" {
		return s
	}
	return Mask
}

// manyX tells the xxxxx of documentation: a whole word of at least three x, alone or behind a «-» as in red-xxxxx.
func manyX(low string) bool {
	for word := range strings.FieldsFuncSeq(low, func(r rune) bool { return r == '-' || r == '.' || r == '_' }) {
		if len(word) >= 3 && strings.Trim(word, "x") == "" {
			return true
		}
	}
	return false
}

// maskedRest is user:password@host:port/db with all that may be secret masked, for a proposal.
func maskedRest(rest string) string {
	at := strings.LastIndexByte(rest, '@')
	if at < 0 {
		return plainTail(rest)
	}
	user, _, colon := strings.Cut(rest[:at], ":")
	switch {
	case !colon, !plainName(user):
		user = ""
	}
	return user + ":" + Mask + "@" + plainTail(rest[at+1:])
}

// plainTail is host:port/db if it is nothing but that; else the part of it that is.
func plainTail(s string) string {
	end := strings.IndexFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune(".-_:/[]", r))
	})
	if end >= 0 {
		s = s[:end]
	}
	if host, port, ok := strings.Cut(s, ":"); ok && !strings.HasPrefix(s, "[") {
		number, db, _ := strings.Cut(port, "/")
		if strings.Trim(number, "0123456789") != "" {
			return host + ":" + Mask // user:password without a host, more likely than a port
		}
		if strings.Trim(db, "0123456789") != "" {
			return host + ":" + number
		}
	}
	return s
}

// plainName tells a user name that may be shown.
func plainName(s string) bool {
	return s != "" && len(s) <= 64 && strings.IndexFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._-", r))
	}) < 0
}

// maxPart is how much of an offending part is shown, in bytes.
const maxPart = 60

func plainWord(s string) string {
	if len(s) > maxPart {
		return s[:maxPart] + "…"
	}
	return s
}

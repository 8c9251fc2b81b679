package config

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
)

// Default ports.
const (
	redisPort    = 6379
	sentinelPort = 26379
)

// ParseURL reads a Redis URL tolerantly. Warnings and infos name what was tolerated; with a critical finding the target
// cannot be used. Nothing in a finding is secret.
func ParseURL(raw string, origin Origin) (Target, []finding.Finding) {
	text, found := clean(raw)
	if bad := mistake(text); bad != nil {
		return Target{Origin: origin}, append(found, *bad)
	}
	p := &parser{target: Target{Origin: origin}}
	scheme, rest, _ := strings.Cut(text, "://")
	p.scheme(strings.ToLower(scheme))
	p.authority(rest)
	if p.fatal == nil {
		p.target.URL = p.target.masked()
		p.target.Provider = providerOf(p.target)
	}
	found = append(found, p.found...)
	if p.fatal != nil {
		found = append(found, *p.fatal)
	}
	return p.target, found
}

// parser reads what is behind the scheme.
type parser struct {
	target Target
	found  []finding.Finding
	fatal  *finding.Finding
}

func (p *parser) warn(id string, severity finding.Severity, seen ...finding.Evidence) {
	p.found = append(p.found, finding.Finding{ID: id, Severity: severity, Evidence: seen})
}

func (p *parser) fail(id string, seen ...finding.Evidence) {
	if p.fatal == nil {
		p.fatal = &finding.Finding{ID: id, Severity: finding.Critical, Evidence: seen}
	}
}

// scheme is one that mistake has let through.
func (p *parser) scheme(s string) {
	p.target.Network = NetworkTCP
	switch s {
	case "valkey":
		p.warn("config-url-scheme-alias", finding.Info, ev("scheme", s), ev("same_as", "redis"))
	case "valkeys":
		p.warn("config-url-scheme-alias", finding.Info, ev("scheme", s), ev("same_as", "rediss"))
	case "unix", "redis+unix", "redis+socket":
		p.target.Network = NetworkUnix
	}
	if strings.Contains(s, "sentinel") {
		p.target.Network = NetworkSentinel
	}
	if strings.HasPrefix(s, "rediss") || s == "valkeys" {
		p.target.TLS = &TLS{}
	}
}

// authority reads user, password, hosts, path and query. The password may hold what should have been encoded, so it
// ends at the last «@».
func (p *parser) authority(rest string) {
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	authority, tail := rest[:end], rest[end:]
	if p.target.Network == NetworkUnix {
		if at := strings.LastIndexByte(rest, '@'); at >= 0 && !strings.HasPrefix(rest, "/") {
			p.userinfo(rest[:at])
			tail = rest[at+1:]
		} else if authority != "" {
			tail = "/" + rest // unix://run/redis.sock: the first slash was forgotten
		}
		p.socket(tail)
		return
	}
	if strayAt(authority, tail) {
		p.encoding(rest)
		return
	}
	hosts := authority
	if at := strings.LastIndexByte(authority, '@'); at >= 0 {
		p.userinfo(authority[:at])
		hosts = authority[at+1:]
	}
	p.hosts(hosts)
	tail, _, _ = strings.Cut(tail, "#")
	path, query, _ := strings.Cut(tail, "?")
	p.path(strings.Trim(path, "/"))
	p.options(query)
}

// strayAt tells whether an «@» behind the authority belongs to the password: after a «/», «#» or «?» in it. It may stand
// rightly in the value of a query option, behind a host.
func strayAt(authority, tail string) bool {
	if !strings.Contains(tail, "@") {
		return false
	}
	path, query, _ := strings.Cut(tail, "?")
	at := strings.LastIndexByte(authority, '@')
	if at < 0 || at == len(authority)-1 || strings.ContainsAny(path, "@#") || strings.Contains(query, "#") {
		return true
	}
	for pair := range strings.SplitSeq(query, "&") {
		if name, _, ok := strings.Cut(pair, "="); !ok || !plainName(name) {
			return true
		}
	}
	return false
}

// encoding reports a password that must be encoded before any client can tell where it ends.
func (p *parser) encoding(rest string) {
	at := strings.LastIndexByte(rest, '@')
	info, behind := rest[:at], rest[at+1:]
	user, password, colon := strings.Cut(info, ":")
	if !colon {
		user, password = "", info
	}
	characters, encoded := special(password + user)
	shown := p.schemeText() + "://"
	if plainName(user) {
		shown += user
	}
	shown += ":" + Mask + "@" + plainTail(behind)
	p.fail("config-url-password-encoding", ev("characters", characters), ev("encoded", encoded), ev("corrected", shown))
}

func (p *parser) schemeText() string { return p.target.schemeText() }

// schemeText is the target's scheme as redis clients know it.
func (t Target) schemeText() string {
	s := "redis"
	if t.TLS != nil {
		s = "rediss"
	}
	switch t.Network {
	case NetworkSentinel:
		return s + "+sentinel"
	case NetworkUnix:
		return "unix"
	}
	return s
}

// special lists the characters of a password that have a meaning in URLs, and their encoded forms.
func special(s string) (characters, encoded string) {
	var a, b []string
	for _, c := range []string{"%", "@", "/", "#", "?", ":", "[", "]", " "} {
		if strings.Contains(s, c) {
			a = append(a, c)
			b = append(b, strings.ReplaceAll(url.QueryEscape(c), "+", "%20"))
		}
	}
	return strings.Join(a, " "), strings.Join(b, " ")
}

// userinfo reads user:password. Raw «@» and «%» that redis-py and go-redis would take as they are, are taken and named.
func (p *parser) userinfo(info string) {
	rawUser, rawPassword, colon := strings.Cut(info, ":")
	user, okUser := unescape(rawUser)
	password, okPassword := unescape(rawPassword)
	if strings.ContainsAny(info, "@ ") || !okUser || !okPassword {
		characters, encoded := special(strings.Map(func(r rune) rune {
			if r == '@' || r == ' ' || (r == '%' && (!okUser || !okPassword)) {
				return r
			}
			return -1
		}, info))
		p.warn("config-url-password-encoding", finding.Warning, ev("characters", characters), ev("encoded", encoded))
	}
	p.target.Username, p.target.Password = user, Secret(password)
	switch {
	case placeholder(password):
		p.fail("config-url-placeholder", ev("part", "password"))
	case placeholder(user):
		p.fail("config-url-placeholder", ev("part", "user"))
	case !colon && user != "":
		p.warn("config-url-password-as-user", finding.Warning)
	}
}

// unescape decodes %XX; a «%» that starts no escape stays, as Python leaves it.
func unescape(s string) (string, bool) {
	if v, err := url.PathUnescape(s); err == nil {
		return v, true
	}
	return s, false
}

// hosts reads one host:port, or several for Sentinel.
func (p *parser) hosts(s string) {
	port := redisPort
	list := []string{s}
	if p.target.Network == NetworkSentinel {
		port, list = sentinelPort, strings.Split(s, ",")
	}
	for _, one := range list {
		e, ok := p.endpoint(strings.TrimSpace(one), port)
		if !ok {
			return
		}
		p.target.Endpoints = append(p.target.Endpoints, e)
	}
}

func (p *parser) endpoint(s string, port int) (Endpoint, bool) {
	host, text := s, ""
	end := strings.IndexByte(s, ']')
	switch colons := strings.Count(s, ":"); {
	case strings.HasPrefix(s, "[") && end > 0 && !placeholder(s):
		host, text = s[1:end], strings.TrimPrefix(s[end+1:], ":")
	case strings.HasPrefix(s, "["), colons > 1: // without brackets, which part of an IPv6 address is the port?
		p.badHost(s)
		return Endpoint{}, false
	case colons == 1:
		host, text, _ = strings.Cut(s, ":")
	}
	host, _ = unescape(host)
	switch {
	case host == "":
		host = "localhost"
	case placeholder(host):
		p.fail("config-url-placeholder", ev("part", "host"), ev("value", plainWord(host)))
		return Endpoint{}, false
	case strings.ContainsAny(host, " ,;=\"'<>{}|\\^`$"):
		p.badHost(host)
		return Endpoint{}, false
	}
	if text == "" {
		return Endpoint{Host: host, Port: port}, true
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > 65535 {
		shown := text
		if err != nil {
			shown = Mask // without an «@», this may be the password of redis://user:password
		}
		corrected := p.schemeText() + "://" + host + ":" + strconv.Itoa(port)
		if p.target.Password != "" {
			corrected = p.schemeText() + "://" + p.target.shownUser() + ":" + Mask + "@" + host + ":" + strconv.Itoa(port)
		}
		p.fail("config-url-port", ev("part", shown), ev("corrected", corrected))
		return Endpoint{}, false
	}
	return Endpoint{Host: host, Port: n}, true
}

func (p *parser) badHost(host string) { p.fail("config-url-host", ev("part", plainWord(host))) }

// path is the database; for Sentinel the primary's name comes first.
func (p *parser) path(s string) {
	if p.target.Network == NetworkSentinel {
		name, rest, _ := strings.Cut(s, "/")
		name, _ = unescape(name)
		if name == "" {
			p.fail("config-url-sentinel-master", ev("corrected", p.schemeText()+"://HOST:26379/mymaster/0"))
			return
		}
		p.target.Master, s = name, rest
	}
	if s != "" {
		p.database(s)
	}
}

func (p *parser) database(s string) {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || s[0] == '+' {
		p.warn("config-url-db", finding.Warning, ev("part", plainWord(s)))
		return
	}
	p.target.DB = n
}

// socket reads the path of a unix socket; the database is an option there.
func (p *parser) socket(tail string) {
	path, query, _ := strings.Cut(tail, "?")
	path, _ = unescape(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	if path == "/" {
		p.fail("config-url-host", ev("part", ""))
		return
	}
	p.target.Path = path
	p.options(query)
}

func ev(name string, value any) finding.Evidence { return finding.Evidence{Name: name, Value: value} }

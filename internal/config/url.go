package config

import (
	"net/url"
	"slices"
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
	if p.blanks {
		p.warn("config-url-whitespace", finding.Warning, ev("characters", escapeRune(' ')))
	}
	if p.fatal == nil {
		p.target.URL = p.target.masked()
		p.target.Provider = providerOf(p.target)
	}
	found = append(found, p.found...)
	if p.fatal != nil {
		return p.target, append(found, *p.fatal)
	}
	return p.target, withForms(found, p.target)
}

// withForms adds the form that every client reads to what was tolerated.
func withForms(found []finding.Finding, t Target) []finding.Finding {
	for i, f := range found {
		form := t.URL
		switch f.ID {
		case "config-url-password-as-user":
			form = strings.Replace(form, "://"+Mask+"@", "://:"+Mask+"@", 1)
		case "config-url-quotes", "config-url-whitespace", "config-url-password-encoding":
		default:
			continue
		}
		found[i].Evidence = append(slices.Clone(f.Evidence), ev("corrected", form))
	}
	return found
}

// parser reads what is behind the scheme.
type parser struct {
	target Target
	login  bool            // something stood before an «@»
	blanks bool            // blanks inside were passed over
	named  map[string]bool // options that were reported
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
	if p.target.Network == NetworkSentinel {
		hosts = oneLogin(authority)
	}
	if at := strings.LastIndexByte(hosts, '@'); at >= 0 {
		p.login = true
		p.userinfo(hosts[:at])
		hosts = hosts[at+1:]
	}
	tail, fragment, _ := strings.Cut(tail, "#")
	path, query, _ := strings.Cut(tail, "?")
	path = strings.Trim(path, "/")
	if hosts == "" && !p.hostless(path) {
		return
	}
	if p.hosts(hosts); p.fatal != nil {
		p.keepDatabase(path)
		return
	}
	if p.target.Network == NetworkSentinel {
		p.masterName(&path, query, fragment)
	}
	p.path(path)
	p.options(query)
}

// oneLogin is u:p@h1,h2 from u:p@h1,u:p@h2, as some write it for Sentinels.
func oneLogin(authority string) string {
	parts := strings.Split(authority, ",")
	first, _, _ := strings.Cut(parts[0], "@")
	for i, part := range parts {
		login, host, ok := strings.Cut(part, "@")
		if !ok || login != first || strings.Contains(host, "@") {
			return authority
		}
		parts[i] = host
	}
	return first + "@" + strings.Join(parts, ",")
}

// hostless judges a URL with three slashes: the path is a database, or what should have stood elsewhere.
func (p *parser) hostless(path string) bool {
	if p.target.Network != NetworkTCP || !strings.ContainsAny(path, "/.:") {
		return true
	}
	corrected := p.schemeText() + "://" + plainTail(path, false)
	if strings.HasSuffix(path, ".sock") || strings.Contains(path, "/") && !address(path) {
		corrected = "unix:///PATH"
		if plainName(strings.ReplaceAll(path, "/", "")) {
			corrected = "unix:///" + path
		}
	}
	p.fail("config-url-host", ev("reason", "no-host"), ev("corrected", corrected))
	return false
}

// masterName reads the primary's name where Lettuce and Spring write it: redis-sentinel://h1,h2/DB#NAME.
func (p *parser) masterName(path *string, query, fragment string) {
	name := fragment
	for pair := range strings.SplitSeq(query, "&") {
		if value, ok := strings.CutPrefix(pair, "sentinelMasterId="); ok && name == "" {
			name = value
		}
	}
	if name, _ = unescape(name); name != "" && strings.Trim(*path, "0123456789") == "" {
		*path = url.PathEscape(name) + "/" + *path
	}
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
	shown += ":" + Mask + "@" + plainTail(behind, true)
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
			if c == " " {
				a[len(a)-1] = escapeRune(' ')
			}
		}
	}
	return strings.Join(a, " "), strings.Join(b, " ")
}

// userinfo reads user:password. Raw «@» and «%» that redis-py and go-redis would take as they are, are taken and named.
func (p *parser) userinfo(info string) {
	rawUser, rawPassword, colon := strings.Cut(info, ":")
	user, okUser := unescape(rawUser)
	password, okPassword := unescape(rawPassword)
	p.target.Username, p.target.Password = user, Secret(password)
	switch {
	case placeholder(password):
		p.fail("config-url-placeholder", ev("part", "password"), ev("element", "password"))
	case placeholder(user):
		p.fail("config-url-placeholder", ev("part", "user"), ev("element", "user"))
	case strings.ContainsAny(info, "@ ") || !okUser || !okPassword:
		p.rawLogin(info, okUser && okPassword)
	}
	if !colon && user != "" && user != "default" {
		p.warn("config-url-password-as-user", finding.Warning)
	}
}

// rawLogin names the characters that should have been encoded.
func (p *parser) rawLogin(info string, escapes bool) {
	characters, encoded := special(strings.Map(func(r rune) rune {
		if r == '@' || r == ' ' || (r == '%' && !escapes) {
			return r
		}
		return -1
	}, info))
	p.warn("config-url-password-encoding", finding.Warning, ev("characters", characters), ev("encoded", encoded))
}

// unescape decodes %XX; a «%» that starts no escape stays, as Python leaves it.
func unescape(s string) (string, bool) {
	if v, err := url.PathUnescape(s); err == nil {
		return v, true
	}
	return s, false
}

// path is the database; for Sentinel the primary's name comes first.
func (p *parser) path(s string) {
	if p.target.Network == NetworkSentinel {
		name, rest, _ := strings.Cut(s, "/")
		name, _ = unescape(name)
		if strings.Trim(name, "0123456789") == "" && rest == "" { // none, or the database alone
			p.fail("config-url-sentinel-master", ev("corrected", p.proposal()+"/mymaster/"+strconv.Itoa(p.target.DB)))
			return
		}
		p.target.Master, s = name, rest
	}
	if s != "" {
		p.database(s)
	}
}

func (p *parser) database(s string) {
	if text := strings.TrimSpace(s); text != s {
		p.blanks, s = true, text
	}
	if s == "" {
		return
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || s[0] == '+' {
		p.warn("config-url-db", finding.Warning, ev("part", shownDatabase(s)), ev("corrected", p.target.masked()))
		return
	}
	p.target.DB = n
}

// databaseWords are names that people give to a database; another word may be the end of a password.
var databaseWords = []string{
	"cache", "redis", "default", "mymaster", "master", "db", "sessions", "session", "celery", "queue", "test", "dev", "prod", "staging",
}

// shownDatabase shows what stands in the database's place, unless a piece of a password may have strayed there: three letters
// give none away.
func shownDatabase(s string) string {
	number := strings.TrimPrefix(strings.ToLower(s), "db")
	if len(s) <= 3 && plainName(s) || slices.Contains(databaseWords, s) || strings.Trim(number, "0123456789/+-;,. %") == "" {
		return plainWord(s)
	}
	return Mask
}

// socket reads the path of a unix socket; the database is an option there.
func (p *parser) socket(tail string) {
	path, query, _ := strings.Cut(tail, "?")
	path, _ = unescape(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	if path == "/" {
		p.fail("config-url-host", ev("reason", "no-path"), ev("corrected", "unix:///run/redis/redis.sock"))
		return
	}
	p.target.Path = path
	p.options(query)
}

func ev(name string, value any) finding.Evidence { return finding.Evidence{Name: name, Value: value} }

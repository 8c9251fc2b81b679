package config

import (
	"net"
	"strconv"
	"strings"
)

// hosts reads one host:port, or several for Sentinel.
func (p *parser) hosts(s string) {
	port := redisPort
	list := []string{s}
	if p.target.Network == NetworkSentinel {
		port, list = sentinelPort, strings.Split(s, ",")
	} else if several := strings.FieldsFunc(s, listMark); len(several) > 1 {
		p.severalHosts(s, several)
		return
	}
	for _, one := range list {
		text := strings.TrimSpace(one)
		if text == "" && len(list) > 1 {
			continue // a comma too many
		}
		p.blanks = p.blanks || text != one
		e, ok := p.endpoint(text, port)
		if !ok {
			return
		}
		p.target.Endpoints = append(p.target.Endpoints, e)
	}
}

func listMark(r rune) bool { return r == ',' || r == ';' }

// severalHosts is a list where one host belongs: a cluster is found from any of its nodes.
func (p *parser) severalHosts(s string, all []string) {
	shown := s
	for _, one := range all {
		if host, _, _ := strings.Cut(one, ":"); !address(one) && !hostLike(host, p.login) {
			shown = Mask
		}
	}
	first, _, _ := strings.Cut(strings.TrimSpace(all[0]), " ")
	p.fail("config-url-host", ev("part", plainWord(shown)), ev("reason", "several-hosts"),
		ev("corrected", p.loginProposal()+plainTail(first, p.login)+"/0"))
}

// endpoint reads host, host:port or [IPv6]:port.
func (p *parser) endpoint(s string, port int) (Endpoint, bool) {
	host, text := s, ""
	end := strings.IndexByte(s, ']')
	switch colons := strings.Count(s, ":"); {
	case strings.HasPrefix(s, "[") && end > 0 && !placeholder(s):
		host, text = s[1:end], strings.TrimPrefix(s[end+1:], ":")
	case strings.HasPrefix(s, "["), colons > 1: // without brackets, which part of an IPv6 address is the port?
		p.noBrackets(s)
		return Endpoint{}, false
	case colons == 1:
		host, text, _ = strings.Cut(s, ":")
	}
	if trimmed := strings.TrimSpace(host); trimmed != host {
		p.blanks, host = true, trimmed
	}
	host, _ = unescape(host)
	switch {
	case host == "":
		host = "localhost"
	case hostPlaceholder(host):
		p.fail("config-url-placeholder", ev("part", "host"), ev("element", "host"), ev("value", variable(host)))
		return Endpoint{}, false
	case strings.ContainsAny(host, " ,;=\"'<>{}|\\^`$/@?#()") || strings.Contains(host, ":") && !strings.HasPrefix(s, "["):
		p.badHost(host)
		return Endpoint{}, false
	}
	if text = strings.TrimSpace(text); text == "" {
		return Endpoint{Host: host, Port: port}, true
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > 65535 {
		p.badPort(host, text, port)
		return Endpoint{}, false
	}
	return Endpoint{Host: host, Port: n}, true
}

// badHost is a host with characters that no name has; they are what is wrong, and its rest may be no host at all.
func (p *parser) badHost(host string) {
	good, _, _ := strings.Cut(host, " ")
	shown := Mask
	if words := strings.ReplaceAll(host, "$", ""); strings.Trim(words, "abcdefghijklmnopqrstuvwxyz .-") == "" && len(host) <= maxPart {
		shown = host
	}
	if strings.Contains(host, ":") && address(host) {
		shown = host
	} else {
		good = placeholderHost
	}
	p.fail("config-url-host", ev("part", shown), ev("corrected", p.loginProposal()+plainTail(good, true)))
}

// noBrackets is a bare IPv6 address, or a password with colons before a host without «@».
func (p *parser) noBrackets(s string) {
	text := strings.Trim(s, "[]")
	corrected := ""
	if i := strings.LastIndexByte(text, ':'); i > 0 && net.ParseIP(text[:i]) != nil && len(text[i+1:]) == 4 && portNumber(text[i+1:]) {
		corrected = "[" + text[:i] + "]:" + text[i+1:]
	} else if net.ParseIP(text) != nil {
		corrected = "[" + text + "]:6379"
	}
	if corrected != "" {
		p.fail("config-url-host", ev("part", plainWord(s)), ev("reason", "brackets"), ev("corrected", p.loginProposal()+corrected+"/0"))
		return
	}
	p.fail("config-url-host", ev("part", Mask), ev("corrected", p.loginProposal()+plainTail(s, p.login)))
}

// badPort is what stands behind the colon and is no port: a slip behind a number, a template, or, without an «@», the
// password of redis://user:password.
func (p *parser) badPort(host, text string, port int) {
	number := text[:len(text)-len(strings.TrimLeft(text, "0123456789"))]
	slip := strings.Trim(strings.NewReplacer(`\n`, "", `\r`, "").Replace(text[len(number):]), " ,.;:'\"`)]}>") == ""
	switch {
	case placeholder(text), strings.EqualFold(text, "port"):
		p.fail("config-url-placeholder", ev("part", "port"), ev("element", "port"), ev("value", variable(text)))
		return
	case portNumber(number) && slip:
		p.fail("config-url-port", ev("part", text), ev("corrected", p.loginProposal()+net.JoinHostPort(host, number)))
		return
	case !p.login && number != text && !hostLike(host, false) && plainName(host):
		p.fail("config-url-port", ev("part", Mask), ev("corrected", p.schemeText()+"://"+host+":"+Mask+"@"+anyHost))
		return
	}
	shown := text
	if strings.Trim(text, "-0123456789") != "" || len(text) > 12 {
		shown = Mask
	}
	p.fail("config-url-port", ev("part", shown), ev("corrected", p.loginProposal()+net.JoinHostPort(host, strconv.Itoa(port))))
}

// loginProposal is scheme://user:***@, as far as there is a login.
func (p *parser) loginProposal() string {
	if p.target.Password == "" && p.target.shownUser() == "" {
		return p.schemeText() + "://"
	}
	user := p.target.shownUser()
	if p.target.Password == "" {
		return p.schemeText() + "://" + user + "@"
	}
	return p.schemeText() + "://" + user + ":" + Mask + "@"
}

// proposal is the login and the addresses.
func (p *parser) proposal() string { return p.loginProposal() + p.target.Address() }

// longestDB is how many digits the number of a database has at most: more are, mostly, something else.
const longestDB = 4

// keepDatabase adds the database of the address to the form that is proposed, where that has none: who mends a port must not
// end up in another database.
func (p *parser) keepDatabase(path string) {
	if p.target.Network != NetworkTCP || path == "" || len(path) > longestDB || strings.Trim(path, "0123456789") != "" {
		return
	}
	for i, e := range p.fatal.Evidence {
		form, _ := e.Value.(string)
		if _, rest, ok := strings.Cut(form, "://"); e.Name == "corrected" && ok && !strings.Contains(rest, "/") {
			p.fatal.Evidence[i].Value = form + "/" + path
		}
	}
}

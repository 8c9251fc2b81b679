package config

import (
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/sorting"
)

// shownUser is the user as reports show it: a user without a password is, mostly, a password in the wrong place.
func (t Target) shownUser() string {
	if t.Username != "" && t.Password == "" {
		return Mask
	}
	return url.PathEscape(t.Username)
}

// masked is the URL as understood, without its password.
func (t Target) masked() string {
	var b strings.Builder
	b.WriteString(t.schemeText() + "://")
	if user := t.shownUser(); user != "" || t.Password != "" {
		b.WriteString(user)
		if t.Password != "" {
			b.WriteString(":" + Mask)
		}
		b.WriteString("@")
	}
	if t.Network == NetworkUnix {
		b.WriteString((&url.URL{Path: t.Path}).EscapedPath())
		if t.DB > 0 {
			b.WriteString("?db=" + strconv.Itoa(t.DB))
		}
		return b.String()
	}
	b.WriteString(t.Address())
	if t.Network == NetworkSentinel {
		b.WriteString("/" + url.PathEscape(t.Master))
	}
	return b.String() + "/" + strconv.Itoa(t.DB)
}

// Address is host:port, the Sentinels' addresses, or the socket's path.
func (t Target) Address() string {
	if t.Network == NetworkUnix {
		return t.Path
	}
	all := make([]string, len(t.Endpoints))
	for i, e := range t.Endpoints {
		all[i] = net.JoinHostPort(e.Host, strconv.Itoa(e.Port))
	}
	return strings.Join(all, ",")
}

// Display names the target as an operator would, localhost:6379/0; it is what a flush asks to be typed.
func (t Target) Display() string {
	s := t.Address()
	if t.Network == NetworkSentinel {
		s = t.Master + "@" + s
	}
	return s + "/" + strconv.Itoa(t.DB)
}

// Loopback tells a target on this machine: localhost, 127.0.0.0/8, ::1 or a unix socket.
func (t Target) Loopback() bool {
	if t.Network == NetworkUnix {
		return true
	}
	for _, e := range t.Endpoints {
		host := strings.TrimSuffix(strings.ToLower(e.Host), ".")
		if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			return false
		}
	}
	return true
}

// Secrets are the texts that must not appear in any output, in every form in which they travel, longest first.
func (t Target) Secrets() []string {
	var out []string
	add := func(s string) {
		if s == "" {
			return
		}
		for _, form := range []string{s, url.PathEscape(s), url.QueryEscape(s), url.UserPassword("", s).String()[1:], strings.TrimSpace(s)} {
			if form != "" && !slices.Contains(out, form) {
				out = append(out, form)
			}
		}
	}
	add(t.Password.Reveal())
	if t.Password == "" {
		add(t.Username)
	}
	sorting.By(out, func(a, b string) int { return len(b) - len(a) })
	return out
}

// shortSecret is the length in bytes below which a secret is masked as a whole word only: it would else eat ordinary text.
const shortSecret = 4

// Redact masks the target's secrets in foreign text, such as a server's reply.
func (t Target) Redact(s string) string {
	for _, secret := range t.Secrets() {
		if len(secret) >= shortSecret {
			s = strings.ReplaceAll(s, secret, Mask)
		} else {
			s = redactWord(s, secret)
		}
	}
	return s
}

func redactWord(s, word string) string {
	var b strings.Builder
	for {
		i := strings.Index(s, word)
		if i < 0 {
			b.WriteString(s)
			return b.String()
		}
		end := i + len(word)
		if i > 0 && alnum(s[i-1]) || end < len(s) && alnum(s[end]) {
			b.WriteString(s[:end])
		} else {
			b.WriteString(s[:i] + Mask)
		}
		s = s[end:]
	}
}

func alnum(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

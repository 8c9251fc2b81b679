package findings

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
)

// seen reads evidence by name.
type seen struct{ finding.Finding }

// numbers are the names of evidence that only ever is a number: it goes into commands as it is. A file of --load may say
// otherwise, and must not.
var numbers = []string{"port", "found_port", "published_port", "container_port", "pid", "good", "db", "memory_bytes"}

func (s seen) text(name string) string {
	v := s.Value(name)
	if v == nil {
		return ""
	}
	text := fmt.Sprint(v)
	if slices.Contains(numbers, name) && strings.Trim(text, "0123456789") != "" {
		return ""
	}
	return text
}

func (s seen) is(name string) bool { return s.Value(name) == true }

// address is the target's URL in parts: redis, default:***@ and host:port/0. It is masked, so nothing in it is secret.
func (s seen) address() (scheme, login, rest string) {
	scheme, rest, _ = strings.Cut(s.text("url"), "://")
	authority, _, _ := strings.Cut(rest, "/")
	at := strings.LastIndexByte(authority, '@') + 1
	return scheme, rest[:at], rest[at:]
}

func (s seen) sentinel() bool {
	scheme, _, _ := s.address()
	return strings.HasSuffix(scheme, "+sentinel")
}

// scheme is that of a data server.
func (s seen) scheme() string {
	if s.is("tls") {
		return "rediss"
	}
	return "redis"
}

// spoken is the target with another scheme; Sentinels stay in between.
func (s seen) spoken(scheme string) string {
	was, login, rest := s.address()
	if was == "" {
		return ""
	}
	if s.sentinel() {
		scheme += "+sentinel"
	}
	return assignment(scheme + "://" + login + rest)
}

// withPassword is the target with the place where its password goes.
func (s seen) withPassword() string {
	scheme, _, rest := s.address()
	if scheme == "" {
		return ""
	}
	return assignment(scheme + "://default:" + config.Mask + "@" + rest)
}

// elsewhere is a data server at another host:port, with the same login and database.
func (s seen) elsewhere(hostPort string) string {
	_, login, _ := s.address()
	return assignment(s.scheme() + "://" + login + hostPort + "/" + s.text("db"))
}

// throughSentinel is the primary of that name behind the Sentinel at the target's address; there is none for a socket.
func (s seen) throughSentinel(master string) string {
	_, login, _ := s.address()
	if s.text("host") == "" {
		return ""
	}
	return assignment(s.scheme() + "+sentinel://" + login + net.JoinHostPort(s.text("host"), s.text("port")) + "/" +
		url.PathEscape(master) + "/" + s.text("db"))
}

// redisCLI is redis-cli on the target. The password goes through the environment: on the command line others could see it.
func (s seen) redisCLI(command string) string {
	where := " -h " + shellWord(s.text("host")) + " -p " + shellWord(s.text("port"))
	if s.text("host") == "" {
		where = " -s " + shellWord(s.text("address")) // a unix socket
	}
	return s.redisCLIOptions() + where + " " + command
}

// asAdmin is redis-cli as the server's administrator, mostly the default user. Where that is the user who may not, another is.
func (s seen) asAdmin(command string) string {
	f := s.Finding
	f.Evidence = append([]finding.Evidence{{Name: "has_password", Value: false}, {Name: "user", Value: ""}}, f.Evidence...)
	start := `REDISCLI_AUTH="$REDIS_ADMIN_PASSWORD" redis-cli`
	if user := s.text("user"); user == "" || user == "default" {
		start += ` --user "$REDIS_ADMIN_USER"`
	}
	return start + strings.TrimPrefix(seen{f}.redisCLI(command), "redis-cli")
}

// redisCLIOptions is redis-cli with how to log in and speak to the target.
func (s seen) redisCLIOptions() string {
	var b strings.Builder
	if s.is("has_password") {
		b.WriteString(finding.PasswordOfCLI)
	}
	b.WriteString("redis-cli")
	if user := s.text("user"); user != "" && user != "default" {
		b.WriteString(" --user " + shellWord(user))
	}
	if s.is("tls") {
		b.WriteString(" --tls")
		switch file := s.text("ca_file"); {
		case s.is("insecure"):
			b.WriteString(" --insecure")
		case file != "":
			b.WriteString(" --cacert " + shellWord(file))
		}
	}
	return b.String()
}

// assignment is a line for a .env file or a shell.
func assignment(value string) string {
	// A shell expands no patterns in an assignment: the *** of a masked password needs no quotes there.
	if plainWord(strings.Map(func(r rune) rune {
		if strings.ContainsRune("*[]?", r) {
			return '_'
		}
		return r
	}, value)) {
		return "REDIS_URL=" + value
	}
	return "REDIS_URL=" + shellWord(value)
}

// shellWord quotes a word for a shell. What is no printable text (a file name with a line end, a host name that a server
// made up) is written in the $'…' of POSIX 2024, bash, zsh and ksh, so that no command ever holds a raw control character.
func shellWord(s string) string {
	if plainWord(s) {
		return s
	}
	if strings.IndexFunc(s, func(r rune) bool { return !strconv.IsPrint(r) }) < 0 && utf8.ValidString(s) {
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	var b strings.Builder
	b.WriteString("$'")
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		switch {
		case r == '\'' || r == '\\':
			b.WriteString(`\` + s[:n])
		case strconv.IsPrint(r) && (r != utf8.RuneError || n > 1):
			b.WriteString(s[:n])
		default:
			for _, c := range []byte(s[:n]) {
				fmt.Fprintf(&b, `\x%02x`, c)
			}
		}
		s = s[n:]
	}
	return b.String() + "'"
}

// plainWord tells a word that means the same to every shell without quotes.
func plainWord(s string) bool {
	return s != "" && strings.IndexFunc(s, func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:@%+=,", r)
	}) < 0
}

package cli_test

import (
	"bytes"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/cli"
	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

// situation is one server as the run meets it, for one password.
type situation struct {
	name, url string
	code      int
	timeout   string
	connected bool // commands are sent, which --verbose shows
}

// TestSecretsNeverAppear runs `test` and `doctor` in every situation and format, quietly and not, in both languages, and looks for the
// password in both streams.
func TestSecretsNeverAppear(t *testing.T) {
	t.Parallel()
	tls := redistest.Start(t, redistest.WithTLS(redistest.TLSOptions{}))
	plain := redistest.Start(t)
	silent, refused := redistest.Silent(t), redistest.Refused(t)
	other := redistest.Start(t, redistest.WithPassword("another"))
	for _, password := range []string{"s3cret", "p@ss w/ord#1%"} {
		good := redistest.Start(t, redistest.WithPassword(password))
		replica := redistest.StartReplica(t, good)
		misconf := redistest.Start(t, redistest.WithPassword(password))
		misconf.EnterMisconf()
		at := func(scheme, addr string) string {
			return (&url.URL{Scheme: scheme, User: url.UserPassword("", password), Host: addr}).String()
		}
		for _, s := range []situation{
			{name: "success", url: good.URL(), code: cli.ExitOK, connected: true},
			{name: "wrong password", url: at("redis", other.Addr()), code: cli.ExitUnreachable, connected: true},
			{name: "TLS required", url: at("redis", tls.Addr()), code: cli.ExitUnreachable},
			// A plain Redis waits for the end of the line that it takes a TLS handshake for.
			{name: "not TLS", url: at("rediss", plain.Addr()), code: cli.ExitUnreachable, timeout: "300ms"},
			{name: "certificate", url: at("rediss", tls.Addr()), code: cli.ExitUnreachable},
			{name: "refused", url: at("redis", refused), code: cli.ExitUnreachable},
			{name: "silent", url: at("redis", silent), code: cli.ExitUnreachable, timeout: "60ms"},
			{name: "replica", url: replica.URL(), code: cli.ExitFailed, connected: true},
			{name: "before Redis 6", url: at("redis", beforeSix(t)), code: cli.ExitUnreachable, connected: true},
			{name: "in other words", url: at("redis", otherWords(t, password)), code: cli.ExitUnreachable, connected: true},
			{name: "in values", url: at("redis", inValues(t, password)), code: cli.ExitFailed, connected: true},
			{name: "MISCONF", url: misconf.URL(), code: cli.ExitFailed, connected: true},
			{
				name: "password without its colon", url: "redis://" + url.QueryEscape(password) + "@" + other.Addr(),
				code: cli.ExitUnreachable, connected: true,
			},
			{
				name: "unencoded", url: "redis://:" + password + "@" + good.Addr(), code: unencoded(password),
				connected: password == "s3cret",
			},
			{name: "impossible port", url: at("redis", "localhost") + ":99999", code: cli.ExitUsage},
		} {
			t.Run(password+"/"+s.name, func(t *testing.T) {
				t.Parallel()
				tryAll(t, s, password)
			})
		}
	}
}

// unencoded is the code of a URL with the raw password in it: with a «/» or «#» nobody can tell where it ends.
func unencoded(password string) int {
	if strings.ContainsAny(password, "/#") {
		return cli.ExitUsage
	}
	return cli.ExitOK
}

// tryAll runs every combination of flags, some at a time.
func tryAll(t *testing.T, s situation, password string) {
	t.Helper()
	var wg sync.WaitGroup
	room := make(chan struct{}, 20)
	start := func(command, format, lang string, more []string) {
		args := append([]string{command, "-o", format, "--lang", lang}, more...)
		if s.timeout != "" {
			args = append(args, "--timeout", s.timeout)
		}
		wg.Go(func() {
			room <- struct{}{}
			defer func() { <-room }()
			try(t, s, password, args)
		})
	}
	for i, format := range []string{"text", "json", "junit", "github", "markdown", "nagios"} {
		for j, more := range [][]string{nil, {"-v"}, {"-q"}} {
			// Without the programs of this machine, which cost most of the time: what they say is masked in surround.
			offline := append([]string{"--offline"}, more...)
			for k, lang := range []string{"fr", "en"} {
				// Every pair of format, flag and language; every triple of text, which has the most words.
				if format == "text" || format != "nagios" && (i+j+k)%2 == 0 {
					start("test", format, lang, offline)
				}
				if lang == "fr" && slices.Equal(more, []string{"-v"}) || lang == "en" && format == "text" {
					start("doctor", format, lang, offline)
				}
			}
		}
	}
	wg.Wait()
}

func try(t *testing.T, s situation, password string, args []string) {
	t.Helper()
	env := map[string]string{"LANG": "C.UTF-8"}
	if args[4] == "en" { // both ways in are taken
		env["REDIS_URL"] = s.url
	} else {
		args = append(args, "--url", s.url)
	}
	var out, diag locked
	code := cli.Run(t.Context(), cli.Env{
		Args: args, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &diag, Now: time.Now,
		LookupEnv: func(name string) (string, bool) { v, ok := env[name]; return v, ok },
	})
	what := strings.Join(args[:min(7, len(args))], " ")
	// doctor has its own verdict on what works, and plugins have codes of their own.
	judged := args[0] == "test" || args[2] != "nagios" && (s.code == cli.ExitUnreachable || s.code == cli.ExitUsage)
	if judged && code != s.code {
		t.Errorf("%s: exit code %d, want %d; it said:\n%s%s", what, code, s.code, out.String(), diag.String())
	}
	if out.String()+diag.String() == "" {
		t.Errorf("%s: nothing was said", what)
	}
	for stream, text := range map[string]string{"stdout": out.String(), "stderr": diag.String()} {
		for _, form := range formsOf(password) {
			for _, shown := range []string{text, unescaped(text)} {
				if strings.Contains(shown, form) {
					t.Errorf("%s: %s holds %q:\n%s", what, stream, form, text)
					return
				}
			}
		}
	}
	if verbose := slices.Contains(args, "-v"); s.connected && verbose != strings.Contains(diag.String(), "HELLO") {
		t.Errorf("%s: stderr is %q", what, diag.String())
	}
}

// formsOf are the password, its encodings, and a telling part of it.
func formsOf(password string) []string {
	forms := []string{
		password, url.QueryEscape(password), url.PathEscape(password), strings.ToLower(url.QueryEscape(password)),
		strings.TrimPrefix(url.UserPassword("", password).String(), ":"),
	}
	if strings.Contains(password, "w/ord") {
		forms = append(forms, "w/ord", "w%2Ford", "w%2ford", "p@ss", "p%40ss")
	}
	return forms
}

// unescaped takes back what the formats do to data: a password that is only written otherwise is a leak all the same.
func unescaped(text string) string {
	return strings.NewReplacer("&#8203;", "", "%25", "%", "%0A", "\n", "%2C", ",", "%3A", ":", `\\`, `\`, `\`, "", "&amp;", "&",
		"&#34;", `"`, "&#39;", "'", "&lt;", "<", "&gt;", ">").Replace(text)
}

// beforeSix is a server before Redis 6: it quotes the arguments of what it does not know or take, the password among them.
func beforeSix(t *testing.T) string {
	t.Helper()
	return redistest.FakeRESP(t, func(cmd []string) string {
		if strings.EqualFold(cmd[0], "auth") {
			return redistest.ErrorReply("ERR invalid password '" + strings.Join(cmd[1:], "' '") + "'")
		}
		return redistest.ErrorReply("ERR unknown command `" + cmd[0] + "`, with args beginning with: `" + strings.Join(cmd[1:], "`, `") + "`, ")
	})
}

// otherWords is a proxy that refuses every login and plays it back, in its own words and as the URL would have it.
func otherWords(t *testing.T, password string) string {
	t.Helper()
	return redistest.FakeRESP(t, func([]string) string {
		return redistest.ErrorReply("WRONGPASS upstream said no to default:" + password + " (" + url.QueryEscape(password) + ", " +
			url.PathEscape(password) + ", redis://" + url.UserPassword("default", password).String() + "@cache)")
	})
}

// inValues lets everybody in and answers GET with the password.
func inValues(t *testing.T, password string) string {
	t.Helper()
	return redistest.FakeRESP(t, func(cmd []string) string {
		switch strings.ToLower(cmd[0]) {
		case "hello":
			return "%1\r\n" + redistest.BulkReply("server") + redistest.BulkReply("redis")
		case "get":
			return redistest.BulkReply("your password is " + password)
		case "del":
			return ":1\r\n"
		case "ping":
			return redistest.SimpleReply("PONG")
		}
		return redistest.SimpleReply("OK")
	})
}

// locked is a buffer for a run whose trace and report may come from two goroutines.
type locked struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *locked) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

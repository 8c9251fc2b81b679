package redisconn_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

func attempt(t *testing.T, in config.Input) redisconn.Opening {
	t.Helper()
	o := redisconn.Attempt(t.Context(), load(t, in), redisconn.Options{Timeout: time.Second})
	if o.Conn != nil {
		t.Cleanup(o.Conn.Close)
	}
	if (o.Conn == nil) != (o.Err != nil) || o.Took <= 0 {
		t.Errorf("opening %+v", o)
	}
	return o
}

// TestAttempt tells how far it came: the way, the times, what HELLO said, and the failure by its first sign.
func TestAttempt(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, redistest.WithTLS(redistest.TLSOptions{}), redistest.WithPassword("s3cret"), redistest.WithDatabases(2))
	good := strings.Replace(s.URL(), "127.0.0.1", "localhost", 1)
	o := attempt(t, config.Input{URL: good + "/1", TLSCA: s.TLS.CA})
	if o.Err != nil || !o.LoggedIn || o.Server.Version == "" || o.Server.NoHello || o.Commands != 3 || len(o.Ways) != 1 {
		t.Fatalf("opening %+v", o)
	}
	if got := o.Timing; got.DNS <= 0 || got.TCP <= 0 || got.TLS <= 0 || got.Hello <= 0 || got.Auth != 0 || got.Select <= 0 || got.Ping <= 0 ||
		got.Login < got.Hello {
		t.Errorf("timing %+v", got)
	}
	w := o.Way(o.Server.Addr)
	if w == nil || w.Peer != s.Addr() || len(w.Addresses) == 0 || w.Tries[len(w.Tries)-1].Err != nil || w.TLS == nil ||
		w.TLS.Config.ServerName != "localhost" || redisconn.Verify(w.TLS.Config, w.TLS.State.PeerCertificates) != "" {
		t.Errorf("way %+v", w)
	}
	if o.Way("elsewhere:1") != nil {
		t.Error("a way that nobody went")
	}

	o = attempt(t, config.Input{URL: good + "/7", TLSCA: s.TLS.CA})
	e, _ := redisconn.AsError(o.Err)
	if e == nil || e.ID != "server-db-range" || o.LoggedIn || o.Server.Version == "" || o.Way(e.Addr).TLS == nil {
		t.Errorf("no such database: %+v", o)
	}
	o = attempt(t, config.Input{URL: "redis://:s3cret@" + s.Addr()})
	if e, _ = redisconn.AsError(o.Err); e == nil || e.ID != "tcp-closed" || e.Step != redisconn.StepProtocol {
		t.Errorf("without a second look: %v", o.Err)
	}
	if o.Server.NoHello || o.Server.Product != "" {
		t.Errorf("of a server that said nothing: %+v", o.Server)
	}
}

// TestFirstBytes: what a foreign server says first is kept without a part of our password at its end, an alert is TLS, and a
// blank line is no word.
func TestFirstBytes(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, url, id string }{
		{"a password at the cut", "redis://:geheim-geheim@" + redistest.Banner(t, strings.Repeat("x", 90)+"geheim-geheim"), "proto-other"},
		{"an alert", "redis://" + redistest.Banner(t, "\x15\x03\x01\x00\x02\x02\x0a"), "tls-required"},
		{"a blank line in clear text", "rediss://" + redistest.Banner(t, "\r\nwelcome\r\n"), "tls-not-supported"},
	} {
		_, err := open(t, load(t, config.Input{URL: tc.url}))
		e, ok := redisconn.AsError(err)
		if !ok || e.ID != tc.id {
			t.Errorf("%s: %v", tc.name, err)
			continue
		}
		for _, seen := range e.Evidence {
			if text, _ := seen.Value.(string); strings.Contains(text, "gehei") || len(text) > 96 {
				t.Errorf("%s: %s is %q", tc.name, seen.Name, text)
			}
		}
	}
}

// TestErrorText finds a secret also where the driver quoted it.
func TestErrorText(t *testing.T) {
	t.Parallel()
	redact := func(s string) string { return strings.ReplaceAll(s, `a"b\`, "***") }
	for in, want := range map[string]string{
		`plain a"b\`:                                  `plain ***`,
		`can't parse "220 a\"b\\" of it`:              `can't parse "220 ***" of it`,
		`one "a\"b\\", two "a\"b\\"`:                  `one "***", two "***"`,
		`not closed "a\"b\\`:                          `not closed "***`,
		"ERR unknown, with args beginning with: 'pw'": "ERR unknown",
	} {
		if got := redisconn.ErrorText(redact, errors.New(in)); got != want {
			t.Errorf("%s became %s, want %s", in, got, want)
		}
	}
}

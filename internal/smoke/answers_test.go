package smoke_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/redistest"
	"github.com/olympiades-ia/olymp-cache/internal/smoke"
)

// TestAnswers gives answers that look like success and are not.
func TestAnswers(t *testing.T) {
	t.Parallel()
	const (
		setGood = "connect ok, ping ok, set ok, "
		getGood = setGood + "get ok, "
	)
	for _, tc := range []struct {
		name     string
		replies  map[string]string
		steps    string
		evidence map[string]any // of the problem
	}{
		{"good", nil, allGood, nil},
		{
			"another value",
			map[string]string{"GET": bulk("something else")},
			setGood + "get fail write-mismatch, ttl skip earlier-failure, del ok",
			map[string]any{"read": "something else"},
		},
		{
			"truncated",
			map[string]string{"GET": bulk("Hello from")},
			setGood + "get fail write-mismatch, ttl skip earlier-failure, del ok",
			map[string]any{"read": "Hello from"},
		},
		{
			"empty",
			map[string]string{"GET": bulk("")},
			setGood + "get fail write-mismatch, ttl skip earlier-failure, del ok",
			map[string]any{"read": ""},
		},
		{
			"a value without end",
			map[string]string{"GET": bulk(strings.Repeat("x", 5000))},
			setGood + "get fail write-mismatch, ttl skip earlier-failure, del ok",
			map[string]any{"read": strings.Repeat("x", 120) + "…"},
		},
		{
			"nil",
			map[string]string{"GET": "$-1\r\n"},
			setGood + "get fail write-vanished, ttl skip earlier-failure, del ok", nil,
		},
		{
			"nil of RESP 3",
			map[string]string{"GET": "_\r\n"},
			setGood + "get fail write-vanished, ttl skip earlier-failure, del ok", nil,
		},
		{
			"GET refused",
			map[string]string{"GET": redistest.ErrorReply("NOPERM no get")},
			setGood + "get fail auth-no-permission, ttl skip earlier-failure, del ok",
			map[string]any{"reply": "NOPERM no get"},
		},
		{
			"SET NX refused",
			map[string]string{"SET": "_\r\n"},
			"connect ok, ping ok, set fail write-key-exists, get skip earlier-failure, ttl skip earlier-failure, " +
				"del skip earlier-failure", nil,
		},
		{
			"SET NX refused, in RESP 2",
			map[string]string{"SET": "$-1\r\n"},
			"connect ok, ping ok, set fail write-key-exists, get skip earlier-failure, ttl skip earlier-failure, " +
				"del skip earlier-failure", nil,
		},
		{
			"no expiry",
			map[string]string{"PTTL": ":-1\r\n"},
			getGood + "ttl fail write-ttl, del ok",
			map[string]any{"ttl_s": -1.0, "wanted_s": 60.0},
		},
		{"gone", map[string]string{"PTTL": ":-2\r\n"}, getGood + "ttl fail write-vanished, del ok", nil},
		{"no time left", map[string]string{"PTTL": ":0\r\n"}, getGood + "ttl fail write-ttl, del ok", map[string]any{"ttl_s": 0.0}},
		{
			"a bit too long",
			map[string]string{"PTTL": ":60001\r\n"},
			getGood + "ttl fail write-ttl, del ok",
			map[string]any{"ttl_s": 60.001},
		},
		{"exactly a minute", map[string]string{"PTTL": ":60000\r\n"}, allGood, nil},
		{"a millisecond", map[string]string{"PTTL": ":1\r\n"}, allGood, nil},
		{
			"PTTL refused",
			map[string]string{"PTTL": redistest.ErrorReply("NOPERM no pttl")},
			getGood + "ttl fail auth-no-permission, del ok", nil,
		},
		{"nothing deleted", map[string]string{"DEL": ":0\r\n"}, getGood + "ttl ok, del fail write-vanished", nil},
		{
			"PING refused",
			map[string]string{"PING": redistest.ErrorReply("MISCONF cannot save")},
			"connect ok, ping fail server-misconf, set skip earlier-failure, get skip earlier-failure, " +
				"ttl skip earlier-failure, del skip earlier-failure", nil,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, tc.replies)
			res := test(t, f.URL(), smoke.Options{})
			wantSteps(t, res, tc.steps)
			for name, want := range tc.evidence {
				if got := res.Problem().Value(name); got != want {
					t.Errorf("%s is %v, want %v", name, got, want)
				}
			}
			if res.KeyLeft != "" || res.Unreachable {
				t.Errorf("key left %q, unreachable %v", res.KeyLeft, res.Unreachable)
			}
		})
	}
}

// TestDELRefused: what cannot be deleted is said to be left.
func TestDELRefused(t *testing.T) {
	t.Parallel()
	f := newFake(t, map[string]string{"DEL": redistest.ErrorReply("NOPERM no del")})
	res := test(t, f.URL(), smoke.Options{})
	wantSteps(t, res, "connect ok, ping ok, set ok, get ok, ttl ok, del fail auth-no-permission")
	if res.KeyLeft != step(t, res, "set").Value("key") {
		t.Errorf("key left %q", res.KeyLeft)
	}
}

// TestNothingIsWritten records what a server receives that must not be written to.
func TestNothingIsWritten(t *testing.T) {
	t.Parallel()
	replica := map[string]string{
		"HELLO": hello("replica", "standalone"),
		"INFO":  bulk("role:slave\r\nmaster_host:::1\r\nmaster_port:6380\r\n"),
	}
	for _, tc := range []struct {
		name     string
		replies  map[string]string
		opts     smoke.Options
		commands string
		steps    string
	}{
		{
			"replica", replica,
			smoke.Options{},
			"HELLO PING INFO",
			"connect ok, ping ok, set fail server-readonly, get skip earlier-failure, ttl skip earlier-failure, del skip earlier-failure",
		},
		{"read-only", nil, smoke.Options{ReadOnly: true}, "HELLO PING INFO", "connect ok, ping ok, info ok"},
		{"read-only replica", replica, smoke.Options{ReadOnly: true}, "HELLO PING INFO", "connect ok, ping ok, info ok"},
		{
			"read-only latency", nil,
			smoke.Options{ReadOnly: true, Count: 2},
			"HELLO PING INFO PING PING",
			"connect ok, ping ok, info ok, latency ok",
		},
		{
			"INFO refused on a replica",
			map[string]string{
				"HELLO": hello("replica", "standalone"), "INFO": redistest.ErrorReply("NOPERM no info"),
			},
			smoke.Options{},
			"HELLO PING INFO",
			"connect ok, ping ok, set fail server-readonly, get skip earlier-failure, ttl skip earlier-failure, del skip earlier-failure",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, tc.replies)
			res := test(t, f.URL(), tc.opts)
			wantSteps(t, res, tc.steps)
			if got := f.names(); got != tc.commands {
				t.Errorf("the server received %s, want %s", got, tc.commands)
			}
			if tc.name == "replica" && res.Problem().Value("primary") != "[::1]:6380" {
				t.Errorf("primary is %v", res.Problem().Value("primary"))
			}
		})
	}
}

// TestEchoedPassword: a broken or hostile server that plays the password back does not get it into the report.
func TestEchoedPassword(t *testing.T) {
	t.Parallel()
	const secret = "p@ss w/ord"
	f := newFake(t, map[string]string{
		"GET":  bulk("Hello " + secret),
		"INFO": bulk("redis_version:" + secret + "\r\nrole:" + secret + "\r\nmaster_host:" + secret + "\r\nmaster_port:1\r\n"),
	})
	url := "redis://:p%40ss%20w%2Ford@" + f.Addr()
	for _, o := range []smoke.Options{{}, {ReadOnly: true}} {
		res := test(t, url, o)
		if text := fmt.Sprintf("%+v", res.Steps); strings.Contains(text, secret) || !strings.Contains(text, config.Mask) {
			t.Errorf("steps hold the password, or no mask: %s", text)
		}
		if p := res.Problem(); p != nil && strings.Contains(fmt.Sprintf("%+v", *p), secret) {
			t.Errorf("the problem holds the password: %+v", *p)
		}
	}
}

// TestDoubtfulSET: a SET that could not be sent leaves no key to speak of; a cluster whose node is out of reach.
func TestDoubtfulSET(t *testing.T) {
	t.Parallel()
	host, port, _ := strings.Cut(redistest.Refused(t), ":")
	slots := "*1\r\n*3\r\n:0\r\n:16383\r\n*3\r\n" + bulk(host) + ":" + port + "\r\n" + bulk(strings.Repeat("a", 40))
	f := newFake(t, map[string]string{"HELLO": hello("master", "cluster"), "CLUSTER": slots})
	res := test(t, f.URL(), smoke.Options{})
	wantSteps(t, res, "connect ok, ping ok, set fail server-cluster-unreachable, get skip earlier-failure, "+
		"ttl skip earlier-failure, del skip earlier-failure")
	if res.KeyLeft != "" {
		t.Errorf("key left %q, though nothing was written", res.KeyLeft)
	}
}

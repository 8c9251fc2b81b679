package surround

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

// TestAnswers asks real servers and things that are none.
func TestAnswers(t *testing.T) {
	t.Parallel()
	full := redistest.Start(t)
	defer full.EnterMaxClients(2)()
	for name, c := range map[string]struct {
		addr string
		kind AnswerKind
		text string
	}{
		"open":        {redistest.Start(t).Addr(), AnswerPong, "+PONG"},
		"password":    {redistest.Start(t, redistest.WithPassword("S3cret")).Addr(), AnswerAuth, "-NOAUTH Authentication required."},
		"TLS":         {redistest.Start(t, redistest.WithTLS(redistest.TLSOptions{})).Addr(), AnswerTLS, ""},
		"full":        {full.Addr(), AnswerError, "-ERR max number of clients reached"},
		"HTTP":        {redistest.HTTP(t), AnswerOther, "HTTP/1.1 400 Bad Request"},
		"SSH":         {redistest.Banner(t, "SSH-2.0-OpenSSH_9.2\r\n"), AnswerOther, "SSH-2.0-OpenSSH_9.2"},
		"protected":   {redistest.Banner(t, "-DENIED protected mode\r\n"), AnswerDenied, "-DENIED protected mode"},
		"silent":      {redistest.Silent(t), AnswerSilent, ""},
		"closed":      {redistest.Closer(t), AnswerClosed, ""},
		"refused":     {redistest.Refused(t), AnswerRefused, ""},
		"no accept":   {redistest.Backlogged(t), AnswerTimeout, ""},
		"own secrets": {redistest.Banner(t, "-ERR OWN redis://:S3cret@h\n"), AnswerError, "-ERR *** redis://***@h"},
	} {
		at := netip.MustParseAddrPort(c.addr)
		l := newLook(Options{Redact: func(s string) string { return strings.ReplaceAll(s, "OWN", "***") }})
		got := l.ask(t.Context(), at.Addr().String(), int(at.Port()))
		want := Answer{Address: at.Addr().String(), Port: int(at.Port()), Kind: c.kind, Text: c.text}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestAnswersBothFamilies(t *testing.T) {
	t.Parallel()
	port := redistest.Start(t).Port
	got := newLook(Options{}).answers(t.Context(), []int{port})
	if len(got) != 2 || got[0].Address != "127.0.0.1" || got[0].Kind != AnswerPong || got[1].Address != "::1" ||
		got[1].Kind != AnswerRefused && got[1].Kind != AnswerUnreachable {
		t.Errorf("%+v", got)
	}
}

func TestFirstPorts(t *testing.T) {
	t.Parallel()
	got := newLook(Options{Ports: []int{6400, 6379, 0, -1, 70000}}).firstPorts()
	if diff := cmp.Diff([]int{6379, 6380, 6400, 7000, 16379, 26379}, got); diff != "" {
		t.Error(diff)
	}
	many := make([]int, 100)
	for i := range many {
		many[i] = 100 + i
	}
	if got := newLook(Options{Ports: slices.Clone(many)}).firstPorts(); len(got) != maxPorts {
		t.Errorf("%d ports are tried", len(got))
	}
}

func TestReplyKind(t *testing.T) {
	t.Parallel()
	for reply, want := range map[string]AnswerKind{
		"+PONG\r\n": AnswerPong, "-ERR operation not permitted\r\n": AnswerAuth, "-LOADING x": AnswerError,
		"\x15\x03\x01\x00\x02": AnswerTLS, "\x16\x03\x03": AnswerTLS, "\x16\x03": AnswerOther, "$4": AnswerOther, "": AnswerClosed,
	} {
		if got := replyKind([]byte(reply), errors.New("EOF")); got != want {
			t.Errorf("%q: %s", reply, got)
		}
	}
	if got := replyKind(nil, context.DeadlineExceeded); got != AnswerSilent {
		t.Errorf("deadline: %s", got)
	}
}

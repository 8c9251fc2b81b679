package smoke_test

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/redistest"
	"github.com/olympiades-ia/olymp-cache/internal/smoke"
)

const (
	basics   = allGood + ", "
	skipRest = ", api-second skip earlier-failure, api-key skip earlier-failure"
)

// says is an API that sends these X-Cache headers in turn, the last one again and again; "-" is none.
func says(headers ...string) http.HandlerFunc {
	var calls atomic.Int32
	return func(w http.ResponseWriter, _ *http.Request) {
		n := min(int(calls.Add(1)), len(headers))
		if h := headers[n-1]; h != "-" {
			w.Header().Set("X-Cache", h)
		}
		_, _ = io.WriteString(w, "page") // the client is ours
	}
}

// TestAPI: what an API and its Redis may say, and what is made of it.
func TestAPI(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	for _, tc := range []struct {
		name    string
		api     http.HandlerFunc
		ttl     string // of the key in Redis, in seconds; "" none, "-" no key
		steps   string // behind the basics
		speedUp bool
	}{
		{"MISS, then HIT", says("MISS", "HIT"), "300", "api-first ok, api-second ok, api-key ok", true},
		{"HIT, then HIT", says("HIT"), "1", "api-first ok, api-second ok, api-key ok", false},
		{
			"HIT, then MISS", says("HIT", "MISS"), "300",
			"api-first ok, api-second fail api-always-miss, api-key skip earlier-failure", false,
		},
		{"always MISS", says("MISS"), "300", "api-first ok, api-second fail api-always-miss, api-key skip earlier-failure", false},
		{"no header", says("-"), "300", "api-first fail api-no-header" + skipRest, false},
		{
			"no header at the second call", says("MISS", "-"), "300",
			"api-first ok, api-second fail api-no-header, api-key skip earlier-failure", false,
		},
		{"another word", says("BYPASS"), "300", "api-first fail api-no-header" + skipRest, false},
		{"CloudFront failed", says("Error from cloudfront"), "300", "api-first fail api-no-header" + skipRest, false},
		{"lower case", says("miss", "hit"), "300", "api-first ok, api-second ok, api-key ok", true},
		{"CloudFront", says("Miss from cloudfront", "Hit from cloudfront"), "300", "api-first ok, api-second ok, api-key ok", true},
		{"CloudFront asked again", says("RefreshHit from cloudfront"), "300", "api-first ok, api-second ok, api-key ok", false},
		{"two layers", says("MISS, MISS", "MISS, HIT"), "300", "api-first ok, api-second ok, api-key ok", true},
		{
			"two layers, the answer's is a MISS", says("HIT, MISS"), "300",
			"api-first ok, api-second fail api-always-miss, api-key skip earlier-failure", false,
		},
		{"500", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Cache", "HIT")
			w.WriteHeader(http.StatusInternalServerError)
		}, "300", "api-first fail api-error-status" + skipRest, false},
		{"404", http.NotFound, "300", "api-first fail api-error-status" + skipRest, false},
		{"204", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Cache", "HIT")
			w.WriteHeader(http.StatusNoContent)
		}, "300", "api-first ok, api-second ok, api-key ok", false},
		{"key missing", says("MISS", "HIT"), "-", "api-first ok, api-second ok, api-key fail api-key-missing", true},
		{"key without TTL", says("MISS", "HIT"), "", "api-first ok, api-second ok, api-key fail api-key-no-ttl", true},
		{"TTL too long", says("MISS", "HIT"), "301", "api-first ok, api-second ok, api-key fail api-key-long-ttl", true},
		{"redirected", func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/page" {
				http.Redirect(w, r, "/page", http.StatusFound)
				return
			}
			says("HIT")(w, r)
		}, "300", "api-first ok, api-second ok, api-key ok", false},
		{"redirected for ever", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/", http.StatusFound)
		}, "300", "api-first fail api-unreachable redirects" + skipRest, false},
		{
			"hangs up", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "300",
			"api-first fail api-unreachable closed" + skipRest, false,
		},
		{"hangs up in the middle", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Cache", "HIT")
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, "half")
			panic(http.ErrAbortHandler)
		}, "300", "api-first fail api-unreachable closed" + skipRest, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			key := "page:" + tc.name
			switch tc.ttl {
			case "-":
			case "":
				do(t, s, "SET", key, "page")
			default:
				do(t, s, "SET", key, "page", "EX", tc.ttl)
			}
			agents := atomic.Int32{}
			web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.UserAgent() == "olymp-cache/1" {
					agents.Add(1)
				}
				tc.api(w, r)
			}))
			t.Cleanup(web.Close)
			res := test(t, s.URL(), smoke.Options{API: &smoke.API{
				URL: web.URL, Key: key, MaxTTL: 5 * time.Minute, Timeout: 10 * time.Second, UserAgent: "olymp-cache/1",
			}})
			wantAPI(t, res, tc.steps)
			if agents.Load() == 0 {
				t.Error("no call named itself olymp-cache")
			}
			if got := step(t, res, "api-second").Value("speed_up"); (got != nil) != tc.speedUp {
				t.Errorf("speed-up is %v", got)
			}
		})
	}
}

// wantAPI compares the steps; a problem's reason, if any, stands behind its id.
func wantAPI(t *testing.T, res *smoke.Result, want string) {
	t.Helper()
	for i := range res.Steps {
		if p := res.Steps[i].Problem; p != nil && p.Value("reason") != nil {
			named := *p
			named.ID += " " + p.Value("reason").(string)
			res.Steps[i].Problem = &named
		}
	}
	wantSteps(t, res, basics+want)
}

// TestAPIUnreachable: the ways in which there is no answer, each with its name.
func TestAPIUnreachable(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	quiet := log.New(io.Discard, "", 0)
	secure := httptest.NewUnstartedServer(says("HIT"))
	secure.Config.ErrorLog = quiet
	secure.StartTLS()
	t.Cleanup(secure.Close)
	plain := httptest.NewUnstartedServer(says("HIT"))
	plain.Config.ErrorLog = quiet
	plain.Start()
	t.Cleanup(plain.Close)
	for _, tc := range []struct{ name, url, want string }{
		{"refused", "http://" + redistest.Refused(t), "api-unreachable refused"},
		{"unknown name", "http://no-such-host.invalid/", "api-unreachable dns"},
		{"certificate", secure.URL, "api-unreachable certificate"},
		{"not TLS", strings.Replace(plain.URL, "http:", "https:", 1), "api-unreachable not-tls"},
		{"another protocol under https", "https://" + redistest.Banner(t, "SSH-2.0-OpenSSH_9.2\r\n"), "api-unreachable not-tls"},
		{"TLS wanted", strings.Replace(secure.URL, "https:", "http:", 1), "api-error-status"},
		{"silent", "http://" + redistest.Silent(t), "api-unreachable timeout"},
		{"hangs up", "http://" + redistest.Closer(t), "api-unreachable closed"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			patience := 10 * time.Second
			if tc.name == "silent" {
				patience = 100 * time.Millisecond
			}
			start := time.Now()
			res := test(t, s.URL(), smoke.Options{API: &smoke.API{
				URL: tc.url + "/x?token=geheim", Key: "k", MaxTTL: time.Minute, Timeout: patience,
			}})
			wantAPI(t, res, "api-first fail "+tc.want+skipRest)
			if url := res.Problem().Value("url"); url == nil || strings.Contains(url.(string), "geheim") {
				t.Errorf("url is %v", url)
			}
			if took := time.Since(start); took > 15*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
}

// TestFresh deletes the key first: an API that still says HIT reads something else.
func TestFresh(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	// An API that works: it looks whether the key is there and fills it.
	works := func(key string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			state := "HIT"
			if n, err := s.Do("EXISTS", key); err != nil || n == "0" {
				state = "MISS"
				if _, err := s.Do("SET", key, "page", "EX", "60"); err != nil {
					state = err.Error()
				}
			}
			w.Header().Set("X-Cache", state)
		}
	}
	for _, tc := range []struct {
		name, key string
		api       http.HandlerFunc
		fresh     bool
		steps     string
	}{
		{"works", "a", works("a"), true, "api-fresh ok, api-first ok, api-second ok, api-key ok"},
		{"works, not fresh", "b", works("b"), false, "api-first ok, api-second ok, api-key ok"},
		{"another key", "c", works("c2"), true, "api-fresh ok, api-first ok, api-second ok, api-key fail api-key-missing"},
		{"stale HIT", "d", says("HIT"), true, "api-fresh ok, api-first fail api-always-hit-stale" + skipRest},
		{"no header", "e", says("-"), true, "api-fresh ok, api-first fail api-no-header" + skipRest},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			do(t, s, "SET", tc.key, "stale", "EX", "60")
			web := httptest.NewServer(tc.api)
			t.Cleanup(web.Close)
			res := test(t, s.URL(), smoke.Options{API: &smoke.API{
				URL: web.URL, Key: tc.key, MaxTTL: time.Minute, Timeout: 10 * time.Second, Fresh: tc.fresh,
			}})
			wantAPI(t, res, tc.steps)
			if first := step(t, res, "api-first").Value("x_cache"); tc.name == "works" && first != "MISS" {
				t.Errorf("the first call says %v", first)
			}
		})
	}
}

// TestAPIBehindFailure: with a broken Redis the API is not called at all.
func TestAPIBehindFailure(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	web := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { calls.Add(1) }))
	t.Cleanup(web.Close)
	f := newFake(t, map[string]string{"GET": "$-1\r\n"})
	res := test(t, f.URL(), smoke.Options{API: &smoke.API{URL: web.URL, Key: "k", Fresh: true, Timeout: time.Second}})
	wantSteps(t, res, "connect ok, ping ok, set ok, get fail write-vanished, ttl skip earlier-failure, del ok, "+
		"api-fresh skip earlier-failure, api-first skip earlier-failure"+skipRest)
	if calls.Load() != 0 {
		t.Errorf("%d calls", calls.Load())
	}
}

// TestSpeedUp: it is the time of the MISS over that of the HIT.
func TestSpeedUp(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	do(t, s, "SET", "k", "page", "EX", "60")
	answer := says("MISS", "HIT")
	var calls atomic.Int32
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if calls.Add(1) == 1 {
			time.Sleep(200 * time.Millisecond)
		}
		answer(w, r)
	}))
	t.Cleanup(web.Close)
	res := test(t, s.URL(), smoke.Options{API: &smoke.API{URL: web.URL, Key: "k", MaxTTL: time.Minute, Timeout: 10 * time.Second}})
	first, _ := step(t, res, "api-first").Value("took_ms").(float64)
	second, _ := step(t, res, "api-second").Value("took_ms").(float64)
	up, _ := step(t, res, "api-second").Value("speed_up").(float64)
	// The times are shown in microseconds: the ratio of what is shown is a little off.
	if first < 200 || up < 0.9*first/second || up > 1.1*first/second {
		t.Errorf("%v ms over %v ms gives %v", first, second, up)
	}
	if size := step(t, res, "api-second").Value("size_bytes"); size != int64(4) {
		t.Errorf("size_bytes is %v", size)
	}
}

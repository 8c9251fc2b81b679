package cli_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/olympiades-ia/olymp-cache/internal/cli"
	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

// page is an API in front of a real Redis: MISS where its key is not there, which it then writes, else HIT.
type page struct {
	redis *redistest.Server
	key   string
	write []string // behind SET KEY VALUE: «EX 300»; nil writes nothing
	say   func(hit bool) string
}

func (p page) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	there, err := p.redis.Do("EXISTS", p.key)
	if err != nil {
		http.Error(w, "no Redis", http.StatusBadGateway)
		return
	}
	hit := there == "1"
	if !hit && p.write != nil {
		if _, err := p.redis.Do(append([]string{"SET", p.key, "page"}, p.write...)...); err != nil {
			http.Error(w, "no Redis", http.StatusBadGateway)
			return
		}
	}
	if word := p.say(hit); word != "" {
		w.Header().Set("X-Cache", word)
	}
	_, _ = io.WriteString(w, "page") // the client is ours
}

func honest(hit bool) string {
	if hit {
		return "HIT"
	}
	return "MISS"
}

// TestDoctorAPI: what OLYMP_CACHE_API_URL adds to a diagnosis, for every way in which an API and its cache go wrong.
func TestDoctorAPI(t *testing.T) {
	t.Parallel()
	minute := []string{"EX", "60"}
	for _, tc := range []struct {
		id  string // "" where all is well
		api func(s *redistest.Server) http.Handler
	}{
		{"", func(s *redistest.Server) http.Handler { return page{s, "vitrine_cache", minute, honest} }},
		{"api-error-status", func(*redistest.Server) http.Handler { return http.NotFoundHandler() }},
		{"api-no-header", func(s *redistest.Server) http.Handler {
			return page{s, "vitrine_cache", minute, func(bool) string { return "" }}
		}},
		{"api-always-miss", func(s *redistest.Server) http.Handler { return page{s, "vitrine_cache", nil, honest} }},
		{"api-key-missing", func(s *redistest.Server) http.Handler { return page{s, "prod:vitrine_cache", minute, honest} }},
		{"api-key-no-ttl", func(s *redistest.Server) http.Handler { return page{s, "vitrine_cache", []string{}, honest} }},
		{"api-key-long-ttl", func(s *redistest.Server) http.Handler {
			return page{s, "vitrine_cache", []string{"EX", "3600"}, honest}
		}},
		{"api-unreachable", nil},
	} {
		t.Run(tc.id, func(t *testing.T) {
			t.Parallel()
			s := redistest.Start(t, redistest.WithArgs("--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru"))
			for i := range 60 { // families enough to use up what the glance at the keys may cost
				if _, err := s.Do("SET", fmt.Sprintf("family%c%c:1", 'a'+i%26, 'a'+i/26), "x", "EX", "60"); err != nil {
					t.Fatal(err)
				}
			}
			address := "http://" + redistest.Refused(t)
			if tc.api != nil {
				api := httptest.NewServer(tc.api(s))
				defer api.Close()
				address = api.URL
			}
			p := place{
				env:  map[string]string{"REDIS_URL": s.URL(), "OLYMP_CACHE_API_URL": address + "/vitrine?token=" + cachePassword},
				args: []string{"--offline"},
			}
			d, code := p.doctor(t)
			var api []string
			for _, id := range d.loud() {
				if strings.HasPrefix(id, "api-") {
					api = append(api, id)
				}
			}
			if want := strings.Fields(tc.id); !slices.Equal(api, want) || code != cli.ExitOK {
				t.Errorf("found %q, want %q; exit code %d", api, want, code)
			}
			if tc.id == "" && d.CommandsSent > 40 {
				t.Errorf("%d commands were sent", d.CommandsSent)
			}
			p.wantTidy(t, 100, cachePassword)
			if commands := d.commands(tc.id); tc.id == "api-unreachable" && (len(commands) == 0 || !strings.Contains(commands[0], address)) {
				t.Errorf("it says to type %q", commands)
			}
		})
	}
}

// TestStaleAPI: an API that keeps its answers elsewhere says HIT although its key was just deleted. Only --fresh deletes it.
func TestStaleAPI(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	api := httptest.NewServer(page{s, "vitrine_cache", nil, func(bool) string { return "HIT" }})
	defer api.Close()
	out, diag, code := at(s.URL()).run(t, "test", "--api="+api.URL, "--fresh", "-o", "json")
	if code != cli.ExitFailed || !strings.Contains(out, `"api-always-hit-stale"`) {
		t.Errorf("exit code %d\n%s%s", code, out, diag)
	}
}

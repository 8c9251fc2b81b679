package config

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
)

func ids(all []finding.Finding) []string {
	out := []string{}
	for _, f := range all {
		out = append(out, f.ID)
	}
	return out
}

// TestGoodURLs: what is right gives no finding at all.
func TestGoodURLs(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{ // to the URL as reports show it
		"redis://localhost:6379/0":                               "redis://localhost:6379/0",
		"redis://localhost":                                      "redis://localhost:6379/0",
		"redis://":                                               "redis://localhost:6379/0",
		"redis://:@localhost":                                    "redis://localhost:6379/0",
		"redis://127.0.0.1:6380/15":                              "redis://127.0.0.1:6380/15",
		"redis://redis:6379":                                     "redis://redis:6379/0",
		"redis://host/0/":                                        "redis://host:6379/0",
		"redis://host:6379?db=2":                                 "redis://host:6379/2",
		"redis://default@host":                                   "redis://***@host:6379/0",
		"redis-sentinel://h1,h2/2#vitrine":                       "redis+sentinel://h1:26379,h2:26379/vitrine/2",
		"redis+sentinel://:geheim@h1:1,:geheim@h2:2/vitrine":     "redis+sentinel://:***@h1:1,h2:2/vitrine/0",
		"redis+sentinel://h1,/vitrine":                           "redis+sentinel://h1:26379/vitrine/0",
		"REDIS://Host:6379":                                      "redis://Host:6379/0",
		"redis://my_service-1.internal.:6379":                    "redis://my_service-1.internal.:6379/0",
		"redis://[::1]:6379/1":                                   "redis://[::1]:6379/1",
		"redis://[fe80::1%25eth0]:6379":                          "redis://[fe80::1%eth0]:6379/0",
		"redis://:geheim@host":                                   "redis://:***@host:6379/0",
		"redis://default:ge%40he%2Fim@host:1":                    "redis://default:***@host:1/0",
		"redis://app:AbC0123456789=@host":                        "redis://app:***@host:6379/0",
		"rediss://red-cabc123def456ghi7890:pw1@x.render.com":     "rediss://red-cabc123def456ghi7890:***@x.render.com:6379/0",
		"rediss://default:AYzz-_x@eu1-fit-cat-1.upstash.io:6379": "rediss://default:***@eu1-fit-cat-1.upstash.io:6379/0",
		"redis://default:pw12@redis.railway.internal:6379":       "redis://default:***@redis.railway.internal:6379/0",
		"unix:///run/redis.sock":                                 "unix:///run/redis.sock",
		"unix://app:geheim@/run/redis.sock?db=2":                 "unix://app:***@/run/redis.sock?db=2",
		"redis+sentinel://h1:26379,h2/vitrine/2":                 "redis+sentinel://h1:26379,h2:26379/vitrine/2",
		"rediss+sentinel://u:geheim@h1/vitrine":                  "rediss+sentinel://u:***@h1:26379/vitrine/0",
		"redis://default:xxl@host":                               "redis://default:***@host:6379/0",
		"redis://default:None1@nullhost":                         "redis://default:***@nullhost:6379/0",
	} {
		got, found := ParseURL(raw, Origin{})
		if len(found) > 0 || got.URL != want {
			t.Errorf("%s: %s with %v, want %s", raw, got.URL, ids(found), want)
		}
	}
}

// TestMistakes: each slip has its id, and the form that would do.
func TestMistakes(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		raw, id   string
		severity  finding.Severity
		corrected string
	}{
		{"localhost:6379", "config-url-no-scheme", finding.Critical, "redis://localhost:6379"},
		{"redis:6379/0", "config-url-no-scheme", finding.Critical, "redis://redis:6379/0"},
		{"//host:6379", "config-url-no-scheme", finding.Critical, "redis://host:6379"},
		{"host", "config-url-no-scheme", finding.Critical, "redis://host"},
		{"app:geheim@host:6379/0", "config-url-no-scheme", finding.Critical, "redis://app:***@host:6379/0"},
		{"", "config-url-no-scheme", finding.Critical, DefaultURL},
		{"http://host:6379", "config-url-scheme", finding.Critical, "redis://host:6379"},
		{"postgres://app:geheim@host:5432/db", "config-url-scheme", finding.Critical, "redis://HOST:6379/0"},
		{"redis+tls://host:1", "config-url-scheme", finding.Critical, "rediss://host:1"},
		{"https://eu1-cat-123.upstash.io", "config-url-rest-endpoint", finding.Critical, "rediss://default:***@eu1-cat-123.upstash.io:6379"},
		{`"redis://localhost:6379/0"`, "config-url-quotes", finding.Warning, ""},
		{"redis://localhost:6379/0 \r\n", "config-url-whitespace", finding.Warning, ""},
		{"\u200bredis://local\u00adhost", "config-url-whitespace", finding.Warning, ""},
		{"REDIS_URL=redis://:geheim@host:1/2", "config-url-pasted-line", finding.Critical, "redis://:***@host:1/2"},
		{"export REDIS_URL=redis://host", "config-url-pasted-line", finding.Critical, "redis://host"},
		{"redis-cli --tls -u redis://default:geheim@host:1", "config-url-pasted-line", finding.Critical, "rediss://default:***@host:1"},
		{"redis-cli -h host -p 7000 -a geheim", "config-url-pasted-line", finding.Critical, "redis://:***@host:7000"},
		{"redis:/host:6379", "config-url-pasted-line", finding.Critical, "redis://host:6379"},
		{"redis://:p@ss@host", "config-url-password-encoding", finding.Warning, ""},
		{"redis://:50%off@host", "config-url-password-encoding", finding.Warning, ""},
		{"redis://app:p@ss/w#rd:1@host:6379/0", "config-url-password-encoding", finding.Critical, "redis://app:***@host:6379/0"},
		{"redis://:ge?heim@host", "config-url-password-encoding", finding.Critical, "redis://:***@host"},
		{"redis://geheim@host", "config-url-password-as-user", finding.Warning, ""},
		{"redis://default:<password>@host", "config-url-placeholder", finding.Critical, ""},
		{"redis://default:[YOUR-PASSWORD]@host", "config-url-placeholder", finding.Critical, ""},
		{"redis://default:***@host", "config-url-placeholder", finding.Critical, ""},
		{"redis://red-xxxxx:6379", "config-url-placeholder", finding.Critical, ""},
		{"redis://${REDIS_HOST}:6379", "config-url-placeholder", finding.Critical, ""},
		{"redis://undefined:6379", "config-url-placeholder", finding.Critical, ""},
		{"redis://None:6379", "config-url-placeholder", finding.Critical, ""},
		{"$REDIS_URL", "config-url-placeholder", finding.Critical, ""},
		{
			"h.redis.cache.windows.net:6380,password=gehe=,ssl=True,abortConnect=False", "config-url-connection-string",
			finding.Critical, "rediss://:***@h.redis.cache.windows.net:6380",
		},
		{"redis://host?family=0", "config-url-option", finding.Info, ""},
		{"redis://host/abc", "config-url-db", finding.Warning, ""},
		{"redis://host/-1", "config-url-db", finding.Warning, ""},
		{"redis://host:99999", "config-url-port", finding.Critical, "redis://host:6379"},
		{"redis://host:0", "config-url-port", finding.Critical, "redis://host:6379"},
		{"redis://host:99999/0", "config-url-port", finding.Critical, "redis://host:6379/0"},
		{"redis://:pw12@host:99999/3?db=1", "config-url-port", finding.Critical, "redis://:***@host:6379/3"},
		{"redis://host:6380,/2", "config-url-port", finding.Critical, "redis://host:6380/2"},
		{"redis://host:99999/geheim", "config-url-port", finding.Critical, "redis://host:6379"},
		{"redis://default:geheim", "config-url-port", finding.Critical, "redis://default:***@HOST:6379/0"},
		{"redis://my host:6379", "config-url-host", finding.Critical, ""},
		{"redis://fe80::1:6379", "config-url-host", finding.Critical, "redis://[fe80::1]:6379/0"},
		{"redis://::1", "config-url-host", finding.Critical, "redis://[::1]:6379/0"},
		{"redis://[::1", "config-url-host", finding.Critical, "redis://[::1]:6379/0"},
		{"redis://127.0.0.1%3A6380", "config-url-host", finding.Critical, "redis://127.0.0.1:6380"},
		{"redis://:pw12@h1:1,h2:2/0", "config-url-host", finding.Critical, "redis://:***@h1:1/0"},
		{"redis://h1:1;redis://h2:1", "config-url-host", finding.Critical, "redis://h1:1/0"},
		{"redis://:geheim:127.0.0.1:1", "config-url-host", finding.Critical, ""},
		{"redis://host=1;password=geheim", "config-url-host", finding.Critical, ""},
		{"redis:///run/redis/redis.sock", "config-url-host", finding.Critical, "unix:///run/redis/redis.sock"},
		{"redis:///cache.example.com:6380", "config-url-host", finding.Critical, "redis://cache.example.com:6380"},
		{"unix://", "config-url-host", finding.Critical, "unix:///run/redis/redis.sock"},
		{"redis+sentinel://:pw12@h1,h2", "config-url-sentinel-master", finding.Critical, "redis+sentinel://:***@h1:26379,h2:26379/mymaster/0"},
		{"redis+sentinel://h1/0", "config-url-sentinel-master", finding.Critical, "redis+sentinel://h1:26379/mymaster/0"},
		{
			"sentinel://:geheim@h1:26379/0;sentinel://h2:26379/0", "config-url-scheme", finding.Critical,
			"redis+sentinel://:***@h1:26379,h2:26379/mymaster/0",
		},
		{"geheim", "config-url-no-scheme", finding.Critical, "redis://HOST:6379/0"},
		{"6380", "config-url-no-scheme", finding.Critical, "redis://localhost:6380"},
		{"::1", "config-url-no-scheme", finding.Critical, "redis://[::1]:6379"},
		{"/run/redis.sock", "config-url-no-scheme", finding.Critical, "unix:///run/redis.sock"},
		{"127.0.0.1:6379@geheim", "config-url-no-scheme", finding.Critical, "redis://:***@127.0.0.1:6379"},
		{"127.0.0.1:6379:geheim", "config-url-no-scheme", finding.Critical, "redis://:***@127.0.0.1:6379"},
		{"cmVkaXM6Ly86Z2VoZWltQGhvc3Q6MQ==", "config-url-encoded", finding.Critical, "redis://:***@host:1"},
		{"redis%3A%2F%2F%3Ageheim%40host%3A1", "config-url-encoded", finding.Critical, "redis://:***@host:1"},
		{"redis//host:1", "config-url-pasted-line", finding.Critical, "redis://host:1"},
		{"rediss：//host:1", "config-url-pasted-line", finding.Critical, "rediss://host:1"},
		{"redis ://host:1", "config-url-pasted-line", finding.Critical, "redis://host:1"},
		{"unix:/run/redis.sock", "config-url-pasted-line", finding.Critical, "unix:///run/redis.sock"},
		{"REDIS_TLS_URL=rediss://:geheim@host:1", "config-url-pasted-line", finding.Critical, "rediss://:***@host:1"},
		{"REDIS_URL=host:1", "config-url-pasted-line", finding.Critical, "redis://host:1"},
		{"url: redis://:geheim@host:1/2", "config-url-pasted-line", finding.Critical, "redis://:***@host:1/2"},
		{"« redis://host:1 »", "config-url-pasted-line", finding.Critical, "redis://host:1"},
		{"REDISCLI_AUTH=geheim redis-cli -h host", "config-url-pasted-line", finding.Critical, "redis://:***@host:6379"},
		{"host=h port=1 password=geheim", "config-url-pasted-line", finding.Critical, "redis://HOST:6379/0"},
		{`{"host":"h","password":"geheim"}`, "config-url-pasted-line", finding.Critical, "redis://HOST:6379/0"},
		{"redis://host:6380,", "config-url-port", finding.Critical, "redis://host:6380"},
		{`redis://:pw12@host:6380\n`, "config-url-port", finding.Critical, "redis://:***@host:6380"},
		{"redis://host:port", "config-url-placeholder", finding.Critical, ""},
		{"redis://HOST:6379/0", "config-url-placeholder", finding.Critical, ""},
		{"redis://host:${PORT}", "config-url-placeholder", finding.Critical, ""},
		{"redis://:%s@host", "config-url-placeholder", finding.Critical, ""},
		{"$(cat /run/secrets/url)", "config-url-placeholder", finding.Critical, ""},
		{"redis://host/0/1", "config-url-db", finding.Warning, "redis://host:6379/0"},
		{"redis://host?geheim", "config-url-option", finding.Info, ""},
		{"redis://host?db=Geheim1geheim", "config-url-db", finding.Warning, ""},
		{"redis://host:6379/3?db=2", "config-url-option", finding.Info, ""},
		{"redis://host?x=1&x=2", "config-url-option", finding.Info, ""},
		{"redis://host:1/0 # the cache", "config-url-whitespace", finding.Warning, ""},
		{"redis:// host", "config-url-whitespace", finding.Warning, ""},
		{"valkeys://host:1", "config-url-scheme-alias", finding.Info, ""},
	} {
		_, found := ParseURL(tc.raw, Origin{})
		if len(found) != 1 || found[0].ID != tc.id || found[0].Severity != tc.severity {
			t.Errorf("%q: %v, want %s %s", tc.raw, found, tc.severity, tc.id)
			continue
		}
		if got := found[0].Value("corrected"); tc.corrected != "" && got != tc.corrected {
			t.Errorf("%q: corrected to %v, want %s", tc.raw, got, tc.corrected)
		}
		if text := fmt.Sprintf("%+v", found); strings.Contains(text, "geheim") || strings.Contains(text, "gehe=") {
			t.Errorf("%q: the password is in %s", tc.raw, text)
		}
	}
}

func TestTolerated(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]Target{
		"redis://:p@ss@host":                     {Password: "p@ss"},
		"redis://:50%off@host":                   {Password: "50%off"},
		"redis://u:pass word@host":               {Username: "u", Password: "pass word"},
		" 'redis://:pw@host' ":                   {Password: "pw"},
		"redis://host?password=pw":               {Password: "pw"},
		"redis://geheim@host":                    {Username: "geheim"},
		"rediss://host?ssl_cert_reqs=CERT_NONE":  {TLS: &TLS{Insecure: true}},
		"rediss://host?rejectUnauthorized=false": {TLS: &TLS{Insecure: true}},
		"valkeys://host":                         {TLS: &TLS{}},
	} {
		got, found := ParseURL(raw, Origin{})
		if hasCritical(found) || len(found) == 0 {
			t.Errorf("%q: %v", raw, ids(found))
		}
		if got.Username != want.Username || got.Password.Reveal() != want.Password.Reveal() || got.Endpoints[0].Host != "host" {
			t.Errorf("%q: user %q, password %q, host %v", raw, got.Username, got.Password.Reveal(), got.Endpoints)
		}
		if diff := cmp.Diff(want.TLS, got.TLS); diff != "" {
			t.Errorf("%q: %s", raw, diff)
		}
	}
}

func TestDisplay(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		raw, address, display, provider string
		loopback                        bool
	}{
		{"redis://localhost", "localhost:6379", "localhost:6379/0", "", true},
		{"redis://127.8.9.1:1/2", "127.8.9.1:1", "127.8.9.1:1/2", "", true},
		{"redis://[::1]", "[::1]:6379", "[::1]:6379/0", "", true},
		{"unix:///run/r.sock", "/run/r.sock", "/run/r.sock/0", "", true},
		{"redis://10.0.0.1", "10.0.0.1:6379", "10.0.0.1:6379/0", "", false},
		{"redis+sentinel://a,b/m/1", "a:26379,b:26379", "m@a:26379,b:26379/1", "", false},
		{"redis://red-cabc123def456ghi7890", "red-cabc123def456ghi7890:6379", "red-cabc123def456ghi7890:6379/0", "render", false},
		{"rediss://default:p@fly-x.upstash.io", "fly-x.upstash.io:6379", "fly-x.upstash.io:6379/0", "fly", false},
		{"rediss://default:p@a-1.upstash.io", "a-1.upstash.io:6379", "a-1.upstash.io:6379/0", "upstash", false},
		{"redis://x.proxy.rlwy.net:1", "x.proxy.rlwy.net:1", "x.proxy.rlwy.net:1/0", "railway", false},
		{
			"rediss://:p@ec2-1-2-3-4.compute-1.amazonaws.com:1", "ec2-1-2-3-4.compute-1.amazonaws.com:1",
			"ec2-1-2-3-4.compute-1.amazonaws.com:1/0", "heroku", false,
		},
		{"redis://n.redis.cache.windows.net:6380", "n.redis.cache.windows.net:6380", "n.redis.cache.windows.net:6380/0", "azure", false},
		{"redis://red-team.example.com", "red-team.example.com:6379", "red-team.example.com:6379/0", "", false},
	} {
		got, _ := ParseURL(tc.raw, Origin{})
		if got.Address() != tc.address || got.Display() != tc.display || got.Provider != tc.provider || got.Loopback() != tc.loopback {
			t.Errorf("%s: %q %q %q %v", tc.raw, got.Address(), got.Display(), got.Provider, got.Loopback())
		}
	}
}

func TestRedact(t *testing.T) {
	t.Parallel()
	target := Target{Username: "app", Password: "s3cr/t w"}
	for in, want := range map[string]string{
		"bad s3cr/t w here":   "bad *** here",
		"url s3cr%2Ft%20w":    "url ***",
		"query s3cr%2Ft+w":    "query ***",
		"app may be shown":    "app may be shown",
		"nothing to see here": "nothing to see here",
	} {
		if got := target.Redact(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
	if got := (Target{Password: "a1"}).Redact("a1 xa1x 'a1'"); got != "*** xa1x '***'" {
		t.Errorf("a short secret: %q", got)
	}
	if got := (Target{Username: "geheim"}).Redact("user geheim"); got != "user ***" {
		t.Errorf("a password in the user's place: %q", got)
	}
}

func TestSecretNeverPrints(t *testing.T) {
	t.Parallel()
	s := Secret("geheim")
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		got := fmt.Sprintf(verb, s) + fmt.Sprintf(verb, struct{ P Secret }{s}) + fmt.Sprintf(verb, &Target{Password: s})
		if strings.Contains(got, "geheim") || strings.Contains(got, "67656865696d") {
			t.Errorf("%s prints %s", verb, got)
		}
	}
}

func FuzzParseURL(f *testing.F) {
	for _, s := range []string{
		"redis://:p@ss/w#rd@h:1/0?db=2", "redis+sentinel://a,b/m", "unix:///x", "host:1,password=x", "redis-cli -u redis://x", "\"' \u200b",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		got, found := ParseURL(raw, Origin{})
		if hasCritical(found) {
			return
		}
		again, more := ParseURL(got.URL, Origin{})
		if got.Password == "" && got.Username == "" && (hasCritical(more) || again.Address() != got.Address() || again.DB != got.DB) {
			t.Errorf("%q is shown as %q, which reads as %q with %v", raw, got.URL, again.URL, ids(more))
		}
	})
}

func FuzzPasswordNeverShows(f *testing.F) {
	f.Add("s3cret", true)
	f.Add("p@ss/w#rd?1%", false)
	f.Add("a:b@c", false)
	f.Fuzz(func(t *testing.T, password string, encode bool) {
		// A marker that nothing else in the URL resembles: no output may hold it. A password with a colon, in the place of
		// user:password, cannot be told from the two.
		const marker = "Qz9Qz9"
		secret := marker + password + marker
		text := secret
		if encode {
			text = url.QueryEscape(secret)
		}
		for _, form := range []string{
			"redis://:%s@h:1/0", "redis://u:%s@h", "%s@h:1", "redis://%s@h", "h:1,password=%s,ssl=True", "redis-cli -u redis://x:%s@h",
		} {
			got, found := ParseURL(fmt.Sprintf(form, text), Origin{})
			shown := got.URL + got.Display() + fmt.Sprintf("%+v", found) + (&Error{Findings: found}).Error()
			if !(strings.Contains(text, ":") && (form == "redis://%s@h" || form == "%s@h:1")) && strings.Contains(shown, marker) {
				t.Errorf("%s with %q shows %s", form, secret, shown)
			}
		}
	})
}

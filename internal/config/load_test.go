package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/joho/godotenv"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
)

func env(pairs ...string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		for i := 0; i+1 < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1], true
			}
		}
		return "", false
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestPrecedence(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, ".git", "HEAD"), "")
	write(t, filepath.Join(dir, ".env"), "# the API\nREDIS_URL=redis://file:1\nREDIS_ENABLED=no\n")
	write(t, filepath.Join(dir, "a.env"), "REDIS_URL=redis://a:1\nOLYMP_CACHE_ALERT_P99=1s\n")
	write(t, filepath.Join(dir, "b.env"), "X=1\n\nREDIS_URL=redis://b:1\n")
	sub := filepath.Join(dir, "backend", "app")
	write(t, filepath.Join(sub, "x"), "")
	for _, tc := range []struct {
		name, host, source string
		in                 Input
	}{
		{"flag", "flag", "flag", Input{URL: "redis://flag:1", URLSet: true, LookupEnv: env("REDIS_URL", "redis://env:1"), Dir: dir}},
		{"environment", "env", "env", Input{LookupEnv: env("REDIS_URL", "redis://env:1"), Dir: dir}},
		{"empty environment", "file", ".env:2", Input{LookupEnv: env("REDIS_URL", " "), Dir: dir}},
		{"later file wins", "b", "b.env:3", Input{LookupEnv: env(), Dir: dir, EnvFiles: []string{"a.env", "b.env"}}},
		{"search", "file", ".env:2", Input{LookupEnv: env(), Dir: dir}},
		{"search upward", "file", filepath.Join(dir, ".env") + ":2", Input{LookupEnv: env(), Dir: sub}},
		{"default", "localhost", "default", Input{LookupEnv: env(), Dir: t.TempDir()}},
	} {
		c, err := Load(tc.in)
		if err != nil {
			t.Errorf("%s: %v", tc.name, err)
			continue
		}
		if got := c.Target.Endpoints[0].Host; got != tc.host || c.Target.Origin.String() != tc.source {
			t.Errorf("%s: %s from %s, want %s from %s", tc.name, got, c.Target.Origin, tc.host, tc.source)
		}
	}
	c, err := Load(Input{LookupEnv: env("REDIS_URL", "redis://env:1"), Dir: dir})
	if err != nil || c.Settings.Enabled || c.Settings.EnabledFrom.String() != ".env:3" ||
		!slices.Equal(ids(c.Findings), []string{"config-disabled", "config-env-shadowed"}) {
		t.Errorf("%v %+v %v", err, c.Settings, ids(c.Findings))
	}
}

func TestSearchStops(t *testing.T) {
	t.Parallel()
	top := t.TempDir()
	write(t, filepath.Join(top, ".env"), "REDIS_URL=redis://above:1")
	repo := filepath.Join(top, "repo")
	write(t, filepath.Join(repo, ".git", "HEAD"), "")
	write(t, filepath.Join(repo, "sub", "x"), "")
	if got := findEnvFiles(filepath.Join(repo, "sub"), ""); len(got) > 0 {
		t.Errorf("beyond the repository: %s", got)
	}
	if got := findEnvFiles(filepath.Join(top, "elsewhere"), filepath.Join(top, "home")); len(got) > 0 {
		t.Errorf("outside of a repository and of the home folder: %s", got)
	}
	if got := findEnvFiles(filepath.Join(top, "a", "b"), top); !slices.Equal(got, []string{filepath.Join(top, ".env")}) {
		t.Errorf("up to the home folder: %q", got)
	}
	write(t, filepath.Join(repo, "backend", ".env"), "")
	if got := findEnvFiles(filepath.Join(repo, "sub"), ""); !slices.Equal(got, []string{filepath.Join(repo, "backend", ".env")}) {
		t.Errorf("backend/.env: %q", got)
	}
}

// TestEnvSyntax: what python-dotenv, and so the application, would read.
func TestEnvSyntax(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ text, want string }{
		{"V=x", "x"},
		{"V = x  ", "x"},
		{"export V=x", "x"},
		{"export\tV=x", "x"},
		{"A=1\rV=x\r", "x"},
		{"V=x\r\n", "x"},
		{"V='x y'", "x y"},
		{`V="x y" # c`, "x y"},
		{"V=x # c", "x"},
		{"V=pa#word", "pa#word"},
		{"V=pa$word", "pa$word"},
		{"V=pa$WORD", "pa$WORD"},
		{"V='pa${W}'", "pa${W}"},
		{"W=1\nV=pa${W}", "pa1"},
		{"V=pa${HOME_OF}x", "pa/homex"},
		{"V=${NOPE:-d}", "d"},
		{"V=${NOPE}", "${NOPE}"},
		{"V=1\nV=2", "2"},
		{"V=\"a\nb\"", "a\nb"},
		{"V=", ""},
		{"# V=1\n\nV=2", "2"},
		{"V: x", "x"},
		{`V="a\"b"`, `a"b`},
		{"V=a=b==", "a=b=="},
		{"V=$$", "$$"},
	} {
		got, bad := parseEnv([]byte(tc.text), env("HOME_OF", "/home"))
		if bad != nil || got["V"].value != tc.want {
			t.Errorf("%q: %q (%v), want %q", tc.text, got["V"].value, bad, tc.want)
		}
	}
	for _, tc := range []struct {
		text, reason string
		line         int
	}{
		{"A=1\nfoo bar\n", "no-equals", 2},
		{"A=1\nexport REDIS_URL: redis://h\n", "no-equals", 2},
		{"A=1\n\nB=\"x\nC=2\n", "unterminated-quote", 3},
		{"1A=2", "bad-name", 1},
		{"A B=2", "bad-name", 1},
		{"A='x' y", "text-after-quote", 1},
		{"A=1\nB=\x00", "nul-byte", 2},
		{"A=caf\xe9", "not-utf8", 1},
		{"\xff\xfeA\x00", "utf-16", 1},
		{"A\x00=\x00", "utf-16", 1},
	} {
		_, bad := parseEnv([]byte(tc.text), env())
		if bad == nil || bad.reason != tc.reason || bad.line != tc.line {
			t.Errorf("%q: %+v, want %s in line %d", tc.text, bad, tc.reason, tc.line)
		}
	}
}

func TestEnvFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "bom.env"), "\xef\xbb\xbfREDIS_URL=redis://bom:1")
	write(t, filepath.Join(dir, "bad.env"), "REDIS_URL='redis://:geheim@h")
	write(t, filepath.Join(dir, "big.env"), strings.Repeat("A=1\n", 300_000))
	write(t, filepath.Join(dir, "dollar.env"), "REDIS_URL=redis://:pa$word@h")
	write(t, filepath.Join(dir, "hash.env"), "REDIS_URL=redis://:geheim@h # prod")
	for _, tc := range []struct{ file, id, reason string }{
		{"bom.env", "config-env-bom", ""},
		{"bad.env", "config-env-syntax", "unterminated-quote"},
		{"big.env", "config-env-syntax", "too-large"},
		{"none.env", "config-env-syntax", "missing"},
		{".", "config-env-syntax", "directory"},
		{"dollar.env", "config-env-expansion", ""},
		{"hash.env", "config-env-expansion", ""},
	} {
		in := Input{LookupEnv: env(), Dir: dir, EnvFiles: []string{tc.file}}
		c, err := Load(in)
		var bad *Error
		found := []finding.Finding{}
		if errors.As(err, &bad) {
			found = bad.Findings
		} else {
			found = append(found, c.Findings...)
		}
		if len(found) != 1 || found[0].ID != tc.id || (tc.reason != "" && found[0].Value("reason") != tc.reason) ||
			(tc.reason != "") != (err != nil) {
			t.Errorf("%s: %+v", tc.file, found)
		}
		if strings.Contains(fmt.Sprintf("%+v %v", found, err), "geheim") {
			t.Errorf("%s: the password shows", tc.file)
		}
		// Whoever names the target is not stopped by a broken file.
		in.URL, in.URLSet = "redis://flag", true
		if _, err := Load(in); err != nil {
			t.Errorf("%s with --url: %v", tc.file, err)
		}
	}
	if runtime.GOOS == "windows" {
		return
	}
	open := filepath.Join(dir, "open.env")
	write(t, open, "REDIS_URL=redis://:geheim@h")
	if err := os.Chmod(open, 0o644); err != nil { //nolint:gosec // readable by others is what is tested
		t.Fatal(err)
	}
	c, err := Load(Input{LookupEnv: env(), Dir: dir, EnvFiles: []string{"open.env"}})
	if err != nil || !slices.Equal(ids(c.Findings), []string{"config-env-permissions"}) {
		t.Errorf("%v %v", err, ids(c.Findings))
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]bool{
		"true": true, "1": true, "yes": true, "on": true, "t": true, "Y": true, "TRUE": true, "\ttrue\n": true, `"true"`: true,
		"false": false, "0": false, "no": false, "off": false, "f": false, "N": false, "False": false, "": true,
	} {
		c, err := Load(Input{LookupEnv: env("REDIS_URL", "redis://h", "REDIS_ENABLED", value)})
		if err != nil || c.Settings.Enabled != want {
			t.Errorf("REDIS_ENABLED=%q: %v, %v", value, c, err)
		}
	}
	c, err := Load(Input{LookupEnv: env("REDIS_URL", "redis://h", "OLYMP_CACHE_GROUPS", "vitrine=vitrine_cache,vitrine:*; stats=stats:*",
		"OLYMP_CACHE_ALERT_MEMORY", "90%", "OLYMP_CACHE_ALERT_HIT_RATE", "55", "OLYMP_CACHE_ALERT_P99", "250",
		"OLYMP_CACHE_ALERT_CLIENTS", "20",
		"OLYMP_CACHE_READ_ONLY", "1", "OLYMP_CACHE_API_URL", "https://api/x")})
	if err != nil {
		t.Fatal(err)
	}
	s := c.Settings
	if len(s.Groups["vitrine"]) != 2 || s.Groups["stats"][0] != "stats:*" || s.AlertMemory != 0.9 || s.AlertHitRate != 0.55 ||
		s.AlertP99 != 250*time.Millisecond || s.AlertClients != 20 || !s.ReadOnly || s.APIURL != "https://api/x" {
		t.Errorf("%+v", s)
	}
	for _, pair := range [][2]string{
		{"REDIS_ENABLED", "perhaps"},
		{"OLYMP_CACHE_ALERT_MEMORY", "0"},
		{"OLYMP_CACHE_ALERT_MEMORY", "101"},
		{"OLYMP_CACHE_ALERT_MEMORY", "0.8"},
		{"OLYMP_CACHE_ALERT_P99", "NaN"},
		{"OLYMP_CACHE_ALERT_P99", "1e300"},
		{"REDIS_ENABLED", "redis://:geheim@h"},
		{"OLYMP_CACHE_ALERT_P99", "soon"},
		{"OLYMP_CACHE_ALERT_CLIENTS", "-1"},
		{"OLYMP_CACHE_GROUPS", "x"},
		{"OLYMP_CACHE_API_URL", "ftp://u:geheim@h"},
		{"OLYMP_CACHE_READ_ONLY", "2"},
	} {
		_, err := Load(Input{LookupEnv: env("REDIS_URL", "redis://h", pair[0], pair[1])})
		var bad *Error
		if !errors.As(err, &bad) || bad.Findings[0].ID != "config-setting" || bad.Findings[0].Subject != pair[0] {
			t.Errorf("%v: %v", pair, err)
		} else if strings.Contains(fmt.Sprintf("%+v", bad.Findings), "geheim") {
			t.Errorf("%v: the secret shows", pair)
		}
	}
}

// TestTwice: two lines of one file that name two servers.
func TestTwice(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, ".env"), "REDIS_URL=redis://old:1\nREDIS_URL=redis://new:1\n")
	c, err := Load(Input{LookupEnv: env(), Dir: dir})
	if err != nil || !slices.Equal(ids(c.Findings), []string{"config-env-shadowed"}) || c.Findings[0].Value("line") != 1 ||
		c.Findings[0].Value("winner") != "redis://new:1/0" {
		t.Errorf("%v, %+v", err, c)
	}
	write(t, filepath.Join(dir, ".env"), "REDIS_URL=redis://a:1\nREDIS_URL=redis://a:1/0\n")
	if c, err := Load(Input{LookupEnv: env(), Dir: dir}); err != nil || len(c.Findings) > 0 {
		t.Errorf("the same server twice: %v, %+v", err, c)
	}
}

func TestTLSFlags(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ca := filepath.Join(dir, "ca.pem")
	write(t, ca, "x")
	load := func(in Input) (*Config, error) {
		in.LookupEnv, in.URLSet = env(), true
		return Load(in)
	}
	c, err := load(Input{URL: "redis://h", TLSCA: ca, TLSServerName: "n"})
	if err != nil || c.Target.TLS == nil || c.Target.URL != "rediss://h:6379/0" ||
		!slices.Equal(ids(c.Findings), []string{"config-tls-flags"}) {
		t.Errorf("%+v %v", c, err)
	}
	for _, in := range []Input{
		{URL: "rediss://h", TLSCA: filepath.Join(dir, "none.pem")},
		{URL: "rediss://h", TLSCert: ca},
		{URL: "rediss://h", TLSKey: ca},
		{URL: "rediss://h", TLSCert: dir, TLSKey: ca},
		{URL: "unix:///x", TLSInsecure: true},
	} {
		_, err := load(in)
		var bad *Error
		if !errors.As(err, &bad) || bad.Findings[0].ID != "config-tls-files" {
			t.Errorf("%+v: %v", in, err)
		}
	}
}

// FuzzParseEnv: no text makes it fail in an odd way, and plain files read as godotenv reads them.
func FuzzParseEnv(f *testing.F) {
	f.Add([]byte("A=1\nexport B='x'\nC=\"y\\n\" # c\n"))
	f.Add([]byte("REDIS_URL=redis://:pa$word@h\r\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		got, bad := parseEnv(text, env())
		if bad != nil {
			if bad.line < 1 || bad.line > strings.Count(string(text), "\n")+strings.Count(string(text), "\r")+1 {
				t.Errorf("%q: line %d", text, bad.line)
			}
			return
		}
		want, err := godotenv.UnmarshalBytes(text)
		if err != nil || strings.ContainsAny(string(text), "$\\'\":#\r\v\f\u0085\u00a0") {
			return // where loaders differ, the table above decides
		}
		for name, v := range want {
			if got[name].value != v {
				t.Errorf("%q: %s is %q, godotenv says %q", text, name, got[name].value, v)
			}
		}
	})
}

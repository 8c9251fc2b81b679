package cli_test

import (
	"encoding/base64"
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/olympiades-ia/olymp-cache/internal/cli"
	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

const cachePassword = "S3cretWord"

// typed runs the finding's shell command number n where the run was.
func (p place) typed(t *testing.T, d diagnosed, id string, n int) {
	t.Helper()
	commands := d.commands(id)
	if n >= len(commands) {
		t.Fatalf("%s has the commands %q", id, commands)
	}
	cmd := exec.CommandContext(t.Context(), "sh", "-c", commands[n])
	cmd.Dir = p.dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", commands[n], err, out)
	}
}

// assigned is a run on what the finding's first command assigns, with the real password in it.
func assigned(t *testing.T, d diagnosed, id, password string) place {
	t.Helper()
	commands := d.commands(id)
	if len(commands) == 0 {
		t.Fatalf("%s says nothing to type; found %q", id, d.ids())
	}
	name, value, ok := strings.Cut(strings.ReplaceAll(commands[0], "***", password), "=")
	if !ok {
		t.Fatalf("%s: %q assigns nothing", id, commands[0])
	}
	return place{env: map[string]string{name: strings.Trim(value, "'")}}
}

// wantConfigMended diagnoses again and wants the finding gone and Redis reached.
func wantConfigMended(t *testing.T, p place, id string) {
	t.Helper()
	more := []string{"--offline"}
	if id == "config-env-tracked" {
		more = nil // git has to be asked
	}
	d, code := p.doctor(t, more...)
	if slices.Contains(d.ids(), id) || d.Status == "unreachable" || code == cli.ExitUsage {
		t.Errorf("after the fix: %s, exit code %d, found %q", d.Status, code, d.ids())
	}
}

// TestDoctorBadAddress: values that nobody could use. The form that doctor shows is the one that works.
func TestDoctorBadAddress(t *testing.T) {
	t.Parallel()
	open := redistest.Start(t)
	locked := redistest.Start(t, redistest.WithPassword(cachePassword))
	socket := redistest.Start(t, redistest.WithSocket())
	sentinels := redistest.StartSentinels(t, open, 1, "mymaster")
	host, port, _ := strings.Cut(open.Addr(), ":")
	path := strings.TrimPrefix(socket.SocketURL(), "unix://")
	for _, tc := range []struct{ id, value string }{
		{"config-url-host", "redis://" + open.Addr() + "," + redistest.Refused(t) + "/0"},
		{"config-url-host", "redis://" + host + "%3A" + port},
		{"config-url-host", "redis://" + path},
		{"config-url-host", "redis:///" + open.Addr()},
		{"config-url-sentinel-master", "redis+sentinel://" + sentinels.Addrs()[0]},
		{"config-url-sentinel-master", "redis+sentinel://" + sentinels.Addrs()[0] + "/0"},
		{"config-url-no-scheme", open.Addr()},
		{"config-url-no-scheme", ":" + cachePassword + "@" + locked.Addr()},
		{"config-url-no-scheme", locked.Addr() + "@" + cachePassword},
		{"config-url-no-scheme", locked.Addr() + ":" + cachePassword},
		{"config-url-no-scheme", path},
		{"config-url-scheme", "tcp://" + open.Addr()},
		{"config-url-scheme", "sentinel://" + sentinels.Addrs()[0]},
		{"config-url-pasted-line", "redis//" + open.Addr()},
		{"config-url-pasted-line", "CACHE_URL=redis://:" + cachePassword + "@" + locked.Addr()},
		{"config-url-pasted-line", `{"url": "redis://:` + cachePassword + "@" + locked.Addr() + `"}`},
		{"config-url-pasted-line", "redis-cli -h " + host + " -p " + port},
		{"config-url-pasted-line", "redis-cli -a " + cachePassword + " -u redis://" + open.Addr()},
		{"config-url-connection-string", locked.Addr() + ",password=" + cachePassword + ",abortConnect=False"},
		{"config-url-encoded", base64.StdEncoding.EncodeToString([]byte("redis://:" + cachePassword + "@" + locked.Addr() + "\n"))},
		{"config-url-port", "redis://" + open.Addr() + ","},
		{"config-url-port", "redis://:" + cachePassword + "@" + locked.Addr() + `\n`},
		{"config-url-password-encoding", "redis://:" + cachePassword + "/@" + locked.Addr()},
	} {
		t.Run(tc.id+" "+tc.value, func(t *testing.T) {
			t.Parallel()
			p := at(tc.value)
			d := wantRoot(t, p, tc.id, cli.ExitUsage)
			p.wantTidy(t, failureLines, cachePassword)
			wantConfigMended(t, assigned(t, d, tc.id, cachePassword), tc.id)
		})
	}
}

// TestDoctorNoAddress: what only the operator can fill in.
func TestDoctorNoAddress(t *testing.T) {
	t.Parallel()
	for id, values := range map[string][]string{
		"config-url-placeholder": {
			"redis://HOST:6379/0", "redis://:<password>@localhost", "redis://host:port", "$(cat /run/secrets/redis)",
			"redis://:%(PASSWORD)s@localhost", "undefined",
		},
		"config-url-host": {
			"redis://:" + cachePassword + ":10.0.0.1:6379", "redis://host=localhost;password=" + cachePassword,
			"redis://my host/0", "unix://",
		},
		"config-url-no-scheme":     {"", cachePassword, "true"},
		"config-url-scheme":        {"postgres://app:" + cachePassword + "@db/app"},
		"config-url-rest-endpoint": {"https://eu1-cat-1.upstash.io"},
		"config-url-port":          {"redis://default:" + cachePassword, "redis://localhost:70000"},
	} {
		for _, value := range values {
			p := place{args: []string{"--url=" + value}}
			d := wantRoot(t, p, id, cli.ExitUsage)
			p.wantTidy(t, failureLines, cachePassword)
			for _, command := range d.commands(id) {
				if !strings.HasPrefix(command, "--url ") && !strings.HasPrefix(command, "python3 ") {
					t.Errorf("%q was given by --url, and the fix is %q", value, command)
				}
			}
		}
	}
}

// TestDoctorToleratedAddress: what works here and fails in some client.
func TestDoctorToleratedAddress(t *testing.T) {
	t.Parallel()
	open := redistest.Start(t)
	locked := redistest.Start(t, redistest.WithPassword("p@ss"))
	for _, tc := range []struct{ id, value, severity, password string }{
		{"config-url-quotes", `"` + open.URL() + `"`, "warning", ""},
		{"config-url-whitespace", open.URL() + "\r\n", "warning", ""},
		{"config-url-whitespace", "redis://\u200b" + open.Addr(), "warning", ""},
		{"config-url-whitespace", open.URL() + " # the cache", "warning", ""},
		{"config-url-db", "redis://" + open.Addr() + "/cache", "warning", ""},
		{"config-url-db", "redis://" + open.Addr() + "/0/1", "warning", ""},
		{"config-url-password-encoding", "redis://:p@ss@" + locked.Addr(), "warning", "p%40ss"},
		{"config-url-option", "redis://" + open.Addr() + "?family=0&family=4", "info", ""},
		{"config-url-scheme-alias", "valkey://" + open.Addr(), "info", ""},
	} {
		d, _ := at(tc.value, "--offline").doctor(t)
		i := slices.Index(d.ids(), tc.id)
		if i < 0 || d.Findings[i].Severity != tc.severity || d.Status == "unreachable" {
			t.Errorf("%q: %s, found %q", tc.value, d.Status, d.ids())
			continue
		}
		if strings.Count(strings.Join(d.ids(), " "), tc.id) > 1 {
			t.Errorf("%q: %q", tc.value, d.ids())
		}
		if tc.severity == "warning" {
			wantConfigMended(t, assigned(t, d, tc.id, tc.password), tc.id)
		}
	}
}

func TestDoctorPasswordAsUser(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, redistest.WithPassword(cachePassword))
	p := at("redis://" + cachePassword + "@" + s.Addr() + "/0")
	d := wantRoot(t, p, "config-url-password-as-user", cli.ExitUnreachable)
	p.wantTidy(t, failureLines, cachePassword)
	wantConfigMended(t, assigned(t, d, "config-url-password-as-user", cachePassword), "config-url-password-as-user")
}

// TestDoctorOtherVariable: the address stands in a variable that nobody reads.
func TestDoctorOtherVariable(t *testing.T) {
	t.Parallel()
	if c, err := net.Dial("tcp", "127.0.0.1:6379"); err == nil {
		_ = c.Close() // only its answer matters
		t.Skip("something listens on the default port")
	}
	s := redistest.Start(t, redistest.WithPassword(cachePassword))
	host, port, _ := strings.Cut(s.Addr(), ":")
	p := withEnvFile(t, "REDIS_HOST="+host+"\nREDIS_PORT="+port+"\nREDIS_PASSWORD="+cachePassword+"\n")
	d := wantRoot(t, p, "config-url-missing", cli.ExitUnreachable)
	p.wantTidy(t, failureLines, cachePassword)
	wantConfigMended(t, assigned(t, d, "config-url-missing", cachePassword), "config-url-missing")
}

// TestDoctorMisspelt: the address stands under a name that is almost the right one.
func TestDoctorMisspelt(t *testing.T) {
	t.Parallel()
	if c, err := net.Dial("tcp", "127.0.0.1:6379"); err == nil {
		_ = c.Close() // only its answer matters
		t.Skip("something listens on the default port")
	}
	s := redistest.Start(t, redistest.WithPassword(cachePassword))
	p := withEnvFile(t, "# the cache\nREDIS_ULR=redis://:"+cachePassword+"@"+s.Addr()+"/0\n")
	d := wantRoot(t, p, "config-url-missing", cli.ExitUnreachable)
	if cause := d.Findings[0].Cause; !strings.Contains(cause, "REDIS_ULR") || !strings.Contains(cause, ".env") {
		t.Errorf("the cause does not say where: %s", cause)
	}
	p.wantTidy(t, failureLines, cachePassword)
	wantConfigMended(t, assigned(t, d, "config-url-missing", cachePassword), "config-url-missing")
	wantRoot(t, withEnvFile(t, "REDIS_URL=\n"), "config-url-missing", cli.ExitUnreachable)
}

func TestDoctorTLSFlags(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, redistest.WithTLS(redistest.TLSOptions{}))
	ca := redistest.NewTLS(t, redistest.TLSOptions{}).CA
	wantFound(t, at("redis://"+s.Addr(), "--tls-ca="+s.TLS.CA), "warning", "config-tls-flags")
	for _, flags := range [][]string{
		{"--tls-ca=nowhere.pem"}, {"--tls-cert=" + ca}, {"--tls-cert=" + filepath.Dir(ca), "--tls-key=" + ca},
	} {
		wantRoot(t, at("rediss://"+s.Addr(), flags...), "config-tls-files", cli.ExitUsage)
	}
	wantRoot(t, at("unix:///run/redis.sock", "--tls-insecure"), "config-tls-files", cli.ExitUsage)
}

func TestDoctorSettings(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	for name, value := range map[string]string{
		"REDIS_ENABLED": "oui", "OLYMP_CACHE_ALERT_MEMORY": "0.8", "OLYMP_CACHE_ALERT_P99": "fast", "OLYMP_CACHE_GROUPS": "vitrine",
		"OLYMP_CACHE_ALERT_CLIENTS": "-1", "OLYMP_CACHE_API_URL": "api.example.com/" + cachePassword,
	} {
		p := place{env: map[string]string{"REDIS_URL": s.URL(), name: value}}
		d := wantRoot(t, p, "config-setting", cli.ExitUsage)
		if name == "OLYMP_CACHE_API_URL" {
			p.wantTidy(t, failureLines, cachePassword)
			continue // only the operator knows the host
		}
		mended := assigned(t, d, "config-setting", "")
		mended.env["REDIS_URL"] = s.URL()
		wantConfigMended(t, mended, "config-setting")
	}
	off := place{env: map[string]string{"REDIS_URL": s.URL(), "REDIS_ENABLED": "0"}}
	d, _ := off.doctor(t)
	if !slices.Contains(d.ids(), "config-disabled") {
		t.Fatalf("found %q", d.ids())
	}
	on := assigned(t, d, "config-disabled", "")
	on.env["REDIS_URL"] = s.URL()
	wantConfigMended(t, on, "config-disabled")
}

// TestDoctorEvidenceFiles: a file that was cut, joined or emptied is refused; what --compare reads may be a pipe.
func TestDoctorEvidenceFiles(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	p := at(s.URL())
	p.dir = t.TempDir()
	if _, diag, code := p.run(t, "doctor", "--save", "good.json"); code != cli.ExitOK {
		t.Fatal(code, diag)
	}
	good, err := os.ReadFile(filepath.Join(p.dir, "good.json"))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"cut": string(good[:len(good)/2]), "joined": string(good) + string(good), "empty": "",
		"nothing seen":    `{"schema":"olymp-cache/evidence/v1"}`,
		"another version": strings.Replace(string(good), "evidence/v1", "evidence/v9", 1),
		"not a number":    strings.Replace(string(good), `"alert_memory": 0.8`, `"alert_memory": NaN`, 1),
		"another type":    strings.Replace(string(good), `"alert_memory": 0.8`, `"alert_memory": "\u001b[31m"`, 1),
	} {
		if err := os.WriteFile(filepath.Join(p.dir, "bad.json"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, flag := range []string{"--load", "--compare"} {
			out, diag, code := p.run(t, "doctor", flag, "bad.json", "--offline")
			if code != cli.ExitUsage || out != "" || !strings.Contains(diag, "bad.json") || strings.ContainsAny(diag, "\x1b") ||
				strings.Contains(diag, "read evidence") {
				t.Errorf("%s, %s: exit code %d, %q %q", name, flag, code, out, diag)
			}
		}
	}
	var doc struct {
		Taken string `json:"taken"`
	}
	if err := json.Unmarshal(good, &doc); err != nil {
		t.Fatal(err)
	}
	out, _, _ := p.run(t, "doctor", "--load", "good.json")
	if day, clock, _ := strings.Cut(doc.Taken, "T"); !strings.Contains(out, day+" "+clock[:8]) {
		t.Errorf("taken %s, the report says\n%s", doc.Taken, out)
	}
}

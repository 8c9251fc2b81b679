package findings_test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/evidence"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/findings"
)

// commandsOf are the commands for a finding on a target, one behind the other.
func commandsOf(f finding.Finding, to config.Target) []string {
	var all []string
	for _, x := range findings.WithFixes(findings.InContext(f, evidence.TargetOf(to))).Fixes {
		if x.Command != "" {
			all = append(all, x.Command)
		}
	}
	return all
}

func critical(id, subject string, seen ...finding.Evidence) finding.Finding {
	return finding.Finding{ID: id, Severity: finding.Critical, Subject: subject, Evidence: seen}
}

func TestCommands(t *testing.T) {
	t.Parallel()
	const (
		plain    = "redis://cache.example.com:6379/2"
		login    = "rediss://app:" + encoded + "@cache.example.com:6380/2"
		six      = "redis://[::1]:6379/0"
		socket   = "unix:///run/redis.sock"
		trio     = "redis+sentinel://h1:26379,h2:26379/vitrine/2"
		cliLogin = `REDISCLI_AUTH="$REDIS_PASSWORD" redis-cli --user app --tls`
	)
	for _, tc := range []struct {
		url  string
		f    finding.Finding
		want string
	}{
		{plain, critical("server-misconf", ""), "redis-cli -h cache.example.com -p 6379 INFO persistence"},
		{login, critical("server-busy", ""), cliLogin + " -h cache.example.com -p 6380 SCRIPT KILL"},
		{six, critical("server-busy", ""), "redis-cli -h ::1 -p 6379 SCRIPT KILL"},
		{socket, critical("server-busy", "/run/redis.sock"), "redis-cli -s /run/redis.sock SCRIPT KILL"},
		{trio, critical("server-busy", "10.0.0.5:6379"), "redis-cli -h 10.0.0.5 -p 6379 SCRIPT KILL"},
		{login, critical("server-cluster-down", "10.0.0.5:7000"), cliLogin + " --cluster check 10.0.0.5:7000"},
		{plain, critical("tls-required", ""), "REDIS_URL=rediss://cache.example.com:6379/2"},
		{trio, critical("tls-required", "10.0.0.5:6379"), "REDIS_URL=rediss+sentinel://h1:26379,h2:26379/vitrine/2"},
		{login, critical("tls-not-supported", ""), "REDIS_URL=redis://app:***@cache.example.com:6380/2"},
		{plain, critical("auth-required", ""), "REDIS_URL=redis://default:***@cache.example.com:6379/2"},
		{six, critical("auth-required", "[::1]:6379"), "REDIS_URL=redis://default:***@[::1]:6379/0"},
		{socket, critical("auth-required", "/run/redis.sock"), "REDIS_URL=unix://default:***@/run/redis.sock"},
		{trio, critical("auth-required", "h1:26379"), "REDIS_URL=redis+sentinel://default:***@h1:26379,h2:26379/vitrine/2"},
		{"redis://" + encoded + "@h", critical("auth-required", ""), "REDIS_URL=redis://default:***@h:6379/0"},
		{
			login, critical("proto-sentinel", "", ev("masters", "vi trine, b")),
			"REDIS_URL=rediss+sentinel://app:***@cache.example.com:6380/vi%20trine/2",
		},
		{six, critical("proto-sentinel", ""), "REDIS_URL=redis+sentinel://[::1]:6379/mymaster/0"},
		{login, critical("server-readonly", "", ev("primary", "10.0.0.7:6379")), "REDIS_URL=rediss://app:***@10.0.0.7:6379/2"},
		{"redis://:" + encoded + "@redis/2", critical("dns-not-found", "redis:6379"), "REDIS_URL=redis://:***@localhost:6379/2"},
		{plain, critical("api-unreachable", "", ev("url", "https://h/x?a=***&b=***")), "curl -i 'https://h/x?a=***&b=***'"},
		{socket, critical("tcp-unix-socket", "/run/it's here.sock"), `ls -l '/run/it'\''s here.sock'`},
		{socket, critical("tcp-unix-socket", "/run/a\nb\x1b\u202e\xff'\\é"), `ls -l $'/run/a\x0ab\x1b\xe2\x80\xae\xff\'\\é'`},
		{plain, critical("config-env-permissions", "", ev("file", "a b;rm -rf")), "chmod 600 'a b;rm -rf'"},
		{
			plain, critical("tls-name-mismatch", "", ev("certificate_names", "*.example.com, b")),
			"olymp-cache test --tls-server-name '*.example.com'",
		},
	} {
		all := commandsOf(tc.f, read(t, tc.url))
		if len(all) == 0 || all[0] != tc.want {
			t.Errorf("%s on %s: %q, want %q first", tc.f.ID, tc.url, all, tc.want)
		}
	}
	// A name of Docker Compose means nothing behind a Sentinel's.
	if all := commandsOf(critical("dns-not-found", "redis:26379"), read(t, "redis+sentinel://redis:26379/vitrine")); len(all) != 0 {
		t.Errorf("commands %q", all)
	}
}

// TestAuthority: redis-cli is shown with the authority that this run verifies by, or with none where nothing is verified.
func TestAuthority(t *testing.T) {
	t.Parallel()
	const url = "rediss://cache.example.com:6380/2"
	for _, tc := range []struct {
		tls  config.TLS
		want string
	}{
		{config.TLS{}, "redis-cli --tls -h cache.example.com -p 6380 SCRIPT KILL"},
		{config.TLS{CAFile: "/etc/my ca.pem"}, "redis-cli --tls --cacert '/etc/my ca.pem' -h cache.example.com -p 6380 SCRIPT KILL"},
		{config.TLS{CAFile: "ca.pem", Insecure: true}, "redis-cli --tls --insecure -h cache.example.com -p 6380 SCRIPT KILL"},
	} {
		to := read(t, url)
		to.TLS = &tc.tls
		if all := commandsOf(critical("server-busy", ""), to); len(all) == 0 || all[0] != tc.want {
			t.Errorf("%+v: %q, want %q first", tc.tls, all, tc.want)
		}
	}
	plain := read(t, "redis://cache.example.com:6379/2")
	if all := commandsOf(critical("server-busy", ""), plain); strings.Contains(strings.Join(all, "\n"), "--tls") {
		t.Errorf("without TLS: %q", all)
	}
}

// TestShell runs the commands for hostile names in a shell that knows no program: each name must arrive as one word, and
// nothing else may happen. A cluster's node, a Sentinel and INFO name hosts as they like.
func TestShell(t *testing.T) {
	t.Parallel()
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("bash is not installed")
	}
	to := read(t, "redis://app:"+encoded+"@cache.example.com:6379/0")
	for _, name := range []string{
		"a b;rm -rf", "$(echo x >pwned)", "`echo x >pwned`", "a' >pwned '", `a" >pwned "`, "a\necho x >pwned\n", "a\\",
		"$HOME", "*", "~",
		"a|b&c", "é\xff\x1b[2J", "$'a'", "a!b", "{a,b}", "#a", "\u202eabc", "a\x01'b\\'",
	} {
		for _, tc := range []struct {
			f    finding.Finding
			want []string // the words that a command must get, "" for any
		}{
			{critical("server-misconf", "", ev("host", name)), []string{
				"redis-cli", "--user", "app", "-h", name, "-p",
				"6379", "INFO", "persistence",
			}},
			{critical("server-cluster-down", "", ev("host", name), ev("port", 1)), []string{
				"redis-cli", "--user", "app",
				"--cluster", "check", name + ":1",
			}},
			{critical("tcp-unix-socket", name), []string{"ls", "-l", name}},
			{critical("config-env-permissions", "", ev("file", name)), []string{"chmod", "600", name}},
			{critical("api-error-status", "", ev("url", name)), []string{"curl", "-i", name}},
			{critical("server-readonly", "", ev("primary", name)), []string{"REDIS_URL", "redis://app:***@" + name + "/0"}},
			{critical("config-url-host", "", ev("corrected", name)), []string{"REDIS_URL", name}},
		} {
			all := commandsOf(tc.f, to)
			if len(all) == 0 {
				t.Fatalf("no command for %s", tc.f.ID)
			}
			if strings.ContainsFunc(all[0], func(r rune) bool { return r < 0x20 || r == 0x7f || r == '\u202e' }) {
				t.Errorf("a raw control character in %q", all[0])
			}
			// Functions stand for the programs: they print how they were called.
			script := `for f in redis-cli ls chmod curl; do eval "$f() { printf '%s\0' $f \"\$@\"; }"; done; unset REDIS_URL
` + all[0] + `
if [ "${REDIS_URL+set}" ]; then printf '%s\0' REDIS_URL "$REDIS_URL"; fi`
			cmd := exec.CommandContext(t.Context(), bash, "--norc", "-c", script)
			cmd.Dir, cmd.Env = t.TempDir(), []string{"PATH=/nonexistent", "HOME=/home/x", "LC_ALL=C.UTF-8"}
			out, err := cmd.CombinedOutput()
			if want := strings.Join(tc.want, "\x00") + "\x00"; err != nil || string(out) != want {
				t.Errorf("%q: the shell saw %q, %v; want %q", all[0], out, err, want)
			}
		}
	}
}

// TestSettingMeant: who wrote «no» in another language is shown the word for no.
func TestSettingMeant(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{"oui": "REDIS_ENABLED=true", "Non": "REDIS_ENABLED=false", "maybe": "REDIS_ENABLED=true"} {
		f := findings.WithFixes(finding.Finding{ID: "config-setting", Subject: "REDIS_ENABLED", Evidence: []finding.Evidence{
			ev("value", value), ev("expected", "boolean"),
		}})
		if len(f.Fixes) != 1 || f.Fixes[0].Command != want {
			t.Errorf("%s: %+v, want %s", value, f.Fixes, want)
		}
	}
}

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

// givenTarget reads a target as the program does, from flags or from REDIS_URL in the environment.
func givenTarget(t *testing.T, in config.Input, env string) evidence.Target {
	t.Helper()
	in.LookupEnv = func(name string) (string, bool) { return env, name == "REDIS_URL" && env != "" }
	cfg, err := config.Load(in)
	if err != nil {
		t.Fatalf("config: %v", err)
	}
	return evidence.TargetOf(cfg.Target)
}

// TestOwnCommand: a command of ours that somebody pastes reaches the server that it was printed for.
func TestOwnCommand(t *testing.T) {
	t.Parallel()
	flag := func(url string) config.Input { return config.Input{URL: url, URLSet: true} }
	for _, tc := range []struct {
		in        config.Input
		env, want string
	}{
		{flag("redis://h:6380/2"), "", "olymp-cache doctor -v --url redis://h:6380/2"},
		{flag("redis://h:6380/2"), "redis://other", "olymp-cache doctor -v --url redis://h:6380/2"},
		{config.Input{}, "redis://h:6380/2", "olymp-cache doctor -v"},
		{config.Input{}, "", "olymp-cache doctor -v"},
		{flag("redis://:" + encoded + "@h"), "", `REDIS_URL=redis://:"$REDIS_PASSWORD"@h:6379/0 olymp-cache doctor -v`},
		{
			flag("rediss://app:" + encoded + "@h:6380/2"), "",
			`REDIS_URL=rediss://app:"$REDIS_PASSWORD"@h:6380/2 olymp-cache doctor -v`,
		},
		{flag("redis://" + encoded + "@h"), "", `REDIS_URL=redis://"$REDIS_PASSWORD"@h:6379/0 olymp-cache doctor -v`},
		{flag("redis://a b:" + encoded + "@h"), "", `REDIS_URL=redis://a%20b:"$REDIS_PASSWORD"@h:6379/0 olymp-cache doctor -v`},
		{flag("unix:///run/it's/redis.sock?db=3"), "", `olymp-cache doctor -v --url 'unix:///run/it%27s/redis.sock?db=3'`},
		{flag("redis://[::1]:6379/0"), "", "olymp-cache doctor -v --url 'redis://[::1]:6379/0'"},
		{
			config.Input{URL: "redis://h", URLSet: true, TLSCA: "/", TLSServerName: "cache name"},
			"",
			"olymp-cache doctor -v --url rediss://h:6379/0 --tls-ca / --tls-server-name 'cache name'",
		},
		{config.Input{TLSInsecure: true}, "rediss://h", "olymp-cache doctor -v --tls-insecure"},
	} {
		if got := findings.OwnCommand(givenTarget(t, tc.in, tc.env), "doctor", "-v"); got != tc.want {
			t.Errorf("%+v: %q, want %q", tc.in, got, tc.want)
		}
	}
	to := evidence.Target{Source: ".env:1", URL: "redis://:***@h:6379/0", EnvFiles: []string{"a b.env", "c.env"}}
	if got, want := findings.OwnCommand(to, "test", "a b"), "olymp-cache test 'a b' --env-file 'a b.env' --env-file c.env"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestAdvisedCommands: what a fix says of its own wins over what was given before, and stands once.
func TestAdvisedCommands(t *testing.T) {
	t.Parallel()
	to := givenTarget(t, config.Input{URL: "rediss://h:6380", URLSet: true, TLSCA: "/"}, "")
	for _, tc := range []struct{ id, want string }{
		{"tls-unknown-authority", "olymp-cache test --tls-ca ca.pem --url rediss://h:6380/0"},
		{"server-loading", "olymp-cache test --wait 60s --url rediss://h:6380/0 --tls-ca /"},
		{"cache-hit-rate-low", "olymp-cache doctor --window 10s --url rediss://h:6380/0 --tls-ca /"},
		{"dns-not-found", ""}, // a command of others stays
	} {
		once := findings.Advised(finding.Finding{ID: tc.id}, to)
		twice := findings.Advised(once, to)
		for _, f := range []finding.Finding{once, twice} {
			got := f.Fixes[0].Command
			if tc.want != "" && got != tc.want || tc.want == "" && strings.Contains(got, "--url") {
				t.Errorf("%s: %q, want %q", tc.id, got, tc.want)
			}
		}
	}
}

// TestOwnCommandInShell: the shell hands on each name as one word, and the password where it belongs.
func TestOwnCommandInShell(t *testing.T) {
	t.Parallel()
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("bash is not installed")
	}
	for _, name := range []string{"a b;rm -rf", "$(echo x >pwned)", "a' >pwned '", "a\necho x >pwned\n", "$HOME", "é\xff\x1b[2J"} {
		to := evidence.Target{Source: "flag", URL: "redis://u:***@" + name + "/0", CAFile: name, EnvFiles: []string{name}}
		script := `olymp-cache() { printf '%s\0' "$REDIS_URL" "$@"; }; REDIS_PASSWORD='p w'; ` + findings.OwnCommand(to, "test")
		cmd := exec.CommandContext(t.Context(), bash, "--norc", "-c", script)
		cmd.Dir, cmd.Env = t.TempDir(), []string{"PATH=/nonexistent", "HOME=/home/x", "LC_ALL=C.UTF-8"}
		out, err := cmd.CombinedOutput()
		want := strings.Join([]string{"redis://u:p w@" + name + "/0", "test", "--env-file", name, "--tls-ca", name}, "\x00") + "\x00"
		if err != nil || string(out) != want {
			t.Errorf("the shell saw %q, %v; want %q", out, err, want)
		}
	}
}

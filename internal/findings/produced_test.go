package findings_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/evidence"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/findings"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
)

const (
	secret  = "p@ss w/ord#1%"
	encoded = "p%40ss%20w%2Ford%231%25"
)

// product is a finding as it reaches WithFixes.
type product struct {
	where   string
	finding finding.Finding
}

// produced is every finding that configuration, connection and test can make.
func produced(t *testing.T) []product {
	t.Helper()
	all := configured(t)
	for where, url := range map[string]string{
		"plain": "redis://cache.example.com:6379/0", "password": "redis://:" + encoded + "@cache.example.com:6379/2",
		"TLS and user": "rediss://app:" + encoded + "@cache.example.com:6380/1", "compose": "redis://redis:6379/0",
		"compose with a password": "redis://:" + encoded + "@redis:6379/0", "loopback": "redis://127.0.0.1:6379/0",
		"IPv6": "redis://[::1]:6379/0", "unix": "unix:///run/redis.sock",
		"unix with a password": "unix://:" + encoded + "@/run/re dis.sock?db=2",
		"Sentinel":             "redis+sentinel://:" + encoded + "@h1:26379,h2:26379/vitrine/0",
		"misplaced":            "redis://" + encoded + "@cache.example.com",
	} {
		to := read(t, url)
		addr := to.Address()
		if to.Network == config.NetworkSentinel {
			addr = "10.0.0.5:6379" // that of the primary
		}
		for _, f := range connected(addr, to.Network == config.NetworkUnix) {
			all = append(all, product{where, findings.InContext(f, evidence.TargetOf(to))})
		}
		for _, f := range tested(addr) {
			all = append(all, product{where, findings.InContext(f, evidence.TargetOf(to))})
		}
	}
	return all
}

func ev(name string, value any) finding.Evidence { return finding.Evidence{Name: name, Value: value} }

// connected are redisconn's, with the evidence that it gives.
func connected(addr string, unix bool) []finding.Finding {
	certificate := []finding.Evidence{
		ev("wanted_name", "cache.example.com"), ev("certificate_names", "a.example.com, 10.0.0.1"), ev("issuer", "CN=Test CA"),
		ev("not_before", "2026-01-01T00:00:00Z"), ev("not_after", "2026-02-01T00:00:00Z"), ev("now", "2026-03-01T00:00:00Z"),
	}
	var out []finding.Finding
	add := func(step redisconn.Step, reply, ids string, seen ...finding.Evidence) {
		for id := range strings.FieldsSeq(ids) {
			out = append(out, (&redisconn.Error{ID: id, Step: step, Addr: addr, Reply: reply, Evidence: seen}).Finding())
		}
	}
	words := "ERR the server's words"
	if unix {
		add(redisconn.StepTCP, "", "tcp-unix-socket", ev("reason", "missing"))
	} else {
		add(redisconn.StepDNS, "", "dns-not-found dns-resolver-down")
		add(redisconn.StepTCP, "", "tcp-refused tcp-timeout tcp-unreachable", ev("tried", "10.0.0.5"))
		add(redisconn.StepTLS, "", "tls-required tls-not-supported tls-client-cert-required tls-version tls-no-roots tls-failed")
		add(redisconn.StepTLS, "",
			"tls-unknown-authority tls-self-signed tls-name-mismatch tls-expired tls-not-yet-valid", certificate...)
		add(redisconn.StepProtocol, "", "sentinel-unknown-master", ev("wanted", "vitrine"), ev("known", "mymaster"))
		add(redisconn.StepProtocol, words, "sentinel-unknown-master sentinel-not-a-sentinel", ev("wanted", "vitrine"))
		add(redisconn.StepTCP, "", "server-cluster-unreachable", ev("announced", "10.0.0.9:7000"), ev("cause", "tcp-timeout"))
		add(redisconn.StepAuth, words, "auth-user-unsupported auth-ip-not-allowed server-protected-mode")
		add(redisconn.StepCommand, words, "server-cluster-down server-try-again")
	}
	add(redisconn.StepProtocol, "", "tcp-silent tcp-closed")
	add(redisconn.StepProtocol, "", "proto-http proto-other", ev("first_bytes", "HTTP/1.1 400 {bad} [[request]]"[:12]))
	add(redisconn.StepProtocol, "", "proto-other", ev("first_bytes", "SSH-2.0"), ev("protocol", "SSH"))
	add(redisconn.StepAuth, words, "auth-required auth-wrong auth-not-configured server-quota-connections server-max-clients")
	add(redisconn.StepSelect, words, "server-db-range")
	add(redisconn.StepCommand, words, "auth-no-permission server-loading server-misconf server-oom server-readonly "+
		"server-masterdown server-noreplicas server-busy server-quota-requests server-quota-size server-unknown-command server-error")
	return out
}

// tested are smoke's.
func tested(addr string) []finding.Finding {
	critical := func(id string, seen ...finding.Evidence) finding.Finding {
		return finding.Finding{ID: id, Severity: finding.Critical, Evidence: seen}
	}
	key, url := ev("key", "vitrine_cache"), ev("url", "https://bob:***@api.example.com/x?token=***")
	answer := []finding.Evidence{url, ev("status", 200), ev("took_ms", 1.5), ev("size_bytes", int64(7))}
	hit := append([]finding.Evidence{ev("x_cache", "HIT")}, answer...)
	return []finding.Finding{
		critical("server-readonly", ev("address", addr), ev("primary", "[::1]:6380")),
		critical("server-readonly", ev("address", addr)),
		critical("proto-sentinel", ev("address", addr), ev("masters", "vitrine, boutique")),
		critical("proto-sentinel", ev("address", addr)),
		critical("write-key-exists", key), critical("write-vanished", key),
		critical("write-mismatch", ev("wrote", "a"), ev("read", "b")),
		critical("write-ttl", ev("wanted_s", 60.0), ev("ttl_s", -1.0)),
		critical("api-always-hit-stale", hit...), critical("api-always-miss", hit...), critical("api-error-status", answer...),
		critical("api-no-header", answer...), critical("api-no-header", hit...),
		critical("api-unreachable", url, ev("reason", "refused")),
		critical("api-key-missing", key), critical("api-key-no-ttl", key),
		critical("api-key-long-ttl", key, ev("ttl_s", 900.0), ev("max_ttl_s", 300.0)),
		{ID: "latency-high", Severity: finding.Warning, Evidence: []finding.Evidence{
			ev("command", "GET"), ev("p99_ms", 150.0), ev("threshold_ms", 100.0),
		}},
	}
}

// configured are config's own, from the mistakes that make it say them.
func configured(t *testing.T) []product {
	t.Helper()
	const good = "redis://cache.example.com:6379/0"
	byURL := map[string]string{
		"config-url-no-scheme": "cache.example.com:6379", "config-url-scheme": "memcached://cache.example.com",
		"config-url-pasted-line":       "redis-cli -u redis://:" + encoded + "@cache.example.com:6379",
		"config-url-scheme-alias":      "valkey://cache.example.com",
		"config-url-connection-string": "cache.example.com:6380,password=" + secret + ",ssl=True",
		"config-url-placeholder":       "redis://:<password>@host",
		"config-url-encoded":           "cmVkaXM6Ly86Z2VoZWltQGhvc3Q6MQ==",
		"config-url-rest-endpoint":     "https://eu1-x.upstash.io", "config-url-quotes": `"` + good + `"`,
		"config-url-whitespace":        good + "\u200b",
		"config-url-password-encoding": "redis://:" + secret + "@cache.example.com:6379",
		"config-url-password-as-user":  "redis://" + encoded + "@host",
		"config-url-option":            good + "?family=0", "config-url-db": "redis://host/zero",
		"config-url-port": "redis://:" + encoded + "@host:99999",
		"config-url-host": "redis://ho$t", "config-url-sentinel-master": "redis+sentinel://host:26379",
	}
	var all []product
	collect := func(id string, in config.Input) {
		found := false
		for _, f := range loaded(in) {
			found = found || f.ID == id
			all = append(all, product{"configuration " + id, f})
		}
		if !found {
			t.Errorf("the configuration made for %s does not raise it", id)
		}
	}
	for id, url := range byURL {
		collect(id, config.Input{URL: url, URLSet: true, LookupEnv: nothing})
	}
	dir := t.TempDir()
	file := func(name, text string, mode os.FileMode) []string {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.WriteFile(path, []byte(text), mode), os.Chmod(path, mode)); err != nil {
			t.Fatal(err)
		}
		return []string{path}
	}
	env := func(pairs ...string) func(string) (string, bool) {
		return func(name string) (string, bool) {
			for i := 0; i < len(pairs); i += 2 {
				if pairs[i] == name {
					return pairs[i+1], true
				}
			}
			return "", false
		}
	}
	byFile := func(id, name, text string, mode os.FileMode) {
		collect(id, config.Input{EnvFiles: file(name, text, mode), LookupEnv: nothing, Dir: dir})
	}
	byFile("config-env-syntax", "syntax.env", "REDIS_URL=\"redis://:"+encoded+"@host\nX=1\n", 0o600)
	byFile("config-env-bom", "bom.env", "\ufeffREDIS_URL="+good+"\n", 0o600)
	byFile("config-env-permissions", "it's\nopen.env", "REDIS_URL=redis://:"+encoded+"@host\n", 0o644)
	byFile("config-env-expansion", "dollar.env", "REDIS_URL=redis://:a$b@host\n", 0o600)
	collect("config-env-syntax", config.Input{EnvFiles: []string{filepath.Join(dir, "missing.env")}, LookupEnv: nothing, Dir: dir})
	collect("config-env-shadowed", config.Input{
		EnvFiles: file("other.env", "REDIS_URL=redis://:"+encoded+"@other\n", 0o600), LookupEnv: env("REDIS_URL", good), Dir: dir,
	})
	collect("config-disabled", config.Input{URL: good, URLSet: true, LookupEnv: env("REDIS_ENABLED", "off")})
	collect("config-setting", config.Input{URL: good, URLSet: true, LookupEnv: env("REDIS_ENABLED", "maybe")})
	collect("config-setting", config.Input{URL: good, URLSet: true, LookupEnv: env("OLYMP_CACHE_ALERT_P99", "fast")})
	collect("config-url-missing", config.Input{LookupEnv: nothing})
	collect("config-tls-flags", config.Input{URL: good, URLSet: true, LookupEnv: nothing, TLSInsecure: true})
	collect("config-tls-files", config.Input{URL: good, URLSet: true, LookupEnv: nothing, TLSCA: filepath.Join(dir, "missing.pem")})
	return all
}

// loaded is what reading a configuration says, usable or not.
func loaded(in config.Input) []finding.Finding {
	cfg, err := config.Load(in)
	var bad *config.Error
	if errors.As(err, &bad) {
		return bad.Findings
	}
	return cfg.Findings
}

package explain

import (
	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/findings"
)

// Example is a finding as it could be raised, with words in capitals where a real one has names of its own. Its fixes are
// those that the rules give for that evidence.
func Example(id string) finding.Finding {
	f := finding.Finding{ID: id, Severity: finding.Critical, Evidence: append(append([]finding.Evidence{}, special[id]...), generic...)}
	f.Subject = "HOST:6379"
	if finding.Category(id) == "config" {
		f.Subject = "REDIS_URL"
	}
	if id == "tcp-unix-socket" {
		f.Subject = "/run/redis/redis.sock"
	}
	return findings.WithFixes(f)
}

func is(name string, value any) finding.Evidence { return finding.Evidence{Name: name, Value: value} }

func of(name string, value any, unit string) finding.Evidence {
	return finding.Evidence{Name: name, Value: value, Unit: unit}
}

// generic is evidence that many findings show.
var generic = []finding.Evidence{
	is("host", "HOST"), is("port", 6379), is("address", "HOST:6379"), is("db", 0), is("url", "redis://default:***@HOST:6379/0"),
	is("has_password", true), is("loopback", false), is("tls", false),
	is("key", "KEY"), is("file", ".env"), is("line", 3), is("variable", "REDIS_URL"), is("command", "PING"), is("max_ms", 120.0),
	of("max_ms", 120.0, "ms"), of("took_ms", 120.0, "ms"), of("p99_ms", 180.0, "ms"), of("share", 0.85, "ratio"),
	of("hit_rate", 0.42, "ratio"), of("used_bytes", int64(200<<20), "bytes"), of("limit_bytes", int64(256<<20), "bytes"),
	of("key_bytes", int64(12<<20), "bytes"), of("wasted_bytes", int64(300<<20), "bytes"), of("peak_bytes", int64(500<<20), "bytes"),
	of("buffers_bytes", int64(150<<20), "bytes"), of("uptime_s", 300.0, "s"), of("ttl_s", 3600.0, "s"), of("max_ttl_s", 300.0, "s"),
	is("policy", "noeviction"), is("clients", 1200), is("rejected", 12), is("idle", 40), is("client", "10.0.0.5"), is("calls", 12),
	is("scripts", 5000), is("evicted", 19000), is("databases", "0, 3"), is("other_db", 3), is("event", "EVENT"), is("version", "X.Y.Z"),
	is("server", "Redis"), is("newest", "X.Y.Z"), is("errors", "OOM 42"), is("failures", 12), is("slow_command", "KEYS"),
	is("platform_name", "PLATFORM"), is("status", 502), is("x_cache", "MISS"), is("value", "VALUE"),
	is("option", "OPTION"), is("scheme", "SCHEME"), is("characters", "@ /"), is("part", "PART"), is("container", "CONTAINER"),
	is("certificate_names", "cache.example.com"), is("alike", "prod:KEY"), is("group", "GROUP"), is("acl_user", "app"),
	is("announced", "10.0.0.7:6379"), is("found_port", 6380), is("found_address", "127.0.0.1:6380"), is("listens", "0.0.0.0"),
	is("primary", "PRIMARY:6379"), is("masters", "mymaster"), is("count", 3), is("same_as", "REDIS_URL"), is("wanted", "VALUE"),
	is("unit", "redis-server.service"), is("expected", "boolean"), is("reason", "missing"),
}

// special is what single findings show otherwise.
var special = map[string][]finding.Evidence{
	"dns-compose-name-outside":      {is("host", "redis"), is("address", "redis:6379")},
	"dns-compose-name-inside":       {is("host", "redis"), is("address", "redis:6379")},
	"dns-render-internal-outside":   {is("host", "red-abc123def456ghi7890"), is("provider", "Render"), is("provider_id", "render")},
	"dns-railway-internal-outside":  {is("host", "redis.railway.internal"), is("provider", "Railway"), is("provider_id", "railway")},
	"dns-fly-internal-outside":      {is("host", "fly-NAME.upstash.io"), is("provider", "Fly"), is("provider_id", "fly")},
	"dns-docker-host-internal":      {is("host", "host.docker.internal")},
	"dns-managed-gone":              {is("host", "NAME.upstash.io"), is("provider", "Upstash"), is("provider_id", "upstash")},
	"tcp-refused":                   {is("loopback", true), is("host", "localhost"), is("address", "localhost:6379")},
	"tcp-refused-other-family":      {is("host", "::1"), is("found_address", "127.0.0.1")},
	"tcp-unix-socket":               {is("address", "/run/redis/redis.sock"), is("host", "")},
	"memory-volatile-no-ttl":        {is("policy", "volatile-lru")},
	"memory-high":                   {is("policy", "allkeys-lru")},
	"server-old-version":            {is("version", "5.0.14")},
	"cache-no-ttl":                  {of("share", 0.9, "ratio")},
	"config-url-password-encoding":  {is("corrected", "redis://:***@HOST:6379/0")},
	"config-url-rest-endpoint":      {is("corrected", "rediss://default:***@NAME.upstash.io:6379")},
	"config-url-no-scheme":          {is("corrected", "redis://HOST:6379/0")},
	"config-url-connection-string":  {is("corrected", "rediss://:***@NAME.redis.cache.windows.net:6380/0")},
	"config-url-scheme":             {is("corrected", "redis://HOST:6379/0")},
	"config-url-pasted-line":        {is("corrected", "redis://HOST:6379/0")},
	"tls-required":                  {is("url", "redis://default:***@HOST:6380/0")},
	"tls-not-supported":             {is("url", "rediss://default:***@HOST:6379/0")},
	"auth-required":                 {is("has_password", false), is("url", "redis://HOST:6379/0")},
	"security-no-password":          {is("has_password", false)},
	"security-exposed":              {is("has_password", false), is("mapping", "127.0.0.1:6379:6379"), is("service", "redis")},
	"auth-no-permission":            {is("reply", "NOPERM User app has no permissions to run the 'set' command"), is("user", "app")},
	"sentinel-unknown-master":       {is("url", "redis+sentinel://HOST:26379/NAME/0"), is("known", "mymaster")},
	"tcp-refused-container-stopped": {is("container", "redis"), is("loopback", true), is("host", "localhost")},
	"tcp-refused-not-published":     {is("container", "redis"), is("loopback", true), is("host", "localhost"), is("service", "redis")},
	"tcp-refused-not-running":       {is("loopback", true), is("host", "localhost")},
}

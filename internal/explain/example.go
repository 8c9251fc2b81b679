package explain

import (
	"slices"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/findings"
)

// Example is a finding as it could be raised, with words in capitals where a real one has names of its own. Its fixes are
// those that the rules give for that evidence.
func Example(id string) finding.Finding {
	f := finding.Finding{ID: id, Severity: finding.Critical, Subject: "HOST:6379"}
	if finding.Category(id) == "config" {
		f.Subject = "REDIS_URL"
	}
	if subject, ok := subjects[id]; ok {
		f.Subject = subject
	}
	// What a single finding shows stands before what many show; without a value it keeps the generic one away.
	f.Evidence = slices.Clone(special[id])
	for _, e := range generic {
		if !slices.ContainsFunc(f.Evidence, func(own finding.Evidence) bool { return own.Name == e.Name }) {
			f.Evidence = append(f.Evidence, e)
		}
	}
	f.Evidence = slices.DeleteFunc(f.Evidence, func(e finding.Evidence) bool { return e.Value == nil })
	return findings.WithFixes(f)
}

func is(name string, value any) finding.Evidence { return finding.Evidence{Name: name, Value: value} }

func of(name string, value any, unit string) finding.Evidence {
	return finding.Evidence{Name: name, Value: value, Unit: unit}
}

// without keeps generic evidence of these names away.
func without(names ...string) []finding.Evidence {
	none := make([]finding.Evidence, len(names))
	for i, name := range names {
		none[i] = is(name, nil)
	}
	return none
}

// subjects are what findings are about that are neither about the target nor about REDIS_URL.
var subjects = map[string]string{"tcp-unix-socket": "/run/redis/redis.sock", "config-setting": "OLYMP_CACHE_ALERT_P99"}

// generic is evidence that many findings show.
var generic = []finding.Evidence{
	is("host", "HOST"), is("port", 6379), is("address", "HOST:6379"), is("db", 0), is("url", "redis://default:***@HOST:6379/0"),
	is("has_password", true), is("loopback", false), is("tls", false),
	is("key", "KEY"), is("file", ".env"), is("line", 3), is("variable", "REDIS_URL"), is("command", "PING"),
	of("max_ms", 120.0, "ms"), of("took_ms", 120.0, "ms"), of("p99_ms", 180.0, "ms"), of("share", 0.85, "ratio"),
	of("hit_rate", 0.42, "ratio"), of("used_bytes", int64(200<<20), "bytes"), of("limit_bytes", int64(256<<20), "bytes"),
	of("key_bytes", int64(12<<20), "bytes"), of("wasted_bytes", int64(300<<20), "bytes"), of("peak_bytes", int64(500<<20), "bytes"),
	of("buffers_bytes", int64(150<<20), "bytes"), of("uptime_s", 300.0, "s"), of("ttl_s", 3600.0, "s"), of("max_ttl_s", 300.0, "s"),
	is("policy", "noeviction"), is("clients", 1200), is("rejected", 12), is("idle", 40), is("client", "10.0.0.5"), is("calls", 12),
	is("scripts", 5000), is("evicted", 19000), is("databases", "0, 3"), is("other_db", 3), is("event", "EVENT"), is("version", "X.Y.Z"),
	is("server", "Redis"), is("newest", "X.Y.Z"), is("errors", "OOM 42"), is("failures", 12), is("slow_command", "KEYS"),
	is("platform_name", "PLATFORM"), is("status", 502), is("x_cache", "MISS"), is("value", "VALUE"),
	is("option", "family"), is("scheme", "http"), is("characters", "@ /"), is("part", "PART"), is("container", "CONTAINER"),
	is("certificate_names", "cache.example.com"), is("alike", ":1:vitrine_cache"), is("group", "vitrine"), is("acl_user", "app"),
	is("announced", "10.0.0.7:6379"), is("listens", "0.0.0.0"),
	is("primary", "PRIMARY:6379"), is("masters", "mymaster"), is("count", 3), is("same_as", "redis"), is("wanted", "MASTER"),
	is("unit", "redis-server.service"), is("expected", "boolean"), is("reason", "missing"),
}

// Addresses that several examples share.
const (
	cachedPage = "https://HOST/api/v1/content/vitrine"
	cachedKey  = "vitrine_cache"
)

// special is what single findings show otherwise.
var special = map[string][]finding.Evidence{
	"config-url-password-encoding": {is("corrected", "redis://:***@HOST:6379/0")},
	"config-url-rest-endpoint":     {is("corrected", "rediss://default:***@NAME.upstash.io:6379")},
	"config-url-no-scheme":         {is("corrected", "redis://HOST:6379/0")},
	"config-url-connection-string": {is("corrected", "rediss://:***@NAME.redis.cache.windows.net:6380/0")},
	"config-url-scheme":            {is("corrected", "redis://HOST:6379/0")},
	"config-url-pasted-line":       {is("corrected", "redis://HOST:6379/0")},
	"config-url-scheme-alias":      {is("scheme", "valkey")},
	"config-url-whitespace":        {is("characters", "U+200B")},
	"config-url-host":              {is("part", "ho st")},
	"config-url-port":              {is("part", "99999")},
	"config-url-db":                {is("part", "cache")},
	"config-url-placeholder":       {is("element", "password")},
	"config-url-encoded":           {is("reason", "base64"), is("corrected", "redis://:***@HOST:6379/0")},
	"config-env-expansion":         {is("characters", "$")},
	"config-tls-files":             {is("variable", "--tls-ca"), is("file", "ca.pem")},
	"config-setting":               {is("value", "fast"), is("expected", "duration")},

	"dns-compose-name-outside": {
		is("host", "redis"), is("address", "redis:6379"), is("service", "redis"), is("project", "PROJECT"),
	},
	"dns-compose-name-inside":     append(without("reason", "container"), is("host", "redis"), is("address", "redis:6379")),
	"dns-render-internal-outside": {is("host", "red-INSTANCE"), is("instance", "red-INSTANCE")},
	"dns-railway-internal-outside": {
		is("host", "redis.railway.internal"), is("provider", "Railway"), is("provider_id", "railway"),
	},
	"dns-fly-internal-outside": {is("host", "fly-NAME.upstash.io"), is("provider", "Fly"), is("provider_id", "fly")},
	"dns-docker-host-internal": {is("host", "host.docker.internal"), is("runtime", "docker")},
	"dns-managed-gone":         {is("host", "NAME.upstash.io"), is("provider", "Upstash"), is("provider_id", "upstash")},

	"tcp-refused": append(without("container", "reason"), here...),
	"tcp-refused-container-stopped": append([]finding.Evidence{
		is("container", "redis"), is("reason", "failed"),
	}, here...),
	"tcp-refused-not-published": append([]finding.Evidence{
		is("container", "redis"), is("service", "redis"), is("project", "PROJECT"),
	}, here...),
	"tcp-refused-in-container": here,
	"tcp-refused-container-port": {
		is("host", "redis"), is("port", 6380), is("address", "redis:6380"), is("url", "redis://default:***@redis:6380/0"),
	},
	"tcp-refused-other-port":   append([]finding.Evidence{is("found_port", 6380), is("found_address", "127.0.0.1")}, here...),
	"tcp-refused-other-family": {is("host", "::1"), is("found_port", 6379), is("found_address", "127.0.0.1")},
	"tcp-refused-not-running":  append(without("reason"), here...),
	"tcp-unix-socket":          {is("address", "/run/redis/redis.sock"), is("host", "")},

	"tls-required":            {is("url", "redis://default:***@HOST:6380/0"), is("address", "HOST:6380"), is("port", 6380)},
	"tls-not-supported":       {is("url", "rediss://default:***@HOST:6379/0")},
	"proto-sentinel":          {is("port", 26379), is("address", "HOST:26379")},
	"sentinel-unknown-master": {is("url", "redis+sentinel://HOST:26379/NAME/0"), is("known", "mymaster")},
	"sentinel-master-down": {
		is("url", "redis+sentinel://HOST:26379/MASTER/0"), is("announced_master", "MASTER"), is("announced", "ADDRESS:6379"),
	},
	"sentinel-not-a-sentinel": {is("url", "redis+sentinel://HOST:6379/NAME/0")},

	"auth-required": {is("has_password", false), is("url", "redis://HOST:6379/0")},
	"auth-no-permission": append(without("key"), is("command", "set"),
		is("reply", "NOPERM User app has no permissions to run the 'set' command"), is("user", "app")),

	"server-db-range":          {is("db", 1), is("url", "redis://default:***@HOST:6379/1")},
	"server-cluster-node-down": append(without("slots_missing"), is("failed_nodes", "ADDRESS:7001")),
	"server-cluster-down":      without("failed_nodes"),
	"server-misconf":           {is("dir", "/data"), is("what", "RDB")},
	"persistence-failing":      {is("dir", "/data"), is("what", "RDB")},
	"server-unknown-command":   {is("command", "CONFIG")},
	"server-errors-seen":       {is("error", "OOM")},
	"server-old-version":       {is("version", "5.0.14")},

	"memory-volatile-no-ttl": {is("policy", "volatile-lru")},
	"memory-high":            {is("policy", "allkeys-lru")},
	"memory-overhead":        {of("share", 0.6, "ratio")},
	"latency-slowlog":        without("key"),
	"cache-no-ttl":           {of("share", 0.9, "ratio")},
	"cache-prefix":           {is("key", cachedKey)},
	"cache-long-ttl":         {is("key", cachedKey)},
	"cache-big-value":        {is("key", cachedKey), of("key_bytes", int64(2<<20), "bytes")},

	"api-unreachable":  {is("url", cachedPage), is("reason", "timeout")},
	"api-error-status": {is("url", cachedPage)},
	"api-no-header":    {is("url", cachedPage)},
	"api-key-missing":  {is("key", cachedKey)},
	"api-key-no-ttl":   {is("key", cachedKey)},
	"api-key-long-ttl": {is("key", cachedKey)},

	"security-no-password": {is("has_password", false)},
	"security-exposed":     {is("has_password", false), is("mapping", "127.0.0.1:6379:6379"), is("service", "redis")},
}

// here is a server that should be on this machine.
var here = []finding.Evidence{
	is("loopback", true), is("host", "localhost"), is("address", "localhost:6379"), is("url", "redis://default:***@localhost:6379/0"),
}

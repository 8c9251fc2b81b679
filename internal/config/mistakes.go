package config

import (
	"slices"
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
)

// mistake recognises values that no client could use, before anything is parsed: what stands there instead of a URL, and
// the form that would do. Only masked text is shown.
func mistake(s string) *finding.Finding {
	low := strings.ToLower(s)
	if s == "" {
		return critical("config-url-no-scheme", ev("corrected", DefaultURL))
	}
	if commandLine(s) {
		return pasted(s)
	}
	if fixed := brokenScheme(s, low); fixed != "" {
		return critical("config-url-pasted-line", ev("corrected", fixed))
	}
	if dotNet(low) {
		return connectionString(s)
	}
	if plain, how := decoded(s); how != "" {
		scheme, rest, _ := strings.Cut(plain, "://")
		return critical("config-url-encoded", ev("reason", how), ev("corrected", strings.ToLower(scheme)+"://"+maskedRest(rest)))
	}
	scheme, rest, ok := strings.Cut(s, "://")
	switch {
	case !ok:
		return withoutScheme(s)
	case knownScheme(scheme):
		return nil
	case placeholder(scheme):
		return critical("config-url-placeholder", ev("part", "scheme"), ev("element", "scheme"), ev("value", variable(scheme)))
	case schemeName(scheme) == Mask:
		return pasted(s)
	}
	return foreignScheme(strings.ToLower(scheme), rest)
}

// knownSchemes are those that are read.
var knownSchemes = []string{
	"redis", "rediss", "valkey", "valkeys", "unix", "redis+unix", "redis+socket",
	"redis+sentinel", "rediss+sentinel", "redis-sentinel", "rediss-sentinel",
}

func knownScheme(s string) bool { return slices.Contains(knownSchemes, strings.ToLower(s)) }

// withoutScheme is a value that has no :// at all.
func withoutScheme(s string) *finding.Finding {
	switch {
	case placeholder(s):
		return critical("config-url-placeholder", ev("part", "url"), ev("element", "url"), ev("value", variable(s)))
	case strings.HasPrefix(s, "/") && !strings.HasPrefix(s, "//") && plainName(strings.ReplaceAll(s, "/", "")):
		return critical("config-url-no-scheme", ev("corrected", "unix://"+s))
	}
	return critical("config-url-no-scheme", ev("corrected", "redis://"+maskedRest(strings.TrimPrefix(s, "//"))))
}

// otherServices speak another protocol on another host and port: only the scheme tells what they are.
var otherServices = []string{
	"amqp", "amqps", "postgres", "postgresql", "mysql", "mariadb", "mongodb", "mongodb+srv", "memcached", "memcache", "kafka", "nats",
	"ftp", "sftp", "ssh", "file", "sqlite", "mqtt", "ws", "wss", "jdbc", "s3",
}

// foreignScheme is a URL of something else, or a Redis URL under a name that this or that framework gave it.
func foreignScheme(scheme, rest string) *finding.Finding {
	unknown := func(corrected string) *finding.Finding {
		return critical("config-url-scheme", ev("scheme", scheme), ev("corrected", corrected))
	}
	switch {
	case scheme == "http", scheme == "https":
		host, _, _ := strings.Cut(strings.TrimPrefix(rest[strings.LastIndexByte(rest, '@')+1:], "/"), "/")
		host, _, _ = strings.Cut(host, ":")
		if strings.HasSuffix(strings.ToLower(host), ".upstash.io") {
			return critical("config-url-rest-endpoint", ev("corrected", "rediss://default:"+Mask+"@"+plainTail(host, true)+":6379"))
		}
	case slices.Contains(otherServices, scheme):
		return unknown("redis://" + anyHost)
	case strings.Contains(scheme, "sentinel"):
		return unknown(sentinelURL(scheme, rest))
	case strings.Contains(scheme, "sock"), strings.Contains(scheme, "unix"):
		path, _, _ := strings.Cut(rest, "?")
		if !plainName(strings.ReplaceAll(path, "/", "")) {
			path = "/PATH"
		}
		return unknown("unix:///" + strings.TrimLeft(path, "/"))
	}
	proposal := "redis://"
	if scheme == "https" || strings.Contains(scheme, "tls") || strings.Contains(scheme, "ssl") || strings.Contains(scheme, "rediss") {
		proposal = "rediss://"
	}
	return unknown(proposal + maskedRest(rest))
}

// sentinelURL is the form for Sentinels, from the lists that Celery and others write.
func sentinelURL(scheme, rest string) string {
	login, hosts := "", []string{}
	for part := range strings.FieldsFuncSeq(rest, func(r rune) bool { return r == ';' || r == ',' }) {
		if _, behind, ok := strings.Cut(part, "://"); ok {
			part = behind
		}
		at := strings.LastIndexByte(part, '@')
		if at >= 0 {
			login, part = ":"+Mask+"@", part[at+1:]
		}
		host, _, _ := strings.Cut(part, "/")
		if _, port, _ := strings.Cut(host, ":"); at < 0 && !portNumber(port) && strings.Contains(rest, "@") {
			continue // may be a piece of a password with a comma in it
		}
		hosts = append(hosts, plainTail(host, true))
	}
	if strings.HasPrefix(scheme, "rediss") || strings.HasPrefix(scheme, "valkeys") {
		return "rediss+sentinel://" + login + strings.Join(hosts, ",") + "/mymaster/0"
	}
	return "redis+sentinel://" + login + strings.Join(hosts, ",") + "/mymaster/0"
}

func critical(id string, seen ...finding.Evidence) *finding.Finding {
	return &finding.Finding{ID: id, Severity: finding.Critical, Evidence: seen}
}

// dotNetKeys are settings of StackExchange.Redis.
var dotNetKeys = []string{
	"password", "ssl", "abortconnect", "user", "defaultdatabase", "connecttimeout", "synctimeout", "asynctimeout", "connectretry",
	"allowadmin", "keepalive", "servicename", "sslhost", "sslprotocols", "name", "resolvedns", "channelprefix",
}

// dotNet tells StackExchange.Redis's host:6380,password=…,ssl=True.
func dotNet(low string) bool {
	if strings.Contains(low, "://") {
		return false
	}
	parts := strings.Split(low, ",")
	return slices.ContainsFunc(parts[1:], func(part string) bool {
		name, _, ok := strings.Cut(strings.TrimSpace(part), "=")
		return ok && slices.Contains(dotNetKeys, name)
	})
}

func connectionString(s string) *finding.Finding {
	parts := strings.Split(s, ",")
	scheme, user, login := "redis", "", ""
	for _, part := range parts[1:] {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch strings.ToLower(name) {
		case "ssl":
			if strings.EqualFold(value, "true") {
				scheme = "rediss"
			}
		case "user":
			if plainName(value) {
				user = value
			}
		case "password":
			login = ":" + Mask + "@"
		}
	}
	if login != "" {
		login = user + login
	}
	return critical("config-url-connection-string", ev("corrected", scheme+"://"+login+plainTail(strings.TrimSpace(parts[0]), true)))
}

// schemeName is a scheme that may be shown: letters, as all real ones.
func schemeName(s string) string {
	if len(s) <= 20 && strings.Trim(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz+-.") == "" {
		return s
	}
	return Mask
}

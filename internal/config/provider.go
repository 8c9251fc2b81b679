package config

import "strings"

// providerOf names the managed service behind a host name, or "". Sources: render.com/docs/redis, upstash.com/docs,
// docs.railway.com, devcenter.heroku.com/articles/heroku-redis, aiven.io/docs, redis.io/docs (Redis Cloud),
// docs.aws.amazon.com (ElastiCache), learn.microsoft.com (Azure Cache), fly.io/docs.
func providerOf(t Target) string {
	if len(t.Endpoints) == 0 {
		return ""
	}
	host := strings.TrimSuffix(strings.ToLower(t.Endpoints[0].Host), ".")
	suffix := func(all ...string) bool {
		for _, s := range all {
			if strings.HasSuffix(host, s) {
				return true
			}
		}
		return false
	}
	switch {
	case strings.HasPrefix(host, "fly-") && suffix(".upstash.io"), suffix(".flycast", ".fly.dev"):
		return "fly"
	case suffix(".upstash.io"):
		return "upstash"
	case renderInternal(host), suffix(".render.com"):
		return "render"
	case suffix(".railway.internal", ".rlwy.net", ".railway.app"):
		return "railway"
	case suffix(".compute-1.amazonaws.com", ".compute.amazonaws.com") && strings.HasPrefix(host, "ec2-"):
		return "heroku"
	case suffix(".aivencloud.com"):
		return "aiven"
	case suffix(".redislabs.com", ".redis-cloud.com", ".redns.redis-cloud.com"):
		return "redis-cloud"
	case suffix(".cache.amazonaws.com"):
		return "elasticache"
	case suffix(".redis.cache.windows.net", ".redis.azure.net", ".redisenterprise.cache.azure.net"):
		return "azure"
	}
	return ""
}

// renderInternal tells Render's internal names, red- and letters or digits, without a dot.
func renderInternal(host string) bool {
	id, ok := strings.CutPrefix(host, "red-")
	return ok && len(id) >= 8 && strings.Trim(id, "abcdefghijklmnopqrstuvwxyz0123456789") == ""
}

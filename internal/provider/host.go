package provider

import "strings"

// OfHost is the service that a host name belongs to, "" for none, and whether the name means something only inside the
// service's own network. The name is read in any case and with or without its last dot; addresses belong to nobody.
func OfHost(host string) (id string, internal bool) {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	for _, n := range names {
		if n.match(host) {
			return n.id, n.internal
		}
	}
	return "", false
}

// Of is the service that runs the Redis at an address; "" for a Redis of one's own, also where it runs on a service's
// machines: what the table says of the service does not hold for it.
func Of(host string, port int) string {
	id, _ := OfHost(host)
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	switch {
	case id == "fly" && !strings.HasSuffix(host, ".upstash.io"):
		return "" // an app of one's own; Fly's managed Redis is Upstash's
	case id == "heroku" && port == defaultPort:
		return "" // Heroku gives every instance a port of its own, and any machine of EC2 has such a name
	}
	return id
}

// defaultPort is Redis's own.
const defaultPort = 6379

// name is one shape of host names.
type name struct {
	id       string
	internal bool
	prefix   string   // of the host; may be empty
	suffixes []string // of which the host has one; none means that any will do
}

// names are tried in order: Fly's Upstash before Upstash.
var names = []name{
	// superfly/docs upstash/redis: redis://…@fly-NAME.upstash.io:6379, over the private IPv6 network.
	{id: "fly", internal: true, prefix: "fly-", suffixes: []string{".upstash.io"}},
	// fly.io/docs/networking/private-networking, /flycast: both resolve inside an organisation's network only.
	{id: "fly", internal: true, suffixes: []string{".flycast", ".internal"}},
	{id: "fly", suffixes: []string{".fly.dev"}},
	// upstash/docs redis/howto/connectclient: NAME-NNNNN.upstash.io.
	{id: "upstash", suffixes: []string{".upstash.io"}},
	// render.com/docs/redis: red-xxxxxxxxxxxxxxxxxxxx, without a dot, inside the private network of one region.
	{id: "render", internal: true, prefix: "red-", suffixes: nil},
	{id: "render", suffixes: []string{".render.com"}},
	// railwayapp/docs: redis.railway.internal inside an environment, NAME.proxy.rlwy.net outside.
	{id: "railway", internal: true, suffixes: []string{".railway.internal"}},
	{id: "railway", suffixes: []string{".rlwy.net", ".railway.app"}},
	// devcenter.heroku.com/articles/heroku-redis: ec2-….compute-1.amazonaws.com:NNNNN, .eu-west-1.compute.amazonaws.com in Europe.
	{id: "heroku", prefix: "ec2-", suffixes: []string{".compute-1.amazonaws.com", ".compute.amazonaws.com"}},
	// aiven-docs: NAME-PROJECT.aivencloud.com.
	{id: "aiven", suffixes: []string{".aivencloud.com"}},
	// redis/docs rc: redis-NNNNN.cNNN.REGION.ec2.cloud.redislabs.com, newer ones end in redns.redis-cloud.com.
	{id: "redis-cloud", suffixes: []string{".redislabs.com", ".redis-cloud.com"}},
	// AWS, «Accessing your cluster»: every endpoint resolves everywhere, to an address of the VPC.
	{id: "elasticache", internal: true, suffixes: []string{".cache.amazonaws.com", ".cache.amazonaws.com.cn"}},
	// learn.microsoft.com azure-cache-for-redis, managed-redis.
	{id: "azure", suffixes: []string{".redis.cache.windows.net", ".redis.azure.net", ".redisenterprise.cache.azure.net"}},
}

func (n name) match(host string) bool {
	rest, ok := strings.CutPrefix(host, n.prefix)
	if !ok {
		return false
	}
	if n.id == "render" && n.internal {
		return renderID(rest)
	}
	if n.internal && n.id == "fly" && reserved(host) {
		return false
	}
	for _, s := range n.suffixes {
		if label, ok := strings.CutSuffix(rest, s); ok && label != "" {
			return true
		}
	}
	return false
}

// renderID tells the letters and digits behind «red-», 20 of them; no dot follows.
func renderID(id string) bool {
	return len(id) >= 8 && strings.Trim(id, "abcdefghijklmnopqrstuvwxyz0123456789") == ""
}

// reserved tells names under .internal that are another's: Docker's, Kubernetes's on a laptop, Railway's, Google's and EC2's
// own.
func reserved(host string) bool {
	for _, s := range []string{
		".docker.internal", ".containers.internal", ".railway.internal", ".google.internal", ".compute.internal", ".ec2.internal",
	} {
		if strings.HasSuffix(host, s) {
			return true
		}
	}
	return false
}

package provider_test

import (
	"strings"
	"testing"

	"github.com/olympiades-ia/olymp-cache/internal/provider"
)

func TestOfHost(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		host, id string
		internal bool
	}{
		{"red-cabc123def456ghi7890", "render", true},
		{"RED-CABC123DEF456GHI7890.", "render", true},
		{"frankfurt-keyvalue.render.com", "render", false},
		{"red-team.example.com", "", false},
		{"red-short", "", false},
		{"red-cabc123def456ghi7890.frankfurt-keyvalue.render.com", "render", false},
		{"eu1-cool-cat-31234.upstash.io", "upstash", false},
		{"fly-olympiades.upstash.io", "fly", true},
		{"cache.internal", "fly", true},
		{"olympiades-redis.flycast", "fly", true},
		{"olympiades.fly.dev", "fly", false},
		{"host.docker.internal", "", false},
		{"host.containers.internal", "", false},
		{"vm.c.project.google.internal", "", false},
		{"ip-10-0-0-1.ec2.internal", "", false},
		{"redis.railway.internal", "railway", true},
		{"monorail.proxy.rlwy.net", "railway", false},
		{"ec2-34-1-2-3.compute-1.amazonaws.com", "heroku", false},
		{"ec2-34-1-2-3.eu-west-1.compute.amazonaws.com", "heroku", false},
		{"cache-olympiades.a.aivencloud.com", "aiven", false},
		{"redis-12345.c1.us-east-1-2.ec2.cloud.redislabs.com", "redis-cloud", false},
		{"redis-12345.c1.us-east-1-2.ec2.redns.redis-cloud.com", "redis-cloud", false},
		{"vitrine.abcdef.ng.0001.euw1.cache.amazonaws.com", "elasticache", true},
		{"vitrine-abcdef.serverless.euw1.cache.amazonaws.com", "elasticache", true},
		{"n.redis.cache.windows.net", "azure", false},
		{"n.westeurope.redis.azure.net", "azure", false},
		{"localhost", "", false},
		{"127.0.0.1", "", false},
		{"", "", false},
		{"upstash.io", "", false},
		{"upstash.io.example.com", "", false},
		{"fly-upstash.io", "", false},
		{"internal", "", false},
	} {
		if id, internal := provider.OfHost(tc.host); id != tc.id || internal != tc.internal {
			t.Errorf("%q is %q, internal %v; want %q, %v", tc.host, id, internal, tc.id, tc.internal)
		}
	}
}

func TestOf(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		host string
		port int
		want string
	}{
		{"ec2-34-1-2-3.compute-1.amazonaws.com", 6379, ""},
		{"ec2-34-1-2-3.compute-1.amazonaws.com", 18009, "heroku"},
		{"redis.railway.internal", 6379, "railway"},
		{"fly-olympiades.upstash.io", 6379, "fly"},
		{"olympiades-redis.flycast", 6379, ""},
		{"cache.internal.", 6379, ""},
		{"localhost", 6379, ""},
	} {
		if got := provider.Of(tc.host, tc.port); got != tc.want {
			t.Errorf("%s:%d is run by %q, want %q", tc.host, tc.port, got, tc.want)
		}
	}
}

// TestTable keeps the facts in the form that rules rely on.
func TestTable(t *testing.T) {
	t.Parallel()
	all := []string{"render", "upstash", "railway", "heroku", "aiven", "redis-cloud", "elasticache", "azure", "fly"}
	for _, id := range all {
		p, ok := provider.Lookup(id)
		if !ok || p.ID != id || p.Name == "" || len(p.Sources) == 0 || !strings.HasPrefix(p.Docs, "https://") {
			t.Errorf("%s: %+v, %v", id, p, ok)
		}
		for _, command := range p.Refuses {
			if command != strings.ToUpper(command) || !p.Denies(strings.ToLower(command)) {
				t.Errorf("%s refuses %q, Denies %v", id, command, p.Denies(command))
			}
		}
		if p.Denies("GET") || p.Denies("") {
			t.Errorf("%s denies everything", id)
		}
	}
	if _, ok := provider.Lookup("memcachier"); ok {
		t.Error("a provider that is not in the table was found")
	}
}

func TestDenies(t *testing.T) {
	t.Parallel()
	cloud, _ := provider.Lookup("redis-cloud")
	aiven, _ := provider.Lookup("aiven")
	for _, tc := range []struct {
		p       provider.Provider
		command string
		want    bool
	}{
		{aiven, "CONFIG GET", true},
		{aiven, "config", true},
		{aiven, "INFO", false},
		{cloud, "LATENCY LATEST", true},
		{cloud, "LATENCY HISTOGRAM", false},
		{cloud, "CONFIG GET", false},
		{cloud, "LATENCY", false}, // some of its second words work
	} {
		if got := tc.p.Denies(tc.command); got != tc.want {
			t.Errorf("%s denies %q: %v, want %v", tc.p.ID, tc.command, got, tc.want)
		}
	}
}

package provider

import "time"

var providers = []Provider{
	{
		ID: "render", Name: "Render", Docs: "https://render.com/docs/key-value", Platform: "render",
		TLS: Outside, OwnMemoryLimit: true,
		Sources: []string{
			"render.com/docs/redis: rediss:// outside, redis:// inside, the plan sets memory and connections",
			"render-oss/skills render-keyvalue: the policy is chosen at creation; external access is off by default, by allow-list",
		},
	},
	{
		ID: "upstash", Name: "Upstash", Docs: "https://upstash.com/docs/redis/howto/connectclient",
		TLS: Always, OneDatabase: true, OwnMemoryLimit: true, DefaultPolicy: "noeviction",
		Sources: []string{
			"upstash/docs redis/features/security: TLS cannot be switched off",
			"upstash/docs redis/overall/compatibility: one logical database, SELECT takes 0 only",
			"upstash/docs redis/features/eviction: eviction is off by default",
			"upstash/docs redis/commands/server/overview: ACL, COMMAND, CONFIG, DBSIZE, FLUSH*, INFO, MONITOR, TIME; it does not " +
				"say how the others answer, so none is listed as refused",
		},
	},
	{
		ID: "railway", Name: "Railway", Docs: "https://docs.railway.com/databases/redis", Platform: "railway",
		TLS: Never,
		Sources: []string{
			"railwayapp/docs: the plain redis image, unmanaged, so that nothing is refused and no limit is set",
			"railwayapp/docs guides/redis: REDIS_PUBLIC_URL is redis://, through a TCP proxy",
		},
	},
	{
		ID: "heroku", Name: "Heroku", Docs: "https://devcenter.heroku.com/articles/heroku-redis", Platform: "heroku",
		SharedNames: true, TLS: Always, PrivateCA: true, OwnMemoryLimit: true, DefaultPolicy: "noeviction",
		Refuses: []string{"CONFIG"}, IdleTimeout: 5 * time.Minute, Connections: 20,
		Sources: []string{
			"devcenter.heroku.com/articles/heroku-redis: all plans require TLS since December 2024, self-signed chain; settings by " +
				"heroku redis:timeout (300 s) and redis:maxmemory (noeviction) instead of CONFIG",
			"heroku/cli#1650, chatwoot#6909: 300 s, noeviction, 20 connections of the smallest plan",
		},
	},
	{
		ID: "aiven", Name: "Aiven", Docs: "https://aiven.io/docs/products/valkey/howto/manage-ssl-connectivity",
		TLS: Always, OwnMemoryLimit: true, DefaultPolicy: "noeviction",
		Refuses: []string{
			"ACL", "BGREWRITEAOF", "BGSAVE", "CLUSTER", "COMMAND", "CONFIG", "DEBUG", "FAILOVER", "LASTSAVE", "MIGRATE", "MONITOR",
			"REPLICAOF", "SAVE", "SHUTDOWN", "SLAVEOF",
		},
		IdleTimeout: 5 * time.Minute,
		Sources: []string{
			"aiven.io/docs/products/valkey/reference/restricted-commands",
			"aiven.io/docs/products/redis/concepts/memory-usage: no eviction by default, maxmemory is the service's",
			"aiven-docs: valkey_timeout 300 s, TLS connections are cut after 12 h; TLS is on by default",
		},
	},
	{
		ID: "redis-cloud", Name: "Redis Cloud", Docs: "https://redis.io/docs/latest/operate/rc/databases/connect/",
		TLS: Optional, OneDatabase: true, OwnMemoryLimit: true, DefaultPolicy: "volatile-lru",
		Refuses: []string{
			"ACL DELUSER", "ACL GENPASS", "ACL LOAD", "ACL LOG", "ACL SAVE", "ACL SETUSER", "BGREWRITEAOF", "BGSAVE", "CONFIG RESETSTAT",
			"DEBUG", "FAILOVER", "LASTSAVE", "LATENCY DOCTOR", "LATENCY GRAPH", "LATENCY HISTORY", "LATENCY LATEST", "LATENCY RESET",
			"MEMORY DOCTOR", "MEMORY MALLOC-STATS", "MEMORY PURGE", "MEMORY STATS", "MIGRATE", "MODULE LOAD", "MODULE LOADEX",
			"MODULE UNLOAD", "PSYNC", "REPLICAOF", "ROLE", "SAVE", "SHUTDOWN", "SLAVEOF", "SWAPDB", "SYNC",
		},
		Connections: 30,
		Sources: []string{
			"redis/docs operate/rs/references/compatibility/commands/server: what Redis Cloud does not support",
			"redis/docs operate/rc/security/database-security/tls-ssl: off by default, not available on Free",
			"redis/docs operate/rc: 30 MB and 30 connections on Free, volatile-lru, SELECT without effect",
		},
	},
	{
		ID: "elasticache", Name: "Amazon ElastiCache",
		Docs:        "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/accessing-elasticache.html",
		PrivateOnly: true, TLS: Optional, OwnMemoryLimit: true,
		Refuses: []string{
			"BGREWRITEAOF", "BGSAVE", "CONFIG", "DEBUG", "MIGRATE", "REPLICAOF", "SAVE", "SHUTDOWN", "SLAVEOF", "SYNC",
		},
		Sources: []string{
			"docs.aws.amazon.com AmazonElastiCache/latest/dg/ClientConfig.RestrictedCommands",
			"docs.aws.amazon.com AmazonElastiCache/latest/dg/in-transit-encryption: serverless always, else as it was created",
			"docs.aws.amazon.com AmazonElastiCache/latest/dg/accessing-elasticache: from the VPC only",
		},
	},
	{
		ID: "azure", Name: "Azure", Docs: "https://learn.microsoft.com/azure/azure-cache-for-redis/cache-configure",
		TLS: Optional, OwnMemoryLimit: true, DefaultPolicy: "volatile-lru",
		Refuses:     []string{"BGREWRITEAOF", "BGSAVE", "CONFIG", "DEBUG", "MIGRATE", "SAVE", "SHUTDOWN", "SLAVEOF"},
		IdleTimeout: 10 * time.Minute,
		Sources: []string{
			"learn.microsoft.com azure-cache-for-redis/cache-configure: commands that are disabled; 6380 is TLS, 6379 off by default",
			"learn.microsoft.com azure-cache-for-redis/cache-best-practices-memory-management: volatile-lru",
			"node-redis#2276, Flowise#5519: idle connections are cut after about 10 minutes",
		},
	},
	{
		ID: "fly", Name: "Fly.io", Docs: "https://fly.io/docs/upstash/redis/", Platform: "fly",
		PrivateOnly: true, TLS: Never, OneDatabase: true, OwnMemoryLimit: true, DefaultPolicy: "noeviction",
		Sources: []string{
			"superfly/docs upstash/redis: private IPv6 only, plain redis://, eviction off by default; fly redis connect from outside",
			"upstash/docs redis/overall/compatibility: one logical database",
		},
	},
}

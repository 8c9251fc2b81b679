package explain

// tooManyRetries is what commands of ioredis end with when its connection fails again and again, whatever the cause.
const tooManyRetries = "MaxRetriesPerRequestError: Reached the max retries per request limit (which is 20). " +
	`Refer to "maxRetriesPerRequest" option for details.`

// unresolved is what the clients say of a name that does not exist.
func unresolved(host string) row {
	return row{
		{
			"Could not connect to Redis at " + host + ":6379: Name or service not known",
			"Could not connect to Redis at " + host + ":6379: Name does not resolve", // Alpine
		},
		{"redis.exceptions.ConnectionError: Error -2 connecting to " + host + ":6379. Name or service not known."},
		{"Error: getaddrinfo ENOTFOUND " + host, tooManyRetries},
		{"Error: getaddrinfo ENOTFOUND " + host},
		{"dial tcp: lookup " + host + " on NAMESERVER:53: no such host"},
	}
}

// refused is what they say of a port that nobody listens on.
func refused(address string) row {
	return row{
		{"Could not connect to Redis at " + address + ": Connection refused"},
		{"redis.exceptions.ConnectionError: Error 111 connecting to " + address + ". Connection refused."},
		{"Error: connect ECONNREFUSED " + address, tooManyRetries},
		{"Error: connect ECONNREFUSED " + address},
		{"dial tcp " + address + ": connect: connection refused"},
	}
}

// networkRows are the findings that show before a byte was exchanged.
//
//nolint:lll // the clients' own words, each on one line
var networkRows = map[string]row{
	"dns-compose-name-outside":     unresolved("redis"),
	"dns-compose-name-inside":      unresolved("redis"),
	"dns-render-internal-outside":  unresolved("red-abc123def456ghi7890"),
	"dns-railway-internal-outside": unresolved("redis.railway.internal"),
	"dns-fly-internal-outside":     unresolved("fly-NAME.upstash.io"),
	"dns-docker-host-internal":     unresolved("host.docker.internal"),
	"dns-managed-gone":             unresolved("NAME.upstash.io"),
	"dns-not-found":                unresolved("HOST"),
	"dns-resolver-down": {
		{"Could not connect to Redis at HOST:6379: Temporary failure in name resolution"},
		{"redis.exceptions.ConnectionError: Error -3 connecting to HOST:6379. Temporary failure in name resolution."},
		{"Error: getaddrinfo EAI_AGAIN HOST", tooManyRetries},
		{"Error: getaddrinfo EAI_AGAIN HOST"},
		{"dial tcp: lookup HOST on NAMESERVER:53: dial udp NAMESERVER:53: connect: network is unreachable", "dial tcp: lookup HOST on NAMESERVER:53: server misbehaving"},
	},
	"dns-ipv6-only": {
		{"Could not connect to Redis at HOST:6379: Network is unreachable"},
		{"redis.exceptions.ConnectionError: Error 101 connecting to HOST:6379. Network is unreachable."},
		{"Error: connect ENETUNREACH ADDRESS:6379", "Error: getaddrinfo ENOTFOUND HOST"},
		{"Error: connect ENETUNREACH ADDRESS:6379"},
		{"dial tcp [ADDRESS]:6379: connect: network is unreachable"},
	},
	"tcp-refused":                   refused("127.0.0.1:6379"),
	"tcp-refused-not-running":       refused("127.0.0.1:6379"),
	"tcp-refused-container-stopped": refused("127.0.0.1:6379"),
	"tcp-refused-not-published":     refused("127.0.0.1:6379"),
	"tcp-refused-in-container":      refused("127.0.0.1:6379"),
	"tcp-refused-other-port":        refused("127.0.0.1:6379"),
	"tcp-refused-container-port":    refused("redis:6380"),
	"tcp-refused-other-family":      refused("::1:6379").but(inGo, "dial tcp [::1]:6379: connect: connection refused"),
	"tcp-timeout": {
		{waits},
		{"redis.exceptions.TimeoutError: Timeout connecting to server", "redis.exceptions.ConnectionError: Error 110 connecting to HOST:6379. Connection timed out."},
		{"Error: connect ETIMEDOUT", tooManyRetries},
		{"ConnectionTimeoutError: Connection timeout"},
		{"dial tcp HOST:6379: i/o timeout", "context deadline exceeded"},
	},
	"tcp-unreachable": {
		{"Could not connect to Redis at HOST:6379: Network is unreachable", "Could not connect to Redis at HOST:6379: No route to host"},
		{"redis.exceptions.ConnectionError: Error 101 connecting to HOST:6379. Network is unreachable.", "redis.exceptions.ConnectionError: Error 113 connecting to HOST:6379. No route to host."},
		{"Error: connect ENETUNREACH HOST:6379", "Error: connect EHOSTUNREACH HOST:6379"},
		{"Error: connect ENETUNREACH HOST:6379", "Error: connect EHOSTUNREACH HOST:6379"},
		{"dial tcp HOST:6379: connect: network is unreachable", "dial tcp HOST:6379: connect: no route to host"},
	},
	"tcp-silent": {{waits}, {"redis.exceptions.TimeoutError: Timeout reading from socket"}, {"Error: Command timed out", waits}, {waits}, {"i/o timeout"}},
	"tcp-closed": {
		{"Error: Connection reset by peer", "Error: Server closed the connection"},
		{"redis.exceptions.ConnectionError: Error while reading from HOST:6379 : (104, 'Connection reset by peer')", "redis.exceptions.ConnectionError: Connection closed by server."},
		{"Error: read ECONNRESET", "Error: write EPIPE"},
		{"Error: Socket closed unexpectedly", "Error: read ECONNRESET"},
		{"EOF", "write: broken pipe", "connection reset by peer"},
	},
	"tcp-unix-socket": {
		{"Could not connect to Redis at /run/redis/redis.sock: No such file or directory", "Could not connect to Redis at /run/redis/redis.sock: Connection refused"},
		{"redis.exceptions.ConnectionError: Error 2 connecting to unix socket: /run/redis/redis.sock. No such file or directory.", "redis.exceptions.ConnectionError: Error 111 connecting to unix socket: /run/redis/redis.sock. Connection refused."},
		{"Error: connect ENOENT /run/redis/redis.sock", "Error: connect ECONNREFUSED /run/redis/redis.sock"},
		{"Error: connect ENOENT /run/redis/redis.sock", "Error: connect ECONNREFUSED /run/redis/redis.sock"},
		{"dial unix /run/redis/redis.sock: connect: no such file or directory", "dial unix /run/redis/redis.sock: connect: connection refused"},
	},
	"server-cluster-unreachable": {
		{"Could not connect to Redis at 10.0.0.7:6379: Connection timed out", waits},
		{"redis.exceptions.TimeoutError: Timeout connecting to server"},
		{"ClusterAllFailedError: Failed to refresh slots cache."},
		{"ConnectionTimeoutError: Connection timeout"},
		{"dial tcp 10.0.0.7:6379: i/o timeout"},
	},
}

package explain

// badScheme is what the clients say of an address that does not start with redis:// or rediss://.
func badScheme(scheme string) row {
	return row{
		{"Invalid URI scheme"},
		{"ValueError: Redis URL must specify one of the following schemes (redis://, rediss://, unix://)"},
		{unnoted},
		{"TypeError: Invalid protocol", "TypeError: Protocol - " + scheme + ": - is not a valid Redis protocol. Expected redis: or rediss:"},
		{"redis: invalid URL scheme: " + scheme},
	}
}

// urlRows are the mistakes of addresses and files.
//
//nolint:lll // the clients' own words, each on one line
var urlRows = map[string]row{
	"config-url-missing": {
		{"Could not connect to Redis at 127.0.0.1:6379: Connection refused"},
		{"ValueError: Redis URL must specify one of the following schemes (redis://, rediss://, unix://)", "redis.exceptions.ConnectionError: Error 111 connecting to localhost:6379. Connection refused."},
		{"Error: connect ECONNREFUSED 127.0.0.1:6379"},
		{"Error: connect ECONNREFUSED 127.0.0.1:6379"},
		{"redis: invalid URL scheme: ", "dial tcp 127.0.0.1:6379: connect: connection refused"},
	},
	"config-url-no-scheme":         badScheme("localhost").but(inIORedis, nothing).but(inGo, "redis: invalid URL scheme: localhost", `parse "127.0.0.1:6379": first path segment in URL cannot contain colon`),
	"config-url-scheme":            badScheme("http"),
	"config-url-scheme-alias":      badScheme("valkey"),
	"config-url-rest-endpoint":     badScheme("https").but(inIORedis, "Error: connect ENOENT //NAME.upstash.io"),
	"config-url-pasted-line":       badScheme("").but(inNode, "TypeError: Invalid URL").but(inGo, `parse "REDIS_URL=redis://HOST:6379": first path segment in URL cannot contain colon`),
	"config-url-encoded":           badScheme("").but(inIORedis, unnoted).but(inNode, "TypeError: Invalid URL"),
	"config-url-connection-string": badScheme("HOST").but(inIORedis, waits),
	"config-url-quotes":            badScheme("").but(inIORedis, "Error: connect ENOENT //HOST:6379%22").but(inNode, "TypeError: Invalid URL").but(inGo, `parse "\"redis://HOST:6379\"": first path segment in URL cannot contain colon`),
	"config-url-placeholder": {
		{"AUTH failed: WRONGPASS invalid username-password pair or user is disabled.", "Could not connect to Redis at undefined:6379: Name or service not known"},
		{"redis.exceptions.ConnectionError: Error 111 connecting to None:6379. Connection refused.", "redis.exceptions.ConnectionError: Error -2 connecting to undefined:6379. Name or service not known."},
		{"Error: getaddrinfo ENOTFOUND undefined"},
		{"Error: getaddrinfo ENOTFOUND undefined"},
		{`parse "redis://:<password>@HOST:6379": net/url: invalid userinfo`, "dial tcp: lookup undefined on NAMESERVER:53: no such host"},
	},
	"config-url-host": {
		{"Could not connect to Redis at ho st:6379: Name or service not known"},
		{"redis.exceptions.ConnectionError: Error -2 connecting to ho st:6379. Name or service not known."},
		{unnoted},
		{"TypeError: Invalid URL"},
		{`parse "redis://ho st:6379": invalid character " " in host name`},
	},
	"config-url-port": {
		{"Could not connect to Redis at HOST:99999: Connection refused", "Could not connect to Redis at HOST:0: Connection refused"},
		{"ValueError: Port out of range 0-65535", "ValueError: Port could not be cast to integer value as 'abc'"},
		{waits},
		{"TypeError: Invalid URL"},
		{"dial tcp: address 99999: invalid port", `parse "redis://HOST:abc": invalid port ":abc" after host`},
	},
	"config-url-password-encoding": {
		{"Could not connect to Redis at ss/w#rd:1: Name or service not known", "Illegal character in URI encoding"},
		{"redis.exceptions.ConnectionError: Error -2 connecting to ss:6379. Name or service not known."},
		{"Error: getaddrinfo ENOTFOUND ss", waits},
		{"TypeError: Invalid pathname", "URIError: URI malformed"},
		{`redis: invalid database number: "w"`, `parse "redis://…": invalid URL escape "%b+"`},
	},
	"config-url-whitespace": {
		{nothing},
		{"ValueError: Port could not be cast to integer value as '6379 '"},
		{nothing},
		{nothing},
		{`parse "redis://HOST:6379 ": invalid port ":6379 " after host`, `parse "redis://HOST:6379\r": net/url: invalid control character in URL`},
	},
	"config-url-password-as-user": {
		{nothing},
		{"redis.exceptions.AuthenticationError: invalid username-password pair or user is disabled.", "redis.exceptions.ResponseError: WRONGPASS invalid username-password pair or user is disabled."},
		{"ReplyError: " + noAuthHello},
		{"SimpleError: " + noAuthHello},
		{"NOAUTH Authentication required."},
	},
	"config-url-db":     {{nothing}, {nothing}, {unnoted}, {"TypeError: Invalid pathname"}, {`redis: invalid database number: "zero"`}},
	"config-url-option": {{nothing}, {"TypeError: Connection.__init__() got an unexpected keyword argument 'family'"}, {nothing}, {nothing}, {"redis: unexpected option: family"}},
	"config-tls-files": {
		{"Could not negotiate a TLS connection: Invalid CA Certificate File/Directory", "Could not negotiate a TLS connection: Invalid client certificate"},
		{"FileNotFoundError: [Errno 2] No such file or directory"},
		{"Error: ENOENT: no such file or directory, open 'ca.pem'"},
		{"Error: ENOENT: no such file or directory, open 'ca.pem'"},
		{"open ca.pem: no such file or directory"},
	},
}

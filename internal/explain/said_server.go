package explain

// noAuthHello is what Redis 7.0 answers to HELLO, with which ioredis 6 and node-redis 5 and later begin; 7.2 writes HELLO <proto>.
const noAuthHello = "NOAUTH HELLO must be called with the client already authenticated, " +
	"otherwise the HELLO AUTH <user> <pass> option can be used …"

const (
	wrongPassword = "WRONGPASS invalid username-password pair or user is disabled."
	cannotSave    = "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk. " +
		"Commands that may modify the data set are disabled, …"
	protected = "DENIED Redis is running in protected mode because protected mode is enabled " +
		"and no password is set for the default user. …"
	outOfMemory = "OOM command not allowed when used memory > 'maxmemory'."
	tooMany     = "ERR max number of clients reached"
)

// refusedLogin is a login that failed: redis-cli says so and then runs the command all the same.
func refusedLogin(reply string) row { return replied(reply).but(inCLI, "AUTH failed: "+reply) }

// replyRows are the findings that a server's own words name.
//
//nolint:lll // the clients' own words, each on one line
var replyRows = map[string]row{
	"auth-required":         replied("NOAUTH Authentication required.").but(inIORedis, "ReplyError: "+noAuthHello).but(inNode, "SimpleError: "+noAuthHello),
	"auth-wrong":            refusedLogin(wrongPassword),
	"auth-user-disabled":    refusedLogin(wrongPassword),
	"auth-user-unsupported": refusedLogin("ERR wrong number of arguments for 'auth' command").but(inPython, nothing),
	"auth-ip-not-allowed":   refusedLogin("ERR Client IP address is not in the allowlist"),
	"auth-no-permission":    replied("NOPERM this user has no permissions to run the 'set' command", "NOPERM this user has no permissions to access one of the keys used as arguments"),
	"auth-not-configured": {
		{"AUTH failed: " + wrongPassword},
		{"redis.exceptions.AuthenticationError: AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?"},
		{nothing},
		{nothing},
		{nothing},
	},
	"server-max-clients":       replied(tooMany).but(inPython, "redis.exceptions.ConnectionError: max number of clients reached").but(inIORedis, "Error: write EPIPE").but(inGo, "write: broken pipe"),
	"clients-rejected":         replied(tooMany).but(inPython, "redis.exceptions.ConnectionError: max number of clients reached").but(inIORedis, "Error: write EPIPE").but(inGo, "write: broken pipe"),
	"server-protected-mode":    replied(protected).but(inIORedis, "Error: write EPIPE").but(inGo, "EOF", "write: broken pipe"),
	"server-quota-requests":    replied("ERR max requests limit exceeded. Limit: 500000, Usage: 500000. See https://upstash.com/docs/redis/troubleshooting/max_requests_limit for details", "ERR max daily request limit exceeded. Limit: 10000, Usage: 10001…"),
	"server-quota-size":        replied("ERR DB capacity quota exceeded", "ERR max database size exceeded"),
	"server-quota-connections": replied("ERR max concurrent connections exceeded", tooMany),
	"server-db-range":          replied("ERR DB index is out of range", "ERR SELECT is not allowed in cluster mode").but(inCLI, "SELECT 99 failed: ERR DB index is out of range", "SELECT 2 failed: ERR SELECT is not allowed in cluster mode"),
	"server-loading":           replied("LOADING Redis is loading the dataset in memory").but(inIORedis, waits, "ReplyError: LOADING Redis is loading the dataset in memory"),
	"server-busy":              replied("BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.", "BUSY Redis is busy running a script. You can only call FUNCTION KILL or SHUTDOWN NOSAVE."),
	"server-masterdown":        replied("MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'."),
	"server-misconf":           replied(cannotSave, "MISCONF Errors writing to the AOF file: No space left on device"),
	"persistence-failing":      replied(cannotSave, "MISCONF Errors writing to the AOF file: No space left on device"),
	"server-oom":               replied(outOfMemory),
	"server-oom-volatile":      replied(outOfMemory),
	"server-readonly":          replied("READONLY You can't write against a read only replica."),
	"server-noreplicas":        replied("NOREPLICAS Not enough good replicas to write."),
	"server-cluster-down":      replied("CLUSTERDOWN Hash slot not served", "CLUSTERDOWN The cluster is down"),
	"server-try-again":         replied("TRYAGAIN Multiple keys request during rehashing of slot"),
	"server-unknown-command":   replied("ERR unknown command 'CONFIG', with args beginning with: 'GET' 'maxmemory'"),
}

package explain

// Signs that several causes share: the same words from the client, whatever is behind them.
var (
	noSuchName = [5]string{
		"Could not connect to Redis at redis:6379: Name or service not known",
		"redis.exceptions.ConnectionError: Error -2 connecting to redis:6379. Name or service not known.",
		"Error: getaddrinfo ENOTFOUND redis", "Error: getaddrinfo ENOTFOUND redis", "dial tcp: lookup redis: no such host",
	}
	refused = [5]string{
		"Could not connect to Redis at 127.0.0.1:6379: Connection refused",
		"redis.exceptions.ConnectionError: Error 111 connecting to 127.0.0.1:6379. Connection refused.",
		"Error: connect ECONNREFUSED 127.0.0.1:6379", "Error: connect ECONNREFUSED 127.0.0.1:6379",
		"dial tcp 127.0.0.1:6379: connect: connection refused",
	}
	untrusted = [5]string{
		"Could not connect to Redis at HOST:6379: SSL_connect failed: certificate verify failed",
		"redis.exceptions.ConnectionError: Error 1 connecting to HOST:6379. [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: " +
			"self-signed certificate in certificate chain",
		"Error: self-signed certificate in certificate chain", "Error: self-signed certificate in certificate chain",
		"tls: failed to verify certificate: x509: certificate signed by unknown authority",
	}
	badScheme = [5]string{
		"Invalid URI scheme",
		"ValueError: Redis URL must specify one of the following schemes (redis://, rediss://, unix://)",
		"", "TypeError: Invalid URL", "redis: invalid URL scheme: ",
	}
)

// signals are the findings that show before any reply.
//
//nolint:lll // the clients' own words, each on one line
var signals = map[string][5]string{
	"config-url-no-scheme":          badScheme,
	"config-url-scheme":             badScheme,
	"config-url-pasted-line":        badScheme,
	"config-url-connection-string":  badScheme,
	"config-url-rest-endpoint":      {badScheme[0], badScheme[1], "Error: connect ENOENT //NAME.upstash.io", badScheme[3], badScheme[4] + "https"},
	"config-url-quotes":             {"", badScheme[1], "Error: connect ENOENT //HOST:6379%22", badScheme[3], `parse "\"redis://…": first path segment in URL cannot contain colon`},
	"config-url-missing":            refused,
	"config-url-password-encoding":  {"Could not connect to Redis at ss/w#rd:1: Name or service not known", "redis.exceptions.ConnectionError: Error -2 connecting to ss:6379. Name or service not known.", "Error: getaddrinfo ENOTFOUND ss", "TypeError: Invalid pathname", `redis: invalid database number: "w"`},
	"config-url-port":               {"", "ValueError: Port out of range 0-65535", "", "TypeError: Invalid URL", `invalid port ":99999" after host`},
	"dns-compose-name-outside":      noSuchName,
	"dns-compose-name-inside":       noSuchName,
	"dns-render-internal-outside":   noSuchName,
	"dns-railway-internal-outside":  noSuchName,
	"dns-fly-internal-outside":      noSuchName,
	"dns-docker-host-internal":      noSuchName,
	"dns-managed-gone":              noSuchName,
	"dns-not-found":                 noSuchName,
	"dns-resolver-down":             {"Could not connect to Redis at HOST:6379: Temporary failure in name resolution", "redis.exceptions.ConnectionError: Error -3 connecting to HOST:6379. Temporary failure in name resolution.", "Error: getaddrinfo EAI_AGAIN HOST", "Error: getaddrinfo EAI_AGAIN HOST", "dial tcp: lookup HOST: server misbehaving"},
	"dns-ipv6-only":                 {"Could not connect to Redis at HOST:6379: Network is unreachable", "redis.exceptions.ConnectionError: Error 101 connecting to HOST:6379. Network is unreachable.", "Error: connect ENETUNREACH", "Error: connect ENETUNREACH", "dial tcp: connect: network is unreachable"},
	"tcp-refused":                   refused,
	"tcp-refused-not-running":       refused,
	"tcp-refused-container-stopped": refused,
	"tcp-refused-not-published":     refused,
	"tcp-refused-in-container":      refused,
	"tcp-refused-other-port":        refused,
	"tcp-refused-container-port":    refused,
	"tcp-refused-other-family":      {"Could not connect to Redis at ::1:6379: Connection refused", "redis.exceptions.ConnectionError: Error 111 connecting to ::1:6379. Connection refused.", "Error: connect ECONNREFUSED ::1:6379", "Error: connect ECONNREFUSED ::1:6379", "dial tcp [::1]:6379: connect: connection refused"},
	"tcp-timeout":                   {"", "redis.exceptions.TimeoutError: Timeout connecting to server", "Error: connect ETIMEDOUT", "ConnectionTimeoutError: Connection timeout", "dial tcp HOST:6379: i/o timeout"},
	"tcp-unreachable":               {"Could not connect to Redis at HOST:6379: No route to host", "redis.exceptions.ConnectionError: Error 113 connecting to HOST:6379. No route to host.", "Error: connect EHOSTUNREACH", "Error: connect EHOSTUNREACH", "dial tcp HOST:6379: connect: no route to host"},
	"tcp-silent":                    {"", "redis.exceptions.TimeoutError: Timeout reading from socket", "Error: Command timed out", "", "i/o timeout"},
	"tcp-closed":                    {"Error: Server closed the connection", "redis.exceptions.ConnectionError: Connection closed by server.", "Error: write EPIPE", "Error: Socket closed unexpectedly", "EOF"},
	"tls-required":                  {"Error: Connection reset by peer", "redis.exceptions.ConnectionError: Error while reading from HOST:6379 : (104, 'Connection reset by peer')", "Error: write ECONNRESET", "Error: read ECONNRESET", "EOF"},
	"tls-not-supported":             {"", "redis.exceptions.TimeoutError: Timeout connecting to server", "Error: connect ETIMEDOUT", "ConnectionTimeoutError: Connection timeout", "context deadline exceeded"},
	"tls-unknown-authority":         untrusted,
	"tls-self-signed":               {untrusted[0], "redis.exceptions.ConnectionError: Error 1 connecting to HOST:6379. [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate", "Error: self-signed certificate", "Error: self-signed certificate", untrusted[4]},
	"tls-name-mismatch":             {"", "", "Error: Hostname/IP does not match certificate's altnames: Host: localhost. is not in the cert's altnames: DNS:cache.example.com", "Error: Hostname/IP does not match certificate's altnames: Host: localhost. is not in the cert's altnames: DNS:cache.example.com", "tls: failed to verify certificate: x509: certificate is valid for cache.example.com, not localhost"},
	"tls-client-cert-required":      {"Error: Server closed the connection", "redis.exceptions.ConnectionError: [SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED] tlsv13 alert certificate required", "Error: write ECONNRESET", "Error: Socket closed unexpectedly", "remote error: tls: certificate required"},
	"tls-version":                   {"SSL_connect failed: unsupported protocol", "redis.exceptions.ConnectionError: [SSL: TLSV1_ALERT_PROTOCOL_VERSION] tlsv1 alert protocol version", "Error: ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION", "Error: ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION", "remote error: tls: protocol version not supported"},
	"proto-http":                    {`Error: Protocol error, got "H" as reply type byte`, `redis.exceptions.InvalidResponse: Protocol error, got "H" as reply type byte`, `ParserError: Protocol error, got "H" as reply type byte`, "Error: Socket closed unexpectedly", `redis: invalid reply: "HTTP/1.1 400 Bad Request"`},
	"proto-other":                   {`Error: Protocol error, got "S" as reply type byte`, `redis.exceptions.InvalidResponse: Protocol error, got "S" as reply type byte`, `ParserError: Protocol error, got "S" as reply type byte`, "Error: Socket closed unexpectedly", `redis: can't parse map reply: "SSH-2.0-…"`},
	"auth-required":                 {"(error) NOAUTH Authentication required.", "redis.exceptions.AuthenticationError: Authentication required.", "ReplyError: NOAUTH HELLO must be called with the client already authenticated, …", "ErrorReply: NOAUTH HELLO must be called with the client already authenticated, …", "NOAUTH Authentication required."},
	"auth-not-configured":           {"AUTH failed: WRONGPASS invalid username-password pair or user is disabled.", "redis.exceptions.AuthenticationError: AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?", "", "", ""},
	"auth-user-unsupported":         {"AUTH failed: ERR wrong number of arguments for 'auth' command", "redis.exceptions.ResponseError: wrong number of arguments for 'auth' command", "ReplyError: ERR wrong number of arguments for 'auth' command", "ErrorReply: ERR wrong number of arguments for 'auth' command", "ERR wrong number of arguments for 'auth' command"},
	"config-url-password-as-user":   {"", "redis.exceptions.AuthenticationError: invalid username-password pair or user is disabled.", "ReplyError: NOAUTH Authentication required.", "ErrorReply: NOAUTH Authentication required.", "NOAUTH Authentication required."},
	"server-max-clients":            {"(error) ERR max number of clients reached", "redis.exceptions.ConnectionError: max number of clients reached", "Error: write EPIPE", "ErrorReply: ERR max number of clients reached", "write: broken pipe"},
	"server-protected-mode":         {"(error) DENIED Redis is running in protected mode because protected mode is enabled and no password is set for the default user. …", "redis.exceptions.ResponseError: DENIED Redis is running in protected mode because …", "Error: write EPIPE", "ErrorReply: DENIED Redis is running in protected mode because …", "EOF"},
	"server-db-range":               {"(error) ERR DB index is out of range", "redis.exceptions.ResponseError: DB index is out of range", "ReplyError: ERR DB index is out of range", "ErrorReply: ERR DB index is out of range", "ERR DB index is out of range"},
	"server-cluster-unreachable":    {"Could not connect to Redis at 10.0.0.7:6379: Connection timed out", "redis.exceptions.TimeoutError: Timeout connecting to server", "ClusterAllFailedError: Failed to refresh slots cache.", "ConnectionTimeoutError: Connection timeout", "dial tcp 10.0.0.7:6379: i/o timeout"},
	"config-url-placeholder":        {"Could not connect to Redis at undefined:6379: Name or service not known", "redis.exceptions.ConnectionError: Error -2 connecting to undefined:6379. Name or service not known.", "Error: getaddrinfo ENOTFOUND undefined", "Error: getaddrinfo ENOTFOUND undefined", "dial tcp: lookup undefined: no such host"},
	"config-url-whitespace":         {"", badScheme[1], "", "", `invalid port ":6379 " after host`},
	"config-url-option":             {"", "TypeError: AbstractConnection.__init__() got an unexpected keyword argument 'family'", "", "", "redis: unexpected option: family"},
	"config-url-scheme-alias":       badScheme,
	"config-url-db":                 {"", "", "", "TypeError: Invalid pathname", `redis: invalid database number: "abc"`},
	"tcp-unix-socket":               {"Could not connect to Redis at /run/redis/redis.sock: No such file or directory", "redis.exceptions.ConnectionError: Error 2 connecting to unix socket: /run/redis/redis.sock. No such file or directory.", "Error: connect ENOENT /run/redis/redis.sock", "Error: connect ENOENT /run/redis/redis.sock", "dial unix /run/redis/redis.sock: connect: no such file or directory"},
	"tls-expired":                   {untrusted[0], "redis.exceptions.ConnectionError: Error 1 connecting to HOST:6379. [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate has expired", "Error: certificate has expired", "Error: certificate has expired", "tls: failed to verify certificate: x509: certificate has expired or is not yet valid"},
	"tls-not-yet-valid":             {untrusted[0], "redis.exceptions.ConnectionError: Error 1 connecting to HOST:6379. [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate is not yet valid", "Error: certificate is not yet valid", "Error: certificate is not yet valid", "tls: failed to verify certificate: x509: certificate has expired or is not yet valid"},
	"tls-no-roots":                  {untrusted[0], "redis.exceptions.ConnectionError: Error 1 connecting to HOST:6379. [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local issuer certificate", "Error: unable to get local issuer certificate", "Error: unable to get local issuer certificate", untrusted[4]},
	"clients-rejected":              {"(error) ERR max number of clients reached", "redis.exceptions.ConnectionError: max number of clients reached", "Error: write EPIPE", "ErrorReply: ERR max number of clients reached", "write: broken pipe"},
}

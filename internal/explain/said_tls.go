package explain

// untrusted is what the clients say of a certificate that does not verify. redis-cli gives no reason.
func untrusted(py, node, golang string) row {
	return row{
		{"Could not connect to Redis at HOST:6379: SSL_connect failed: certificate verify failed"},
		{"redis.exceptions.ConnectionError: Error 1 connecting to HOST:6379. [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: " + py},
		{"Error: " + node},
		{"Error: " + node},
		{"tls: failed to verify certificate: x509: " + golang},
	}
}

const unknownAuthority = "certificate signed by unknown authority"

// tlsRows are the findings of TLS and of what answers in another protocol.
//
//nolint:lll // the clients' own words, each on one line
var tlsRows = map[string]row{
	"tls-required": {
		{"Error: Connection reset by peer", "Error: Server closed the connection"},
		{"redis.exceptions.ConnectionError: Error while reading from HOST:6379 : (104, 'Connection reset by peer')", "redis.exceptions.ConnectionError: Connection closed by server."},
		{"Error: write ECONNRESET", "Error: write EPIPE", "Error: read ECONNRESET"},
		{"Error: read ECONNRESET", "Error: Socket closed unexpectedly"},
		{"EOF", "connection reset by peer"},
	},
	"tls-not-supported": {
		{waits, "Could not connect to Redis at HOST:6379: SSL_connect failed: wrong version number"},
		{"redis.exceptions.TimeoutError: Timeout connecting to server", "redis.exceptions.ConnectionError: Error 1 connecting to HOST:6379. [SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:992)."},
		{"Error: connect ETIMEDOUT", "ERR_SSL_WRONG_VERSION_NUMBER"},
		{"ConnectionTimeoutError: Connection timeout", "ERR_SSL_WRONG_VERSION_NUMBER"},
		{"context deadline exceeded", "tls: first record does not look like a TLS handshake"},
	},
	"tls-unknown-authority": untrusted("self-signed certificate in certificate chain", "self-signed certificate in certificate chain", unknownAuthority).
		but(inNode, "Error: self-signed certificate in certificate chain", "Error: unable to verify the first certificate"),
	"tls-self-signed":   untrusted("self-signed certificate", "self-signed certificate", unknownAuthority),
	"tls-expired":       untrusted("certificate has expired", "certificate has expired", "certificate has expired or is not yet valid: current time … is after …"),
	"tls-not-yet-valid": untrusted("certificate is not yet valid", "certificate is not yet valid", "certificate has expired or is not yet valid: current time … is before …"),
	"tls-no-roots":      untrusted("unable to get local issuer certificate", "unable to verify the first certificate", unknownAuthority),
	"tls-name-mismatch": untrusted("", "Hostname/IP does not match certificate's altnames: Host: localhost. is not in the cert's altnames: DNS:cache.example.com", "certificate is valid for cache.example.com, not localhost").
		but(inCLI, nothing).but(inPython, nothing),
	"tls-client-cert-required": {
		{"Error: Server closed the connection"},
		{"redis.exceptions.ConnectionError: Error while reading from HOST:6379: (1, '[SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED] tlsv13 alert certificate required (_ssl.c:2580)')"},
		{"Error: write ECONNRESET", "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED"},
		{"ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED", "Error: Socket closed unexpectedly"},
		{"remote error: tls: certificate required"},
	},
	"tls-version": {
		{"Could not connect to Redis at HOST:6379: SSL_connect failed: tlsv1 alert internal error", "SSL_connect failed: unsupported protocol"},
		{"redis.exceptions.ConnectionError: Error 1 connecting to HOST:6379. [SSL: TLSV1_ALERT_PROTOCOL_VERSION] tlsv1 alert protocol version (_ssl.c:1006)."},
		{"ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION"},
		{"ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION"},
		{"remote error: tls: protocol version not supported"},
	},
	"proto-http": {
		{`Error: Protocol error, got "H" as reply type byte`, `Error: Protocol error, got "<" as reply type byte`},
		{"redis.exceptions.InvalidResponse: Protocol Error: b'HTTP/1.1 400 Bad Request'", `redis.exceptions.InvalidResponse: Protocol error, got "H" as reply type byte`},
		{`Unknown RESP type 60 "<". Please report this.`, `ParserError: Protocol error, got "H" as reply type byte`},
		{"Error: Socket closed unexpectedly", waits},
		{`redis: can't parse map reply: "HTTP/1.1 400 Bad Request"`, `redis: invalid reply: "<!DOCTYPE HTML>\n"`},
	},
	"proto-other": {
		{`Error: Protocol error, got "S" as reply type byte`},
		{"redis.exceptions.InvalidResponse: Protocol Error: b'SSH-2.0-…'", `redis.exceptions.InvalidResponse: Protocol error, got "S" as reply type byte`},
		{`ParserError: Protocol error, got "S" as reply type byte`},
		{waits, "Error: Socket closed unexpectedly"},
		{`redis: can't parse map reply: "SSH-2.0-…"`},
	},
	"proto-sentinel": replied("ERR unknown command 'GET', with args beginning with: 'a'"),
	"sentinel-unknown-master": {
		{"(nil)"},
		{"redis.sentinel.MasterNotFoundError: No master found for 'NAME'"},
		{"Error: All sentinels are unreachable. Retrying from scratch after 10ms."},
		{"Error: None of the sentinels are available"},
		{"redis: all sentinels specified in configuration are unreachable: redis: nil"},
	},
	"sentinel-not-a-sentinel": {
		{"(error) ERR unknown command 'SENTINEL', with args beginning with: 'get-master-addr-by-name' 'NAME'"},
		{"redis.exceptions.ResponseError: unknown command 'SENTINEL', with args beginning with: 'MASTERS'"},
		{"Error: All sentinels are unreachable. Retrying from scratch after 10ms. Last error: ERR unknown command 'sentinel', with args beginning with: …"},
		{"Error: None of the sentinels are available"},
		{"redis: all sentinels specified in configuration are unreachable: ERR unknown command 'sentinel', with args beginning with: 'get-master-addr-by-name' 'NAME'"},
	},
}

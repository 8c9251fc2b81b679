package redisconn

import "strings"

// greetings are the first bytes of services that are not Redis, as they greet or as they answer a command of Redis.
var greetings = []struct{ start, id, protocol string }{
	{"HTTP/", "proto-http", "HTTP"},
	{"<", "proto-http", "HTTP"},
	{"SSH-", "proto-other", "SSH"},
	{"220 ", "proto-other", "SMTP/FTP"},
	{"220-", "proto-other", "SMTP/FTP"},
	{"* OK", "proto-other", "IMAP"},
	{"+OK", "proto-other", "POP3"},
	{"ERROR", "proto-other", "memcached"},
	{"CLIENT_ERROR", "proto-other", "memcached"},
	{"AMQP", "proto-other", "AMQP"},
	{"INFO {", "proto-other", "NATS"},
	{"RFB ", "proto-other", "VNC"},
}

// Foreign names what is not Redis by the first bytes that it says: the finding's id and, where it is known, the protocol.
func Foreign(first string) (id, protocol string) {
	for _, g := range greetings {
		if strings.HasPrefix(first, g.start) {
			return g.id, g.protocol
		}
	}
	switch {
	case isHTTP2(first):
		return "proto-http", "HTTP/2"
	case isMySQL(first), strings.Contains(first, "mysql"), strings.Contains(first, "MariaDB"):
		return "proto-other", "MySQL"
	case strings.HasPrefix(first, "E\x00\x00") && strings.Contains(first, "FATAL"):
		return "proto-other", "PostgreSQL"
	}
	return "proto-other", ""
}

// isHTTP2 knows the frame that opens a connection: SETTINGS on stream 0 (RFC 9113, 3.4).
func isHTTP2(first string) bool {
	const header = 9 // length, type, flags, stream
	return len(first) >= header && first[:2] == "\x00\x00" && first[3:header] == "\x04\x00\x00\x00\x00\x00"
}

// isMySQL knows the server's greeting: a packet of its length, number 0, version 10 of the protocol.
func isMySQL(first string) bool {
	const header = 5
	return len(first) >= header && first[2:header] == "\x00\x00\x0a"
}

package redisconn_test

import (
	"testing"

	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
)

func TestForeign(t *testing.T) {
	t.Parallel()
	for first, want := range map[string][2]string{
		"HTTP/1.1 400 Bad Request\r\n":                         {"proto-http", "HTTP"},
		"\x00\x00\x12\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00": {"proto-http", "HTTP/2"},
		"SSH-2.0-OpenSSH_9.2p1\r\n":                            {"proto-other", "SSH"},
		"J\x00\x00\x00\x0a8.0.36\x00":                          {"proto-other", "MySQL"},
		"E\x00\x00\x00\x8fSFATAL\x00VFATAL\x00C0A000\x00":      {"proto-other", "PostgreSQL"},
		"AMQP\x00\x00\x09\x01":                                 {"proto-other", "AMQP"},
		"INFO {\"server_id\":\"NX\"} \r\n":                     {"proto-other", "NATS"},
		"ERROR\r\n":                                            {"proto-other", "memcached"},
		"\x00":                                                 {"proto-other", ""},
		"":                                                     {"proto-other", ""},
		"\x00\x00\x12\x04":                                     {"proto-other", ""},
	} {
		if id, protocol := redisconn.Foreign(first); id != want[0] || protocol != want[1] {
			t.Errorf("%q is %s, %s; want %v", first, id, protocol, want)
		}
	}
}

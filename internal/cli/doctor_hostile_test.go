package cli_test

import (
	"strings"
	"testing"

	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

// TestDoctorImpossibleLengths: a server that announces more than there is memory for costs the answer, never the program.
func TestDoctorImpossibleLengths(t *testing.T) {
	t.Parallel()
	for _, header := range []string{"$9223372036854775807", "*9223372036854775807", "*2000000000", "%4000000000", "~900000000"} {
		for _, hostile := range []string{"hello", "info", "client", "ping", "config"} {
			if hostile != "info" && header[1:] != "9223372036854775807" { // every header once, every question once
				continue
			}
			addr := redistest.FakeRESP(t, func(cmd []string) string {
				switch strings.ToLower(cmd[0]) {
				case hostile:
					return header + "\r\n"
				case "hello":
					return "%3\r\n" + redistest.BulkReply("server") + redistest.BulkReply("redis") + redistest.BulkReply("version") +
						redistest.BulkReply("7.0.15") + redistest.BulkReply("proto") + ":3\r\n"
				case "ping":
					return redistest.SimpleReply("PONG")
				}
				return redistest.ErrorReply("ERR unknown command '" + cmd[0] + "'")
			})
			d, _ := at("redis://"+addr, "--offline", "--timeout=1s").doctor(t)
			if d.Status == "ok" {
				t.Errorf("%s to %s: status %s, found %q", header, hostile, d.Status, d.ids())
			}
		}
	}
}

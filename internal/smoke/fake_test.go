package smoke_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

// fake is a small Redis with answers that a real one would not give.
type fake struct {
	*redistest.Fake
	slow string // a command that takes longer
	late string // what the fifth GET is answered

	mu    sync.Mutex
	value string
	gets  int
}

// newFake starts one; replies are raw, by command, and "%s" in them is the value that was written.
func newFake(t *testing.T, replies map[string]string) *fake {
	t.Helper()
	f := &fake{}
	f.Fake = redistest.StartFake(t, func(cmd []string) string {
		f.mu.Lock()
		defer f.mu.Unlock()
		name := strings.ToUpper(cmd[0])
		if name == "SET" {
			f.value = cmd[2]
		}
		if name == f.slow {
			time.Sleep(150 * time.Millisecond) // more than a busy machine makes of the others
		}
		if name == "GET" {
			if f.gets++; f.gets == 5 && f.late != "" {
				return f.late
			}
		}
		if reply, ok := replies[name]; ok {
			return reply
		}
		switch name {
		case "HELLO":
			return hello("master", "standalone")
		case "PING":
			return "+PONG\r\n"
		case "SET":
			return "+OK\r\n"
		case "GET":
			return redistest.BulkReply(f.value)
		case "PTTL":
			return ":59990\r\n"
		case "DEL":
			return ":1\r\n"
		case "INFO":
			return redistest.BulkReply("# Server\r\nredis_version:7.2.0\r\nuptime_in_seconds:7\r\n# Replication\r\nrole:master\r\n")
		}
		return redistest.ErrorReply("ERR unknown command '" + cmd[0] + "'")
	})
	return f
}

func hello(role, mode string) string {
	return "%7\r\n" + bulk("server") + bulk("redis") + bulk("version") + bulk("7.2.0") + bulk("proto") + ":3\r\n" +
		bulk("id") + ":1\r\n" + bulk("mode") + bulk(mode) + bulk("role") + bulk(role) + bulk("modules") + "*0\r\n"
}

func bulk(s string) string { return redistest.BulkReply(s) }

// names are the commands that a fake has received, HELLO and its like included.
func (f *fake) names() string {
	var all []string
	for _, cmd := range f.Commands() {
		all = append(all, strings.ToUpper(cmd[0]))
	}
	return strings.Join(all, " ")
}

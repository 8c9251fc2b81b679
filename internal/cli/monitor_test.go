package cli_test

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/olympiades-ia/olymp-cache/internal/cli"
	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

// talkative is a server that hides nothing from MONITOR, as compatible ones and old versions do, and whose clients and keys are
// as nasty as they can be. It keeps COMMAND and CLIENT LIST to itself.
var talkative = []string{
	`"AUTH" "s3cret"`, `"auth" "app" "s3cret"`, `"HELLO" "3" "AUTH" "app" "s3cret" "SETNAME" "web"`, `"CONFIG" "SET" "requirepass" "s3cret"`,
	`"config" "set" "maxmemory" "1gb" "masterauth" "s3cret"`, `"CONFIG" "SET" "tls-key-file-pass" "s3cret"`,
	`"ACL" "SETUSER" "app" "on" ">s3cret" "~*" "+@all"`, `"ACL" "SETUSER" "app" "<s3cret" "#s3cret" "!s3cret"`,
	`"MIGRATE" "h" "6379" "k" "0" "100" "AUTH" "s3cret"`, `"MIGRATE" "h" "6379" "" "0" "100" "AUTH2" "app" "s3cret" "KEYS" "a"`,
	`"SENTINEL" "SET" "m" "auth-pass" "s3cret"`, `"SET" "evil\x1b]0;x\a\r\n\x00\x9b2J" "\xff\xe2\x80\xae"`,
}

func listening(t *testing.T) string {
	t.Helper()
	return "redis://" + redistest.FakeRESP(t, func(cmd []string) string {
		switch strings.ToLower(cmd[0]) {
		case "ping":
			return redistest.SimpleReply("PONG")
		case "info":
			return redistest.BulkReply("redis_version:5.0.7\r\nredis_mode:standalone\r\nrole:master\r\n")
		case "monitor":
			reply := redistest.SimpleReply("OK")
			for i, line := range talkative {
				client := "10.0.0." + strconv.Itoa(i) + ":1\x1b[31m"
				reply += redistest.SimpleReply("1767323045.000001 [0 " + client + "] " + line)
			}
			return reply
		}
		return redistest.ErrorReply("ERR unknown command '" + cmd[0] + "'")
	})
}

// TestMonitorHidesSecrets: in every form, whatever the server shows, and nothing that a terminal could act on.
func TestMonitorHidesSecrets(t *testing.T) {
	t.Parallel()
	url := listening(t)
	for _, args := range [][]string{{}, {"-o", "json"}, {"--top"}, {"--top", "-o", "json"}, {"--no-values"}, {"--ascii"}, {"-v"}, {"-q"}} {
		args = append([]string{"monitor", "--limit", strconv.Itoa(len(talkative))}, args...)
		out, diag, code := at(url).run(t, args...)
		if code != cli.ExitOK || strings.Contains(out+diag, "s3cret") {
			t.Errorf("%q: exit code %d:\n%s%s", args, code, out, diag)
		}
		for _, r := range strings.ReplaceAll(out, "\t", "") + diag {
			if r < 0x20 && r != '\n' || r >= 0x7f && r < 0xa0 || r == '\u202e' || r == '\ufffd' {
				t.Errorf("%q: %U is shown:\n%q", args, r, out)
				break
			}
		}
		if args[len(args)-1] != "json" {
			continue
		}
		schema, err := filepath.Abs("../../docs/schema/monitor.schema.json")
		if err != nil {
			t.Fatal(err)
		}
		docs := json.NewDecoder(strings.NewReader(out))
		for n := 0; docs.More(); n++ {
			var doc json.RawMessage
			if err := docs.Decode(&doc); err != nil {
				t.Fatal(err)
			}
			if err := matchSchema(schema, doc); err != nil {
				t.Errorf("%q: document %d: %v", args, n, err)
			}
			if bytes.Contains(doc, []byte(`"type":"summary"`)) && !bytes.Contains(doc, []byte(`"key_positions_from_server":false`)) {
				t.Error("COMMAND was refused, and the sum does not say so")
			}
		}
	}
}

// TestMonitorRefused: managed servers say no in their own words; what to do instead is said.
func TestMonitorRefused(t *testing.T) {
	t.Parallel()
	for words, hint := range map[string]string{
		"ERR unknown command 'MONITOR', with args beginning with: ":         "info --section commands",
		"ERR Command is not available: 'MONITOR'. See https://example.com/": "info --section commands",
		"NOPERM this user has no permissions to run the 'monitor' command":  "ACL SETUSER default +monitor",
	} {
		addr := redistest.FakeRESP(t, func(cmd []string) string {
			switch strings.ToLower(cmd[0]) {
			case "ping":
				return redistest.SimpleReply("PONG")
			case "monitor":
				return redistest.ErrorReply(words)
			}
			return redistest.ErrorReply("ERR unknown command '" + cmd[0] + "'")
		})
		out, diag, code := at("redis://"+addr).run(t, "monitor", "--lang", "en")
		if code != cli.ExitFailed || out != "" || !strings.Contains(diag, "refuses MONITOR") || !strings.Contains(diag, hint) {
			t.Errorf("%s: exit code %d:\n%s%s", words, code, out, diag)
		}
	}
}

package cli_test

import (
	"encoding/base64"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/olympiades-ia/olymp-cache/internal/cli"
)

// unusable are values of REDIS_URL that end a run before anything is contacted; «%s» is the password, «%e» encoded, «%b» the
// whole URL in base64. What config finds in many more is tested there.
var unusable = []string{
	"redis://:%s:h:1", "redis://h:1:%s", "redis://u:%s", "redis://:%e@h:99999", "redis://:%e@h1,h2", "redis//:%e@h:1", "tls://:%e@h:1", "%b",
	"10.0.0.1:6379@%s", "10.0.0.1:6379:%s", "h:1,password=%s,ssl=True", "redis-cli -a %s -h h", `{"host":"h","password":"%s"}`,
	"redis://:%e@HOST:6379", "REDIS_PASSWORD=%s", "redis+sentinel://:%e@h1,h2", "https://u:%e@api.example.com",
}

// TestNoPieceOfASecret reads both streams and the evidence of such runs, in every format and language, loud and quiet.
func TestNoPieceOfASecret(t *testing.T) {
	t.Parallel()
	saved := filepath.Join(t.TempDir(), "evidence.json")
	for _, secret := range []string{"Zq7Xw9KjQz", "qzjxkvwpfq", "Zq%7xXw#9k?Kj"} {
		for _, slip := range unusable {
			value := strings.NewReplacer("%s", secret, "%e", url.QueryEscape(secret),
				"%b", base64.StdEncoding.EncodeToString([]byte("redis://:"+secret+"@h:1"))).Replace(slip)
			for i, format := range []string{"text", "json", "junit", "github", "markdown", "nagios"} {
				for _, flag := range []string{"-v", "-q"} {
					p := place{
						env:  map[string]string{"REDIS_URL": value},
						args: []string{flag, "--lang", []string{"fr", "en"}[i%2], "-o", format},
					}
					out, diag, code := p.run(t, "doctor", "--save", saved)
					if code != cli.ExitUsage && format != "nagios" {
						t.Fatalf("%q: exit code %d\n%s", value, code, out)
					}
					evidence, err := os.ReadFile(saved)
					if err != nil {
						t.Fatal(err)
					}
					for _, text := range []string{out, diag, string(evidence)} {
						noPiece(t, value+" as "+format, text, secret)
					}
				}
			}
		}
	}
}

func noPiece(t *testing.T, what, text, secret string) {
	t.Helper()
	pieces := []string{url.QueryEscape(secret), base64.StdEncoding.EncodeToString([]byte(secret))[:8]}
	for i := 0; i+4 <= len(secret); i++ {
		pieces = append(pieces, secret[i:i+4])
	}
	for _, piece := range pieces {
		for _, shown := range []string{text, unescaped(text)} {
			if at := strings.Index(shown, piece); at >= 0 {
				t.Errorf("%s holds %q: …%s…", what, piece, shown[max(0, at-60):min(len(shown), at+60)])
				return
			}
		}
	}
}

// misplaced are command lines in which the address of Redis stands where something else belongs; «%s» is that address.
var misplaced = []string{
	"test %s", "doctor %s", "%s", "--timeout %s", "--lang %s", "doctor --lang=%s", "--color %s", "--output %s",
	"doctor --only %s", "doctor --skip %s",
	"doctor --load %s", "doctor --compare %s", "doctor --save %s", "doctor explain %s", "doctor --%s", "doctor --fail-on %s",
	"doctor --wait %s",
	"doctor -e %s", "doctor --tls-ca %s", "doctor --tls-cert %s", "doctor --tls-key %s", "doctor --tls-server-name %s", "doctor -q -e %s",
	"doctor -o json -e %s", "test -e %s", "test --count %s", "test --api-ttl %s", "info %s", "info --section %s",
	"info --textfile %s", "info --watch=%s",
	"keys a %s", "keys list %s", "keys %s", "keys stats %s", "keys stats a %s", "keys stats --resume %s", "keys get %s",
	"keys --sort %s", "keys get a %s",
	"monitor %s", "monitor --limit %s", "completion %s", "man %s", "help %s", "version %s", "demo %s", "keys --type %s", "monitor --for %s",
}

// TestMisplacedAddress: who forgets --url has typed the password of Redis where an error quotes it.
func TestMisplacedAddress(t *testing.T) {
	t.Parallel()
	const secret = "zq7xw9kjqz" // small letters: explain takes ids in any case
	for _, line := range misplaced {
		for _, address := range []string{
			"redis://:%s@localhost:1", "redis://u:%s@localhost:1/0", "rediss://%s@localhost:1",
			"redis://:a@%s@localhost:1",
		} {
			address = strings.ReplaceAll(address, "%s", secret)
			p := place{dir: t.TempDir(), env: map[string]string{"REDIS_URL": "redis://localhost:1"}}
			out, diag, code := p.run(t, strings.Fields(strings.ReplaceAll(line, "%s", address))...)
			if code != cli.ExitUsage {
				t.Errorf("%s: exit code %d\n%s%s", line, code, out, diag)
			}
			noPiece(t, line, out+diag, secret)
		}
		address := "u:" + secret + "@localhost:1"
		out, diag, _ := place{dir: t.TempDir(), env: map[string]string{"REDIS_URL": "redis://localhost:1"}}.
			run(t, strings.Fields(strings.ReplaceAll(line, "%s", address))...)
		if !strings.HasPrefix(line, "keys ") { // may be the name of a key
			noPiece(t, line+" without a scheme", out+diag, secret)
		}
	}
}

// TestMisplacedAddressIsPut says where the address goes, and leaves the other words alone.
func TestMisplacedAddressIsPut(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"doctor redis://:pw@h:1":        "Unknown command: redis://***. The address of Redis goes after --url (-u).",
		"doctor --load redis://:pw@h:1": "--load takes no address. The address of Redis goes after --url (-u).",
		"keys stats redis://:pw@h:1": "A key or a pattern belongs here, not an address: redis://***. " +
			"The address of Redis goes after --url (-u).",
		"doctor --skip :p,w@h:1":         "--skip takes no address.",
		"keys stats a user:42:*":         "user:42:*",
		"doctor --only redis-cli":        "redis-cli",
		"doctor REDIS_PASSWORD=pw":       "Unknown command: REDIS_PASSWORD=***",
		"doctor --load me@here/old.json": "me@here/old.json",
	} {
		_, diag, code := place{dir: t.TempDir()}.run(t, append(strings.Fields(line), "--lang", "en")...)
		if said := strings.Join(strings.Fields(diag), " "); code != cli.ExitUsage || !strings.Contains(said, want) {
			t.Errorf("%s: exit code %d, %s", line, code, said)
		}
	}
}

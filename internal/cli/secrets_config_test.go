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
					p := place{env: map[string]string{"REDIS_URL": value}, args: []string{flag, "--lang", []string{"fr", "en"}[i%2], "-o", format}}
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

package snapshot_test

import (
	"strings"
	"testing"

	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
)

// TestMaskSecrets: «!word» is what must be masked, everything else must stay.
func TestMaskSecrets(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		"AUTH !pw", "auth !user !pw", "HELLO 3", "HELLO 3 AUTH !user !pw SETNAME web", "hello 3 setname web auth !user !pw",
		"CONFIG SET requirepass !pw", "config set maxmemory 1gb masterauth !pw save x", "CONFIG SET masteruser !u", "CONFIG GET requirepass",
		"CONFIG SET primaryauth !pw primaryuser !u", "CONFIG SET tls-key-file-pass !pw tls-client-key-file-pass !pw",
		"CONFIG SET tls-auth-clients yes", "CONFIG SET requirepass",
		"ACL SETUSER app on >!pw <!pw #!h !!h ~app:* &x +@all -flushall allkeys (+get", "ACL SETUSER app !pw", "acl setuser app (>!pw)",
		"ACL GETUSER app", "ACL DRYRUN app AUTH !u !pw", "ACL DRYRUN app GET k",
		"MIGRATE h 6379 k 0 100 AUTH !pw", "migrate h 6379 auth 0 100 COPY AUTH2 !u !pw KEYS auth x", "MIGRATE h 1 k 0 9 REPLACE",
		"SENTINEL SET m auth-pass !pw auth-user !u quorum 2", "SENTINEL CONFIG SET sentinel-pass !pw", "SENTINEL SET m quorum 2",
		"MODULE LOAD /x.so !a !b", "MODULE LOADEX /x.so CONFIG m.password !pw CONFIG m.size 3 ARGS !a", "MODULE LIST",
		"SET password hunter2", "GET auth", "EVAL auth 1 k", "AUTH", "QUIT",
	} {
		var args []snapshot.Text
		var want []string
		for word := range strings.FieldsSeq(line) {
			secret := false
			for _, lead := range []string{"", ">", "<", "#", "!", "("} {
				if rest, ok := strings.CutPrefix(word, lead+"!"); ok && rest != "" {
					word, secret = lead+rest, true
					break
				}
			}
			if rest, ok := strings.CutPrefix(word, "(>!"); ok {
				word, secret = "(>"+rest, true
			}
			args = append(args, snapshot.Text(word))
			if secret {
				word = "***"
			}
			want = append(want, word)
		}
		before := join(args)
		if got := join(snapshot.MaskSecrets(args)); got != strings.Join(want, " ") {
			t.Errorf("%s is shown as %q, want %q", line, got, strings.Join(want, " "))
		}
		if join(args) != before {
			t.Errorf("%s was changed in place", line)
		}
	}
}

func join(args []snapshot.Text) string {
	words := make([]string, len(args))
	for i, a := range args {
		words[i] = string(a)
	}
	return strings.Join(words, " ")
}

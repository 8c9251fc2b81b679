package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/olympiades-ia/olymp-cache/internal/cli"
	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

// TestSavedEvidenceHoldsNoValues: the slow log quotes whole commands, with what they wrote. None of it reaches the file, nor do the
// names of keys unless they are asked for.
func TestSavedEvidenceHoldsNoValues(t *testing.T) {
	t.Parallel()
	const password = "Pa55wordOfTheServer"
	s := redistest.Start(t, redistest.WithPassword(password))
	do(t, s, "CONFIG", "SET", "slowlog-log-slower-than", "0", "slowlog-max-len", "500")
	do(t, s, "SET", "customerKeyName", "ValueOfACustomer")
	do(t, s, "HSET", "customerKeyName:h", "FieldOfACustomer", "OtherValue")
	do(t, s, "EVAL", "return 'SourceOfAScript'", "1", "customerKeyName", "ArgumentOfAScript")
	do(t, s, "ACL", "SETUSER", "somebody", ">Pa55wordOfAUser")
	do(t, s, "CONFIG", "SET", "slowlog-log-slower-than", "-1") // doctor's own commands are not to push them out
	if log := do(t, s, "SLOWLOG", "GET", "-1"); !strings.Contains(log, "ValueOfACustomer") || !strings.Contains(log, "SourceOfAScript") {
		t.Fatalf("the slow log lacks what the file must not hold:\n%s", log)
	}
	values := []string{
		password, "ValueOfACustomer", "FieldOfACustomer", "OtherValue", "SourceOfAScript", "ArgumentOfAScript", "Pa55wordOfAUser",
	}
	for names, more := range map[bool][]string{false: nil, true: {"--with-names"}} {
		saved := filepath.Join(t.TempDir(), "evidence.json")
		_, diag, code := place{env: map[string]string{"REDIS_URL": s.URL()}}.run(t, append([]string{
			"doctor", "--fail-on", "never", "--save", saved,
		}, more...)...)
		if code != cli.ExitOK {
			t.Fatalf("exit code %d: %s", code, diag)
		}
		evidence, err := os.ReadFile(saved)
		if err != nil {
			t.Fatal(err)
		}
		if text := strings.ToLower(string(evidence)); !strings.Contains(text, `"hset",`) || !strings.Contains(text, `"eval",`) {
			t.Errorf("the slow commands are not in the file:\n%s", evidence)
		}
		for _, secret := range values {
			if strings.Contains(string(evidence), secret) {
				t.Errorf("with names %v, the file holds %s", names, secret)
			}
		}
		if strings.Contains(string(evidence), "customerKeyName") != names {
			t.Errorf("with names %v, the name of the key is in the file: %v", names, !names)
		}
	}
}

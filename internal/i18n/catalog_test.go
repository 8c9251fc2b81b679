package i18n

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/leonelquinteros/gotext"

	"github.com/olympiades-ia/olymp-cache/internal/term"
)

func messages(t *testing.T, lang Lang) map[string]*gotext.Translation {
	t.Helper()
	all := map[string]*gotext.Translation{}
	for _, name := range append([]string{"pages"}, Parts...) {
		text, err := os.ReadFile(filepath.Join(string(lang), name+".po"))
		if err != nil {
			t.Fatal(err)
		}
		p := gotext.NewPo()
		p.Parse(text)
		for id, m := range p.GetDomain().GetTranslations() {
			if id != "" && all[id] != nil {
				t.Errorf("%s: %s stands in two files", lang, id)
			}
			all[id] = m
		}
	}
	delete(all, "")
	if len(all) < 100 {
		t.Fatalf("only %d messages were read", len(all))
	}
	return all
}

// TestPackedIsCurrent: what is built in is what the files say.
func TestPackedIsCurrent(t *testing.T) {
	for _, lang := range []Lang{French, English} {
		var want []byte
		for _, name := range Parts {
			text, err := os.ReadFile(filepath.Join(string(lang), name+".po"))
			if err != nil {
				t.Fatal(err)
			}
			want = append(want, text...)
		}
		if got, err := unpack(lang); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is out of date: run make docs (%v)", File(lang), err)
		}
	}
}

var placeholder = regexp.MustCompile(`\{[a-z0-9_]+\}`)

// differences lists what one catalogue has and the other lacks: ids, plural forms, placeholders.
func differences(a, b map[string]*gotext.Translation) []string {
	var out []string
	for id, m := range a {
		other, ok := b[id]
		if !ok {
			out = append(out, id+": missing in one language")
			continue
		}
		if len(m.Trs) != len(other.Trs) {
			out = append(out, id+": plural in one language only")
			continue
		}
		for n, text := range m.Trs {
			if text == "" || other.Trs[n] == "" {
				out = append(out, id+": empty")
			}
			if diff := cmp.Diff(placeholders(text), placeholders(other.Trs[n])); diff != "" {
				out = append(out, id+": placeholders differ: "+diff)
			}
		}
	}
	slices.Sort(out)
	return out
}

func placeholders(s string) []string {
	found := placeholder.FindAllString(s, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

func TestCataloguesMatch(t *testing.T) {
	fr, en := messages(t, French), messages(t, English)
	for _, d := range append(differences(fr, en), differences(en, fr)...) {
		t.Error(d)
	}
}

func TestDifferencesAreSeen(t *testing.T) {
	tr := func(text string) *gotext.Translation { return &gotext.Translation{Trs: map[int]string{0: text}} }
	a := map[string]*gotext.Translation{"a": tr("x {host}"), "b": tr("y"), "c": tr("")}
	b := map[string]*gotext.Translation{"a": tr("x {port}"), "c": tr("z")}
	if got := differences(a, b); len(got) != 3 {
		t.Errorf("a wrong placeholder, a missing and an empty message gave %q", got)
	}
}

// French sets a no-break space before : ; ! ? % » and after «; a plain one there breaks lines in the wrong place.
var frenchMistake = regexp.MustCompile(` [:;!?%»]|« |\.\.\.|[A-Za-zé][;!?»]`)

// code is what a text quotes of commands and programs, which know no typography.
var code = regexp.MustCompile("`[^`]*`")

func TestFrenchTypography(t *testing.T) {
	for id, m := range messages(t, French) {
		if strings.HasSuffix(id, ".example") {
			continue // command lines
		}
		for _, text := range m.Trs {
			if at := frenchMistake.FindString(code.ReplaceAllString(text, "x")); at != "" {
				t.Errorf("%s: %q in %q", id, at, text)
			}
		}
	}
}

func TestEveryLetterHasAnASCIIForm(t *testing.T) {
	for _, lang := range []Lang{French, English} {
		for id, m := range messages(t, lang) {
			for _, text := range m.Trs {
				if strings.Count(term.ToASCII(text), "?") != strings.Count(text, "?") {
					t.Errorf("%s: a letter of %q has no ASCII form", id, text)
				}
			}
		}
	}
}

// source is what the program's code says about messages.
type source struct {
	literals map[string]bool       // every string constant
	raised   map[string]bool       // those of the packages that raise findings
	calls    map[string][][]string // id of a call of T, N or usage, to the names of its placeholders
}

func readSource(t *testing.T) source {
	t.Helper()
	s := source{literals: map[string]bool{}, raised: map[string]bool{}, calls: map[string][][]string{}}
	for _, root := range []string{"../../internal", "../../cmd"} {
		err := filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") ||
				strings.Contains(path, "redistest") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				return err
			}
			raises := !strings.Contains(path, "/facts/") && !strings.Contains(path, "/surround/") // names of Redis settings look alike
			ast.Inspect(file, func(n ast.Node) bool { s.read(n, raises); return true })
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func (s source) read(n ast.Node, raises bool) {
	switch n := n.(type) {
	case *ast.BasicLit:
		if text, err := strconv.Unquote(n.Value); err == nil && n.Kind == token.STRING {
			s.literals[text] = true
			if raises {
				s.raised[text] = true
			}
		}
	case *ast.CallExpr:
		fun, ok := n.Fun.(*ast.SelectorExpr)
		if !ok || len(n.Args) == 0 {
			return
		}
		first := map[string]int{"T": 1, "N": 2, "usage": 1}[fun.Sel.Name]
		id, ok := literal(n.Args[0])
		if first == 0 || !ok {
			return
		}
		var names []string
		for i := first; i < len(n.Args); i += 2 {
			name, ok := literal(n.Args[i])
			if !ok || n.Ellipsis.IsValid() {
				return // built at run time: not to be judged here
			}
			names = append(names, "{"+name+"}")
		}
		slices.Sort(names)
		s.calls[id] = append(s.calls[id], names)
	}
}

func literal(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(lit.Value)
	return text, err == nil
}

func TestEveryCallHasItsMessage(t *testing.T) {
	en := messages(t, English)
	for id, calls := range readSource(t).calls {
		m, ok := en[id]
		if !ok {
			t.Errorf("the code asks for %q, which no catalogue has", id)
			continue
		}
		for _, names := range calls {
			for _, wanted := range placeholders(m.Trs[len(m.Trs)-1]) {
				if !slices.Contains(names, wanted) {
					t.Errorf("%s: the text wants %s, a call gives %v", id, wanted, names)
				}
			}
		}
	}
}

// families are ids made at run time: prefix + a constant of the code + one of the suffixes.
var families = []struct {
	prefix   string
	suffixes []string
}{
	{"finding.", []string{".title", ".cause"}},
	{"fix.", []string{""}},
	{"step.", []string{".name", ".run", ".ok"}},
	{"rung.", []string{".name", ".ok"}},
	{"skipped.", []string{""}},
	{"role.", []string{""}},
	{"page.", []string{".about", ".signs", ".proof", ".mend", ".notes"}},
	{"page.heading.", []string{""}},
	{"page.severity.", []string{""}},
	{"skip.", []string{""}},
	{"reason.", []string{""}},
	{"expected.", []string{""}},
	{"source.", []string{""}},
	{"type.", []string{""}},
	{"exit.", []string{""}},
	{"info.", []string{"", ".label", ".title"}},
	{"column.", []string{""}},
	{"alert.", []string{"", ".none"}},
	{"mode.", []string{""}},
	{"ttl-band.", []string{""}},
	{"size-band.", []string{""}},
	{"stats.partial.", []string{""}},
	{"error.pattern.", []string{""}},
	{"link.", []string{""}},
	{"aof_status.", []string{""}},
	{"rdb_status.", []string{""}},
	{"category.", []string{""}},
	{"monitor.top.", []string{""}},
	{"backup.fault.", []string{""}},
	{"restore.partial.", []string{""}},
	{"monitor.lost.", []string{""}},
	{"fate.", []string{""}},
	{"remove.partial.", []string{""}},
	{"flush.", []string{""}},
	{"format.", []string{""}},
}

func (s source) uses(id string) bool {
	if s.literals[id] {
		return true
	}
	for _, f := range families {
		rest, ok := strings.CutPrefix(id, f.prefix)
		if !ok {
			continue
		}
		for _, suffix := range f.suffixes {
			if name, ok := strings.CutSuffix(rest, suffix); ok &&
				(s.literals[name] || slices.Contains([]string{"type.", "exit.", "category."}, f.prefix)) {
				return true
			}
		}
	}
	// COMMAND.passed and its like: the command is a value, the rest a constant.
	command, rest, _ := strings.Cut(id, ".")
	return s.literals[command] && (s.literals["."+rest] || s.literals[rest])
}

func TestEveryMessageIsUsed(t *testing.T) {
	s := readSource(t)
	for id := range messages(t, English) {
		if !s.uses(id) {
			t.Errorf("%s is in the catalogues and nowhere in the code", id)
		}
	}
	if s.uses("finding.no-such-finding.title") || s.uses("test.no-such-text") {
		t.Error("the test would take anything for used")
	}
}

// findingID is how ids of findings look in the code; steps of the smoke test look alike.
var findingID = regexp.MustCompile(
	`^(config|dns|tcp|tls|proto|auth|server|sentinel|write|latency|api|memory|clients|cache|persistence|security)-[a-z-]+$`)

func TestEveryFindingHasItsTexts(t *testing.T) {
	en := messages(t, English)
	seen := 0
	for id := range readSource(t).raised {
		if !findingID.MatchString(id) || en["step."+id+".name"] != nil || en["fix."+id] != nil || notAFinding(id) {
			continue
		}
		seen++
		for _, part := range []string{".title", ".cause"} {
			if en["finding."+id+part] == nil {
				t.Errorf("finding.%s%s is missing", id, part)
			}
		}
	}
	if seen < 40 {
		t.Errorf("only %d ids of findings were found in the code", seen)
	}
}

// notAFinding are constants that only look like ids: flags.
func notAFinding(s string) bool {
	return slices.Contains([]string{"tls-ca", "tls-cert", "tls-key", "tls-server-name", "tls-insecure", "api-key", "api-ttl"}, s)
}

package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/i18n"
)

// Words turns findings and steps into sentences of one language. Foreign text in them is made safe by Data.
type Words struct {
	C    *i18n.Catalog
	Data func(string) string // escapes foreign bytes for the medium
}

// pairs are the placeholders of a finding's sentences: every piece of evidence by its name, and {subject}.
func (w Words) pairs(f finding.Finding) []any {
	out := []any{"subject", w.Data(f.Subject)}
	for _, e := range f.Evidence {
		out = append(out, e.Name, w.Value(e))
	}
	return out
}

// translated are the names of evidence whose values are messages of the catalogue: reason.missing, source.flag.
var translated = []string{"reason", "expected", "source", "role", "mode", "element", "link", "aof_status", "rdb_status", "product"}

// Value writes one piece of evidence for people.
func (w Words) Value(e finding.Evidence) string {
	switch v := e.Value.(type) {
	case string:
		// Some kinds of evidence are words of ours or of the server, stable in JSON and translated for people.
		if id := e.Name + "." + v; slices.Contains(translated, e.Name) && w.C.Has(id) {
			return w.C.T(id)
		}
		return w.Data(v)
	case bool:
		if id := e.Name + "." + map[bool]string{true: "true", false: "false"}[v]; w.C.Has(id) {
			return w.C.T(id)
		}
	case int:
		return w.number(int64(v), e.Unit)
	case int64:
		return w.number(v, e.Unit)
	case float64:
		switch e.Unit {
		case "ms":
			return w.C.Duration(time.Duration(v * float64(time.Millisecond)))
		case "bytes":
			return w.C.Bytes(int64(v))
		case "s":
			if v >= 2*time.Minute.Seconds() {
				return w.C.Span(time.Duration(v) * time.Second)
			}
			return w.C.Float(v, 0) + "\u00a0s"
		case "ratio":
			if v > 0 && v < 0.1 {
				return w.C.Percent(v, 1)
			}
			return w.C.Percent(v, 0)
		}
		if v >= 10 {
			return w.C.Float(v, 0)
		}
		return w.C.Float(v, 1)
	}
	return w.Data(fmt.Sprint(e.Value))
}

func (w Words) number(n int64, unit string) string {
	switch unit {
	case "bytes":
		return w.C.Bytes(n)
	case finding.Count:
		return w.C.Int(n)
	}
	return fmt.Sprint(n) // ports, lines and HTTP codes have no thousands
}

// sentence is the message of that id with the finding's evidence filled in. A placeholder for which there is no evidence
// takes its whole clause with it: such clauses stand in [[ ]] in the catalogue.
func (w Words) sentence(id string, f finding.Finding) string {
	return fillIn(w.C.T(id), w.pairs(f))
}

// complete tells whether everything is known that a sentence needs outside of its clauses.
func (w Words) complete(id string, f finding.Finding) bool {
	needed := dropUnfilled(w.C.T(id), func(string) bool { return false })
	for _, e := range f.Evidence {
		needed = strings.ReplaceAll(needed, "{"+e.Name+"}", "")
	}
	return !strings.Contains(needed, "{")
}

// fillIn puts the values into a sentence of the catalogue. The [[clauses]] are settled first: a value that happens to hold
// «[[» or «{» is data and stays as it is.
func fillIn(template string, pairs []any) string {
	blanks, values := make([]string, 0, len(pairs)), make([]string, 0, len(pairs))
	for i := 0; i+1 < len(pairs); i += 2 {
		name := "{" + fmt.Sprint(pairs[i]) + "}"
		blanks, values = append(blanks, name, ""), append(values, name, fmt.Sprint(pairs[i+1]))
	}
	known := strings.NewReplacer(blanks...)
	template = dropUnfilled(template, func(clause string) bool { return !strings.Contains(known.Replace(clause), "{") })
	return strings.NewReplacer(values...).Replace(template)
}

// skipped is why a step was not done, or how far it came before it was interrupted.
func (w Words) skipped(s finding.Step) string {
	if s.Reason == "interrupted" && s.Duration > 0 {
		return w.sentence("skip.cut-short", finding.Finding{Evidence: s.Evidence})
	}
	return w.C.T("skip." + s.Reason)
}

// Title is the finding in one line.
func (w Words) Title(f finding.Finding) string {
	return w.sentence("finding."+f.ID+".title", f)
}

// Cause is what it means here.
func (w Words) Cause(f finding.Finding) string {
	return w.sentence("finding."+f.ID+".cause", f)
}

// Fix is the title of one fix, and how to give the password where its command wants it. For redis-cli, which several commands
// of a finding mostly call, the first says it.
func (w Words) Fix(f finding.Finding, x finding.Fix) string {
	title := w.fixTitle(f, x)
	if first := slices.IndexFunc(f.Fixes, logsIn); first >= 0 && f.Fixes[first] == x {
		title += " " + w.C.T("fix.login-first")
	}
	return title
}

// fixTitle is the title of a fix after it was said how redis-cli gets its password.
func (w Words) fixTitle(f finding.Finding, x finding.Fix) string {
	return w.sentence("fix."+x.ID, f) + w.passwordFirst(x.Command)
}

// logsIn tells a command that wants the password as it is.
func logsIn(x finding.Fix) bool {
	return strings.Contains(strings.ReplaceAll(x.Command, finding.PasswordInURL, ""), finding.PasswordVariable)
}

// passwordFirst says, behind a sentence, which variable a command of ours needs; empty where it needs none.
func (w Words) passwordFirst(command string) string {
	if !strings.Contains(command, finding.PasswordInURL) {
		return ""
	}
	return " " + w.C.T("fix.password-first")
}

// Where is the place of a mistake in the configuration: the variable, or the file and line; empty when nothing says it.
func (w Words) Where(f finding.Finding) string {
	return strings.TrimSpace(w.sentence("where", f))
}

// dropUnfilled removes the [[clauses]] for which not everything is known, and the brackets of the others.
func dropUnfilled(s string, known func(clause string) bool) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(s, "[[")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		clause, after, closed := strings.Cut(rest, "]]")
		if !closed {
			b.WriteString("[[" + rest)
			return b.String()
		}
		if known(clause) {
			b.WriteString(clause)
		}
		s = after
	}
}

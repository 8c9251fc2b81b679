package cli

import (
	"errors"
	"strings"
	"syscall"

	"github.com/spf13/pflag"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/findings"
	"github.com/olympiades-ia/olymp-cache/internal/i18n"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
	"github.com/olympiades-ia/olymp-cache/internal/term"
)

// usageError is a command line that cannot be run. Its words are already in the operator's language.
type usageError struct {
	text    string
	command string // whose help to offer
}

func (e *usageError) Error() string { return e.text }

// verdictError carries an exit code out of a command that has already reported.
type verdictError struct{ code int }

func (e verdictError) Error() string { return "reported" }

// verdict is nil for 0, else the code to exit with.
func verdict(code int) error {
	if code == ExitOK {
		return nil
	}
	return verdictError{code}
}

// usage makes a usage error from a message id. What it quotes of the command line shows no login: whoever forgets --url has
// typed the password of Redis in its place.
func (a *app) usage(id string, pairs ...any) error {
	misplaced := false
	for i := 1; i < len(pairs); i += 2 {
		word, ok := pairs[i].(string)
		if name := pairs[i-1]; !ok || name == "reply" || name == "reason" || name == "expected" {
			continue // not of the command line
		}
		pairs[i] = config.MaskArgument(word)
		misplaced = misplaced || config.AddressArgument(word) && !strings.HasPrefix(word, "http")
	}
	text := a.cat.T(id, pairs...)
	if misplaced {
		text = strings.TrimSuffix(text, ".") + ". " + a.cat.T("error.address-after-url")
	}
	return &usageError{text: text}
}

// exitCode is the one place where an error becomes words and a code.
func (a *app) exitCode(err error) int {
	var (
		done        verdictError
		usage       *usageError
		refused     *refusedError
		conf        *config.Error
		files       *redisconn.TLSFileError
		interrupted interruptedError
		lang        *i18n.UnknownLangError
	)
	s := a.diag()
	switch {
	case err == nil, errors.Is(err, syscall.EPIPE): // a reader who has seen enough is no failure
		return ExitOK
	case errors.As(err, &done):
		return done.code
	case errors.As(err, &interrupted):
		return interrupted.exitCode()
	case errors.As(err, &conf):
		a.explain(s, conf.Findings)
		return ExitUsage
	case errors.As(err, &lang):
		errors.As(a.usage("error.lang", "value", s.Data(lang.Value)), &usage)
		a.complain(s, usage.text, "")
		return ExitUsage
	case errors.As(err, &files):
		// The cause names a file and what its bytes lack, never their content.
		a.complain(s, a.cat.T("error.tls-file", "file", s.Data(files.File), "reason", s.Data(files.Err.Error())), "")
		return ExitUsage
	case errors.As(err, &usage):
		a.complain(s, usage.text, usage.command)
		return ExitUsage
	case errors.As(err, &refused):
		a.complain(s, refused.text, "")
		return ExitRefused
	default:
		a.complain(s, a.cat.T("error.other", "reason", s.Data(err.Error())), "")
		return ExitFailed
	}
}

// complain is one error and where to read on.
func (a *app) complain(s term.Screen, text, command string) {
	sign := s.Sign(term.SymFail)
	a.say(s, sign+" "+s.Paint(term.Bad, s.Wrap(text, term.Columns(sign)+1)))
	if command != "" {
		a.say(s, s.Paint(term.Dim, s.Wrap(a.cat.T("error.see-help", "command", command), 0)))
	}
}

// explain shows what is wrong with the configuration and the form that would do.
func (a *app) explain(s term.Screen, all []finding.Finding) {
	w := a.words(s)
	for _, f := range all {
		f = findings.WithFixes(f)
		sign := s.Sign(term.SymFail)
		if f.Severity < finding.Critical {
			sign = s.Sign(term.SymWarn)
		}
		a.say(s, sign+" "+s.Paint(term.Bad, s.Wrap(w.Title(f), term.Columns(sign)+1))+" "+s.Paint(term.Dim, "["+f.ID+"]"))
		if where := w.Where(f); where != "" {
			a.say(s, "   "+s.Wrap(where, 3))
		}
		a.say(s, "   "+s.Wrap(w.Cause(f), 3))
		for _, x := range f.Fixes {
			a.say(s, "   "+s.Sign(term.SymHint)+" "+s.Wrap(w.Fix(f, x), 6))
			for line := range strings.Lines(x.Command) {
				a.say(s, "      "+s.Paint(term.Command, s.Data(strings.TrimRight(line, "\n"))))
			}
		}
	}
}

// flagError translates what the flag parser says.
func (a *app) flagError(err error) error {
	var (
		missing *pflag.NotExistError
		value   *pflag.ValueRequiredError
		invalid *pflag.InvalidValueError
		syntax  *pflag.InvalidSyntaxError
	)
	data := a.diag().Data
	switch {
	case errors.As(err, &missing):
		name := missing.GetSpecifiedName()
		if missing.GetSpecifiedShortnames() == "" {
			name = "--" + name
		} else {
			name = "-" + name
		}
		return a.usage("error.flag-unknown", "flag", data(name))
	case errors.As(err, &value):
		return a.usage("error.flag-needs-value", "flag", data("--"+value.GetFlag().Name))
	case errors.As(err, &invalid):
		return a.usage("error.flag-value", "flag", data("--"+invalid.GetFlag().Name), "value", data(invalid.GetValue()),
			"expected", a.cat.T("type."+invalid.GetFlag().Value.Type()))
	case errors.As(err, &syntax):
		return a.usage("error.flag-syntax", "flag", data(syntax.GetSpecifiedFlag()))
	}
	return &usageError{text: config.MaskArgument(data(err.Error()))}
}

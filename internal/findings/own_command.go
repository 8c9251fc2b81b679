package findings

import (
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/evidence"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
)

// program is the name under which this program is called.
const program = "olymp-cache"

// Advised is the finding in the words of its target, with what to type on that target.
func Advised(f finding.Finding, t evidence.Target) finding.Finding {
	f = InContext(f, t)
	if len(f.Fixes) > 0 {
		return f // advised already
	}
	f = WithFixes(f)
	for i, x := range f.Fixes {
		if arguments, ok := strings.CutPrefix(x.Command, program+" "); ok {
			f.Fixes[i].Command = onTarget(t, arguments)
		}
	}
	return f
}

// OwnCommand is a command line of this program that reaches the same target as the run that prints it: what that one was
// given as flags is given again, quoted for a shell. A password goes through the environment, as finding.PasswordInURL.
func OwnCommand(t evidence.Target, words ...string) string {
	quoted := make([]string, len(words))
	for i, word := range words {
		quoted[i] = shellWord(word)
	}
	return onTarget(t, strings.Join(quoted, " "))
}

// onTarget adds to the arguments of a command line of ours, which are quoted, those that lead to the target. What the
// arguments set themselves is theirs.
func onTarget(t evidence.Target, arguments string) string {
	before := ""
	line := program + " " + arguments
	add := func(flag, value string) {
		if value != "" && !strings.Contains(line+" ", " "+flag+" ") {
			line += " " + flag + " " + shellWord(value)
		}
	}
	for _, file := range t.EnvFiles {
		line += " --env-file " + shellWord(file)
	}
	if t.Source == config.FromFlag && t.URL != "" {
		if url, secret := quotedURL(t.URL); secret {
			before = "REDIS_URL=" + url + " "
		} else {
			line += " --url " + url
		}
	}
	add("--tls-ca", t.CAFile)
	add("--tls-cert", t.CertFile)
	add("--tls-key", t.KeyFile)
	add("--tls-server-name", t.ServerName)
	if t.Insecure {
		line += " --tls-insecure"
	}
	return before + line
}

// quotedURL is a masked URL as a shell's word, with the variable of the password where one was masked.
func quotedURL(masked string) (word string, secret bool) {
	authority := strings.Index(masked, "://") + len("://")
	end := len(masked)
	if i := strings.IndexByte(masked[authority:], '/'); i >= 0 {
		end = authority + i
	}
	at := strings.LastIndexByte(masked[:end], '@')
	login, hidden := strings.CutSuffix(masked[:max(at, 0)], config.Mask)
	if !hidden {
		return shellWord(masked), false
	}
	return shellWord(login) + strings.TrimSuffix(finding.PasswordInURL, "@") + shellWord(masked[at:]), true
}

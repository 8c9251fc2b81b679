package surround

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/sorting"
)

const (
	// maxWords is what is kept of one foreign text, in bytes.
	maxWords = 300
	// maxArgs is how many arguments of a command line are kept.
	maxArgs = 64
)

// word is one word of a shell or of redis.conf: quoted parts and bare ones, an unclosed quote reaching to the end.
const word = `((?:"(?:[^"\\]|\\.)*(?:"|$)|'[^']*(?:'|$)|\\.|[^\s"'\\])+)`

// secretPatterns find secrets in free text. What the last group matches is the secret.
var secretPatterns = []*regexp.Regexp{
	// Redis prints the line it cannot read, all of it: >>> 'requirepass my secret'
	regexp.MustCompile(`(?im)>>> ['"]?\s*(?:requirepass|masterauth|primaryauth|user|rename-command|` +
		`sentinel\s+auth-pass|tls(?:-client)?-key-file-pass)\s+(.+)$`),
	regexp.MustCompile(`(?i)(?:requirepass|masterauth|primaryauth|key-file-pass)["']?[\s,=:]+` + word),
	regexp.MustCompile(`(?i)auth-pass\s+\S+\s+` + word),
	regexp.MustCompile(`(?i)rename-command["']?[\s,]+\S+\s+` + word),
	// The address of a server: everything before the last @, as passwords carry unescaped / and #.
	regexp.MustCompile(`(?i)\b[a-z][a-z0-9+.-]*://([^\s"']*)@`),
	// REDISCLI_AUTH=…, POSTGRES_PASSWORD=…, "password": "…"
	regexp.MustCompile(`(?i)(?:pass|secret|token|auth|credential|(?:api|access|private)_?key)[a-z0-9_]*["']?=` + word),
	regexp.MustCompile(`(?i)(?:password|passwd|secret|token|passphrase)["']?\s*:\s*` + word),
	regexp.MustCompile(`(?i)(?:^|\s)--?(?:pass|password|passwd|auth|token|secret)[=\s]\s*` + word),
	regexp.MustCompile(`(?i)(?:redis|valkey|keydb)-cli\b.*?\s-a\s*` + word),
	regexp.MustCompile(`(?i)\bHELLO\s+[23]\s+AUTH\s+\S+\s+` + word),
	regexp.MustCompile(`\bAUTH\s+("[^"]*"|\S+)\s+` + word),
	regexp.MustCompile(`\bAUTH\s+` + word),
}

// aclRule is a password in an ACL rule: >secret, <secret, #hash, !hash.
var aclRule = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?:^|[\s"'])[><#!]([^\s"'>][^\s"']*)`)
})

// aclContext tells that a text may carry ACL rules; > is a redirection elsewhere.
var aclContext = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)\b(?:user|setuser)\b`)
})

// prose follows AUTH where a log speaks about it: «Unable to AUTH to MASTER».
var prose = []string{"to", "failed", "failed:", "error:", "command", "called", "<password>", config.Mask}

// masker hides secrets and remembers them, so that what one text gave away is hidden in the next.
type masker struct{ found []string }

// text masks what looks like a secret.
func (m *masker) text(s string) string {
	for _, pattern := range secretPatterns {
		s = m.replace(pattern, s)
	}
	if aclContext().MatchString(s) {
		s = m.replace(aclRule(), s)
	}
	return s
}

// replace masks the last group of every match, unless the first one is prose.
func (m *masker) replace(pattern *regexp.Regexp, s string) string {
	var b strings.Builder
	end := 0
	for _, at := range pattern.FindAllStringSubmatchIndex(s, -1) {
		from, to := at[len(at)-2], at[len(at)-1]
		if from < end || slices.Contains(prose, s[at[2]:at[3]]) {
			continue
		}
		m.note(s[from:to])
		b.WriteString(s[end:from] + config.Mask)
		end = to
	}
	return b.String() + s[end:]
}

// note remembers a secret; what the shell would replace, and words that stand for yes and no, are none.
func (m *masker) note(secret string) {
	secret = strings.Trim(secret, `"' `)
	plain := []string{"", config.Mask, "yes", "no", "true", "false", "on", "off", "0", "1", "null"}
	if slices.Contains(plain, strings.ToLower(secret)) || slices.Contains(m.found, secret) ||
		strings.HasPrefix(secret, "$") {
		return
	}
	m.found = append(m.found, secret)
	if _, password, ok := strings.Cut(secret, ":"); ok { // user:password of a URL
		m.note(password)
	}
}

// known masks the secrets that were found so far, in every form in which they travel, the longest first.
func (m *masker) known(s string) string {
	byLength := slices.Clone(m.found)
	sorting.By(byLength, func(a, b string) int { return len(b) - len(a) })
	for _, secret := range byLength {
		s = config.Target{Password: config.Secret(secret)}.Redact(s)
	}
	return s
}

// variable remembers the secrets of an environment entry, NAME=value; nothing of the value is ever kept.
func (m *masker) variable(entry string) {
	m.text(entry)
	if name, v, _ := strings.Cut(entry, "="); aboutSecret(name) {
		m.note(v)
	}
}

// aboutSecret tells variables whose value is a secret by their name.
func aboutSecret(name string) bool {
	name = strings.ToUpper(name)
	return slices.ContainsFunc([]string{"PASS", "SECRET", "TOKEN", "AUTH", "_KEY", "CREDENTIAL"}, func(part string) bool {
		return strings.Contains(name, part)
	})
}

// What follows an option that takes secrets, where it is not the number of arguments up to the one to hide.
const (
	aclRules  = -1 // rules, among them passwords, until the next option
	allOfIt   = -2 // nothing but secrets until the next option
	directive = -3 // of redis.conf: the next argument, whatever it looks like, and the rest until the next option
)

// secretFlags are the options, without their dashes, that secrets follow; secretWords those that are written without.
var (
	secretFlags = map[string]int{
		"requirepass": directive, "masterauth": directive, "primaryauth": directive,
		"tls-key-file-pass": directive, "tls-client-key-file-pass": directive,
		"pass": 1, "password": 1, "auth": 1, "token": 1, "secret": 1, "a": 1,
		"auth-pass": 2, "rename-command": 2, "user": aclRules,
	}
	secretWords = map[string]int{
		"requirepass": directive, "masterauth": directive, "auth-pass": 2, "rename-command": 2,
		"auth": allOfIt, "setuser": aclRules,
	}
)

// args masks a command line, argument by argument.
func (m *masker) args(all []string) []string {
	masked := make([]string, len(all))
	ahead := 0 // what is to come, as in secretFlags
	for i, arg := range all {
		name, isFlag := strings.CutPrefix(strings.ToLower(arg), "-")
		opens := secretWords[name]
		if isFlag {
			opens = secretFlags[strings.TrimPrefix(name, "-")]
		}
		masked[i] = arg
		switch {
		case ahead == 1, ahead == directive, ahead == allOfIt && !isFlag:
			m.note(arg)
			masked[i] = config.Mask
			if ahead == 1 {
				ahead = 0
			} else {
				ahead = allOfIt
			}
		case ahead > 1:
			ahead--
		case ahead == aclRules && !isFlag:
			masked[i] = strings.TrimPrefix(m.text("user "+arg), "user ")
		case opens != 0:
			ahead = opens
		default:
			ahead = 0
			masked[i] = m.text(arg)
		}
	}
	masked = masked[:min(len(masked), maxArgs)]
	for i := range masked {
		masked[i] = cut(m.known(masked[i]))
	}
	return masked
}

// clean makes foreign text fit to be kept: secrets masked, one line's worth of bytes, valid UTF-8.
func (l *look) clean(s string) string { return l.cleanWith(&masker{}, s) }

func (l *look) cleanWith(m *masker, s string) string {
	s = strings.ToValidUTF8(strings.TrimSpace(s), "\uFFFD")
	if l.Redact != nil {
		s = l.Redact(s)
	}
	return cut(m.text(m.known(s)))
}

// lastLines are the last n lines that say something, each clean.
func (l *look) lastLines(m *masker, text string, n int) []string {
	kept := []string{}
	for line := range strings.Lines(text) {
		// «-- No entries --» and «-- Boot … --» are journalctl's own.
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "-- ") {
			kept = append(kept, line)
		}
	}
	kept = kept[max(0, len(kept)-n):]
	for i := range kept {
		kept[i] = l.cleanWith(m, kept[i])
	}
	return kept
}

// cut keeps at most maxWords bytes, whole runes, and shows that something went.
func cut(s string) string {
	const mark = "…"
	if len(s) <= maxWords {
		return s
	}
	end := maxWords - len(mark)
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + mark
}

package findings

import (
	"slices"
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
)

// encodePassword reads a password from the terminal, so that it stands in no history and no process list.
const encodePassword = //nolint:gosec // a command that asks for a password, not one
`python3 -c 'import getpass,urllib.parse as u; print(u.quote(getpass.getpass(), safe=""))'`

// withoutForm are the ids whose own fix shows the corrected address.
var withoutForm = []string{"config-url-password-as-user", "config-url-missing"}

func configFixes(s seen) []finding.Fix {
	fixes := configTexts(s)
	corrected := s.text("corrected")
	if corrected == "" || slices.Contains(withoutForm, s.ID) {
		return fixes
	}
	id := "use-corrected"
	if strings.Contains(corrected, config.Mask) {
		id = "use-corrected-masked"
	}
	return append([]finding.Fix{{ID: id, Command: s.given(corrected)}}, fixes...)
}

// given is an address as it was given: by a flag or a variable.
func (s seen) given(url string) string {
	if s.text("variable") == "--url" {
		return "--url " + strings.TrimPrefix(assignment(url), "REDIS_URL=")
	}
	return assignment(url)
}

func configTexts(s seen) []finding.Fix {
	switch s.ID {
	case "config-url-missing":
		if corrected := s.text("corrected"); corrected != "" {
			return []finding.Fix{{ID: "set-url", Command: assignment(corrected)}}
		}
		return []finding.Fix{{ID: "set-url", Command: "REDIS_URL=redis://HOST:6379/0"}}
	case "config-disabled":
		return []finding.Fix{{ID: "enable-cache", Command: "REDIS_ENABLED=true"}}
	case "config-url-password-encoding":
		return []finding.Fix{{ID: "encode-how", Command: encodePassword}}
	case "config-url-password-as-user":
		return []finding.Fix{{ID: "add-colon", Command: s.given(s.or("corrected", "redis://:***@HOST:6379/0"))}}
	case "config-url-placeholder":
		return []finding.Fix{{ID: "fill-in"}}
	case "config-url-quotes":
		return []finding.Fix{{ID: "remove-quotes"}}
	case "config-url-whitespace":
		return []finding.Fix{{ID: "remove-invisible"}}
	case "config-setting":
		return settingFixes(s)
	case "config-env-syntax":
		return s.fileFixes()
	case "config-env-bom":
		return []finding.Fix{{ID: "remove-bom", Command: s.rewritten("tail -c +4 %s")}}
	case "config-env-shadowed":
		return []finding.Fix{{ID: "choose-one"}}
	case "config-env-permissions":
		return []finding.Fix{{ID: "protect-file", Command: "chmod 600 " + s.file()}}
	case "config-env-expansion":
		return []finding.Fix{{ID: "single-quotes"}}
	}
	return nil
}

// examples are values that each kind of setting takes.
var examples = map[string]string{
	"boolean": "true", "percent": "80", "count": "1000", "duration": "100ms", "groups": "'vitrine=vitrine_cache,vitrine:*'",
	"url": "https://HOST/api/v1/content/vitrine",
}

// noWords are how people write «no» and mean false.
var noWords = []string{"non", "nein", "none", "faux", "never", "jamais", "disabled", "désactivé", "desactive", "-1"}

func settingFixes(s seen) []finding.Fix {
	example := examples[s.text("expected")]
	if s.text("expected") == "boolean" && slices.Contains(noWords, strings.ToLower(s.text("value"))) {
		example = "false"
	}
	if example == "" || s.Subject == "" {
		return nil
	}
	return []finding.Fix{{ID: "set-value", Command: s.Subject + "=" + example}}
}

// fileFixes mend a file that cannot be read.
func (s seen) fileFixes() []finding.Fix {
	switch s.text("reason") {
	case "utf-16":
		return []finding.Fix{{ID: "convert-utf16", Command: s.rewritten("iconv -f UTF-16 -t UTF-8 %s")}}
	case "not-utf8":
		return []finding.Fix{{ID: "convert-latin1", Command: s.rewritten("iconv -f WINDOWS-1252 -t UTF-8 %s")}}
	case "missing", "permission", "unreadable", "directory", "not-regular":
		return []finding.Fix{{ID: "look-at-file", Command: "ls -ld " + s.file()}}
	}
	if s.Value("line") != nil {
		return []finding.Fix{{ID: "mend-line"}}
	}
	return nil
}

// file is the file as a word for a command; one whose name starts with «-» is no option.
func (s seen) file() string {
	name := s.text("file")
	if strings.HasPrefix(name, "-") {
		name = "./" + name
	}
	return shellWord(name)
}

// rewritten puts what a filter makes of the file back into it: its owner and mode stay, and nobody can read it meanwhile.
func (s seen) rewritten(filter string) string {
	file, fresh := s.file(), shellWord(strings.TrimPrefix(s.text("file"), "-")+".new")
	made := strings.ReplaceAll(filter, "%s", file) + " > " + fresh
	return "(umask 077; " + made + " && cat " + fresh + " > " + file + " && rm " + fresh + ")"
}

package findings

import (
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
)

// encodePassword reads a password from the terminal, so that it stands in no history and no process list.
const encodePassword = //nolint:gosec // a command that asks for a password, not one
`python3 -c 'import getpass,urllib.parse as u; print(u.quote(getpass.getpass(), safe=""))'`

func configFixes(s seen) []finding.Fix {
	var fixes []finding.Fix
	if corrected := s.text("corrected"); corrected != "" {
		id := "use-corrected"
		if strings.Contains(corrected, config.Mask) {
			id = "use-corrected-masked"
		}
		fixes = append(fixes, finding.Fix{ID: id, Command: assignment(corrected)})
	}
	switch s.ID {
	case "config-url-missing":
		return []finding.Fix{{ID: "set-url", Command: "REDIS_URL=redis://HOST:6379/0"}}
	case "config-disabled":
		return []finding.Fix{{ID: "enable-cache", Command: "REDIS_ENABLED=true"}}
	case "config-url-password-encoding":
		return append(fixes, finding.Fix{ID: "encode-how", Command: encodePassword})
	case "config-url-password-as-user":
		return []finding.Fix{{ID: "add-colon", Command: "REDIS_URL=redis://:***@HOST:6379/0"}}
	case "config-url-quotes":
		return []finding.Fix{{ID: "remove-quotes"}}
	case "config-url-whitespace":
		return []finding.Fix{{ID: "remove-invisible"}}
	case "config-env-syntax":
		if s.Value("line") != nil {
			return []finding.Fix{{ID: "mend-line"}}
		}
	case "config-env-bom":
		return []finding.Fix{{ID: "remove-bom"}}
	case "config-env-shadowed":
		return []finding.Fix{{ID: "choose-one"}}
	case "config-env-permissions":
		return []finding.Fix{{ID: "protect-file", Command: "chmod 600 " + shellWord(s.text("file"))}}
	case "config-env-expansion":
		return []finding.Fix{{ID: "single-quotes"}}
	}
	return fixes
}

package config

import (
	"slices"
	"strings"
)

// emptyWords are what programs write for a variable that has no value.
var emptyWords = []string{"undefined", "none", "null", "nil"}

// placeholder tells text that was meant to be replaced.
func placeholder(s string) bool {
	low := strings.ToLower(s)
	switch low {
	case "":
		return false
	case "your-password", "your_password", "yourpassword", "votre_mot_de_passe", "votre-mot-de-passe", "votre_mot_de_passe_fort",
		"mot_de_passe":
		return true
	}
	if slices.Contains(emptyWords, low) {
		return true
	}
	switch {
	case strings.Contains(s, "${"), strings.Contains(s, "{{"), strings.HasPrefix(s, "$(") && strings.HasSuffix(s, ")"),
		strings.HasPrefix(s, "`") && strings.HasSuffix(s, "`") && len(s) > 1, s == "%s", s == "%d", s == "{}",
		strings.HasPrefix(s, "%(") && strings.HasSuffix(s, ")s"), quotedName(s, "{", "}"), quotedName(s, "%", "%"), quotedName(s, "__", "__"),
		strings.Contains(s, "<") && strings.Contains(s, ">"),
		strings.HasPrefix(s, "[") && strings.HasSuffix(s, "]") && strings.ContainsAny(low, "ghijklmnopqrstuvwxyz_- "),
		strings.Trim(s, "*") == "" || strings.Trim(s, "•●…") == "":
		return true
	case strings.HasPrefix(s, "$") && validName(s[1:]) && strings.ToUpper(s) == s:
		return true
	}
	return manyX(low)
}

// quotedName tells {NAME}, %NAME% and __NAME__ of templates.
func quotedName(s, before, after string) bool {
	name, ok := strings.CutPrefix(s, before)
	name, end := strings.CutSuffix(name, after)
	return ok && end && validName(name) && (before == "{" || strings.ToUpper(name) == name)
}

// hostPlaceholder tells the words that documentation, ours too, writes for a host.
func hostPlaceholder(s string) bool {
	switch s {
	case placeholderHost, "HOSTNAME", "YOUR_HOST", "YOUR-HOST", "SERVER", "HOTE", "SERVEUR":
		return true
	}
	switch strings.ToLower(s) {
	case "hostname", "your-host", "your_host", "yourhost", "your-redis-host", "your-redis-url", "votre-hote", "votre_hote", "nom-du-serveur":
		return true
	}
	return placeholder(s)
}

// variable is what was to be replaced, where it can be no secret: $NAME, ${NAME}, <words>, or the word for nothing.
func variable(s string) string {
	if slices.Contains(emptyWords, strings.ToLower(s)) {
		return s
	}
	name := s
	for _, around := range [][2]string{{"${", "}"}, {"$", ""}, {"{{", "}}"}, {"{", "}"}, {"%(", ")s"}, {"%", "%"}, {"<", ">"}, {"[", "]"}} {
		if inner, ok := strings.CutPrefix(s, around[0]); ok && strings.HasSuffix(inner, around[1]) {
			name = strings.TrimSpace(strings.TrimSuffix(inner, around[1]))
			break
		}
	}
	word := strings.Trim(name, "abcdefghijklmnopqrstuvwxyz_- ") == "" || strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.") == ""
	if len(name) <= maxPart && word {
		return s
	}
	return Mask
}

// manyX tells the xxxxx of documentation: a whole word of at least three x, alone or behind a «-» as in red-xxxxx.
func manyX(low string) bool {
	for word := range strings.FieldsFuncSeq(low, func(r rune) bool { return r == '-' || r == '.' || r == '_' }) {
		if len(word) >= 3 && strings.Trim(word, "x") == "" {
			return true
		}
	}
	return false
}

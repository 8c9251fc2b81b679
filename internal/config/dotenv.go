package config

import (
	"bytes"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/joho/godotenv"
)

// entry is one variable of a .env file.
type entry struct {
	value  string
	raw    string // as written, without quotes and before any expansion
	quote  byte   // ', " or 0
	file   string
	line   int
	hashed bool   // an unquoted value was cut at « #»
	before *entry // the same name further up in the file, which this one replaces
}

func (e entry) origin(name string) Origin {
	return Origin{Kind: FromFile, File: e.file, Line: e.line, Name: name}
}

// syntaxError is a .env that cannot be read: the line, from 1, and a stable word for what is wrong there.
type syntaxError struct {
	line   int
	reason string
}

// hiddenDollar stands for «$» while godotenv parses: it would expand $UPPER, which python-dotenv (and so the application)
// leaves alone. It is a private-use character, refused in files that hold it.
const hiddenDollar = "\uf8ff"

// parseEnv reads the text of a .env file as python-dotenv does: values by godotenv, ${NAME} expanded from the file, then
// from the environment, bare $NAME left alone.
func parseEnv(text []byte, lookupEnv func(string) (string, bool)) (map[string]entry, *syntaxError) {
	switch {
	case bytes.HasPrefix(text, []byte{0xff, 0xfe}), bytes.HasPrefix(text, []byte{0xfe, 0xff}), everyOtherNul(text):
		return nil, &syntaxError{1, "utf-16"}
	case bytes.IndexByte(text, 0) >= 0:
		return nil, &syntaxError{lineAt(text, bytes.IndexByte(text, 0)), "nul-byte"}
	case !utf8.Valid(text):
		return nil, &syntaxError{lineAt(text, invalidAt(text)), "not-utf8"}
	case bytes.Contains(text, []byte(hiddenDollar)):
		return nil, &syntaxError{lineAt(text, bytes.Index(text, []byte(hiddenDollar))), "syntax"}
	}
	entries, order, serr := scanEnv(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(string(text)))
	if serr != nil {
		return nil, serr
	}
	out := make(map[string]entry, len(entries))
	for _, i := range order {
		s := entries[i]
		one, err := godotenv.Unmarshal(strings.ReplaceAll(s.text, "$", hiddenDollar))
		if err != nil { // its text quotes the line: never wrapped
			return nil, &syntaxError{s.line, "syntax"}
		}
		value := strings.ReplaceAll(one[s.name], hiddenDollar, "$")
		if s.quote != '\'' {
			value = expandBraces(value, out, lookupEnv)
		}
		e := entry{value: value, raw: s.raw, quote: s.quote, line: s.line, hashed: s.hashed}
		if before, twice := out[s.name]; twice {
			e.before = &before
		}
		out[s.name] = e
	}
	return out, nil
}

// everyOtherNul tells UTF-16 without a byte-order mark.
func everyOtherNul(text []byte) bool {
	return len(text) >= 4 && (text[0] == 0 && text[2] == 0 || text[1] == 0 && text[3] == 0)
}

// braces is ${NAME} or ${NAME:-default}. It is compiled only for a file that has one.
func expandBraces(value string, file map[string]entry, lookupEnv func(string) (string, bool)) string {
	if !strings.Contains(value, "${") {
		return value
	}
	return regexp.MustCompile(`\$\{([^}:]+)(?::-([^}]*))?\}`).ReplaceAllStringFunc(value, func(m string) string {
		name, def, _ := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(m, "${"), "}"), ":-")
		if e, ok := file[name]; ok {
			return e.value
		}
		if v, ok := lookupEnv(name); ok {
			return v
		}
		if def == "" {
			return m // unset: left as it is, so that the placeholder is seen and named
		}
		return def
	})
}

// scanned is one assignment as it stands in the file.
type scanned struct {
	name, text, raw string
	quote           byte
	line            int
	hashed          bool
}

// scanEnv splits a file into its assignments and knows their lines, which godotenv does not tell.
func scanEnv(text string) (found []scanned, order []int, bad *syntaxError) {
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		trimmed := strings.TrimSpace(lines[i])
		if trimmed == "" || trimmed[0] == '#' {
			continue
		}
		s := scanned{line: i + 1}
		body, exported := trimmed, false
		if rest, ok := strings.CutPrefix(body, "export"); ok && strings.TrimLeft(rest, " \t") != rest {
			body, exported = strings.TrimSpace(rest), true
		}
		at := strings.IndexAny(body, "=:")
		if at < 0 || exported && body[at] == ':' { // half a shell's line, half YAML: neither reads it
			return nil, nil, &syntaxError{s.line, "no-equals"}
		}
		s.name = strings.TrimSpace(body[:at])
		if !validName(s.name) {
			return nil, nil, &syntaxError{s.line, "bad-name"}
		}
		value := strings.TrimSpace(body[at+1:])
		if value != "" && (value[0] == '"' || value[0] == '\'') {
			s.quote = value[0]
			last := i
			// A quoted value may run over several lines.
			for closingQuote(value, s.quote) < 0 {
				if last++; last >= len(lines) {
					return nil, nil, &syntaxError{s.line, "unterminated-quote"}
				}
				value += "\n" + lines[last]
			}
			end := closingQuote(value, s.quote)
			if after := strings.TrimSpace(value[end+1:]); after != "" && after[0] != '#' {
				return nil, nil, &syntaxError{last + 1, "text-after-quote"}
			}
			s.raw, i = value[1:end], last
			s.text = s.name + "=" + value[:end+1]
		} else {
			s.raw, _, s.hashed = strings.Cut(value, " #")
			s.raw = strings.TrimSpace(s.raw)
			s.text = s.name + "=" + value
		}
		order = append(order, len(found))
		found = append(found, s)
	}
	return found, order, nil
}

func validName(s string) bool {
	for i, r := range s {
		switch {
		case r == '_', r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z':
		case (r == '.' || r == '-' || r >= '0' && r <= '9') && i > 0:
		default:
			return false
		}
	}
	return s != ""
}

// closingQuote is where the value that starts with a quote ends; -1 if it does not.
func closingQuote(value string, quote byte) int {
	for i := 1; i < len(value); i++ {
		switch {
		case value[i] == '\\' && quote == '"':
			i++
		case value[i] == quote:
			return i
		}
	}
	return -1
}

func lineAt(text []byte, at int) int { return 1 + bytes.Count(text[:at], []byte("\n")) }

func invalidAt(text []byte) int {
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return len(text)
}
